"""The functions and classes of a module, found by its statements: expressions are not walked."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
Definition = FunctionNode | ast.ClassDef
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_SIMPLE = frozenset({ast.Expr, ast.Assign, ast.AnnAssign, ast.Return, ast.Import, ast.ImportFrom})
"""The commonest statements that hold no others."""


def functions_in(body: Iterable[ast.stmt]) -> Iterator[FunctionNode]:
    """Every function and method at any depth, in the order of the text, outer before inner."""
    return (each for each in definitions_in(body) if not isinstance(each, ast.ClassDef))


def definitions_in(body: Iterable[ast.stmt]) -> Iterator[Definition]:
    """As `functions_in`, with the classes."""
    waiting: list[ast.stmt] = [*body][::-1]
    while waiting:
        statement = waiting.pop()
        if type(statement) in _SIMPLE:
            continue
        if isinstance(statement, DEFINITIONS):
            yield statement
        waiting.extend(reversed(list(inner_statements(statement))))


def function_around(body: Iterable[ast.stmt], line: int) -> FunctionNode | None:
    """The innermost function on whose lines, from its `def` on, a line stands."""
    found: FunctionNode | None = None
    waiting = [*body]
    while waiting:
        statement = waiting.pop()
        if statement.lineno <= line <= (statement.end_lineno or 0):
            found = statement if isinstance(statement, FunctionNode) else found
            waiting = [*inner_statements(statement)]
    return found


def inner_statements(statement: ast.stmt) -> Iterator[ast.stmt]:
    """The statements directly inside a compound one, those of handlers and cases included."""
    for name in ("body", "handlers", "cases", "orelse", "finalbody"):
        for child in getattr(statement, name, ()):
            if isinstance(child, ast.stmt):
                yield child
            else:
                yield from child.body


def own_statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Every statement at any depth, in the order of the text; not those of inner definitions."""
    waiting: list[ast.stmt] = list(reversed(list(body)))
    while waiting:
        statement = waiting.pop()
        yield statement
        if not isinstance(statement, DEFINITIONS):
            waiting.extend(reversed(list(inner_statements(statement))))


def before_methods(node: ast.ClassDef) -> ast.stmt:
    """The statement behind which an attribute stands well: the last before the first method."""
    last = node.body[0]
    for statement in node.body:
        if isinstance(statement, DEFINITIONS):
            break
        last = statement
    return last


def is_docstring(statement: ast.stmt) -> bool:
    """Whether it is a text by itself, as the first statement of a body documents it."""
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )
