"""The variables of one function: what they are bound to, where, and by whom they are captured."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cached_property

from djfix.codemods.flow.building import MaySuppress
from djfix.codemods.flow.definitions import Definition, DefinitionKind, Definitions
from djfix.codemods.flow.evaluation import Step
from djfix.codemods.flow.graph import Point, definitions_of
from djfix.codemods.flow.paths import Mentions
from djfix.codemods.flow.scopes import Function
from djfix.codemods.source.walking import children, walk

__all__ = ["Definition", "DefinitionKind", "Flow", "flow_of"]

_DYNAMIC = frozenset(("locals", "exec", "eval", "vars", "globals"))


def flow_of(function: Function, *, may_suppress: MaySuppress | None = None) -> Flow:
    """Control flow and data flow of a function; `may_suppress` as for `graph_of`."""
    return Flow(definitions_of(function, may_suppress=may_suppress))


class Flow:
    """Data flow over the graph of one function."""

    def __init__(self, definitions: Definitions) -> None:
        self.graph = definitions.graph
        self.function = definitions.graph.function
        self.definitions = definitions
        self._resolver = definitions.resolver

    def reaching(self, name: str, at: ast.AST) -> tuple[Definition, ...]:
        """The definitions of `name` that may be the one in force at a node.

        For an expression: when it is evaluated; for a statement: before it. "unbound" is among
        them where the variable may have no value. A name of an outer scope has one of kind
        "global", which is never replaced; a name that means a nested scope's variable there has
        the single one of kind "inner". Within code that runs later (nested functions, lambdas,
        generator expressions): every definition of the function. Empty in dead code.
        """
        point = self.graph.point_of(at)
        index = self._index_of(point, at)
        if index is None:
            return tuple(self.definitions.at_start(name, point))
        step = self.graph.steps(point)[index]
        owner = self._resolver.owner_among(name, step.scopes)
        if owner is self.function:
            return tuple(self.definitions.at_step(name, point, index))
        kind: DefinitionKind = "global" if owner is None else "inner"
        return (Definition(name, point, owner or self.function, kind),)

    def _index_of(self, point: Point, node: ast.AST) -> int | None:
        """At which step of its point a node is evaluated; None for a statement or entry."""
        if node is point.node and isinstance(node, (ast.stmt, ast.withitem, ast.match_case)):
            return None
        return self._indices(point).get(node)

    def _indices(self, point: Point) -> Mapping[ast.AST, int]:
        if point not in self._indices_of:
            indices: dict[ast.AST, int] = {}
            for index, step in enumerate(self.graph.steps(point)):
                indices.setdefault(step.node, index)
            self._indices_of[point] = indices
        return self._indices_of[point]

    @cached_property
    def _indices_of(self) -> dict[Point, Mapping[ast.AST, int]]:
        return {}

    def definitions_of(self, name: str) -> tuple[Definition, ...]:
        """Every binding of a name in the function's own code, in the order of the text."""
        return tuple(
            definition
            for definition in self.definitions.all
            if definition.name == name and definition.kind not in ("unbound", "global")
        )

    def is_local(self, name: str) -> bool:
        """Whether the name is a variable of this function (for a module, one of its globals).

        False for names of outer scopes, declared global or nonlocal ones included: any call may
        rebind those.
        """
        return self._resolver.is_local(name)

    def resolves(self, name: str, step: Step) -> bool:
        """Whether a name at a step is not one that an inner scope binds."""
        return self._resolver.owner(name, step) is self.function

    def closures_over(self, name: str) -> tuple[ast.AST, ...]:
        """Nested functions, lambdas, classes and comprehensions that read or rebind the variable.

        The outermost such scope of each; those evaluated in place (comprehensions and classes)
        are among them.
        """
        found: dict[ast.AST, None] = {}
        for point in self.graph.points:
            for step in self.graph.steps(point):
                named = isinstance(step.node, ast.Name) and step.node.id == name
                if step.scopes and named and self.resolves(name, step):
                    found[step.scopes[0]] = None
        return tuple(found)

    @cached_property
    def dynamic(self) -> bool:
        """Whether variables may be read or bound unseen, through `locals()`, `exec`, `eval` ..."""
        return any(
            isinstance(step.node, ast.Name) and step.node.id in _DYNAMIC
            for point in self.graph.points
            for step in self.graph.steps(point)
        )

    @cached_property
    def mentions(self) -> Mentions:
        """Where each variable and chain of attributes is named."""
        return Mentions(self)

    @cached_property
    def parents(self) -> Mapping[ast.AST, ast.AST]:
        """The parent of every node of the function's body."""
        parents: dict[ast.AST, ast.AST] = {}
        for node in walk(self.function):
            for child in children(node):
                parents[child] = node
        return parents
