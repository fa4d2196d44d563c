"""What djfix writes, by running it: the same answers to every request, and no query for each row.

The project's table (`endpoints.py`) says what is expected of each endpoint.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from serving import (
    FIXED,
    LEFT,
    MISSED,
    PARTLY,
    REPORTED,
    REVIEW,
    Served,
    call,
    complaints,
    copied,
    endpoints,
    in_any_order,
    most_queries,
    rewritten,
    served,
    texts,
)

ROOT = Path(__file__).resolve().parent.parent.parent
ALL = {endpoint.name: endpoint for endpoint in endpoints(ROOT)}

RUNS = {
    "default": (),
    "unsafe": ("--unsafe",),
    "join": ("--set", "n-plus-one.unordered=join"),
    "get_queryset": ("--set", "n-plus-one.form=get_queryset"),
    "queryset": ("--set", "n-plus-one.prefetch-form=queryset"),
    "string": ("--set", "n-plus-one.prefetch-form=string"),
}
ON_POSTGRES = ("default", "unsafe", "join")

OUTCOMES = {
    FIXED: {"fixable"},
    PARTLY: {"fixable"},
    REVIEW: {"needs-review"},
    REPORTED: {"reported"},
    MISSED: set(),
    LEFT: set(),
}
"""How `djfix check` calls what the table says."""

NewDatabase = Callable[[], dict[str, str]]


@dataclass(slots=True)
class Trees:
    """The library after each run, made when it is first asked for."""

    make: Callable[[str], Path | AssertionError]
    made: dict[str, Path | AssertionError] = field(default_factory=dict)
    answers: dict[str, Served] = field(default_factory=dict)

    def tree(self, run: str) -> Path:
        if run not in self.made:
            self.made[run] = self.make(run)
        made = self.made[run]
        if isinstance(made, AssertionError):
            raise made
        return made

    def after(self, run: str, new_database: NewDatabase | None = None) -> Served:
        key = f"{run} on {'PostgreSQL' if new_database else 'SQLite'}"
        if key not in self.answers:
            database = new_database() if new_database else None
            self.answers[key] = served(self.tree(run), database)
        return self.answers[key]


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("run", RUNS)
def test_answers_are_the_same_and_rows_cost_nothing(
    before: Served, trees: Trees, run: str, name: str
) -> None:
    after = trees.after(run)
    assert complaints(before, after, ALL[name], unsafe=run == "unsafe") == []


@pytest.mark.parametrize("name", [name for name, each in ALL.items() if each.after is not None])
def test_default_run_costs_exactly(trees: Trees, name: str) -> None:
    assert most_queries(trees.after("default"), name) == ALL[name].after


@pytest.mark.parametrize("run", RUNS)
def test_django_resolves_every_path_that_is_written(trees: Trees, run: str) -> None:
    assert trees.after(run).wrong_paths == ()


@pytest.mark.parametrize("run", RUNS)
def test_second_run_changes_nothing(trees: Trees, run: str) -> None:
    before = texts(trees.tree(run))
    rewritten(trees.tree(run), *RUNS[run])
    assert texts(trees.tree(run)) == before


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("run", ON_POSTGRES)
def test_answers_are_the_same_on_postgres(
    before_on_postgres: Served, trees: Trees, new_database: NewDatabase, run: str, name: str
) -> None:
    before, endpoint = before_on_postgres, ALL[name]
    after = trees.after(run, new_database)
    if run == "join" and not endpoint.ordered:
        before, after = in_any_order(before, name), in_any_order(after, name)
    assert complaints(before, after, endpoint, unsafe=run == "unsafe") == []


@pytest.mark.parametrize("name", ALL)
def test_check_calls_it_what_it_is(outcomes: Mapping[str, set[str]], name: str) -> None:
    # What is fixed in part may be found once more, for the rest.
    found, wanted = outcomes[name], OUTCOMES[ALL[name].state]
    assert (found & wanted if ALL[name].state == PARTLY else found) == wanted


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> Trees:
    def make(run: str) -> Path | AssertionError:
        # A run that fails fails once, and not again for every endpoint.
        try:
            return rewritten(copied(ROOT, tmp_path_factory.mktemp(run)), *RUNS[run])
        except AssertionError as error:
            return error

    return Trees(make)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, set[str]]:
    """What `djfix check` says, by endpoint: a finding counts for each view that it names."""
    tree = copied(ROOT, tmp_path_factory.mktemp("check"))
    command = [sys.executable, "-m", "djfix", "check", "--rule", "n-plus-one", "-o", "json"]
    result = call(tree, *command)
    assert result.returncode in (0, 1), result.stderr
    found: dict[str, set[str]] = {}
    for finding in json.loads(result.stdout)["findings"]:
        # A queryset of a method's own is that method's, and the class's in the symbol.
        owner = finding["symbol"].rpartition(".")[0].rpartition(".")[2]
        for view in (*finding["data"]["views"], owner):
            found.setdefault(view.rpartition(".")[2], set()).add(finding["outcome"])
    by_endpoint = {name: each.view for name, each in ALL.items()}
    return {name: found.get(view, set()) for name, view in by_endpoint.items()}
