"""What a function itself assigns to an attribute: what a later read of it may find."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from djfix.codemods.inference import numbers
from djfix.codemods.inference.settling import joined_so_far
from djfix.codemods.inference.values import Instance, Unknown, Value
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.inference.expressions import Inference

_GIVEN = frozenset({"new", "create", "get-or-create", "several"})
"""Origins of instances that hold what the code gave them, of whatever type that was."""

_ANY = "*"

Stores = Mapping[str, tuple[ast.Attribute, ...]]


def stores_in(function: ast.AST) -> Stores:
    """The places at which a function assigns to attributes, by the attribute's name.

    "*" is among the names where `setattr` assigns to any.
    """
    found: dict[str, list[ast.Attribute]] = defaultdict(list)
    for node in walk(function):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            found[node.attr].append(node)
        if isinstance(node, ast.Name) and node.id == "setattr":
            found[_ANY] = []
    return {name: tuple(nodes) for name, nodes in found.items()}


def held_value(
    inference: Inference, base: Instance, attribute: ast.Attribute, loaded: Value
) -> Value:
    """What an attribute holds that is `loaded` from a row, in view of what else is put into it.

    Objects may go by several names, so that an assignment counts whatever object it is to.
    """
    if _ANY in inference.stores:
        return Unknown(f"setattr() may assign to {attribute.attr}")
    first = loaded
    if base.origin in _GIVEN:
        first = Unknown(f"{attribute.attr} is what it was created with")
    stores = inference.stores.get(attribute.attr, ())
    values: list[Callable[[], Value]] = [
        partial(_stored_at, inference, store, first) for store in stores
    ]
    if not any(_is_sure(inference, store, attribute) for store in stores):
        values.append(lambda: first)
    return joined_so_far(values)


def _stored_at(inference: Inference, store: ast.Attribute, first: Value) -> Value:
    statement = inference.flow.parents.get(store)
    if isinstance(statement, ast.AugAssign):
        return numbers.of_operation(statement.op, first, inference.value(statement.value))
    if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
        return inference.value(statement.value)
    return Unknown(f"{store.attr} is one of several values")


def _is_sure(inference: Inference, store: ast.Attribute, read: ast.Attribute) -> bool:
    """Whether the read certainly finds what the store, or a later one, left in the same object."""
    graph = inference.flow.graph
    same = isinstance(store.value, ast.Name) and isinstance(read.value, ast.Name)
    if not same or ast.dump(store.value) != ast.dump(read.value):
        return False
    assert isinstance(store.value, ast.Name)
    assert isinstance(read.value, ast.Name)
    try:
        dominates = graph.dominates(graph.point_of(store), graph.point_of(read))
    except LookupError:
        return False
    bound, seen = inference.definitions(store.value), inference.definitions(read.value)
    return dominates and graph.point_of(store) is not graph.point_of(read) and bound == seen
