"""The entry point of the `djfix` command: what can be typed, and nothing heavy imported for it."""

from __future__ import annotations

import gc
import sys
from enum import StrEnum
from typing import Annotated, Optional

import typer

import djfix


class Format(StrEnum):
    """How findings are printed on stdout."""

    full = "full"
    diff = "diff"
    json = "json"


class FailOn(StrEnum):
    """The mildest outcome that makes the exit code 1."""

    fixable = "fixable"
    needs_review = "needs-review"
    reported = "reported"


class Color(StrEnum):
    """When to colour."""

    auto = "auto"
    always = "always"
    never = "never"


app = typer.Typer(
    name="djfix",
    help="Finds Django anti-patterns, rewrites what it can prove, and stages a diff for review.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Paths = Annotated[
    Optional[list[str]],  # noqa: UP045 - typer 0.16 reads it at run time
    typer.Argument(
        metavar="[PATHS]...",
        help="Files or folders whose findings are asked for; by default the whole project. "
        "What they mean is read from the whole project all the same.",
        show_default=False,
    ),
]
Rules = Annotated[
    Optional[list[str]],  # noqa: UP045
    typer.Option(
        "--rule",
        "-r",
        help="Run this rule, or set of rules (repeatable); by default all that need not be named.",
    ),
]
Ignore = Annotated[
    Optional[list[str]],  # noqa: UP045
    typer.Option("--ignore", help="Leave this rule, or set, out (repeatable)."),
]
Settings = Annotated[
    Optional[list[str]],  # noqa: UP045
    typer.Option("--set", metavar="RULE.OPTION=VALUE", help="Set a rule's option (repeatable)."),
]
FailOnOption = Annotated[
    Optional[FailOn],  # noqa: UP045
    typer.Option(
        "--fail-on",
        help="Exit with 1 from this outcome on: `reported` widens, `fixable` narrows. "
        "By default `needs-review`; for what `apply` has left, none.",
        show_default=False,
    ),
]
Jobs = Annotated[
    str,
    typer.Option(
        "--jobs", "-j", metavar="N|auto", help="How many processes look at files (auto: one)."
    ),
]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Neither read nor write the cache.")]
TargetVersion = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "--target-version",
        metavar="VERSION",
        help="Django's version, such as 4.2; `auto` reads lock file and requirements.",
        show_default=False,
    ),
]
FormatOption = Annotated[
    Optional[Format],  # noqa: UP045
    typer.Option(
        "--output-format",
        "-o",
        help="What stdout holds; by default `full`, of a dry run `diff`.",
        show_default=False,
    ),
]
Statistics = Annotated[
    bool, typer.Option("--statistics", help="Count outcomes by rule, and declined by reason.")
]
ShowDeclined = Annotated[
    bool,
    typer.Option("--show-declined", help="List the places that are not proven, with the reason."),
]
Config = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--config", metavar="FILE", help="Read `[tool.djfix]` from this file."),
]
ColorOption = Annotated[
    Color, typer.Option("--color", help="When to colour; NO_COLOR and FORCE_COLOR are obeyed.")
]


@app.callback()
def djfix_callback(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version and exit.", callback=lambda asked: _version(asked)
        ),
    ] = False,
) -> None:
    """Finds Django anti-patterns, rewrites what it can prove, and stages a diff for review."""


@app.command()
def check(
    paths: Paths = None,
    rule: Rules = None,
    ignore: Ignore = None,
    setting: Settings = None,
    fail_on: FailOnOption = None,
    output_format: FormatOption = None,
    statistics: Statistics = False,
    show_declined: ShowDeclined = False,
    jobs: Jobs = "auto",
    no_cache: NoCache = False,
    target_version: TargetVersion = None,
    config: Config = None,
    color: ColorOption = Color.auto,
) -> None:
    """Find, and write nothing. Exits with 1 where something can be fixed or needs review."""
    from djfix.cli.commands import Asked, run_check
    from djfix.cli.ending import ended

    asked = Asked(
        paths=tuple(paths or ()),
        rules=tuple(rule or ()),
        ignore=tuple(ignore or ()),
        settings=tuple(setting or ()),
        fail_on=fail_on,
        output_format=output_format,
        statistics=statistics,
        show_declined=show_declined,
        jobs=jobs,
        cache=not no_cache,
        target_version=target_version,
        config=config,
        color=color.value,
    )
    raise typer.Exit(ended(lambda: run_check(asked)))


