"""What a function that receives save signals looks at: whether only new rows, which attributes."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from djfix.codemods.source.walking import walk

HARMLESS_DECORATORS = frozenset(
    {"receiver", "atomic", "staticmethod", "classmethod", "disable_for_loaddata", "wraps"}
)


@dataclass(frozen=True, slots=True)
class HandlerFacts:
    """A function as a receiver.

    `only_created`: its whole body is passed over unless post_save's `created` is true, and
    nothing of the instance is looked at before. `reads` and `stores`: the attributes of its
    `instance` parameter that are loaded and assigned; `reads` is None where the instance itself is
    handed on, so that anything may be read. `mentions_update_fields`: it looks at `update_fields`.
    """

    name: str
    line: int
    only_created: bool = False
    reads: frozenset[str] | None = None
    stores: frozenset[str] = frozenset()
    mentions_update_fields: bool = False

    @classmethod
    def from_plain(cls, data: Sequence[Any]) -> HandlerFacts:
        """The inverse of a list of the fields, sets as lists."""
        name, line, only_created, reads, stores, mentions = data
        known = None if reads is None else frozenset(reads)
        return cls(name, line, only_created, known, frozenset(stores), mentions)


Function = ast.FunctionDef | ast.AsyncFunctionDef


def handler_facts(node: Function, name: str) -> HandlerFacts:
    """The facts of a function, under this qualified name."""
    loads, stores, is_handed_on = _instance_uses(node)
    return HandlerFacts(
        name=name,
        line=node.lineno,
        only_created=_only_created(node),
        reads=None if is_handed_on else frozenset(loads),
        stores=frozenset(stores),
        mentions_update_fields=any(_is_update_fields(each) for each in walk(node)),
    )


def _is_update_fields(node: ast.AST) -> bool:
    match node:
        case ast.Constant(value="update_fields") | ast.arg(arg="update_fields"):
            return True
        case ast.Name(id="update_fields"):
            return True
    return False


def _instance_uses(node: Function) -> tuple[set[str], set[str], bool]:
    """Attributes of `instance` loaded and stored, and whether it is used in any other way."""
    loads: set[str] = set()
    stores: set[str] = set()
    parameters = {
        each.arg for each in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
    }
    if "instance" not in parameters:
        return loads, stores, True
    attributes = set()
    for each in walk(node):
        if isinstance(each, ast.Attribute) and _is_instance(each.value):
            attributes.add(id(each.value))
            (loads if isinstance(each.ctx, ast.Load) else stores).add(each.attr)
    names = [each for each in walk(node) if _is_instance(each)]
    return loads, stores, any(id(each) not in attributes for each in names)


def _is_instance(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "instance"


def _only_created(node: Function) -> bool:
    names = [_last_name(each) for each in node.decorator_list]
    if not HARMLESS_DECORATORS.issuperset(names):
        return False
    created = {"created"} if _has_parameter(node, "created") else set()
    for statement in _without_docstring(node.body):
        if _is_nothing(statement):
            continue
        alias = _alias_of_created(statement)
        if alias is not None:
            created.add(alias)
        elif isinstance(statement, ast.If):
            verdict = _of_condition(statement, created)
            if verdict is not None:
                return verdict and _is_rest_harmless(node.body, statement)
        else:
            return False
    return False


def _of_condition(statement: ast.If, created: set[str]) -> bool | None:
    """True: nothing but new rows come further, or into it; None: a harmless early return."""
    if not _is_plain(statement.test):
        return _conjoined(statement, created)
    leaves = _only_leaves(statement.body) and not statement.orelse
    if leaves and _denies(statement.test, created):
        return True
    if leaves:
        return None
    return _requires(statement.test, created) and not statement.orelse


def _conjoined(statement: ast.If, created: set[str]) -> bool:
    """`if created and <anything>` and `if not created or <anything>: return`: what follows the
    first operand is looked at for new rows only."""
    test = statement.test
    if not isinstance(test, ast.BoolOp) or statement.orelse:
        return False
    first = test.values[0]
    if isinstance(test.op, ast.And):
        return _requires(first, created)
    return _denies(first, created) and _only_leaves(statement.body)


def _is_rest_harmless(body: list[ast.stmt], statement: ast.If) -> bool:
    """After `if created: ...` nothing may follow; after an early return anything may."""
    if _only_leaves(statement.body):
        return True
    rest = body[body.index(statement) + 1 :]
    return all(_is_nothing(each) for each in rest)


def _requires(test: ast.expr, created: set[str]) -> bool:
    """Whether a condition is only true for new rows."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return any(_requires(each, created) for each in test.values)
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        right = test.comparators[0]
        is_true = isinstance(right, ast.Constant) and right.value is True
        return (
            is_true and isinstance(test.ops[0], ast.Is | ast.Eq) and _requires(test.left, created)
        )
    return _is_created(test, created)


def _denies(test: ast.expr, created: set[str]) -> bool:
    """Whether a condition is true for every row that is not new."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or):
        return any(_denies(each, created) for each in test.values)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return _requires(test.operand, created)
    return False


def _is_created(node: ast.expr, created: set[str]) -> bool:
    match node:
        case ast.Name(id=name):
            return name in created
        case ast.Subscript(value=ast.Name(), slice=ast.Constant(value="created")):
            return True
        case ast.Call(
            func=ast.Attribute(value=ast.Name(), attr="get"),
            args=[ast.Constant(value="created"), *rest],
        ):
            return all(isinstance(each, ast.Constant) and not each.value for each in rest)
    return False


def _alias_of_created(statement: ast.stmt) -> str | None:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if _is_created(value, set()):
            return name
    return None


def _is_plain(test: ast.expr) -> bool:
    """Whether a condition looks at nothing but the signal's own flags."""
    return not any(
        (isinstance(each, ast.Attribute) and each.attr != "get")
        or (isinstance(each, ast.Name) and each.id == "instance")
        for each in walk(test)
    )


def _only_leaves(body: list[ast.stmt]) -> bool:
    return (
        len(body) == 1
        and isinstance(body[0], ast.Return)
        and (body[0].value is None or isinstance(body[0].value, ast.Constant))
    )


def _is_nothing(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass() | ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Return(value=None) | ast.Return(value=ast.Constant()):
            return True
    return False


def _without_docstring(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for index, statement in enumerate(body):
        is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if index or not is_text:
            yield statement


def _has_parameter(node: Function, name: str) -> bool:
    arguments = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
    return any(each.arg == name for each in arguments)


def _last_name(node: ast.expr) -> str:
    while isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
