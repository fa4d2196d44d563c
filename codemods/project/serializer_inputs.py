"""What a serializer takes in: the fields that may be written, which must be there, of which type.

https://www.django-rest-framework.org/api-guide/fields/#core-arguments, and for what a
ModelSerializer builds `rest_framework.utils.field_mapping.get_field_kwargs`.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from djfix.codemods.project.facts import ExpressionFacts
from djfix.codemods.project.models import Field
from djfix.codemods.project.serializer_bases import serializer_order
from djfix.codemods.project.serializer_dynamic import method_node
from djfix.codemods.project.serializer_fields import DRF
from djfix.codemods.project.serializer_meta import meta_of
from djfix.codemods.project.serializer_values import Serializer, SerializerField
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

NESTED = "nested"

_OWN_READING = frozenset(
    {
        *("to_internal_value", "run_validation", "run_validators", "is_valid", "validated_data"),
        *("errors", "__init__", "__new__", "many_init", "get_fields", "get_validators"),
        *("get_initial", "get_extra_kwargs", "_writable_fields", "_read_only_defaults"),
    }
)
"""Members by which a class of the project decides itself what becomes of its input."""

_OF_CALLER = frozenset({"context", "instance", "initial_data", "parent", "root", "partial"})
"""What a method of a serializer asks of the one who made it."""

_BUILT = {
    "CharField": "CharField",
    "TextField": "CharField",
    "EmailField": "EmailField",
    "SlugField": "SlugField",
    "URLField": "URLField",
    "IntegerField": "IntegerField",
    "BigIntegerField": "IntegerField",
    "SmallIntegerField": "IntegerField",
    "PositiveIntegerField": "IntegerField",
    "PositiveBigIntegerField": "IntegerField",
    "PositiveSmallIntegerField": "IntegerField",
    "BooleanField": "BooleanField",
    "FloatField": "FloatField",
    "DecimalField": "DecimalField",
    "DateField": "DateField",
    "DateTimeField": "DateTimeField",
    "TimeField": "TimeField",
    "DurationField": "DurationField",
    "UUIDField": "UUIDField",
    "JSONField": "JSONField",
}
"""`ModelSerializer.serializer_field_mapping`, by the short names of both classes."""

_DEEPEST = 3


@dataclass(frozen=True, slots=True)
class InputField:
    """One field that may be written. `kind`: the short name of REST framework's class, or
    "nested" with the `fields` of the serializer inside. `default` is None where there is none."""

    name: str
    kind: str
    required: bool
    default: ExpressionFacts | None = None
    many: bool = False
    allows_null: bool = False
    fields: tuple[InputField, ...] = ()


def taken_in(
    project: Project, serializer: Serializer, depth: int = 0
) -> tuple[InputField, ...] | None:
    """The fields that a serializer of this class takes in, made with nothing but its data.

    None where that cannot be read, or rests on more than the data.
    """
    order = serializer_order(project, serializer.name)
    if serializer.unclear or serializer.depth or serializer.list_serializer or depth > _DEEPEST:
        return None
    if not _only_declares(project, order) or _asks_meta(project, order):
        return None
    written = [each for each in serializer.fields if _writes(project, serializer, each)]
    found = [_taken(project, serializer, each, depth) for each in written]
    return None if None in found else tuple(each for each in found if each is not None)


def _writes(project: Project, serializer: Serializer, field: SerializerField) -> bool:
    """Whether a field takes input; of a column that Django fills itself, none does."""
    column = None if field.declared else _column(project, serializer, field.name)
    if field.read_only or column is None:
        return not field.read_only
    editable = column.options.get("editable")
    automatic = column.auto_now or column.auto_now_add or column.class_name.endswith("AutoField")
    return not automatic and (editable is None or not editable.is_constant(False))


def _column(project: Project, serializer: Serializer, name: str) -> Field | None:
    model = project.model(serializer.model) if serializer.model is not None else None
    return model.fields.get(name) if model is not None else None


def _only_declares(project: Project, order: tuple[str, ...]) -> bool:
    """Whether no class of the project reads input in its own way, or asks who made it."""
    for name in order:
        info = project.class_named(name)
        if info is None or info.facts is None or info.path is None:
            continue
        bound = info.binds()
        if bound & _OWN_READING:
            return False
        for each in sorted(bound):
            if each != "validate" and not each.startswith("validate_"):
                continue
            facts = info.facts.method(each)
            document = project.files.document(info.path)
            node = method_node(document, facts.line) if facts is not None else None
            if node is None or _asks_caller(node) or not _gives_back(node):
                return False
    return True


def _asks_caller(node: ast.FunctionDef) -> bool:
    return any(isinstance(each, ast.Attribute) and each.attr in _OF_CALLER for each in walk(node))


def _gives_back(node: ast.FunctionDef) -> bool:
    """Whether a method only looks at what it is given: `return value`, and the value as it was."""
    given = node.args.args[1].arg if len(node.args.args) == 2 else None
    returns = [each.value for each in walk(node) if isinstance(each, ast.Return)]
    if not returns or not all(isinstance(e, ast.Name) and e.id == given for e in returns):
        return False
    return not any(_changes(each, given) for each in walk(node))


_MUTATING = frozenset(
    {
        *("pop", "popitem", "update", "setdefault", "clear", "append", "extend", "insert"),
        *("remove", "sort", "reverse", "add", "discard"),
    }
)


def _changes(node: ast.AST, name: str | None) -> bool:
    match node:
        case ast.Name(id=bound, ctx=ast.Store() | ast.Del()):
            return bound == name
        case ast.Subscript(ctx=ast.Store() | ast.Del()) | ast.Attribute(ctx=ast.Store()):
            return _root(node) == name
        case ast.Call(func=ast.Attribute(attr=attr) as func):
            return attr in _MUTATING and _root(func) == name
    return False


def _root(node: ast.expr) -> str | None:
    """The name that a chain of attributes and keys begins with."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _asks_meta(project: Project, order: tuple[str, ...]) -> bool:
    """Whether Meta says more about input than which fields there are."""
    meta = meta_of(project, order)
    return meta is not None and bool({"validators", "extra_kwargs"} & meta.values.keys())


