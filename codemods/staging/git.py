"""The git program, driven through GitPython so that nothing of a hostile repository runs.

Every call switches off what a repository's configuration could start: the file-system monitor,
hooks, external diff and textconv, transports (a partial clone fetches missing objects through
them), pager and prompts. Filters have no one switch, and git runs them where one least expects it:
whenever it writes the index it looks again at files as young as the index, of whatever path. So
every driver that is configured is emptied by name; `dirty` refuses paths that need one.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from shlex import quote
from typing import Any, BinaryIO

from djfix.codemods.staging.place import Place
from djfix.codemods.staging.refusal import Refused, refuse

NOTHING_RUNS = (
    "--no-pager",
    "-c",
    "core.fsmonitor=false",
    "-c",
    f"core.hooksPath={os.devnull}",
    "-c",
    "diff.external=",
    "-c",
    "protocol.allow=never",
    "-c",
    "core.safecrlf=false",
    "-c",
    "gc.auto=0",
    "-c",
    "submodule.recurse=false",
)
ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_GLOB_PATHSPECS": "0",
    "GIT_NOGLOB_PATHSPECS": "0",
    "GIT_ICASE_PATHSPECS": "0",
}
ARGUMENTS = 20_000
"""Bytes of paths in one command line; Windows takes 32,767 characters in all."""


@dataclass(frozen=True, slots=True)
class Git:
    """Runs git in one work tree. `environment` is laid over the inherited one.

    `options` stand before every command. `inherit` are file descriptors that git holds open as
    long as it runs: a git that outlives a killed djfix so keeps the lock (POSIX only).
    """

    folder: Path
    environment: Mapping[str, str]
    inherit: tuple[int, ...] = ()
    options: tuple[str, ...] = NOTHING_RUNS

    def run(self, *arguments: str, data: bytes = b"") -> bytes:
        """git's output. Raises `Refused` with git's own words if it fails."""
        status, output, errors = self.attempt(*arguments, data=data)
        if status:
            raise _failed(arguments, errors, self.folder)
        return output

    def attempt(self, *arguments: str, data: bytes = b"") -> tuple[int, bytes, str]:
        """git's exit status, output and errors. Raises `Refused` if there is no git program."""
        with tempfile.TemporaryFile() as stream:
            stream.write(data)
            stream.seek(0)
            return _execute(self, (*self.options, *arguments), stream)

    def over(self, *arguments: str, paths: Sequence[str]) -> bytes:
        """The joined output of a command for many paths, as few command lines as it takes."""
        return b"".join(self.run(*arguments, "--", *some) for some in _portions(paths))

    def at(self, folder: Path) -> Git:
        """The same git, run in another folder."""
        return replace(self, folder=folder)

    def with_environment(self, **variables: str) -> Git:
        """The same git with more variables."""
        return replace(self, environment={**self.environment, **variables})


def open_repository(place: Place, *, inherit: tuple[int, ...] = ()) -> Git:
    """The git of a place that has a repository.

    Raises `Refused`: no git program, git refuses the repository (its `safe.directory`), or the
    configuration puts the work tree elsewhere.
    """
    assert place.git_dir is not None
    environment = {**ENVIRONMENT, **_index_file(place)}
    named = {"GIT_DIR": str(place.git_dir), "GIT_WORK_TREE": str(place.base)}
    asking = Git(place.base, {**environment, **(named if "GIT_DIR" in os.environ else {})}, inherit)
    top = os.fsdecode(asking.run("rev-parse", "--show-toplevel")).rstrip("\n")
    if Path(os.path.realpath(top)) != place.base:
        raise refuse(
            f"git takes {top} for the work tree of {place.base} (core.worktree or GIT_WORK_TREE)",
            f"git -C {quote(str(place.base))} config --unset core.worktree",
        )
    git = replace(asking, environment={**environment, **named})
    return replace(git, options=(*git.options, *_no_filters(git)))


def _no_filters(git: Git) -> Iterator[str]:
    """Options that empty every filter driver. Raises `Refused` for a name that none can reach."""
    _, output, _ = git.attempt("config", "--null", "--name-only", "--get-regexp", r"^filter\.")
    for driver in sorted({key.rpartition(".")[0] for key in zero_ended(output)}):
        if "=" in driver:
            raise refuse(f"the filter driver {driver!r} of this repository cannot be switched off")
        for setting in ("clean=", "smudge=", "process=", "required=false"):
            yield from ("-c", f"{driver}.{setting}")


def _index_file(place: Place) -> dict[str, str]:
    """An inherited index (a hook of `git commit -a` has its own); git reads it from the top."""
    inherited = os.environ.get("GIT_INDEX_FILE")
    return {"GIT_INDEX_FILE": str(place.base / inherited)} if inherited else {}


def zero_ended(output: bytes) -> Iterator[str]:
    """The records of an output made with `-z`."""
    return (os.fsdecode(record) for record in output.split(b"\0") if record)


def zero_joined(records: Iterable[str]) -> bytes:
    """Records as an input for `-z`."""
    return b"".join(os.fsencode(record) + b"\0" for record in records)


def _portions(paths: Sequence[str]) -> Iterator[list[str]]:
    portion: list[str] = []
    size = 0
    for path in paths:
        if portion and size + len(path) * 3 > ARGUMENTS:
            yield portion
            portion, size = [], 0
        portion.append(path)
        size += len(path) * 3
    if portion:
        yield portion


def _execute(git: Git, arguments: Sequence[str], stream: BinaryIO) -> tuple[int, bytes, str]:
    """One call through GitPython's driver, whose import already looks for the program."""
    options: dict[str, Any] = (
        {"pass_fds": git.inherit} if git.inherit and os.name == "posix" else {}
    )
    try:
        from git.cmd import Git as Driver
        from git.exc import GitCommandNotFound
    except ImportError as error:
        raise _no_program() from error
    try:
        status, output, errors = Driver(str(git.folder)).execute(
            [Driver.GIT_PYTHON_GIT_EXECUTABLE or "git", *arguments],
            istream=stream,
            with_extended_output=True,
            with_exceptions=False,
            stdout_as_string=False,
            strip_newline_in_stdout=False,
            env=dict(git.environment),
            **options,
        )
    except (GitCommandNotFound, PermissionError) as error:
        raise _no_program() from error
    return status, output, _text(errors)


def _text(errors: str | bytes) -> str:
    return (errors if isinstance(errors, str) else errors.decode("utf-8", "replace")).strip()


def _no_program() -> Refused:
    return refuse(
        "the git program was not found; install it, or let djfix write the files without staging",
        "djfix apply --no-stage",
    )


def _failed(arguments: Sequence[str], errors: str, folder: Path) -> Refused:
    """git's failure in words; the two that users meet are explained."""
    if "dubious ownership" in errors:
        return refuse(
            f"git does not trust the repository {folder}: its files belong to another user",
            f"git config --global --add safe.directory {quote(str(folder))}",
        )
    if "index.lock" in errors:
        return _held(errors)
    return refuse(f"git {arguments[0]} failed: {errors or 'without a word'}")


def _held(errors: str) -> Refused:
    """A git at work, or one that was killed and left its lock; git itself cannot tell either."""
    lock = re.search(r"'([^']*index\.lock)'", errors)
    return refuse(
        "another git process holds the index; if none is at work, one was killed and left its lock",
        f"rm {quote(lock[1])}" if lock else "",
    )
