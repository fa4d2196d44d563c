"""Commands that are written as an array of JSON texts, each word with its place."""

from __future__ import annotations

from json import JSONDecodeError, JSONDecoder

from djfix.codemods.source.formats.placed import Command, Offsets, Placed, Word

_SPACE = " \t\r\n"


def array_of(text: Placed) -> Command | None:
    """The words of an array; None where this is none, so that Docker hands it to a shell."""
    start = _after_space(text.text, 0)
    if text.text[start : start + 1] != "[":
        return None
    position = _after_space(text.text, start + 1)
    words: list[Word] = []
    while text.text[position : position + 1] == '"':
        try:
            value, end = JSONDecoder().raw_decode(text.text, position)
        except JSONDecodeError:
            return None
        words.append(_word(text, value, position, end))
        position = _after_space(text.text, end)
        if text.text[position : position + 1] != ",":
            break
        position = _after_space(text.text, position + 1)
        if text.text[position : position + 1] != '"':
            return None
    is_closed = text.text[position : position + 1] == "]"
    if not is_closed or text.text[position + 1 :].strip(_SPACE):
        return None
    return Command(tuple(words), "array", before=_separator(text, words), quote='"')


def _word(text: Placed, value: str, start: int, end: int) -> Word:
    inside = text.cut(start + 1, end - 1)
    content = inside if inside.text == value else Placed(value, _spread(inside, value))
    return Word(value, True, text.places[start][0], text.places[end - 1][1], content)


def _spread(inside: Placed, value: str) -> tuple[Offsets, ...]:
    """The places of a text with escapes: each character's own."""
    places: list[Offsets] = []
    position = 0
    for character in value:
        width = 1
        if inside.text[position] == "\\":
            width = 6 if inside.text[position + 1] == "u" else 2
            width = 12 if ord(character) > 0xFFFF else width
        places.append((inside.places[position][0], inside.places[position + width - 1][1]))
        position += width
    return tuple(places)


def _separator(text: Placed, words: list[Word]) -> str:
    """A comma and a space, but for those who write none."""
    if len(words) > 1 and '","' in text.text and '", ' not in text.text:
        return ","
    return ", "


def _after_space(text: str, position: int) -> int:
    while position < len(text) and text[position] in _SPACE:
        position += 1
    return position
