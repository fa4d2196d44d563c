"""Calls of functions that can be read: whose body it is, and what its parameters stand for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from djfix.codemods.inference.access.keys import Body
from djfix.codemods.inference.access.objects import (
    OPAQUE,
    Own,
    Row,
    Rows,
    Value,
    Values,
    handed_over,
)
from djfix.codemods.inference.access.values import Path
from djfix.codemods.project.classes import MethodInfo

if TYPE_CHECKING:
    from djfix.codemods.inference.access.reader import Reader, Where
    from djfix.codemods.project.facts import FunctionFacts

Arguments = tuple[tuple[Values, ...], Mapping[str, Values]]
"""Positional and keyword arguments."""

NO_ARGUMENTS: Arguments = ((), {})


def property_of(reader: Reader, receiver: Row | Own, getter: MethodInfo, where: Where) -> Values:
    """What a property gives, its body read."""
    return call_method(reader, receiver, getter, NO_ARGUMENTS, where, verb="reads")


def call_method(
    reader: Reader,
    receiver: Row | Rows | Own,
    method: MethodInfo,
    arguments: Arguments,
    where: Where,
    *,
    verb: str = "calls",
) -> Values:
    """What a method that the project defines touches and returns."""
    assert method.facts is not None
    assert method.path is not None
    positional, keywords = arguments
    given = positional
    if not method.facts.is_staticmethod:
        first: Value = receiver
        given = (frozenset({first}), *positional)
    bound = bound_parameters(method.facts, given, keywords)
    return call_body(reader, method.path, method.line, method.cls, bound, where, verb)


def call_body(
    reader: Reader,
    path: str,
    line: int,
    cls: str,
    bound: Mapping[str, Values],
    where: Where,
    verb: str,
) -> Values:
    bindings: list[tuple[str, Values]] = []
    places: dict[str, frozenset[tuple[str, Path]]] = {}
    for name, values in sorted(bound.items()):
        inside, outside = handed_over(name, values)
        if inside:
            bindings.append((name, inside))
            places.update(outside)
    if not bindings:
        return OPAQUE
    return reader.take(Body(path, line, cls, tuple(bindings)), places, where, verb)


def bound_parameters(
    facts: FunctionFacts, positional: Iterable[Values], keywords: Mapping[str, Values]
) -> dict[str, Values]:
    """What each parameter is given; what goes into `*args` and `**kwargs` is not followed."""
    names = [
        each.name for each in facts.parameters if each.kind in {"positional", "positional-only"}
    ]
    bound = dict(zip(names, positional, strict=False))
    taken = {each.name for each in facts.parameters if each.kind not in {"*", "**"}}
    bound.update({name: values for name, values in keywords.items() if name in taken})
    return {name: values for name, values in bound.items() if values}


def next_method(reader: Reader, cls: str, after: str, name: str) -> MethodInfo | None:
    """The member of this name behind the class `after` in the order of `cls`; None if an unknown
    base may have it, or if there is none."""
    order = reader.project.mro(cls)
    if order is None or after not in order:
        return None
    for ancestor in order[order.index(after) + 1 :]:
        info = reader.project.class_named(ancestor)
        if info is None:
            return None
        if name in info.binds():
            found = reader.project.method(ancestor, name)
            return found if found is not None and found.cls == info.name else None
    return None
