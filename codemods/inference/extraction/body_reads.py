"""What a view reads of the request's body, key by key, and how it uses what it reads."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from djfix.codemods.findings import Reason
from djfix.codemods.inference.extraction.inputs import is_request
from djfix.codemods.inference.extraction.views import View
from djfix.codemods.inference.extraction.work import business_in
from djfix.codemods.inference.values import Instance, Manager, ModelClass, QuerySet
from djfix.codemods.source.walking import walk

UseKind = Literal[
    "truth",
    "column",
    "number",
    "text",
    "list",
    "mapping",
    "spread",
    "int",
    "float",
    "decimal",
    "unknown",
]


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """One key that is read of a mapping. `node` has its value. `tolerant`: `get`, which takes a
    missing key; `default` is what it gives then, None for nothing."""

    node: ast.expr
    key: str
    tolerant: bool = False
    default: ast.expr | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Use:
    """One use of a value, or None in `node` where nothing is known of its uses. Of "list", the
    names of the items are in `items`; of "mapping", `read` is the key."""

    kind: UseKind
    node: ast.AST | None = None
    read: Read | None = None
    items: tuple[ast.Name, ...] = ()


@dataclass(frozen=True, slots=True)
class BodyReads:
    """`mappings`: the expressions `request.data`, in the order of the text."""

    mappings: tuple[ast.Attribute, ...]
    reads: tuple[Read, ...]


def body_reads(view: View) -> BodyReads | Reason | None:
    """All that a view reads of `request.data`; why that is not known; None where it reads none."""
    mappings = [
        node
        for node in walk(view.function)
        if isinstance(node, ast.Attribute) and node.attr == "data" and is_request(view, node.value)
    ]
    mappings.sort(key=lambda node: (node.lineno, node.col_offset))
    if not mappings:
        return None
    reads: list[Read] = []
    for node in mappings:
        for each in _holders(view, node):
            found = read_of(view, each)
            if found is None:
                line = getattr(each, "lineno", 0)
                text = f"line {line} looks at more of `{ast.unparse(node)}` than keys"
                return Reason("whole-input", text)
            reads.append(found)
    return BodyReads(tuple(mappings), tuple(reads))


def _holders(view: View, node: ast.expr) -> Iterator[ast.expr]:
    """The expression, or the uses of the variable that it alone is bound to."""
    name = only_name(view, node)
    if name is None:
        yield node
    else:
        yield from loads_of(view, name)


def only_name(view: View, node: ast.expr) -> str | None:
    """The variable that is bound to an expression, and to nothing else."""
    parent = view.inference.flow.parents.get(node)
    match parent:
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if value is node:
            return name if len(view.inference.flow.definitions_of(name)) == 1 else None
    return None


def loads_of(view: View, name: str) -> Iterator[ast.Name]:
    """Where a variable of the view is read."""
    for node in walk(view.function):
        if isinstance(node, ast.Name) and node.id == name and not _is_store(view, node):
            yield node


def _is_store(view: View, node: ast.Name) -> bool:
    changed = isinstance(view.inference.flow.parents.get(node), ast.AugAssign)
    return isinstance(node.ctx, ast.Store) and not changed


def read_of(view: View, holder: ast.expr) -> Read | None:
    """The key that is read of a mapping; None for any other use of it."""
    parents = view.inference.flow.parents
    parent = parents.get(holder)
    match parent:
        case ast.Subscript(value=value, slice=ast.Constant(value=str(key)), ctx=ast.Load()):
            return Read(parent, key) if value is holder else None
        case ast.Attribute(attr="get"):
            call = parents.get(parent)
            match call:
                case ast.Call(func=func, args=[ast.Constant(value=str(key)), *more], keywords=[]):
                    if func is parent and len(more) < 2:
                        return Read(call, key, tolerant=True, default=more[0] if more else None)
    return None


def uses_of(view: View, node: ast.expr) -> Iterator[Use]:
    """How the value of an expression is used, by the name that it is bound to or in its place."""
    parent = view.inference.flow.parents.get(node)
    is_bound = isinstance(parent, ast.Assign | ast.AnnAssign) and parent.value is node
    targets = parent.targets if isinstance(parent, ast.Assign) else []
    if not is_bound or any(isinstance(each, ast.Attribute) for each in targets):
        yield _use(view, node)
        return
    name = only_name(view, node)
    if name is None:
        yield Use("unknown")
        return
    for each in loads_of(view, name):
        yield _use(view, each)


_TEXT = frozenset(each for each in dir(str) if not each.startswith("_"))
_CONVERTED: dict[str, UseKind] = {
    "int": "int",
    "float": "float",
    "decimal.Decimal": "decimal",
    "len": "truth",
    "bool": "truth",
}


def _use(view: View, node: ast.expr) -> Use:
    parent = view.inference.flow.parents.get(node)
    read = read_of(view, node)
    if read is not None:
        return Use("mapping", node, read)
    match parent:
        case ast.For(target=ast.Name() as target, iter=value) if value is node:
            return Use("list", node, items=tuple(_items(view, parent, target)))
        case ast.comprehension(target=ast.Name() as target, iter=value) if value is node:
            scope = view.inference.flow.parents.get(parent)
            return Use("list", node, items=tuple(_items(view, scope, target)))
        case ast.For() | ast.comprehension():
            return Use("unknown", node)
        case ast.keyword(arg=None):
            made = view.inference.flow.parents.get(parent)
            return Use("spread" if makes_rows(view, made) else "unknown", node)
        case ast.keyword():
            made = view.inference.flow.parents.get(parent)
            return Use("column" if makes_rows(view, made) else "unknown", node)
        case ast.Attribute(attr=attr, value=value) if value is node and attr in _TEXT:
            return Use("text", node)
        case ast.Call(func=func) if node in parent.args:
            kind = _CONVERTED.get(view.inference.resolve(func) or "", "unknown")
            return Use(kind, node)
    return Use(_plain_use(view, parent, node), node)


def _plain_use(view: View, parent: ast.AST | None, node: ast.expr) -> UseKind:
    match parent:
        case ast.Assign(targets=targets, value=value) if value is node:
            values = [
                view.inference.value(each.value)
                for each in targets
                if isinstance(each, ast.Attribute)
            ]
            columns = len(values) == len(targets)
            columns = columns and all(isinstance(each, Instance) for each in values)
            return "column" if columns else "unknown"
        case ast.BinOp() | ast.AugAssign():
            return "number"
        case ast.Compare():
            sides = [parent.left, *parent.comparators]
            ordered = all(isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE) for op in parent.ops)
            texts = any(
                isinstance(each, ast.Constant) and isinstance(each.value, str) for each in sides
            )
            return "text" if texts else "number" if ordered else "unknown"
        case ast.If() | ast.IfExp(test=ast.Name()) | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
            return "truth"
    return "unknown"


def _items(view: View, scope: ast.AST | None, target: ast.Name) -> Iterator[ast.Name]:
    for node in walk(scope) if scope is not None else ():
        if isinstance(node, ast.Name) and node.id == target.id and not _is_store(view, node):
            yield node


def item_uses(view: View, use: Use) -> Iterator[Use]:
    """How the items of a list are used."""
    for each in use.items:
        yield _use(view, each)


def makes_rows(view: View, made: ast.AST | None) -> bool:
    """Whether a call makes rows, or asks for them."""
    if not isinstance(made, ast.Call):
        return False
    if isinstance(view.inference.value(made.func), ModelClass):
        return True
    if any(each.node is made for each in business_in(view, [made])):
        return True
    receiver = made.func.value if isinstance(made.func, ast.Attribute) else None
    value = view.inference.value(receiver) if receiver is not None else None
    return isinstance(value, Manager | QuerySet | ModelClass)
