"""What a serializer touches on an object that it renders, field by field.

REST framework's own `to_representation`, `get_attribute` and relation fields, as measured on 3.15
to 3.18: a key of the object's own foreign key costs nothing, every other relation is read.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from djfix.codemods.findings import Evidence
from djfix.codemods.inference.access.attributes import attribute_of
from djfix.codemods.inference.access.calls import call_bound
from djfix.codemods.inference.access.keys import OBJECT, Rendered
from djfix.codemods.inference.access.methods import NO_ARGUMENTS, Arguments, call_method
from djfix.codemods.inference.access.objects import (
    OPAQUE,
    Bound,
    Own,
    Row,
    Rows,
    Several,
    Value,
    Values,
)
from djfix.codemods.inference.access.rows import iterated, read_as_text
from djfix.codemods.inference.access.values import CONDITIONAL_FIELD, PATH_BY_NAME

if TYPE_CHECKING:
    from djfix.codemods.inference.access.reader import Reader, Where
    from djfix.codemods.project.models import Model
    from djfix.codemods.project.serializer_values import Serializer, SerializerField

_RENDERING = "to_representation"


def render(reader: Reader, serializer: str, values: Values, where: Where) -> None:
    """Each object of these is rendered by the serializer."""
    for value in values:
        match value:
            case Row(root, path, model):
                key = Rendered(serializer, model)
                reader.take(key, {OBJECT: frozenset({(root, path)})}, where, "renders")
            case Several(items):
                render(reader, serializer, items, where)
            case Rows():
                render(reader, serializer, iterated(reader, frozenset({value}), where), where)


def read_rendered(reader: Reader, key: Rendered) -> None:
    """What rendering one object touches: the serializer's own `to_representation`, or DRF's."""
    serializer = reader.project.serializer(key.serializer)
    row = frozenset({Row(OBJECT, (), key.model)})
    if serializer is None:
        where = Evidence("", 0, f"{_short(key.serializer)} renders the object")
        reader.doubt("unknown-serializer", f"{key.serializer} was not read", where)
        return
    where = Evidence(serializer.path or "", serializer.line, f"{_short(serializer.name)} renders")
    for reason in serializer.unclear:
        reader.collector.doubt(reason, (where,))
    own = Own(serializer.name, "serializer")
    method = serializer.hooks.get(_RENDERING)
    if method is not None and method.facts is not None and method.path is not None:
        call_method(reader, own, method, ((row,), {}), where)
    else:
        read_fields(reader, serializer, row)


def stock_method(reader: Reader, own: Own, name: str, arguments: Arguments, where: Where) -> Values:
    """What DRF's own method does, called through `super()`."""
    given = arguments[0][0] if arguments[0] else OPAQUE.union(*arguments[1].values())
    if own.role == "serializer" and name == _RENDERING:
        serializer = reader.project.serializer(own.cls)
        if serializer is not None:
            read_fields(reader, serializer, given)
    elif own.role == "list" and name == _RENDERING:
        render(reader, own.child, iterated(reader, given, where), where)
    elif own.role == "field" and own.field is not None:
        line = _line(own.field, own.cls)
        if name == "get_attribute":
            return _attribute_of_field(reader, own.field, given, line)
        if name == _RENDERING:
            _show_value(reader, own.field, _base_kind(own.field), given, line)
    return OPAQUE


def read_fields(reader: Reader, serializer: Serializer, row: Values) -> None:
    """DRF's `to_representation`: every field that is not write-only reads and shows its value."""
    for field in serializer.fields:
        line = _line(field, serializer.name)
        if field.write_only or field.kind == "hidden":
            continue
        if field.conditional:
            text = f"{field.name} may be taken out, or put in, while the program runs"
            reader.doubt(CONDITIONAL_FIELD, text, line)
            with reader.perhaps(f"{_short(serializer.name)}.{field.name}", CONDITIONAL_FIELD):
                _read_field(reader, serializer, field, row, line)
        else:
            _read_field(reader, serializer, field, row, line)


