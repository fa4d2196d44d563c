"""What the expressions of a body may be, their touches taken down on the way."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from djfix.codemods.inference.access.attributes import attribute_of
from djfix.codemods.inference.access.beside import is_related
from djfix.codemods.inference.access.calls import value_of_call
from djfix.codemods.inference.access.fallbacks import asks_for_extra
from djfix.codemods.inference.access.objects import (
    OPAQUE,
    Inner,
    Rows,
    Several,
    Spelled,
    Values,
)
from djfix.codemods.inference.access.rows import iterated, read_as_text, read_rows
from djfix.codemods.inference.access.values import CHANGES_RELATED
from djfix.codemods.source.walking import children

if TYPE_CHECKING:
    from djfix.codemods.inference.access.reader import Reader

Names = dict[str, Values]
"""What the local names stand for at a point; changed by what is read."""


def evaluate(reader: Reader, node: ast.expr | None, names: Names) -> Values:
    """What an expression may be."""
    if node is None:
        return OPAQUE
    how = _KINDS.get(type(node))
    return _others(reader, node, names) if how is None else how(reader, node, names)


def _others(reader: Reader, node: ast.AST, names: Names) -> Values:
    """Whatever else: its parts are read, it stands for nothing itself."""
    for child in children(node):
        if isinstance(child, ast.expr):
            evaluate(reader, child, names)
    return OPAQUE


def _constant(reader: Reader, node: ast.Constant, names: Names) -> Values:
    return OPAQUE


def _name(reader: Reader, node: ast.Name, names: Names) -> Values:
    if node.id in names:
        return names[node.id]
    if node.id in reader.local_names:
        return OPAQUE
    return frozenset({Spelled(node.id)})


def _attribute(reader: Reader, node: ast.Attribute, names: Names) -> Values:
    return attribute_of(reader, evaluate(reader, node.value, names), node.attr, node)


def _call(reader: Reader, node: ast.Call, names: Names) -> Values:
    return value_of_call(reader, node, names)


def _subscript(reader: Reader, node: ast.Subscript, names: Names) -> Values:
    base = evaluate(reader, node.value, names)
    evaluate(reader, node.slice, names)
    some = frozenset(
        replace(each, sliced=True) if isinstance(each, Rows) else each for each in base
    )
    return some if isinstance(node.slice, ast.Slice) else iterated(reader, some, node)


def _slice(reader: Reader, node: ast.Slice, names: Names) -> Values:
    for each in (node.lower, node.upper, node.step):
        evaluate(reader, each, names)
    return OPAQUE


def _named(reader: Reader, node: ast.NamedExpr, names: Names) -> Values:
    value = evaluate(reader, node.value, names)
    names[node.target.id] = value
    return value


def _conditional(reader: Reader, node: ast.IfExp, names: Names) -> Values:
    spared = asks_for_extra(reader, node.test, names)
    tested(reader, node.test, names)
    found = OPAQUE
    for part, is_spared in ((node.body, spared is True), (node.orelse, spared is False)):
        if is_spared:
            with reader.set_aside(node):
                evaluate(reader, part, names)
        else:
            found |= evaluate(reader, part, names)
    return found


def _either(reader: Reader, node: ast.BoolOp, names: Names) -> Values:
    found = OPAQUE
    for each in node.values:
        found |= tested(reader, each, names)
    return found


def _unary(reader: Reader, node: ast.UnaryOp, names: Names) -> Values:
    how = tested if isinstance(node.op, ast.Not) else evaluate
    how(reader, node.operand, names)
    return OPAQUE


def _display(reader: Reader, node: ast.List | ast.Tuple | ast.Set, names: Names) -> Values:
    return container(evaluate(reader, each, names) for each in node.elts)


def _dict(reader: Reader, node: ast.Dict, names: Names) -> Values:
    for key in node.keys:
        evaluate(reader, key, names)
    return container([evaluate(reader, each, names) for each in node.values])


def container(values: Iterable[Values]) -> Values:
    """A container of these."""
    items = OPAQUE.union(*values)
    return frozenset({Several(items)}) if items else OPAQUE


def _starred(reader: Reader, node: ast.Starred, names: Names) -> Values:
    return iterated(reader, evaluate(reader, node.value, names), node)


def _comprehension(
    reader: Reader, node: ast.ListComp | ast.SetComp | ast.GeneratorExp, names: Names
) -> Values:
    inner = _inside(reader, node.generators, names)
    return container([evaluate(reader, node.elt, inner)])


def _dict_comprehension(reader: Reader, node: ast.DictComp, names: Names) -> Values:
    inner = _inside(reader, node.generators, names)
    evaluate(reader, node.key, inner)
    return container([evaluate(reader, node.value, inner)])


def _inside(reader: Reader, generators: list[ast.comprehension], names: Names) -> Names:
    inner = dict(names)
    for each in generators:
        bind(
            reader,
            each.target,
            iterated(reader, evaluate(reader, each.iter, inner), each.iter),
            inner,
        )
        for test in each.ifs:
            tested(reader, test, inner)
    return inner


def _lambda(reader: Reader, node: ast.Lambda, names: Names) -> Values:
    return frozenset({Inner(node, dict(names))})


def _text(reader: Reader, node: ast.FormattedValue, names: Names) -> Values:
    read_as_text(reader, evaluate(reader, node.value, names), node.value)
    evaluate(reader, node.format_spec, names)
    return OPAQUE


def _binary(reader: Reader, node: ast.BinOp, names: Names) -> Values:
    left, right = evaluate(reader, node.left, names), evaluate(reader, node.right, names)
    if isinstance(node.op, ast.Mod) and _is_text(node.left):
        read_as_text(reader, right, node.right)
        return OPAQUE
    # Lists that are added keep what they hold.
    both = left | right
    return frozenset(each for each in both if isinstance(each, Several))


def _is_text(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return bool(node.args) and _is_text(node.args[0])
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _compare(reader: Reader, node: ast.Compare, names: Names) -> Values:
    values = [evaluate(reader, node.left, names)]
    for operator, right in zip(node.ops, node.comparators, strict=True):
        values.append(evaluate(reader, right, names))
        if isinstance(operator, ast.In | ast.NotIn):
            read_rows(reader, values[-1], right)
    by_identity = any(isinstance(each, ast.Is | ast.IsNot) for each in node.ops)
    if by_identity and sum(any(is_related(one) for one in each) for each in values) > 1:
        reader.doubt(CHANGES_RELATED, "related objects are compared by identity", node)
    return OPAQUE


def _awaited(reader: Reader, node: ast.Await, names: Names) -> Values:
    return evaluate(reader, node.value, names)


def _yielded(reader: Reader, node: ast.Yield, names: Names) -> Values:
    reader.returned.add(container([evaluate(reader, node.value, names)]))
    return OPAQUE


def _yielded_from(reader: Reader, node: ast.YieldFrom, names: Names) -> Values:
    value = evaluate(reader, node.value, names)
    reader.returned.add(container([iterated(reader, value, node.value)]))
    return OPAQUE


def tested(reader: Reader, node: ast.expr, names: Names) -> Values:
    """An expression whose truth is asked: of rows, that reads them."""
    value = evaluate(reader, node, names)
    read_rows(reader, value, node)
    return value


def bind(reader: Reader, target: ast.expr, values: Values, names: Names) -> None:
    """Gives a value to what an assignment or loop binds."""
    match target:
        case ast.Name(id=name):
            names[name] = values
        case ast.Starred(value=inner):
            bind(reader, inner, values, names)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            items = iterated(reader, values, target)
            for part in parts:
                bind(reader, part, items, names)
        case ast.Subscript(value=ast.Name(id=name)) if name in names or values:
            evaluate(reader, target.slice, names)
            names[name] = names.get(name, OPAQUE) | container([values])
        case ast.Attribute(value=owner):
            if any(map(is_related, evaluate(reader, owner, names))):
                reader.doubt(CHANGES_RELATED, "an attribute of a related object is set", target)
        case _:
            _others(reader, target, names)


_KINDS: dict[type[ast.AST], Callable[..., Values]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.Subscript: _subscript,
    ast.Slice: _slice,
    ast.NamedExpr: _named,
    ast.IfExp: _conditional,
    ast.BoolOp: _either,
    ast.UnaryOp: _unary,
    ast.List: _display,
    ast.Tuple: _display,
    ast.Set: _display,
    ast.Dict: _dict,
    ast.Starred: _starred,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: _dict_comprehension,
    ast.Lambda: _lambda,
    ast.FormattedValue: _text,
    ast.BinOp: _binary,
    ast.Compare: _compare,
    ast.Await: _awaited,
    ast.Yield: _yielded,
    ast.YieldFrom: _yielded_from,
}
