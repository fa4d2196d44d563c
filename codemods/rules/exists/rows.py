"""How many rows a queryset gives: an order over other tables, or a join, adds or takes some.

`count()` and `exists()` drop the order, and with it the joins that only the order makes
(django.db.models.sql.query, `get_aggregation` and `exists`; measured on 4.2 and 5.2): a row that
an order over a relation to many gives twice is counted once.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from djfix.codemods.inference.expressions import Inference
from djfix.codemods.inference.values import Manager, QuerySet
from djfix.codemods.project.models import Field, Model
from djfix.codemods.project.project import Project

_DEEPEST_ORDER = 5


def written(inference: Inference, rows: ast.expr) -> tuple[ast.Call | ast.Subscript, ...] | None:
    """The calls and slices that a queryset is made by, through its variables; None where some of
    them stand in other code."""
    found: list[ast.Call | ast.Subscript] = []
    seen: set[ast.expr] = set()
    waiting = [rows]
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        before = _before(inference, node)
        if before is None:
            return None
        waiting.extend(before)
        if isinstance(node, ast.Call | ast.Subscript):
            found.append(node)
    return tuple(found)


def _before(inference: Inference, node: ast.expr) -> list[ast.expr] | None:
    """The querysets that an expression is made of; none for a manager."""
    if isinstance(inference.value(node), Manager):
        return []
    match node:
        case ast.Name():
            values = [item.value for item in inference.definitions(node)]
            return None if not values or None in values else [each for each in values if each]
        case ast.IfExp(body=body, orelse=other):
            return [body, other]
        case ast.Subscript(value=inner) | ast.Call(func=ast.Attribute(value=inner)):
            is_rows = isinstance(inference.value(inner), QuerySet | Manager)
            return [inner] if is_rows else None
        case ast.NamedExpr(value=inner):
            return [inner]
    return None


def method_of(node: ast.Call | ast.Subscript) -> str:
    """The method that a call calls; none for a slice."""
    match node:
        case ast.Call(func=ast.Attribute(attr=name)):
            return name
    return ""


def skips_rows(calls: Iterable[ast.Call | ast.Subscript]) -> bool:
    """Whether a slice leaves out the first rows: then it matters how many there are."""
    slices = [each.slice for each in calls if isinstance(each, ast.Subscript)]
    return any(not isinstance(each, ast.Slice) or each.lower is not None for each in slices)


def multiplied_by(
    inference: Inference, model: Model, calls: Iterable[ast.Call | ast.Subscript]
) -> str:
    """What orders the rows by more than columns of their own table; "" if nothing does."""
    ordering = [each for each in calls if method_of(each) == "order_by"]
    named = _annotated(calls)
    for call in ordering:
        assert isinstance(call, ast.Call)
        for argument in call.args:
            if not _is_single(inference, model, argument, named):
                return ast.unparse(argument)
    return "" if ordering else _meta_over_many(inference.project, model, _DEEPEST_ORDER)


def _annotated(calls: Iterable[ast.Call | ast.Subscript]) -> frozenset[str]:
    """Names of annotations: their joins stay where the rows are counted."""
    making = [each for each in calls if method_of(each) in {"annotate", "alias"}]
    keywords = [item for each in making if isinstance(each, ast.Call) for item in each.keywords]
    return frozenset(item.arg for item in keywords if item.arg is not None)


def _is_single(
    inference: Inference, model: Model, argument: ast.expr, named: frozenset[str]
) -> bool:
    """Whether an argument of `order_by` leads to one row at most."""
    if isinstance(argument, ast.Constant) and argument.value is None:
        return True
    names = [each for each in ast.walk(argument) if isinstance(each, ast.Name)]
    resolved = [inference.resolve(each) or "" for each in names]
    if not all(each.split(".")[0] == "django" for each in resolved):
        return False
    texts = [each.value for each in ast.walk(argument) if isinstance(each, ast.Constant)]
    paths = [each for each in texts if isinstance(each, str) and each.lstrip("-+") not in named]
    return all(is_to_one(inference.project, model, each, _DEEPEST_ORDER) for each in paths)


def _meta_over_many(project: Project, model: Model, depth: int) -> str:
    """What of `Meta.ordering` leads to several rows."""
    stated = model.meta.get("ordering")
    if stated is not None and not model.ordering and (stated.items or stated.kind == "name"):
        return "Meta.ordering"
    many = (each for each in model.ordering if not is_to_one(project, model, each, depth))
    return next(many, "")


def is_to_one(project: Project, model: Model, path: str, depth: int) -> bool:
    """Whether a path of `order_by` leads to one row at most; by a foreign key rows are ordered as
    its model is."""
    if path == "?":
        return True
    fields = hops(project, model, path)
    if fields is None or depth == 0:
        return False
    last = fields[-1]
    is_key = path.rpartition("__")[2].lstrip("-+") in {"pk", last.attname}
    if last.relation is None or (is_key and last.attname != last.name):
        return True
    target = project.model(last.relation.target) if last.relation.target else None
    return target is not None and not _meta_over_many(project, target, depth - 1)


def hops(project: Project, model: Model, path: str) -> tuple[Field, ...] | None:
    """The fields on a path; None where it leads to many, or cannot be followed."""
    found: list[Field] = []
    at: Model | None = model
    for part in path.lstrip("-+").split("__"):
        field = at.field(part) if at is not None else None
        if field is None or not field.is_column or field.unclear:
            return None
        found.append(field)
        if field.relation is None:
            break
        at = project.model(field.relation.target) if field.relation.target else None
    return tuple(found) or None


def unconstrained(
    project: Project,
    model: Model,
    calls: Iterable[ast.Call | ast.Subscript],
    joined: Iterable[str],
) -> Iterator[Field]:
    """Keys that nothing keeps from pointing nowhere, and that a join, or an order, goes over."""
    paths = [*joined, *(path for each in calls for path in _joined(each))]
    paths += [each for each in model.ordering if "__" in each]
    for path in paths:
        fields = hops(project, model, path) or () if path else model.fields.values()
        yield from (each for each in fields if _may_dangle(project, each))


def _joined(node: ast.Call | ast.Subscript) -> list[str]:
    """The paths that a call joins; "" for what cannot be read."""
    if not isinstance(node, ast.Call) or method_of(node) not in {"select_related", "order_by"}:
        return []
    constants = [each.value for each in node.args if isinstance(each, ast.Constant)]
    texts = [each for each in constants if isinstance(each, str)]
    if method_of(node) == "order_by":
        return [each for each in texts if "__" in each]
    is_whole = bool(node.args) and len(constants) == len(node.args)
    return texts if is_whole else ["", *texts]


def _may_dangle(project: Project, field: Field) -> bool:
    if field.relation is None or not field.is_column or field.null:
        return False
    owner = project.model(field.model, partial=True)
    return not field.relation.db_constraint or (owner is not None and not owner.managed)
