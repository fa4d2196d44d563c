"""What code does to an object besides reading its relations: writing rows, looking at what is
loaded. Both see a difference where relations come with the object."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from djfix.codemods.findings import Evidence
from djfix.codemods.inference.access.objects import Row, Value
from djfix.codemods.inference.access.values import GOES_THROUGH, LOOKS_INTO_CACHE, WRITES_ROWS
from djfix.codemods.inference.counted import Counting, asks_for_queries
from djfix.codemods.inference.saving.callees import ANY, MADE, Callees
from djfix.codemods.source.chains import dotted_name
from djfix.codemods.source.definitions import FunctionNode
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.inference.access.reader import Reader
    from djfix.codemods.inference.access.values import Path, Unclear
    from djfix.codemods.project.project import Project

_CACHES = frozenset(
    {
        *("_prefetched_objects_cache", "fields_cache", "is_cached", "get_cached_value"),
        "delete_cached_value",
        *("_result_cache", "_prefetch_done", "prefetch_cache_name"),
        *("refresh_from_db", "arefresh_from_db"),
    }
)
"""What Django keeps loaded rows under, asks whether they are there, and drops them by: a row that
is read anew loses what came with it (Django's Model.refresh_from_db)."""

WHOLE = {
    "__dict__": GOES_THROUGH,
    "vars": GOES_THROUGH,
    "__getstate__": LOOKS_INTO_CACHE,
    "__reduce__": LOOKS_INTO_CACHE,
    "__reduce_ex__": LOOKS_INTO_CACHE,
    "pickle.dumps": LOOKS_INTO_CACHE,
    "pickle.dump": LOOKS_INTO_CACHE,
}
"""Attributes of an object, and functions that are given it, by which code sees all that it has;
those that look below its attributes see what is loaded."""

_WRITING = (
    *(".save(", ".asave(", "create(", "_or_create", ".update(", "bulk_", ".delete(", ".add("),
    *(".set(", ".remove(", ".clear(", "execute("),
)

WRITING = frozenset({"save", "update", "create", "get_or_create", "update_or_create", "delete"})
"""Methods by which an expression writes rows."""


def note_beside(reader: Reader, path: str, function: FunctionNode) -> None:
    """Doubts of a body that is read: it may write rows, or asks which rows are loaded.

    What it writes is for who needs to know it (`models_written`): few do.
    """
    nodes, resolve = list(walk(function)), reader.resolve
    looks = (each for each in nodes if _names_a_cache(each) or asks_for_queries(each, resolve))
    found = next(looks, None) or _use_of_state(nodes)
    if found is None and reader.project.shared(Counting).uses(function, resolve):
        found = function
    if found is not None:
        note_look(reader, LOOKS_INTO_CACHE, found)
    lines = reader.project.files.document(path).lines[function.lineno - 1 : function.end_lineno]
    writes = any(word in line for line in lines for word in _WRITING)
    if writes or _calls_elsewhere(reader, function):
        # Two functions of one name are two doubts: equal ones are kept once.
        place = f"{path}:{function.lineno}"
        text = f"{reader.symbol} ({place}) may write rows while others are shown"
        reader.doubt(WRITES_ROWS, text, Evidence(path, function.lineno, text))


def models_written(project: Project, unclear: Unclear) -> frozenset[str]:
    """The models whose rows the code of a doubt writes, or makes; perhaps ANY; none if it is
    another doubt."""
    if unclear.reason.name != WRITES_ROWS or not unclear.evidence:
        return frozenset()
    last = unclear.evidence[-1]
    return project.shared(Callees).written_at([(last.path, last.line)])


def _calls_elsewhere(reader: Reader, function: FunctionNode) -> bool:
    """Whether functions, classes or objects of the project are called by their names, or a
    decorator of it stands before the function."""
    called = (node.func for node in walk(function) if isinstance(node, ast.Call))
    spelled = {_spelled(each) for each in (*called, *function.decorator_list)}
    return any(_is_of_project(reader, each) for each in sorted(spelled) if each)


def _spelled(function: ast.expr) -> str:
    """The name of what is called, or with which the chain begins that it is called on."""
    while dotted_name(function) is None and isinstance(function, ast.Attribute | ast.Call):
        function = function.value if isinstance(function, ast.Attribute) else function.func
    return dotted_name(function) or ""


def _is_of_project(reader: Reader, spelled: str) -> bool:
    owner = "" if spelled.startswith("self.") else reader.resolve(spelled) or ""
    while "." in owner:
        owner = owner.rpartition(".")[0]
        if reader.project.path_of(owner) is not None:
            return True
    return False


def is_related(value: Value) -> bool:
    """Whether this is an object that the row leads to, which a prefetch may share among rows."""
    return isinstance(value, Row) and bool(value.path)


def note_look(reader: Reader, name: str, where: ast.AST) -> None:
    """Code may tell from an object what was loaded with it."""
    reader.doubt(name, "what is shown may depend on which rows are loaded", where)


def is_among(project: Project, written: frozenset[str], path: Path) -> bool:
    """Whether rows on a path are of models that are written to, or made."""
    if ANY in written:
        return True
    models = {each.lstrip(MADE) for each in written}
    names = {name for each in models for name in _with_parents(project, each)}
    return any(not names.isdisjoint(_with_parents(project, hop.target)) for hop in path)


def _with_parents(project: Project, name: str) -> set[str]:
    model = project.model(name, partial=True) if name else None
    return {name, *(model.parents if model is not None else ())}


def _use_of_state(nodes: list[ast.AST]) -> ast.AST | None:
    """Where an object's `_state`, which holds what is loaded, is used for more than the two of its
    attributes that say nothing of that."""
    plain = {
        id(node.value)
        for node in nodes
        if isinstance(node, ast.Attribute) and node.attr in _PLAIN_STATE
    }
    return next((node for node in nodes if _names_state(node) and id(node) not in plain), None)


_PLAIN_STATE = frozenset({"db", "adding"})


def _names_state(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(attr="_state") | ast.Constant(value="_state"):
            return True
    return False


def _names_a_cache(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(attr=name):
            return name in _CACHES
        case ast.Constant(value=str() as name):
            return name in _CACHES
    return False
