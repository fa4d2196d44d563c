"""Managers: which class attributes are managers, and how far from Django's own they are."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from djfix.codemods.project.classes import ClassInfo
from djfix.codemods.project.facts import AssignmentFacts, ExpressionFacts
from djfix.codemods.project.fields import Context
from djfix.codemods.project.known.classes import known_class
from djfix.codemods.project.models import Manager
from djfix.codemods.source.chains import dotted_name
from djfix.codemods.source.document import Document

MANAGER = "django.db.models.Manager"
BASE_MANAGER = "django.db.models.manager.BaseManager"
QUERYSET = "django.db.models.QuerySet"

KEEPS_ROWS = frozenset(
    {"select_related", "prefetch_related", "order_by", "defer", "only", "using", "all"}
)
"""Queryset methods that leave no row out and add none."""

AUTOMATIC = Manager("objects", MANAGER)
"""What Django adds to a model without a manager."""

BASE = Manager("_base_manager", MANAGER)
"""What Django uses for related rows and for saving unless Meta.base_manager_name is set."""


def declared_manager(
    context: Context, cls: str, path: str, assigned: AssignmentFacts
) -> Manager | None:
    """The manager that an assignment in a class body declares; None if it is something else."""
    call = assigned.value
    if call is None or call.kind != "call" or assigned.operator:
        return None
    manager = _of_call(context, path, assigned.target, call)
    if manager is None:
        return None
    return replace(manager, declared_in=cls, path=path, line=assigned.line)


def known_manager(context: Context, cls: str, name: str, class_name: str) -> Manager:
    """A manager of one of Django's own models."""
    return replace(manager_of(context, name, class_name), declared_in=cls)


def manager_of(
    context: Context, name: str, class_name: str, queryset: str | None = None
) -> Manager:
    """What an instance of a manager class (its queryset's class given or found) is like."""
    order = context.classes.mro(class_name)
    if order is None:
        return unknown_manager(name, class_name)
    queryset = queryset or _queryset_of(context, order)
    overrides = overridden(context, order)
    inner = _queryset_overrides(context, queryset)
    if overrides is None or inner is None or "_queryset_class" in overrides:
        return unknown_manager(name, class_name)
    filters: bool | None = False
    if "get_queryset" in overrides:
        queryset, filters = _read_get_queryset(context, class_name, queryset)
        inner = _queryset_overrides(context, queryset) if queryset else None
    both = None if inner is None else overrides | inner
    return Manager(
        name=name,
        class_name=class_name,
        is_plain=not both and both is not None,
        filters=filters,
        queryset_class=queryset,
        overrides=both if both is not None else overrides if filters else None,
    )


def unknown_manager(name: str, class_name: str | None) -> Manager:
    """A manager whose class cannot be read."""
    return Manager(name, class_name, False, None, None, None)


def overridden(context: Context, order: Iterable[str]) -> frozenset[str] | None:
    """The names of Django's own API that classes before Django's define; None if unreadable."""
    found: set[str] = set()
    for name in order:
        if name in _PLAIN:
            continue
        info = context.classes.class_named(name)
        if info is None or (info.facts is not None and info.facts.is_open):
            return None
        found |= info.binds() & manager_api()
    return frozenset(found)


@cache
def manager_api() -> frozenset[str]:
    """The names that Django's managers and querysets themselves have, but for their looks."""
    names: set[str] = {"__getattr__", "__getattribute__", "__init_subclass__", "_queryset_class"}
    for each in (*_PLAIN,):
        known = known_class(each)
        names |= known.members if known is not None else set()
    return frozenset(names - {"use_in_migrations", "__doc__", "__repr__", "__str__", "as_manager"})


_PLAIN = frozenset(
    {
        MANAGER,
        BASE_MANAGER,
        QUERYSET,
        "django.db.models.manager.BaseManagerFromQuerySet",
        "django.db.models.query.AltersData",
        "django.db.models.utils.AltersData",
    }
)


