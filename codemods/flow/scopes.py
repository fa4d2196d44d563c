"""Which names an inner scope binds, so that a name can be traced to the function it belongs to.

The rules are those of the language reference, section 4.2.1 and 4.2.2: a name bound anywhere in a
block is local to it, unless declared global or nonlocal; names of a class body are not visible in
the functions within it; the targets of a comprehension are its own, `:=` in it binds outside.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from djfix.codemods.flow.evaluation import COMPREHENSIONS, FUNCTIONS, TYPE_ALIAS, Step
from djfix.codemods.source.walking import children, walk

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.Module


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one scope by what they mean in it."""

    bound: frozenset[str]
    declared_global: frozenset[str]
    declared_nonlocal: frozenset[str]


def names_of(scope: ast.AST) -> Names:
    """What a function, lambda, class, comprehension or module binds and declares itself."""
    if isinstance(scope, COMPREHENSIONS):
        targets = [generator.target for generator in scope.generators]
        names = {name for target in targets for name in _stored(target)}
        return Names(frozenset(names), frozenset(), frozenset())
    bound, free, outer = set(parameters_of(scope)), set[str](), set[str]()
    for node in own_nodes(scope):
        if isinstance(node, ast.Global):
            free.update(node.names)
        elif isinstance(node, ast.Nonlocal):
            outer.update(node.names)
        else:
            bound.update(bound_by(node))
    return Names(frozenset(bound - free - outer), frozenset(free), frozenset(outer))


def _stored(target: ast.AST) -> Iterator[str]:
    for node in walk(target):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def parameters_of(scope: ast.AST) -> tuple[str, ...]:
    """The names of a function's parameters, in the order of the signature; type parameters too."""
    generic = tuple(str(parameter.name) for parameter in getattr(scope, "type_params", ()))
    if not isinstance(scope, FUNCTIONS):
        return generic
    return (*generic, *(parameter.arg for parameter in arguments_of(scope)))


def arguments_of(
    function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda,
) -> tuple[ast.arg, ...]:
    """All parameters of a function, in the order of the signature."""
    arguments = function.args
    named = (*arguments.posonlyargs, *arguments.args)
    rest = (arguments.vararg, *arguments.kwonlyargs, arguments.kwarg)
    return (*named, *(parameter for parameter in rest if parameter is not None))


def own_nodes(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes that belong to a scope's own block; an inner scope only as one node.

    A comprehension's `:=` belongs to the block around it, so those targets are given as well.
    """
    waiting: list[ast.AST] = list(_block(scope))
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, COMPREHENSIONS):
            waiting.extend(_walruses(node))
            waiting.append(node.generators[0].iter)
        elif isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            waiting.extend(_evaluated_outside(node))
        elif isinstance(node, _WITHOUT_PARTS):
            continue
        elif not isinstance(node, TYPE_ALIAS):
            waiting.extend(children(node))
        else:
            waiting.append(node.name)  # type: ignore[attr-defined,unused-ignore]


_WITHOUT_PARTS = (ast.Name, ast.Constant)


def _block(scope: ast.AST) -> list[ast.AST]:
    body = getattr(scope, "body", [])
    return [body] if isinstance(body, ast.AST) else list(body)


def _walruses(comprehension: ast.AST) -> Iterator[ast.AST]:
    waiting = children(comprehension)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.NamedExpr):
            yield node.target
        if not isinstance(node, ast.Lambda):
            waiting.extend(children(node))


def _evaluated_outside(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef,
) -> list[ast.AST]:
    parts: list[ast.AST] = list(getattr(node, "decorator_list", ()))
    if isinstance(node, ast.ClassDef):
        return [*parts, *node.bases, *node.keywords]
    defaults = (*node.args.defaults, *(value for value in node.args.kw_defaults if value))
    return [*parts, *defaults]


_BINDING = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.alias, ast.ExceptHandler),
    *(ast.MatchAs, ast.MatchStar, ast.MatchMapping),
)


def bound_by(node: ast.AST) -> tuple[str, ...]:
    """The names that one node binds or deletes in the block it stands in."""
    if isinstance(node, ast.Name):
        return () if isinstance(node.ctx, ast.Load) else (node.id,)
    if not isinstance(node, _BINDING):
        return ()
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return (name,)
        case ast.alias(name=name, asname=asname):
            return (asname or name.partition(".")[0],)
        case ast.ExceptHandler(name=str(name)):
            return (name,)
        case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            return (name,)
        case ast.MatchMapping(rest=str(name)):
            return (name,)
    return ()


class Resolver:
    """Traces names out of the inner scopes of one function."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self.names = names_of(function)
        self._inner: dict[ast.AST, Names] = {}

    def names_in(self, scope: ast.AST) -> Names:
        """The names of an inner scope, remembered."""
        if scope not in self._inner:
            self._inner[scope] = names_of(scope)
        return self._inner[scope]

    def owner(self, name: str, step: Step) -> ast.AST | None:
        """The scope that a name means at a step: an inner one, this function, or None (global)."""
        return self.owner_among(name, step.scopes, walrus=step.binding == "walrus")

    def owner_among(
        self, name: str, scopes: tuple[ast.AST, ...], *, walrus: bool = False
    ) -> ast.AST | None:
        """As `owner`, with the inner scopes around the name, outermost first."""
        for depth, scope in reversed(list(enumerate(scopes))):
            hidden = isinstance(scope, ast.ClassDef) and depth < len(scopes) - 1
            if hidden or (walrus and isinstance(scope, COMPREHENSIONS)):
                continue
            names = self.names_in(scope)
            if name in names.bound:
                return scope
            if name in names.declared_global:
                return self._global_owner(name)
        return self.function

    def _global_owner(self, name: str) -> ast.AST | None:
        own = isinstance(self.function, ast.Module) or name in self.names.declared_global
        return self.function if own else None

    def is_local(self, name: str) -> bool:
        """Whether the name is a variable of this function; for a module, one of its globals."""
        return name in self.names.bound
