"""The instructions of a Dockerfile, as `dockerfile-parse` cuts them, with their places.

That parser does not know here-documents, and ends an instruction at an empty line where BuildKit
goes on; both are laid over with comment lines, which it knows, before it reads. A test compares
with BuildKit's own parser. https://docs.docker.com/reference/dockerfile/ has the syntax.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from djfix.codemods.source.formats.placed import Placed, joined

_KNOWN_TEXT = """
ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL
STOPSIGNAL USER VOLUME WORKDIR
"""
KNOWN = frozenset(_KNOWN_TEXT.split())
_MOST_HEREDOCS = 50
_HEREDOC = re.compile(r"\d*<<(?P<dash>-?)(?P<quote>[\"']?)(?P<word>[A-Za-z_]\w*)(?P=quote)")
_TAKES_HEREDOC = frozenset({"RUN", "COPY", "ADD"})
_ESCAPE = re.compile(r"\s*#\s*escape\s*=\s*([\\`])\s*", re.IGNORECASE)
_DIRECTIVE = re.compile(r"\s*#\s*[a-z]+\s*=.*", re.IGNORECASE)
_FLAG = re.compile(r"\s*(--[a-z][a-z-]*(?:=\S*)?)")
_FROM = re.compile(r"(\S+)(?:\s+AS\s+(\S+))?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: `name` in capitals, `body` what follows its flags, lines joined.

    `first`, `last`: its lines from 1, here-documents included. `start`, `end`: its text in the
    file without the last line's end. `heredocs`: their texts. `on_build`: it waits for an image
    that is made from this one.
    """

    name: str
    flags: tuple[str, ...]
    body: Placed
    first: int
    last: int
    start: int
    end: int
    heredocs: tuple[Placed, ...] = ()
    on_build: bool = False

    @property
    def text(self) -> str:
        """What it says, in one line."""
        return self.body.text.strip()


@dataclass(frozen=True, slots=True)
class Stage:
    """What one FROM begins: its image, its name in lower case ("" without), its instructions."""

    image: str
    name: str
    instructions: tuple[Instruction, ...]

    def named(self, *names: str) -> Iterator[Instruction]:
        """The instructions of these names, in order, that this very build carries out."""
        return (each for each in self.instructions if each.name in names and not each.on_build)


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """A Dockerfile: what stands before the first FROM (arguments), and the stages."""

    arguments: tuple[Instruction, ...]
    stages: tuple[Stage, ...]

    @property
    def instructions(self) -> Iterator[Instruction]:
        """All of them, in order."""
        yield from self.arguments
        for stage in self.stages:
            yield from stage.instructions


def dockerfile_of(text: str) -> Dockerfile | None:
    """What a Dockerfile says; None if it cannot be read as one."""
    instructions = _instructions(text)
    if instructions is None:
        return None
    starts = [place for place, each in enumerate(instructions) if each.name == "FROM"]
    if not starts:
        return None
    ends = [*starts[1:], len(instructions)]
    stages = [_stage(instructions[start:end]) for start, end in zip(starts, ends, strict=True)]
    before = instructions[: starts[0]]
    if any(stage is None for stage in stages) or any(each.name != "ARG" for each in before):
        return None
    return Dockerfile(tuple(before), tuple(stage for stage in stages if stage is not None))


def _stage(instructions: Sequence[Instruction]) -> Stage | None:
    found = _FROM.fullmatch(instructions[0].text)
    if found is None:
        return None
    return Stage(found[1], (found[2] or "").lower(), tuple(instructions))


def _instructions(text: str) -> list[Instruction] | None:
    """All instructions; None where one is unknown, or a here-document has no end."""
    lines = text.split("\n")
    laid = [line.rstrip("\r") if line.strip() else "#" for line in lines]
    hidden: dict[int, tuple[int, tuple[Placed, ...]]] = {}
    starts = _starts(lines)
    for _ in range(_MOST_HEREDOCS):
        found = _parsed(laid)
        waiting = next((each for each in found if _is_waiting(each, hidden)), None)
        if waiting is None:
            made = [
                _instruction(text, lines, starts, each, hidden, _escape(lines)) for each in found
            ]
            return None if None in made else [each for each in made if each is not None]
        bodies = _bodies(text, lines, starts, waiting)
        if bodies is None:
            return None
        last, _ = bodies
        hidden[waiting["startline"]] = bodies
        for number in range(waiting["endline"] + 1, last + 1):
            laid[number] = "#"
    return None


