"""Loops that make one row in each turn, as they are written; nothing is known yet of what is made.

`Creation`: loops and conditions around nothing but one creation, which a comprehension can hold.
`Obstacle`: a creation in a loop that does more than that.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from djfix.codemods.findings import Reason
from djfix.codemods.inference.saving.saves import statements_of
from djfix.codemods.source.definitions import FunctionNode as Function
from djfix.codemods.source.walking import walk

How = Literal["create", "save"]
"""`manager.create(...)`, or `Model(...).save()`."""

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """One `for` of the nest, and the conditions directly inside of it."""

    target: ast.expr
    iterable: ast.expr
    conditions: tuple[ast.expr, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """One creation. `call` holds the columns; `receiver` is the manager, or the class."""

    call: ast.Call
    receiver: ast.expr
    how: How


@dataclass(frozen=True, slots=True, eq=False)
class Creation:
    """A statement that is replaced as a whole. `result`: somebody uses what it gives."""

    statement: ast.stmt
    turns: tuple[Turn, ...]
    made: Made
    listed: bool = False
    result: bool = False

    @property
    def targets(self) -> frozenset[str]:
        """The variables that the loops bind."""
        return frozenset(name for turn in self.turns for name in names_in(turn.target))


@dataclass(frozen=True, slots=True, eq=False)
class Obstacle:
    """A creation among other things in a loop."""

    loop: ast.For
    made: Made
    reason: Reason


def names_in(node: ast.AST) -> Iterator[str]:
    """The variables that an expression names."""
    return (each.id for each in walk(node) if isinstance(each, ast.Name))


def creations_in(function: Function) -> Iterator[Creation | Obstacle]:
    """What the function itself creates in loops, in the order of the text."""
    taken: set[ast.stmt] = set()
    for statement in statements_of(function):
        if statement in taken:
            continue
        found = _creation(function, statement)
        if found is not None:
            taken.update(each for each in walk(statement) if isinstance(each, ast.stmt))
            yield found
        elif isinstance(statement, ast.For):
            yield from _obstacles(function, statement)


def _creation(function: Function, statement: ast.stmt) -> Creation | None:
    match statement:
        case ast.For(orelse=[]):
            return _of_loop(function, statement)
        case ast.Expr(value=ast.ListComp() as made):
            return _of_list(statement, made, result=False)
        case ast.Assign(value=ast.ListComp() as made) | ast.Return(value=ast.ListComp() as made):
            return _of_list(statement, made, result=True)
    return None


def _of_loop(function: Function, loop: ast.For) -> Creation | None:
    turns: list[Turn] = []
    inner: ast.stmt = loop
    body: Sequence[ast.stmt] = [loop]
    while len(body) == 1:
        inner = body[0]
        if isinstance(inner, ast.For) and not inner.orelse:
            turns.append(Turn(inner.target, inner.iter))
            body = inner.body
        elif isinstance(inner, ast.If) and not inner.orelse:
            last = turns[-1]
            turns[-1] = Turn(last.target, last.iterable, (*last.conditions, inner.test))
            body = inner.body
        else:
            break
    made = _made_by(function, body)
    return None if made is None else Creation(loop, tuple(turns), made)


def _of_list(statement: ast.stmt, made: ast.ListComp, *, result: bool) -> Creation | None:
    creation = made_of(made.elt)
    if creation is None or any(each.is_async for each in made.generators):
        return None
    turns = tuple(Turn(each.target, each.iter, tuple(each.ifs)) for each in made.generators)
    return Creation(statement, turns, creation, listed=True, result=result)


def _made_by(function: Function, body: Sequence[ast.stmt]) -> Made | None:
    """What a body is that does nothing but create: one statement, or `x = Model(...); x.save()`."""
    match body:
        case [ast.Expr(value=value)]:
            return made_of(value)
        case [ast.Assign(targets=[ast.Name(id=name)], value=value)]:
            return made_of(value) if _mentions(function, name) == 1 else None
        case [
            ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as new),
            ast.Expr(
                value=ast.Call(
                    func=ast.Attribute(value=ast.Name(id=saved), attr="save"), args=[], keywords=[]
                )
            ),
        ] if name == saved and _mentions(function, name) == 2:
            return Made(new, new.func, "save")
    return None


def _mentions(function: Function, name: str) -> int:
    return sum(each == name for each in names_in(function))


def made_of(value: ast.expr) -> Made | None:
    """`manager.create(...)` or `Model(...).save()`."""
    match value:
        case ast.Call(func=ast.Attribute(value=receiver, attr="create")):
            return Made(value, receiver, "create")
        case ast.Call(
            func=ast.Attribute(value=ast.Call() as new, attr="save"), args=[], keywords=[]
        ):
            return Made(new, new.func, "save")
    return None


# Creations among other things.


def _obstacles(function: Function, loop: ast.For) -> Iterator[Obstacle]:
    """Each creation that is a statement of the loop itself, with what keeps it from one query."""
    for statement in _own_statements(loop.body):
        made, used = _made_in(statement)
        if made is not None:
            yield Obstacle(loop, made, _obstacle(function, loop, statement, used))


def _own_statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a body and of its branches, without inner loops and definitions."""
    for statement in body:
        yield statement
        if isinstance(statement, (*_DEFINITIONS, *_LOOPS)):
            continue
        for name in ("body", "orelse", "finalbody"):
            yield from _own_statements(getattr(statement, name, []))
        for handler in getattr(statement, "handlers", []):
            yield from _own_statements(handler.body)


def _made_in(statement: ast.stmt) -> tuple[Made | None, bool]:
    match statement:
        case ast.Expr(value=value):
            return made_of(value), False
        case ast.Assign(value=value) | ast.AnnAssign(value=ast.Call() as value):
            return made_of(value), True
    return None, False


def _obstacle(function: Function, loop: ast.For, statement: ast.stmt, used: bool) -> Reason:
    targets = getattr(statement, "targets", [getattr(statement, "target", None)])
    names = [each.id for each in targets if isinstance(each, ast.Name)]
    if used and not (names and all(_mentions(function, name) == 1 for name in names)):
        return Reason("result-used", f"line {statement.lineno}: the created object is used")
    if any(isinstance(each, ast.Try) for each in _own_statements(loop.body)):
        return Reason("exceptions-caught", "a row that fails is caught in the loop")
    leaving = (ast.Break, ast.Continue, ast.Return)
    if loop.orelse or any(isinstance(each, leaving) for each in _own_statements(loop.body)):
        return Reason("loop-control", "the loop has another end than its last row")
    return Reason("other-statements", "the loop does more than create one row in each turn")