@app.command()
def apply(
    paths: Paths = None,
    rule: Rules = None,
    ignore: Ignore = None,
    setting: Settings = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Print the diff and write nothing.")
    ] = False,
    patch: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            "--patch",
            metavar="FILE",
            help="Write a patch that `git apply` takes, and nothing else; `-` is stdout.",
        ),
    ] = None,
    unsafe: Annotated[
        bool, typer.Option("--unsafe", help="Apply what needs review as well.")
    ] = False,
    only: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(
            "--only",
            metavar="FINGERPRINT",
            help="Apply exactly this finding (repeatable); `-` reads them from stdin.",
        ),
    ] = None,
    no_stage: Annotated[
        bool, typer.Option("--no-stage", help="Write the files and leave the git index alone.")
    ] = False,
    allow_dirty: Annotated[
        bool,
        typer.Option(
            "--allow-dirty", help="Also change files with changes of yours; stage only djfix's."
        ),
    ] = False,
    finish: Annotated[
        bool, typer.Option("--finish", help="Finish an earlier apply that was interrupted.")
    ] = False,
    compare_settings: Annotated[
        bool,
        typer.Option(
            "--compare-settings",
            help="Run the project's settings before and after `split-settings`, each in a process "
            "of its own, and write only where the values are the same but for what its reasons "
            "name. Nothing else of djfix runs the project's code.",
        ),
    ] = False,
    python: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            "--python",
            metavar="PATH",
            help="The Python that runs them; by default that of the active virtual environment, "
            "else djfix's own.",
            show_default=False,
        ),
    ] = None,
    fail_on: FailOnOption = None,
    output_format: FormatOption = None,
    statistics: Statistics = False,
    show_declined: ShowDeclined = False,
    jobs: Jobs = "auto",
    no_cache: NoCache = False,
    target_version: TargetVersion = None,
    config: Config = None,
    color: ColorOption = Color.auto,
) -> None:
    """Rewrite what is safe and stage it in the git index: `git diff --cached` is the review."""
    from djfix.cli.commands import Asked, Writing, run_apply
    from djfix.cli.ending import ended

    asked = Asked(
        paths=tuple(paths or ()),
        rules=tuple(rule or ()),
        ignore=tuple(ignore or ()),
        settings=tuple(setting or ()),
        fail_on=fail_on,
        output_format=output_format,
        statistics=statistics,
        show_declined=show_declined,
        jobs=jobs,
        cache=not no_cache,
        target_version=target_version,
        config=config,
        color=color.value,
    )
    writing = Writing(
        dry_run=dry_run,
        patch=patch,
        unsafe=unsafe,
        only=None if only is None else tuple(only),
        stage=not no_stage,
        allow_dirty=allow_dirty,
        finish=finish,
        compare_settings=compare_settings,
        python=python,
    )
    raise typer.Exit(ended(lambda: run_apply(asked, writing)))


@app.command()
def undo(color: ColorOption = Color.auto) -> None:
    """Take the last apply back, whole; refuses where you have edited since."""
    from djfix.cli.ending import ended
    from djfix.cli.journal import run_undo

    raise typer.Exit(ended(lambda: run_undo()))


@app.command()
def rules(color: ColorOption = Color.auto) -> None:
    """List the rules with their sets, safety and options."""
    from djfix.cli.ending import ended
    from djfix.cli.pages import run_rules

    raise typer.Exit(ended(lambda: run_rules(color.value)))


@app.command()
def explain(
    rule_name: Annotated[
        Optional[str],  # noqa: UP045
        typer.Argument(metavar="[RULE]", help="The rule whose page to print.", show_default=False),
    ] = None,
    at: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            "--at",
            metavar="PATH:LINE",
            help="Say why there is, or is not, a finding on this line.",
            show_default=False,
        ),
    ] = None,
    rule: Rules = None,
    ignore: Ignore = None,
    setting: Settings = None,
    target_version: TargetVersion = None,
    config: Config = None,
    color: ColorOption = Color.auto,
) -> None:
    """Print a rule's page, or say why there is, or is not, a finding on a line."""
    from djfix.cli.commands import Asked
    from djfix.cli.ending import ended
    from djfix.cli.pages import run_explain

    asked = Asked(
        rules=tuple(rule or ()),
        ignore=tuple(ignore or ()),
        settings=tuple(setting or ()),
        target_version=target_version,
        config=config,
        color=color.value,
    )
    raise typer.Exit(ended(lambda: run_explain(asked, rule_name, at)))


def main() -> None:
    """Run the command line."""
    from djfix.codemods.engine.collecting import collecting_rarely

    try:
        with collecting_rarely():
            try:
                app(prog_name="djfix")
            finally:
                # The process ends here: a search for garbage would walk all that a run has read.
                gc.freeze()
    except KeyboardInterrupt:
        sys.exit(130)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"djfix {djfix.__version__}")
        raise typer.Exit
