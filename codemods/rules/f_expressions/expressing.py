"""The form that keeps the object: `x.f = F("f") - n`, and `save(update_fields=[...])`."""

from __future__ import annotations

from dataclasses import replace

from djfix.codemods.findings import NodeReference
from djfix.codemods.rules.f_expressions.guards import mutable_reads
from djfix.codemods.rules.f_expressions.models import touched_fields
from djfix.codemods.rules.f_expressions.plans import ChangePlan, ExpressionPlan, SavePlan
from djfix.codemods.rules.f_expressions.refreshing import needs_refresh
from djfix.codemods.rules.f_expressions.shapes import Change, Save
from djfix.codemods.rules.f_expressions.situation import Situation


def expression_plan(situation: Situation) -> ExpressionPlan:
    """All changes and saves of the object, each save followed by a refresh where one is needed."""
    changed = tuple(dict.fromkeys(change.field for change in situation.changes))
    refresh = changed if needs_refresh(situation) else ()
    accepts = _save_accepts_update_fields(situation)
    return ExpressionPlan(
        changes=tuple(change_plan(item) for item in situation.changes),
        saves=tuple(
            save_plan(situation, item, refresh)
            if accepts
            else replace(save_plan(situation, item, refresh), update_fields=())
            for item in situation.saves
        ),
    )


def _save_accepts_update_fields(situation: Situation) -> bool:
    override = situation.model.save_override
    if override is None or override.path is None:
        return True
    if override.facts is None:
        return False
    names = {item.name for item in override.facts.parameters}
    kinds = {item.kind for item in override.facts.parameters}
    return "update_fields" in names or "**" in kinds


def _update_fields(situation: Situation, save: Save) -> tuple[str, ...]:
    """What the save had to write: what was assigned, and what a save sets by itself."""
    if save.update_fields is not None:
        return ()
    names: dict[str, None] = {}
    for attribute in (*situation.stored_for[save], *mutable_reads(situation)):
        field = situation.model.field(attribute)
        if field is not None and not field.primary_key:
            names.setdefault(field.name)
    for name in situation.model.fields:
        if name in touched_fields(situation.model):
            names.setdefault(name)
    return tuple(names)


def change_plan(change: Change) -> ChangePlan:
    target = f"{'.'.join(change.path)}.{change.field}"
    if change.own is not None:
        return ChangePlan(
            NodeReference.of(change.statement), target, change.field, NodeReference.of(change.own)
        )
    delta = NodeReference.of(change.deltas[0])
    return ChangePlan(
        NodeReference.of(change.statement), target, change.field, None, change.operator, delta
    )


def save_plan(situation: Situation, save: Save, refresh: tuple[str, ...]) -> SavePlan:
    return SavePlan(
        statement=NodeReference.of(save.statement),
        call=NodeReference.of(save.call),
        target=situation.target,
        update_fields=_update_fields(situation, save),
        refresh=refresh,
        awaited=save.awaited,
    )
