"""One expression of the `ast` as facts."""

from __future__ import annotations

import ast
from collections.abc import Callable

from djfix.codemods.project.facts import ExpressionFacts, Given, Unread, shared
from djfix.codemods.source.chains import dotted_name
from djfix.codemods.source.parsing import Unreadable, parsed

LONGEST_TEXT = 200
"""Characters kept of an expression that has no other form."""

MOST_ITEMS = 3000
"""A literal with more items is data, not declaration: it is kept as text only."""

DEEPEST = 40


def expression_facts(
    node: ast.expr, segment: Callable[[ast.AST], str], depth: int = 0
) -> ExpressionFacts:
    """The expression as a tree; `segment` gives the source text of what has no other form."""

    def inner(each: ast.expr) -> ExpressionFacts:
        return expression_facts(each, segment, depth + 1)

    line = shared(node.lineno)
    dotted = dotted_name(node)
    if dotted is not None:
        return ExpressionFacts("name", shared(dotted), line=line)
    if depth > DEEPEST:
        return ExpressionFacts("other", segment(node)[:LONGEST_TEXT], line=line)
    match node:
        case ast.Constant(value=None | bool() | int() | float() | str() as value):
            return ExpressionFacts("constant", value=shared(value), line=line)
        case ast.Call():
            items = (inner(node.func), *map(inner, node.args))
            keywords = tuple((key.arg or "**", inner(key.value)) for key in node.keywords)
            return ExpressionFacts("call", items=items, keywords=keywords, line=line)
        case ast.Attribute():
            return ExpressionFacts("attribute", node.attr, items=(inner(node.value),), line=line)
        case ast.List() | ast.Tuple() | ast.Set() if len(node.elts) <= MOST_ITEMS:
            kind = _CONTAINERS[type(node)]
            return ExpressionFacts(kind, items=tuple(map(inner, node.elts)), line=line)  # type: ignore[arg-type]
        case ast.Dict() if len(node.keys) <= MOST_ITEMS:
            return ExpressionFacts("dict", items=_pairs(node, inner), line=line)
        case _:
            return _rarer(node, inner, segment)


def unread(node: ast.expr, segment: Callable[[ast.AST], str]) -> Given:
    """The expression as its text, but for names and plain constants, which take less as facts."""
    if isinstance(node, ast.Name | ast.Attribute | ast.Constant):
        return expression_facts(node, segment)
    return Unread(segment(node), shared(node.lineno))


def read_text(text: str, line: int) -> ExpressionFacts:
    """The facts of an expression that stands on this line of a file that could be parsed."""
    # The brackets hold together what goes on in the next line, and the line end ends a comment.
    whole = "\n" * (line - 1) + f"({text}\n)"
    try:
        node = parsed("", whole).body[0]
    except Unreadable:
        # One bracket more may be one too many for the parser.
        return ExpressionFacts("other", text[:LONGEST_TEXT], line=line)
    assert isinstance(node, ast.Expr)
    return expression_facts(node.value, lambda each: ast.get_source_segment(whole, each) or "")


def _pairs(
    node: ast.Dict, inner: Callable[[ast.expr], ExpressionFacts]
) -> tuple[ExpressionFacts, ...]:
    items: list[ExpressionFacts] = []
    for key, value in zip(node.keys, node.values, strict=True):
        unpacked = ExpressionFacts("other", "**", line=value.lineno)
        items += [unpacked if key is None else inner(key), inner(value)]
    return tuple(items)


def _rarer(
    node: ast.expr,
    inner: Callable[[ast.expr], ExpressionFacts],
    segment: Callable[[ast.AST], str],
) -> ExpressionFacts:
    line = shared(node.lineno)
    match node:
        case ast.Subscript():
            return ExpressionFacts(
                "subscript", items=(inner(node.value), inner(node.slice)), line=line
            )
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return ExpressionFacts("constant", value=-value, line=line)
        case ast.UnaryOp():
            operator = _UNARY[type(node.op)]
            return ExpressionFacts("unary", operator, items=(inner(node.operand),), line=line)
        case ast.BinOp():
            return ExpressionFacts(
                "binary",
                OPERATORS.get(type(node.op), "?"),
                items=(inner(node.left), inner(node.right)),
                line=line,
            )
        case ast.BoolOp():
            operator = "and" if isinstance(node.op, ast.And) else "or"
            return ExpressionFacts(
                "binary", operator, items=tuple(map(inner, node.values)), line=line
            )
        case ast.IfExp():
            items = (inner(node.test), inner(node.body), inner(node.orelse))
            return ExpressionFacts("conditional", items=items, line=line)
        case ast.Starred():
            return ExpressionFacts("starred", items=(inner(node.value),), line=line)
        case _:
            return ExpressionFacts("other", segment(node)[:LONGEST_TEXT], line=line)


_CONTAINERS = {ast.List: "list", ast.Tuple: "tuple", ast.Set: "set"}
_UNARY = {ast.Not: "not", ast.USub: "-", ast.UAdd: "+", ast.Invert: "~"}
OPERATORS = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.BitOr: "|",
    ast.BitAnd: "&",
    ast.BitXor: "^",
}
