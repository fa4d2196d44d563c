"""The columns of an admin's list: `list_display` as it is spelled along the MRO.

https://docs.djangoproject.com/en/stable/ref/contrib/admin/#django.contrib.admin.ModelAdmin.list_display
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from djfix.codemods.project.admin_values import Column
from djfix.codemods.project.classes import ClassInfo
from djfix.codemods.project.facts import ExpressionFacts
from djfix.codemods.project.importers import nodes_near
from djfix.codemods.project.serializer_fields import Place
from djfix.codemods.project.serializer_meta import named_value
from djfix.codemods.source.chains import last_name

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

KNOWN_COLUMNS = {
    "django.contrib.admin.ModelAdmin": ("__str__",),
    "django.contrib.auth.admin.UserAdmin": (
        *("username", "email", "first_name", "last_name", "is_staff"),
    ),
    "django.contrib.flatpages.admin.FlatPageAdmin": ("url", "title"),
    "django.contrib.redirects.admin.RedirectAdmin": ("old_path", "new_path"),
    "django.contrib.sites.admin.SiteAdmin": ("domain", "name"),
    "rest_framework.authtoken.admin.TokenAdmin": ("key", "user", "created"),
}
"""The `list_display` of Django's and DRF's own classes, the same in all supported releases."""

_DEEPEST = 20
_NAME = "list_display"

Columns = tuple[Column, ...] | None


def columns_of(
    project: Project, order: tuple[str, ...], *, complete: bool, deep: int = 0
) -> Columns:
    """The columns of a class with this MRO; None where they cannot be read.

    `complete`: no base is unknown, so that what no class of the order sets is Django's default.
    """
    for position, name in enumerate(order):
        info = project.class_named(name)
        if info is None or _NAME not in info.binds():
            continue
        if info.facts is None:
            known = KNOWN_COLUMNS.get(name)
            is_default = name == "django.contrib.admin.ModelAdmin"
            if known is None or (is_default and not complete):
                return None
            return tuple(Column("name", each) for each in known)
        rest = order[position + 1 :]
        return _of_body(project, info, rest, complete=complete, deep=deep)
    return None


def _of_body(
    project: Project, info: ClassInfo, rest: tuple[str, ...], *, complete: bool, deep: int
) -> Columns:
    assert info.facts is not None
    found: Columns = None
    given = [each for each in info.facts.assignments if each.target == _NAME]
    for each in given:
        if each.value is None or each.condition or each.operator not in {"", "+"}:
            return None
        place = Place(info.path or "", info.qualname, each.line)
        own = _of_value(project, each.value, place, deep)
        if each.operator and found is None:
            found = columns_of(project, rest, complete=complete, deep=deep)
        before = found if each.operator else ()
        if own is None or before is None:
            return None
        found = (*before, *own)
    return found


def _of_value(project: Project, value: ExpressionFacts, place: Place, deep: int) -> Columns:
    if deep > _DEEPEST:
        return None
    if value.kind in {"list", "tuple"}:
        parts = [_of_item(project, each, place, deep) for each in value.items]
        return _joined(parts)
    if value.kind == "binary" and value.name == "+":
        return _joined([_of_value(project, each, place, deep + 1) for each in value.items])
    if value.kind == "call" and len(value.arguments) == 1 and not value.keywords:
        function = value.function
        is_copy = function is not None and function.name in {"list", "tuple"}
        return _of_value(project, value.arguments[0], place, deep + 1) if is_copy else None
    if value.kind == "name":
        return _of_name(project, value, place, deep)
    return None


def _joined(parts: list[Columns]) -> Columns:
    if any(each is None for each in parts):
        return None
    return tuple(column for each in parts for column in each or ())


def _of_name(project: Project, value: ExpressionFacts, place: Place, deep: int) -> Columns:
    """`Parent.list_display`, or a constant of a module or class."""
    owner, _, last = value.name.rpartition(".")
    if last == _NAME and owner:
        dotted = project.resolve(place.path, owner, place.scope, line=place.line)
        order = None if dotted is None else project.mro(dotted)
        return None if order is None else columns_of(project, order, complete=True, deep=deep + 1)
    found = named_value(project, value.name, place, deep + 1)
    if found is None or _is_changed(project, found.place.path, last):
        return None
    return _of_value(project, found.value, found.place, deep + 1)


def _is_changed(project: Project, path: str, name: str) -> bool:
    """Whether a list is added to, or taken from, where it stands: `COLUMNS.append("author")`."""
    return any(_changes(node, name) for node in nodes_near(project.files, path, name))


def _changes(node: ast.AST, name: str) -> bool:
    match node:
        case ast.Attribute(value=owner, attr=method):
            return method in _CHANGING and last_name(owner) == name
        case ast.Subscript(value=owner, ctx=ast.Store() | ast.Del()):
            return last_name(owner) == name
    return False


_CHANGING = frozenset(
    {"append", "extend", "insert", "remove", "pop", "clear", "reverse", "sort", "__setitem__"}
)


def _of_item(project: Project, item: ExpressionFacts, place: Place, deep: int) -> Columns:
    line = item.line or place.line
    if item.string is not None:
        return (Column("name", item.string, place.path, line),)
    if item.kind == "starred" and item.items:
        return _of_value(project, item.items[0], place, deep + 1)
    if item.kind == "other" and item.name.startswith("lambda"):
        return (Column("lambda", "", place.path, line),)
    if item.kind != "name":
        return (Column("unknown", "", place.path, line),)
    named = named_value(project, item.name, place, deep + 1)
    if named is not None and named.value.string is not None:
        return (Column("name", named.value.string, place.path, line),)
    dotted = project.resolve(place.path, item.name, place.scope, line=place.line)
    kind = "function" if dotted is not None and _is_function(project, dotted) else "unknown"
    return (Column(kind, dotted or item.name, place.path, line),)  # type: ignore[arg-type]


def _is_function(project: Project, dotted: str) -> bool:
    module, _, name = dotted.rpartition(".")
    path = project.path_of(module)
    facts = project.module(path) if path is not None else None
    return facts is not None and facts.function(name) is not None
