"""Where the project asks Django which queries were run, or hears of each: `connection.queries`.

Code that counts them tells a change of their number, which shows nowhere else.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import cached_property, partial
from typing import TYPE_CHECKING

from djfix.codemods.project.importers import placed_nodes
from djfix.codemods.project.test_files import is_named_as_test
from djfix.codemods.source.chains import dotted_name, last_name
from djfix.codemods.source.document import Unreadable
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.inference.expressions import Inference
    from djfix.codemods.project.project import Project
    from djfix.codemods.source.definitions import FunctionNode

_QUERIES = frozenset({"queries", "queries_log", "execute_wrapper", "execute_wrappers"})
"""What a connection keeps of the queries that were run, and hands them to."""

_CAPTURING = "CaptureQueriesContext"
_DEEPEST = 4
_MOST_CALLS = 20
"""A function that is called more often than this is not followed to its callers."""


def asks_for_queries(node: ast.AST, resolve: Callable[[str], str | None]) -> bool:
    """Whether code asks Django which queries were run."""
    if isinstance(node, ast.Name):
        return node.id == _CAPTURING
    if not isinstance(node, ast.Attribute) or node.attr not in _QUERIES:
        return False
    owner = node.value.value if isinstance(node.value, ast.Subscript) else node.value
    dotted = dotted_name(owner)
    return dotted is not None and (resolve(dotted) or "").startswith("django.db.connection")


class Counting:
    """The functions and classes that count queries; `project.shared(Counting)` keeps one."""

    def __init__(self, project: Project) -> None:
        self._project = project

    @cached_property
    def places(self) -> frozenset[tuple[str, str]]:
        """(path, name) of each; tests are left out."""
        words = (_CAPTURING, *sorted(_QUERIES))
        needles = (each.encode() for each in words if each != "queries")
        paths = self._project.files.containing(b".queries", *needles)
        return frozenset(
            (path, name)
            for path in paths
            if not is_named_as_test(path)
            for name in self._in_file(path, words)
        )

    def _in_file(self, path: str, words: tuple[str, ...]) -> Iterator[str]:
        try:
            placed = list(placed_nodes(self._project.files.document(path), words))
        except (Unreadable, OSError, RecursionError):
            return
        for node, scope, _ in placed:
            resolve = partial(self._project.resolve, path, scope=scope)
            if scope and asks_for_queries(node, resolve):
                yield scope[0]

    def uses(self, function: FunctionNode, resolve: Callable[[str], str | None]) -> bool:
        """Whether a function names one of them."""
        if not self.places:
            return False
        names = {name for _, name in self.places}
        parts = (each for each in walk(function) if isinstance(each, ast.Name | ast.Attribute))
        spelled = {dotted_name(each) for each in parts if last_name(each) in names}
        found = (resolve(each) for each in spelled if each is not None)
        return any(each is not None and self._is_one(each) for each in found)

    def _is_one(self, resolved: str) -> bool:
        owner, _, name = resolved.rpartition(".")
        return (self._project.path_of(owner) or "", name) in self.places

    def around(self, inference: Inference) -> str:
        """The function that counts, around a call of this one or of one that calls it; "" if none
        does."""
        module = self._project.module_of(inference.document.path)
        if not self.places or module is None:
            return ""
        waiting = [(inference.document.path, ".".join(inference.scope), 0)]
        seen: set[tuple[str, str]] = set()
        while waiting:
            path, symbol, depth = waiting.pop(0)
            if (path, symbol) in seen:
                continue
            seen.add((path, symbol))
            if self._counts(path, symbol):
                return symbol
            module = self._project.module_of(path)
            if symbol and module is not None and depth < _DEEPEST:
                calls = self._project.callers(f"{module}.{symbol}").calls[:_MOST_CALLS]
                waiting += [(each.path, each.symbol, depth + 1) for each in calls]
        return ""

    def _counts(self, path: str, symbol: str) -> bool:
        if (path, symbol.partition(".")[0]) in self.places:
            return True
        module = self._project.module(path)
        function = self._function(path, symbol) if module is not None else None
        scope = tuple(symbol.split("."))
        resolve = partial(self._project.resolve, path, scope=scope)
        return function is not None and self.uses(function, resolve)

    def _function(self, path: str, symbol: str) -> FunctionNode | None:
        owner, _, name = symbol.rpartition(".")
        module = self._project.module(path)
        facts = module.function(name) if module is not None and not owner else None
        if owner and (dotted := self._project.module_of(path)) is not None:
            info = self._project.method(f"{dotted}.{owner}", name)
            facts = info.facts if info is not None and info.path == path else None
        try:
            document = self._project.files.document(path)
        except OSError:
            return None
        return document.function_at(facts.line) if facts is not None else None
