"""`check` and `apply`: ask the engine, show what it says, and hand changes to staging."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from shlex import join
from typing import TYPE_CHECKING, Literal

from djfix.cli.ending import CLEAN, FAILED, FOUND
from djfix.cli.streams import Paint, coloured_patch, is_coloured, put, say
from djfix.cli.where import Where, locate
from djfix.codemods.engine.invocation import Invocation, carry_out
from djfix.codemods.engine.mistakes import UserError
from djfix.codemods.findings import Outcome

if TYPE_CHECKING:
    from djfix.codemods.engine.values import Result

FAILING = {
    "fixable": (Outcome.FIXABLE,),
    "needs-review": (Outcome.FIXABLE, Outcome.NEEDS_REVIEW),
    "reported": (Outcome.FIXABLE, Outcome.NEEDS_REVIEW, Outcome.REPORTED),
}
"""What makes the exit code 1, by the value of `--fail-on`."""

SPLIT = "split-settings"


@dataclass(frozen=True, slots=True)
class Asked:
    """The options that commands share, as typed."""

    paths: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    fail_on: str | None = None
    output_format: str | None = None
    statistics: bool = False
    show_declined: bool = False
    jobs: str = "auto"
    cache: bool = True
    target_version: str | None = None
    config: str | None = None
    color: str = "auto"


@dataclass(frozen=True, slots=True)
class Writing:
    """The options of `apply` alone, as typed."""

    dry_run: bool = False
    patch: str | None = None
    unsafe: bool = False
    only: tuple[str, ...] | None = None
    stage: bool = True
    allow_dirty: bool = False
    finish: bool = False
    compare_settings: bool = False
    python: str | None = None


def run_check(asked: Asked) -> int:
    """`djfix check`: the exit code."""
    from djfix.cli.journal import settle_unfinished

    where = locate(asked.paths, asked.config)
    settle_unfinished(where.root)
    result = _carried_out(invocation_of(asked, where), asked)
    _print(result, where, asked, asked.output_format or "full")
    return _end(result, asked, _after_check(result, asked), default="needs-review")


def run_apply(asked: Asked, writing: Writing) -> int:
    """`djfix apply`: the exit code."""
    from djfix.cli.journal import finish_unfinished, settle_unfinished

    _check_combination(writing)
    where = locate(asked.paths, asked.config)
    if writing.finish:
        return finish_unfinished(where.root)
    settle_unfinished(where.root)
    writes = not (writing.dry_run or writing.patch is not None)
    if writes and writing.stage:
        _check_repository(where.root)
    invocation = replace(
        invocation_of(asked, where),
        apply=writes,
        unsafe=writing.unsafe,
        only=None if writing.only is None else _fingerprints(writing.only),
    )
    result = _carried_out(invocation, asked)
    if writing.compare_settings:
        _compare_settings(where.root, result, writing)
    if writes:
        _stage(where.root, result, writing)
    elif writing.patch is not None:
        _write_patch(where.root, result, writing.patch)
    return _end_apply(result, where, asked, writing)


def invocation_of(asked: Asked, where: Where) -> Invocation:
    """What is typed, as the engine takes it. Raises UserError."""
    return Invocation(
        root=where.root,
        paths=where.paths,
        configuration=where.configuration,
        configured_in=where.configured_in,
        select=asked.rules,
        ignore=asked.ignore,
        settings=asked.settings,
        target_version=asked.target_version,
        jobs=_jobs(asked.jobs),
        cache=asked.cache,
    )


def _end_apply(result: Result, where: Where, asked: Asked, writing: Writing) -> int:
    from djfix.cli.report import left_over

    if writing.patch != "-":
        default = "diff" if writing.dry_run else "full"
        _print(result, where, asked, asked.output_format or default)
    following = _after_apply(result, asked, writing, where.root)
    notes = [] if writing.dry_run else list(left_over(result))
    fails_by_default = "needs-review" if writing.dry_run else None
    return _end(result, asked, following, default=fails_by_default, notes=notes)


def _carried_out(invocation: Invocation, asked: Asked) -> Result:
    from djfix.cli.progress import progress_bar

    with progress_bar(is_coloured(asked.color, sys.stderr)) as report:
        return carry_out(invocation, progress=report)


def _print(result: Result, where: Where, asked: Asked, form: str) -> None:
    """The requested format on stdout, and nothing else there."""
    coloured = is_coloured(asked.color, sys.stdout)
    if form == "json":
        from djfix.cli.data import as_json

        put(as_json(result, where.root, declined=asked.show_declined))
    elif form == "diff":
        from djfix.codemods.staging.patch import patch
        from djfix.codemods.staging.place import prefix_of

        data = patch(result.changes, prefix=prefix_of(where.root))
        put(coloured_patch(data) if coloured else data)
    else:
        from djfix.cli.report import declined_list, full

        put(full(result.findings, Paint(coloured)))
        if asked.show_declined:
            put(declined_list(result.declined, Paint(coloured)))


def _end(
    result: Result,
    asked: Asked,
    following: str,
    *,
    default: str | None,
    notes: Sequence[str] = (),
) -> int:
    """Failures, summary and the next command on stderr; the exit code."""
    from djfix.cli.report import declined_list, failures, statistics, summary

    paint = Paint(is_coloured(asked.color, sys.stderr))
    if asked.show_declined and asked.output_format == "diff":
        say(declined_list(result.declined, paint).rstrip())
    counted = statistics(result) if asked.statistics else ()
    for line in (*result.notes, *failures(result.failures, paint), *summary(result), *counted):
        say(line)
    for line in notes:
        say(line)
    if following:
        say(f"next: {following}")
    if result.failures:
        return FAILED
    bar = asked.fail_on or default
    failing = FAILING[bar] if bar else ()
    return FOUND if any(result.with_outcome(*failing)) else CLEAN


def _after_check(result: Result, asked: Asked) -> str:
    if any(result.with_outcome(Outcome.FIXABLE)):
        return _command("apply", asked)
    if any(result.with_outcome(Outcome.NEEDS_REVIEW)):
        return _command("apply", asked, "--unsafe", "--dry-run")
    reported = next(result.with_outcome(Outcome.REPORTED), None)
    return f"djfix explain {reported.finding.rule}" if reported else ""


def _after_apply(result: Result, asked: Asked, writing: Writing, root: Path) -> str:
    if not result.changes:
        return _after_check(result, asked) if not writing.unsafe else ""
    if writing.dry_run:
        more = ["--unsafe"] if writing.unsafe else []
        more += ["--compare-settings"] if writing.compare_settings else []
        more += ["--python", writing.python] if writing.python else []
        return _command("apply", asked, *more)
    if writing.patch is not None:
        return "" if writing.patch == "-" else join(["git", "apply", writing.patch])
    if writing.stage:
        return "git diff --cached"
    from djfix.codemods.staging.place import place_of

    return "git diff" if place_of(root).git_dir else "djfix undo"


def _command(name: str, asked: Asked, *more: str) -> str:
    """The same question put to another command."""
    words = ["djfix", name, *more]
    words += [word for rule in asked.rules for word in ("--rule", rule)]
    words += [word for rule in asked.ignore for word in ("--ignore", rule)]
    words += [word for setting in asked.settings for word in ("--set", setting)]
    words += ["--config", asked.config] if asked.config else []
    return join([*words, *asked.paths])


def _compare_settings(root: Path, result: Result, writing: Writing) -> None:
    """Runs the project's settings before and after; raises before anything is written."""
    if SPLIT not in result.rules:
        raise UserError(f"`--compare-settings` is for `--rule {SPLIT}`")
    from djfix.codemods.proof.settings import compare

    made = {name for change in result.changes for name in change.fingerprints}
    split = [each for each in result.findings if each.fingerprint in made]
    for each in split:
        if each.finding.rule == SPLIT:
            say(compare(root, each.finding, result.changes, python=writing.python))


