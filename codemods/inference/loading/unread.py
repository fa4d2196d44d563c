"""Rows that an object gives which is known by its model alone, or only by what its rows are.

The object may hold its rows already, so that all of these are for review.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from djfix.codemods.inference.calls import OBJECT_SHORTCUTS
from djfix.codemods.inference.loading import managers, methods, views
from djfix.codemods.inference.loading.chains import Chain, with_hazards
from djfix.codemods.inference.loading.hazards import hazard
from djfix.codemods.inference.trees import GIVING_ROWS, is_tree_method
from djfix.codemods.inference.values import Instance
from djfix.codemods.project.models import Model

if TYPE_CHECKING:
    from djfix.codemods.inference.loading.reading import Reader
    from djfix.codemods.project.project import Project

_ASKED = frozenset({"klass", "queryset"})
"""What Django's and REST framework's `get_object_or_404` call the first of their parameters."""


def of_attribute(reader: Reader, attribute: ast.Attribute) -> Chain | None:
    """`order.parts` of an object that is known; `self.request.event.items` of one that is not."""
    found = _of_member(reader, attribute.value, attribute.attr)
    return found or _by_accessor(reader, attribute)


def of_call(reader: Reader, function: ast.Attribute) -> Chain | None:
    """`order.get_parts()`, and `node.get_children()` of a tree."""
    if function.attr in GIVING_ROWS:
        value = reader.inference.value(function.value)
        model = _model(reader, value.model) if isinstance(value, Instance) else _of_view(reader)
        if model is not None and is_tree_method(model, function.attr):
            rows = managers.of_model(reader.memory, model)
            return with_hazards(replace(rows, keeps_rows=False), hazard("unread-receiver"))
    return _of_member(reader, function.value, function.attr)


def _model(reader: Reader, name: str | None) -> Model | None:
    return reader.memory.project.model(name, partial=True) if name is not None else None


def _of_view(reader: Reader) -> Model | None:
    """The model that the view declares, or its serializer."""
    view = reader.receiver.view if reader.receiver is not None else None
    return _model(reader, views.declared_model(reader, view) if view is not None else None)


def _of_member(reader: Reader, owner: ast.expr, name: str) -> Chain | None:
    """What a property or method of a model that the project defines gives."""
    value = reader.inference.value(owner)
    if not isinstance(value, Instance) or reader.is_self(owner):
        return None
    info = reader.memory.project.method(value.model, name)
    if info is None or info.path is None or info.facts is None:
        return None
    node = reader.memory.function_at(info.path, info.line)
    inner = reader.inner(info.path, node) if node is not None else None
    found = methods.returned(inner, node) if inner is not None and node is not None else None
    if not isinstance(found, Chain) or found.is_lone_model:
        return None
    return with_hazards(replace(found, keeps_rows=False), hazard("unread-receiver"))


def _by_accessor(reader: Reader, attribute: ast.Attribute) -> Chain | None:
    """`self.request.event.items` of a view whose `queryset` names the model at whose field
    this accessor leads back: the object is not known, but the rows are that model's."""
    model = _of_view(reader)
    if model is None:
        return None
    fields = [each for each in model.fields.values() if each.relation is not None]
    name = attribute.attr
    leading = [each for each in fields if each.relation and each.relation.accessor == name]
    if not leading and not _is_forward(reader, model, name):
        return None
    asked = _asked_for(reader, attribute.value)
    of_model = [each for each in leading if each.relation and each.relation.target == asked]
    leading = of_model or leading
    chain = with_hazards(
        managers.of_model(reader.memory, model, related=True), hazard("unread-receiver")
    )
    kinds = [each.relation.kind for each in leading if each.relation]
    known = leading[0].name if kinds == ["foreign-key"] else ""
    return replace(chain, loaded=replace(chain.loaded, known=known))


def _is_forward(reader: Reader, model: Model, name: str) -> bool:
    """`self.found().tags`, of a view of tags: a many-to-many of this name leads to them."""
    project = reader.memory.project
    among = project.files.containing(b"ManyToManyField")
    declaring = project.files.containing(f"{name} =".encode(), f"{name}: ".encode(), among=among)
    return any(_leads_from(project, path, model, name) for path in declaring)


def _leads_from(project: Project, path: str, model: Model, name: str) -> bool:
    """Whether a class of this file has such a field. All that leads to a model is dear to know."""
    facts, module = project.module(path), project.module_of(path)
    for each in facts.classes if facts is not None else ():
        assigned = each.assignment(name)
        if assigned is None or not assigned.may_spell("ManyToManyField"):
            continue
        owner = project.model(f"{module}.{each.name}", partial=True)
        relation = owner.fields[name].relation if owner and name in owner.fields else None
        if relation and (relation.kind, relation.target) == ("many-to-many", model.name):
            return True
    return False


def _asked_for(reader: Reader, owner: ast.expr) -> str | None:
    """The model of `order = get_object_or_404(Order, ...)`, though its manager is not read."""
    if not isinstance(owner, ast.Name):
        return None
    values = [each.value for each in reader.inference.definitions(owner)]
    call = values[0] if len(values) == 1 else None
    if not isinstance(call, ast.Call):
        return None
    named = [each.value for each in call.keywords if each.arg in _ASKED]
    asked = next(iter((*call.args, *named)), None)
    is_shortcut = reader.inference.resolve(call.func) in OBJECT_SHORTCUTS
    return reader.model_of(asked) if asked is not None and is_shortcut else None
