"""Code that can tell what is loaded with the rows: it looks at that, or keeps what it was given."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason
from djfix.codemods.inference.access.values import CHANGES_RELATED, GOES_THROUGH, LOOKS_INTO_CACHE
from djfix.codemods.inference.joins import Loading, crosses_many
from djfix.codemods.inference.views.ancestry import ancestors
from djfix.codemods.rules.n_plus_one.needs import Group
from djfix.codemods.source.definitions import FunctionNode
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

_INSIDE = frozenset(
    {
        *("_prefetch_related_lookups", "_prefetch_done", "_result_cache", "fields_cache"),
        *("_prefetched_objects_cache", "_known_related_objects", "is_cached"),
    }
)
"""Where querysets and objects keep what they load, and have loaded."""


def noticing(project: Project, group: Group, loading: Loading) -> Iterator[Reason]:
    """Why what is shown may differ, though the same rows are read."""
    functions = [each for view in group.views for each in _functions(project, view.name)]
    to_many = any(crosses_many(path) for path in loading.prefetched)
    sets = loading.prefetched and any(each.doubts(CHANGES_RELATED) for each in group.consumers)
    if sets or (to_many and any(map(_sets_related, functions))):
        text = "attributes of related objects are set: a prefetch shares the objects"
        yield Reason("changes-related", text)
    looks = any(each.doubts(LOOKS_INTO_CACHE) for each in group.consumers)
    if looks or any(map(_looks_inside, functions)):
        text = "code of the view, or that renders a row, asks what is loaded with it"
        yield Reason("looks-into-cache", text)
    if loading.prefetched and any(each.doubts(GOES_THROUGH) for each in group.consumers):
        text = "code that renders a row goes through its attributes: a prefetch adds one"
        yield Reason("goes-through-object", text)


def _functions(project: Project, view: str) -> Iterator[FunctionNode]:
    """A view's own methods and those that it inherits in the project; a function is its own."""
    cls = view if project.class_named(view) is not None else view.rpartition(".")[0]
    for name in ancestors(project, cls):
        info = project.class_named(name)
        if info is None or info.facts is None or info.path is None:
            continue
        functions = project.files.document(info.path).functions
        for method in info.facts.methods:
            if method.line in functions:
                yield functions[method.line]
    module, _, own = view.rpartition(".")
    path = project.path_of(module)
    facts = project.module(path) if path is not None else None
    function = facts.function(own) if facts is not None else None
    if path is not None and function is not None:
        yield project.files.document(path).functions[function.line]


def _sets_related(function: FunctionNode) -> bool:
    """`for review in book.reviews.all(): review.text = ...`: seen again only where a prefetch
    gives the same objects each time."""
    for node in walk(function):
        if not isinstance(node, ast.For) or not isinstance(node.target, ast.Name):
            continue
        if isinstance(node.iter, ast.Call | ast.Attribute) and _is_set(node, node.target.id):
            return True
    return False


def _is_set(loop: ast.For, name: str) -> bool:
    return any(
        isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == name
        for statement in loop.body
        for node in walk(statement)
    )


def _looks_inside(function: FunctionNode) -> bool:
    """Whether a function names what holds loaded rows, or the query of a queryset, whose SQL has
    the joins."""
    for node in walk(function):
        match node:
            case ast.Attribute(attr=name, value=owner):
                is_own = isinstance(owner, ast.Name) and owner.id in {"self", "cls", "request"}
                if name in _INSIDE or (name in {"query", "explain"} and not is_own):
                    return True
            case ast.Constant(value=str() as text) if text in _INSIDE:
                return True
    return False
