"""What REST framework, its companions and Django's querysets are known to do, by name."""

from __future__ import annotations

from djfix.codemods.inference.views.ancestry import ancestors
from djfix.codemods.project.project import Project

SERIALIZER = "rest_framework.serializers.BaseSerializer"

FETCHING = frozenset({"get", "aget", "first", "afirst", "last", "alast", "latest", "earliest"})
"""Queryset methods that give one row."""

NOT_ROWS = frozenset(
    {
        "count",
        "acount",
        "exists",
        "aexists",
        "aggregate",
        "aaggregate",
        "create",
        "acreate",
        "bulk_create",
        "abulk_create",
        "bulk_update",
        "abulk_update",
        "update",
        "aupdate",
        "delete",
        "adelete",
        "values",
        "values_list",
        "dates",
        "datetimes",
        "in_bulk",
        "explain",
        "contains",
        "iterator",
    }
)
"""Queryset methods whose result holds no rows that a serializer reads like instances (or, as
`iterator`, a queryset that nothing can be appended to)."""

CREATING = frozenset(
    {
        "create",
        "acreate",
        "get_or_create",
        "aget_or_create",
        "update_or_create",
        "aupdate_or_create",
        "bulk_create",
        "abulk_create",
    }
)
DELETING = frozenset({"delete", "adelete"})
SAVING = frozenset({"save", "asave", *DELETING})

HARMLESS_ON_OBJECTS = frozenset(
    {
        "save",
        "asave",
        "delete",
        "adelete",
        "full_clean",
        "clean",
        "clean_fields",
        "validate_unique",
        "serializable_value",
    }
)
"""Methods of a fetched object that change no row but its own (besides `get_...`)."""

CHANGING = frozenset(
    {
        *("add", "aadd", "set", "aset", "remove", "aremove", "clear", "aclear"),
        *("update", "aupdate"),
    }
)
"""Methods of related managers that leave right what was prefetched with their own object, and not
what other objects have loaded."""

HARMLESS_ON_RELATED = frozenset(
    {
        "all",
        "filter",
        "exclude",
        "order_by",
        "first",
        "last",
        "get",
        "count",
        "exists",
        "values",
        "values_list",
        "distinct",
        "annotate",
        "aggregate",
        "select_related",
        "prefetch_related",
        "only",
        "defer",
        "none",
        "using",
        "earliest",
        "latest",
        "in_bulk",
        "contains",
        "iterator",
        "add",
        "aadd",
        "remove",
        "aremove",
        "set",
        "aset",
        "clear",
        "aclear",
        "update",
        "aupdate",
        "save",
        "asave",
        "delete",
        "adelete",
        "lower",
        "upper",
        "strip",
        "split",
        "format",
        "isoformat",
        "items",
        "keys",
        "total_seconds",
    }
)
"""Methods of related managers that read, or leave what was prefetched right; of plain values."""

HARMLESS_FUNCTIONS = frozenset(
    {
        "isinstance",
        "str",
        "repr",
        "len",
        "bool",
        "int",
        "print",
        "getattr",
        "hasattr",
        "type",
        "id",
        "rest_framework.response.Response",
    }
)

OBJECT_SHORTCUTS = frozenset(
    {
        "django.shortcuts.get_object_or_404",
        "django.shortcuts.aget_object_or_404",
        "rest_framework.generics.get_object_or_404",
    }
)
ROWS_SHORTCUTS = frozenset(
    {"django.shortcuts.get_list_or_404", "django.shortcuts.aget_list_or_404"}
)
PAGINATOR = "django.core.paginator.Paginator"
SAME_ROWS = frozenset({"list", "tuple", "sorted", "reversed", "iter", PAGINATOR})
"""Functions and classes that hold, or give, the rows of their first argument."""

PAGES = frozenset({"page", "get_page"})
"""Methods of django.core.paginator.Paginator; a page's `object_list` is a slice."""

LIBRARY_METHODS = (
    (
        "rest_framework_extensions.mixins.DetailSerializerMixin",
        "serializer_detail_class",
        frozenset({"retrieve", "update", "partial_update", "destroy"}),
    ),
)
"""Mixins of libraries that choose the serializer: (class, attribute, actions).
https://chibisov.github.io/drf-extensions/docs/#detailserializermixin"""

HARMLESS_BASES = frozenset(
    {
        "reversion.views.RevisionMixin",
        "edx_rbac.mixins.PermissionRequiredMixin",
        "rest_framework_extensions.mixins.NestedViewSetMixin",
        "rest_framework_nested.viewsets.NestedViewSetMixin",
        "rest_framework_extensions.mixins.DetailSerializerMixin",
    }
)
"""Mixins of libraries that choose no serializer (or as LIBRARY_METHODS says) and at most filter
the view's own queryset."""

STOCK_METHODS = {
    "list": "GET",
    "retrieve": "GET",
    "create": "POST",
    "update": "PUT",
    "partial_update": "PATCH",
    "destroy": "DELETE",
}
"""The actions that routers know, and the HTTP method of each (rest_framework.routers)."""

HTTP_METHODS = ("get", "post", "put", "patch", "delete")

READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

GENERIC_METHODS = {
    ("rest_framework.generics.CreateAPIView", "post"): "create",
    ("rest_framework.generics.ListAPIView", "get"): "list",
    ("rest_framework.generics.RetrieveAPIView", "get"): "retrieve",
    ("rest_framework.generics.DestroyAPIView", "delete"): "destroy",
    ("rest_framework.generics.UpdateAPIView", "put"): "update",
    ("rest_framework.generics.UpdateAPIView", "patch"): "partial_update",
    ("rest_framework.generics.ListCreateAPIView", "get"): "list",
    ("rest_framework.generics.ListCreateAPIView", "post"): "create",
    ("rest_framework.generics.RetrieveUpdateAPIView", "get"): "retrieve",
    ("rest_framework.generics.RetrieveUpdateAPIView", "put"): "update",
    ("rest_framework.generics.RetrieveUpdateAPIView", "patch"): "partial_update",
    ("rest_framework.generics.RetrieveDestroyAPIView", "get"): "retrieve",
    ("rest_framework.generics.RetrieveDestroyAPIView", "delete"): "destroy",
    ("rest_framework.generics.RetrieveUpdateDestroyAPIView", "get"): "retrieve",
    ("rest_framework.generics.RetrieveUpdateDestroyAPIView", "put"): "update",
    ("rest_framework.generics.RetrieveUpdateDestroyAPIView", "patch"): "partial_update",
    ("rest_framework.generics.RetrieveUpdateDestroyAPIView", "delete"): "destroy",
}
"""What the HTTP methods of rest_framework.generics call."""

ACTION_DECORATORS = frozenset(
    {
        "rest_framework.decorators.action",
        "rest_framework.decorators.detail_route",
        "rest_framework.decorators.list_route",
    }
)


def is_serializer(project: Project, dotted: str) -> bool:
    """Whether a class is known to be a serializer."""
    return SERIALIZER in ancestors(project, dotted)
