"""YAML as `ruamel.yaml` composes it, and the texts of its scalars with their places.

Nodes carry marks, so that an edit touches nothing but the scalar; dumping a document would not
keep it to the byte. What a scalar says is followed through folding and quotes, and compared with
what the parser says it is: where the two differ, the scalar has no places.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from djfix.codemods.source.formats.placed import Offsets, Placed, joined

if TYPE_CHECKING:
    from collections.abc import Iterator

_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)*")


def documents_of(text: str) -> list[Any] | None:
    """The root nodes of the documents in a file; None if it cannot be parsed."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        return [each for each in YAML(typ="safe", pure=True).compose_all(text) if each is not None]
    except (YAMLError, ValueError, RecursionError):
        return None


def entries(node: Any) -> Iterator[tuple[str, Any, Any]]:
    """The keys of a mapping, as text and node, with their values; those merged in come last."""
    waiting, seen = [node], set[int]()
    while waiting:
        current = waiting.pop(0)
        if id(current) in seen or not is_mapping(current):
            continue
        seen.add(id(current))
        merged: list[Any] = []
        for key, value in current.value:
            if is_scalar(key) and key.value == "<<":
                merged += value.value if is_sequence(value) else [value]
            elif is_scalar(key):
                yield str(key.value), key, value
        waiting = [*merged, *waiting]


def value_of(node: Any, key: str) -> Any:
    """The value of a key, None without one; a mapping's own before what is merged in."""
    return next((value for name, _, value in entries(node) if name == key), None)


def is_mapping(node: Any) -> bool:
    """Whether a node is a mapping."""
    return type(node).__name__ == "MappingNode"


def is_sequence(node: Any) -> bool:
    """Whether a node is a list."""
    return type(node).__name__ == "SequenceNode"


def is_scalar(node: Any) -> bool:
    """Whether a node is a text, a number and the like."""
    return type(node).__name__ == "ScalarNode"


def offsets_of(text: str, node: Any) -> Offsets:
    """Where a scalar's own text stands, without its anchor and tag; quotes included."""
    start, end = node.start_mark.index, node.end_mark.index
    found = _PROPERTIES.match(text, start, end)
    return (found.end() if found else start), end


def placed_of(text: str, node: Any) -> Placed | None:
    """What a scalar says, with places; None where that cannot be followed."""
    start, end = offsets_of(text, node)
    if node.style in ("|", ">"):
        placed = _block(text, start, end, folded=node.style == ">")
    elif node.style == "'":
        placed = _single(_folded(Placed.of(text, start + 1, end - 1)))
    elif node.style == '"':
        placed = _double(_folded(Placed.of(text, start + 1, end - 1)))
    else:
        placed = _folded(Placed.of(text, start, end))
    value = str(node.value)
    if node.style in ("|", ">"):
        placed = placed.cut(0, len(placed.text.rstrip("\n")))
        value = value.rstrip("\n")
    return placed if placed.text == value else None


def _folded(raw: Placed) -> Placed:
    """A flow scalar's lines as one: each break between two lines is a space."""
    pieces: list[Placed] = []
    position = 0
    for found in re.finditer(r"[ \t]*\r?\n[ \t]*", raw.text):
        pieces.append(raw.cut(position, found.start()))
        pieces.append(Placed(" ", (_whole(raw, found.start(), found.end()),)))
        position = found.end()
    return joined([*pieces, raw.cut(position)])


def _single(raw: Placed) -> Placed:
    return _replaced(raw, re.compile("''"), lambda found: "'")


def _double(raw: Placed) -> Placed:
    return _replaced(raw, re.compile(r"\\([\"\\/])"), lambda found: found[1])


def _replaced(raw: Placed, pattern: re.Pattern[str], new: Any) -> Placed:
    pieces: list[Placed] = []
    position = 0
    for found in pattern.finditer(raw.text):
        pieces.append(raw.cut(position, found.start()))
        pieces.append(Placed(new(found), (_whole(raw, found.start(), found.end()),)))
        position = found.end()
    return joined([*pieces, raw.cut(position)])


def _whole(raw: Placed, start: int, end: int) -> Offsets:
    return raw.places[start][0], raw.places[end - 1][1]


def _block(text: str, start: int, end: int, *, folded: bool) -> Placed:
    """The lines of a block scalar without their indentation; folded ones joined by spaces."""
    header = text.find("\n", start, end)
    if header < 0:
        return Placed("", ())
    lines = _lines(text, header + 1, end)
    filled = [each for each in lines if each.text.strip()]
    if not filled:
        return Placed("", ())
    indent = len(filled[0].text) - len(filled[0].text.lstrip(" "))
    bare = [each.cut(min(indent, len(each.text))) for each in lines]
    while bare and not bare[-1].text.strip("\r"):
        bare.pop()
    pieces: list[Placed] = []
    for number, line in enumerate(bare):
        clean = line.cut(0, len(line.text.rstrip("\r")))
        pieces.append(clean)
        if number + 1 < len(bare):
            after = bare[number + 1].text
            space = folded and _folds(clean.text) and _folds(after)
            place = (
                (lines[number].places[-1][1] - 1, lines[number].places[-1][1])
                if (lines[number].places)
                else (end - 1, end)
            )
            pieces.append(Placed(" " if space else "\n", (place,)))
    return joined(pieces)


def _folds(line: str) -> bool:
    """Whether a line of a folded scalar runs on into its neighbours."""
    return bool(line.strip()) and not line.startswith((" ", "\t"))


def _lines(text: str, start: int, end: int) -> list[Placed]:
    lines = []
    while start < end:
        stop = text.find("\n", start, end)
        stop = end if stop < 0 else stop
        lines.append(Placed.of(text, start, stop))
        start = stop + 1
    return lines
