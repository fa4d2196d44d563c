"""From a function to findings: the guards in their order, and what a finding says."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from djfix.codemods.findings import Declined, Evidence, Finding, Plain, Reason, Safety
from djfix.codemods.inference.expressions import Function, Inference
from djfix.codemods.inference.saving.saves import save_of, statements_of
from djfix.codemods.inference.values import Instance, Unknown, joined
from djfix.codemods.rules.f_expressions import guards
from djfix.codemods.rules.f_expressions.conditions import Guard
from djfix.codemods.rules.f_expressions.declines import DECLINES
from djfix.codemods.rules.f_expressions.forms import Chosen, chosen
from djfix.codemods.rules.f_expressions.guarding import guard_in, is_stored_as_float
from djfix.codemods.rules.f_expressions.lookups import is_read_elsewhere
from djfix.codemods.rules.f_expressions.shapes import change_of
from djfix.codemods.rules.f_expressions.situation import (
    Component,
    Situation,
    components_of,
    situation_of,
)
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.source.document import Document

RULE = "f-expressions"
_NOT_SAVED = Reason("not-saved-here", "the changed object is not saved on a path from here")


def findings_in(
    document: Document, project: Project, function: Function, *, ignore_missing: bool
) -> Iterator[Finding | Declined]:
    """What one function holds. Nothing is asked of the project where it has no change and save."""
    statements = list(statements_of(function))
    saved = {save.path for item in statements if (save := save_of(item)) is not None}
    if not saved:
        return
    changed = {change.path for item in statements if (change := change_of(item)) is not None}
    if not saved & changed:
        return
    inference = Inference(project, document, function)
    for component in components_of(inference):
        if component.path in saved:
            yield _judged(inference, component, ignore_missing=ignore_missing)


def _judged(
    inference: Inference, component: Component, *, ignore_missing: bool
) -> Finding | Declined:
    if not component.saves:
        return _declined(inference, component, _NOT_SAVED)
    value = joined(inference.value(item) for item in _objects_of(component))
    if not isinstance(value, Instance):
        why = value.why if isinstance(value, Unknown) else "it is no model instance"
        text = f"{'.'.join(component.path)}: {why}"
        return _declined(inference, component, Reason("unknown-receiver", text))
    model = inference.project.model(value.model, partial=True)
    if model is None:
        text = f"{value.model} is not a model that djfix can read"
        return _declined(inference, component, Reason("unknown-receiver", text))
    situation = situation_of(inference, component, value, model)
    return _decided(situation, ignore_missing=ignore_missing)


def _objects_of(component: Component) -> Iterator[ast.expr]:
    """Where the object is named: each branch may have another one."""
    for change in component.changes:
        yield change.target.value
    for save in component.saves:
        assert isinstance(save.call.func, ast.Attribute)
        yield save.call.func.value


def _declined(inference: Inference, component: Component, reason: Reason) -> Declined:
    line = component.changes[0].statement.lineno
    return Declined(RULE, inference.document.path, line, reason)


def _decided(situation: Situation, *, ignore_missing: bool) -> Finding | Declined:
    """The guards in their order: to decline, to report, to choose a form, to ask for review."""
    for guard in DECLINES:
        for reason in guard(situation):
            return _declined(situation.inference, situation.component, reason)
    check = guard_in(situation)
    reports = [reason for guard in guards.REPORTS for reason in guard(situation)]
    reports += guards.is_read_before(_without(situation, check))
    if reports:
        return _finding(situation, None, tuple(reports))
    form = chosen(situation, check, ignore_missing=ignore_missing)
    if isinstance(form, Reason):
        return _finding(situation, None, (form,))
    reviews = [reason for guard in guards.REVIEWS for reason in guard(situation)]
    if not form.guarded:
        reviews += [*is_read_elsewhere(situation), *is_stored_as_float(situation)]
    found = (*form.reasons, *reviews)
    last = (reason for guard in guards.LAST for reason in guard(situation))
    return _finding(situation, form, found or tuple(last))


def _without(situation: Situation, check: Guard | None) -> Situation:
    """The situation without what the guard reads: it moves into the query, or under the lock."""
    if check is None:
        return situation
    inside = set(walk(check.statement.test))
    if check.failing:
        inside |= {node for item in check.statement.body for node in walk(item)}
    return replace(situation, before=tuple(u for u in situation.before if u.node not in inside))


def _finding(situation: Situation, form: Chosen | None, reasons: tuple[Reason, ...]) -> Finding:
    document = situation.inference.document
    change = situation.changes[0]
    names = [f"{situation.model.label}.{item.field}" for item in situation.changes]
    safety = Safety.REPORT if form is None else Safety.REVIEW if reasons else Safety.SAFE
    return Finding(
        rule=RULE,
        path=document.path,
        span=document.span(change.statement),
        symbol=situation.inference.symbol,
        message=f"{', '.join(dict.fromkeys(names))}: changed in Python; updates are lost",
        safety=safety,
        anchor=ast.dump(change.statement),
        reasons=tuple(dict.fromkeys(reasons)),
        evidence=_evidence(situation),
        data=_data(situation, form),
        plan=None if form is None else form.plan,
    )


def _data(situation: Situation, form: Chosen | None) -> dict[str, Plain]:
    change = situation.changes[0]
    data: dict[str, Plain] = {
        "model": situation.model.label,
        "field": change.field,
        "op": change.operator,
        "form": form.form if form is not None else None,
        "guard": form.guarded if form is not None else False,
    }
    fields = tuple(dict.fromkeys(item.field for item in situation.changes))
    if len(fields) > 1:
        data["fields"] = fields
    return data


def _evidence(situation: Situation) -> tuple[Evidence, ...]:
    """The save, and the declaration of each changed field."""
    document = situation.inference.document
    lines = [
        Evidence(document.path, save.call.lineno, document.line_text(save.call.lineno).strip())
        for save in situation.saves
    ]
    for name, field_ in situation.fields.items():
        if field_.path is not None and field_.path in situation.inference.project.files.paths:
            text = f"{situation.model.label}.{name} is a {field_.class_name.rpartition('.')[2]}"
            lines.append(Evidence(field_.path, field_.line, text))
    return tuple(lines)
