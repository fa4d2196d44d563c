"""The commands of the services of a compose file, each with its key's place.

https://docs.docker.com/reference/compose-file/services/#command: a text is split into words as a
shell would, and no shell runs it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from djfix.codemods.source.formats import scalars
from djfix.codemods.source.formats.placed import Command, Placed, Word
from djfix.codemods.source.formats.shell import commands_in, nested_in

KEYS = ("entrypoint", "command")


@dataclass(frozen=True, slots=True)
class Run:
    """What one key of a service starts, None where it cannot be read; from the key to the end."""

    commands: tuple[Command, ...] | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Service:
    """One service: what it starts, and the names of the variables that it gives the process.

    `has_volumes`, `has_user`, `builds`: whether it says such a thing.
    """

    name: str
    runs: tuple[Run, ...]
    variables: frozenset[str] = frozenset()
    has_volumes: bool = False
    has_user: bool = False
    builds: bool = False


def services_of(text: str) -> tuple[Service, ...] | None:
    """The services of a file; None if it cannot be parsed. What several share is there once."""
    documents = scalars.documents_of(text)
    if documents is None:
        return None
    seen: set[int] = set()
    return tuple(each for root in documents for each in _services(text, root, seen))


def _services(text: str, root: Any, seen: set[int]) -> Iterator[Service]:
    for name, _, service in scalars.entries(scalars.value_of(root, "services")):
        has = frozenset(key for key, _, _ in scalars.entries(service))
        yield Service(
            name,
            tuple(_runs(text, service, seen)),
            frozenset(_variables(scalars.value_of(service, "environment"))),
            has_volumes="volumes" in has,
            has_user="user" in has,
            builds="build" in has,
        )


def _runs(text: str, service: Any, seen: set[int]) -> Iterator[Run]:
    given: set[str] = set()
    for key, node, value in scalars.entries(service):
        start = value.start_mark.index
        if key not in KEYS or key in given:
            continue
        given.add(key)
        if start not in seen:
            seen.add(start)
            end = len(text[: value.end_mark.index].rstrip())
            first = node.start_mark.index if node.start_mark.index < start else start
            yield Run(_commands(text, value), first, end)


def _commands(text: str, node: Any) -> tuple[Command, ...] | None:
    if scalars.is_sequence(node):
        command = _listed(text, node)
        return None if command is None else (command, *nested_in(command))
    if not scalars.is_scalar(node):
        return None
    placed = scalars.placed_of(text, node)
    return None if placed is None else commands_in(_in_one_line(placed))


def _in_one_line(placed: Placed) -> Placed:
    """The text with a space for each line end that no quote holds: there is no shell to read it."""
    quote = ""
    characters = []
    for character in placed.text:
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        characters.append(" " if character == "\n" and not quote else character)
    return Placed("".join(characters), placed.places)


def _listed(text: str, node: Any) -> Command | None:
    words = [_word(text, each) for each in node.value if scalars.is_scalar(each)]
    known = [word for word in words if word is not None]
    if len(known) != len(node.value) or not known:
        return None
    last = text[known[-1].start : known[-1].end]
    quote = last[0] if last[0] in "'\"" else ""
    if node.flow_style:
        return Command(tuple(known), "array", before=", ", quote=quote)
    line = text.rfind("\n", 0, known[-1].start) + 1
    newline = "\r\n" if text[line - 2 : line] == "\r\n" else "\n"
    before = f"{newline}{text[line : known[-1].start]}"
    if before.strip() != "-" or last[0] in "|>":
        return None
    return Command(tuple(known), "lines", before=before, quote=quote or '"')


def _word(text: str, node: Any) -> Word | None:
    start, end = scalars.offsets_of(text, node)
    placed = scalars.placed_of(text, node)
    if placed is None:
        return None
    end = start + len(text[start:end].rstrip())
    # `$$` is a dollar for Compose; anything else is put in before the words are split.
    known = _without_dollars(placed)
    return Word(known, known == placed.text, start, end, placed)


def _without_dollars(placed: Placed) -> str:
    return placed.text.partition("$")[0] if "$" in placed.text.replace("$$", "") else placed.text


def _variables(node: Any) -> Iterator[str]:
    if node is None:
        return
    yield from (name for name, _, _ in scalars.entries(node))
    for each in node.value if scalars.is_sequence(node) else ():
        if scalars.is_scalar(each):
            yield str(each.value).partition("=")[0]
