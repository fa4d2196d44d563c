"""A cache of values that stays within a sum of their weights, such as bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Bounded(Generic[Key, Value]):
    """Values with a weight each; those longest unused go first once `limit` is passed."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.total = 0
        self._held: OrderedDict[Key, tuple[Value, int]] = OrderedDict()

    def get(self, key: Key) -> Value | None:
        """The value, which counts as used now; None where it is not held."""
        held = self._held.get(key)
        if held is None:
            return None
        self._held.move_to_end(key)
        return held[0]

    def put(self, key: Key, value: Value, weight: int) -> None:
        """Hold a value in place of any older one; one heavier than `limit` stands alone."""
        self._drop(key)
        self._held[key] = (value, weight)
        self.total += weight
        while self.total > self.limit and len(self._held) > 1:
            self._drop(next(iter(self._held)))

    def put_if_room(self, key: Key, value: Value, weight: int) -> None:
        """Hold a value only if nothing else has to go for it."""
        if key not in self._held and self.total + weight <= self.limit:
            self.put(key, value, weight)

    def without(self, keys: Collection[Key]) -> Bounded[Key, Value]:
        """A cache of its own with the same values but those of `keys`."""
        other: Bounded[Key, Value] = Bounded(self.limit)
        for key, (value, weight) in self._held.items():
            if key not in keys:
                other.put(key, value, weight)
        return other

    def _drop(self, key: Key) -> None:
        held = self._held.pop(key, None)
        if held is not None:
            self.total -= held[1]
