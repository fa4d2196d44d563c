"""Which form fits the code found, and the plan of it.

- update: the object is fetched only to be changed;
- guarded: a check stands right before the change, and moves into the query;
- lock: as guarded, where the model's `save()` does more than an update would;
- expression: everything else; the object lives on, or saving it does more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from djfix.codemods.findings import Reason
from djfix.codemods.rules.f_expressions.conditions import Guard
from djfix.codemods.rules.f_expressions.expressing import expression_plan
from djfix.codemods.rules.f_expressions.fetching import fetch_before
from djfix.codemods.rules.f_expressions.guarding import (
    compares_object,
    guarded_plan,
    is_beyond_update,
    lock_plan,
    names_database,
    unfit_comparison,
)
from djfix.codemods.rules.f_expressions.models import (
    load_reasons,
    refresh_reasons,
    routing_reasons,
    save_reasons,
    update_obstacles,
)
from djfix.codemods.rules.f_expressions.plans import ExpressionPlan, Plan
from djfix.codemods.rules.f_expressions.situation import Situation
from djfix.codemods.rules.f_expressions.updating import (
    is_only_changed,
    is_seen_elsewhere,
    update_plan,
)

UNCERTAIN = frozenset(
    {"settings-unknown", "unknown-app", "unknown-base", "unknown-attribute", "class-decorator"}
)
"""Obstacles that are only possible: they ask for review, and do not choose the form."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A form: its name for the finding's data, its plan, and the reasons that it brings."""

    form: str
    plan: Plan
    reasons: tuple[Reason, ...] = ()
    guarded: bool = False


def chosen(situation: Situation, guard: Guard | None, *, ignore_missing: bool) -> Chosen | Reason:
    """The form that fits, or why none does."""
    obstacles = tuple(dict.fromkeys(_obstacles(situation)))
    if guard is not None:
        return _guarded(situation, guard, obstacles, ignore_missing=ignore_missing)
    fetch = fetch_before(situation)
    if (
        fetch is not None
        and not obstacles
        and is_only_changed(situation, fetch)
        and not is_seen_elsewhere(situation, fetch)
        and not any(load_reasons(situation.inference.project, situation.model))
    ):
        return Chosen("update", update_plan(situation, fetch, ignore_missing=ignore_missing))
    reasons = tuple(save_reasons(situation.inference.project, situation.model))
    plan = expression_plan(situation)
    return Chosen("f-save", plan, (*reasons, *_of_reading(situation, plan)))


def _of_reading(situation: Situation, plan: ExpressionPlan) -> Iterator[Reason]:
    """What the narrower save, and the reading after it, may meet."""
    project, model = situation.inference.project, situation.model
    yield from routing_reasons(project)
    if any(save.refresh for save in plan.saves):
        yield from refresh_reasons(project, model)


def _obstacles(situation: Situation) -> Iterator[Reason]:
    for field in situation.fields.values():
        yield from update_obstacles(situation.inference.project, situation.model, field)


def _guarded(
    situation: Situation, guard: Guard, obstacles: tuple[Reason, ...], *, ignore_missing: bool
) -> Chosen | Reason:
    if compares_object(situation, guard):
        return Reason("two-column-guard", "the check compares the object with itself")
    if names_database(situation):
        return Reason(
            "other-database", "the function names a database: an update might meet another"
        )
    definite = tuple(reason for reason in obstacles if reason.name not in UNCERTAIN)
    if not definite and not is_beyond_update(situation, guard):
        plan = guarded_plan(situation, guard, ignore_missing=ignore_missing)
        reasons = (*obstacles, *unfit_comparison(situation, guard))
        if plan.refresh:
            reasons += tuple(refresh_reasons(situation.inference.project, situation.model))
        return Chosen("update", plan, reasons, guarded=True)
    if situation.is_async:
        return Reason("async-guard", "a check and a save in async code need a lock by hand")
    text = "the row is locked while it is checked, changed and saved"
    reasons = (*obstacles, Reason("lock-form", text))
    return Chosen("lock", lock_plan(situation, guard), reasons, guarded=True)
