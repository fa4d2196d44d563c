"""Ways to ask whether a queryset has rows, or how many, by fetching or counting all of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from djfix.codemods.source.definitions import FunctionNode as Function
from djfix.codemods.source.walking import children, walk

Parents = Mapping[ast.AST, ast.AST]

How = Literal["count", "len", "truth"]
"""`qs.count()`, which asks the database each time; `len(qs)` and `if qs:`, which fetch the rows
and keep them for whoever uses the same queryset next."""


@dataclass(frozen=True, slots=True)
class Question:
    """One place that asks. `node` is what is replaced, `rows` the expression of the queryset.

    `form`: "exists", "not-exists", or "count" where the number itself is wanted.
    """

    node: ast.expr
    rows: ast.expr
    how: How
    form: Literal["exists", "not-exists", "count"]


_SOME = {(">", 0), ("!=", 0), (">=", 1)}
_NONE = {("==", 0), ("<", 1), ("<=", 0)}
_SIGNS: dict[type[ast.cmpop], str] = {
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
_TURNED = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "==": "==", "!=": "!="}


def questions_in(parents: Parents, function: Function) -> Iterator[Question]:
    """What looks like a question in a function, in the order of the text; nested functions are
    left out. `parents` are those of the document. Nothing is known yet of what is asked."""
    queried = _queried_names(function)
    seen: set[ast.expr] = set()
    for node in _expressions(function):
        if node in seen:
            continue
        question = _asked(parents, node)
        if question is not None and _may_be_rows(question, queried):
            seen.update(each for each in walk(node) if isinstance(each, ast.expr))
            yield question


_QUERYING = frozenset(
    {
        *("objects", "_default_manager", "_base_manager", "get_queryset", "filter", "exclude"),
        *("all", "order_by", "distinct", "select_related", "prefetch_related", "annotate"),
        *("only", "defer", "using", "reverse", "none", "alias", "complex_filter", "extra"),
    }
)


_ANSWERING = frozenset(
    {
        *("get", "first", "last", "earliest", "latest", "count", "exists", "contains", "aggregate"),
        *("create", "get_or_create", "update_or_create", "bulk_create", "update", "delete"),
        *("bulk_update", "in_bulk", "iterator", "explain", "raw", "values", "values_list", "dates"),
        *("datetimes", "add", "set", "remove", "clear", "join", "format", "split"),
    }
)
"""Methods whose result is no queryset of objects."""


def _queried_names(function: Function) -> frozenset[str]:
    """The variables that are bound to something written as a query."""
    return frozenset(
        target.id
        for node in walk(function)
        if isinstance(node, ast.Assign | ast.AnnAssign) and is_query(node.value)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    )


def is_query(node: ast.expr | None) -> bool:
    """Whether an expression is written as a query: it is worth asking what it is."""
    match node:
        case ast.Call(func=ast.Attribute(value=inner, attr=name)):
            return name in _QUERYING or (name not in _ANSWERING and _is_of_query(inner))
        case ast.Subscript(value=inner, slice=ast.Slice()):
            return is_query(inner)
        case ast.IfExp(body=body, orelse=other):
            return is_query(body) or is_query(other)
    return False


def _is_of_query(node: ast.expr) -> bool:
    """Whether a query, or a manager, is called by a method of the project's own."""
    match node:
        case ast.Attribute(attr=name):
            return name in _QUERYING or name.endswith("_set")
    return is_query(node)


def _may_be_rows(question: Question, queried: frozenset[str]) -> bool:
    """Managers stand under any name, and are asked by `count()` only."""
    rows = question.rows
    if isinstance(rows, ast.Name):
        return rows.id in queried
    if question.how == "count" and isinstance(rows, ast.Attribute):
        return True
    return is_query(rows)


def _expressions(function: ast.AST) -> Iterator[ast.expr]:
    """The expressions of a function, outer before inner, in the order of the text."""
    waiting = list(reversed(list(children(function))))
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(node, ast.expr):
            yield node
        waiting.extend(reversed(list(children(node))))


def _asked(parents: Parents, node: ast.expr) -> Question | None:
    if isinstance(node, ast.Compare):
        return _compared(parents, node)
    inner = _in_bool(node)
    if inner is not None:
        counted = _counted(inner)
        rows, how = counted if counted is not None else (inner, "truth")
        return Question(node, rows, how, "exists")
    counted = _counted(node)
    truth = is_truth(parents, node)
    if counted is not None and truth:
        return Question(node, counted[0], counted[1], "exists")
    if counted is not None and counted[1] == "len":
        return Question(node, counted[0], "len", "count")
    if truth and isinstance(node, ast.Name | ast.Call | ast.Attribute | ast.Subscript):
        return Question(node, node, "truth", "exists")
    return None


def _compared(parents: Parents, node: ast.Compare) -> Question | None:
    """A count compared with 0 or 1, so that only whether there are rows matters."""
    if len(node.ops) != 1:
        return None
    left, right, sign = node.left, node.comparators[0], _SIGNS.get(type(node.ops[0]), "")
    if isinstance(left, ast.Constant):
        left, right, sign = right, left, _TURNED.get(sign, "")
    counted = _counted(left)
    if counted is None or not isinstance(right, ast.Constant) or type(right.value) is not int:
        return None
    asked = (sign, right.value)
    if asked in _SOME:
        return Question(node, counted[0], counted[1], "exists")
    return Question(node, counted[0], counted[1], "not-exists") if asked in _NONE else None


def _counted(node: ast.expr) -> tuple[ast.expr, How] | None:
    """What `x.count()` or `len(x)` counts."""
    match node:
        case ast.Call(func=ast.Attribute(value=rows, attr="count"), args=[], keywords=[]):
            return rows, "count"
        case ast.Call(func=ast.Name(id="len"), args=[rows], keywords=[]):
            return None if isinstance(rows, ast.Starred) else (rows, "len")
    return None


def _in_bool(node: ast.expr) -> ast.expr | None:
    """What `bool(x)` is given, where that may be a queryset or a count."""
    match node:
        case ast.Call(func=ast.Name(id="bool"), args=[given], keywords=[]):
            is_plain = isinstance(given, ast.Name | ast.Call | ast.Attribute | ast.Subscript)
            return given if is_plain else None
    return None


def is_truth(parents: Parents, node: ast.expr) -> bool:
    """Whether only the truth of an expression is used."""
    parent = parents.get(node)
    match parent:
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            return test is node
        case ast.Assert(test=test):
            return test is node
        case ast.UnaryOp(op=ast.Not()):
            return True
        case ast.comprehension(ifs=tests):
            return node in tests
        case ast.BoolOp():
            return is_truth(parents, parent)
        case ast.Call(func=ast.Name(id="bool"), args=[given]):
            return given is node
    return False
