"""What a call returns: Django's shortcuts and managers, model classes, builtins, own helpers."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from djfix.codemods.inference import numbers
from djfix.codemods.inference.querysets import as_queryset, is_overridden, of_method
from djfix.codemods.inference.returns import returned_by_function, returned_by_method
from djfix.codemods.inference.values import (
    Instance,
    Items,
    Manager,
    ModelClass,
    Named,
    Number,
    Plain,
    QuerySet,
    Saved,
    Self,
    Unknown,
    Value,
    joined,
)

if TYPE_CHECKING:
    from djfix.codemods.inference.expressions import Inference

OBJECT_SHORTCUTS = frozenset(
    {
        "django.shortcuts.get_object_or_404",
        "django.shortcuts.aget_object_or_404",
        "rest_framework.generics.get_object_or_404",
    }
)
_TYPED: dict[str, Value] = {
    "len": Number("int"),
    "int": Number("int"),
    "float": Number("float"),
    "str": Plain("str"),
    "bool": Number("bool"),
    "decimal.Decimal": Number("decimal"),
    "datetime.timedelta": Number("timedelta"),
    "django.utils.timezone.now": Plain("datetime"),
    "datetime.datetime.now": Plain("datetime"),
    "datetime.date.today": Plain("date"),
}
_ITERATING = frozenset({"list", "tuple", "sorted", "reversed", "set"})


def value_of_call(inference: Inference, call: ast.Call) -> Value:
    """What the call returns; Unknown for code that is not known or not followed."""
    name = inference.resolve(call.func)
    if name is not None:
        value = _of_function(inference, call, name)
        if value is not None:
            return value
    if isinstance(call.func, ast.Attribute):
        return _of_method(inference, call.func)
    called = inference.value(call.func)
    if isinstance(called, ModelClass):
        return _new(called)
    return returned_by_function(inference, name) if name else Unknown("what is called is not known")


def _of_function(inference: Inference, call: ast.Call, name: str) -> Value | None:
    if name in _TYPED:
        return _TYPED[name]
    if name in OBJECT_SHORTCUTS and call.args:
        return _shortcut(inference, inference.value(call.args[0]))
    if name == "django.contrib.auth.get_user_model":
        user = inference.project.user_model(partial=True)
        return ModelClass(user.name) if user is not None else Unknown("the user model is not known")
    if name == "zip":
        return Items(element=Items(tuple(inference.element_of(item) for item in call.args)))
    if name in _ITERATING and len(call.args) == 1:
        return Items(element=inference.element_of(call.args[0]))
    if name in _BUILTINS:
        return _of_builtin(inference, call, name)
    return None


_BUILTINS = frozenset({"enumerate", "sum", "abs", "round", "min", "max"})


def _of_builtin(inference: Inference, call: ast.Call, name: str) -> Value:
    if name == "enumerate" and call.args:
        return Items(element=Items((Number("int"), inference.element_of(call.args[0]))))
    if name in {"min", "max"} and call.args:
        return _extreme(inference, call)
    if name == "abs" and len(call.args) == 1:
        return numbers.of_sign(inference.value(call.args[0]))
    if name == "round" and call.args:
        digits = _argument(call, 1, "ndigits")
        given = inference.value(digits) if digits is not None else None
        return numbers.of_rounding(inference.value(call.args[0]), given)
    if name == "sum" and call.args:
        start = _argument(call, 1, "start")
        first = inference.value(start) if start is not None else Number("int")
        return numbers.of_sum(first, _item_of(inference, call.args[0]))
    return Unknown(f"the type of {name}() is not known")


def _argument(call: ast.Call, position: int, name: str) -> ast.expr | None:
    if len(call.args) > position:
        return call.args[position]
    return next((item.value for item in call.keywords if item.arg in {name, None}), None)


def _extreme(inference: Inference, call: ast.Call) -> Value:
    """`min` and `max` of numbers and texts; of objects they give one that goes by another name."""
    several = len(call.args) > 1
    values = [inference.value(item) for item in call.args] if several else []
    if not several:
        values = [_item_of(inference, call.args[0])]
    values += [inference.value(item.value) for item in call.keywords if item.arg != "key"]
    found = joined(values)
    return found if isinstance(found, Number | Plain) else Unknown("which of them is not known")


def _item_of(inference: Inference, iterable: ast.expr) -> Value:
    if isinstance(iterable, ast.GeneratorExp | ast.ListComp | ast.SetComp):
        return inference.value(iterable.elt)
    return inference.element_of(iterable)


def _shortcut(inference: Inference, source: Value) -> Value:
    if isinstance(source, ModelClass):
        source = Manager(source.model, "_default_manager")
    if not isinstance(source, Manager | QuerySet):
        return Unknown("what get_object_or_404() is asked for is not known")
    if is_overridden(inference.project, source, "get"):
        return Unknown("get() is overridden by the project's own queryset")
    found = as_queryset(source)
    return Instance(
        found.model,
        Saved.YES,
        "get-object-or-404",
        locked=found.locked,
        deferred=found.deferred,
    )


def _new(called: ModelClass) -> Value:
    """`Model(...)`: its values are the constructor's, also where its key is that of a row."""
    return Instance(called.model, Saved.NO, "new")


def _of_method(inference: Inference, function: ast.Attribute) -> Value:
    base = inference.value(function.value)
    if isinstance(base, Manager | QuerySet):
        if is_overridden(inference.project, base, function.attr):
            return Unknown(f"{function.attr}() is overridden by the project's own queryset")
        return _of_queryset(inference, base, function)
    if isinstance(base, Self):
        return returned_by_method(inference, base.class_name, function.attr)
    if isinstance(base, Instance):
        return returned_by_method(inference, base.model, function.attr)
    if base == Number("decimal") and function.attr == "quantize":
        return base
    if isinstance(base, Named):
        return returned_by_function(inference, f"{base.name}.{function.attr}")
    return Unknown("what is called is not known")


def _of_queryset(inference: Inference, base: Manager | QuerySet, function: ast.Attribute) -> Value:
    """`first()` of a queryset that has its rows gives one of these (django.db.models.query)."""
    value = of_method(base, function.attr)
    if not isinstance(base, QuerySet) or not isinstance(value, Instance):
        return value
    if function.attr in {"first", "afirst"} and (base.held or _is_kept(inference, function.value)):
        return replace(value, outlives=True)
    return value


def _is_kept(inference: Inference, queryset: ast.expr) -> bool:
    """Whether anything but methods of its own may use the queryset that an expression names."""
    if isinstance(queryset, ast.Call):
        return False
    if not isinstance(queryset, ast.Name):
        return True
    loaded = inference.flow.mentions.of(queryset.id)
    return any(len(mention.chain) == 1 and mention.step.access == "load" for mention in loaded)
