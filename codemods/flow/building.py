"""Builds the nodes of a graph from a function's statements, from the end to the beginning.

Each construct is given what follows it and gives back the node it begins with. What must run on
every way out of a block (`finally`, `__exit__`, the deletion of an except clause's name) is built
once per way out, on demand, so that no path goes in by one way and leaves by another. All these
copies belong to the same points; only the nodes differ.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from djfix.codemods.flow.evaluation import Step, Visit, steps_of
from djfix.codemods.flow.points import EdgeKind, Point, PointKind
from djfix.codemods.flow.raising import can_raise, has_plain_truth

MOST_NESTED_COPIES = 3
"""`finally` within `finally` beyond this depth gets one copy for all ways out: sound, not exact."""

MaySuppress = Callable[[ast.expr], bool]


@dataclass(frozen=True, slots=True)
class Follow:
    """Where control goes next, and by what kind of edge."""

    node: int
    kind: EdgeKind = "normal"


class Jump:
    """A way out of a block, built when it is first taken."""

    def __init__(self, build: Callable[[], Follow]) -> None:
        self._build = build
        self._follow: Follow | None = None

    def __call__(self) -> Follow:
        if self._follow is None:
            self._follow = self._build()
        return self._follow


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways out of the block being built; `depth` counts the clean-ups it stands in."""

    raises: Jump
    returns: Jump
    breaks: Jump | None = None
    continues: Jump | None = None
    depth: int = 0


Wrap = Callable[[Jump, bool], Jump]
"""Puts a clean-up before a way out; the flag says that this way is an exception."""


