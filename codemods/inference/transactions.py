"""Whether code runs inside a database transaction that this file shows.

https://docs.djangoproject.com/en/stable/topics/db/transactions/ : `transaction.atomic` as a
context manager, a decorator, or through `method_decorator`; ATOMIC_REQUESTS around each view.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from djfix.codemods.source.chains import dotted_name
from djfix.codemods.source.definitions import FunctionNode

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.source.document import Document

ATOMIC = "django.db.transaction.atomic"
_EXEMPT = "django.db.transaction.non_atomic_requests"
_METHOD_DECORATOR = "django.utils.decorators.method_decorator"
_VIEWS = ("django.views.View", "django.views.generic.View", "django.views.generic.base.View")
_HANDLERS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "dispatch"})


@dataclass(frozen=True, slots=True)
class Transaction:
    """One that is open where the code runs.

    `how`: the `with` block, a decorator of the function or class, or the request's own. `using`:
    the source text of the database's alias, None for the default one.
    """

    how: Literal["with", "decorator", "request"]
    line: int
    using: str | None = None


def transaction_around(
    project: Project, document: Document, node: ast.expr | ast.stmt
) -> Transaction | None:
    """The innermost transaction around a node, as far as its own function and class show.

    A lambda or nested function runs at another time: what is around it says nothing.
    """
    inner: ast.AST = node
    for outer in document.above(node):
        if isinstance(outer, ast.With | ast.AsyncWith) and inner in outer.body:
            found = _of_with(project, document, outer)
            if found is not None:
                return found
        if isinstance(outer, ast.Lambda):
            return None
        if isinstance(outer, FunctionNode):
            return _of_function(project, document, outer)
        inner = outer
    return None


def _of_with(
    project: Project, document: Document, node: ast.With | ast.AsyncWith
) -> Transaction | None:
    """The last of the `with` statement's items that opens a transaction."""
    for item in reversed(node.items):
        call = item.context_expr
        if isinstance(call, ast.Call) and _resolved(project, document, call.func) == ATOMIC:
            return Transaction("with", node.lineno, _using(document, call))
    return None


def _of_function(project: Project, document: Document, node: FunctionNode) -> Transaction | None:
    for decorator in node.decorator_list:
        found = _of_decorator(project, document, decorator)
        if found is not None:
            return found
    parent = next(document.above(node), None)
    if isinstance(parent, ast.ClassDef):
        found = _of_class(project, document, parent, node.name)
        return found or _of_request(project, document, node, parent)
    return _of_request(project, document, node, None)


def _of_decorator(project: Project, document: Document, node: ast.expr) -> Transaction | None:
    """`@atomic`, `@atomic(using="x")`, `@method_decorator(atomic)`."""
    called = node if isinstance(node, ast.Call) else None
    name = _resolved(project, document, called.func if called else node)
    if name == ATOMIC:
        return Transaction("decorator", node.lineno, _using(document, called) if called else None)
    if name == _METHOD_DECORATOR and called is not None and called.args:
        return _of_decorator(project, document, called.args[0])
    return None


def _of_class(
    project: Project, document: Document, cls: ast.ClassDef, method: str
) -> Transaction | None:
    """`@method_decorator(atomic, name="post")` on the class; "dispatch" covers each handler."""
    for decorator in cls.decorator_list:
        if not isinstance(decorator, ast.Call):
            continue
        if _resolved(project, document, decorator.func) != _METHOD_DECORATOR:
            continue
        names = [each.value for each in decorator.keywords if each.arg == "name"]
        name = names[0].value if names and isinstance(names[0], ast.Constant) else None
        if name == method or (name == "dispatch" and method in _HANDLERS):
            found = _of_decorator(project, document, decorator)
            if found is not None:
                return found
    return None


def _of_request(
    project: Project, document: Document, node: FunctionNode, cls: ast.ClassDef | None
) -> Transaction | None:
    """ATOMIC_REQUESTS, in what is certainly a view that no decorator exempts."""
    if project.settings.atomic_requests is not True:
        return None
    holders = [node, *([cls] if cls is not None else [])]
    decorators = [each for holder in holders for each in holder.decorator_list]
    if any(_is_exempt(project, document, each) for each in decorators):
        return None
    called = [each.func if isinstance(each, ast.Call) else each for each in decorators]
    is_view = _is_handler(project, document, node, cls) or _is_function_view(
        project, document, cls, called
    )
    return Transaction("request", node.lineno) if is_view else None


def _is_exempt(project: Project, document: Document, node: ast.expr) -> bool:
    """`@non_atomic_requests`, also through `method_decorator`."""
    called = node if isinstance(node, ast.Call) else None
    name = _resolved(project, document, called.func if called else node)
    if name == _METHOD_DECORATOR and called is not None and called.args:
        return _is_exempt(project, document, called.args[0])
    return name == _EXEMPT


def _is_handler(
    project: Project, document: Document, node: FunctionNode, cls: ast.ClassDef | None
) -> bool:
    """A method of a class-based view that handles a request."""
    module = project.module_of(document.path)
    if cls is None or module is None or node.name not in _HANDLERS:
        return False
    return any(project.is_subclass(f"{module}.{cls.name}", base) is True for base in _VIEWS)


def _is_function_view(
    project: Project,
    document: Document,
    cls: ast.ClassDef | None,
    decorators: list[ast.expr],
) -> bool:
    """A function that REST framework makes a view of."""
    names = {_resolved(project, document, each) for each in decorators}
    return cls is None and "rest_framework.decorators.api_view" in names


def _using(document: Document, call: ast.Call) -> str | None:
    for keyword in call.keywords:
        if keyword.arg == "using":
            return None if _is_none(keyword.value) else document.segment(keyword.value)
    if call.args and not _is_none(call.args[0]):
        return document.segment(call.args[0])
    return None


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _resolved(project: Project, document: Document, node: ast.expr) -> str | None:
    spelled = dotted_name(node)
    return None if spelled is None else project.resolve(document.path, spelled)
