"""What a setting may be: all possibilities of a value, and whether some part could not be read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from types import MappingProxyType


class Absent(Enum):
    """Stands among the constants of what is bound in some branches only."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT

Constant = None | bool | int | float | str | bytes | Absent


def _no_entries() -> Mapping[str, Value] | None:
    return None


@dataclass(frozen=True, slots=True)
class Value:
    """All that an expression of a settings module may be, over the branches that lead to it.

    `constants`: the plain values it may be. `items`: if it may be a list, tuple or set, every item
    that it may hold, in order of first sight. `entries`: if it may be a dict, its keys' values.
    `complete` is False where it may also be, or hold, something that was not read.
    """

    constants: tuple[Constant, ...] = ()
    items: tuple[Value, ...] | None = None
    entries: Mapping[str, Value] | None = field(default_factory=_no_entries)
    complete: bool = True

    @property
    def constant(self) -> Constant:
        """The one plain value that it certainly is; ABSENT if there is no such one."""
        certain = self.complete and self.items is None and self.entries is None
        return self.constants[0] if certain and len(self.constants) == 1 else ABSENT

    @property
    def is_absent(self) -> bool:
        """Whether it certainly is not there."""
        return self == of_constant(ABSENT)

    def or_default(self, default: Constant) -> Value:
        """The same, with the default in place of its absence."""
        if ABSENT not in self.constants:
            return self
        kept = replace(self, constants=tuple(each for each in self.constants if each is not ABSENT))
        is_only = not kept.constants and kept.items is None and kept.entries is None
        return (
            of_constant(default)
            if is_only and self.complete
            else join([kept, of_constant(default)])
        )

    @property
    def texts(self) -> tuple[str, ...]:
        """The strings among the constants of the items, in order."""
        found: dict[str, None] = {}
        for item in self.items or ():
            found.update((each, None) for each in item.constants if isinstance(each, str))
        return tuple(found)

    @property
    def is_read(self) -> bool:
        """Whether this and everything in it was read."""
        inner = [*(self.items or ()), *(self.entries or {}).values()]
        return self.complete and all(each.is_read for each in inner)

    def entry(self, key: str) -> Value:
        """The value of a dict's key; unknown for what is no dict or may hold unread keys."""
        found = (self.entries or {}).get(key)
        if found is not None:
            return found
        return of_constant(ABSENT) if self.entries is not None and self.complete else UNKNOWN


UNKNOWN = Value(complete=False)
EITHER = Value(constants=(True, False))


def of_constant(value: Constant) -> Value:
    return Value(constants=(value,))


def of_items(items: Iterable[Value], *, complete: bool = True) -> Value:
    return Value(items=_distinct(items), complete=complete)


def of_entries(entries: Mapping[str, Value], *, complete: bool = True) -> Value:
    return Value(entries=MappingProxyType(dict(entries)), complete=complete)


def incomplete(value: Value) -> Value:
    """The same possibilities, and others that were not read."""
    return replace(value, complete=False)


def doubtful(value: Value) -> Value:
    """As `incomplete`, and so is every entry: any of them may have been replaced."""
    if value.entries is None:
        return incomplete(value)
    return of_entries({key: doubtful(each) for key, each in value.entries.items()}, complete=False)


def _distinct(values: Iterable[Value]) -> tuple[Value, ...]:
    found: list[Value] = []
    plain: set[object] = set()
    for value in values:
        if value.items is None and value.entries is None:
            key = (value.complete, *((type(each), each) for each in value.constants))
            if key in plain:
                continue
            plain.add(key)
        elif any(value is each for each in found) or value in found:
            continue
        found.append(value)
    return tuple(found)


def join(values: Iterable[Value]) -> Value:
    """What may be any of these."""
    every = _distinct(values)
    if len(every) == 1:
        return every[0]
    sequences = [each.items for each in every if each.items is not None]
    mappings = [each for each in every if each.entries is not None]
    constants: dict[tuple[type, Constant], Constant] = {}
    for each in every:
        constants.update(((type(one), one), one) for one in each.constants)
    return Value(
        constants=tuple(constants.values()),
        items=_distinct(item for items in sequences for item in items) if sequences else None,
        entries=_joined_entries(mappings) if mappings else None,
        complete=bool(every) and all(each.complete for each in every),
    )


def _joined_entries(mappings: list[Value]) -> Mapping[str, Value]:
    keys = dict.fromkeys(key for each in mappings for key in each.entries or ())
    return MappingProxyType({key: join(each.entry(key) for each in mappings) for key in keys})


def concatenated(left: Value, right: Value) -> Value:
    """`left + right` of sequences or strings; unknown for anything else."""
    if left.items is not None or right.items is not None:
        is_sure = left.items is not None and right.items is not None
        return of_items(
            (*(left.items or ()), *(right.items or ())),
            complete=is_sure and left.complete and right.complete,
        )
    one, other = left.constant, right.constant
    if isinstance(one, str) and isinstance(other, str):
        return of_constant(one + other)
    return UNKNOWN


def merged(left: Value, right: Value) -> Value:
    """`{**left, **right}`."""
    if left.entries is None or right.entries is None:
        known = left if left.entries is not None else right
        return doubtful(of_entries(known.entries or {}))
    entries = dict(left.entries)
    for key, value in right.entries.items():
        entries[key] = value if ABSENT not in value.constants else _over(entries.get(key), value)
    if not right.complete:
        entries = {key: value if key in right.entries else incomplete(value)
                   for key, value in entries.items()}  # fmt: skip
    return of_entries(entries, complete=left.complete and right.complete)


def _over(before: Value | None, value: Value) -> Value:
    """A key that the right side may lack: then what was there before stays."""
    kept = replace(value, constants=tuple(each for each in value.constants if each is not ABSENT))
    return join([before or of_constant(ABSENT), kept])


def without(value: Value, removed: Iterable[Constant]) -> Value:
    """A sequence without the items that are certainly one of these constants."""
    gone = set(removed)
    if value.items is None:
        return UNKNOWN
    return replace(value, items=tuple(item for item in value.items if item.constant not in gone))


def updated(value: Value, keys: tuple[str, ...], change: Callable[[Value], Value]) -> Value:
    """A nested dict with the value at a path of keys changed."""
    if not keys:
        return change(value)
    if value.entries is None:
        return UNKNOWN
    inner = updated(value.entry(keys[0]), keys[1:], change)
    return replace(value, entries=MappingProxyType({**value.entries, keys[0]: inner}))
