"""The form that keeps the object: `x.f = F("f") - n`, and `save(update_fields=[...])`."""

from __future__ import annotations

from djfix.codemods.findings import NodeReference
from djfix.codemods.inference.saving.columns import measured_by, touched_fields
from djfix.codemods.inference.saving.saves import Save
from djfix.codemods.rules.f_expressions.guards import LOSING, mutable_reads
from djfix.codemods.rules.f_expressions.plans import ChangePlan, ExpressionPlan, SavePlan
from djfix.codemods.rules.f_expressions.refreshing import needs_refresh
from djfix.codemods.rules.f_expressions.shapes import Change
from djfix.codemods.rules.f_expressions.situation import Situation


def expression_plan(situation: Situation) -> ExpressionPlan:
    """All changes and saves of the object, each save followed by a refresh where one is needed."""
    changed = tuple(dict.fromkeys(change.field for change in situation.changes))
    refresh = changed if needs_refresh(situation) else ()
    return ExpressionPlan(
        changes=tuple(change_plan(item) for item in situation.changes),
        saves=tuple(save_plan(situation, item, refresh) for item in situation.saves),
    )


def _may_narrow(situation: Situation) -> bool:
    """Whether all that a save writes is seen here: no code assigns other columns unseen."""
    override = situation.model.save_override
    if override is not None and override.path is not None:
        return False
    return not any(reason for guard in LOSING for reason in guard(situation))


def _update_fields(situation: Situation, save: Save) -> tuple[str, ...]:
    """What the save had to write: what was assigned, and what a save sets by itself."""
    if save.update_fields is not None or not _may_narrow(situation):
        return ()
    names: dict[str, None] = {}
    for attribute in (*situation.stored_for[save], *mutable_reads(situation)):
        field = situation.model.field(attribute)
        if field is not None and not field.primary_key:
            names.update(dict.fromkeys((field.name, *measured_by(field))))
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