class Builder:
    """The nodes of one function. `succeeding[node]` are its ways on, `owners[node]` its point."""

    def __init__(self, may_suppress: MaySuppress, raising: Collection[tuple[ast.AST, PointKind]]):
        self.points: dict[tuple[ast.AST, PointKind], Point] = {}
        self.steps: dict[Point, tuple[Step, ...]] = {}
        self.owners: list[Point] = []
        self.succeeding: list[list[Follow]] = []
        self._may_suppress = may_suppress
        self._raising = raising
        self._raises: dict[Point, bool] = {}
        self._in_module = False

    def function(self, function: ast.AST) -> int:
        """Builds everything; gives the entry node. Nodes 0 and 1 are `exit` and `raised`."""
        self._in_module = isinstance(function, ast.Module)
        exit_node, raised = self._node(function, "exit"), self._node(function, "raised")
        ways = Ways(
            raises=Jump(lambda: Follow(raised, "exception")),
            returns=Jump(lambda: Follow(exit_node)),
        )
        follow = Follow(exit_node)
        if isinstance(function, ast.Lambda):
            follow = self._simple(function.body, follow, ways)
        else:
            follow = self.block(getattr(function, "body", []), follow, ways)
        entry = self._node(function, "entry")
        self._lead(entry, follow)
        return entry

    def _node(self, node: ast.AST, kind: PointKind) -> int:
        point = self.points.get((node, kind))
        if point is None:
            point = self.points[node, kind] = Point(-1, node, kind)
            self.steps[point] = tuple(steps_of(self._visits(point)))
            forced = (node, kind) in self._raising
            self._raises[point] = forced or _point_raises(point, self.steps[point])
        self.owners.append(point)
        self.succeeding.append([])
        return len(self.owners) - 1

    def _visits(self, point: Point) -> list[Visit]:
        """What is evaluated at a point; in modules, annotations of variables too."""
        visits = visits_of(point)
        if self._in_module and isinstance(point.node, ast.AnnAssign):
            visits.append(Visit(point.node.annotation))
        return visits

    def _lead(self, node: int, follow: Follow, kind: EdgeKind | None = None) -> None:
        follow = Follow(follow.node, kind) if kind else follow
        if follow not in self.succeeding[node]:
            self.succeeding[node].append(follow)

    def _raising_node(self, node: ast.AST, kind: PointKind, ways: Ways) -> int:
        """A node with its exception edge, if its code can raise."""
        number = self._node(node, kind)
        if self._raises[self.owners[number]]:
            self._lead(number, ways.raises(), "exception")
        return number

    def block(self, statements: list[ast.stmt], follow: Follow, ways: Ways) -> Follow:
        """What a run of statements begins with, given what follows it."""
        for statement in reversed(statements):
            follow = self._statement(statement, follow, ways)
        return follow

    def _statement(self, statement: ast.stmt, follow: Follow, ways: Ways) -> Follow:
        match statement:
            case ast.If():
                return self._if(statement, follow, ways)
            case ast.While():
                return self._while(statement, follow, ways)
            case ast.For() | ast.AsyncFor():
                return self._for(statement, follow, ways)
            case ast.With() | ast.AsyncWith():
                return self._with(statement, 0, follow, ways)
            case ast.Try():
                return self._try(statement, follow, ways)
            case ast.TryStar():
                return self._try_star(statement, follow, ways)
            case ast.Match():
                return self._match(statement, follow, ways)
        return self._simple(statement, follow, ways)

    def _simple(self, statement: ast.stmt | ast.expr, follow: Follow, ways: Ways) -> Follow:
        node = self._raising_node(statement, "statement", ways)
        match statement:
            case ast.Raise():
                pass
            case ast.Return():
                self._lead(node, ways.returns())
            case ast.Break() if ways.breaks is not None:
                self._lead(node, ways.breaks())
            case ast.Continue() if ways.continues is not None:
                self._lead(node, ways.continues())
            case _:
                self._lead(node, follow)
        return Follow(node)

    def _if(self, statement: ast.If, follow: Follow, ways: Ways) -> Follow:
        """A whole chain of `elif`, without recursion."""
        chain = [statement]
        while len(chain[-1].orelse) == 1 and isinstance(chain[-1].orelse[0], ast.If):
            chain.append(chain[-1].orelse[0])
        otherwise = self.block(chain[-1].orelse, follow, ways)
        for branch in reversed(chain):
            node = self._raising_node(branch, "test", ways)
            body = self.block(branch.body, follow, ways)
            self._branch(node, branch.test, body, otherwise)
            otherwise = Follow(node)
        return otherwise

    def _while(self, statement: ast.While, follow: Follow, ways: Ways) -> Follow:
        test = self._raising_node(statement, "test", ways)
        body = self.block(statement.body, Follow(test, "loop"), _looping(ways, test, follow))
        otherwise = self.block(statement.orelse, follow, ways)
        self._branch(test, statement.test, body, otherwise)
        return Follow(test)

    def _branch(self, node: int, test: ast.expr, body: Follow, otherwise: Follow) -> None:
        truth = constant_truth(test)
        if truth is not False:
            self._lead(node, body, "true")
        if truth is not True:
            self._lead(node, otherwise, "false")

    def _for(self, statement: ast.For | ast.AsyncFor, follow: Follow, ways: Ways) -> Follow:
        target = self._raising_node(statement, "target", ways)
        body = self.block(statement.body, Follow(target, "loop"), _looping(ways, target, follow))
        self._lead(target, body, "normal")
        self._lead(target, self.block(statement.orelse, follow, ways), "exhausted")
        iterable = self._raising_node(statement, "iter", ways)
        self._lead(iterable, Follow(target))
        return Follow(iterable)

    def _with(
        self, statement: ast.With | ast.AsyncWith, index: int, follow: Follow, ways: Ways
    ) -> Follow:
        """Several items are nested withs; `__exit__` runs on every way out of the body."""
        if index == len(statement.items):
            return self.block(statement.body, follow, ways)
        item = statement.items[index]
        may_suppress = self._may_suppress(item.context_expr)

        def wrap(way: Jump, exceptional: bool) -> Jump:
            def build() -> Follow:
                node = self._node(item, "leave")
                self._lead(node, ways.raises(), "exception")
                if not exceptional:
                    self._lead(node, way())
                elif may_suppress:
                    self._lead(node, follow, "suppressed")
                return Follow(node)

            return Jump(build)

        inner = _wrapped(ways, wrap)
        enter = self._raising_node(item, "with", ways)
        if item.optional_vars is not None and not isinstance(item.optional_vars, ast.Name):
            self._lead(enter, inner.raises(), "exception")
        after = wrap(Jump(lambda: follow), False)
        self._lead(enter, self._with(statement, index + 1, after(), inner))
        return Follow(enter)

    def _try(self, statement: ast.Try, follow: Follow, ways: Ways) -> Follow:
        outer, after = self._with_finally(statement, follow, ways)
        caught = outer.raises
        kind: EdgeKind = "exception"
        for handler in reversed(statement.handlers):
            caught, kind = self._handler(handler, caught, kind, after, outer), "false"
            caught()  # also a clause that nothing reaches has points
        inner = replace(outer, raises=caught)
        orelse = self.block(statement.orelse, after, outer)
        return self.block(statement.body, orelse, inner)

    def _with_finally(
        self, statement: ast.Try | ast.TryStar, follow: Follow, ways: Ways
    ) -> tuple[Ways, Follow]:
        """The ways out of a try's other blocks, and what follows those, through its finally."""
        if not statement.finalbody:
            return ways, follow
        wrap = self._finally(statement, ways)
        return _wrapped(ways, wrap), wrap(Jump(lambda: follow), False)()

    def _finally(self, statement: ast.Try | ast.TryStar, ways: Ways) -> Wrap:
        deeper = replace(ways, depth=ways.depth + 1)
        merged: list[Follow] = []
        gate = self._node(statement, "gather") if ways.depth >= MOST_NESTED_COPIES else None

        def wrap(way: Jump, exceptional: bool) -> Jump:
            def build() -> Follow:
                follow = self._reraise(statement, way) if exceptional else way()
                if gate is None:
                    return self.block(statement.finalbody, follow, deeper)
                self._lead(gate, follow)
                if not merged:
                    merged.append(self.block(statement.finalbody, Follow(gate), deeper))
                return merged[0]

            return Jump(build)

        return wrap

    def _reraise(self, statement: ast.AST, way: Jump) -> Follow:
        node = self._node(statement, "reraise")
        self._lead(node, way(), "exception")
        return Follow(node)

    def _handler(
        self,
        handler: ast.ExceptHandler,
        otherwise: Jump,
        kind: EdgeKind,
        after: Follow,
        ways: Ways,
    ) -> Jump:
        """An except clause: its body, or the next clause, or the way out if there is none."""

        def build() -> Follow:
            node = self._raising_node(handler, "handler", ways)
            self._lead(node, self._handler_body(handler, after, ways), "true")
            if not _catches_all(handler):
                self._lead(node, otherwise(), kind)
            return Follow(node)

        return Jump(build)

    def _handler_body(self, handler: ast.ExceptHandler, after: Follow, ways: Ways) -> Follow:
        """The body, after which the clause's name is deleted, whatever way it is left."""
        if handler.name is None:
            return self.block(handler.body, after, ways)

        def wrap(way: Jump, exceptional: bool) -> Jump:
            def build() -> Follow:
                node = self._node(handler, "unbind")
                self._lead(node, way(), "exception" if exceptional else None)
                return Follow(node)

            return Jump(build)

        unbound = wrap(Jump(lambda: after), False)
        return self.block(handler.body, unbound(), _wrapped(ways, wrap))

    def _try_star(self, statement: ast.TryStar, follow: Follow, ways: Ways) -> Follow:
        """Each clause may take its part of the group; what is left, or raised in one, goes on."""
        outer, after = self._with_finally(statement, follow, ways)
        gather = self._node(statement, "gather")
        self._lead(gather, after)
        self._lead(gather, outer.raises(), "exception")
        following = Follow(gather)
        for handler in reversed(statement.handlers):
            following = self._star_handler(handler, following, outer)
        inner = replace(outer, raises=Jump(lambda: Follow(following.node, "exception")))
        orelse = self.block(statement.orelse, after, outer)
        return self.block(statement.body, orelse, inner)

    def _star_handler(self, handler: ast.ExceptHandler, following: Follow, ways: Ways) -> Follow:
        node = self._raising_node(handler, "handler", ways)
        inner = replace(ways, raises=Jump(lambda: Follow(following.node, "exception")))
        self._lead(node, self._handler_body(handler, following, inner), "true")
        self._lead(node, following, "false")
        return Follow(node)

    def _match(self, statement: ast.Match, follow: Follow, ways: Ways) -> Follow:
        otherwise = follow
        for case in reversed(statement.cases):
            node = self._raising_node(case, "case", ways)
            self._lead(node, self.block(case.body, follow, ways), "true")
            if case.guard is not None or not _irrefutable(case.pattern):
                self._lead(node, otherwise, "false")
            otherwise = Follow(node)
        subject = self._raising_node(statement, "subject", ways)
        self._lead(subject, otherwise)
        return Follow(subject)


