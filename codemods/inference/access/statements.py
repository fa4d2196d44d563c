"""The statements of a body in their order: what each name stands for where it is read."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING

from djfix.codemods.inference.access.attributes import attribute_of
from djfix.codemods.inference.access.expressions import Names, bind, evaluate, tested
from djfix.codemods.inference.access.fallbacks import (
    asks_for_extra,
    handles_missing_attribute,
    is_extra,
)
from djfix.codemods.inference.access.objects import OPAQUE, Inner, Values
from djfix.codemods.inference.access.rows import iterated
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.inference.access.reader import Reader

_TURNS = 3
"""How often a loop's body is read: what a turn leaves is there in the next one, and a relation
that is followed in each turn shows as circular in the third."""


def read_statements(
    reader: Reader, statements: Iterable[ast.stmt], names: Names | None
) -> Names | None:
    """The names behind these statements; None where no way leads there."""
    for statement in statements:
        if names is None:
            return None
        names = _read(reader, statement, names)
    return names


def _read(reader: Reader, statement: ast.stmt, names: Names) -> Names | None:
    match statement:
        case ast.Expr(value=value):
            evaluate(reader, value, names)
        case ast.Assign(targets=targets, value=value):
            _assign(reader, targets, value, names)
        case ast.AnnAssign(target=target, value=value) if value is not None:
            bind(reader, target, evaluate(reader, value, names), names)
        case ast.AugAssign(target=target, value=value):
            _augment(reader, target, value, names)
        case ast.Return(value=value):
            reader.returned.add(evaluate(reader, value, names))
            return None
        case ast.Raise(exc=exc, cause=cause):
            evaluate(reader, exc, names)
            evaluate(reader, cause, names)
            return None
        case ast.Continue() | ast.Break():
            # The loop joins what it may have left; here no way leads on.
            return None
        case ast.If():
            return _branches(reader, statement, names)
        case ast.For() | ast.AsyncFor() | ast.While():
            return _loop(reader, statement, names)
        case ast.Try() | ast.TryStar():
            return _attempt(reader, statement, names)
        case ast.With() | ast.AsyncWith():
            return _with(reader, statement, names)
        case ast.Match():
            return _match(reader, statement, names)
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            names[name] = frozenset({Inner(statement, dict(names))})
        case ast.Assert(test=test):
            tested(reader, test, names)
        case ast.Delete(targets=targets):
            for each in targets:
                names.pop(each.id, None) if isinstance(each, ast.Name) else None
    return names


def _assign(reader: Reader, targets: list[ast.expr], value: ast.expr, names: Names) -> None:
    pairs = _pairs(targets, value)
    if pairs is not None:
        values = [evaluate(reader, right, names) for _, right in pairs]
        for (left, _), each in zip(pairs, values, strict=True):
            bind(reader, left, each, names)
        return
    found = evaluate(reader, value, names)
    for target in targets:
        bind(reader, target, found, names)


def _pairs(targets: list[ast.expr], value: ast.expr) -> list[tuple[ast.expr, ast.expr]] | None:
    """`a, b = x, y`, part by part."""
    if len(targets) != 1 or not isinstance(targets[0], ast.Tuple | ast.List):
        return None
    if not isinstance(value, ast.Tuple | ast.List) or len(value.elts) != len(targets[0].elts):
        return None
    if any(isinstance(each, ast.Starred) for each in (*value.elts, *targets[0].elts)):
        return None
    return list(zip(targets[0].elts, value.elts, strict=True))


def _augment(reader: Reader, target: ast.expr, value: ast.expr, names: Names) -> None:
    found = evaluate(reader, value, names)
    if isinstance(target, ast.Name):
        names[target.id] = names.get(target.id, OPAQUE) | found
    else:
        bind(reader, target, found, names)


def _branches(reader: Reader, statement: ast.If, names: Names) -> Names | None:
    spared = asks_for_extra(reader, statement.test, names)
    tested(reader, statement.test, names)
    taken = _branch(reader, statement.body, dict(names), statement, aside=spared is True)
    other = _branch(reader, statement.orelse, names, statement, aside=spared is False)
    if spared is False and taken is None:
        # What stands behind runs only without the attribute: the rest of the body is that way.
        reader.doubt("falls-back", "rows are read only where they were not loaded", statement)
        return None
    return joined([taken, other])


def _branch(
    reader: Reader, body: list[ast.stmt], names: Names, where: ast.stmt, *, aside: bool
) -> Names | None:
    if not aside:
        return read_statements(reader, body, names)
    with reader.set_aside(where):
        return read_statements(reader, body, names)


def joined(branches: Iterable[Names | None]) -> Names | None:
    """What the names may stand for where several ways meet."""
    result: Names | None = None
    for each in branches:
        if each is None or result is each:
            continue
        if result is None:
            result = dict(each)
            continue
        for name, values in each.items():
            result[name] = result.get(name, OPAQUE) | values
    return result


def _loop(
    reader: Reader, statement: ast.For | ast.AsyncFor | ast.While, names: Names
) -> Names | None:
    before = names
    if not isinstance(statement, ast.While):
        items = iterated(reader, evaluate(reader, statement.iter, names), statement.iter)
    for _ in range(_TURNS):
        turn = dict(before)
        if isinstance(statement, ast.While):
            tested(reader, statement.test, turn)
        else:
            bind(reader, statement.target, items, turn)
        after = read_statements(reader, statement.body, turn)
        left = joined([before, after, turn])
        before = left if left is not None else before
    rest = read_statements(reader, statement.orelse, dict(before))
    return joined([before, rest])


def _attempt(reader: Reader, statement: ast.Try | ast.TryStar, names: Names) -> Names | None:
    body = read_statements(reader, statement.body, dict(names))
    # A handler may begin behind any statement of the body.
    start = joined([names, body]) or names
    ways = [
        _branch(
            reader,
            handler.body,
            dict(start),
            statement,
            aside=handles_missing_attribute(handler) and _reads_extra(reader, statement, names),
        )
        for handler in statement.handlers
    ]
    ways.append(read_statements(reader, statement.orelse, body))
    after = joined(ways)
    final = read_statements(reader, statement.finalbody, dict(after or start))
    return None if after is None or final is None else final


def _reads_extra(reader: Reader, statement: ast.Try | ast.TryStar, names: Names) -> bool:
    """Whether the body reads an attribute that only a queryset can have put there."""
    return any(
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and is_extra(reader, names.get(node.value.id, OPAQUE), node.attr)
        for each in statement.body
        for node in walk(each)
    )


def _with(reader: Reader, statement: ast.With | ast.AsyncWith, names: Names) -> Names | None:
    for item in statement.items:
        value = evaluate(reader, item.context_expr, names)
        if item.optional_vars is not None:
            bind(reader, item.optional_vars, value, names)
    return read_statements(reader, statement.body, names)


def _match(reader: Reader, statement: ast.Match, names: Names) -> Names | None:
    subject = evaluate(reader, statement.subject, names)
    ways: list[Names | None] = [dict(names)]
    for case in statement.cases:
        inner = dict(names)
        _matched(reader, case.pattern, subject, inner)
        if case.guard is not None:
            tested(reader, case.guard, inner)
        ways.append(read_statements(reader, case.body, inner))
    return joined(ways)


def _matched(reader: Reader, pattern: ast.pattern, values: Values, names: Names) -> None:
    """Gives values to what a pattern binds; `case Book(author=Author())` reads the attribute."""
    match pattern:
        case ast.MatchClass(kwd_attrs=attributes, kwd_patterns=parts, patterns=others):
            for name, part in zip(attributes, parts, strict=True):
                _matched(reader, part, attribute_of(reader, values, name, pattern), names)
            for part in others:
                _matched(reader, part, values, names)
        case ast.MatchAs(pattern=whole, name=bound):
            if whole is not None:
                _matched(reader, whole, values, names)
            if bound:
                names[bound] = values
        case ast.MatchStar(name=str() as bound):
            names[bound] = values
        case _:
            for inner in ast.iter_child_nodes(pattern):
                if isinstance(inner, ast.pattern):
                    _matched(reader, inner, values, names)


def results_of(reader: Reader) -> Values:
    """What the body that was read may return."""
    return OPAQUE.union(*reader.returned)
