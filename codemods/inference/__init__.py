"""What an expression means in Django: a saved instance, a queryset, a number."""
