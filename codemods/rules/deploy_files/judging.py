"""What each kind of file says that the guide advises against."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from djfix.codemods.findings import Declined, Finding, Reason
from djfix.codemods.project.test_files import is_named_as_test
from djfix.codemods.rules.deploy_files.dockerfiles import in_dockerfile
from djfix.codemods.rules.deploy_files.options import DeployFilesOptions
from djfix.codemods.rules.deploy_files.processes import Where, is_for_development, judged
from djfix.codemods.rules.deploy_files.programs import started_by
from djfix.codemods.rules.deploy_files.surroundings import surroundings_of
from djfix.codemods.rules.deploy_files.values import (
    RULE,
    Advice,
    Place,
    declined_at,
    finding_of,
)
from djfix.codemods.source.document import Unreadable
from djfix.codemods.source.formats.compose import services_of
from djfix.codemods.source.formats.placed import Command, Placed
from djfix.codemods.source.formats.procfiles import processes_of
from djfix.codemods.source.formats.shell import commands_in
from djfix.codemods.source.formats.units import Entry, entries_of
from djfix.codemods.source.kinds import kind_of

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.source.document import Document

LONGEST = 256 * 1024
"""Of a file that is read, in code points: each of them is given its place."""

Said = tuple[Place, Advice | Reason]
Reader = Callable[["Document", "Project", DeployFilesOptions], Iterator[Said]]


def findings_in(
    document: Document, project: Project, options: DeployFilesOptions
) -> Iterator[Finding | Declined]:
    """The findings of a file; in one for development, what would be one is left alone."""
    kind = kind_of(document.path)
    reader = _READERS.get(kind or "")
    if reader is None:
        return
    if not _can_be_read(document):
        yield Declined(RULE, document.path, 1, _unread("is not UTF-8, or very long"))
        return
    # What is said of one file rests on others: so that no answer is kept beyond them.
    project.shared(surroundings_of)
    spared = is_for_development(document.path) or is_named_as_test(document.path)
    for place, said in reader(document, project, options):
        if isinstance(said, Reason):
            yield declined_at(place, said)
        elif spared or is_for_development(place.symbol):
            text = "by its name this is for development or tests"
            yield declined_at(place, Reason("development", text))
        else:
            yield finding_of(place, said)


def _dockerfile(
    document: Document, project: Project, options: DeployFilesOptions
) -> Iterator[Said]:
    return in_dockerfile(document, Where(project, options))


def _compose(document: Document, project: Project, options: DeployFilesOptions) -> Iterator[Said]:
    services = services_of(document.text)
    if services is None:
        yield Place(document, (0, 0), ""), _unread("is no YAML")
    for service in services or ():
        where = Where(project, options, variables=service.variables)
        for run in service.runs:
            place = Place(document, (run.start, run.end), service.name)
            yield from _each(place, run.commands, where)


def _procfile(document: Document, project: Project, options: DeployFilesOptions) -> Iterator[Said]:
    where = Where(project, options, is_platform=True)
    for process in processes_of(document.text):
        place = Place(document, (process.start, process.end), process.name)
        yield from _each(place, commands_in(process.command), where)


def _unit(document: Document, project: Project, options: DeployFilesOptions) -> Iterator[Said]:
    every = entries_of(document.text)
    of_a_user = any(
        each.key == "WantedBy" and "default.target" in each.value.text for each in every
    )
    entries = [entry for entry in every if entry.section == "Service"]
    variables = frozenset(
        word.partition("=")[0].strip("\"'")
        for entry in entries
        if entry.key == "Environment"
        for word in entry.value.text.split()
    )
    where = Where(project, options, variables=variables)
    symbol = document.path.rpartition("/")[2].removesuffix(".service")
    for entry in entries:
        if entry.key == "ExecStart":
            place = Place(document, (entry.start, entry.end), symbol)
            commands = commands_in(_bare(entry.value))
            yield from _each(place, commands, where)
            yield from _root_unit(place, entries, () if of_a_user else commands or ())


def _bare(value: Placed) -> Placed:
    """A command without what systemd reads in front of it."""
    return value.cut(len(value.text) - len(value.text.lstrip("-@:+!|")))


def _root_unit(
    place: Place, entries: Iterable[Entry], commands: Iterable[Command]
) -> Iterator[Said]:
    """A unit of the system runs as root unless it says who."""
    values = {entry.key: entry.value.text for entry in entries}
    if values.get("DynamicUser", "").lower() in ("yes", "true", "1", "on"):
        return
    started = [each for each in map(started_by, commands) if each is not None]
    own = [each for each in started if each.given("--user", "-u", "--uid")]
    if not started or own or values.get("User", "root") not in ("root", "0"):
        return
    reason = Reason("who-owns-the-files", "which user may read and write its files is not known")
    message = "the process runs as root: there is no User="
    yield place, Advice("root-user", message, (reason,), text=place.symbol)


def _shell(document: Document, project: Project, options: DeployFilesOptions) -> Iterator[Said]:
    text = document.text
    if document.path.endswith(".sh") or text.startswith("#!"):
        where = Where(project, options, is_script=True)
        commands = commands_in(Placed.of(text))
        symbol = document.path.rpartition("/")[2]
        for command in commands or ():
            if command.words:
                offsets = (command.words[0].start, command.words[-1].end)
                yield from _each(Place(document, offsets, symbol), (command,), where)


def _each(place: Place, commands: tuple[Command, ...] | None, where: Where) -> Iterator[Said]:
    if commands is None:
        return
    for command in commands:
        started = started_by(command)
        if started is not None:
            yield from ((place, said) for said in judged(started, where))


def _can_be_read(document: Document) -> bool:
    """Whether a file is text, and no longer than what is written by hand."""
    try:
        return len(document.text) <= LONGEST
    except Unreadable:
        return False


def _unread(why: str) -> Reason:
    return Reason("unread-file", f"the file {why}")


_READERS: Mapping[str, Reader] = {
    "dockerfile": _dockerfile,
    "compose": _compose,
    "procfile": _procfile,
    "unit": _unit,
    "shell": _shell,
}
