"""View classes that choose their serializer in all the ways that real code does; each is run by
Django REST framework too."""

CHOOSING = """
class Stated(viewsets.ModelViewSet):
    queryset = Book.objects.all()
    serializer_class = Short


class ByName(viewsets.ModelViewSet):
    queryset = Book.objects.all()
    serializer_class = serializers.Full


ALIAS = Other


class ByAlias(viewsets.ModelViewSet):
    queryset = Book.objects.all()
    serializer_class = ALIAS


class Inherited(Stated):
    pass


class Elsewhere(Stated):
    queryset = Book.objects.filter(featured=True)
    serializer_class = Full


class ByAction(Stated):
    def get_serializer_class(self):
        if self.action == "list":
            return Short
        elif self.action in ("create", "update", "partial_update"):
            return Write
        return super().get_serializer_class()


class ByNotIn(Stated):
    def get_serializer_class(self):
        if self.action not in {"list", "retrieve"}:
            return Write
        return Full


class ByNegation(Stated):
    def get_serializer_class(self):
        if not self.action == "list" and self.action != "retrieve":
            return Write
        return Full


class ByMethod(Stated):
    def get_serializer_class(self):
        if self.request.method in SAFE_METHODS:
            return Full
        if self.request.method == "PUT":
            return Write
        return super(ByMethod, self).get_serializer_class()


class ByPermissionMethods(Stated):
    def get_serializer_class(self):
        return Full if self.request.method in permissions.SAFE_METHODS else Write


class ByMatch(Stated):
    def get_serializer_class(self):
        match self.action:
            case "list":
                return Full
            case "create" | "update":
                return Write
            case _:
                return Other


class ByDict(Stated):
    serializer_classes = {"list": Full, "retrieve": Other}

    def get_serializer_class(self):
        return self.serializer_classes.get(self.action, self.serializer_class)


class ByDictOr(Stated):
    serializer_classes = {"list": Full}

    def get_serializer_class(self):
        return self.serializer_classes.get(self.action) or super().get_serializer_class()


class ByDictCall(Stated):
    serializer_classes = dict(list=Full, retrieve=Other)

    def get_serializer_class(self):
        if self.action in self.serializer_classes.keys():
            return self.serializer_classes[self.action]
        return Write


class ByDictWithError(Stated):
    serializer_action_classes = {"list": Full}

    def get_serializer_class(self):
        try:
            return self.serializer_action_classes[self.action]
        except (KeyError, AttributeError):
            return super().get_serializer_class()


class MergedDict(ByDict):
    serializer_classes = {**ByDict.serializer_classes, "create": Write}


class LocalDict(Stated):
    def get_serializer_class(self):
        return {"list": Full, "create": Write}.get(self.action, Other)


class LocalVariable(Stated):
    def get_serializer_class(self):
        action = getattr(self, "action", None)
        serializer = Full
        if action == "retrieve":
            serializer = Other
        return serializer


class ActionMixin:
    action_serializers = {}

    def get_serializer_class(self):
        if hasattr(self, "action_serializers") and self.action in self.action_serializers:
            return self.action_serializers[self.action]
        return super().get_serializer_class()


class Mixed(ActionMixin, viewsets.ModelViewSet):
    queryset = Book.objects.all()
    serializer_class = Short
    action_serializers = {"list": Full}


class Named(Stated):
    list_serializer_class = Full
    create_serializer_class = Write

    def get_serializer_class(self):
        name = f"{self.action}_serializer_class"
        return getattr(self, name, self.serializer_class)


class Detailed(Stated):
    detail_serializer_class = Full

    def get_serializer_class(self):
        if self.detail:
            return self.detail_serializer_class
        return super().get_serializer_class()


class ReadWrite(Stated):
    read_serializer_class = Full
    write_serializer_class = Write

    def get_read_serializer_class(self):
        return self.read_serializer_class

    def get_write_serializer_class(self):
        return self.write_serializer_class

    def get_serializer_class(self):
        if self.action in ["create", "update", "partial_update", "destroy"]:
            return self.get_write_serializer_class()
        return self.get_read_serializer_class()


class Extra(Stated):
    @action(detail=False, serializer_class=Full)
    def featured(self, request):
        return Response()

    @action(detail=True, methods=["post", "delete"])
    def promote(self, request, pk=None):
        return Response()

    def get_serializer_class(self):
        if self.action == "promote" and self.request.method == "DELETE":
            return Other
        return super().get_serializer_class()


class AsProperty(viewsets.ModelViewSet):
    queryset = Book.objects.all()

    @property
    def serializer_class(self):
        if self.action == "list":
            return Short
        return Full


class Lists(generics.ListCreateAPIView):
    queryset = Book.objects.all()
    serializer_class = Short

    def get_serializer_class(self):
        if self.request.method == "POST":
            return Write
        return self.serializer_class


class Details(generics.RetrieveUpdateDestroyAPIView):
    queryset = Book.objects.all()
    serializer_class = Short

    def get_serializer_class(self):
        return Write if self.request.method in ("PUT", "PATCH") else Full


class NoAction(generics.ListAPIView):
    queryset = Book.objects.all()

    def get_serializer_class(self):
        if getattr(self, "action", None) == "list":
            return Full
        return Short
"""
