"""Keeps what an expression binds to when another one takes its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    import libcst as cst

PRECEDENCE: Mapping[str, int] = {
    "GeneratorExp": 0,
    "Yield": 0,
    "Tuple": 0,
    "NamedExpr": 1,
    "Lambda": 2,
    "IfExp": 2,
    "Comparison": 5,
    "Await": 14,
}
"""By type; see the table of operator precedence in the language reference. Atoms are 15."""

BOOLEAN = {"Or": 3, "And": 4}
BINARY = {
    "BitOr": 6,
    "BitXor": 7,
    "BitAnd": 8,
    "LeftShift": 9,
    "RightShift": 9,
    "Add": 10,
    "Subtract": 10,
    "Power": 13,
}
FACTOR = 11
UNARY = 12
NOT = 4.5
ATOM = 15
CONDITIONAL = 2
COMPARED = 5.5

TAKES_ANY = frozenset(
    {
        "Arg",
        "Assign",
        "AugAssign",
        "AnnAssign",
        "Annotation",
        "Return",
        "Expr",
        "Index",
        "Element",
        "DictElement",
        "If",
        "While",
        "Assert",
        "Raise",
        "WithItem",
        "Param",
    }
)
"""Parents in which every expression stands without parentheses, but for the loosest ones."""


def in_place_of(
    original: cst.CSTNode, node: cst.CSTNode, parent: cst.CSTNode | None
) -> cst.CSTNode:
    """`node` with the original's parentheses, or with new ones where it needs them there."""
    import libcst as cst

    if not isinstance(original, cst.BaseExpression) or not isinstance(node, cst.BaseExpression):
        return node
    if original is node or node.lpar:
        return node
    if original.lpar:
        return node.with_changes(lpar=original.lpar, rpar=original.rpar)
    return parenthesized(node) if needs_parentheses(original, node, parent) else node


def needs_parentheses(
    original: cst.BaseExpression, node: cst.BaseExpression, parent: cst.CSTNode | None
) -> bool:
    """Whether `node` without parentheses would not be one operand where `original` was."""
    found = precedence(node)
    return found < precedence(original) and found < _loosest(original, parent)


def _loosest(original: cst.BaseExpression, parent: cst.CSTNode | None) -> float:
    """How loosely an expression may bind in the original's place without parentheses."""
    name = type(parent).__name__
    if name in TAKES_ANY:
        return CONDITIONAL
    if name in ("Comparison", "ComparisonTarget"):
        return COMPARED
    if name in ("BooleanOperation", "UnaryOperation"):
        return precedence(cast("cst.BaseExpression", parent))
    if name == "BinaryOperation":
        operation = cast("cst.BinaryOperation", parent)
        is_left = operation.left is original
        groups_left = type(operation.operator).__name__ != "Power"
        return precedence(operation) + (0 if is_left == groups_left else 0.5)
    return ATOM


def parenthesized(node: cst.BaseExpression) -> cst.BaseExpression:
    """The expression in a pair of parentheses of its own."""
    import libcst as cst

    return node.with_changes(
        lpar=[cst.LeftParen(), *node.lpar], rpar=[*node.rpar, cst.RightParen()]
    )


def precedence(node: cst.BaseExpression) -> float:
    """How tightly the outermost operator of an expression binds; its parentheses do not count."""
    name = type(node).__name__
    if name == "BooleanOperation":
        return BOOLEAN[type(cast("cst.BooleanOperation", node).operator).__name__]
    if name == "BinaryOperation":
        return BINARY.get(type(cast("cst.BinaryOperation", node).operator).__name__, FACTOR)
    if name == "UnaryOperation":
        is_not = type(cast("cst.UnaryOperation", node).operator).__name__ == "Not"
        return NOT if is_not else UNARY
    return PRECEDENCE.get(name, ATOM)
