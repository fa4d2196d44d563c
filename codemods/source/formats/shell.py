"""The commands of a shell script, read by tree-sitter's grammar of bash.

Words keep their places, quotes are taken off, and what `sh -c` is handed is read as a script, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from djfix.codemods.source.formats.placed import Command, Offsets, Placed, Word, joined

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh", "ksh"})
_TAKES_SCRIPT = re.compile(r"-[a-zA-Z]*c")
_DEEPEST = 4
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED_IN_QUOTES = frozenset('"\\$`\n')


@cache
def _parser() -> Parser:
    import tree_sitter_bash
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_bash.language()))


def commands_in(script: Placed, depth: int = 0) -> tuple[Command, ...] | None:
    """Every command, also of branches, substitutions and nested scripts; None if unreadable."""
    data = script.text.encode(errors="surrogateescape")
    root = _parser().parse(data).root_node
    if root.has_error or any(_hides_words(each) for each in _nodes(root, "file_redirect")):
        return None
    reader = _Reader(script, data)
    found: list[Command] = []
    for node in _nodes(root, "command"):
        command = reader.command(node)
        found.append(command)
        found += nested_in(command, depth)
    return tuple(found)


def nested_in(command: Command, depth: int = 0) -> tuple[Command, ...]:
    """The commands of the script that a shell is handed by `-c`."""
    script = script_of(command)
    if script is None or depth >= _DEEPEST:
        return ()
    return commands_in(script, depth + 1) or ()


def script_of(command: Command) -> Placed | None:
    """The script in `sh -c SCRIPT`, wherever in the command that stands."""
    words = command.words
    for number, word in enumerate(words[:-2]):
        if word.value.rpartition("/")[2] not in SHELLS:
            continue
        for place in range(number + 1, len(words) - 1):
            if not words[place].value.startswith("-"):
                break
            if _TAKES_SCRIPT.fullmatch(words[place].value):
                return words[place + 1].content
    return None


def _nodes(node: Node, kind: str) -> Iterator[Node]:
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if current.type == kind:
            yield current
        waiting.extend(reversed(current.named_children))


def _hides_words(redirect: Node) -> bool:
    """Whether the grammar takes words behind a redirection, which are the command's, for its."""
    return len(redirect.children_by_field_name("destination")) > 1


class _Reader:
    """Turns nodes, which count bytes, into words of a placed text."""

    def __init__(self, script: Placed, data: bytes) -> None:
        self._script = script
        self._data = data

    def command(self, node: Node) -> Command:
        words: list[Word] = []
        variables: list[str] = []
        for child in node.named_children:
            if child.type == "variable_assignment":
                variables.append(self._text(child.named_children[0]))
            elif child.type == "command_name":
                words += [self._word(each) for each in child.named_children[:1]]
            elif not child.type.endswith("redirect") and child.type != "comment":
                words.append(self._word(child))
        return Command(tuple(words), variables=tuple(variables))

    def _word(self, node: Node) -> Word:
        start, end = self._offsets(node)
        pieces, whole = [], True
        known = True
        for piece, is_literal in self._pieces(node):
            pieces.append(piece)
            whole = whole and is_literal
        literal = []
        for piece, is_literal in self._pieces(node):
            known = known and is_literal
            if not known:
                break
            literal.append(piece.text)
        places = self._script.places
        return Word("".join(literal), whole, places[start][0], places[end - 1][1], joined(pieces))

    def _pieces(self, node: Node) -> Iterator[tuple[Placed, bool]]:
        """The parts of a word without quotes and escapes; False for what only runs say."""
        start, end = self._offsets(node)
        text = self._script.cut(start, end)
        if node.type in ("word", "number", "string_content"):
            yield _unescaped(text, quoted=node.type == "string_content"), True
        elif node.type == "raw_string":
            yield text.cut(1, len(text.text) - 1), True
        elif node.type == "string":
            yield from self._inside(node, start + 1, end - 1)
        elif node.type == "concatenation":
            yield from self._inside(node, start, end)
        else:
            yield text, False

    def _inside(self, node: Node, position: int, end: int) -> Iterator[tuple[Placed, bool]]:
        """The children, and what the tree leaves out between them: white space, a lone dollar."""
        for child in node.named_children:
            first, last = self._offsets(child)
            if first > position:
                yield self._script.cut(position, first), True
            yield from self._pieces(child)
            position = last
        if position < end:
            yield self._script.cut(position, end), True

    def _text(self, node: Node) -> str:
        start, end = self._offsets(node)
        return self._script.text[start:end]

    def _offsets(self, node: Node) -> Offsets:
        if len(self._data) == len(self._script.text):
            return node.start_byte, node.end_byte
        before = self._data[: node.start_byte].decode(errors="surrogateescape")
        inside = self._data[node.start_byte : node.end_byte].decode(errors="surrogateescape")
        return len(before), len(before) + len(inside)


def _unescaped(text: Placed, *, quoted: bool) -> Placed:
    """A text without its backslashes; within quotes only some of them escape."""
    pieces: list[Placed] = []
    position = 0
    for found in _ESCAPE.finditer(text.text):
        if quoted and found[1] not in _ESCAPED_IN_QUOTES:
            continue
        pieces.append(text.cut(position, found.start()))
        if found[1] != "\n":
            place = (text.places[found.start()][0], text.places[found.end() - 1][1])
            pieces.append(Placed(found[1], (place,)))
        position = found.end()
    return joined([*pieces, text.cut(position)])
