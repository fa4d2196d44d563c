"""Code that is handed the rows of an admin's list, joins and all, and narrows or locks them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason
from djfix.codemods.rules.admin_list.handed import (
    Handed,
    Place,
    named_at,
    nodes_at,
    text_at,
)
from djfix.codemods.source.chains import last_name
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.project.admin_values import AdminClass
    from djfix.codemods.project.facts import ExpressionFacts
    from djfix.codemods.project.models import Model
    from djfix.codemods.project.project import Project

_METHODS = "only|defer|extra|union|intersection|difference|explain"
_LOOKS = "pickle|fields_cache|is_cached|get_cached_value|__getstate__|__reduce__"
"""What tells from an object which rows were loaded with it."""

_SETTING = r"\s*(?:\[[^\]]*\]\s*\+?=(?!=)|\.\s*(?:update|pop|setdefault|clear)\b)"
"""A key that is set past its attribute: what is joined by the one before stays."""

_RESTRICTING = (
    *(
        "select_for_update",
        "update_or_create",
        *_METHODS.split("|"),
        "query",
        "queries",
        "RawSQL",
        "template",
    ),
    *_LOOKS.split("|"),
    *("__dict__", "vars"),
)
_USED = re.compile(
    rf"\.\s*({_METHODS}|query)\b|\b(select_for_update|RawSQL|{_LOOKS})\b"
    r"|\b(template)\s*=\s*[rf]?[\"'][^\"'\n]*\(|\bconnections?(?:\[[^\]]*\])?\.(queries)\b"
    rf"|\b(__dict__){_SETTING}|\b(vars)\([^()]*\){_SETTING}"
)
_BY_NAME = re.compile(rf"[\"']({_METHODS}|select_for_update)[\"']")
_ASKING = re.compile(r"\b(?:getattr|methodcaller|attrgetter)\b")
"""As in `getattr(queryset, "only")`."""

_FORM = re.compile(r"(?:@.*\n)*class \w+\([^)]*Form\b")
"""The form of one row is handed no queryset of the list."""

_ORDER = re.compile(r"admin_order_field\s*=.*(?:RawSQL|\btemplate\s*=)")
_CHANGING = ("select_related", "_fetch_all", "_chain", "_clone", "__init__", "__iter__", "iterator")


def restrictions(
    project: Project, admin: AdminClass, model: Model | None, handed: Handed
) -> Iterator[Reason]:
    """Actions, filters and the paginator are handed the list's queryset: a lock fails on a join
    that may be empty (PostgreSQL), only() on a column that is joined, a union on other columns; a
    column that is named in SQL of their own may be that of a join, too."""
    for place in handed.places:
        text = text_at(project, place)
        found = () if _FORM.match(text) else _used_in(project, place, text)
        if found:
            where = f"{place[0]}:{place[1]}"
            text = f"{where} uses {', '.join(found)}, and is handed the joined rows"
            yield Reason("restricted-later", text)
    yield from _of_orders(project, admin, model)
    if model is not None:
        yield from _of_managers(project, model)


def _used_in(project: Project, place: Place, text: str) -> list[str]:
    """The methods that code calls, keeps under another name, or asks for by name, and SQL."""
    every = [*_USED.finditer(text), *(_BY_NAME.finditer(text) if _ASKING.search(text) else ())]
    used = {name for found in every for name in found.groups() if name}
    if "update_or_create" in text and _locks(project, place):
        used.add("update_or_create")
    if any(_is_sql(project, name) for name in named_at(project, place)):
        used.add("RawSQL")
    return [word for word in _RESTRICTING if word in used]


def _locks(project: Project, place: Place) -> bool:
    """Whether `update_or_create`, which locks the row, is called on more than a manager."""
    nodes = (node for each in nodes_at(project, place) for node in walk(each))
    owners = [
        node.value
        for node in nodes
        if isinstance(node, ast.Attribute)
        and node.attr in {"update_or_create", "aupdate_or_create"}
    ]
    return any(last_name(each) not in _MANAGERS for each in owners)


_MANAGERS = frozenset({"objects", "_default_manager", "_base_manager"})


def _is_sql(project: Project, name: str) -> bool:
    """Whether a name stands for RawSQL, or for a module's value that is made of SQL as text."""
    if name.endswith(".RawSQL"):
        return True
    module, _, own = name.rpartition(".")
    path = project.path_of(module) if module else None
    value = project.value_of(path, own) if path is not None else None
    return value is not None and path is not None and _holds_sql(project, path, value)


def _holds_sql(project: Project, path: str, value: ExpressionFacts) -> bool:
    calls = [each for each in value.walk() if each.kind == "call" and each.function is not None]
    for each in calls:
        function = each.function.name if each.function is not None else ""
        resolved = project.resolve(path, function) or function
        if resolved.endswith("RawSQL") or any(name == "template" for name, _ in each.keywords):
            return True
    return False


def _of_orders(project: Project, admin: AdminClass, model: Model | None) -> Iterator[Reason]:
    """An order by SQL as text, of the model or of a column."""
    ordering = model.meta.get("ordering") if model is not None else None
    paths = {each.path for each in admin.columns or () if each.path} | {admin.path}
    if model is not None and model.path is not None:
        paths.add(model.path)
        if ordering is not None and _holds_sql(project, model.path, ordering):
            yield Reason("restricted-later", f"{model.label} is ordered by SQL as text")
    for path in sorted(paths):
        text = "".join(project.files.document(path).lines)
        if "admin_order_field" in text and _ORDER.search(text):
            yield Reason("restricted-later", f"{path} orders a column by SQL as text")


def _of_managers(project: Project, model: Model) -> Iterator[Reason]:
    """A queryset of the project that does the joining, or the fetching, in its own way."""
    rows = model.default_manager.queryset_class
    own = [name for name in _CHANGING if rows is not None and _defines(project, rows, name)]
    if own:
        names = ", ".join(own)
        yield Reason("restricted-later", f"the queryset of {model.label} has its own {names}")


def _defines(project: Project, cls: str, name: str) -> bool:
    method = project.method(cls, name)
    return method is not None and method.path is not None
