"""What the text of a function says of its names by itself: most need no flow to be understood."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from djfix.codemods.flow.scopes import arguments_of, bound_by
from djfix.codemods.source.walking import walk


@dataclass(frozen=True, slots=True)
class Spelling:
    """The names of one function.

    `bound`: every name that the function, or anything inside of it, binds, deletes or declares.
    `parameters`: those that are parameters of the function and bound by nothing else, each with
    the places in the body where it is read.
    """

    bound: frozenset[str]
    parameters: Mapping[str, frozenset[ast.Name]]

    def is_free(self, name: str) -> bool:
        """Whether a name means nowhere in the function a variable of its own or of inner scopes."""
        return name not in self.bound

    def is_parameter(self, name: ast.Name) -> bool:
        """Whether this is surely what the caller gave; where it is never reached, too."""
        return name in self.parameters.get(name.id, ())


def spelling_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Spelling:
    """What a function's text says of its names."""
    own = arguments_of(function)
    inside = [node for statement in function.body for node in walk(statement)]
    around = [node for part in _around_body(function) for node in walk(part) if node not in own]
    others = {name for node in (*inside, *around) for name in _bound_by(node)}
    reads: dict[str, set[ast.Name]] = {each.arg: set() for each in own if each.arg not in others}
    for node in inside:
        if isinstance(node, ast.Name) and node.id in reads:
            reads[node.id].add(node)
    return Spelling(
        frozenset({*others, *(each.arg for each in own)}),
        {name: frozenset(places) for name, places in reads.items()},
    )


def _around_body(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterable[ast.AST]:
    returned = [function.returns] if function.returns is not None else []
    generic: list[ast.AST] = getattr(function, "type_params", [])
    return (*function.decorator_list, function.args, *returned, *generic)


def _bound_by(node: ast.AST) -> Iterable[str]:
    """As `bound_by`, with what declares a name, parameters and type parameters."""
    match node:
        case ast.Name(ctx=ast.Load()):
            return ()
        case ast.Global(names=names) | ast.Nonlocal(names=names):
            return names
        case ast.arg():
            return (node.arg,)
        case ast.expr() | ast.stmt():
            return bound_by(node)
    # Type parameters are new in Python 3.12, and hold their name as handlers and patterns do.
    name: object = getattr(node, "name", None)
    return (*bound_by(node), name) if isinstance(name, str) else bound_by(node)
