"""Rows that a base's `get_queryset` takes from a member of the view's own, under any name.

A project's base class may keep `get_queryset` to itself and ask each view for its rows by a method
(`get_source_queryset`) or an attribute (`source_queryset`). More is added there, in the view.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason
from djfix.codemods.inference.loading.chains import (
    NO_QUERYSET,
    Chain,
    Hook,
    either,
    with_hazards,
)
from djfix.codemods.inference.loading.hazards import hazard
from djfix.codemods.project.known_order import known_order
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.inference.expressions import Function
    from djfix.codemods.inference.loading.reading import Reader
    from djfix.codemods.source.document import Document

_AMBIGUOUS = Reason("unknown-queryset", "several statements set the view's queryset")
_STORE = "self.queryset"
_ITSELF = re.compile(r"\bself\.queryset\b|\bget_queryset\(")
_STORING = re.compile(r"self\.queryset\s*(?::[^=\n]+)?=(?!=)")


def put_on_self(reader: Reader, view: str) -> Chain | Reason:
    """What `self.queryset` holds in a method that sets it itself, for a view that declares none.

    Before it is set, REST framework's own get_queryset fails (`assert self.queryset is not None`,
    rest_framework.generics), so that the rows are those of the expression or none at all.
    """
    values = list(_stored_in(reader.inference.function))
    if not values:
        return NO_QUERYSET
    if len({ast.dump(each) for each in values}) > 1 or _is_set_elsewhere(reader, view):
        return _AMBIGUOUS
    return reader.read(values[0])


def with_replacements(reader: Reader, view: str, declared: Chain) -> Chain:
    """The rows of the view's `queryset`, or those that its code puts in their place: what is added
    where a method gives `self.queryset` meets either."""
    found = declared
    for cls, document, function in _storing(reader, view):
        for value in _stored_in(function):
            if not _builds_on_itself(function, value):
                own = _inner(reader, view, cls, document, function)
                other = own.read(value) if own is not None else _AMBIGUOUS
                both = either((found, other))
                is_same = isinstance(other, Chain) and isinstance(both, Chain)
                replaced = with_hazards(found, hazard("replaced-queryset"))
                found = both if is_same and isinstance(both, Chain) else replaced
    return replace(found, of_attribute=declared.of_attribute)


def _builds_on_itself(function: Function, value: ast.expr) -> bool:
    """Whether a value is made of what the view has already: its refinements are seen elsewhere."""
    waiting, seen = [value], set[str]()
    while waiting:
        each = waiting.pop()
        if _ITSELF.search(ast.unparse(each)) is not None:
            return True
        names = {node.id for node in walk(each) if isinstance(node, ast.Name)} - seen
        seen |= names
        waiting += [bound for name in names for bound in _bound_to(function, name)]
    return False


def _bound_to(function: Function, name: str) -> Iterator[ast.expr]:
    for node in walk(function):
        match node:
            case ast.Assign(targets=targets, value=value):
                yield from (value for each in targets if _is_name(each, name))
            case ast.AugAssign(target=target, value=value) if _is_name(target, name):
                yield value


def _is_name(target: ast.expr, name: str) -> bool:
    return isinstance(target, ast.Name) and target.id == name


def _inner(
    reader: Reader, view: str, cls: str, document: Document, function: Function
) -> Reader | None:
    from djfix.codemods.inference.loading.reading import Receiver

    if function is reader.inference.function:
        return reader
    return reader.inner(document.path, function, Receiver(cls, view=view))


def sets_queryset(function: Function) -> bool:
    """Whether a method puts something on `self.queryset`."""
    return any(True for _ in _stored_in(function))


def with_hook(reader: Reader, view: str, bound: Chain | Reason, hook: Hook) -> Chain | Reason:
    """The queryset with the member that the code which is read got it by, the nearest to the view
    of all that it came through."""
    order, reading = known_order(reader.memory.project, view), reader.receiver
    if isinstance(bound, Reason) or reading is None or hook.cls not in order:
        return bound
    asking = (reading.cls, bound.hook.cls if bound.hook is not None else reading.cls)
    if any(each in order and order.index(each) <= order.index(hook.cls) for each in asking):
        return bound
    return replace(bound, hook=hook)


def never_run(reader: Reader, statement: ast.AST) -> Sequence[ast.stmt]:
    """The branch of `if self.source_queryset is None:` for views that leave it None, where this
    one gives it a queryset."""
    match statement:
        case ast.If(
            test=ast.Compare(
                left=ast.Attribute(value=owner, attr=name),
                ops=[ast.Is() | ast.IsNot() as operator],
                comparators=[ast.Constant(value=None)],
            )
        ) if reader.is_self(owner) and _is_given(reader, name):
            return statement.body if isinstance(operator, ast.Is) else statement.orelse
    return ()


def _is_given(reader: Reader, name: str) -> bool:
    """Whether a class attribute of the view is what a call on a manager gives: never None."""
    from djfix.codemods.inference.loading.views import assigned, attribute

    view = reader.receiver.view if reader.receiver is not None else None
    found = assigned(reader.memory, view, name) if view is not None else None
    if view is None or found is None or not isinstance(found.value, ast.Call):
        return False
    return isinstance(attribute(reader, view, name), Chain)


def is_empty_list(value: ast.expr) -> bool:
    return isinstance(value, ast.List | ast.Tuple) and not value.elts


def _stored_in(function: Function) -> Iterator[ast.expr]:
    """The values that are put on `self.queryset`; an augmented one stands for none of them."""
    for node in walk(function):
        match node:
            case ast.Assign(targets=targets, value=value):
                yield from (value for each in targets if _is_store(each))
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                yield from (value,) if _is_store(target) else ()


def _is_store(target: ast.expr) -> bool:
    return isinstance(target, ast.Attribute) and ast.unparse(target) == _STORE


def _is_set_elsewhere(reader: Reader, view: str) -> bool:
    """Whether another method of the view's classes stores something there as well."""
    here = reader.inference.function
    return any(function is not here for _, _, function in _storing(reader, view))


def _storing(reader: Reader, view: str) -> Iterator[tuple[str, Document, Function]]:
    """The methods of the view's classes that put something on `self.queryset`."""
    memory = reader.memory
    for cls in known_order(memory.project, view):
        info = memory.project.class_named(cls)
        own = memory.document(info.path) if info is not None and info.path is not None else None
        if own is None or _STORING.search(own.text) is None:
            continue
        for document, function in memory.methods(cls):
            if sets_queryset(function):
                yield cls, document, function
