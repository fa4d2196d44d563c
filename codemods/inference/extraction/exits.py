"""Early responses among the statements that leave a view: where they stand, and what they say."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from djfix.codemods.findings import Reason
from djfix.codemods.inference.extraction.inputs import inputs_in, is_own, is_request
from djfix.codemods.inference.extraction.views import View
from djfix.codemods.source.walking import children, walk

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_BROAD = frozenset({"Exception", "BaseException"})


@dataclass(frozen=True, slots=True, eq=False)
class Exit:
    """A `return` within a statement, and what belongs to the answer just before it.

    `statements` end with the return. `tests`: the conditions on the way to it, innermost last.
    `handler`: the except clause that it stands in. `reasons`: why no exception can take its place.
    """

    statements: tuple[ast.stmt, ...]
    tests: tuple[ast.expr, ...] = ()
    handler: ast.ExceptHandler | None = None
    reasons: tuple[Reason, ...] = ()

    @property
    def value(self) -> ast.expr | None:
        last = self.statements[-1]
        assert isinstance(last, ast.Return)
        return last.value


@dataclass(frozen=True, slots=True)
class _Place:
    """What stands around a block of statements."""

    tests: tuple[ast.expr, ...] = ()
    handler: ast.ExceptHandler | None = None
    reasons: tuple[Reason, ...] = field(default=())


def exits_in(view: View, statement: ast.stmt) -> tuple[Exit, ...]:
    """The early responses inside of a compound statement."""
    return tuple(_of_parts(view, statement, _Place()))


def _of_parts(view: View, statement: ast.stmt, place: _Place) -> Iterator[Exit]:
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return
        case ast.If():
            inner = _Place((*place.tests, statement.test), place.handler, place.reasons)
            yield from _of_block(view, statement.body, inner)
            yield from _of_block(view, statement.orelse, inner)
        case ast.For() | ast.AsyncFor() | ast.While():
            why = _for(place, _else_of_loop()) if statement.orelse else place
            yield from _of_block(view, statement.body, why)
            yield from _of_block(view, statement.orelse, why)
        case ast.With() | ast.AsyncWith():
            yield from _of_block(view, statement.body, _for(place, _inside_with(view, statement)))
        case ast.Try() | ast.TryStar():
            yield from _of_try(view, statement, place)
        case ast.Match():
            for case in statement.cases:
                yield from _of_block(view, case.body, place)


def _of_try(view: View, statement: ast.Try | ast.TryStar, place: _Place) -> Iterator[Exit]:
    if statement.finalbody:
        place = _for(place, _inside_try("a `finally` runs on the way out"))
    caught = place
    if any(_is_broad(view, each) for each in statement.handlers):
        caught = _for(place, _inside_try("an except clause around it would catch what is raised"))
    yield from _of_block(view, statement.body, caught)
    for handler in statement.handlers:
        inner = _Place(place.tests, handler, place.reasons)
        yield from _of_block(view, handler.body, inner)
    yield from _of_block(view, statement.orelse, place)
    yield from _of_block(view, statement.finalbody, place)


def _of_block(view: View, block: list[ast.stmt], place: _Place) -> Iterator[Exit]:
    for index, statement in enumerate(block):
        if isinstance(statement, ast.Return):
            first = _first_of_answer(view, block, index)
            answer = tuple(block[first : index + 1])
            yield Exit(answer, place.tests, place.handler, place.reasons)
        else:
            yield from _of_parts(view, statement, place)


def _first_of_answer(view: View, block: list[ast.stmt], index: int) -> int:
    while index and isinstance(block[index - 1], ast.Expr) and needs_view(view, block[index - 1]):
        index -= 1
    return index


def needs_view(view: View, statement: ast.AST) -> bool:
    """Whether a statement uses the request, the view or a form as a whole."""
    taken = {id(node) for each in inputs_in(view, [statement]) for node in walk(each.node)}
    return any(
        is_request(view, node) or is_own(view, node) or _is_filled(view, node)
        for node in walk(statement)
        if id(node) not in taken
    )


def _is_filled(view: View, node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in view.filled


def _is_broad(view: View, handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    named = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(view.inference.resolve(each) in {None, *_BROAD} for each in named)


def _for(place: _Place, reason: Reason) -> _Place:
    return _Place(place.tests, place.handler, (*place.reasons, reason))


def _else_of_loop() -> Reason:
    return Reason("return-in-loop-with-else", "a loop with an `else` is left by a response")


def _inside_try(why: str) -> Reason:
    return Reason("return-inside-try", f"a response is returned inside of a `try`: {why}")


def _inside_with(view: View, statement: ast.With | ast.AsyncWith) -> Reason:
    managers = [each.context_expr for each in statement.items]
    called = [each.func if isinstance(each, ast.Call) else each for each in managers]
    if any(view.inference.resolve(each) == "django.db.transaction.atomic" for each in called):
        text = "a response is returned inside of `transaction.atomic()`, which commits; an"
        return Reason("return-inside-atomic", f"{text} exception would roll back")
    text = "a response is returned inside of a `with`, which would see an exception instead"
    return Reason("return-inside-with", text)


def own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes below one, those of inner functions left out."""
    yield node
    if not isinstance(node, _SCOPES):
        for child in children(node):
            yield from own_nodes(child)
