"""Where additions are written: in the class body, in its `get_queryset`, or as a new method."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from djfix.codemods.findings import NodeReference, Reason, Span
from djfix.codemods.project.admin_values import AdminClass
from djfix.codemods.rules.admin_list.needs import is_literal
from djfix.codemods.rules.admin_list.plans import (
    AddMethod,
    ExtendLiteral,
    Plan,
    SetAttribute,
)
from djfix.codemods.source.definitions import before_methods
from djfix.codemods.source.document import Document
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

SETTING = "list_select_related"


def class_node(document: Document, admin: AdminClass) -> ast.ClassDef:
    """The class statement of an admin class, which stands at the top of its file."""
    for node in walk(document.tree):
        if isinstance(node, ast.ClassDef) and node.lineno == admin.line:
            return node
    raise LookupError(admin.name)


def assignment(node: ast.ClassDef, name: str) -> ast.Assign | ast.AnnAssign | None:
    """The last plain assignment of a name in the class's own body."""
    found: ast.Assign | ast.AnnAssign | None = None
    for statement in node.body:
        targets: list[ast.expr] = []
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        elif isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        if any(isinstance(each, ast.Name) and each.id == name for each in targets):
            assert isinstance(statement, ast.Assign | ast.AnnAssign)
            found = statement
    return found


def span_of(document: Document, node: ast.ClassDef) -> Span:
    """Where a finding stands: the class's own `list_display`, or the head of the class."""
    own = assignment(node, "list_display")
    if own is not None:
        return document.span(own)
    start = document.span(node)
    return Span(start.line, start.column, start.line, start.column + len(f"class {node.name}"))


def setting_plan(
    document: Document, admin: AdminClass, missing: tuple[str, ...], complete: tuple[str, ...]
) -> Plan | Reason:
    """`list_select_related` with every path: a new attribute, or what the class has, extended."""
    node = class_node(document, admin)
    setting = admin.settings.get(SETTING)
    if setting is None or setting.cls != admin.name:
        return attribute_plan(document, node, SETTING, complete)
    own = assignment(node, SETTING)
    if own is None or own.value is None or not setting.is_plain:
        return Reason("unreadable-setting", f"{SETTING} is set in a way that cannot be added to")
    reference = NodeReference.of(own.value)
    if setting.value.kind == "constant":
        return SetAttribute(document.path, SETTING, complete, reference, None)
    if is_literal(setting.value):
        return ExtendLiteral(document.path, missing, reference)
    return Reason("unreadable-setting", f"{SETTING} is no tuple or list that can be added to")


def attribute_plan(
    document: Document,
    node: ast.ClassDef,
    name: str,
    names: tuple[str, ...] = (),
    constant: str = "",
) -> Plan:
    """A new attribute behind `list_display`, or behind the last statement before the methods."""
    own = _last_of(node, "list_display") or before_methods(node)
    instead = isinstance(own, ast.Pass)
    reference = NodeReference.of(own)
    return SetAttribute(document.path, name, names, None, reference, instead, constant)


def _last_of(node: ast.ClassDef, name: str) -> ast.stmt | None:
    """The last statement of the body that sets or adds to a name."""
    own: ast.stmt | None = assignment(node, name)
    for statement in node.body:
        if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
            own = statement if statement.target.id == name else own
    return own


def method_plan(
    document: Document, admin: AdminClass, joined: tuple[str, ...], prefetched: tuple[str, ...]
) -> Plan:
    """A `get_queryset` of the class's own, which adds to what it inherits."""
    last = class_node(document, admin).body[-1]
    instead = isinstance(last, ast.Pass)
    return AddMethod(document.path, NodeReference.of(last), joined, prefetched, instead)


def heirs(project: Project, admin: AdminClass, name: str) -> tuple[str, ...]:
    """The classes that would inherit a new attribute or method of this one."""
    found = (project.class_named(each) for each in project.subclasses(admin.name))
    return tuple(each.name for each in found if each is not None and name not in each.binds())
