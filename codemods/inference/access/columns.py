"""What one column of an admin's list touches on the row that it shows.

As `django.contrib.admin.utils.lookup_field` and `items_for_result` do it (4.2 to 6.1): a field of
the model comes first, then a callable, a member of the admin class, a member of the model (called
if it is a method), and last a path over relations ("a__b", since 5.1). The value is shown as text.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from djfix.codemods.findings import Evidence
from djfix.codemods.inference.access.attributes import attribute_of
from djfix.codemods.inference.access.beside import WRITING
from djfix.codemods.inference.access.collecting import reads_of
from djfix.codemods.inference.access.expressions import evaluate
from djfix.codemods.inference.access.keys import OBJECT, Text
from djfix.codemods.inference.access.methods import bound_parameters, call_body, call_method
from djfix.codemods.inference.access.objects import OPAQUE, Own, Row, Rows, Several, Values
from djfix.codemods.inference.access.reader import Reader, parameters_of
from djfix.codemods.inference.access.rendering import called
from djfix.codemods.inference.access.values import Reads
from djfix.codemods.project.admin_values import AdminClass, Column
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.inference.access.reading import Accesses
    from djfix.codemods.project.classes import MethodInfo
    from djfix.codemods.project.models import Model

TEXT = "__str__"

_KNOWN_TEXTS = {"django.contrib.auth.models.Permission": "content_type"}
"""Models of Django whose `__str__` follows a foreign key."""


def column_reads(accesses: Accesses, admin: AdminClass, column: Column, model: str) -> Reads:
    """What showing one column of one row touches."""
    reader = Reader(accesses)
    _show(reader, _value(reader, admin, column, model), _line(admin, column))
    return reads_of(reader.collector.summary(), OBJECT)


def is_foreign_key(model: Model, name: str) -> bool:
    """Whether a column is a foreign key of the model's own (its attname is a plain value)."""
    field = model.fields.get(name)
    return field is not None and field.is_column and field.relation is not None


def _line(admin: AdminClass, column: Column) -> Evidence:
    short = admin.name.rpartition(".")[2]
    if not column.line:
        return Evidence(admin.path, admin.line, f"{short} shows the row's text")
    name = column.name.rpartition(".")[2] or column.kind
    return Evidence(column.path, column.line, f"{short} lists {name}")


def _value(reader: Reader, admin: AdminClass, column: Column, model: str) -> Values:
    row: Values = frozenset({Row(OBJECT, (), model)})
    line = _line(admin, column)
    if column.kind == "function":
        return _of_function(reader, column, row, line)
    if column.kind == "lambda":
        return _of_lambda(reader, column, row, line)
    if column.kind == "name":
        return _of_name(reader, admin, column.name, row, line)
    reader.doubt("unknown-column", "a column that is no name and no function", line)
    return OPAQUE


def _of_name(reader: Reader, admin: AdminClass, name: str, row: Values, line: Evidence) -> Values:
    if name == TEXT:
        return row
    model = _model_of(reader, row)
    if model is None or name in model.fields:
        return attribute_of(reader, row, name, line)
    cls = next((each for each in admin.order if _binds(reader, each, name)), None)
    if cls is not None:
        return _of_member(reader, admin, cls, name, row, line)
    if "__" in name and not _is_member(model, name):
        values = row
        for part in name.split("__"):
            values = attribute_of(reader, values, part, line)
        return values
    if admin.unknown_bases and not _is_member(model, name) and model.field(name) is None:
        bases = ", ".join(admin.unknown_bases)
        reader.doubt("unknown-column", f"{name} is a member of {bases}, or of none", line)
        return OPAQUE
    return called(reader, attribute_of(reader, row, name, line), line)


def _model_of(reader: Reader, row: Values) -> Model | None:
    name = next((each.model for each in row if isinstance(each, Row)), "")
    return reader.project.model(name, partial=True)


def _binds(reader: Reader, cls: str, name: str) -> bool:
    info = reader.project.class_named(cls)
    return info is not None and name in info.binds()


def _is_member(model: Model, name: str) -> bool:
    known = name in model.properties or name in model.methods or name in model.class_attributes
    return known or model.reverse_named(name) is not None


def _of_member(
    reader: Reader, admin: AdminClass, cls: str, name: str, row: Values, line: Evidence
) -> Values:
    """A method of the admin class, handed the row."""
    method: MethodInfo | None = reader.project.method(cls, name)
    if method is None or method.facts is None or method.path is None:
        reader.doubt("unknown-column", f"{name} of {cls.rpartition('.')[2]} is no method", line)
        return OPAQUE
    if method.facts.is_property:
        reader.doubt("unknown-column", f"{name} gives the function that is called", line)
        return OPAQUE
    return call_method(reader, Own(admin.name), method, ((row,), {}), line)


def _of_function(reader: Reader, column: Column, row: Values, line: Evidence) -> Values:
    module, _, name = column.name.rpartition(".")
    path = reader.project.path_of(module)
    facts = reader.project.module(path) if path is not None else None
    function = facts.function(name) if facts is not None else None
    if path is None or function is None:
        reader.doubt("unknown-column", f"{column.name} was not found", line)
        return OPAQUE
    bound = bound_parameters(function, (row,), {})
    return call_body(reader, path, function.line, "", bound, line, "calls")


def _of_lambda(reader: Reader, column: Column, row: Values, line: Evidence) -> Values:
    """The lambda of that line; where a line has several, or it binds more, it is not followed."""
    reader.path, reader.symbol = column.path, "the lambda"
    tree = reader.project.files.document(column.path).tree
    found = [
        node for node in walk(tree) if isinstance(node, ast.Lambda) and node.lineno == column.line
    ]
    names = list(parameters_of(found[0].args)) if len(found) == 1 else []
    if len(names) != 1:
        reader.doubt("unknown-column", "the lambda cannot be read", line)
        return OPAQUE
    if any(isinstance(node, ast.Attribute) and node.attr in WRITING for node in walk(found[0])):
        reader.doubt("unknown-column", "the lambda may write rows", line)
    return evaluate(reader, found[0].body, {names[0]: row})


def _show(reader: Reader, values: Values, line: Evidence) -> None:
    """The value of a column becomes text: an object's is its `__str__`."""
    for value in values:
        match value:
            case Row(root, path, model):
                _doubt_of_text(reader, value, line)
                reader.take(Text(model), {OBJECT: frozenset({(root, path)})}, line, "shows")
            case Several(items):
                _show(reader, items, line)
            case Rows():
                # The queryset's or manager's own text names the class, or is cut to 21 rows.
                reader.doubt("unknown-column", "a queryset is shown as text", line)


def _doubt_of_text(reader: Reader, row: Row, line: Evidence) -> None:
    """A `__str__` that cannot be read; and the one of Django's that follows a relation."""
    if row.model in _KNOWN_TEXTS:
        attribute_of(reader, frozenset({row}), _KNOWN_TEXTS[row.model], line)
        return
    method = reader.project.method(row.model, TEXT)
    is_own = method is not None and method.facts is not None
    if is_own or (method is not None and method.cls.startswith(("django.", "rest_framework."))):
        return
    known = reader.project.model(row.model, partial=True)
    if known is None or known.unknown_bases or method is not None:
        if known is not None and TEXT in known.methods:
            return
        short = row.model.rpartition(".")[2] or "a model"
        reader.doubt("unknown-text", f"the __str__ of {short} cannot be read", line)
