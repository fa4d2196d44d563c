"""Calls of which it is not known what code they run, so that any of the project's may.

Callbacks, handlers in a dictionary, methods of what somebody handed in, signals, commands. Taken to
run nothing of the project's: libraries, but for those that are there to call back, methods that
texts, numbers, lists, dictionaries and files have, and what no call is written for (`str(value)`,
operators, attributes).
"""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from djfix.codemods.inference.saving.objects import is_trace
from djfix.codemods.inference.values import (
    Instance,
    Manager,
    ModelClass,
    Named,
    QuerySet,
    Request,
    Self,
    Unknown,
)

if TYPE_CHECKING:
    from djfix.codemods.inference.expressions import Inference
    from djfix.codemods.project.facts import ExpressionFacts
    from djfix.codemods.project.project import Project

OF_VALUES = frozenset(
    name
    for kind in (str, bytes, int, float, Decimal, datetime, timedelta, list, dict, set, tuple)
    for name in dir(kind)
    if not name.startswith("_")
) | frozenset(
    name
    for kind in (io.TextIOWrapper, io.BytesIO, re.Match, re.Pattern)
    for name in dir(kind)
    if not name.startswith("_")
)
"""Methods of Python's own values, which are taken to be that under these names."""

_READING = frozenset(
    {
        *("filter", "exclude", "all", "none", "exists", "first", "last", "order_by", "distinct"),
        *("values", "values_list", "select_related", "prefetch_related", "only", "defer", "using"),
        *("annotate", "aggregate", "in_bulk", "iterator", "aexists", "afirst", "acount"),
        *("has_perm", "has_perms", "getlist", "is_secure", "get_full_path"),
    }
)
"""Methods that only ask: of rows, users and requests, under names that little else has."""

_OF_TASKS = frozenset(
    {"delay", "apply_async", "s", "si", "signature", "subtask", "delay_on_commit"}
)
"""Methods of tasks that run nothing here."""

_CALLING_BACK = frozenset(
    {
        *("eval", "exec", "__import__", "next", "map", "filter"),
        "django.core.management.call_command",
        "celery.current_app.send_task",
    }
)
_HANDING_OUT = frozenset(
    {
        *("getattr", "next", "iter", "min", "max", "sorted", "list", "tuple", "dict", "set"),
        *("reversed", "zip", "enumerate", "filter", "map", "vars", "globals", "locals", "super"),
        *("type", "importlib.import_module", "django.utils.module_loading.import_string"),
        *("copy.copy", "copy.deepcopy", "functools.partial", "operator.attrgetter"),
        *("django.apps.apps.get_app_config", "django.utils.functional.SimpleLazyObject"),
        *("operator.methodcaller", "weakref.ref", "contextvars.ContextVar"),
    }
)
"""Functions that give back what they were given, or find objects of the project's."""

_CALLING = frozenset({"apply", "run", "__call__", "__wrapped__"})
"""Attributes of functions and tasks that call them."""

_SIGNALS = frozenset({"django.dispatch.Signal", "django.dispatch.dispatcher.Signal"})
_MOST_STEPS = 6


def is_unknown(inference: Inference, call: ast.Call) -> bool:
    """Whether any code of the project may run by a call, unseen."""
    function = call.func
    if is_trace(call):
        return False
    if isinstance(function, ast.Attribute):
        return _is_unknown_method(inference, function)
    name = inference.resolve(function)
    if name is not None:
        return name in _CALLING_BACK - _HANDING_OUT or is_variable(inference.project, name)
    value = inference.value(function)
    if isinstance(value, Named):
        return _is_of_project(inference.project, value.name)
    return not isinstance(value, ModelClass) and not _is_super_call(function)


def _is_super_call(function: ast.expr) -> bool:
    return isinstance(function, ast.Name) and function.id == "super"


def _is_unknown_method(inference: Inference, function: ast.Attribute) -> bool:
    if function.attr in OF_VALUES | _READING | _OF_TASKS:
        return False
    owner = function.value
    value = inference.value(owner)
    is_meta = isinstance(owner, ast.Attribute) and owner.attr == "_meta"
    if is_meta or isinstance(value, Instance | Manager | QuerySet | ModelClass):
        return False
    name = inference.resolve(function)
    if name is not None:
        return name in _CALLING_BACK or is_variable(inference.project, name)
    if isinstance(value, Self):
        return _is_no_method(inference.project, value.class_name, function.attr)
    if isinstance(value, Named):
        return _is_of_project(inference.project, value.name)
    if not isinstance(value, Unknown) or _is_written(inference, function):
        return False
    return may_be_of_project(inference, owner)


