"""What a file puts into a variable or an attribute, and who hands it in: syntax alone."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from djfix.codemods.source.definitions import FunctionNode

_ADDING = frozenset({"append", "add", "insert", "extend", "update", "setdefault", "appendleft"})
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_MAKING = frozenset({"__init__", "__new__", "__post_init__", "__init_subclass__"})


@dataclass(frozen=True, slots=True)
class Kept:
    """A value that is put somewhere. `handed`: the function, or the class that is made, by whose
    argument it comes; `heirs`: the class whose subclasses may put another in its place."""

    value: ast.expr | None
    handed: str = ""
    heirs: str = ""


def key_of(expression: ast.expr) -> str:
    """The name of the variable or attribute that an expression reads, or reads an entry of."""
    while isinstance(expression, ast.Subscript | ast.Starred):
        expression = expression.value
    match expression:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=ast.Attribute(value=inner, attr="values" | "items" | "keys" | "copy")):
            return key_of(inner)
    return ""


def kept_under(nodes: Iterable[ast.AST], key: str) -> Iterator[Kept]:
    """All that these nodes, those of a file, put under a variable or attribute of this name."""
    every = list(nodes)
    values = list(_values(every, key))
    reads = [node for node in every if isinstance(node, ast.Attribute) and _reads(node, key)]
    yield from map(Kept, values)
    for node in every:
        if isinstance(node, ast.ClassDef):
            is_field = _annotates(node, key)
            if is_field or _within(node, reads):
                yield Kept(None, node.name if is_field else "", node.name)
            making = (each for each in node.body if isinstance(each, ast.FunctionDef))
            for each in making:
                if each.name in _MAKING:
                    yield from _handing(each, _within(each, values), node.name)
        elif isinstance(node, _FUNCTIONS) and node.name not in _MAKING:
            yield from _handing(node, _within(node, values), node.name)


def _within(around: ast.stmt, nodes: Iterable[ast.expr]) -> list[ast.expr]:
    """Those of these nodes that stand on the lines of a definition."""
    last = around.end_lineno or around.lineno
    return [each for each in nodes if around.lineno <= each.lineno <= last]


def _annotates(cls: ast.ClassDef, key: str) -> bool:
    annotated = (each.target for each in cls.body if isinstance(each, ast.AnnAssign))
    return any(isinstance(each, ast.Name) and each.id == key for each in annotated)


def _reads(node: ast.AST, key: str) -> bool:
    match node:
        case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=attr):
            return attr == key
    return False


def bound_in(cls: ast.ClassDef, key: str) -> Iterator[ast.expr]:
    """What the body of a class binds to a name."""
    return _values(cls.body, key)


def _handing(function: FunctionNode, values: Iterable[ast.expr], name: str) -> Iterator[Kept]:
    parts = (part for value in values for part in _parts(value))
    if any(takes(function, key_of(each)) for each in parts):
        yield Kept(None, name)


def _parts(value: ast.expr) -> Iterator[ast.expr]:
    """The values of which one is taken, or which are held together: `given or QuerySet`."""
    match value:
        case ast.BoolOp(values=values) | ast.Tuple(elts=values) | ast.List(elts=values):
            parts = values
        case ast.IfExp(body=one, orelse=other):
            parts = [one, other]
        case _:
            yield value
            return
    for each in parts:
        yield from _parts(each)


def takes(function: FunctionNode | ast.Lambda, name: str) -> bool:
    """Whether a function has a parameter of this name."""
    given = function.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    return name in {each.arg for each in every if each is not None}


def _values(nodes: Iterable[ast.AST], key: str) -> Iterator[ast.expr]:
    for node in nodes:
        match node:
            case ast.Assign(targets=targets, value=value) if any(
                _has(each, key) for each in targets
            ):
                yield value
            case ast.AnnAssign(target=target, value=ast.expr() as value) if _is(target, key):
                yield value
            case ast.Call(func=ast.Attribute(value=owner, attr=attr), args=args) if (
                attr in _ADDING and _is(owner, key)
            ):
                yield from args


def _has(target: ast.expr, key: str) -> bool:
    """Whether a target is it, or several of which it is one."""
    if isinstance(target, ast.Tuple | ast.List):
        return any(_has(each, key) for each in target.elts)
    return _is(target, key)


def _is(target: ast.expr, key: str) -> bool:
    return key_of(target) == key
