"""A single-stage image in two stages, where what pip installs can be carried over whole.

The image of https://hub.docker.com/_/python holds its Python in /usr/local, and pip, run by root,
installs there and nowhere else. So a second stage from the same image that takes /usr/local of the
first has the same files, as long as pip replaces none that the image brought: a file that a newer
release no longer has would stay. From 3.12 on the only such package is pip itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason
from djfix.codemods.rules.deploy_files.images import Line
from djfix.codemods.rules.deploy_files.programs import Started, requirement_files
from djfix.codemods.rules.deploy_files.requirements import installed
from djfix.codemods.rules.deploy_files.values import Advice
from djfix.codemods.source.formats.dockerfile import Dockerfile, Instruction

if TYPE_CHECKING:
    from djfix.codemods.rules.deploy_files.processes import Where
    from djfix.codemods.source.document import Document

PREFIX = "/usr/local"
STAGE = "builder"
_OFFICIAL = re.compile(r"(?:docker\.io/)?(?:library/)?python:3\.(\d+)(?:\.\d+)?(?:-[a-z0-9.-]+)?")
_FIRST_WITH_ONLY_PIP = 12
_BUILD_TOOLS = re.compile(
    r"(?<![\w./-])(?:build-essential|gcc|g\+\+|make|cmake|musl-dev|linux-headers|cargo|rustc|git"
    r"|[a-z0-9.+]+(?:-[a-z0-9.+]+)*-dev|python3?-dev)(?![\w/-])"
)
_REPEATED = frozenset({"ENV", "WORKDIR", "LABEL", "EXPOSE"})
_PLAIN_OPTIONS = frozenset(
    {"--no-cache-dir", "-r", "--requirement", "--no-compile", "--disable-pip-version-check", "-q"}
)
_BROUGHT = frozenset({"pip", "setuptools", "wheel"})
_MOVES_PIP = re.compile(
    r"\b(?:PIP_(?:TARGET|PREFIX|USER|ROOT|PYTHON|CONFIG_FILE|SRC|UPGRADE)|PYTHONUSERBASE|PATH)\b"
)
"""Variables by which pip installs elsewhere, or is another pip."""


def staged(
    document: Document, dockerfile: Dockerfile, lines: Sequence[Line], where: Where
) -> Advice:
    """The advice for an image of one stage: two stages, or why they are left to a person."""
    message = "a single stage: all that building needs stays in the image"
    tools = _tools(lines)
    if tools:
        text = f"{', '.join(tools)} stay in the image; what they build needs is not known"
        return Advice("single-stage", message, (Reason("build-tools", text),), text="FROM")
    plain = [line.instruction for line in lines if _is_plain(line)]
    parts = _parts(dockerfile.stages[0].instructions, plain)
    why = _not_simple(dockerfile, lines, parts, document, where)
    if why or parts is None:
        reason = Reason(
            "not-simple",
            why
            or "more stands in front of a plain pip than its files and what is said of the image",
        )
        return Advice("single-stage", message, (reason,), text="FROM")
    text = f"all that pip installs stands in {PREFIX}, and is copied whole from the first stage"
    return Advice(
        "single-stage",
        message,
        (Reason("copies-what-pip-installed", text),),
        (f"AS {STAGE}", f"COPY --from={STAGE}"),
        tuple(_insertions(document, parts)),
        text="FROM",
    )


Parts = tuple[list[Instruction], list[Instruction]]
"""What stands up to the last pip, and what follows."""


def _parts(instructions: Sequence[Instruction], plain: Sequence[Instruction]) -> Parts | None:
    """FROM, what is said of the image, COPY of files for pip, its plain RUNs; then all the rest."""
    place = 1
    while place < len(instructions) and instructions[place].name in (*_REPEATED, "COPY"):
        if instructions[place].name == "COPY" and not _copies_files(instructions[place]):
            break
        place += 1
    last = place
    while last < len(instructions) and instructions[last] in plain:
        last += 1
    copies = [each for each in instructions[1:place] if each.name == "COPY"]
    if last == place or not copies:
        return None
    return list(instructions[:last]), list(instructions[last:])


def _copies_files(instruction: Instruction) -> bool:
    """Whether only files of requirements are copied: the image gets them again with the rest."""
    words = instruction.text.split()
    if instruction.flags or len(words) < 2 or words[0].startswith("["):
        return False
    return all("requirements" in word or "constraints" in word for word in words[:-1])


def _not_simple(
    dockerfile: Dockerfile,
    lines: Sequence[Line],
    parts: Parts | None,
    document: Document,
    where: Where,
) -> str:
    if parts is None:
        return ""
    stage = dockerfile.stages[0]
    found = _OFFICIAL.fullmatch(stage.image)
    if found is None or int(found[1]) < _FIRST_WITH_ONLY_PIP:
        return "the image is not python:3.12 or later, by its full name"
    if stage.name or dockerfile.arguments or stage.instructions[0].flags:
        return "the stage has a name, or is made with arguments"
    before, after = parts
    runs = [line for line in lines if line.instruction in before]
    rest = [line for line in lines if line.instruction in after]
    if any(each.program.endswith("install") for line in rest for each in line.started):
        return "pip runs again later"
    if any(_MOVES_PIP.search(each.body.text) for each in before if each.name == "ENV"):
        return "a variable may have pip install elsewhere"
    if not any(_copies_all(each) for each in after):
        return "the project's files are not copied as a whole"
    return _of_requirements(runs, document, where)


def _is_plain(line: Line) -> bool:
    commands = line.commands or ()
    if len(line.started) != len(commands) or not commands or line.instruction.flags:
        return False
    return all(_is_plain_pip(each) for each in line.started)


def _is_plain_pip(started: Started) -> bool:
    if started.program != "pip install" or started.command.variables:
        return False
    options = [word.value for word in started.words if word.value.startswith("-")]
    return _PLAIN_OPTIONS.issuperset(options) and all(word.is_whole for word in started.words)


def _copies_all(instruction: Instruction) -> bool:
    words = instruction.text.split()
    return (
        instruction.name == "COPY"
        and words[:1]
        in (
            [
                ".",
            ],
            ["./"],
        )
        and len(words) == 2
    )


def _of_requirements(runs: Sequence[Line], document: Document, where: Where) -> str:
    """Why what is installed may stand elsewhere, or take the place of what the image brought."""
    started = [each for line in runs for each in line.started]
    files = [name for each in started for name in requirement_files(each.words)]
    found = installed(where.project, document.path, files)
    if not files or not found:
        return "the requirements cannot be read"
    named = {word.value for each in started for word in each.words} | {r.name for r in found}
    if any(re.split(r"[\[=<>~!]", name)[0].lower() in _BROUGHT for name in named):
        return "it installs another pip, setuptools or wheel over the image's own"
    odd = [each for each in found if each.text.startswith("-") and not _is_harmless(each.text)]
    if odd or any("://" in each.text or each.text.startswith(".") for each in found):
        return "the requirements hold options, links or folders"
    return ""


def _is_harmless(text: str) -> bool:
    return text.startswith(("-r", "--requirement", "-c", "--constraint", "--hash"))


def _insertions(document: Document, parts: Parts) -> Iterator[tuple[int, str]]:
    """A name for the first stage, and behind its pip a second one with the same beginning."""
    before, _ = parts
    newline = document.newline
    text = document.text
    yield before[0].end, f" AS {STAGE}"
    repeated = [each for each in before[1:] if each.name in _REPEATED]
    second = [
        text[before[0].start : before[0].end],
        *(text[each.start : each.end] for each in repeated),
        f"COPY --from={STAGE} {PREFIX} {PREFIX}",
    ]
    yield before[-1].end, newline * 2 + newline.join(second)


def _tools(lines: Sequence[Line]) -> list[str]:
    """The packages for building that the system's package manager installs."""
    found: list[str] = []
    for line in lines:
        for command in line.commands or ():
            values = command.values
            if values and values[0] in ("apt-get", "apt", "apk", "yum", "dnf", "microdnf"):
                found += [each for each in values[1:] if _BUILD_TOOLS.fullmatch(each)]
    return list(dict.fromkeys(found))
