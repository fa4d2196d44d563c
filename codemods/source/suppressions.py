"""`# djfix: ignore[rule] -- reason`: the comments that tell djfix to leave code alone."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from djfix.codemods.source.document import Document
    from djfix.codemods.source.files import Files

MARK = b"djfix:"
"""A file without these bytes holds no suppression."""

FORM = "`# djfix: ignore[rule] -- reason`"

_COMMENT = re.compile(r"#\s*djfix:\s*(?P<word>ignore-file|ignore)\b(?P<rest>.*)")
_RULES = re.compile(r"\s*\[(?P<rules>[^\]]*)\]\s*(?:--\s*(?P<reason>.*))?")


@dataclass(frozen=True, slots=True)
class Suppression:
    """One comment: the rules it names, where it stands, the lines it speaks for.

    `own_line`: nothing but the comment stands on the line. `whole_file`: ignore-file.
    """

    line: int
    rules: tuple[str, ...]
    reason: str
    own_line: bool
    whole_file: bool


@dataclass(frozen=True, slots=True)
class Malformed:
    """A comment that names no rule; `message` says how to write it."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Suppressions:
    """The suppressions of one file."""

    comments: tuple[Suppression, ...] = ()
    malformed: tuple[Malformed, ...] = ()

    def for_file(self, rule: str) -> Suppression | None:
        """The comment that takes the whole file out for a rule."""
        named = (each for each in self.comments if each.whole_file and rule in each.rules)
        return next(named, None)

    def at(self, document: Document, rule: str, line: int) -> Suppression | None:
        """The comment that suppresses a rule's finding, or evidence, on this line.

        On a line of the statement there (for a compound statement: of its head), or in the
        comment lines directly above the statement or above its first decorator. In other files
        than Python also among the lines that one instruction goes on over.
        """
        if not self.comments:
            return None
        whole = self.for_file(rule)
        if whole is not None:
            return whole
        mine = [each for each in self.comments if rule in each.rules and not each.whole_file]
        spoken_for = statement_lines(document, line) if mine else range(0)
        for each in mine:
            on_it = each.line in spoken_for and not (each.own_line and document.is_python)
            if on_it or (each.own_line and _is_above(document, each.line, spoken_for.start)):
                return each
        return None


def suppressions(document: Document) -> Suppressions:
    """The suppressions of a file; only real comments count. Raises Unreadable."""
    if MARK not in document.data:
        return Suppressions()
    comments: list[Suppression] = []
    malformed: list[Malformed] = []
    for line, text, own_line in _comments(document):
        found = _COMMENT.search(text)
        if found is None:
            continue
        read = _read(found, line, own_line)
        if isinstance(read, Suppression):
            comments.append(read)
        else:
            malformed.append(read)
    return Suppressions(tuple(comments), tuple(malformed))


def suppressing_line(files: Files, rule: str, path: str, line: int) -> int | None:
    """The line of the comment that takes a line of any file out for a rule, None without one.

    A file that cannot be read takes nothing out.
    """
    from djfix.codemods.source.document import Unreadable

    try:
        document = files.document(path)
        if MARK not in document.data:
            return None
        found = suppressions(document).at(document, rule, line)
    except (Unreadable, OSError):
        return None
    return None if found is None else found.line


def _read(found: re.Match[str], line: int, own_line: bool) -> Suppression | Malformed:
    word = found["word"]
    form = FORM.replace("ignore", word)
    listed = _RULES.match(found["rest"])
    if listed is None:
        return Malformed(line, f"`# djfix: {word}` names no rule; write {form}")
    rules = tuple(name for each in listed["rules"].split(",") if (name := each.strip()))
    if not rules:
        return Malformed(line, f"`# djfix: {word}[]` names no rule; write {form}")
    reason = (listed["reason"] or "").strip()
    return Suppression(line, rules, reason, own_line, word == "ignore-file")


def _comments(document: Document) -> Iterator[tuple[int, str, bool]]:
    """Line, text and whether it stands alone, of each comment up to where tokens end."""
    if not document.is_python:
        yield from _plain_comments(document)
        return
    try:
        for token in tokenize.generate_tokens(_readline(document)):
            if token.type == tokenize.COMMENT:
                line, column = token.start
                yield line, token.string, not document.lines[line - 1][:column].strip(" \t\f")
    except (tokenize.TokenError, SyntaxError):
        return  # the tree of this file is unreadable, too, and reported as that


def _plain_comments(document: Document) -> Iterator[tuple[int, str, bool]]:
    """As `_comments`, of a file where `#` begins a comment at a line's start or after a space."""
    for number, line in enumerate(document.lines, 1):
        found = re.search(r"(?:^|\s)(#.*)", line)
        if found is not None and "djfix:" in line:
            yield number, line[found.start(1) :].rstrip("\r\n"), not line[: found.start(1)].strip()


def _readline(document: Document) -> Callable[[], str]:
    # Line ends are unified so that lone carriage returns count lines as the Document does.
    text = "".join(f"{line.rstrip(chr(13) + chr(10))}\n" for line in document.lines)
    return io.StringIO(text).readline


def statement_lines(document: Document, line: int) -> range:
    """The lines of the innermost statement at a line; of a compound one only its head."""
    if not document.is_python:
        return _joined_lines(document, line)
    best = range(line, line + 1)
    for node in ast.walk(document.tree):
        # Outer statements are walked before what they hold, so the last is the innermost.
        if isinstance(node, ast.stmt) and line in _head(node):
            best = _head(node)
    return best


def _joined_lines(document: Document, line: int) -> range:
    """The lines that a last backslash (in a Dockerfile of Windows, a backtick) makes one of."""
    first = last = line
    while first > 1 and _goes_on(document, first - 1):
        first -= 1
    while last < len(document.lines) and _goes_on(document, last):
        last += 1
    return range(first, last + 1)


def _goes_on(document: Document, line: int) -> bool:
    """Whether the next line belongs to this one; a comment goes on as what it stands in does."""
    while line > 1 and document.lines[line - 1].lstrip().startswith("#"):
        line -= 1
    return document.lines[line - 1].rstrip().endswith(("\\", "`"))


def _head(statement: ast.stmt) -> range:
    decorators = getattr(statement, "decorator_list", ())
    first = min([statement.lineno, *(each.lineno for each in decorators)])
    body = getattr(statement, "body", None)
    assert statement.end_lineno is not None
    if isinstance(body, list) and body:
        start = body[0]
        below = min([start.lineno, *(each.lineno for each in getattr(start, "decorator_list", ()))])
        return range(first, max(below, statement.lineno + 1))
    if isinstance(statement, ast.Match):
        return range(first, statement.cases[0].pattern.lineno)
    return range(first, statement.end_lineno + 1)


def _is_above(document: Document, line: int, first: int) -> bool:
    """Whether only comment lines stand between a comment and the first line of a statement."""
    if not line < first:
        return False
    between = document.lines[line : first - 1]
    return all(text.lstrip(" \t\f").startswith("#") for text in between)
