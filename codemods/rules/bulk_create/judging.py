"""From a function to findings: what is made in a loop, and whether one query can make it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.findings import Declined, Evidence, Finding, NodeReference, Reason, Safety
from djfix.codemods.inference.expressions import Function, Inference
from djfix.codemods.inference.values import Manager, ModelClass, QuerySet, Unknown, Value
from djfix.codemods.project.models import Model
from djfix.codemods.rules.bulk_create import guards, reviews, updates
from djfix.codemods.rules.bulk_create.places import Place
from djfix.codemods.rules.bulk_create.shapes import Creation, Made, Obstacle, Turn, creations_in
from djfix.codemods.rules.bulk_create.updates import Update, UpdatePlan, changing_in, update_of
from djfix.codemods.rules.bulk_create.writing import Plan, one_line
from djfix.codemods.source.chains import dotted_name
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.source.document import Document

RULE = "bulk-create"


def findings_in(
    document: Document, project: Project, function: Function, batch_size: int | None
) -> Iterator[Finding | Declined]:
    """What one function holds. Nothing is asked of the project where no loop makes rows."""
    if isinstance(function, ast.AsyncFunctionDef):
        return
    found = [*creations_in(function)]
    changing = [*changing_in(function)]
    if not found and not changing:
        return
    inference = Inference(project, document, function)
    for each in found:
        if isinstance(each, Obstacle):
            yield from _obstructed(inference, each)
        else:
            yield from _judged(inference, each, batch_size)
    for loop in changing:
        update = update_of(inference, loop)
        if update is not None:
            yield _updated(update, batch_size)


def _receiver(inference: Inference, made: Made) -> Value:
    """The manager that creates, or the class that is made and saved."""
    value = inference.value(made.receiver)
    wanted = ModelClass if made.how == "save" else Manager | QuerySet
    return value if isinstance(value, wanted | Unknown) else Unknown("it is no manager or model")


def _obstructed(inference: Inference, obstacle: Obstacle) -> Iterator[Finding]:
    value = _receiver(inference, obstacle.made)
    model = None if isinstance(value, Unknown) else _model(inference, value)
    if model is None:
        return
    document, loop = inference.document, obstacle.loop
    call = obstacle.made.call
    yield Finding(
        rule=RULE,
        path=document.path,
        span=document.span(call),
        symbol=inference.symbol,
        message=f"{model.label}: one query for each row that the loop creates",
        safety=Safety.REPORT,
        anchor=ast.dump(call),
        reasons=(obstacle.reason,),
        evidence=(Evidence(document.path, loop.lineno, document.line_text(loop.lineno).strip()),),
        data={"model": model.label, "form": obstacle.made.how},
    )


def _model(inference: Inference, value: Value) -> Model | None:
    assert isinstance(value, Manager | QuerySet | ModelClass)
    return inference.project.model(value.model)


def _judged(
    inference: Inference, creation: Creation, batch_size: int | None
) -> Iterator[Finding | Declined]:
    value = _receiver(inference, creation.made)
    if isinstance(value, Unknown):
        if creation.made.how == "create" and _is_written_as_manager(creation.made.receiver):
            text = f"{ast.unparse(creation.made.receiver)}: {value.why}"
            yield _declined(inference, creation, text)
        return
    model = _model(inference, value)
    if model is None:
        yield _declined(inference, creation, "its model is not one that djfix can read")
        return
    rows = value if isinstance(value, Manager | QuerySet) else None
    yield _finding(Place(inference, creation, model, rows), batch_size)


def _is_written_as_manager(receiver: ast.expr) -> bool:
    if not isinstance(receiver, ast.Attribute):
        return False
    return receiver.attr.endswith(("objects", "_set", "_manager"))


def _declined(inference: Inference, creation: Creation, text: str) -> Declined:
    reason = Reason("unknown-receiver", text)
    return Declined(RULE, inference.document.path, creation.statement.lineno, reason)


def _finding(place: Place, batch_size: int | None) -> Finding:
    document, creation = place.inference.document, place.creation
    reasons = tuple(reason for guard in guards.REPORTS for reason in guard(place))
    safety = Safety.REPORT
    if not reasons:
        reasons = tuple(reason for guard in reviews.REVIEWS for reason in guard(place))
        reasons = reasons or tuple(reason for guard in reviews.LAST for reason in guard(place))
        safety = Safety.REVIEW if reasons else Safety.SAFE
    return Finding(
        rule=RULE,
        path=document.path,
        span=document.span(creation.statement),
        symbol=place.inference.symbol,
        message=f"{place.model.label}: one query for each row that the loop creates",
        safety=safety,
        anchor=ast.dump(creation.statement),
        reasons=tuple(dict.fromkeys(reasons)),
        data={"model": place.model.label, "form": place.form},
        plan=None if safety is Safety.REPORT else _plan(place, batch_size),
    )


# The plan.


def _plan(place: Place, batch_size: int | None) -> Plan:
    creation, model = place.creation, place.model
    spelled = _spelled_model(place, creation.made)
    manager = ""
    if creation.made.how == "create" and not place.is_related:
        manager = _text(place, creation.made.receiver)
    module, _, name = model.name.rpartition(".")
    named = "objects" if "objects" in model.managers else model.default_manager.name
    return Plan(
        statement=NodeReference.of(creation.statement),
        manager=manager,
        model=spelled,
        module=module,
        name=name,
        manager_name=model.default_manager.name if place.is_related else named,
        arguments=tuple(_arguments(place)),
        clauses=tuple(part for turn in creation.turns for part in _clauses(place, turn)),
        batch_size=batch_size,
    )


def _spelled_model(place: Place, made: Made) -> str:
    """The class's name in the code, where it has one that can be called."""
    return _own_name(place) if place.is_related else _class_in(place, made.receiver)


