"""What `self.queryset`, `self.get_queryset()` and `super()` mean in a view class."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason
from djfix.codemods.inference.loading import methods
from djfix.codemods.inference.loading.chains import NO_QUERYSET, Chain, Hook
from djfix.codemods.inference.loading.hooks import put_on_self, with_hook, with_replacements
from djfix.codemods.project.classes import ClassInfo, MethodInfo
from djfix.codemods.project.known_order import known_order
from djfix.codemods.project.project import Project

if TYPE_CHECKING:
    from djfix.codemods.inference.loading.memory import Memory
    from djfix.codemods.inference.loading.reading import Reader

UNKNOWN_BASE = Reason("unknown-base", "a base class of the view is not known")
DJANGO_VIEWS = "django.views.generic."


@dataclass(frozen=True, slots=True)
class Assigned:
    """The value that a class body assigns to a name, and where."""

    cls: str
    path: str
    value: ast.expr
    line: int


def assigned(memory: Memory, view: str, name: str) -> Assigned | None:
    """The nearest assignment of a class attribute along the MRO, None values counted."""
    found = assigning(memory, view, name)
    if found is None or found.path is None or found.facts is None:
        return None
    node, facts = memory.class_at(found.path, found.line), found.facts.assignment(name)
    value = _value_in(node, name) if node is not None else None
    if value is None or facts is None:
        return None
    return Assigned(found.name, found.path, value, facts.line)


def assigning(memory: Memory, view: str, name: str) -> ClassInfo | None:
    """The nearest class along the MRO that assigns to a class attribute; None where a nearer one
    binds it in another way."""
    for cls in known_order(memory.project, view):
        info = memory.project.class_named(cls)
        if info is None or info.facts is None or info.path is None:
            continue
        if info.facts.assignment(name) is not None:
            return info
        if info.defines(name):
            return None
    return None


def _value_in(node: ast.ClassDef, name: str) -> ast.expr | None:
    for statement in reversed(node.body):
        targets: list[ast.expr] = []
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            targets = [statement.target]
        if any(isinstance(each, ast.Name) and each.id == name for each in targets):
            assert isinstance(statement, ast.Assign | ast.AnnAssign)
            return statement.value
    return None


def attribute(reader: Reader, view: str, name: str) -> Chain | Reason:
    """`self.<name>` of a view: the class attribute's value."""
    getter = next_method(reader.memory.project, view, name, None)
    if getter is not None and getter.path is not None:
        return own_method(reader, view, getter)
    found = assigned(reader.memory, view, name)
    if found is None or methods.is_none(found.value):
        return NO_QUERYSET
    inner = reader.inner(found.path, None)
    if inner is None:
        return NO_QUERYSET
    chain = inner.read(found.value)
    if isinstance(chain, Chain) and name == "queryset":
        return replace(chain, of_attribute=True)
    return with_hook(reader, view, chain, Hook(name, found.cls))


def declared_model(reader: Reader, view: str) -> str | None:
    """The model of the view's `queryset` or `model` attribute, or of its serializer's `Meta`."""
    for name in ("queryset", "model"):
        found = attribute(reader, view, name)
        if isinstance(found, Chain):
            return found.model
    rendering = assigned(reader.memory, view, "serializer_class")
    inner = reader.inner(rendering.path, None) if rendering is not None else None
    dotted = inner.inference.resolve(rendering.value) if inner and rendering else None
    serializer = reader.memory.project.serializer(dotted) if dotted is not None else None
    return serializer.model if serializer is not None else None


def next_method(project: Project, view: str, name: str, after: str | None) -> MethodInfo | None:
    """The nearest method of this name along the view's MRO, or that after a class of it; without
    a path where it is not a function that can be read."""
    order = known_order(project, view)
    start = order.index(after) + 1 if after is not None and after in order else 0
    for cls in order[start:]:
        info = project.class_named(cls)
        if info is not None and info.defines(name):
            facts = info.facts.method(name) if info.facts is not None else None
            path = info.path if facts is not None else None
            return MethodInfo(cls, name, path, facts.line if facts is not None else 0, facts)
    return None


