"""Which statements of a view leave it: the run of one block that does most of the work."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from djfix.codemods.findings import Reason
from djfix.codemods.inference.extraction.exits import Exit, exits_in, needs_view
from djfix.codemods.inference.extraction.inputs import inputs_in, is_input_binding
from djfix.codemods.inference.extraction.movable import status_of, stays
from djfix.codemods.inference.extraction.views import View
from djfix.codemods.inference.extraction.work import Score, Work, score_of, work_in
from djfix.codemods.inference.values import ModelClass
from djfix.codemods.source.walking import walk

_FETCHES = frozenset(
    {
        "django.shortcuts.get_object_or_404",
        "django.shortcuts.get_list_or_404",
        "rest_framework.generics.get_object_or_404",
    }
)


@dataclass(frozen=True, eq=False)
class Region:
    """A run of statements of one block: `block[first:last]`."""

    view: View
    block: Sequence[ast.stmt]
    first: int
    last: int

    @property
    def statements(self) -> tuple[ast.stmt, ...]:
        return tuple(self.block[self.first : self.last])

    @cached_property
    def exits(self) -> tuple[Exit, ...]:
        return tuple(each for one in self.statements for each in exits_in(self.view, one))

    @cached_property
    def work(self) -> tuple[Work, ...]:
        return tuple(work_in(self.view, self.statements))

    @cached_property
    def score(self) -> Score:
        return score_of(self.work, len(self.exits))

    @cached_property
    def exit_nodes(self) -> frozenset[ast.AST]:
        """What stays in the view of the early responses."""
        tops = (statement for each in self.exits for statement in each.statements)
        return frozenset(node for top in tops for node in walk(top))

    @cached_property
    def nodes(self) -> frozenset[ast.AST]:
        """All nodes of the run, the early responses included."""
        return frozenset(node for each in self.statements for node in walk(each))

    @cached_property
    def moved(self) -> frozenset[ast.AST]:
        """The nodes that leave the view."""
        return self.nodes - self.exit_nodes


def best_region(view: View, staying: frozenset[int] = frozenset()) -> Region | None:
    """The run with the most work; of equal ones the outermost. `staying`: `id`s of statements
    that must stay besides."""
    found = [
        region for block in blocks_of(view) for region in _runs(view, block, staying) if region.work
    ]
    return max(found, key=lambda each: each.score.points, default=None)


def blocks_of(view: View) -> Iterator[Sequence[ast.stmt]]:
    """The blocks of a function that run at most once, outermost first."""
    waiting: list[Sequence[ast.stmt]] = [view.function.body]
    while waiting:
        block = waiting.pop(0)
        yield block
        for statement in block:
            waiting.extend(_inner(statement))


def _inner(statement: ast.stmt) -> Iterator[Sequence[ast.stmt]]:
    match statement:
        case ast.If() | ast.Try():
            yield statement.body
            yield statement.orelse
        case ast.With():
            yield statement.body


def _runs(view: View, block: Sequence[ast.stmt], staying: frozenset[int]) -> Iterator[Region]:
    start = 0
    for index in range(len(block) + 1):
        barred = index == len(block) or _bars(view, block[index], staying)
        if not barred:
            continue
        if index > start:
            found = _trimmed(Region(view, block, start, index))
            if found is not None:
                yield found
        start = index + 1


def _bars(view: View, statement: ast.stmt, staying: frozenset[int]) -> bool:
    if id(statement) in staying or isinstance(statement, ast.Return | ast.Break | ast.Continue):
        return True
    return bool(stays(view, statement))


def _trimmed(region: Region) -> Region | None:
    """Without what is no work at its ends: input that is named, checked or fetched, and what is
    made for the response."""
    view, block = region.view, region.block
    first, last = region.first, region.last
    while last > first and not _acts(view, block[last - 1]):
        last -= 1
    while first < last and _is_preparation(view, block, first, last):
        first += 1
    if first >= last:
        return None
    return Region(view, block, first, last)


def _acts(view: View, statement: ast.stmt) -> bool:
    """Work, and writes to what is not known."""
    if _works(view, statement):
        return True
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _WRITING
        for node in walk(statement)
    )


_WRITING = frozenset({"save", "delete", "create", "get_or_create", "bulk_create"})


def _works(view: View, statement: ast.stmt) -> bool:
    return any(True for _ in work_in(view, [statement]))


def _is_preparation(view: View, block: Sequence[ast.stmt], first: int, last: int) -> bool:
    statement = block[first]
    if _works(view, statement):
        return False
    if is_input_binding(view, statement) or isinstance(statement, ast.Import | ast.ImportFrom):
        return True
    if isinstance(statement, ast.Expr) and not _acts(view, statement):
        # A docstring, a check of permissions, a line of a log.
        return True
    if _fetches(view, statement) or _checks_input(view, block, first):
        return True
    if _refuses(view, statement):
        return True
    if _converts(view, statement) or _forbids(statement):
        return True
    names = (each for each in walk(statement) if isinstance(each, ast.Name))
    bound = {each.id for each in names if _is_stored(each)}
    rest = [node for each in block[first + 1 : last] for node in walk(each)]
    used = {each.id for each in rest if isinstance(each, ast.Name)}
    has_exits = bool(exits_in(view, statement))
    return bool(bound) and not has_exits and not bound & used


def _refuses(view: View, statement: ast.stmt) -> bool:
    """A check of who may do this, and in front of queries any check at all."""
    exits = exits_in(view, statement) if isinstance(statement, ast.If) else ()
    if not exits:
        return False
    return view.seeks == "queries" or all(_forbids_access(view, each) for each in exits)


def _forbids_access(view: View, leaving: Exit) -> bool:
    if not isinstance(leaving.value, ast.Call):
        return False
    made = view.inference.resolve(leaving.value.func) or ""
    return made.endswith("HttpResponseForbidden") or status_of(view, leaving.value) in {401, 403}


def _is_stored(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def _fetches(view: View, statement: ast.stmt) -> bool:
    """`order = get_object_or_404(...)`: the answer 404 is the view's."""
    if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Call):
        return False
    return view.inference.resolve(statement.value.func) in _FETCHES