def _taken(
    project: Project, serializer: Serializer, field: SerializerField, depth: int
) -> InputField | None:
    if field.conditional or field.source != (field.name,):
        return None
    if not field.declared:
        return _built(project, serializer, field)
    value = _declaration(project, field)
    if value is None or any(key == "**" for key, _ in value.keywords):
        return None
    required = _argument(value, "required")
    null = _argument(value, "allow_null")
    if required not in (None, True, False) or null not in (None, True, False):
        return None
    default = value.keyword("default")
    if default is not None and default.kind != "constant":
        return None
    found = InputField(
        field.name,
        (field.class_name or "").removeprefix(DRF),
        required=required is not False and default is None,
        default=default,
        many=field.many,
        allows_null=null is True,
    )
    if field.kind == "nested":
        return _nested(project, field, found, depth)
    plain = field.kind == "plain" and (field.class_name or "").startswith(DRF)
    return found if plain else None


def _argument(value: ExpressionFacts, name: str) -> object:
    """A constant that a field is given; None where it is not given."""
    given = value.keyword(name)
    if given is None:
        return None
    return given.value if given.kind == "constant" else given


def _declaration(project: Project, field: SerializerField) -> ExpressionFacts | None:
    info = project.class_named(field.cls)
    found = info.facts.assignment(field.name) if info is not None and info.facts else None
    value = None if found is None else found.value
    return value if value is not None and value.kind == "call" else None


def _nested(
    project: Project, field: SerializerField, found: InputField, depth: int
) -> InputField | None:
    inner = project.serializer(field.serializer) if field.serializer is not None else None
    fields = taken_in(project, inner, depth + 1) if inner is not None else None
    return None if fields is None else replace(found, kind=NESTED, fields=fields)


def _built(project: Project, serializer: Serializer, field: SerializerField) -> InputField | None:
    """The field that a ModelSerializer makes of a column."""
    model = project.model(serializer.model) if serializer.model is not None else None
    column = _column(project, serializer, field.name)
    if model is None or column is None or model.unique_together or model.constraints:
        return None
    if column.unclear or not column.is_django_own or column.options.keys() & _ODD:
        return None
    kind = _BUILT.get(column.class_name.rpartition(".")[2])
    if kind is None or column.primary_key:
        return None
    blank = column.options.get("blank")
    optional = column.default is not None or column.null
    optional = optional or (blank is not None and not blank.is_constant(False))
    kind = "ChoiceField" if column.has_choices else kind
    required = not (optional or "db_default" in column.options)
    return InputField(field.name, kind, required=required, allows_null=column.null)


_ODD = frozenset({"unique_for_date", "unique_for_month", "unique_for_year", "editable"})
"""Options by which more than the column decides what may be written."""
