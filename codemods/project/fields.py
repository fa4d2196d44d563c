"""Field declarations: which class attributes are fields, and what their arguments say.

https://docs.djangoproject.com/en/stable/ref/models/fields/
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Protocol

from djfix.codemods.project.class_order import spelled
from djfix.codemods.project.classes import Classes
from djfix.codemods.project.facts import AssignmentFacts, ExpressionFacts, ModuleFacts
from djfix.codemods.project.field_classes import (
    COMPOSITE_KEY,
    FIELD,
    GENERIC_FOREIGN_KEY,
    OUTSIDE_RELATIONS,
    POSITIONAL,
    RELATION_KINDS,
    VALUE_HOOKS,
    attname_of,
    is_django_own,
    kind_of,
)
from djfix.codemods.project.made_fields import Declaration
from djfix.codemods.project.models import Field, Relation, RelationKind
from djfix.codemods.source.document import Document
from djfix.codemods.source.walking import walk


class Context(Protocol):
    """What reading a field needs of the project."""

    @property
    def classes(self) -> Classes: ...
    def facts(self, path: str) -> ModuleFacts | None: ...
    def document(self, path: str) -> Document: ...
    def mentions_at(self, path: str, line: int) -> frozenset[str]: ...
    def value_of(self, path: str, name: str, line: int) -> ExpressionFacts | None: ...


def declared_field(
    context: Context, cls: str, path: str, assigned: AssignmentFacts
) -> Declaration | None:
    """The field that an assignment in a class body declares; None if it is something else."""
    call = assigned.value
    if call is None or call.kind != "call" or assigned.operator or call.function is None:
        return None
    name = _class_name(context, path, call.function, assigned.line)
    if name is None:
        return _outside(context, cls, path, assigned, spelled(call.function))
    info = context.classes.class_named(name)
    if info is None:
        return _outside(context, cls, path, assigned, name)
    order = context.classes.ancestors(name)
    if FIELD not in order and GENERIC_FOREIGN_KEY not in order:
        # A class whose own bases are unknown may still be a field.
        is_open = context.classes.mro(name) is None
        return _outside(context, cls, path, assigned, name) if is_open else None
    return _resolved(context, cls, path, assigned, name, order)


def _class_name(context: Context, path: str, function: ExpressionFacts, line: int) -> str | None:
    if function.kind == "subscript":
        # `models.ForeignKey["User"](...)`, as django-stubs has it.
        return _class_name(context, path, function.items[0], line)
    if function.kind != "name":
        return None
    return context.classes.names.resolve(path, function.name, (), line)


def _outside(
    context: Context, cls: str, path: str, assigned: AssignmentFacts, name: str
) -> Declaration | None:
    """A call of a class that cannot be read: a field if it is called like one."""
    last = name.rpartition(".")[2]
    kind = next((kind for end, kind in OUTSIDE_RELATIONS.items() if last.endswith(end)), None)
    if kind is None and not last.endswith("Field"):
        return None
    like = {each: name for name, each in RELATION_KINDS.items()}.get(kind or "generic", FIELD)
    order = (like, FIELD) if kind else (FIELD,)
    return _resolved(context, cls, path, assigned, name, order, readable=False)


def _resolved(
    context: Context,
    cls: str,
    path: str,
    assigned: AssignmentFacts,
    name: str,
    order: tuple[str, ...],
    *,
    readable: bool = True,
) -> Declaration:
    call = assigned.value
    assert call is not None
    options, unclear = _options(context, path, call, order)
    # Under a condition the field may be another one, or missing.
    unclear = unclear or bool(assigned.condition) or _takes_positions(context, name, call)
    overrides = _overrides(context, order)
    is_own = readable and is_django_own(name)
    hooked = None if overrides is None else bool(overrides & VALUE_HOOKS)
    mentions = _init_mentions(context, order) if "__init__" in (overrides or ()) else frozenset()
    kind = next((RELATION_KINDS[each] for each in order if each in RELATION_KINDS), None)

    def flag(option: str, doubt: bool) -> bool:
        given = options.get(option)
        if given is None:
            return doubt if unclear or option in mentions else False
        value = _constant(context, path, given)
        return doubt if value is None else bool(value.value)

    primary_key = flag("primary_key", False) or COMPOSITE_KEY in order
    field = Field(
        name=assigned.target,
        attname=attname_of(assigned.target, kind),
        class_name=name,
        kind=kind_of(order) if readable and not unclear else "relation" if kind else "other",
        model=cls,
        declared_in=cls,
        null=flag("null", True) or kind == "generic",
        unique=flag("unique", False) or primary_key or kind == "one-to-one",
        primary_key=primary_key,
        auto_now=flag("auto_now", True),
        auto_now_add=flag("auto_now_add", True),
        default=options.get("default", options.get("db_default")),
        has_choices="choices" in options,
        is_django_own=is_own and not unclear,
        has_pre_save=None if not readable or unclear else hooked,
        overrides=overrides or frozenset(),
        relation=None if kind is None else _relation(context, path, options, kind),
        unclear=unclear,
        options=options,
        path=path,
        line=assigned.line,
    )
    target = options.get("to") if "to" not in mentions or "to" in options else None
    return Declaration(field, kind, target, options.get("through"))


def _takes_positions(context: Context, name: str, call: ExpressionFacts) -> bool:
    """Whether positional arguments go to an `__init__` of the project with its own parameters."""
    method = context.classes.method(name, "__init__") if call.arguments else None
    own = method.facts.parameters[1:] if method is not None and method.facts is not None else ()
    return any(each.kind in {"positional", "positional-only"} for each in own)


def _relation(
    context: Context, path: str, options: Mapping[str, ExpressionFacts], kind: RelationKind
) -> Relation:
    def text(option: str) -> str | None:
        given = options.get(option)
        return None if given is None else (_constant(context, path, given) or given).string

    constraint = options.get("db_constraint")
    link = options.get("parent_link")
    return Relation(
        target=None,
        kind=kind,
        related_name=text("related_name"),
        related_query_name=text("related_query_name"),
        db_constraint=constraint is None or constraint.is_constant(True),
        parent_link=link is not None and link.is_constant(True),
    )


def _options(
    context: Context, path: str, call: ExpressionFacts, order: tuple[str, ...]
) -> tuple[dict[str, ExpressionFacts], bool]:
    """The arguments by name, and whether some could not be read."""
    names = next((POSITIONAL[each] for each in order if each in POSITIONAL), ())
    options: dict[str, ExpressionFacts] = {}
    unclear = len(call.arguments) > len(names)
    for name, value in zip(names, call.arguments, strict=False):
        unclear = unclear or value.kind == "starred"
        options[name] = value
    for name, value in call.keywords:
        if name != "**":
            options[name] = value
            continue
        unpacked = _unpacked(context, path, value)
        unclear = unclear or unpacked is None
        options = {**options, **(unpacked or {})}
    return options, unclear


def _unpacked(
    context: Context, path: str, value: ExpressionFacts
) -> dict[str, ExpressionFacts] | None:
    """`**NULLABLE`, where NULLABLE is a literal dict of this or another module."""
    if value.kind == "name":
        found = context.value_of(path, value.name, value.line)
        return None if found is None or found.kind == "name" else _unpacked(context, path, found)
    if value.kind == "call" and value.items[0].name == "dict" and not value.arguments:
        return dict(value.keywords)
    if value.kind != "dict":
        return None
    keys = [key.string for key in value.items[::2]]
    if None in keys:
        return None
    return {key: each for key, each in zip(keys, value.items[1::2], strict=True) if key is not None}


def _constant(context: Context, path: str, value: ExpressionFacts) -> ExpressionFacts | None:
    """The literal that an expression is, directly or through one module-level name."""
    if value.kind == "constant":
        return value
    if value.kind == "name":
        found = context.value_of(path, value.name, value.line)
        if found is not None and found.kind == "constant":
            return found
    return None


def _overrides(context: Context, order: tuple[str, ...]) -> frozenset[str] | None:
    """Names that classes before the first of Django's define; None if one cannot be read."""
    found: set[str] = set()
    for name in order:
        if is_django_own(name):
            continue
        info = context.classes.class_named(name)
        if (
            info is None
            or info.unresolved
            or any(context.classes.class_named(base) is None for base in info.bases)
        ):
            return None
        if info.facts is not None and info.facts.is_open:
            return None
        found |= info.binds()
    return frozenset(found)


def _init_mentions(context: Context, order: tuple[str, ...]) -> frozenset[str]:
    """Strings and keywords in the `__init__` of field classes: options that it may set."""
    found: set[str] = set()
    for name in order:
        info = context.classes.class_named(name)
        if info is not None and info.known is not None:
            found |= info.known.init_mentions
        method = context.classes.own_method(name, "__init__")
        if method is not None and method.path is not None and method.facts is not None:
            found |= context.mentions_at(method.path, method.facts.line)
    return frozenset(found)


def mentions_in_function(document: Document, line: int) -> frozenset[str]:
    """Strings and keywords in the function whose `def` stands on this line."""
    function = document.function_at(line)
    found: set[str] = set()
    for node in walk(function) if isinstance(function, ast.FunctionDef) else ():
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
        elif isinstance(node, ast.keyword) and node.arg:
            found.add(node.arg)
    return frozenset(found)