def _check_combination(writing: Writing) -> None:
    if writing.python is not None and not writing.compare_settings:
        raise UserError("`--python` is for `--compare-settings`")
    forms = {
        "`--dry-run`": writing.dry_run,
        "`--patch`": writing.patch is not None,
        "`--no-stage`": not writing.stage,
        "`--finish`": writing.finish,
    }
    given = [name for name, is_given in forms.items() if is_given]
    if len(given) > 1:
        raise UserError(f"{' and '.join(given)} exclude each other")


def _check_repository(root: Path) -> None:
    from djfix.codemods.staging.place import place_of

    if place_of(root).git_dir is None:
        raise UserError(
            f"{root} is in no git repository, so nothing can be staged;"
            " `djfix apply --no-stage` writes the files alone"
        )


def _stage(root: Path, result: Result, writing: Writing) -> None:
    if not result.changes:
        return
    from djfix.codemods.staging.apply import stage

    mode: Literal["index", "worktree"] = "index" if writing.stage else "worktree"
    staged = stage(root, result.changes, mode=mode, allow_dirty=writing.allow_dirty)
    for note in staged.notes:
        say(note)


def _write_patch(root: Path, result: Result, target: str) -> None:
    from djfix.codemods.staging.patch import patch
    from djfix.codemods.staging.place import prefix_of

    data = patch(result.changes, prefix=prefix_of(root))
    if target == "-":
        put(data)
    else:
        Path(target).write_bytes(data)


def _fingerprints(only: Sequence[str]) -> frozenset[str]:
    typed = [each for each in only if each != "-"]
    if "-" in only:
        typed += sys.stdin.read().split()
    if not typed:
        raise UserError("`--only -` found no fingerprint on stdin")
    return frozenset(typed)


def _jobs(text: str) -> int:
    if text == "auto":
        return 0
    if not text.isdecimal() or int(text) < 1:
        raise UserError(f"`--jobs` is `auto` or a number from 1, not `{text}`")
    return int(text)