def _read_field(
    reader: Reader, serializer: Serializer, field: SerializerField, row: Values, line: Evidence
) -> None:
    if field.kind == "unknown" or field.source is None:
        text = f"what the field {field.name} of {_short(serializer.name)} reads is not known"
        reader.doubt("unknown-field", text, line)
    elif field.kind == "method":
        _read_method(reader, serializer, field, row, line)
    elif field.kind == "own":
        _read_own(reader, field, row, line)
        if field.paths and not field.many:
            with reader.perhaps(f"{_short(serializer.name)}.{field.name}", PATH_BY_NAME):
                for path in field.paths:
                    dotted_source(reader, row, (*(field.source or ()), *path), line)
    elif field.kind == "nested" and field.serializer is None:
        _read_depth(reader, field, row, serializer.depth, line)
    else:
        value = _attribute_of_field(reader, field, row, line)
        _show_value(reader, field, field.kind, value, line)


def _read_method(
    reader: Reader, serializer: Serializer, field: SerializerField, row: Values, line: Evidence
) -> None:
    name = field.method or f"get_{field.name}"
    method = reader.project.method(serializer.name, name)
    if method is None or method.facts is None or method.path is None:
        reader.doubt("unknown-method", f"{_short(serializer.name)}.{name} was not found", line)
        return
    call_method(reader, Own(serializer.name, "serializer"), method, ((row,), {}), line)


# -- get_attribute ---------------------------------------------------------------------------------


def _attribute_of_field(
    reader: Reader, field: SerializerField, row: Values, line: Evidence
) -> Values:
    """The value that a field takes from the object: its source, read and called part by part."""
    source = field.source
    if source is None:
        return OPAQUE
    if _is_key_of_own_column(field) and source:
        owner = dotted_source(reader, row, source[:-1], line)
        return _value_for_key(reader, owner, source[-1], line)
    return dotted_source(reader, row, source, line)


def _is_key_of_own_column(field: SerializerField) -> bool:
    """Whether DRF takes the key without the object (`use_pk_only_optimization`)."""
    kind = _base_kind(field)
    if field.many:
        return False
    return kind == "key" or (kind == "hyperlink" and field.lookup_field == "pk")


def _value_for_key(reader: Reader, owner: Values, name: str, line: Evidence) -> Values:
    """`serializable_value`: the column of a forward relation; anything else is read, and called
    if it is a method."""
    read = frozenset(each for each in owner if not _has_column(reader, each, name))
    return called(reader, attribute_of(reader, read, name, line), line)


def _has_column(reader: Reader, value: object, name: str) -> bool:
    model = reader.project.model(value.model, partial=True) if isinstance(value, Row) else None
    field = model.fields.get(name) if model is not None else None
    return field is not None and field.is_column


def dotted_source(reader: Reader, values: Values, source: tuple[str, ...], where: Where) -> Values:
    """DRF's `get_attribute`: each part is read, and called if it is a method."""
    for name in source:
        values = called(reader, attribute_of(reader, values, name, where), where)
    return values


def called(reader: Reader, values: Values, where: Where) -> Values:
    """What these give where methods among them are called without arguments."""
    found: set[Value] = set()
    for value in values:
        if isinstance(value, Bound):
            found |= call_bound(reader, value, NO_ARGUMENTS, where)
        else:
            found.add(value)
    return frozenset(found)


# -- to_representation -----------------------------------------------------------------------------


def _base_kind(field: SerializerField) -> str:
    return (field.base_kind or "plain") if field.kind == "own" else field.kind


def _show_value(
    reader: Reader, field: SerializerField, kind: str, value: Values, line: Evidence
) -> None:
    """What a field does with its value; of many, with each."""
    if field.many or (kind == "nested" and _is_list(value)):
        if kind == "nested" and field.serializer is not None:
            _show_list(reader, field.serializer, value, line)
            return
        value = iterated(reader, value, line)
    if kind == "nested" and field.serializer is not None:
        render(reader, field.serializer, value, line)
    elif kind == "string":
        read_as_text(reader, value, line)
    elif kind == "slug" and field.slug_field:
        dotted_source(reader, value, tuple(field.slug_field.split("__")), line)
    elif kind == "hyperlink" and field.lookup_field != "pk":
        dotted_source(reader, value, (field.lookup_field,), line)
    elif kind == "plain":
        # A text field shows an object by its `__str__`; other ones are not given one.
        read_as_text(reader, frozenset(e for e in value if isinstance(e, Row)), line)