def _parsed(lines: Sequence[str]) -> list[dict[str, Any]]:
    from dockerfile_parse import DockerfileParser

    # One more line, for it forgets an instruction that the last one goes on. Its stubs ask for
    # text, but it decodes what it reads.
    data: Any = io.BytesIO("\n".join([*lines, " "]).encode(errors="surrogateescape"))
    parser = DockerfileParser(fileobj=data, env_replace=False)
    return [dict(each) for each in parser.structure if each["instruction"] != "COMMENT"]


def _escape(lines: Sequence[str]) -> str:
    for line in lines:
        found = _ESCAPE.fullmatch(line)
        if found is not None:
            return found[1]
        if _DIRECTIVE.fullmatch(line) is None:
            break
    return "\\"


def _name(found: dict[str, Any]) -> tuple[str, bool]:
    """The instruction that is carried out, and whether only ONBUILD."""
    name = str(found["instruction"])
    if name != "ONBUILD":
        return name, False
    return str(found["value"]).split(maxsplit=1)[0].upper() if found["value"] else name, True


def _is_waiting(found: dict[str, Any], hidden: dict[int, tuple[int, tuple[Placed, ...]]]) -> bool:
    name, _ = _name(found)
    if name not in _TAKES_HEREDOC or found["startline"] in hidden:
        return False
    return bool(_marks(found))


def _marks(found: dict[str, Any]) -> list[re.Match[str]]:
    """The here-documents that an instruction announces, outside of its quotes."""
    unquoted = re.sub(
        r"(?<!<)(?<!<-)\"(?:[^\"\\]|\\.)*\"|(?<!<)(?<!<-)'[^']*'", "", found["value"] or ""
    )
    return list(_HEREDOC.finditer(unquoted))


def _bodies(
    text: str,
    lines: Sequence[str],
    starts: Sequence[int],
    found: dict[str, Any],
) -> tuple[int, tuple[Placed, ...]] | None:
    """The last line of the here-documents of an instruction, and their texts."""
    line = found["endline"]
    texts: list[Placed] = []
    for mark in _marks(found):
        first = line = line + 1
        while line < len(lines) and not _ends(lines[line], mark):
            line += 1
        if line == len(lines):
            return None
        texts.append(Placed.of(text, starts[first], starts[line]))
    return line, tuple(texts)


def _ends(line: str, mark: re.Match[str]) -> bool:
    line = line.rstrip("\r")
    return (line.lstrip("\t") if mark["dash"] else line) == mark["word"]


def _starts(lines: Sequence[str]) -> list[int]:
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    return starts


def _instruction(
    text: str,
    lines: Sequence[str],
    starts: Sequence[int],
    found: dict[str, Any],
    hidden: dict[int, tuple[int, tuple[Placed, ...]]],
    escape: str,
) -> Instruction | None:
    name, on_build = _name(found)
    if name not in KNOWN:
        return None
    first, last = found["startline"], min(found["endline"], len(lines) - 1)
    while last > first and not _is_filled(lines[last]):
        last -= 1
    ended, heredocs = hidden.get(first, (last, ()))
    whole = joined(_logical(text, lines, starts, range(first, last + 1), escape))
    words = re.match(r"\s*ONBUILD\s+\S+|\s*\S+", whole.text, re.IGNORECASE)
    if words is None:
        return None
    flags, body = _flags(whole.cut(words.end()))
    if name not in ("FROM", "RUN", "COPY", "ADD", "HEALTHCHECK"):
        flags, body = (), whole.cut(words.end())
    end = starts[ended] + len(lines[ended].rstrip("\r"))
    start = starts[first] + len(lines[first]) - len(lines[first].lstrip())
    return Instruction(name, flags, body, first + 1, ended + 1, start, end, heredocs, on_build)


def _logical(
    text: str, lines: Sequence[str], starts: Sequence[int], numbers: range, escape: str
) -> Iterator[Placed]:
    """The lines of one instruction without comments, empty lines and what joins them."""
    for number in numbers:
        line = lines[number].rstrip("\r")
        if number > numbers.start and not _is_filled(line):
            continue
        trimmed = line.rstrip()
        end = len(trimmed) - 1 if trimmed.endswith(escape) else len(line)
        yield Placed.of(text, starts[number], starts[number] + end)


def _is_filled(line: str) -> bool:
    """Whether a line is neither empty nor a comment."""
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _flags(body: Placed) -> tuple[tuple[str, ...], Placed]:
    flags: list[str] = []
    position = 0
    while (found := _FLAG.match(body.text, position)) is not None:
        flags.append(found[1])
        position = found.end()
    return tuple(flags), body.cut(position)
