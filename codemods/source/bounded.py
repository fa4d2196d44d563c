"""A cache of values by path that stays within a number of bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Bounded(Generic[Value]):
    """Values with a weight each; those longest unused go first once `limit` is passed."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.total = 0
        self._held: OrderedDict[str, tuple[Value, int]] = OrderedDict()

    def get(self, key: str) -> Value | None:
        """The value, which counts as used now; None where it is not held."""
        held = self._held.get(key)
        if held is None:
            return None
        self._held.move_to_end(key)
        return held[0]

    def put(self, key: str, value: Value, weight: int) -> None:
        """Hold a value in place of any older one; one heavier than `limit` stands alone."""
        self._drop(key)
        self._held[key] = (value, weight)
        self.total += weight
        while self.total > self.limit and len(self._held) > 1:
            self._drop(next(iter(self._held)))

    def put_if_room(self, key: str, value: Value, weight: int) -> None:
        """Hold a value only if nothing else has to go for it."""
        if key not in self._held and self.total + weight <= self.limit:
            self.put(key, value, weight)

    def without(self, keys: Collection[str]) -> Bounded[Value]:
        """A cache of its own with the same values but those of `keys`."""
        other: Bounded[Value] = Bounded(self.limit)
        for key, (value, weight) in self._held.items():
            if key not in keys:
                other.put(key, value, weight)
        return other

    def _drop(self, key: str) -> None:
        held = self._held.pop(key, None)
        if held is not None:
            self.total -= held[1]
