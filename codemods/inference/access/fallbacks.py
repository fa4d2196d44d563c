"""Code that asks whether an object carries something, and reads the relation if it does not.

`getattr(book, "loaded_tags", book.tags.all())`, `if hasattr(book, "tag_count")`, `except
AttributeError`: a queryset that annotates, or prefetches `to_attr`, spares the second way.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from djfix.codemods.inference.access.objects import Row, Values

if TYPE_CHECKING:
    from djfix.codemods.inference.access.reader import Reader


def asks_for_extra(reader: Reader, test: ast.expr, names: dict[str, Values]) -> bool | None:
    """Which branch of `if test` is the one without the extra attribute: False for the `else`.

    None where the test asks nothing of the kind.
    """
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = asks_for_extra(reader, test.operand, names)
        return None if inner is None else not inner
    if not isinstance(test, ast.Call) or not isinstance(test.func, ast.Name):
        return None
    if test.func.id != "hasattr" or len(test.args) != 2 or not isinstance(test.args[0], ast.Name):
        return None
    name = test.args[1]
    if not isinstance(name, ast.Constant) or not isinstance(name.value, str):
        return None
    return False if is_extra(reader, names.get(test.args[0].id, frozenset()), name.value) else None


def is_extra(reader: Reader, values: Values, name: str) -> bool:
    """Whether no model among these has such an attribute by itself, nor gets it right here."""
    if name in reader.stored:
        return False
    rows = [each for each in values if isinstance(each, Row)]
    return bool(rows) and not any(_has(reader, row.model, name) for row in rows)


def _has(reader: Reader, dotted: str, name: str) -> bool:
    model = reader.project.model(dotted, partial=True)
    if model is None or model.field(name) is not None:
        return True
    if name in model.methods or name in model.properties or name in model.class_attributes:
        return True
    return model.reverse_named(name) is not None or bool(model.unknown_bases)


def handles_missing_attribute(handler: ast.ExceptHandler) -> bool:
    """Whether a handler is there for an attribute that is not."""
    caught = handler.type
    parts = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(isinstance(each, ast.Name) and each.id == "AttributeError" for each in parts)