def _is_list(value: Values) -> bool:
    return any(isinstance(each, Several) for each in value)


def _show_list(reader: Reader, serializer: str, value: Values, line: Evidence) -> None:
    """A nested list, rendered by DRF's ListSerializer or by the project's."""
    known = reader.project.serializer(serializer)
    listing = known.list_serializer if known is not None else None
    method = reader.project.method(listing, _RENDERING) if listing is not None else None
    if listing is None or method is None or method.facts is None or method.path is None:
        render(reader, serializer, iterated(reader, value, line), line)
        return
    own = Own(listing, "list", child=serializer)
    call_method(reader, own, method, ((value,), {}), line)


# -- the project's own fields ----------------------------------------------------------------------


def _read_own(reader: Reader, field: SerializerField, row: Values, line: Evidence) -> None:
    """A field class of the project: its own `get_attribute` and `to_representation` are read."""
    assert field.class_name is not None
    info = reader.project.class_named(field.class_name)
    if info is None or info.facts is None:
        reader.doubt("unknown-field-class", f"{field.class_name} was not read", line)
        return
    own = Own(field.class_name, "field", field=field)
    # Of many, each item is shown by the child; DRF's ManyRelatedField reads them.
    value = _own_step(reader, own, "get_attribute", row, line)
    if value is None or field.many:
        kept = replace(field, kind=field.base_kind or "plain") if not field.many else field
        value = _attribute_of_field(reader, kept, row, line)
    if field.many:
        value = iterated(reader, value, line)
    if _own_step(reader, own, _RENDERING, value, line) is None:
        single = replace(field, many=False)
        _show_value(reader, single, _base_kind(field), value, line)


def _own_step(reader: Reader, own: Own, name: str, given: Values, line: Evidence) -> Values | None:
    """What the project's method of this name gives; None where it is DRF's."""
    method = reader.project.method(own.cls, name)
    if method is None or method.facts is None or method.path is None:
        return None
    return call_method(reader, own, method, ((given,), {}), line)


# -- depth -----------------------------------------------------------------------------------------


def _read_depth(
    reader: Reader, field: SerializerField, row: Values, depth: int, line: Evidence
) -> None:
    """`Meta.depth`: each relation is a nested object with all fields, one level less each time."""
    values = dotted_source(reader, row, field.source or (), line)
    _nest(reader, iterated_or_itself(reader, values, line), depth - 1, line)


def iterated_or_itself(reader: Reader, values: Values, where: Where) -> Values:
    """The rows of to-many relations, and the single objects."""
    single = frozenset(each for each in values if isinstance(each, Row))
    return single | iterated(reader, values - single, where)


def _nest(reader: Reader, rows: Values, depth: int, line: Evidence) -> None:
    for row in rows:
        model = reader.project.model(row.model, partial=True) if isinstance(row, Row) else None
        for name in _nested_relations(model, depth) if model is not None else ():
            values = attribute_of(reader, frozenset({row}), name, line)
            inner = iterated_or_itself(reader, values, line)
            if depth > 0:
                _nest(reader, inner, depth - 1, line)


def _nested_relations(model: Model, depth: int) -> list[str]:
    """The relations among `__all__` fields that are read: to-many always, others while nesting."""
    found: list[str] = []
    for field in model.fields.values():
        kind = field.relation.kind if field.relation is not None else None
        if kind == "many-to-many" or (kind in {"foreign-key", "one-to-one"} and depth > 0):
            found.append(field.name)
    return found


def _line(field: SerializerField, serializer: str) -> Evidence:
    owner = _short(serializer)
    source = ".".join(field.source or ())
    what = f' from "{source}"' if source and source != field.name else ""
    return Evidence(field.path or "", field.line, f"{owner}.{field.name} is rendered{what}")


def _short(dotted: str) -> str:
    return dotted.rpartition(".")[2]
