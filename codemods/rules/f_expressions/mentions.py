"""Which bytes may hold a finding: a field changed by itself, and a save of the same object.

Wider than what is found, and never narrower: the benchmarks compare a filtered run with an
unfiltered one.
"""

from __future__ import annotations

import re

_NAME = rb"[A-Za-z_\x80-\xff][\w\x80-\xff]*"
_TARGET = rb"(?<![\w.\x80-\xff])(" + _NAME + rb"(?:\." + _NAME + rb")*)\.(" + _NAME + rb")\s*"
_AUGMENTED = re.compile(_TARGET + rb"(?:\*\*|//|>>|<<|[-+*/%|&^@])=")
_ASSIGNED = re.compile(_TARGET + rb"=(?!=)")
_LOWER_BOUND = re.compile(rb"__gte?\s*=")
_REACH = 2000
"""Bytes behind `x.f =` in which `x.f` must stand again to be a change of itself."""


def may_hold_change(data: bytes) -> bool:
    """Whether some `x.f -= …` or `x.f = … x.f …` stands in a file with an `x.save`."""
    if b"save" not in data:
        return False
    if any(_is_saved(data, found[1]) for found in _AUGMENTED.finditer(data)):
        return True
    for found in _ASSIGNED.finditer(data):
        own = found[1] + b"." + found[2]
        again = data.find(own, found.end(), found.end() + _REACH)
        if again != -1 and _is_saved(data, found[1]):
            return True
    return False


def _is_saved(data: bytes, path: bytes) -> bool:
    return path + b".save" in data or path + b".asave" in data


def may_hold_guarded_update(data: bytes) -> bool:
    """Whether a lower bound stands in a lookup of a file that updates."""
    return b".update(" in data and _LOWER_BOUND.search(data) is not None