def _forbids(statement: ast.stmt) -> bool:
    """`if not allowed: raise PermissionDenied`"""
    if not isinstance(statement, ast.If) or statement.orelse:
        return False
    return all(isinstance(each, ast.Raise) for each in statement.body)


def _converts(view: View, statement: ast.stmt) -> bool:
    """`amount = Decimal(request.data["amount"])`: input in the shape that is wanted of it."""
    if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
        return False
    found = list(inputs_in(view, [statement.value]))
    taken = {id(node) for each in found for node in walk(each.node)}
    names = [
        node
        for node in walk(statement.value)
        if isinstance(node, ast.Name) and id(node) not in taken
    ]
    users = any(isinstance(each.node, ast.Attribute) and each.name == "user" for each in found)
    return bool(found) and not users and not any(_is_data(view, node) for node in names)


def _is_data(view: View, node: ast.Name) -> bool:
    """Whether a name is a model or a variable, which are no part of reading input."""
    if view.inference.flow.is_local(node.id):
        return True
    return isinstance(view.inference.value(node), ModelClass)


def _checks_input(view: View, block: Sequence[ast.stmt], index: int) -> bool:
    """`if not email: return Response(...)`: a look at nothing but what came with the request."""
    statement = block[index]
    if not isinstance(statement, ast.If) or not exits_in(view, statement):
        return False
    given = {each.arg for each in view.function.args.args}
    for earlier in view.function.body:
        if isinstance(earlier, ast.Assign) and is_input_binding(view, earlier):
            given |= {each.id for each in earlier.targets if isinstance(each, ast.Name)}
    found = list(inputs_in(view, [statement.test]))
    taken = {id(node) for each in found for node in walk(each.node)}
    nodes = [node for node in walk(statement.test) if id(node) not in taken]
    objects = any(isinstance(node, ast.Attribute) for node in nodes)
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    names -= {name for name in names if hasattr(builtins, name)}
    return not objects and bool(names or found) and names <= given


def blocking(view: View) -> tuple[Reason, ...]:
    """Why the work of a view cannot leave it: what its statements need of the view."""
    found: dict[Reason, None] = {}
    for block in blocks_of(view):
        for statement in block:
            if _works(view, statement):
                found.update(dict.fromkeys(stays(view, statement)))
    return tuple(found) or (Reason("too-small", "no run of statements holds enough of the work"),)


__all__ = ["Region", "best_region", "blocking", "blocks_of", "needs_view"]