def _is_written(inference: Inference, function: ast.Attribute) -> bool:
    """Whether a method is one that a class of the project has, of an object that is made here."""
    owner = function.value
    made = [*_given(inference, owner)] if isinstance(owner, ast.Name) else [owner]
    called = [each.func if isinstance(each, ast.Call) else None for each in made]
    names = [inference.resolve(each) if each is not None else None for each in called]
    found = [inference.project.method(each, function.attr) if each else None for each in names]
    return bool(found) and all(each is not None and each.path is not None for each in found)


def _is_no_method(project: Project, cls: str, name: str) -> bool:
    """Whether `self.name` is something that the object was given. A method of a base that is not
    known is a library's."""
    return project.method(cls, name) is None and project.mro(cls) is not None


def _is_of_project(project: Project, name: str) -> bool:
    """Whether a dotted name is of a module of the project, or in one."""
    parts = name.split(".")
    return any(
        project.path_of(".".join(parts[:length])) is not None for length in range(len(parts), 0, -1)
    )


def is_variable(project: Project, name: str) -> bool:
    """Whether a name is, or is a member of, what a module of the project binds to something that
    is neither a function nor a class, nor made by a library."""
    parts = name.split(".")
    for length in range(len(parts) - 1, 0, -1):
        path = project.path_of(".".join(parts[:length]))
        if path is None:
            continue
        own, behind = parts[length], parts[length + 1 :]
        facts, cls = project.module(path), ".".join(parts[: length + 1])
        if facts is not None and facts.function(own) is not None:
            return not _CALLING.isdisjoint(behind)
        if project.class_named(cls) is not None:
            return len(behind) > 1 or any(project.method(cls, each) is None for each in behind)
        return not _is_made_by_library(project, path, project.value_of(path, own))
    return False


def _is_made_by_library(project: Project, path: str, value: ExpressionFacts | None) -> bool:
    function = value.function if value is not None and value.kind == "call" else None
    if function is None or function.kind != "name":
        return value is not None and value.kind == "constant"
    resolved = project.resolve(path, function.name)
    return resolved is not None and _is_silent(project, resolved)


def _is_silent(project: Project, name: str) -> bool:
    """Whether what a function or class of this name gives runs no code of the project."""
    return not (name in _HANDING_OUT | _CALLING_BACK | _SIGNALS or _is_of_project(project, name))


def may_be_of_project(inference: Inference, owner: ast.expr, steps: int = 0) -> bool:
    """Whether an object whose kind is not known may be one of the project's, or hold one."""
    if steps > _MOST_STEPS:
        return True
    match owner:
        case ast.Constant() | ast.JoinedStr() | ast.List() | ast.Dict() | ast.BinOp():
            return False
        case ast.Call(func=ast.Name(id="super")):
            return False
        case ast.Call(func=function):
            return _may_give_of_project(inference, function, steps + 1)
        case ast.Attribute() | ast.Subscript():
            return _may_hold(inference, owner, steps + 1)
        case ast.Name():
            return _may_name(inference, owner, steps + 1)
        case ast.Await(value=inner) | ast.NamedExpr(value=inner):
            return may_be_of_project(inference, inner, steps + 1)
    return True


def _may_give_of_project(inference: Inference, function: ast.expr, steps: int) -> bool:
    name = inference.resolve(function)
    if name is not None and inference.project.class_named(name) is not None:
        return _has_code(inference.project, name)
    if name is not None:
        return not _is_silent(inference.project, name)
    if not isinstance(function, ast.Attribute):
        return True
    is_value = function.attr in OF_VALUES and function.attr not in {"get", "pop", "setdefault"}
    return not is_value and may_be_of_project(inference, function.value, steps)


def _has_code(project: Project, cls: str) -> bool:
    """Whether a class of the project overrides what its library calls: a form's `clean()`."""
    known = [project.class_named(each) for each in project.mro(cls) or (cls,)]
    return any(each is not None and each.facts is not None and each.facts.methods for each in known)


def _may_hold(inference: Inference, owner: ast.Attribute | ast.Subscript, steps: int) -> bool:
    """What a request, a model or a library holds is no code of the project's."""
    name = inference.resolve(owner)
    if name is not None:
        return is_variable(inference.project, name)
    value = inference.value(owner.value)
    if isinstance(value, Request | Instance | Manager | QuerySet | ModelClass):
        return False
    return may_be_of_project(inference, owner.value, steps)


def _may_name(inference: Inference, name: ast.Name, steps: int) -> bool:
    if isinstance(inference.value(name), Request):
        return False
    resolved = inference.resolve(name)
    if resolved is not None:
        return is_variable(inference.project, resolved) or resolved in _HANDING_OUT
    found = [*_given(inference, name)]
    return not found or any(
        each is None or may_be_of_project(inference, each, steps) for each in found
    )


def _given(inference: Inference, name: ast.Name) -> Iterator[ast.expr | None]:
    """What a local name is bound to; None where that is not written here."""
    for each in inference.definitions(name):
        if each.kind in {"assign", "walrus", "for", "with"}:
            yield each.value
        elif each.kind not in {"except", "import"}:
            yield None
