"""From text to Python's own syntax tree."""

from __future__ import annotations

import ast
import warnings


class Unreadable(Exception):  # noqa: N818
    """The file cannot be decoded or parsed; `line` counts from 1, or is None where unknown."""

    def __init__(self, path: str, line: int | None, message: str) -> None:
        super().__init__(path, line, message)
        self.path = path
        self.line = line
        self.message = message

    def __str__(self) -> str:
        place = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"{place}: {self.message}"


def parsed(path: str, text: str) -> ast.Module:
    """The tree of a text, without a word about dubious escapes. Raises Unreadable."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        raise Unreadable(path, error.lineno, error.msg) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise Unreadable(path, None, str(error) or "too deeply nested") from error
