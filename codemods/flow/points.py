"""Points of a function and the edges between them: what the graph is made of."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Literal

PointKind = Literal[
    "entry",
    "statement",
    "test",
    "iter",
    "target",
    "with",
    "leave",
    "subject",
    "case",
    "handler",
    "unbind",
    "reraise",
    "gather",
    "exit",
    "raised",
]
EdgeKind = Literal["normal", "true", "false", "exception", "loop", "exhausted", "suppressed"]

EDGE_KINDS: frozenset[EdgeKind] = frozenset(
    ("normal", "true", "false", "exception", "loop", "exhausted", "suppressed")
)
WITHOUT_EXCEPTIONS: frozenset[EdgeKind] = EDGE_KINDS - {"exception", "suppressed"}

SILENT: frozenset[PointKind] = frozenset(("entry", "unbind", "reraise", "gather", "exit", "raised"))
"""Kinds of points at which no code of the project runs."""


@dataclass(slots=True, eq=False)
class Point:
    """One step of a function's control flow; compared by identity.

    `index` follows the order of the text, entry first, `exit` and `raised` last. `node` is the
    statement, except: `ast.withitem` (kinds with, leave), `ast.match_case`, `ast.ExceptHandler`
    (handler, unbind), `ast.Try` (reraise, gather), the function itself (entry, exit, raised).
    An `if` or `while` is the point of its test; a `for` is two points, `iter` (the iterable, once)
    and `target` (the next element, bound). Points know nothing of each other, so that no cycle
    keeps a function's tree once nobody needs it.
    """

    index: int
    node: ast.AST
    kind: PointKind

    @property
    def line(self) -> int:
        """The line of the point's code, from 1; 0 for a module."""
        return line_of(self)

    def __repr__(self) -> str:
        return f"<{self.kind} {type(self.node).__name__} {self.line}>"


@dataclass(frozen=True, slots=True)
class Edge:
    """One way out of a point."""

    target: Point
    kind: EdgeKind


def line_of(point: Point) -> int:
    """The line at which Python reports the point's code, from 1; 0 for a module."""
    node = point.node
    if isinstance(node, ast.withitem):
        node = node.context_expr
    elif isinstance(node, ast.match_case):
        node = node.pattern
    return getattr(node, "lineno", 0)
