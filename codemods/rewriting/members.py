"""New members of a class: a method behind all others, an attribute before the methods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from djfix.codemods.findings import NodeReference
from djfix.codemods.rewriting.statements import statements_from
from djfix.codemods.rewriting.trees import Trees
from djfix.codemods.rewriting.values import Edit, InsertAfter, InsertBefore, ReplaceStatements

if TYPE_CHECKING:
    import libcst as cst


def member_beside(trees: Trees, path: str, reference: NodeReference, text: str) -> Edit:
    """The edit that puts a member (a `def`, an attribute) beside a statement of a class's body.

    A method goes behind it, after a blank line. An attribute goes behind it as well, but before
    it where it is a method itself, and with a blank line between a docstring and it. A body that
    is nothing but `pass` or `...` is replaced. Raises NotJoined, Unreadable and OSError.
    """
    import libcst as cst

    beside = trees.statement(path, reference)
    (member,) = statements_from(text)
    is_method = isinstance(member, cst.FunctionDef)
    if _is_filler(beside):
        return ReplaceStatements(path, (reference,), (member,))
    if not is_method and isinstance(beside, cst.FunctionDef | cst.ClassDef):
        return InsertBefore(path, reference, (member,))
    if is_method or _is_string(beside):
        member = _spaced(member)
    return InsertAfter(path, reference, (member,))


def members_beside(trees: Trees, path: str, reference: NodeReference, texts: Sequence[str]) -> Edit:
    """As `member_beside`, of several attributes that stand together."""
    first, *others = texts
    edit = member_beside(trees, path, reference, first)
    added = [statement for text in others for statement in statements_from(text)]
    assert isinstance(edit, ReplaceStatements | InsertBefore | InsertAfter)
    return replace(edit, statements=(*edit.statements, *added))


def _spaced(member: cst.BaseStatement) -> cst.BaseStatement:
    import libcst as cst

    return member.with_changes(leading_lines=[cst.EmptyLine(indent=False)])


def _sole(statement: cst.CSTNode) -> cst.CSTNode:
    import libcst as cst

    if isinstance(statement, cst.SimpleStatementLine) and len(statement.body) == 1:
        return statement.body[0]
    return statement


def _is_filler(statement: cst.CSTNode) -> bool:
    import libcst as cst

    small = _sole(statement)
    is_dots = isinstance(small, cst.Expr) and isinstance(small.value, cst.Ellipsis)
    return is_dots or isinstance(small, cst.Pass)


def _is_string(statement: cst.CSTNode) -> bool:
    import libcst as cst

    small = _sole(statement)
    strings = cst.SimpleString | cst.ConcatenatedString
    return isinstance(small, cst.Expr) and isinstance(small.value, strings)