def _own_name(place: Place) -> str:
    """The model's name where this file defines it; else it is imported, perhaps again."""
    inference, model = place.inference, place.model
    is_local = inference.flow.is_local(model.object_name) or model.object_name in inference.hidden
    return "" if is_local or model.path != inference.document.path else model.object_name


def _class_in(place: Place, node: ast.expr) -> str:
    """The name of the class that a chain of managers and querysets begins with."""
    while not isinstance(place.inference.value(node), ModelClass):
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Attribute):
            node = node.value
        else:
            return ""
    return _text(place, node) if dotted_name(node) is not None else ""


def _arguments(place: Place) -> Iterator[str]:
    if place.owner is not None and place.relation is not None:
        yield f"{place.relation.field}={_text(place, place.owner)}"
    call = place.creation.made.call
    for each in call.args:
        yield _text(place, each)
    for keyword in call.keywords:
        before = "**" if keyword.arg is None else f"{keyword.arg}="
        yield before + _text(place, keyword.value)


def _clauses(place: Place, turn: Turn) -> Iterator[str]:
    target, iterable = _text(place, turn.target), _text(place, turn.iterable)
    yield f"for {target} in {_as_operand(iterable, turn.iterable)}"
    for condition in turn.conditions:
        yield f"if {_as_operand(_text(place, condition), condition)}"


def _as_operand(text: str, node: ast.expr) -> str:
    """In parentheses, where a comprehension would read it otherwise."""
    bare = isinstance(node, ast.Tuple) and not text.startswith("(")
    return f"({text})" if bare or isinstance(node, ast.IfExp | ast.Lambda | ast.Starred) else text


def _text(place: Place, node: ast.expr) -> str:
    return one_line(place.inference.document.segment(node), node)


# Loops that save.


def _updated(update: Update, batch_size: int | None) -> Finding:
    place, loop = update.place, update.changing.loop
    document = place.inference.document
    reasons = tuple(reason for guard in updates.REPORTS for reason in guard(update))
    safety = Safety.REPORT
    if not reasons:
        reasons = tuple(reason for guard in updates.REVIEWS for reason in guard(update))
        safety = Safety.REVIEW
    return Finding(
        rule=RULE,
        path=document.path,
        span=document.span(loop),
        symbol=place.inference.symbol,
        message=f"{place.model.label}: one query for each row that the loop saves",
        safety=safety,
        anchor=ast.dump(loop),
        reasons=tuple(dict.fromkeys(reasons)),
        data={"model": place.model.label, "form": update.form},
        plan=None if safety is Safety.REPORT else _update_plan(update, batch_size),
    )


def _update_plan(update: Update, batch_size: int | None) -> UpdatePlan:
    place, changing = update.place, update.changing
    loop, model = changing.loop, place.model
    module, _, name = model.name.rpartition(".")
    same = update.is_same_for_all
    named = loop.iter.id if isinstance(loop.iter, ast.Name) else ""
    return UpdatePlan(
        loop=NodeReference.of(loop),
        save=NodeReference.of(changing.save.statement),
        iterator=NodeReference.of(loop.iter),
        iterable=_text(place, loop.iter),
        values=tuple(_values(update)) if same else (),
        rows=named or _free_name(place, changing.target),
        is_new=not named,
        columns=update.columns,
        model=_own_name(place) if place.is_related else _class_in(place, loop.iter),
        module=module,
        name=name,
        manager_name=model.default_manager.name,
        batch_size=batch_size,
    )


def _values(update: Update) -> Iterator[str]:
    for each in update.changing.stores:
        assert isinstance(each, ast.Assign)
        assert isinstance(each.targets[0], ast.Attribute)
        yield f"{each.targets[0].attr}={_text(update.place, each.value)}"


def _free_name(place: Place, target: str) -> str:
    """A name for the rows that the file does not use."""
    used = {each.id for each in walk(place.inference.document.tree) if isinstance(each, ast.Name)}
    used |= {each.arg for each in walk(place.inference.function) if isinstance(each, ast.arg)}
    wanted = (f"{target}s", f"{target}_rows", f"all_{target}s")
    return next((each for each in wanted if each not in used), f"{target}_rows_to_update")
