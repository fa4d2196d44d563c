"""The name of a finding that survives moved lines: what `--only` takes."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from djfix.codemods.engine.redaction import redacted_data
from djfix.codemods.findings import Finding

Key = str
"""A finding without its ordinal: equal findings of one symbol share it."""


def key_of(finding: Finding) -> Key:
    """A hash of rule, dotted symbol, anchor and data; not of path, line, message or safety.

    Data goes in redacted, so that no fingerprint can be used to guess a secret.
    """
    data = redacted_data(finding.data)
    parts = [finding.rule, finding.symbol, finding.anchor, data]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def fingerprint(key: Key, ordinal: int) -> str:
    """16 hexadecimal digits for the `ordinal`-th (from 0) of the findings that share a key."""
    return hashlib.sha256(f"{key}/{ordinal}".encode()).hexdigest()[:16]


def ordinals(
    keys: Iterable[Key],
    *,
    waiting: Mapping[Key, Sequence[int]] | None = None,
    given: Mapping[Key, int] | None = None,
) -> tuple[int, ...]:
    """The place of each finding among its equals, in the order in which they come.

    In a later pass `waiting` holds the ordinals of those found before and not fixed: once their
    neighbours are gone they come first among their equals, and keep their names. Others are new
    and count on from `given`, the number of names handed out for a key so far.
    """
    seen: Counter[Key] = Counter()
    numbers = []
    for key in keys:
        known = (waiting or {}).get(key, ())
        place = seen[key]
        fresh = (given or {}).get(key, 0) + place - len(known)
        numbers.append(known[place] if place < len(known) else fresh)
        seen[key] += 1
    return tuple(numbers)
