"""Path patterns as in .gitignore, compiled to one test."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence


def matcher(patterns: Sequence[str]) -> Callable[[str], bool]:
    """A test of posix paths relative to the root, true for what lies in a matched folder too.

    A pattern without a slash (but a last one) names any file or folder; one with a slash is a path
    from the root. `*` and `?` stop at slashes, `**` does not.
    """
    pieces = [_translated(pattern) for pattern in patterns if pattern.strip("/")]
    if not pieces:
        return lambda path: False
    compiled = re.compile(f"(?:{'|'.join(pieces)})(?:/|$)")
    return lambda path: compiled.match(path) is not None


def _translated(pattern: str) -> str:
    trimmed = pattern.removeprefix("./").rstrip("/")
    anchored = "/" in trimmed
    return ("" if anchored else "(?:.*/)?") + _segments(trimmed.lstrip("/"))


def _segments(pattern: str) -> str:
    tokens = re.findall(r"\*\*/|\*\*|\*|\?|\[[^]]+\]|.", pattern, re.DOTALL)
    return "".join(WILDCARDS.get(token) or _literal(token) for token in tokens)


def _literal(token: str) -> str:
    if len(token) > 1:
        return "[^" + token[2:] if token[1] in "!^" else token
    return re.escape(token)


WILDCARDS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
