"""A guarded update of a column that no constraint keeps from going below zero: reported only.

Django's docs advise a `CheckConstraint` for what must hold of each row whoever writes it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.findings import Evidence, Finding, Reason, Safety
from djfix.codemods.inference.expressions import Function, Inference
from djfix.codemods.inference.saving.saves import statements_of
from djfix.codemods.inference.values import Manager, QuerySet
from djfix.codemods.project.models import Field, Model
from djfix.codemods.rules.f_expressions.models import NUMERIC
from djfix.codemods.source.walking import children, walk

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.source.document import Document

RULE = "f-expressions"


def unconstrained_in(document: Document, project: Project, function: Function) -> Iterator[Finding]:
    """Each column that `filter(f__gte=n).update(f=F("f") - n)` guards and no constraint does."""
    found = [call for item in statements_of(function) for call in _updates(item)]
    if not found:
        return
    inference = Inference(project, document, function)
    for call, name in dict.fromkeys(found):
        finding = _judged(inference, call, name)
        if finding is not None:
            yield finding


def _updates(statement: ast.stmt) -> Iterator[tuple[ast.Call, str]]:
    """Calls of `update` in a statement's own expressions, with the guarded decrement's column."""
    for expression in children(statement):
        if not isinstance(expression, ast.expr):
            continue
        for node in walk(expression):
            if isinstance(node, ast.Call) and _method(node) == "update":
                for name, amount in _decrements(node):
                    if _guards(node, name, amount):
                        yield node, name


def _method(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _decrements(call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    for keyword in call.keywords:
        match keyword.value:
            case ast.BinOp(op=ast.Sub(), left=ast.Call(args=[ast.Constant(value=str(name))])) if (
                name == keyword.arg
            ):
                yield name, keyword.value.right


def _guards(call: ast.Call, name: str, amount: ast.expr) -> bool:
    """Whether a `filter` of the chain asks for no less than the very amount that is taken."""
    wanted = {(f"{name}__gte", ast.dump(amount))}
    if isinstance(amount, ast.Constant) and amount.value == 1:
        wanted.add((f"{name}__gt", ast.dump(ast.Constant(value=0))))
    node: ast.expr = call.func
    while isinstance(node, ast.Attribute):
        node = node.value
        if isinstance(node, ast.Call):
            if any((item.arg, ast.dump(item.value)) in wanted for item in node.keywords):
                return True
            node = node.func
    return False


def _judged(inference: Inference, call: ast.Call, name: str) -> Finding | None:
    assert isinstance(call.func, ast.Attribute)
    source = inference.value(call.func.value)
    if not isinstance(source, QuerySet | Manager):
        return None
    model = inference.project.model(source.model)
    field = model.field(name) if model is not None else None
    if model is None or field is None or field.kind not in NUMERIC or field.path is None:
        return None
    if _is_constrained(model, field):
        return None
    return _finding(inference, call, model, field)


def _is_constrained(model: Model, field: Field) -> bool:
    """Whether the database checks the column, by its type or by any constraint that names it."""
    if "Positive" in field.class_name or not field.is_django_own:
        return True
    return any(
        name.split("__")[0] == field.name
        for constraint in model.constraints
        for part in constraint.walk()
        for name in (*(keyword for keyword, _ in part.keywords), part.string or "")
    )


def _finding(inference: Inference, call: ast.Call, model: Model, field: Field) -> Finding:
    document = inference.document
    column = f"{model.label}.{field.name}"
    module = inference.project.module_of(document.path) or document.path
    text = (
        f"no constraint of {model.label} keeps {field.name} from going below zero elsewhere: "
        f"CheckConstraint(condition=Q({field.name}__gte=0), name=...)"
    )
    return Finding(
        rule=RULE,
        path=document.path,
        span=document.span(call),
        symbol=".".join((module, *inference.scope)),
        message=f"{column}: guarded in this query only",
        safety=Safety.REPORT,
        anchor=ast.dump(call),
        reasons=(Reason("missing-constraint", text),),
        evidence=(Evidence(field.path or "", field.line, f"{column} is declared here"),),
        data={"model": model.label, "field": field.name, "op": "-", "form": None, "guard": True},
    )
