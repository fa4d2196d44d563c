"""What the user typed, as a value, and the one way to carry it out: replayed or run."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from djfix.codemods.engine.configuration import (
    Configuration,
    checked_version,
    parse_configuration,
)
from djfix.codemods.engine.replay import open_cache, recall, remember, run_key

if TYPE_CHECKING:
    from djfix.codemods.engine.values import Progress, Request, Result
    from djfix.codemods.source.cache import Cache
    from djfix.codemods.source.files import Files


@dataclass(frozen=True, slots=True)
class Invocation:
    """One command as typed. The texts are unchecked; `configured_in` is the folder, from the root,
    of the pyproject.toml whose text `configuration` holds.
    """

    root: Path
    paths: tuple[str, ...] = ()
    configuration: str | None = None
    configured_in: str = ""
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    target_version: str | None = None
    apply: bool = False
    unsafe: bool = False
    only: frozenset[str] | None = None
    jobs: int = 0
    cache: bool = True


def carry_out(
    invocation: Invocation, *, progress: Callable[[Progress], None] | None = None
) -> Result:
    """Run what was typed, or replay it where nothing has changed since.

    Raises UserError for anything mistyped or misconfigured, OSError if the root is unreadable.
    """
    configuration = configuration_of(invocation)
    listed_at = time.time_ns()
    files = listed_files(invocation, configuration)
    cache = open_cache(invocation.root) if invocation.cache else None
    try:
        return _answer(invocation, configuration, files, cache, listed_at, progress)
    finally:
        if cache is not None:
            cache.close()


def configuration_of(invocation: Invocation) -> Configuration:
    """The project's configuration with what was typed laid over it. Raises UserError."""
    from dataclasses import replace

    read = parse_configuration(invocation.configuration).moved(invocation.configured_in)
    if invocation.target_version is None:
        return read
    version = checked_version(invocation.target_version, "`--target-version`")
    return replace(read, target_version=version)


def listed_files(invocation: Invocation, configuration: Configuration) -> Files:
    """The project's files as they are listed now."""
    from djfix.codemods.source.files import Files, list_files

    return Files(invocation.root, list_files(invocation.root, exclude=configuration.exclude))


def new_files_of(
    invocation: Invocation, configuration: Configuration, files: Files
) -> frozenset[str] | None:
    """The migrations that are new since the base branch, where a chosen rule wants to know.

    None where none does, or git cannot tell. Raises UserError.
    """
    from djfix.codemods.engine.selection import chosen_entries
    from djfix.codemods.source.history import new_since_base

    chosen = chosen_entries(configuration, select=invocation.select, ignore=invocation.ignore)
    migrations = [path for path in files.paths if _is_in_migrations(path)]
    if not migrations or not any(entry.reads_history for entry in chosen):
        return None
    try:
        return new_since_base(invocation.root, migrations, configuration.base_branch)
    except LookupError:
        return None


def _is_in_migrations(path: str) -> bool:
    """Whether the folder of a Python file is named after migrations."""
    return path.endswith(".py") and "migration" in path.rpartition("/")[0].rpartition("/")[2]


def request_of(
    invocation: Invocation,
    configuration: Configuration,
    new_files: frozenset[str] | None = None,
) -> Request:
    """The request with its rules loaded and their options checked. Raises UserError."""
    from djfix.codemods.engine.selection import build_rules, chosen_entries, followers_of
    from djfix.codemods.engine.values import Request

    chosen = chosen_entries(configuration, select=invocation.select, ignore=invocation.ignore)
    rules = build_rules(chosen, configuration, invocation.settings)
    return Request(
        root=invocation.root,
        rules=rules,
        followers=followers_of(rules, configuration, invocation.settings),
        configuration=configuration,
        paths=invocation.paths,
        apply=invocation.apply,
        unsafe=invocation.unsafe,
        only=invocation.only,
        jobs=invocation.jobs,
        cache=invocation.cache,
        new_files=new_files,
    )


def _answer(
    invocation: Invocation,
    configuration: Configuration,
    files: Files,
    cache: Cache | None,
    listed_at: int,
    progress: Callable[[Progress], None] | None,
) -> Result:
    new_files = new_files_of(invocation, configuration, files)
    key = _key(invocation, new_files)
    # What is about to be written is worked out from the bytes themselves, never from memory.
    known = recall(cache, key, files) if cache and not invocation.apply else None
    if known is None:
        from djfix.codemods.engine.run import run

        request = request_of(invocation, configuration, new_files)
        known = run(request, files=files, cache=cache, progress=progress)
        if cache is not None and not invocation.apply:
            remember(cache, key, files, known, listed_at=listed_at)
        if cache is not None:
            cache.save()
    return known


def _key(invocation: Invocation, new_files: frozenset[str] | None) -> str:
    return run_key(
        str(invocation.root),
        sorted(invocation.paths),
        invocation.configuration,
        invocation.configured_in,
        invocation.select,
        invocation.ignore,
        invocation.settings,
        invocation.target_version,
        invocation.unsafe,
        None if invocation.only is None else sorted(invocation.only),
        None if new_files is None else sorted(new_files),
    )
