"""The arguments of select_related, prefetch_related, only: strings, constants, Prefetch objects."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from djfix.codemods.inference.loading.chains import Chain
from djfix.codemods.inference.loading.values import Prefetched

if TYPE_CHECKING:
    from djfix.codemods.inference.loading.reading import Reader

_PREFETCH = frozenset(
    {
        "django.db.models.Prefetch",
        "django.db.models.query.Prefetch",
        "django.contrib.contenttypes.prefetch.GenericPrefetch",
    }
)


def strings_of(reader: Reader, call: ast.Call) -> tuple[tuple[str, ...], bool]:
    """The positional arguments that are strings, and whether that are all."""
    found: list[str] = []
    is_whole = not call.keywords
    for argument in call.args:
        several = _items(reader, argument)
        if several is None:
            is_whole = False
            continue
        for _, each in several:
            text = _string(reader, each)
            found += [text] if text is not None else []
            is_whole = is_whole and text is not None
    return tuple(found), is_whole


def lookups_of(reader: Reader, chain: Chain, call: ast.Call) -> tuple[tuple[Prefetched, ...], bool]:
    """The lookups of a prefetch_related, and whether that are all."""
    found: list[Prefetched] = []
    is_whole = not call.keywords
    for argument in call.args:
        several = _items(reader, argument)
        is_whole = is_whole and several is not None
        for inner, each in several or ():
            lookup = _lookup(inner, each)
            found += [lookup] if lookup is not None else []
            is_whole = is_whole and lookup is not None
    return tuple(found), is_whole


def _items(reader: Reader, argument: ast.expr) -> list[tuple[Reader, ast.expr]] | None:
    """One argument, or those that `*NAMES` stands for; each with the reader of its own file."""
    if not isinstance(argument, ast.Starred):
        return [(reader, argument)]
    return _elements(reader, argument.value)


def _elements(reader: Reader, value: ast.expr) -> list[tuple[Reader, ast.expr]] | None:
    if isinstance(value, ast.List | ast.Tuple):
        found = [_items(reader, each) for each in value.elts]
        if any(each is None for each in found):
            return None
        return [pair for each in found if each is not None for pair in each]
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
        left, right = _elements(reader, value.left), _elements(reader, value.right)
        return None if left is None or right is None else [*left, *right]
    followed = reader.followed(value)
    if followed is None or followed[1] is value:
        return None
    return _elements(*followed)


def _string(reader: Reader, expression: ast.expr) -> str | None:
    if isinstance(expression, ast.Constant):
        return expression.value if isinstance(expression.value, str) else None
    followed = reader.followed(expression)
    if followed is None or not isinstance(followed[1], ast.Constant):
        return None
    return _string(*followed)


def _lookup(reader: Reader, expression: ast.expr) -> Prefetched | None:
    text = _string(reader, expression)
    if text is not None:
        return Prefetched(text)
    if isinstance(expression, ast.Call):
        return _prefetch(reader, expression)
    followed = reader.followed(expression)
    if followed is None or not isinstance(followed[1], ast.Call):
        return None
    return _prefetch(followed[0], followed[1])


def _prefetch(reader: Reader, call: ast.Call) -> Prefetched | None:
    if reader.inference.resolve(call.func) not in _PREFETCH:
        return None
    given = {each.arg: each.value for each in call.keywords}
    for name, value in zip(("lookup", "queryset", "to_attr"), call.args, strict=False):
        given[name] = value
    lookup = _string(reader, given["lookup"]) if "lookup" in given else None
    to_attr = _string(reader, given["to_attr"]) if _is_given(given.get("to_attr")) else ""
    if lookup is None or to_attr is None or None in given:
        return None
    queryset = given.get("queryset")
    if not _is_given(queryset):
        return Prefetched(lookup, to_attr)
    assert queryset is not None
    inner = reader.read(queryset)
    if not isinstance(inner, Chain):
        return Prefetched(lookup, to_attr, is_custom=True)
    return Prefetched(lookup, to_attr, inner.loaded, is_custom=not inner.keeps_rows)


def _is_given(expression: ast.expr | None) -> bool:
    if expression is None:
        return False
    return not (isinstance(expression, ast.Constant) and expression.value is None)
