"""Whether a queryset that a name stands for is read elsewhere, and so keeps its rows."""

from __future__ import annotations

import ast

from djfix.codemods.inference.loading.chains import ENDING, RETURNING_QUERYSETS
from djfix.codemods.inference.loading.reading import Reader
from djfix.codemods.source.walking import walk

_PAGING = frozenset({"paginate_queryset", "filter_queryset"})
_ASKING_ANEW = RETURNING_QUERYSETS | ENDING
"""Methods that ask the database, or make another queryset, whatever rows were read before."""


def is_read_besides(reader: Reader, expression: ast.expr) -> bool:
    """Whether rows of a queryset that a name stands for may be read elsewhere, and kept in it.

    `if books:`, a loop, a call that takes it: the queryset keeps its rows, and what code sets on
    them is seen where they are rendered. One that is built on it there has rows of its own.
    """
    names = [node for node in _values(expression) if isinstance(node, ast.Name)]
    spelled = {node.id for node in names}
    for node in walk(reader.inference.function):
        if not isinstance(node, ast.Name) or node.id not in spelled or node in names:
            continue
        if not isinstance(node.ctx, ast.Load):
            continue
        above = reader.document.above(node)
        around = next(above, None)
        called = next(above, None) if isinstance(around, ast.Attribute) else around
        if not isinstance(called, ast.Call) or not isinstance(called.func, ast.Attribute):
            return True
        asked = _ASKING_ANEW if called.func is around else _PAGING
        if called.func.attr not in asked:
            return True
    return False


def _values(expression: ast.expr) -> list[ast.expr]:
    """What an expression may be, of those that it chooses from."""
    match expression:
        case ast.IfExp(body=body, orelse=orelse):
            return [*_values(body), *_values(orelse)]
        case ast.BoolOp(values=values):
            return [each for value in values for each in _values(value)]
    return [expression]
