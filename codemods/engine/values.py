"""What a run is asked, and what it answers: plain frozen values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from djfix.codemods.findings import Change, Declined, Failure, Finding, Outcome, TextEdit

if TYPE_CHECKING:
    from djfix.codemods.engine.configuration import Configuration
    from djfix.codemods.rule import Rule


@dataclass(frozen=True, slots=True)
class Request:
    """What one run is to do.

    `paths`: posix paths from the root whose findings are asked for; none means all. `apply`: the
    caller will write the changes, so findings count as fixed. `unsafe`: take what needs review as
    well. `only`: exactly these fingerprints. `jobs`: processes; 0 lets the run decide.
    `filtered` False reads every file for every rule, to show that the prefilter loses nothing.
    `followers`: the rules that run on what another rule's fixes have made, by its name.
    `new_files`: the migrations that the base branch does not have; None: git was not asked, or
    could not tell.
    """

    root: Path
    rules: tuple[Rule, ...]
    configuration: Configuration
    paths: tuple[str, ...] = ()
    apply: bool = False
    unsafe: bool = False
    only: frozenset[str] | None = None
    jobs: int = 1
    cache: bool = True
    filtered: bool = True
    followers: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)
    new_files: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: files `done` of `total` for one rule."""

    rule: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Reported:
    """A finding with what became of it.

    `edits` are those of applying it alone, to the tree as it is (or, with `after`, as the finding
    of that fingerprint leaves it). `error` says why a failed one failed.
    """

    finding: Finding
    outcome: Outcome
    fingerprint: str
    edits: tuple[TextEdit, ...] = ()
    after: str | None = None
    error: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Unused:
    """A suppression comment that suppressed nothing, or that names no rule there is."""

    path: str
    line: int
    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class Result:
    """What a run found and made; nothing of it is written yet.

    `changes` hold each changed file once, first before and last after. `left_alone` counts, per
    rule, the files that per-path-ignores took out. `unsettled` rules still found something to fix
    after the last pass. `notes` are sentences for the user about the listing.
    """

    findings: tuple[Reported, ...] = ()
    declined: tuple[Declined, ...] = ()
    failures: tuple[Failure, ...] = ()
    changes: tuple[Change, ...] = ()
    unused: tuple[Unused, ...] = ()
    unsettled: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    left_alone: Mapping[str, int] = field(default_factory=dict)
    files_found: int = 0
    files_parsed: int = 0
    files_cached: int = 0
    notes: tuple[str, ...] = ()

    def counts(self) -> dict[str, dict[str, int]]:
        """Per rule that ran, in order: findings by outcome, and what was declined."""
        found = Counter((each.finding.rule, each.outcome.value) for each in self.findings)
        declined = Counter(each.rule for each in self.declined)
        return {
            rule: {outcome.value: found[rule, outcome.value] for outcome in Outcome}
            | {"declined": declined[rule]}
            for rule in self.rules
        }

    def with_outcome(self, *outcomes: Outcome) -> Iterator[Reported]:
        """The findings that came out as one of these."""
        return (each for each in self.findings if each.outcome in outcomes)
