"""Views of the REST framework: which serializer renders which queryset, action by action."""
