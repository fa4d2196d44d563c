"""What a call gives, if it gives a queryset: methods, `super()`, views' own methods, helpers."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason
from djfix.codemods.inference.loading import managers, methods, unread, views
from djfix.codemods.inference.loading.chains import Chain
from djfix.codemods.inference.values import Manager, QuerySet

if TYPE_CHECKING:
    from djfix.codemods.inference.loading.reading import Reader

UNKNOWN = Reason("unknown-queryset", "where the queryset comes from cannot be read")
LIST_SHORTCUT = "django.shortcuts.get_list_or_404"
_MODEL_LOOKUPS = frozenset({"django.apps.apps.get_model", "django.apps.registry.apps.get_model"})
_LABEL = ("app_label", "model_name")
_COPYING = frozenset({"copy.copy", "copy.deepcopy"})


def read_call(reader: Reader, call: ast.Call) -> Chain | Reason:
    """The queryset that a call gives."""
    if isinstance(call.func, ast.Attribute):
        return _of_attribute(reader, call, call.func)
    resolved = reader.inference.resolve(call.func)
    if resolved is None:
        return UNKNOWN
    return _of_function(reader, call, resolved)


def _of_attribute(reader: Reader, call: ast.Call, function: ast.Attribute) -> Chain | Reason:
    if _is_super(function.value):
        return _of_super(reader, call, function.attr)
    receiver = reader.receiver
    if receiver is not None and receiver.view is not None and reader.is_self(function.value):
        return views.own_call(reader, call, function.attr)
    if isinstance(function.value, ast.Call):
        found = _of_new_object(reader, call, function.value, function.attr)
        if found is not None:
            return found
    base = reader.read(function.value)
    if isinstance(base, Chain) and not base.is_lone_model:
        return methods.of_call(reader, base, call, function.attr)
    of_object = unread.of_call(reader, function)
    if of_object is not None:
        return of_object
    value = reader.inference.value(call) if base is UNKNOWN else None
    resolved = reader.inference.resolve(function)
    if resolved is not None:
        of_function = _of_function(reader, call, resolved)
        if isinstance(of_function, Chain):
            return of_function
    if isinstance(base, Chain):
        return _of_class_method(reader, call, base, function.attr)
    return reader.of_value(value) if isinstance(value, Manager | QuerySet) else base


def _of_new_object(
    reader: Reader, call: ast.Call, made: ast.Call, method: str
) -> Chain | Reason | None:
    """`Service(user).orders()`: a method of a class of the project that is no queryset."""
    cls = reader.inference.resolve(made.func)
    info = reader.memory.project.method(cls, method) if cls is not None else None
    if cls is None or info is None or info.path is None or info.facts is None:
        return None
    if _is_queryset_class(reader, cls):
        return None
    node = reader.memory.function_at(info.path, info.line)
    arguments = methods.arguments_of(reader, call, info)
    inner = reader.inner(info.path, node, arguments=arguments) if node is not None else None
    return methods.returned(inner, node) if inner is not None and node is not None else None


def _of_class_method(reader: Reader, call: ast.Call, base: Chain, method: str) -> Chain | Reason:
    """`Model.method()`: a class method of the model."""
    info = reader.memory.project.method(base.model, method)
    if info is None or info.path is None or info.facts is None:
        return UNKNOWN
    arguments = methods.arguments_of(reader, call, info)
    rows = replace(base, is_lone_model=True)
    return methods.read_method(
        reader.memory, info, base.model, rows=rows, arguments=arguments, depth=reader.depth
    )


def _is_super(expression: ast.expr) -> bool:
    return (
        isinstance(expression, ast.Call)
        and isinstance(expression.func, ast.Name)
        and expression.func.id == "super"
    )


def _of_super(reader: Reader, call: ast.Call, method: str) -> Chain | Reason:
    receiver = reader.receiver
    if receiver is None:
        return UNKNOWN
    if receiver.view is not None:
        return views.super_call(reader, call, method)
    if receiver.rows is None:
        return UNKNOWN
    return _of_super_rows(reader, call, method)


def _of_super_rows(reader: Reader, call: ast.Call, method: str) -> Chain | Reason:
    """`super().get_queryset()` of a manager, `super().filter()` of a queryset."""
    receiver = reader.receiver
    assert receiver is not None
    assert receiver.rows is not None
    rows, project = receiver.rows, reader.memory.project
    around = rows.manager_class if rows.manager_class is not None else rows.queryset_class
    order = project.mro(around) if around is not None else None
    later = order[order.index(receiver.cls) + 1 :] if order and receiver.cls in order else ()
    for cls in later:
        info = project.class_named(cls)
        if info is None or method not in info.binds():
            continue
        if info.path is None:
            break
        found = project.method(cls, method)
        if found is None:
            return UNKNOWN
        return methods.read_method(reader.memory, found, rows.model, rows=rows, depth=reader.depth)
    if method == "get_queryset":
        return managers.base_queryset(rows)
    plain = replace(rows, queryset_class=None, manager_class=None)
    return methods.of_call(reader, plain, call, method)


def _of_function(reader: Reader, call: ast.Call, resolved: str) -> Chain | Reason:
    if resolved == LIST_SHORTCUT and call.args:
        found = reader.read(call.args[0])
        return replace(found, is_lone_model=False) if isinstance(found, Chain) else found
    if resolved == "django.contrib.auth.get_user_model":
        return _user_model(reader)
    if resolved in _MODEL_LOOKUPS:
        return _labelled_model(reader, call)
    if resolved in _COPYING and call.args:
        return reader.read(call.args[0])
    if _is_queryset_class(reader, resolved):
        return _new_queryset(reader, call, resolved)
    return _of_helper(reader, call, resolved)


def _labelled_model(reader: Reader, call: ast.Call) -> Chain | Reason:
    """`apps.get_model("shop.Order")`, `apps.get_model("shop", "Order")`, or by keywords."""
    keywords = {each.arg: each.value for each in call.keywords}
    given = [*call.args, *(keywords[each] for each in _LABEL if each in keywords)]
    names = [each.value for each in given if isinstance(each, ast.Constant)]
    label = ".".join(each for each in names if isinstance(each, str))
    found = reader.memory.project.model_by_label(label, partial=True) if label else None
    if found is None:
        return UNKNOWN
    return replace(managers.of_model(reader.memory, found), is_lone_model=True)


def _user_model(reader: Reader) -> Chain | Reason:
    user = reader.memory.project.user_model(partial=True)
    if user is None:
        return Reason("unknown-model", "the user model is not known")
    return replace(managers.of_model(reader.memory, user), is_lone_model=True)


def _is_queryset_class(reader: Reader, resolved: str) -> bool:
    return reader.memory.project.is_subclass(resolved, "django.db.models.QuerySet") is True


def _new_queryset(reader: Reader, call: ast.Call, resolved: str) -> Chain | Reason:
    """`BookQuerySet(self.model, using=self._db)`."""
    given = [*call.args[:1], *(each.value for each in call.keywords if each.arg == "model")]
    model = reader.model_of(given[0]) if given else None
    receiver = reader.receiver
    if model is None and receiver is not None:
        model = receiver.model
    found = reader.memory.project.model(model, partial=True) if model is not None else None
    if found is None:
        return UNKNOWN
    order = managers.ordering_of(found)
    return Chain(
        found.name,
        resolved,
        order=order,
        ordered_by=found.ordering,
        by_meta=order != "none",
        keeps_rows=True,
    )


def _of_helper(reader: Reader, call: ast.Call, resolved: str) -> Chain | Reason:
    """A function of the project: what its `return`s give."""
    project = reader.memory.project
    module, _, name = resolved.rpartition(".")
    path = project.path_of(module)
    facts = project.module(path) if path is not None else None
    function = facts.function(name) if facts is not None else None
    if path is None or function is None:
        return _of_static_method(reader, call, resolved)
    node = reader.memory.function_at(path, function.line)
    names = [each.name for each in function.parameters]
    given = {key: reader.read(value) for key, value in _given(names, call)}
    inner = reader.inner(path, node, arguments=given) if node is not None else None
    if inner is None or node is None:
        return Reason("deep-queryset", "the queryset is made through too many functions")
    return methods.returned(inner, node)


def _of_static_method(reader: Reader, call: ast.Call, resolved: str) -> Chain | Reason:
    """`Service.method(...)` of a class of the project."""
    cls, _, name = resolved.rpartition(".")
    info = reader.memory.project.method(cls, name) if cls else None
    if info is None or info.path is None or info.facts is None:
        return UNKNOWN
    node = reader.memory.function_at(info.path, info.line)
    names = [each.name for each in info.facts.parameters]
    names = names if info.facts.is_staticmethod else names[1:]
    given = {key: reader.read(value) for key, value in _given(names, call)}
    inner = reader.inner(info.path, node, arguments=given) if node is not None else None
    return methods.returned(inner, node) if inner is not None and node is not None else UNKNOWN


def _given(names: list[str], call: ast.Call) -> list[tuple[str, ast.expr]]:
    pairs = list(zip(names, call.args, strict=False))
    pairs += [(each.arg, each.value) for each in call.keywords if each.arg is not None]
    return [pair for pair in pairs if not isinstance(pair[1], ast.Starred)]
