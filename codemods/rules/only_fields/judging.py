"""Which columns a queryset's view shows, and every reason to leave the queryset alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.findings import (
    Declined,
    Evidence,
    Finding,
    NodeReference,
    Plain,
    Reason,
    Safety,
)
from djfix.codemods.inference.columns import NotColumns, columns_of
from djfix.codemods.inference.loading.values import QuerySource
from djfix.codemods.inference.views.values import View
from djfix.codemods.inference.views.views import views_served
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.project.models import Model
    from djfix.codemods.project.project import Project
    from djfix.codemods.source.document import Document

RULE = "only-fields"
DEFERRED = Reason(
    "deferred-columns", "any other code that reads a column left out costs a query for each row"
)
_INIT_SIGNALS = ("pre_init", "post_init")
_LOADING = frozenset({"__init__", "from_db", "__getattribute__", "__setattr__", "__new__"})
_PERMISSION = "has_object_permission"


@dataclass(frozen=True, slots=True)
class Plan:
    """`.only(columns)` behind the expression at `reference`."""

    reference: NodeReference
    columns: tuple[str, ...]


def findings_in(document: Document, project: Project) -> Iterator[Finding | Declined]:
    """The querysets of one file, each with the one view that reads it."""
    served: dict[NodeReference, list[View]] = {}
    for view in views_served(project, document):
        for source in view.sources:
            if source.path == document.path and not view.is_abstract:
                served.setdefault(source.reference, []).append(view)
    for reference in sorted(served):
        yield _judged(document, project, reference, served[reference])


def _judged(
    document: Document, project: Project, reference: NodeReference, views: list[View]
) -> Finding | Declined:
    source = next(each for each in views[0].sources if each.reference == reference)
    model = project.model(source.model)
    try:
        if model is None:
            raise NotColumns("unknown-model", f"{source.model} cannot be read in full")
        _check_model(project, model)
        _check_views(project, views, source)
        columns = _columns(project, views[0], source, model)
    except NotColumns as answer:
        return Declined(RULE, document.path, source.anchor_line, answer.reason)
    return _finding(document, views[0], source, model, columns)


def _check_model(project: Project, model: Model) -> None:
    """Models that look at their columns when a row is loaded would fetch them one by one."""
    if model.parents:
        raise NotColumns("parent-table", f"{model.label} has columns in a parent's table")
    if _LOADING & set(model.overrides) or model.class_attributes or model.unknown_attributes:
        raise NotColumns("loading-code", f"{model.label} runs code when a row is loaded")
    if project.receivers(model.name, _INIT_SIGNALS):
        raise NotColumns("loading-code", f"a receiver runs when a row of {model.label} is loaded")


def _check_views(project: Project, views: list[View], source: QuerySource) -> None:
    if len(views) > 1:
        names = ", ".join(sorted(view.name.rpartition(".")[2] for view in views))
        raise NotColumns("shared-queryset", f"{names} read the same queryset")
    (view,) = views
    loaded = source.loaded
    if loaded.only is not None or loaded.deferred or loaded.joins_all:
        raise NotColumns("chosen-columns", "the queryset chooses its columns already")
    for hazard in (*source.hazards, *view.hazards):
        raise NotColumns(hazard.reason.name, hazard.reason.text)
    for reason in view.unclear:
        raise NotColumns(reason.name, reason.text)
    for rendering in view.renderings:
        if rendering.kind not in {"list", "object"} or not rendering.stock:
            raise NotColumns("writes", f"{rendering.action} does more than read and render")
        if rendering.serializer is None or not rendering.certain:
            raise NotColumns("unknown-serializer", f"{rendering.action} renders something unknown")
    _check_code(project, view)


def _check_code(project: Project, view: View) -> None:
    """Permissions and hooks of the project's own that are handed the object."""
    for name in (_PERMISSION, "get_object", "check_object_permissions", "paginate_queryset"):
        method = project.method(view.name, name)
        if method is not None and method.path is not None:
            raise NotColumns("reads-objects", f"{view.name.rpartition('.')[2]} defines {name}")
    for cls in project.mro(view.name) or ():
        info = project.class_named(cls)
        assigned = info.facts.assignment("permission_classes") if info and info.facts else None
        if assigned is None or assigned.value is None or info is None or info.path is None:
            continue
        for each in assigned.value.walk():
            resolved = project.resolve(info.path, each.name) if each.kind == "name" else None
            method = project.method(resolved, _PERMISSION) if resolved else None
            if method is not None and method.path is not None:
                raise NotColumns("reads-objects", f"{each.name} looks at each object")
        return


def _columns(project: Project, view: View, source: QuerySource, model: Model) -> tuple[str, ...]:
    wanted: set[str] = set()
    for rendering in view.renderings:
        assert rendering.serializer is not None
        joined = source.loaded.joined
        wanted |= columns_of(project, rendering.serializer, model.name, joined)
    # A joined foreign key that is left out raises FieldError.
    for path in source.loaded.joined:
        if not any(each == path or each.startswith(f"{path}__") for each in wanted):
            wanted.add(path)
    pk = model.pk
    first = pk.name if pk is not None else "pk"
    own = {field.name for field in model.fields.values() if field.is_column}
    if own <= {each.partition("__")[0] for each in wanted} | {first}:
        raise NotColumns("all-columns", "every column is shown")
    return (first, *sorted(wanted - {first, "pk"}))


def _finding(
    document: Document, view: View, source: QuerySource, model: Model, columns: tuple[str, ...]
) -> Finding:
    node = next(
        each
        for each in walk(document.tree)
        if isinstance(each, ast.expr) and NodeReference.of(each) == source.reference
    )
    name = view.name.rpartition(".")[2]
    serializers = tuple(
        sorted({(each.serializer or "").rpartition(".")[2] for each in view.renderings})
    )
    data: dict[str, Plain] = {
        "view": name,
        "model": model.label,
        "serializers": serializers,
        "only": columns,
    }
    lines = tuple(
        Evidence(each.path, each.line, f"{each.action} renders {name}")
        for each in view.renderings
        if each.path is not None
    )
    return Finding(
        rule=RULE,
        path=document.path,
        span=document.span(node),
        symbol=source.owner,
        message=f"{name}: fetches every column of {model.object_name} and shows {len(columns)}",
        safety=Safety.REVIEW,
        anchor=source.setting,
        reasons=(DEFERRED,),
        evidence=lines,
        data=data,
        plan=Plan(source.reference, columns),
    )
