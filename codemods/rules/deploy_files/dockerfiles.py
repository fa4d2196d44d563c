"""What a Dockerfile says that the guide advises against."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.findings import Evidence, Reason
from djfix.codemods.rules.deploy_files import images
from djfix.codemods.rules.deploy_files.images import Line
from djfix.codemods.rules.deploy_files.processes import Where, is_for_development, judged
from djfix.codemods.rules.deploy_files.programs import Started, requirement_files
from djfix.codemods.rules.deploy_files.requirements import installed, is_for_developers
from djfix.codemods.rules.deploy_files.stages import staged
from djfix.codemods.rules.deploy_files.users import root_user
from djfix.codemods.rules.deploy_files.values import Advice, Place
from djfix.codemods.source.formats.dockerfile import Dockerfile, Instruction, Stage, dockerfile_of

if TYPE_CHECKING:
    from djfix.codemods.source.document import Document

Said = tuple[Place, Advice | Reason]
_MOST_NAMED = 10


def in_dockerfile(document: Document, where: Where) -> Iterator[Said]:
    """All that is to be said, in the order of the file for each kind of advice."""
    dockerfile = dockerfile_of(document.text)
    if dockerfile is None:
        text = "it is no Dockerfile, or one with an instruction that is not known"
        yield Place(document, (0, 0), ""), Reason("unread-file", text)
        return
    lines = images.lines_of(dockerfile)
    for line in lines:
        place = _place(document, line.stage, line.instruction)
        for started in line.started:
            yield from ((place, said) for said in _of_program(dockerfile, line, started, where))
    if images.is_of_python(lines):
        yield from _developers(document, lines, where)
        yield from _of_image(document, dockerfile, lines, where)


def _place(document: Document, stage: Stage, instruction: Instruction) -> Place:
    return Place(document, (instruction.start, instruction.end), stage.name or "image")


def _of_program(
    dockerfile: Dockerfile, line: Line, started: Started, where: Where
) -> Iterator[Advice | Reason]:
    if started.program.endswith("install"):
        if line.instruction.name == "RUN":
            yield from _pip(dockerfile, line, started)
    elif line.instruction.name != "RUN":
        yield from _process(dockerfile, line, started, where)


def _process(
    dockerfile: Dockerfile, line: Line, started: Started, where: Where
) -> Iterator[Advice | Reason]:
    names = ("WEB_CONCURRENCY", "GUNICORN_CMD_ARGS")
    held = {name for name in names if images.sets_variable(dockerfile, line.stage, name)}
    around = Where(where.project, where.options, variables=frozenset(held))
    for said in judged(started, around):
        is_head = line.instruction.name == "ENTRYPOINT" and any(line.stage.named("CMD"))
        if isinstance(said, Advice) and is_head:
            text = "CMD, or who starts the container, hands it more options"
            reasons = (Reason("entrypoint-takes-more", text),)
            said = Advice(said.problem, said.message, reasons, said.adds, text=said.text)
        yield said


def _pip(dockerfile: Dockerfile, line: Line, started: Started) -> Iterator[Advice | Reason]:
    of_uv = started.program == "uv pip install"
    option = "--no-cache" if of_uv else "--no-cache-dir"
    names = ("--no-cache", "-n", "--cache-dir") if of_uv else ("--no-cache-dir", "--cache-dir")
    variable = "UV_NO_CACHE" if of_uv else "PIP_NO_CACHE_DIR"
    if any(word.value.partition("=")[0] in names for word in started.command.words):
        return
    if variable in started.command.variables or images.sets_variable(
        dockerfile, line.stage, variable
    ):
        yield Reason("cache-is-off", f"{variable} is set")
    elif images.has_pip_cache_mount(line.instruction):
        yield Reason("cache-is-mounted", "a mounted cache stays out of the image and saves time")
    elif images.removes_cache(line.commands or ()):
        yield Reason("cache-is-removed", "the same instruction removes it")
    elif images.is_cache_configured(dockerfile):
        yield Reason("configured-elsewhere", "pip has a configuration that may turn it off")
    elif started.is_unread:
        yield Reason("unread-arguments", "a variable of the command may hold the option")
    else:
        insertion = (started.at.end, started.command.spelled([option]))
        reasons = tuple(_pip_reasons(dockerfile, line))
        message = f"{started.program} without {option}: what it downloads stays in the layer"
        text = " ".join(started.command.values)
        yield Advice("pip-cache", message, reasons, (option,), (insertion,), text=text)


def _pip_reasons(dockerfile: Dockerfile, line: Line) -> Iterator[Reason]:
    text = "a changed line builds its layer anew, and with it all that follow"
    yield Reason("layers-are-built-anew", text)
    if line.stage is not dockerfile.stages[-1]:
        yield Reason("earlier-stage", "only what is copied from this stage is in the image")
    if images.ROOT_IMAGE.fullmatch(images.base_of(dockerfile, line.stage)) is None:
        text = "what the image sets for pip is not known"
        yield Reason("unknown-image", text)


def _developers(document: Document, lines: tuple[Line, ...], where: Where) -> Iterator[Said]:
    """What only developers need, in the requirements that an image for all installs."""
    for line in lines:
        if is_for_development(line.stage.name):
            continue
        names = [name for each in line.started for name in requirement_files(each.words)]
        found = installed(where.project, document.path, names) if names else ()
        needless = [each for each in found if is_for_developers(each)]
        if needless:
            packages = list(dict.fromkeys(each.name for each in needless))
            text = f"{', '.join(packages[:_MOST_NAMED])}: to be moved to a file of their own"
            evidence = tuple(
                Evidence(each.path, each.line, each.text) for each in needless[:_MOST_NAMED]
            )
            advice = Advice(
                "one-requirements-file",
                "the image installs what only developers need",
                (Reason("development-packages", text),),
                evidence=evidence,
                text=" ".join(names),
            )
            yield _place(document, line.stage, line.instruction), advice


def _of_image(
    document: Document, dockerfile: Dockerfile, lines: tuple[Line, ...], where: Where
) -> Iterator[Said]:
    final = dockerfile.stages[-1]
    place = _place(document, final, final.instructions[0])
    if not images.starts_something(dockerfile, final):
        return
    if len(dockerfile.stages) == 1 and any(_installs(line) for line in lines):
        yield place, staged(document, dockerfile, lines, where)
    said = root_user(document, dockerfile, lines, where.project)
    if said is not None:
        yield place, said


def _installs(line: Line) -> bool:
    return line.instruction.name == "RUN" and any(
        each.program.endswith("install") for each in line.started
    )
