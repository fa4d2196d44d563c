"""Rows that become a subquery of another queryset: `Page.objects.filter(pk__in=self.pages.all())`.

Django makes one statement of both, run with 5.2: nothing is asked for before the other queryset is
read, and then all of it is, whatever is prefetched.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from djfix.codemods.inference.access.objects import OPAQUE, Rows, Values, Within
from djfix.codemods.inference.access.rows import REFINING, is_overridden, touch_within
from djfix.codemods.source.chains import dotted_name, last_name

if TYPE_CHECKING:
    from djfix.codemods.inference.access.methods import Arguments
    from djfix.codemods.inference.access.reader import Reader

_NESTING = ("django.db.models.Subquery", "django.db.models.Exists")

_CONDITIONS = (*_NESTING, "django.db.models.Q")


def arguments_of(
    reader: Reader, call: ast.Call, names: dict[str, Values]
) -> tuple[tuple[Values, ...], dict[str | None, Values]]:
    """What the arguments of a call may be; rows that become a subquery are not asked for."""
    from djfix.codemods.inference.access.expressions import evaluate

    nests = bool(call.args) and _resolved(reader, call) in _NESTING
    positional = tuple(
        (nests and _nested(reader, each, names)) or evaluate(reader, each, names)
        for each in call.args
    )
    keywords = {
        each.arg: ((each.arg or "").endswith("__in") and _nested(reader, each.value, names))
        or evaluate(reader, each.value, names)
        for each in call.keywords
    }
    return positional, keywords


def having_within(reader: Reader, call: ast.Call, arguments: Arguments) -> Values:
    """What a call makes of subqueries that it is handed: another queryset or condition with them;
    any other call may read them."""
    positional, keywords = arguments
    given = OPAQUE.union(*positional, *keywords.values())
    within = frozenset(each for each in given if isinstance(each, Within))
    if not within or _keeps(reader, call):
        return within
    for each in within:
        touch_within(reader, each, call)
    return OPAQUE


def _keeps(reader: Reader, call: ast.Call) -> bool:
    is_refining = isinstance(call.func, ast.Attribute) and call.func.attr in REFINING
    return is_refining or _resolved(reader, call) in _CONDITIONS


def _resolved(reader: Reader, call: ast.Call) -> str | None:
    """The name of a class or function that is called by it."""
    if last_name(call.func) not in _LASTS:
        return None
    spelled = dotted_name(call.func)
    return reader.resolve(spelled) if spelled is not None else None


_LASTS = frozenset(each.rpartition(".")[2] for each in _CONDITIONS)


def _nested(reader: Reader, node: ast.expr, names: dict[str, Values]) -> Values:
    """Rows of a relation with Django's own methods that only refine them, as a subquery; nothing
    where it is anything else."""
    from djfix.codemods.inference.access.expressions import evaluate

    calls: list[ast.Call] = []
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr not in REFINING:
            return OPAQUE
        calls.append(node)
        node = node.func.value
    values = evaluate(reader, node, names) if calls else OPAQUE
    rows = [each for each in values if isinstance(each, Rows)]
    methods = [each.func.attr for each in calls if isinstance(each.func, ast.Attribute)]
    if len(rows) != len(values) or any(
        is_overridden(reader, each, name) for each in rows for name in methods
    ):
        return OPAQUE
    for each in calls:
        arguments_of(reader, each, names)
    return frozenset(Within(each.root, each.path) for each in rows)
