"""Values that rest on each other, as in a loop: worked out in rounds until nothing changes.

The first round leaves out what is not known yet; each further one starts from what the last one
found. The result is the least one that agrees with itself, whichever expression is asked first.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from weakref import WeakMethod

from djfix.codemods.inference.values import Unknown, Value, joined

_MOST_ROUNDS = 12
_DEEPEST = 16
"""How many open values may rest on each other before the work starts over from the last one."""

_NEVER = 1 << 30
_CIRCULAR = Unknown("it is computed from itself")


class NotYet(Exception):  # noqa: N818 - a turn of the work, no error
    """The value rests on one that this round has not found yet."""


class TooDeep(Exception):  # noqa: N818 - a turn of the work, no error
    """The chain of what rests on what is longer than the interpreter's stack should hold."""

    def __init__(self, node: ast.AST) -> None:
        super().__init__(node)
        self.node = node


class Settling:
    """Remembered values of nodes; `compute` asks for the values of others through `value`.

    Its method's object is not held: with it a whole tree would go round in a cycle.
    """

    def __init__(self, compute: Callable[[ast.AST], Value]) -> None:
        self._compute = WeakMethod(compute)
        self._settled: dict[ast.AST, Value] = {}
        # Of the running round: the value, and the outermost open node that it rests on.
        self._provisional: dict[ast.AST, tuple[Value | None, int]] = {}
        self._open: dict[ast.AST, int] = {}
        self._assumed: dict[ast.AST, Value | None] = {}
        self._lowest = _NEVER
        self._has_changed = False

    def value(self, node: ast.AST) -> Value:
        """The value of a node; raises NotYet and TooDeep only to code that `compute` runs."""
        waiting = [node]
        while not self._open and node not in self._settled:
            try:
                self._found(waiting[-1])
                waiting.pop()
            except TooDeep as stopped:
                self._put_first(waiting, stopped.node)
        found = self._found(node)
        if found is None:
            raise NotYet
        return found

    def _found(self, node: ast.AST) -> Value | None:
        if node in self._settled:
            return self._settled[node]
        if node in self._open:
            self._lowest = min(self._lowest, self._open[node])
            return self._assumed.setdefault(node, None)
        if node in self._provisional:
            value, lowest = self._provisional[node]
            self._lowest = min(self._lowest, lowest)
            return value
        if len(self._open) >= _DEEPEST:
            raise TooDeep(node)
        return self._evaluated(node)

    def _put_first(self, waiting: list[ast.AST], node: ast.AST) -> None:
        """Starts over from a node at the bottom of what was too deep; the rest is then near."""
        self._provisional.clear()
        self._assumed.clear()
        self._lowest, self._has_changed = _NEVER, False
        if node in waiting:
            self._settled[node] = Unknown("it rests on too many others")
        else:
            waiting.append(node)

    def _evaluated(self, node: ast.AST) -> Value | None:
        around, self._lowest, depth = self._lowest, _NEVER, len(self._open)
        self._open[node] = depth
        try:
            value = self._in_rounds(node, depth)
        finally:
            del self._open[node]
        if self._lowest < depth:
            self._leave_to_outer(node, value, depth)
        else:
            value = self._settle(node, value, depth)
            self._lowest = _NEVER
        self._lowest = min(self._lowest, around)
        return value

    def _in_rounds(self, node: ast.AST, depth: int) -> Value | None:
        """The value in which a round ends as it began; one round where an outer node's rounds
        are at work."""
        before = self._has_changed
        for _ in range(_MOST_ROUNDS):
            self._has_changed = False
            value = self._once(node)
            if self._lowest < depth:
                self._has_changed |= before
                return value
            if not self._has_changed:
                self._has_changed = before
                return value
            self._forget(depth)
        self._has_changed = before
        return Unknown("it changes with each turn of a loop")

    def _once(self, node: ast.AST) -> Value | None:
        try:
            value: Value | None = self._computed(node)
        except NotYet:
            value = None
        if node in self._assumed and self._assumed[node] != value:
            self._assumed[node] = value
            self._has_changed = True
        return value

    def _computed(self, node: ast.AST) -> Value:
        compute = self._compute()
        assert compute is not None
        return compute(node)

    def _forget(self, depth: int) -> None:
        for inner in self._resting_on(depth):
            del self._provisional[inner]

    def _leave_to_outer(self, node: ast.AST, value: Value | None, depth: int) -> None:
        """What rests on this node rests on what this node rests on."""
        for inner in self._resting_on(depth):
            self._provisional[inner] = self._provisional[inner][0], self._lowest
        self._provisional[node] = value, self._lowest

    def _settle(self, node: ast.AST, value: Value | None, depth: int) -> Value:
        for inner in self._resting_on(depth):
            self._settled[inner] = self._provisional.pop(inner)[0] or _CIRCULAR
        if not depth:
            self._assumed.clear()
        settled = self._settled[node] = value or _CIRCULAR
        return settled

    def _resting_on(self, depth: int) -> list[ast.AST]:
        return [node for node, (_, lowest) in self._provisional.items() if lowest >= depth]


def joined_so_far(values: Iterable[Callable[[], Value]]) -> Value:
    """What holds where any of these may be meant, of those that are known yet."""
    found: list[Value] = []
    for ask in values:
        try:
            found.append(ask())
        except NotYet:
            continue
        if isinstance(found[-1], Unknown):
            return found[-1]
    if not found:
        raise NotYet
    return joined(found)