def _of_call(context: Context, path: str, name: str, call: ExpressionFacts) -> Manager | None:
    function = call.function
    assert function is not None
    if function.kind == "subscript":
        function = function.items[0]
    if function.kind == "call":
        return _of_from_queryset(context, path, name, function)
    if function.kind != "name":
        return None
    owner, _, last = function.name.rpartition(".")
    if last == "as_manager" and owner:
        return _of_as_manager(context, path, name, owner, call.line)
    resolved = context.classes.names.resolve(path, function.name, (), call.line)
    info = None if resolved is None else context.classes.class_named(resolved)
    if info is None:
        is_named_so = last.endswith("Manager") and (resolved or function.name)
        return unknown_manager(name, resolved) if is_named_so else None
    order = context.classes.ancestors(info.name)
    if BASE_MANAGER not in order and MANAGER not in order:
        is_open = context.classes.mro(info.name) is None
        return unknown_manager(name, info.name) if is_open and last.endswith("Manager") else None
    return manager_of(context, name, info.name)


def _of_from_queryset(
    context: Context, path: str, name: str, function: ExpressionFacts
) -> Manager | None:
    """`Manager.from_queryset(QuerySet)()`."""
    assigned = AssignmentFacts(name, function, function.line)
    info = context.classes.derived_from("", path, assigned)
    if info is None:
        return None
    if not info.bases or info.queryset is None:
        return unknown_manager(name, None)
    return manager_of(context, name, info.bases[0], info.queryset)


def _of_as_manager(context: Context, path: str, name: str, owner: str, line: int) -> Manager | None:
    resolved = context.classes.names.resolve(path, owner, (), line)
    order = () if resolved is None else context.classes.ancestors(resolved)
    if resolved is None or QUERYSET not in order:
        return unknown_manager(name, None)
    return manager_of(context, name, MANAGER, resolved)


def _queryset_of(context: Context, order: Iterable[str]) -> str:
    """The queryset of the nearest class made by `from_queryset`, else Django's."""
    for name in order:
        info: ClassInfo | None = context.classes.class_named(name)
        if info is not None and info.queryset is not None:
            return info.queryset
    return QUERYSET


def _queryset_overrides(context: Context, queryset: str | None) -> frozenset[str] | None:
    order = None if queryset is None else context.classes.mro(queryset)
    if order is None or QUERYSET not in order:
        return None
    return overridden(context, order)


def _read_get_queryset(
    context: Context, class_name: str, queryset: str
) -> tuple[str | None, bool | None]:
    """The queryset's class, and whether `get_queryset` leaves rows out, from its body.

    Only two bodies are understood: `return OwnQuerySet(self.model, using=self._db)` and
    `return super().get_queryset()` with methods that keep all rows.
    """
    method = context.classes.method(class_name, "get_queryset")
    if method is None or method.path is None or method.facts is None:
        return None, True
    body = _body_at(context.document(method.path), method.facts.line)
    if len(body) != 1 or not isinstance(body[0], ast.Return):
        return queryset, True
    value = body[0].value
    made = _constructed(value)
    if made is not None:
        resolved = context.classes.names.resolve(method.path, made)
        order = () if resolved is None else context.classes.ancestors(resolved)
        return (resolved, False) if QUERYSET in order else (None, True)
    return queryset, not _keeps_rows(value)


def _body_at(document: Document, line: int) -> list[ast.stmt]:
    function = document.definition_at(line)
    if not isinstance(function, ast.FunctionDef):
        return []
    first = function.body[0]
    is_documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return function.body[1:] if is_documented else function.body


def _constructed(value: ast.expr | None) -> str | None:
    """ "OwnQuerySet" of `OwnQuerySet(self.model, using=self._db)`."""
    if not isinstance(value, ast.Call) or not value.args:
        return None
    model = dotted_name(value.args[0]) == "self.model" and len(value.args) <= 2
    others = [*value.args[1:], *(each.value for each in value.keywords)]
    if model and all(dotted_name(each) in {"self._db", "self.db"} for each in others):
        return dotted_name(value.func)
    return None


def _keeps_rows(value: ast.expr | None) -> bool:
    """`super().get_queryset()`, refined only by methods that keep all rows."""
    while isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        base = value.func.value
        if value.func.attr == "get_queryset":
            is_super = isinstance(base, ast.Call) and dotted_name(base.func) == "super"
            return is_super and not value.args and not value.keywords
        if value.func.attr not in KEEPS_ROWS:
            return False
        value = base
    return False
