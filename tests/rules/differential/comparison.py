"""Before and after: the text that djfix makes of a function, and the differences that show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from differential.ledger import (
    PROJECT,
    Data,
    Other,
    Seen,
    add_a_thousand,
    amounts,
    models,
    observe,
    the_same_again,
)
from differential.vocabulary import HEAD, Shape
from djfix.codemods.findings import Finding
from djfix.codemods.rule import Rule
from djfix.codemods.rules.f_expressions import FExpressions

PATH = "ledger/services.py"
MOST_STATEMENTS = 8
"""Another writer is let in before each of this many statements at most."""

FAR = 10**6
Writer = Callable[[Mapping[str, Any]], Callable[[], None]]


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A module's text after djfix, with its findings of races by outcome and form."""

    text: str
    outcomes: tuple[str, ...]
    forms: tuple[str, ...]


def rewritten(
    text: str, *, unsafe: bool = False, rules: Sequence[type[Rule]] = (FExpressions,)
) -> Rewritten:
    """What `djfix apply` makes of a module of the ledger project, all in memory."""
    from djfix.codemods.engine.configuration import parse_configuration
    from djfix.codemods.engine.run import run
    from djfix.codemods.engine.values import Request
    from djfix.codemods.source.files import Files

    chosen = tuple(rule() for rule in rules)
    request = Request(
        Path("/nonexistent"), chosen, parse_configuration(None, chosen), apply=True, unsafe=unsafe
    )
    result = run(request, files=Files.of({**project(), PATH: text}))
    assert not result.failures, result.failures
    changes = {change.path: change.after.decode() for change in result.changes}
    assert set(changes) <= {PATH}
    races = [each for each in result.findings if not is_constraint(each.finding)]
    return Rewritten(
        changes.get(PATH, text),
        tuple(each.outcome.value for each in races),
        tuple(str(each.finding.data.get("form")) for each in races),
    )


def is_constraint(finding: Finding) -> bool:
    """Whether it only tells of a constraint that the model lacks."""
    return any(reason.name == "missing-constraint" for reason in finding.reasons)


@cache
def project() -> Mapping[str, str]:
    """The files of the ledger project that djfix reads."""
    paths = [path for path in PROJECT.rglob("*.py") if "__pycache__" not in path.parts]
    return {path.relative_to(PROJECT).as_posix(): path.read_text() for path in paths}


def loaded(text: str) -> Mapping[str, Any]:
    """The module of a text, run."""
    models()
    module: dict[str, Any] = {"__name__": "ledger.services"}
    module["TAKES_INSTANCES"] = text.count("account") + text.count("entry.") > HEAD.count("account")
    exec(compile(text, PATH, "exec"), module)
    return module


@st.composite
def data(draw: st.DrawFn) -> Data:
    """Rows and arguments."""
    numbers = st.sampled_from((0, 1, 7, 50, 60, 100))
    three = st.tuples(numbers, numbers, numbers)
    groups = st.tuples(*[st.sampled_from((1, 2))] * 3)
    arguments = {name: draw(st.sampled_from(values)) for name, values in amounts().items()}
    return Data(draw(three), draw(three), draw(groups), arguments)


def differences(before: Mapping[str, Any], after: Mapping[str, Any], given: Data) -> list[str]:
    """What a user of the function could tell, run before and after on the same data."""
    return list(compared(observe(before, given), observe(after, given)))


def compared(before: Seen, after: Seen) -> Iterator[str]:
    for name in ("outcome", "log", "signals", "held"):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield f"{name}: {old} -> {new}"
    for table, rows in before.rows.items():
        if list(rows) != list(after.rows[table]):
            yield f"{table}: {list(rows)} -> {list(after.rows[table])}"


def lost_by_the_rewrite(
    before: Mapping[str, Any], after: Mapping[str, Any], made: Rewritten, shape: Shape, run: Data
) -> list[str]:
    """Updates that the rewritten code loses, where all of it was this rule's to mend.

    It is not where another save of all columns follows, where the changed column is saved also if
    it was not changed (the code before saved it as well), where a refresh threw the change away,
    and where something is left to fix.
    """
    saved_again = shape.after in {"saved-again", "changed-again", "alias-saved"}
    unchanged = shape.branch == "if flag:" and not run.arguments["flag"]
    unchanged = unchanged or shape.between == "refreshed"
    if saved_again or shape.save == "twice" or unchanged or rewritten(made.text).outcomes:
        return []
    return lost_updates(before, after, run)


def lost_updates(before: Mapping[str, Any], module: Mapping[str, Any], given: Data) -> list[str]:
    """Rows that come out as in no order, one after the other, of the function and another writer.

    Right is what the code before gives with the other writer before it, or after it.
    """
    return [
        *out_of_order(before, module, given, lambda code: add_a_thousand),
        *out_of_order(before, module, given, lambda code: the_same_again(code, given)),
    ]


def out_of_order(
    before: Mapping[str, Any], module: Mapping[str, Any], given: Data, other: Writer
) -> Iterator[str]:
    first = observe(before, given, Other(other(before), 0)).rows
    last = observe(before, given, Other(other(before), FAR)).rows
    statements = observe(module, given).statements
    for at in range(1, min(statements, MOST_STATEMENTS)):
        rows = observe(module, given, Other(other(module), at)).rows
        for table in rows:
            trios = zip_longest(rows[table], first[table], last[table])
            yield from (
                f"{table} {row} at {at}, not {right}" for row, *right in trios if row not in right
            )
