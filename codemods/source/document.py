"""One file: its bytes, encoding, newlines and indentation, its text and its syntax tree."""

from __future__ import annotations

import ast
import io
import tokenize
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from djfix.codemods.findings import Span
from djfix.codemods.source.definitions import Definition, FunctionNode, functions_in
from djfix.codemods.source.parsing import Unreadable
from djfix.codemods.source.sections import Sections
from djfix.codemods.source.walking import parents_in

__all__ = ["BYTE_ORDER_MARK", "Document", "Unreadable"]

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
DEFAULT_INDENTATION = " " * 4
BLOCKS_LOOKED_AT = 200


class Document:
    """One file, mostly of Python; everything but its bytes is worked out when first asked for.

    `path` is posix and relative to the root. Meant to be immutable: never change `tree`. A file
    of another kind has no tree, and is UTF-8; its lines are cut like Python's.
    """

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self.data = data

    def __repr__(self) -> str:
        return f"Document({self.path!r}, {len(self.data)} bytes)"

    @property
    def is_python(self) -> bool:
        """Whether this is Python, by its name."""
        return self.path.endswith(".py")

    @property
    def has_bom(self) -> bool:
        """Whether the bytes begin with the UTF-8 byte order mark."""
        return self.data.startswith(BYTE_ORDER_MARK)

    @cached_property
    def encoding(self) -> str:
        """The codec of the PEP 263 cookie, else utf-8. Raises Unreadable for an unknown one."""
        if not self.is_python:
            return "utf-8"
        try:
            found, _ = tokenize.detect_encoding(_first_lines(self.data).readline)
        except (SyntaxError, ValueError) as error:
            raise Unreadable(self.path, 1, str(error)) from error
        return "utf-8" if found == "utf-8-sig" else found

    @cached_property
    def text(self) -> str:
        """The decoded file without its mark, newlines as they are. Raises Unreadable."""
        try:
            return self._payload.decode(self.encoding)
        except UnicodeDecodeError as error:
            line = _count_newlines(self._payload[: error.start]) + 1
            raise Unreadable(self.path, line, str(error)) from error
        except (LookupError, ValueError) as error:
            raise Unreadable(self.path, 1, str(error)) from error

    def encode(self, text: str) -> bytes:
        """The bytes of a new text of this file: its own mark and encoding.

        Raises UnicodeEncodeError where the encoding has no such character, or is one that does
        not give this file's own bytes back (as with stateful encodings).
        """
        if self.encoding != "utf-8" and self.text.encode(self.encoding) != self._payload:
            reason = "the file's encoding does not round-trip"
            raise UnicodeEncodeError(self.encoding, text, 0, len(text), reason)
        return (BYTE_ORDER_MARK if self.has_bom else b"") + text.encode(self.encoding)

    @cached_property
    def newline(self) -> str:
        """The commonest line end of the file; a line feed where there is none, or in a tie."""
        windows = self.text.count("\r\n")
        counts = {
            "\n": self.text.count("\n") - windows,
            "\r\n": windows,
            "\r": self.text.count("\r") - windows,
        }
        return max(counts, key=counts.__getitem__)

    @cached_property
    def indentation(self) -> str:
        """What one level of blocks adds in this file, as most of its first blocks have it."""
        try:
            units = Counter(self._block_indentations())
        except Unreadable:
            return DEFAULT_INDENTATION
        return max(units, key=units.__getitem__) if units else DEFAULT_INDENTATION

    @cached_property
    def lines(self) -> tuple[str, ...]:
        r"""The lines with their ends, cut at \n, \r\n and \r only, as Python's tokenizer does."""
        return tuple(io.StringIO(self.text, newline=""))

    @cached_property
    def lines_beyond_ascii(self) -> tuple[int, ...]:
        """The lines that hold letters of other scripts; in order."""
        if self.text.isascii():
            return ()
        return tuple(number for number, line in enumerate(self.lines, 1) if not line.isascii())

    def lines_holding(self, words: Iterable[str]) -> list[int]:
        """The lines that hold one of these texts, which have no line end in them; in order."""
        if "\r" in self.text:
            lines = enumerate(self.lines, 1)
            return [number for number, line in lines if any(each in line for each in words)]
        return sorted({line for each in words for line in _lines_holding(self.text, each)})

    def line_text(self, line: int) -> str:
        """The text of a line, counted from 1, without its end."""
        return self.lines[line - 1].rstrip("\r\n")

    def margin(self, line: int) -> str:
        """What a line is indented by."""
        text = self.line_text(line)
        return text[: len(text) - len(text.lstrip())]

    def between(self, start: tuple[int, int], end: tuple[int, int]) -> str:
        """The exact text between two places, each a line and a column from 1; the end exclusive."""
        lines = list(self.lines[start[0] - 1 : end[0]])
        lines[-1] = lines[-1][: end[1] - 1]
        lines[0] = lines[0][start[1] - 1 :]
        return "".join(lines)

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree. Raises Unreadable with the line and Python's own message."""
        return ast.Module(list(self._sections.whole().body), [])

    @cached_property
    def parents(self) -> Mapping[ast.AST, ast.AST]:
        """Each node of the tree but the module, to the node that holds it."""
        return parents_in(self.tree)

    @cached_property
    def functions(self) -> Mapping[int, FunctionNode]:
        """Every function and method by the line of its `def`."""
        return {each.lineno: each for each in functions_in(self.tree.body)}

    # The following parse no more than they are asked for, and Unreadable is raised of that alone;
    # their nodes are those of `tree`.

    def definition_at(self, line: int) -> Definition | None:
        """The function, method or class whose `def` or `class` stands on a line."""
        return self._sections.at(line).definitions.get(line)

    def function_at(self, line: int) -> FunctionNode | None:
        """The function or method whose `def` stands on a line."""
        found = self.definition_at(line)
        return found if isinstance(found, FunctionNode) else None

    def around(self, statement: ast.stmt) -> Iterator[ast.AST]:
        """The statements, handlers and cases in whose blocks one stands, innermost first."""
        return self._sections.around(statement)

    def above(self, node: ast.expr | ast.stmt) -> Iterator[ast.AST]:
        """All that holds a node but the module, innermost first."""
        return self._sections.above(node)

    def statements_near(self, lines: Iterable[int]) -> Iterator[ast.stmt]:
        """Statements of the module, those that stand on these lines among them."""
        for part in self._sections.with_lines(lines):
            yield from part.body

    def new_statements(self, before: Document) -> Sequence[ast.stmt]:
        """Statements of the module, those that an earlier state of it did not have among them."""
        return [each for part in self._sections.new(before._sections) for each in part.body]

    @cached_property
    def _sections(self) -> Sections:
        return Sections(self.path, self.text)

    def segment(self, node: ast.AST) -> str:
        """The exact text of a node that has a place. Raises AttributeError for one without."""
        span = self.span(node)
        first, last = span.line - 1, span.end_line - 1
        if first == last:
            return self.lines[first][span.column - 1 : span.end_column - 1]
        pieces = [self.lines[first][span.column - 1 :], *self.lines[first + 1 : last]]
        return "".join([*pieces, self.lines[last][: span.end_column - 1]])

    def span(self, node: ast.AST) -> Span:
        """The place of a node in code points from 1, end exclusive; decorators lie outside."""
        line: int = node.lineno  # type: ignore[attr-defined]
        end_line: int = node.end_lineno  # type: ignore[attr-defined]
        column = self.column(line, node.col_offset)  # type: ignore[attr-defined]
        end_column = self.column(end_line, node.end_col_offset)  # type: ignore[attr-defined]
        return Span(line, column, end_line, end_column)

    def column(self, line: int, offset: int) -> int:
        """The column in code points from 1 of an `ast` offset (UTF-8 bytes from 0) of a line."""
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        if text.isascii():
            return offset + 1
        return len(text.encode()[:offset].decode(errors="ignore")) + 1

    @property
    def _payload(self) -> bytes:
        return self.data[len(BYTE_ORDER_MARK) :] if self.has_bom else self.data

    def _block_indentations(self) -> Iterator[str]:
        for outer, inner in _blocks(self.tree):
            before = self._leading_space(outer.lineno)
            after = self._leading_space(inner.lineno)
            if inner.lineno > outer.lineno and after.startswith(before) and after != before:
                yield after[len(before) :]

    def _leading_space(self, line: int) -> str:
        text = self.lines[line - 1].lstrip("\f")
        return text[: len(text) - len(text.lstrip(" \t"))]