def get_queryset(reader: Reader, view: str, after: str | None = None) -> Chain | Reason:
    """What `self.get_queryset()` gives, or `super().get_queryset()` in the class `after`."""
    project = reader.memory.project
    info = next_method(project, view, "get_queryset", after)
    if info is None:
        unknown = bool(project.unknown_bases(view))
        found = stock(reader, view)
        if unknown and isinstance(found, Reason):
            return UNKNOWN_BASE
        return found
    if info.path is None and is_known(project, info.cls):
        return stock(reader, view)
    return own_method(reader, view, info)


def is_known(project: Project, cls: str) -> bool:
    """Whether a class is Django's, DRF's or another library's that djfix knows."""
    info = project.class_named(cls)
    return info is not None and info.known is not None


def own_method(
    reader: Reader, view: str, info: MethodInfo, call: ast.Call | None = None
) -> Chain | Reason:
    """What a method of the view returns."""
    from djfix.codemods.inference.loading.reading import Receiver

    if info.path is None or info.facts is None:
        return Reason("unknown-queryset", f"the code of {info.name}() cannot be read")
    function = reader.memory.function_at(info.path, info.line)
    arguments = methods.arguments_of(reader, call, info) if call is not None else {}
    receiver = Receiver(info.cls, view=view)
    inner = reader.inner(info.path, function, receiver, arguments)
    if inner is None or function is None:
        return Reason("deep-queryset", "the queryset is made through too many functions")
    return methods.returned(inner, function)


def stock(reader: Reader, view: str) -> Chain | Reason:
    """What Django's and DRF's own get_queryset gives: the attribute, or the model's rows."""
    from djfix.codemods.inference.loading.admin import rows_of_admin_class

    rows = rows_of_admin_class(reader.memory.project, view)
    if rows is not None:
        return rows
    found = attribute(reader, view, "queryset")
    if isinstance(found, Chain):
        return with_replacements(reader, view, found)
    if found is not NO_QUERYSET:
        return found
    if not is_django_view(reader.memory.project, view):
        return put_on_self(reader, view)
    model = attribute(reader, view, "model")
    if not isinstance(model, Chain):
        return NO_QUERYSET
    ordering = assigned(reader.memory, view, "ordering")
    chain = replace(model, is_lone_model=False, methods=(*model.methods, "all"))
    if ordering is None or methods.is_none(ordering.value):
        return chain
    return replace(chain, order="explicit", ordered_by=(), by_meta=False)


def is_django_view(project: Project, view: str) -> bool:
    """Whether it is one of Django's own generic views, which can do with a model alone."""
    return any(each.startswith(DJANGO_VIEWS) for each in known_order(project, view))


def own_call(reader: Reader, call: ast.Call, method: str) -> Chain | Reason:
    """`self.<method>(...)` in a view."""
    assert reader.receiver is not None
    assert reader.receiver.view is not None
    view = reader.receiver.view
    if method == "get_queryset":
        return get_queryset(reader, view)
    return _other_method(reader, call, view, method, None)


def super_call(reader: Reader, call: ast.Call, method: str) -> Chain | Reason:
    """`super().<method>(...)` in a view."""
    assert reader.receiver is not None
    assert reader.receiver.view is not None
    view, cls = reader.receiver.view, reader.receiver.cls
    if method == "get_queryset":
        return get_queryset(reader, view, after=cls)
    return _other_method(reader, call, view, method, cls)


def _other_method(
    reader: Reader, call: ast.Call, view: str, method: str, after: str | None
) -> Chain | Reason:
    info = next_method(reader.memory.project, view, method, after)
    if info is not None and info.path is not None:
        found = own_method(reader, view, info, call)
        return with_hook(reader, view, found, Hook(method, info.cls)) if after is None else found
    if method == "filter_queryset" and call.args:
        found = reader.read(call.args[0])
        return replace(found, keeps_rows=False) if isinstance(found, Chain) else found
    return Reason("unknown-queryset", f"what {method}() returns is not known")
