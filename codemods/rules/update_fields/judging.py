"""From a function to findings: the guards in their order, and what a finding says."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.findings import (
    Declined,
    Evidence,
    Finding,
    NodeReference,
    Reason,
    Safety,
    Span,
)
from djfix.codemods.inference.expressions import Function, Inference
from djfix.codemods.inference.saving.occurrences import Occurrence, occurrence_of
from djfix.codemods.inference.saving.saves import Save, save_of, statements_of
from djfix.codemods.inference.values import Instance, Unknown
from djfix.codemods.rules.update_fields import guards
from djfix.codemods.rules.update_fields.columns import columns_of
from djfix.codemods.rules.update_fields.writing import Plan

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.source.document import Document

RULE = "update-fields"


def findings_in(
    document: Document, project: Project, function: Function
) -> Iterator[Finding | Declined]:
    """What one function holds. Nothing is asked of the project where it has no plain save."""
    found = (save_of(statement) for statement in statements_of(function))
    saves = [save for save in found if save is not None and not _names_columns(save)]
    if not saves:
        return
    inference = Inference(project, document, function)
    for save in saves:
        yield from _judged(inference, save)


def _names_columns(save: Save) -> bool:
    return any(item.arg in {"update_fields", None} for item in save.call.keywords)


def _judged(inference: Inference, save: Save) -> Iterator[Finding | Declined]:
    assert isinstance(save.call.func, ast.Attribute)
    value = inference.value(save.call.func.value)
    if not isinstance(value, Instance):
        yield from _unknown(inference, save, value)
        return
    model = inference.project.model(value.model, partial=True)
    if model is None:
        text = f"{value.model} is not a model that djfix can read"
        yield _declined(inference, save, Reason("unknown-receiver", text))
    elif not save.readable:
        text = f"what save() is told in line {save.call.lineno} may not go with update_fields"
        yield _declined(inference, save, Reason("save-arguments", text))
    else:
        yield _decided(occurrence_of(inference, save, value, model))


def _unknown(inference: Inference, save: Save, value: object) -> Iterator[Declined]:
    """Declined by name only where an attribute of what is saved was assigned: others are forms."""
    if not any(_is_assigned(save, name) for name in inference.stores.values()):
        return
    if _is_of_form(inference, save):
        text = f"a form or serializer has filled {'.'.join(save.path)}"
        yield _declined(inference, save, Reason("form-instance", text))
        return
    why = value.why if isinstance(value, Unknown) else "it is no model instance"
    text = f"{'.'.join(save.path)}: {why}"
    yield _declined(inference, save, Reason("unknown-receiver", text))


def _is_assigned(save: Save, stores: tuple[ast.Attribute, ...]) -> bool:
    own = ".".join(save.path)
    return any(ast.unparse(store.value) == own for store in stores)


def _is_of_form(inference: Inference, save: Save) -> bool:
    """`x = form.save(commit=False)`, `x = serializer.save()`, `x = form.instance`."""
    if save.path[-1] == "instance" and len(save.path) > 1:
        return True
    for definition in inference.flow.reaching(save.path[0], save.statement):
        match definition.value:
            case ast.Call(func=ast.Attribute(attr="save")) | ast.Attribute(attr="instance"):
                return True
    return False


def _declined(inference: Inference, save: Save, reason: Reason) -> Declined:
    return Declined(RULE, inference.document.path, save.statement.lineno, reason)


def _decided(occurrence: Occurrence) -> Finding | Declined:
    for guard in guards.DECLINES:
        for reason in guard(occurrence):
            return _declined(occurrence.inference, occurrence.save, reason)
    reports = tuple(reason for guard in guards.REPORTS for reason in guard(occurrence))
    columns = columns_of(occurrence)
    if reports:
        return _finding(occurrence, columns, reports, Safety.REPORT)
    reviews = tuple(reason for guard in guards.REVIEWS for reason in guard(occurrence))
    reviews = reviews or tuple(reason for guard in guards.LAST for reason in guard(occurrence))
    return _finding(occurrence, columns, reviews, Safety.REVIEW if reviews else Safety.SAFE)


def _finding(
    occurrence: Occurrence, columns: tuple[str, ...], reasons: tuple[Reason, ...], safety: Safety
) -> Finding:
    document, save = occurrence.inference.document, occurrence.save
    label = occurrence.model.label
    return Finding(
        rule=RULE,
        path=document.path,
        span=document.span(save.statement),
        symbol=occurrence.inference.symbol,
        message=f"{label}: all columns are saved; {', '.join(occurrence.stored)} changed",
        safety=safety,
        anchor=ast.dump(save.statement),
        reasons=tuple(dict.fromkeys(reasons)),
        evidence=tuple(_evidence(occurrence)),
        data={"model": label, "fields": columns},
        plan=None if safety is Safety.REPORT else _plan(document, save, columns),
    )


def _plan(document: Document, save: Save, columns: tuple[str, ...]) -> Plan:
    method, call = document.span(save.call.func), document.span(save.call)
    parentheses = Span(method.end_line, method.end_column, call.end_line, call.end_column)
    return Plan(NodeReference.of(save.call), parentheses, columns)


def _evidence(occurrence: Occurrence) -> Iterator[Evidence]:
    """The assignments that the save finds."""
    document = occurrence.inference.document
    for line in sorted({use.point.line for use in occurrence.stores}):
        yield Evidence(document.path, line, document.line_text(line).strip())
