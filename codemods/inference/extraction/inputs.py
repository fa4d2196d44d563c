"""What a view reads of its request: expressions that a service gets as arguments instead.

`request.user`, `request.data["items"]`, `self.kwargs.get("pk")`, `serializer.validated_data["x"]`:
each is bound in the view. Some may be read at any moment with the same result; the others may
fail (a body that does not parse, a missing key), so that they must be read where they stood.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from djfix.codemods.inference.extraction.views import View
from djfix.codemods.source.walking import children, walk

_MAPPINGS = {
    "data": "data",
    "POST": "data",
    "GET": "parameters",
    "query_params": "parameters",
    "FILES": "files",
    "META": "meta",
    "headers": "headers",
    "COOKIES": "cookies",
    "session": "session",
}
"""The mappings of a request, and what a service calls them."""

_ALWAYS = frozenset(
    {"user", "method", "path", "GET", "query_params", "META", "headers", "COOKIES", "session"}
)
"""Attributes that middleware, the handler or `initial()` have made before the view runs:
https://docs.djangoproject.com/en/stable/ref/request-response/#attributes."""

_VALID = {"validated_data": "data", "cleaned_data": "data"}
_FREE = frozenset({"get", "getlist"})


@dataclass(frozen=True, slots=True, eq=False)
class Input:
    """One such expression. `mapping` is the part without its key, None where there is no key.

    `is_whole`: it is such a mapping, which may be handed over (a session may not: it is the
    browser's). `total`: reading it cannot fail and changes nothing, whenever that happens.
    """

    node: ast.expr
    name: str
    total: bool
    mapping: Input | None = None
    is_whole: bool = False

    @property
    def dump(self) -> str:
        return ast.dump(self.node)


def inputs_in(view: View, nodes: Iterable[ast.AST]) -> Iterator[Input]:
    """The largest such expressions of these nodes, in the order of the text."""
    for top in nodes:
        found = input_at(view, top)
        if found is not None:
            yield found
        else:
            yield from inputs_in(view, children(top))


def input_at(view: View, node: ast.AST) -> Input | None:
    """What a node reads of the request; None if it is no such expression."""
    match node:
        case ast.Subscript(value=base, slice=ast.Constant(value=str(key)), ctx=ast.Load()):
            mapping = _mapping(view, base)
            return _keyed(node, key, mapping, total=False) if mapping else None
        case ast.Call(
            func=ast.Attribute(value=base, attr=method), args=[ast.Constant(value=str(key)), *more]
        ) if method in _FREE and not node.keywords:
            mapping = _mapping(view, base)
            if mapping is None or not all(isinstance(each, ast.Constant) for each in more):
                return None
            is_data = isinstance(base, ast.Attribute) and base.attr == "data"
            return _keyed(node, key, mapping, total=mapping.total and not is_data)
        case ast.Attribute(attr="session"):
            return None
        case ast.Attribute(ctx=ast.Load()):
            return _mapping(view, node) or _attribute(view, node)
    return None


def _keyed(node: ast.expr, key: str, mapping: Input, *, total: bool) -> Input:
    return Input(node, argument_name(key), total, mapping)


def _mapping(view: View, node: ast.AST) -> Input | None:
    if not isinstance(node, ast.Attribute):
        return None
    if is_request(view, node.value) and node.attr in _MAPPINGS:
        is_whole = node.attr != "session"
        return Input(node, _MAPPINGS[node.attr], node.attr in _ALWAYS, is_whole=is_whole)
    if is_own(view, node.value) and node.attr == "kwargs":
        return Input(node, "kwargs", total=True, is_whole=True)
    if isinstance(node.value, ast.Name) and node.value.id in view.filled and node.attr in _VALID:
        return Input(node, _VALID[node.attr], total=True, is_whole=True)
    return None


def _attribute(view: View, node: ast.Attribute) -> Input | None:
    if is_request(view, node.value) and not (is_own(view, node.value)):
        name = argument_name(node.attr)
        return Input(node, name, node.attr in _ALWAYS)
    return None


def is_request(view: View, node: ast.AST) -> bool:
    """Whether an expression is the request itself."""
    if isinstance(node, ast.Name):
        return node.id == view.request
    return isinstance(node, ast.Attribute) and node.attr == "request" and is_own(view, node.value)


def is_own(view: View, node: ast.AST) -> bool:
    """Whether an expression is the view object."""
    return isinstance(node, ast.Name) and node.id == view.own


def argument_name(key: str) -> str:
    """A variable's name for what goes by this key."""
    words = re.findall(r"[A-Za-z0-9]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key))
    name = "_".join(words).lower()
    return name if name.isidentifier() else f"value_{name}".rstrip("_")


def is_input_binding(view: View, statement: ast.stmt) -> bool:
    """Whether a statement does nothing but give names to parts of the request."""
    match statement:
        case (
            ast.Assign(targets=[ast.Name()], value=value)
            | ast.AnnAssign(target=ast.Name(), value=ast.expr() as value)
        ):
            return _is_input(view, value)
        case ast.Assign(targets=[ast.Tuple()], value=ast.Tuple(elts=values)):
            return all(_is_input(view, each) for each in values)
    return False


def _is_input(view: View, value: ast.expr) -> bool:
    return input_at(view, value) is not None or is_request(view, value)


def is_inert(statement: ast.stmt) -> bool:
    """Whether a statement only binds a name to a literal: nothing can fail there."""
    if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
        return False
    literal = (ast.Constant, ast.List, ast.Dict, ast.Set, ast.Tuple, ast.expr_context)
    return all(isinstance(each, literal) for each in walk(statement.value))


def comes_first(inputs: Iterable[ast.expr], statement: ast.stmt, wanted: ast.expr) -> bool:
    """Whether nothing that could fail or have an effect is evaluated in a statement before it.

    Other such expressions may: they are bound in the same order.
    """
    known = {id(each) for each in inputs}
    for node, certain in _evaluated(statement, certain=True):
        if node is wanted:
            return certain
        if id(node) in known or isinstance(node, ast.Name | ast.Attribute | ast.Constant):
            continue
        if isinstance(node, ast.expr):
            return False
    return False


def _evaluated(node: ast.AST, *, certain: bool) -> Iterator[tuple[ast.AST, bool]]:
    """Nodes in the order in which their values are there; `certain`: on every path."""
    if isinstance(node, ast.Lambda | ast.FunctionDef | ast.ClassDef):
        return
    parts = list(children(node))
    if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
        parts = [*([node.value] if node.value else []), *_targets(node)]
    if isinstance(node, ast.For):
        parts = [node.iter, node.target, *node.body]  # its `else` comes last, and is not certain
    if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        # What it first goes through is evaluated where it stands, before all else of it.
        first = node.generators[0].iter
        yield from _evaluated(first, certain=certain)
        parts = [node.generators[0].target, *parts]
    first_only = isinstance(node, ast.If | ast.IfExp | ast.BoolOp | ast.While | ast.For | ast.Try)
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        parts = [node.test, *[each for each in parts if each is not node.test]]
    opaque = isinstance(
        node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp | ast.Try
    )
    for place, part in enumerate(parts):
        sure = certain and not opaque and not (first_only and place)
        yield from _evaluated(part, certain=sure)
    yield node, certain


def _targets(node: ast.Assign | ast.AugAssign | ast.AnnAssign) -> list[ast.AST]:
    return [*node.targets] if isinstance(node, ast.Assign) else [node.target]
