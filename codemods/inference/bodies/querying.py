"""What is done through Django's models: rows that are created, written, added to and deleted."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from djfix.codemods.inference.bodies.drafts import (
    CREATING,
    DELETING,
    HARMLESS,
    NOTHING,
    SAVING,
    WRITING,
    Classified,
    Draft,
)
from djfix.codemods.inference.bodies.values import ActKind
from djfix.codemods.inference.values import Instance, Manager, ModelClass, QuerySet, Saved, Value
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.inference.expressions import Inference


def of_model(inference: Inference, call: ast.Call, function: ast.Attribute) -> Classified | None:
    value = inference.value(function.value)
    if isinstance(value, Manager | QuerySet | ModelClass):
        return _of_queryset(inference, call, function, value)
    if isinstance(value, Instance):
        return _of_instance(inference, function, value)
    return None


def _of_queryset(
    inference: Inference, call: ast.Call, function: ast.Attribute, value: Value
) -> Classified | None:
    assert isinstance(value, Manager | QuerySet | ModelClass)
    callee, method = f"{value.model}.{function.attr}", function.attr
    if method in CREATING:
        return Classified(Draft("create", callee, repeatable=_is_upsert(call)))
    if method in WRITING:
        is_delta = any(holds_f(inference, each.value) for each in call.keywords)
        kind: ActKind = "delta" if is_delta else "write"
        return Classified(Draft(kind, callee, repeatable=not is_delta))
    if method in DELETING:
        return Classified(Draft("delete", callee, repeatable=True))
    if method in HARMLESS or isinstance(value, ModelClass):
        return None if isinstance(value, ModelClass) else NOTHING
    return None


def _is_upsert(call: ast.Call) -> bool:
    names = {each.arg for each in call.keywords}
    return bool(names & {"ignore_conflicts", "update_conflicts"})


def holds_f(inference: Inference, value: ast.expr) -> bool:
    return any(
        isinstance(node, ast.Call)
        and (inference.resolve(node.func) or "").startswith("django.db.models.")
        and (inference.resolve(node.func) or "").endswith(".F")
        for node in walk(value)
    )


def _of_instance(
    inference: Inference, function: ast.Attribute, value: Instance
) -> Classified | None:
    callee, method = f"{value.model}.{function.attr}", function.attr
    if method in SAVING:
        if value.saved is Saved.NO:
            return Classified(Draft("create", callee, repeatable=False))
        repeatable = True if value.saved is Saved.YES else None
        return Classified(Draft("write", callee, repeatable=repeatable))
    if method in DELETING:
        return Classified(Draft("delete", callee, repeatable=True))
    if method == "email_user":
        return Classified(Draft("mail", callee, repeatable=False))
    info = inference.project.method(value.model, method)
    if info is not None and info.path is not None and info.facts is not None:
        return Classified(target=f"{info.cls}.{method}")
    return None
