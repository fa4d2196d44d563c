"""Reads version specifiers into ranges: PEP 440's, and the caret and tilde of Poetry.

Specifiers: https://packaging.python.org/en/latest/specifications/version-specifiers/;
Poetry's: https://python-poetry.org/docs/dependency-specification/. `!=` narrows nothing here, and
pre-releases count as their release.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

Version = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """The versions that a project may run on.

    `minimum` is inclusive. `maximum` is inclusive too and names a line: (5, 2) allows every 5.2.x,
    (5,) every 5.x; None is open. `source` names the file (or setting) that says so; it is empty
    for what nothing says, where `minimum` is the oldest supported release.
    """

    minimum: Version
    maximum: Version | None = None
    source: str = ""

    @property
    def is_known(self) -> bool:
        """Whether anything in the project or its configuration states this."""
        return bool(self.source)

    def is_at_least(self, *version: int) -> bool:
        """Whether every allowed version is this one or newer."""
        return _padded(self.minimum) >= _padded(version)

    def may_be_below(self, *version: int) -> bool:
        """Whether an allowed version is older than this one."""
        return not self.is_at_least(*version)

    def may_reach(self, *version: int) -> bool:
        """Whether an allowed version is this one or newer."""
        if self.maximum is None:
            return True
        return self.maximum >= version[: len(self.maximum)]

    def __str__(self) -> str:
        low = ".".join(map(str, self.minimum))
        high = ".".join(map(str, self.maximum)) if self.maximum else "any"
        return low if low == high else f"{low} to {high}"


def _padded(version: Version) -> Version:
    return (*version, 0, 0, 0, 0)[:4]


def hull(ranges: Iterable[Range]) -> Range | None:
    """The smallest range that holds all of them; None of nothing."""
    every = list(ranges)
    if not every:
        return None
    maxima = [each.maximum for each in every]
    lowest = min(every, key=lambda each: _padded(each.minimum))
    return Range(
        lowest.minimum,
        None if None in maxima else max((each for each in maxima if each), key=_line_key),
        lowest.source,
    )


def _line_key(line: Version) -> tuple[float, ...]:
    return (*line, *[float("inf")] * (6 - len(line)))


def parse_range(text: str, source: str) -> Range | None:
    """The range of one specifier (`>=4.2,<6`, `^4.2`, `~4.2`, `4.2.*`, `==4.2.1`, `*`).

    None where it is not understood or excludes nothing. Alternatives (`||`) give their hull.
    """
    alternatives = [_all_of(part, source) for part in re.split(r"\|\|?", text)]
    if any(each is None for each in alternatives):
        return None
    return hull(each for each in alternatives if each)


def _all_of(text: str, source: str) -> Range | None:
    minimum: Version | None = None
    maximum: Version | None = None
    for part in filter(None, re.split(r"[,\s]+(?![\s.*\w])", _joined(text))):
        bounds = _bounds(part)
        if bounds is None:
            return None
        low, high = bounds
        minimum = low if minimum is None else max(minimum, low or minimum)
        maximum = high if maximum is None else min(maximum, high or maximum, key=_line_key)
    return None if minimum is None and maximum is None else Range(minimum or (0,), maximum, source)


def _joined(text: str) -> str:
    """The specifier without blanks between operator and version, parts parted by commas."""
    return re.sub(r"\s+(?=[<>=!~^])", ",", re.sub(r"(?<=[<>=!~^])\s+", "", text.strip(" ()\"'")))


_PART = re.compile(r"(===|==|~=|!=|>=|<=|>|<|\^|~|=)?v?(\d+(?:\.\d+)*)(\.\*)?(\S*)")


def _bounds(part: str) -> tuple[Version | None, Version | None] | None:
    if part in ("*", ""):
        return None, None
    match = _PART.fullmatch(part)
    if match is None:
        return None
    operator, digits, _, _ = match.groups()
    return _of_operator(operator or "==", tuple(map(int, digits.split("."))))


def _of_operator(operator: str, version: Version) -> tuple[Version | None, Version | None]:
    match operator:
        case "==" | "===" | "=":
            return version, version
        case "~=":
            return version, version[:-1] or version
        case "~":
            return version, version[:2]
        case "^":
            return version, _caret(version)
        case ">=" | ">":
            return version, None
        case "<=":
            return None, version
        case "<":
            return None, _just_below(version)
        case _:
            return None, None


def _caret(version: Version) -> Version:
    leading = next((index for index, part in enumerate(version) if part), len(version) - 1)
    return version[: leading + 1]


def _just_below(version: Version) -> Version | None:
    trimmed = list(version)
    while trimmed and trimmed[-1] == 0:
        trimmed.pop()
    return (*trimmed[:-1], trimmed[-1] - 1) if trimmed else None
