"""Code that is handed the rows of an admin's list, joins and all, and narrows or locks them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason
from djfix.codemods.project.admin_values import AdminClass
from djfix.codemods.source.chains import dotted_name

if TYPE_CHECKING:
    from djfix.codemods.project.facts import ExpressionFacts
    from djfix.codemods.project.project import Project

Place = tuple[str, int, int]
"""A function or class: its file, its first line and its last."""

_RESTRICTING = ("select_for_update", "only", "defer", "extra", "RawSQL")
_USED = re.compile(r"\.\s*(only|defer|extra)\b|\b(select_for_update|RawSQL)\b")
_BY_NAME = re.compile(r"[\"'](only|defer|extra|select_for_update)[\"']")
"""As in `getattr(queryset, "only")`."""

_HANDED = ("actions", "list_filter", "paginator")
_MOST = 60


def restrictions(project: Project, admin: AdminClass) -> Iterator[Reason]:
    """Actions, filters and the paginator are handed the list's queryset: a lock fails on a join
    that may be empty (PostgreSQL), and only() on a column that is joined; a column that is named in
    SQL of their own may be that of a join, too."""
    for path, first, last in _reached(project, _starts(project, admin)):
        found = _used_in("".join(project.files.document(path).lines[first - 1 : last]))
        if found:
            text = f"{path}:{first} calls {', '.join(found)}, and is handed the joined rows"
            yield Reason("restricted-later", text)


def _used_in(text: str) -> list[str]:
    """The methods that code calls, keeps under another name, or asks for by name."""
    every = [*_USED.finditer(text), *_BY_NAME.finditer(text)]
    used = {name for found in every for name in found.groups()}
    return [word for word in _RESTRICTING if word in used]


def _starts(project: Project, admin: AdminClass) -> Iterator[Place]:
    """The class with those that it extends, and what its attributes and the site name."""
    for name in admin.order:
        yield from _of_class(project, name)
    for attribute in _HANDED:
        setting = admin.settings.get(attribute)
        if setting is not None:
            yield from _named_in(project, setting.path, setting.value)
    yield from _of_sites(project)


def _named_in(project: Project, path: str, facts: ExpressionFacts) -> Iterator[Place]:
    """The functions and classes that an attribute names: `list_filter = [("a", Filter)]`."""
    resolved = project.resolve(path, facts.name) if facts.name else None
    if resolved is not None:
        yield from _of_function(project, resolved)
        for name in project.mro(resolved) or (resolved,):
            yield from _of_class(project, name)
    for item in facts.items:
        yield from _named_in(project, path, item)


def _of_sites(project: Project) -> Iterator[Place]:
    """The actions that every list of a site has: `site.add_action(function)`."""
    for path in project.files.containing(b"add_action"):
        for node in ast.walk(project.files.document(path).tree):
            match node:
                case ast.Call(func=ast.Attribute(attr="add_action"), args=[given, *_]):
                    dotted = dotted_name(given)
                    resolved = project.resolve(path, dotted) if dotted is not None else None
                    yield from _of_function(project, resolved or "")


def _of_class(project: Project, name: str) -> Iterator[Place]:
    info = project.class_named(name)
    if info is not None and info.facts is not None and info.path is not None:
        yield info.path, info.facts.line, info.facts.end_line


def _of_function(project: Project, name: str) -> Iterator[Place]:
    module, _, own = name.rpartition(".")
    path = project.path_of(module) if module else None
    facts = project.module(path) if path is not None else None
    function = facts.function(own) if facts is not None else None
    if path is not None and function is not None:
        yield path, function.line, function.end_line


def _reached(project: Project, starts: Iterator[Place]) -> Iterator[Place]:
    """These, and the functions of the project that they name, and so on."""
    waiting, seen = list(starts), set[Place]()
    while waiting and len(seen) < _MOST:
        place = waiting.pop(0)
        if place in seen:
            continue
        seen.add(place)
        yield place
        for name in _names(project, place):
            waiting.extend(_of_function(project, name))


def _names(project: Project, place: Place) -> Iterator[str]:
    path, first, last = place
    dotted: set[str] = set()
    for statement in project.files.document(path).tree.body:
        if statement.lineno <= last and first <= (statement.end_lineno or first):
            for node in ast.walk(statement):
                within = isinstance(node, ast.Name | ast.Attribute) and first <= node.lineno <= last
                found = dotted_name(node) if within and isinstance(node, ast.expr) else None
                dotted.update({found} if found else ())
    for each in sorted(dotted):
        resolved = project.resolve(path, each)
        if resolved is not None:
            yield resolved
