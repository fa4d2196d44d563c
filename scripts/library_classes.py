"""Describes the model, field, manager and queryset classes of one published library.

Read as source by djfix's own linking; nothing is imported. A class is left out wherever its
definition could not be read whole: what stands in the table is as certain as the project's own
source would be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from djfix.codemods.project.facts import ClassFacts, ExpressionFacts
from djfix.codemods.project.known.classes import is_known_package
from djfix.codemods.project.models import Field, Model
from djfix.codemods.project.project import ClassInfo, Project

KINDS = {
    "django.db.models.Model": "model",
    "django.db.models.Field": "field",
    "django.db.models.manager.BaseManager": "manager",
    "django.db.models.QuerySet": "queryset",
}

OPTIONS = frozenset({"null", "unique", "primary_key", "auto_now", "auto_now_add", "to"})
"""The options of which a field must be known to have them or not."""

Table = dict[str, Any]


def library_tables(project: Project, tops: Iterable[str]) -> tuple[Table, Table, Table]:
    """(rows of classes, models, other names of the classes), each by dotted name."""
    infos = {info.name: info for top in tops for info in class_infos(project, top)}
    certain = {name for name in infos if is_certain(project, name, infos)}
    bases = {base for name in certain for base in project.mro(name) or () if base in infos}
    wanted = certain | bases
    rows = {name: row(project, infos[name]) for name in sorted(wanted)}
    models = {
        name: model_row(model)
        for name in sorted(wanted)
        if rows[name][0] == "model" and (model := project.model(name)) is not None
    }
    return rows, models, dict(other_names(project, tops, wanted))


def class_infos(project: Project, top: str) -> Iterator[ClassInfo]:
    for path in project.files.paths:
        if path.startswith(f"{top}/") and "management/" not in path:
            facts = project.module(path)
            module = project.module_of(path)
            for each in facts.classes if facts and module else ():
                info = project.class_named(f"{module}.{each.name}")
                if info is not None and info.path == path:
                    yield info


def is_certain(project: Project, name: str, infos: dict[str, ClassInfo]) -> bool:
    """Whether a class is of a kind that matters, and it and all its bases could be read."""
    order = project.mro(name)
    if order is None or kind(order) is None:
        return False
    own = [each for each in order if not is_known_package(each)]
    if not all(each in infos and is_plain(infos[each]) for each in own if "." in each):
        return False
    return kind(order) != "model" or is_plain_model(project.model(name))


def kind(order: Iterable[str]) -> str | None:
    return next((KINDS[each] for each in order if each in KINDS), None)


def is_plain(info: ClassInfo) -> bool:
    facts = info.facts
    return (
        facts is not None
        and not facts.is_open
        and not facts.keywords
        and not facts.decorators
        and not info.unresolved
        and not facts.condition
    )


def init_mentions(project: Project, name: str) -> frozenset[str]:
    """The options that a field's own `__init__` may set where its users do not write them."""
    info = project.class_named(name)
    method = info.facts.method("__init__") if info and info.facts else None
    if method is None or info is None or info.path is None:
        return frozenset()
    lines = project.files.document(info.path).lines[method.line - 1 : method.end_line]
    text = "".join(lines)
    return frozenset(
        option for option in OPTIONS if re.search(rf"""["']{option}["']|\b{option}\s*=""", text)
    )


def is_plain_model(model: Model | None) -> bool:
    return (
        model is not None
        and not model.class_attributes
        and not model.unknown_attributes
        and not model.decorators
        and all(is_expressible(field) for field in model.fields.values())
    )


def is_expressible(field: Field) -> bool:
    relation = field.relation
    if field.unclear or field.has_pre_save is None:
        return False
    return relation is None or (
        relation.kind in ("foreign-key", "one-to-one", "many-to-many")
        and target_of(field) is not None
    )


def row(project: Project, info: ClassInfo) -> list[Any]:
    """As `merged_class` of known_classes.py has it."""
    facts = info.facts
    assert facts is not None
    order = project.mro(info.name) or ()
    methods = {each.name for each in facts.methods if not each.is_property}
    properties = {each.name for each in facts.methods if each.is_property}
    attributes = info.binds() - methods - properties
    mentions = init_mentions(project, info.name) if kind(order) == "field" else frozenset()
    parts = (info.bases or ("builtins.object",), sorted(methods), sorted(properties))
    return [
        kind(order) or "other",
        *(" ".join(each) for each in parts),
        " ".join(sorted(attributes & visible(facts))),
        *(("", "", " ".join(sorted(mentions))) if mentions else ()),
    ]


def visible(facts: ClassFacts) -> frozenset[str]:
    return facts.binds() - {"__doc__", "__slots__", "__module__"}


def model_row(model: Model) -> Table:
    result: Table = {
        "abstract": model.abstract,
        "proxy": model.proxy,
        "fields": {
            field.name: field_row(field)
            for field in model.fields.values()
            if field.declared_in == model.name
        },
        "managers": {
            manager.name: manager.class_name
            for manager in model.managers.values()
            if manager.declared_in == model.name and manager.class_name
        },
    }
    if not model.abstract:
        result["label"] = model.label
    return {key: value for key, value in result.items() if value}


def field_row(field: Field) -> Table:
    result: Table = {"class": field.class_name}
    for option in ("null", "unique", "primary_key", "auto_now", "auto_now_add", "auto_created",
                   "has_pre_save"):  # fmt: skip
        if getattr(field, option):
            result[option] = True
    if field.default is not None:
        result["default"] = text_of(field.default)
    if field.has_choices:
        result["choices"] = True
    if field.relation is not None:
        relation: Table = {"to": target_of(field), "kind": field.relation.kind}
        if relation["to"] == USER:
            relation["setting"] = "AUTH_USER_MODEL"
        for option in ("related_name", "related_query_name"):
            if getattr(field.relation, option):
                relation[option] = getattr(field.relation, option)
        if field.relation.parent_link:
            relation["parent_link"] = True
        result["relation"] = relation
    return result


USER = "django.contrib.auth.models.User"


def target_of(field: Field) -> str | None:
    """The related class's dotted name."""
    return field.relation.target if field.relation is not None else None


def text_of(value: ExpressionFacts) -> str:
    return repr(value.value) if value.kind == "constant" else value.name or "?"


def other_names(
    project: Project, tops: Iterable[str], wanted: set[str]
) -> Iterator[tuple[str, str]]:
    """Where packages and models modules export these classes under another module's name."""
    lasts = {name.rpartition(".")[2] for name in wanted}
    for path in project.files.paths:
        if not path.startswith(tuple(f"{top}/" for top in tops)):
            continue
        if not path.endswith(("__init__.py", "/models.py", "/fields.py", "/managers.py")):
            continue
        facts, module = project.module(path), project.module_of(path)
        for each in facts.imports if facts and module else ():
            if each.scope or each.bound not in lasts:
                continue
            target = project.resolve(path, each.bound)
            if target in wanted and target != f"{module}.{each.bound}":
                yield f"{module}.{each.bound}", target or ""