def _looping(ways: Ways, head: int, follow: Follow) -> Ways:
    return replace(ways, breaks=Jump(lambda: follow), continues=Jump(lambda: Follow(head, "loop")))


def _wrapped(ways: Ways, wrap: Wrap) -> Ways:
    return replace(
        ways,
        raises=wrap(ways.raises, True),
        returns=wrap(ways.returns, False),
        breaks=wrap(ways.breaks, False) if ways.breaks else None,
        continues=wrap(ways.continues, False) if ways.continues else None,
    )


def visits_of(point: Point) -> list[Visit]:
    """What is evaluated at a point."""
    node = point.node
    match point.kind, node:
        case ("test", ast.If(test=test) | ast.While(test=test)):
            return [Visit(test)]
        case ("iter", ast.For(iter=iterable) | ast.AsyncFor(iter=iterable)):
            return [Visit(iterable)]
        case ("target", ast.For() | ast.AsyncFor()):
            return [Visit(node.target, binding="for", value=node.iter)]
        case ("subject", ast.Match(subject=subject)):
            return [Visit(subject)]
        case ("case", ast.match_case()):
            guard = [Visit(node.guard, conditional=True)] if node.guard else []
            return [Visit(node.pattern), *guard]
        case ("handler", ast.ExceptHandler()):
            tests = [Visit(node.type)] if node.type else []
            return [*tests, Visit(node, binding="except", operands=False)]
        case ("unbind", _):
            return [Visit(node, binding="del", operands=False)]
        case ("statement" | "with", _):
            return [Visit(node)]
    return []


def _point_raises(point: Point, steps: tuple[Step, ...]) -> bool:
    match point.kind:
        case "test":
            test = point.node.test if isinstance(point.node, (ast.If, ast.While)) else None
            return can_raise(steps) or test is None or not has_plain_truth(test)
        case "iter" | "target" | "with" | "leave":
            return True
        case "handler":
            return can_raise(step for step in steps if step.node is not point.node)
        case "case":
            pattern = point.node.pattern if isinstance(point.node, ast.match_case) else None
            return pattern is None or not _irrefutable(pattern) or can_raise(steps[1:])
    return can_raise(steps)


def constant_truth(test: ast.expr) -> bool | None:
    """What a constant test, such as that of `while True`, is; None for any other."""
    return bool(test.value) if isinstance(test, ast.Constant) else None


def _catches_all(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or (
        isinstance(handler.type, ast.Name) and handler.type.id == "BaseException"
    )


def _irrefutable(pattern: ast.pattern) -> bool:
    match pattern:
        case ast.MatchAs(pattern=None):
            return True
        case ast.MatchAs(pattern=inner):
            return inner is not None and _irrefutable(inner)
        case ast.MatchOr(patterns=patterns):
            return any(_irrefutable(alternative) for alternative in patterns)
    return False
