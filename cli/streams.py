"""stdout as bytes, stderr as lines, and when either is coloured."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import IO

RED, GREEN, YELLOW, CYAN, BOLD, DIM = "31", "32", "33", "36", "1", "2"


def put(data: bytes | str) -> None:
    """Write to stdout, as UTF-8; names that are not text go out as the bytes they came as."""
    if isinstance(data, str):
        data = data.encode("utf-8", "surrogateescape")
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def say(text: str) -> None:
    """Write a line to stderr; if nobody reads it any more, that is nothing to fail about."""
    data = f"{text}\n".encode("utf-8", "surrogateescape")
    try:
        sys.stderr.buffer.write(data)
        sys.stderr.buffer.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def discard_stdout() -> None:
    """Send what is still to come nowhere, so that Python's own last flush cannot fail."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def is_coloured(asked: str, stream: IO[str], environment: Mapping[str, str] = os.environ) -> bool:
    """Whether to colour a stream: `--color` first, then NO_COLOR, FORCE_COLOR, a terminal."""
    if asked != "auto":
        return asked == "always"
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return True
    return stream.isatty() and environment.get("TERM") != "dumb"


class Paint:
    """Wraps texts in ANSI colours, or does not."""

    def __init__(self, coloured: bool) -> None:
        self.coloured = coloured

    def __call__(self, text: str, *codes: str) -> str:
        if not self.coloured or not text:
            return text
        return f"\x1b[{';'.join(codes)}m{text}\x1b[0m"


def coloured_patch(patch: bytes) -> bytes:
    """A patch in the colours of git's own diff."""
    return b"\n".join(_coloured_line(line) for line in patch.split(b"\n"))


def _coloured_line(line: bytes) -> bytes:
    for start, code in _LINES:
        if line.startswith(start):
            return b"\x1b[" + code + b"m" + line + b"\x1b[0m"
    return line


_LINES = (
    (b"diff --git ", b"1"),
    (b"new file mode ", b"1"),
    (b"--- ", b"1"),
    (b"+++ ", b"1"),
    (b"@@ ", b"36"),
    (b"-", b"31"),
    (b"+", b"32"),
)
