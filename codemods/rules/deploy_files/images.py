"""What a Dockerfile builds: its Python image, who runs it, what pip leaves in it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from djfix.codemods.rules.deploy_files.programs import Started, started_by
from djfix.codemods.source.formats.arrays import array_of
from djfix.codemods.source.formats.dockerfile import Dockerfile, Instruction, Stage
from djfix.codemods.source.formats.placed import Command
from djfix.codemods.source.formats.shell import SHELLS, commands_in, nested_in

ROOT_IMAGE = re.compile(
    r"(?:docker\.io/)?(?:library/)?(?:python|pypy|debian|ubuntu|alpine|centos|fedora|rockylinux"
    r"|almalinux|amazonlinux|buildpack-deps|node)(?:[:@].*)?|ghcr\.io/astral-sh/uv[:@].*"
)
"""Images that are known to run as root, and to set nothing for pip."""

_APT_CACHES = re.compile(r"/var/(?:cache|lib)/(?:apt|apk|yum|dnf)|/etc/apk")
_HEREDOC_ALONE = re.compile(r"\s*<<-?[\"']?\w+[\"']?\s*")


@dataclass(frozen=True, slots=True)
class Line:
    """An instruction with the stage it stands in, and the programs of interest that it starts."""

    stage: Stage
    instruction: Instruction
    commands: tuple[Command, ...] | None
    started: tuple[Started, ...] = ()


def lines_of(dockerfile: Dockerfile) -> tuple[Line, ...]:
    """The instructions that run something, with what they run (None: cannot be read)."""
    return tuple(_lines(dockerfile))


def _lines(dockerfile: Dockerfile) -> Iterator[Line]:
    for stage in dockerfile.stages:
        for each in stage.instructions:
            if each.name in ("RUN", "CMD", "ENTRYPOINT"):
                commands = _commands(stage, each)
                found = (started_by(command) for command in commands or ())
                yield Line(stage, each, commands, tuple(one for one in found if one))


def _commands(stage: Stage, instruction: Instruction) -> tuple[Command, ...] | None:
    array = array_of(instruction.body)
    if array is not None:
        return (array, *nested_in(array))
    if not all(_is_shell(each) for each in stage.named("SHELL")):
        return None
    if not instruction.heredocs:
        return commands_in(instruction.body)
    if _HEREDOC_ALONE.fullmatch(instruction.body.text) is None:
        return None
    script = instruction.heredocs[0]
    if script.text.startswith("#!") and not any(
        f"/{shell}" in script.text.split("\n")[0] for shell in SHELLS
    ):
        return None
    return commands_in(script)


def _is_shell(instruction: Instruction) -> bool:
    array = array_of(instruction.body)
    return array is not None and array.values[0].rpartition("/")[2] in SHELLS


def ancestry(dockerfile: Dockerfile, stage: Stage) -> tuple[Stage, ...]:
    """A stage, the stage that it is made from, and so on."""
    chain = [stage]
    earlier = {each.name: each for each in dockerfile.stages if each.name}
    while (parent := earlier.get(chain[-1].image.lower())) is not None and parent not in chain:
        chain.append(parent)
    return tuple(chain)


def sets_variable(dockerfile: Dockerfile, stage: Stage, name: str) -> bool:
    """Whether a stage, or one that it is made from, gives a variable a value, or may."""
    for each in ancestry(dockerfile, stage):
        for instruction in each.named("ENV", "ARG"):
            if name in instruction.body.text and _gives(instruction, name):
                return True
    return False


def _gives(instruction: Instruction, name: str) -> bool:
    try:
        words = shlex.split(instruction.body.text)
    except ValueError:
        return True
    if words and "=" not in words[0]:
        return words[0] == name and (len(words) > 1 or instruction.name == "ARG")
    given = dict(word.partition("=")[::2] for word in words)
    return bool(given.get(name))


def has_pip_cache_mount(instruction: Instruction) -> bool:
    """Whether a cache is mounted that pip may use: one that is not of the system's packages."""
    mounts = (flag for flag in instruction.flags if flag.startswith("--mount="))
    caches = (flag for flag in mounts if "type=cache" in flag)
    return any(_APT_CACHES.search(flag) is None for flag in caches)


def removes_cache(commands: tuple[Command, ...]) -> bool:
    """Whether the same instruction takes pip's cache out again."""
    for command in commands:
        values = command.values
        is_removal = any(value.rpartition("/")[2] == "rm" for value in values)
        if is_removal and any(".cache" in value or value == "/root" for value in values):
            return True
        if "cache" in values and ("purge" in values or "clean" in values):
            return True
    return False


def is_cache_configured(dockerfile: Dockerfile) -> bool:
    """Whether pip may be configured apart from its command: a file, or `pip config`."""
    bodies = (each.body.text for each in dockerfile.instructions)
    return any(re.search(r"pip\.conf|pip\s+config|uv\.toml", body) for body in bodies)


def user_of(dockerfile: Dockerfile, stage: Stage) -> str | None:
    """Who a stage runs as: the last USER of it and what it is made from; None if nobody says."""
    for each in ancestry(dockerfile, stage):
        users = [instruction.text for instruction in each.named("USER")]
        if users:
            return users[-1]
    return None


def base_of(dockerfile: Dockerfile, stage: Stage) -> str:
    """The image that a stage is made from in the end."""
    return ancestry(dockerfile, stage)[-1].image


def starts_something(dockerfile: Dockerfile, stage: Stage) -> bool:
    """Whether a stage says what its containers run."""
    chain = ancestry(dockerfile, stage)
    return any(each for one in chain for each in one.named("CMD", "ENTRYPOINT"))


def is_of_python(lines: tuple[Line, ...]) -> bool:
    """Whether anything in a Dockerfile is a Python project's."""
    return any(line.started or "manage.py" in line.instruction.body.text for line in lines)