def _lines_holding(text: str, word: str) -> Iterator[int]:
    """The lines of a text whose lines all end in a line feed, that hold a word."""
    line, at = 1, 0
    while (found := text.find(word, at)) >= 0:
        line += text.count("\n", at, found)
        yield line
        end = text.find("\n", found)
        if end < 0:
            return
        line, at = line + 1, end + 1


def _first_lines(data: bytes) -> io.BytesIO:
    """The first two lines, with the line ends that `tokenize` reads (it knows no lone \\r)."""
    lines: list[bytes] = []
    position = 0
    for _ in range(2):
        end = _line_end(data, position)
        lines.append(data[position:end])
        position = end + (2 if data[end : end + 2] == b"\r\n" else 1)
    return io.BytesIO(b"\n".join(lines))


def _line_end(data: bytes, position: int) -> int:
    found = [data.find(mark, position) for mark in (b"\n", b"\r")]
    return min((place for place in found if place != -1), default=len(data))


def _count_newlines(data: bytes) -> int:
    return data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")


def _blocks(tree: ast.Module) -> Iterator[tuple[ast.stmt, ast.stmt]]:
    """The first statement of the first blocks, each after the statement that holds it."""
    waiting: list[ast.stmt] = tree.body[::-1]
    seen = 0
    while waiting and seen < BLOCKS_LOOKED_AT:
        statement = waiting.pop()
        body = getattr(statement, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.stmt):
            seen += 1
            yield statement, body[0]
            waiting.extend(reversed(body))
