"""Code that is handed the list's rows, or makes them, and sees a difference where rows come joined.

A row that is joined was read before anything was done with it. An action that reads `book.author`,
changes and saves it, and comes to the next book of the same author, then has the author as it was.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason
from djfix.codemods.inference.access.beside import is_among
from djfix.codemods.inference.access.values import Hop, Path
from djfix.codemods.inference.joins import lookup_of
from djfix.codemods.inference.saving.callees import Callees
from djfix.codemods.inference.saving.callees import Place as Function
from djfix.codemods.inference.saving.unseen import Unseen
from djfix.codemods.rules.admin_list.handed import (
    ROWS,
    Handed,
    Place,
    between,
    handed_on,
    handlers,
    nodes_at,
    text_at,
)
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.project.admin_values import AdminClass
    from djfix.codemods.project.classes import MethodInfo
    from djfix.codemods.project.models import Model, PropertyInfo
    from djfix.codemods.project.project import Project

_SAVING = frozenset({"save", "asave", "delete", "adelete"})
_WRITING = _SAVING | {
    *("update", "aupdate", "bulk_update", "update_or_create", "execute", "executemany"),
    *("refresh_from_db",),
}
_DEEPEST = 3
"""An action calls a method of the row, that one of another row, and that saves."""

_CREATING = frozenset({"create", "get_or_create", "bulk_create"})


# -- what an action changes ------------------------------------------------------------------------


def changes(
    project: Project, admin: AdminClass, model: str, paths: Iterable[Path]
) -> Iterator[Reason]:
    """Code that is handed the rows, reads what is joined now, and writes other rows than these."""
    every = list(paths)
    known = project.model(model, partial=True)
    names = {name for path in every for hop in path for name in (hop.model, hop.target)}
    others = [project.model(name, partial=True) for name in sorted(names - {model})]
    models = [each for each in (known, *others) if each is not None]
    handed = handed_on(project, admin, models, handlers(project, admin), _DEEPEST)
    read = [path for path in every if path[-1].name in handed.words]
    if not read or known is None:
        return
    is_reverse = any(_is_reverse(project, path[-1]) for path in read)
    wanted = _WRITING | _CREATING if is_reverse else _WRITING
    strange = {
        (each.path, each.facts.first_line)
        for other in models[1:]
        for each in _members(other)
        if each.facts is not None
    }
    place = next(
        (each for each in _places(handed) if _writes(project, each, strange, wanted)), None
    )
    if place is not None:
        shown = ", ".join(sorted(map(lookup_of, read)))
        text = f"{place[0]}:{place[1]} writes rows, and {shown} is read where they are handed on"
        yield Reason("writes-rows", text)


def _places(handed: Handed) -> list[Place]:
    return sorted(handed.every)


def _is_reverse(project: Project, hop: Hop) -> bool:
    model = project.model(hop.model, partial=True)
    return model is not None and hop.name not in model.fields


def _writes(
    project: Project,
    place: Place,
    strange: set[tuple[str | None, int]],
    wanted: frozenset[str],
) -> bool:
    """Whether code writes to more than the rows that it is handed; `strange`: the methods whose
    `self` is another row."""
    path, first, _ = place
    if not any(word in text_at(project, place) for word in wanted):
        return False
    own = set() if (path, first) in strange else {"self"}
    nodes = [node for each in nodes_at(project, place) for node in walk(each)]
    rows = _rows(nodes, frozenset(own | ROWS | {"instance"}))
    calls = (node for node in nodes if isinstance(node, ast.Call))
    return any(_writes_others(call, rows, wanted) for call in calls)


def _members(model: Model) -> list[MethodInfo | PropertyInfo]:
    found: list[MethodInfo | PropertyInfo] = [*model.methods.values()]
    return [*found, *model.properties.values()]


def _rows(nodes: list[ast.AST], names: frozenset[str]) -> frozenset[str]:
    """These names, and those that loops over them bind."""
    found = set(names)
    for node in nodes:
        if isinstance(node, ast.For | ast.comprehension) and _root(node.iter) in found:
            found |= {each.id for each in ast.walk(node.target) if isinstance(each, ast.Name)}
    return frozenset(found)


def _root(expression: ast.expr) -> str:
    """The name that a chain of calls begins with; "" where an attribute is read on the way."""
    while True:
        match expression:
            case ast.Call(func=ast.Attribute(value=inner)):
                expression = inner
            case ast.Name(id=name):
                return name
            case ast.Call(func=ast.Name(id="super")):
                return "super"
            case _:
                return ""


def _writes_others(call: ast.Call, rows: frozenset[str], wanted: frozenset[str]) -> bool:
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in wanted:
        return False
    return _root(call.func.value) not in {*rows, "super"}


# -- what columns run unseen -----------------------------------------------------------------------


def written_between(project: Project, admin: AdminClass, paths: Iterable[Path]) -> Iterator[Reason]:
    """Forms, filters and the paginator that write rows after those of the list were read, and
    before they are shown."""
    handed = handed_on(project, admin, (), between(project, admin), _DEEPEST)
    functions = [each for place in handed.places for each in _functions_in(project, place)]
    written = project.shared(Callees).written_at(functions)
    shown = sorted(lookup_of(path) for path in paths if is_among(project, written, path))
    if shown:
        text = f"a form, filter or paginator of the list writes to rows of {', '.join(shown)}"
        yield Reason("writes-rows", text)


def _functions_in(project: Project, place: Place) -> Iterator[Function]:
    nodes = (node for each in nodes_at(project, place) for node in walk(each))
    yield from ((place[0], node.lineno) for node in nodes if isinstance(node, ast.FunctionDef))


def written_unseen(
    project: Project, bodies: Iterable[Function], read: Iterable[Path], paths: Iterable[Path]
) -> Iterator[Reason]:
    """Columns that write rows of what is joined by code that they do not name: `bodies` are the
    functions that they run, `read` is what they read."""
    places = [*bodies]
    unseen, callees = project.shared(Unseen), project.shared(Callees)
    made = {hop.target for path in read for hop in path} | callees.read_at(places)
    written = unseen.written_at(places) | unseen.written_by_making(made)
    shown = sorted(lookup_of(path) for path in paths if is_among(project, written, path))
    if shown:
        text = f"a column runs code that is not known, or writes to rows of {', '.join(shown)}"
        yield Reason("writes-rows", text)
