"""From the views of a file to findings: which paths, for whom, how sure, and what is said."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.findings import SUPPRESSED, Declined, Finding, Plain, Reason, Safety, Span
from djfix.codemods.inference.access.reading import Accesses
from djfix.codemods.inference.access.values import CONDITIONAL_FIELD, PATH_BY_NAME, Path
from djfix.codemods.inference.joins import Loading, join_of, lookup_of
from djfix.codemods.inference.views.values import View
from djfix.codemods.inference.views.views import views_of, views_served
from djfix.codemods.rules.n_plus_one.choosing import takes_out_fields
from djfix.codemods.rules.n_plus_one.needs import (
    READING,
    Consumer,
    Group,
    groups_of,
    unknown_renderings,
)
from djfix.codemods.rules.n_plus_one.noticing import noticing
from djfix.codemods.rules.n_plus_one.places import additions_of, place_of
from djfix.codemods.rules.n_plus_one.safety import Decision, decided
from djfix.codemods.rules.n_plus_one.suppressing import without_suppressed
from djfix.codemods.source.document import Document
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.rules.n_plus_one import NPlusOneOptions

RULE = "n-plus-one"
UNKNOWN_SERIALIZER = "unknown-serializer"

BY_CONDITION = "serializer-by-condition"

_PERHAPS = {
    CONDITIONAL_FIELD: "may be taken out, or put in, while the program runs",
    PATH_BY_NAME: "is given names, and its class makes an address of them: it may go by them",
}

_ACTION_NAMES = frozenset({"action", "method", "detail", "name", "action_map"})
"""Attributes of a view or request by which code tells one action from another."""

_HTTP_METHODS = frozenset({"get", "post", "put", "patch", "delete", "head", "options"})


@dataclass(frozen=True)
class Case:
    """What is asked of one finding: paths of a group, for some views, and why not for all."""

    group: Group
    paths: frozenset[Path]
    views: tuple[View, ...]
    reasons: tuple[Reason, ...] = ()
    subclass: bool = False


def findings_in(
    document: Document, project: Project, options: NPlusOneOptions
) -> Iterator[Finding | Declined]:
    """What the queryset expressions of one file lack for the views that they serve."""
    served = views_served(project, document)
    for found in groups_of(project, served, document.path):
        group = without_suppressed(project, found, RULE)
        yield from _suppressed(group)
        for case in cases_of(project, group):
            yield from _finding(document, project, case, options)
        yield from _reported(document, project, group)
    yield from _declined(project, document)


# -- which paths for whom --------------------------------------------------------------------------


def cases_of(project: Project, group: Group) -> Iterator[Case]:
    """The paths that all need; those that only some need; those of single subclasses."""
    common = frozenset(path for path in group.needed if _is_needed_by_all(group, path))
    common = _with_beginnings(group, common)
    if common:
        yield Case(group, common, group.views, tuple(_always(project, group)))
    for views, paths in _others(group, common):
        if len(group.views) > 1 and len(views) == 1 and views[0].name != group.source.owner:
            names = ", ".join(_short(view.name) for view in group.views if view not in views)
            reason = Reason("not-needed-by-other-views", f"{names} read the same queryset")
            reasons = (*_always(project, group), reason, *_perhaps(group, paths))
            yield Case(group, paths, views, reasons, subclass=True)
        else:
            reasons = (*_always(project, group), *_not_needed(group, paths))
            yield Case(group, paths, group.views, reasons)


def _is_needed_by_all(group: Group, path: Path) -> bool:
    return all(path in each.touched and not each.is_dynamic for each in group.consumers)


def _with_beginnings(group: Group, paths: frozenset[Path]) -> frozenset[Path]:
    """What leads to a path is needed with it."""
    return frozenset(
        path[:length]
        for path in paths
        for length in range(1, len(path) + 1)
        if path[:length] in group.needed or length == len(path)
    )


def _others(
    group: Group, common: frozenset[Path]
) -> Iterator[tuple[tuple[View, ...], frozenset[Path]]]:
    """The other paths, by the views whose actions need them, and by whether a field that may be
    taken out is all that does."""
    found: dict[tuple[tuple[View, ...], bool], set[Path]] = {}
    for path in group.needed - common:
        views = tuple(view for view in group.views if _is_needed_by(group, view, path))
        is_perhaps = any(each.perhaps_of(path) for each in group.consumers)
        found.setdefault((views, is_perhaps), set()).add(path)
    for views, is_perhaps in sorted(found, key=lambda each: ([v.name for v in each[0]], each[1])):
        yield views, _with_beginnings(group, frozenset(found[views, is_perhaps]))


def _is_needed_by(group: Group, view: View, path: Path) -> bool:
    return any(
        each.view is view and path in each.needed and not each.is_dynamic
        for each in group.consumers
    )


def _not_needed(group: Group, paths: frozenset[Path]) -> Iterator[Reason]:
    """Which actions pay for paths that they do not read, and which fields may be taken out."""
    idle = sorted(
        {
            _action(group, each)
            for each in group.consumers
            if each.is_dynamic
            or any(path not in each.touched and not each.perhaps_of(path) for path in paths)
        }
    )
    if idle:
        text = f"{', '.join(idle)} would load it without reading it"
        yield Reason("not-needed-by-all", text)
    yield from _perhaps(group, paths)


def _perhaps(group: Group, paths: Iterable[Path]) -> Iterator[Reason]:
    """The fields that perhaps read a path, and without which it is not known who does."""
    found = {each for one in group.consumers for path in paths for each in one.perhaps_of(path)}
    for name, text in _PERHAPS.items():
        fields = sorted({field for doubt, field in found if doubt == name})
        if fields:
            yield Reason(name, f"{', '.join(fields)} {text}")


def _action(group: Group, consumer: Consumer) -> str:
    action = consumer.rendering.action
    return action if len(group.views) == 1 else f"{_short(consumer.view.name)}.{action}"


def _always(project: Project, group: Group) -> Iterator[Reason]:
    """What makes any addition to this queryset a matter for review."""
    # One of each name: the same is often said of several actions.
    unknown = {reason.name: reason for reason in reversed(unknown_renderings(group))}
    yield from reversed(unknown.values())
    for view in group.views:
        has_choice = any(each.kind in READING and not each.certain for each in view.renderings)
        if has_choice and BY_CONDITION not in unknown:
            yield Reason(BY_CONDITION, f"{_short(view.name)} chooses its serializer at run time")
        elif takes_out_fields(project, view.name):
            yield Reason(BY_CONDITION, f"{_short(view.name)} takes fields out of its serializer")
        if len(view.sources) > 1 and _depends_on_action(project, group, view):
            yield Reason(
                "queryset-by-action", f"{_short(view.name)} has a queryset for each action"
            )


def _by_branch(project: Project, case: Case) -> Iterator[Reason]:
    """A branch of the queryset's method that is for some actions loads a path already."""
    group = case.group
    known = {lookup_of(path) for path in case.paths} & group.source.loaded.sometimes
    if known and any(_depends_on_action(project, group, view) for view in group.views):
        text = f"{', '.join(sorted(known))} is loaded by a branch, perhaps for those that read it"
        yield Reason("queryset-by-action", text)


def _depends_on_action(project: Project, group: Group, view: View) -> bool:
    """Whether the method that returns several querysets looks at the action, or the HTTP method."""
    if group.source.setting != "return" or len({each.action for each in view.renderings}) < 2:
        return False
    functions = project.files.document(group.source.path).functions.values()
    return any(
        isinstance(node, ast.Attribute) and node.attr in _ACTION_NAMES
        for function in functions
        if function.lineno <= group.source.reference.line <= (function.end_lineno or 0)
        for node in walk(function)
    )


# -- findings --------------------------------------------------------------------------------------


def _finding(
    document: Document, project: Project, case: Case, options: NPlusOneOptions
) -> Iterator[Finding]:
    decision = decided(project, case.group, case.paths, unordered=options.unordered)
    for reasons, paths in _by_refusal(decision):
        loading = Loading((), tuple(sorted(paths, key=lookup_of)))
        yield _made(document, project, case, loading, reasons, Safety.REPORT, None)
    if not decision.loading.joined and not decision.loading.prefetched:
        return
    reviews = (*decision.reviews, *noticing(project, case.group, decision.loading))
    reasons = tuple(dict.fromkeys((*case.reasons, *_by_branch(project, case), *reviews)))
    place = place_of(document, project, case.group, case.views, case.subclass, options)
    if isinstance(place, Reason):
        reasons = (*reasons, place)
        yield _made(document, project, case, decision.loading, reasons, Safety.REPORT, None)
        return
    additions = additions_of(project, case.group, decision.loading, options)
    safety = Safety.REVIEW if reasons else Safety.SAFE
    plan = place.plan(additions)
    yield _made(document, project, case, decision.loading, reasons, safety, plan)


def _by_refusal(decision: Decision) -> Iterator[tuple[tuple[Reason, ...], set[Path]]]:
    if decision.refused:
        reasons = tuple(dict.fromkeys(reason for _, reason in decision.refused))
        yield reasons, {path for path, _ in decision.refused}


def _made(
    document: Document,
    project: Project,
    case: Case,
    loading: Loading,
    reasons: tuple[Reason, ...],
    safety: Safety,
    plan: object,
) -> Finding:
    source = case.group.source
    joined = tuple(join_of(project, path) for path in loading.joined)
    prefetched = tuple(lookup_of(path) for path in loading.prefetched)
    wanted = {part for path in case.paths for part in _parts(path)}
    return Finding(
        rule=RULE,
        path=document.path,
        span=_span(document, case.group),
        symbol=source.owner,
        message=_message(project, case, (*joined, *prefetched)),
        safety=safety,
        anchor=source.setting,
        reasons=reasons,
        evidence=case.group.evidence(wanted),
        data=_data(project, case, joined, prefetched),
        plan=plan,
    )


def _parts(path: Path) -> Iterator[Path]:
    return (path[:length] for length in range(1, len(path) + 1))


def _span(document: Document, group: Group) -> Span:
    place = group.source.reference
    return Span(
        place.line,
        document.column(place.line, place.column),
        place.end_line,
        document.column(place.end_line, place.end_column),
    )


def _message(project: Project, case: Case, lookups: tuple[str, ...]) -> str:
    first, *others = dict.fromkeys(_short(view.name) for view in case.views)
    who = first if not others else f"{first} and {len(others)} more"
    return f"{who}: for each {_label(project, case)} a query asks for {', '.join(lookups)}"


def _label(project: Project, case: Case) -> str:
    model = project.model(case.group.source.model, partial=True)
    return model.object_name if model is not None else _short(case.group.source.model)


def _data(
    project: Project, case: Case, joined: tuple[str, ...], prefetched: tuple[str, ...]
) -> dict[str, Plain]:
    model = project.model(case.group.source.model, partial=True)
    views = tuple(dict.fromkeys(_short(view.name) for view in case.views))
    return {
        "kind": "view",
        "view": views[0],
        "views": views,
        "model": model.label if model is not None else case.group.source.model,
        "serializers": case.group.serializers(),
        "select_related": joined,
        "prefetch_related": prefetched,
    }


def _short(dotted: str) -> str:
    """ "OrderList", also for its `get`; "OrderViewSet.recent" for an action with own rows."""
    owner, _, name = dotted.rpartition(".")
    cls = owner.rpartition(".")[2]
    if not cls[:1].isupper():
        return name
    return cls if name in _HTTP_METHODS else f"{cls}.{name}"


# -- what is only told -----------------------------------------------------------------------------


def _reported(document: Document, project: Project, group: Group) -> Iterator[Finding]:
    """Rows asked for in a way that no prefetch serves; circles; fields chosen at run time."""
    lists = [each for each in group.consumers if each.rendering.kind == "list"]
    queried = {
        touch.path
        for each in lists
        for touch in (*each.lacking, *each.perhaps)
        if touch.use == "query" and "rows" not in group.uses[touch.path]
    }
    dynamic = {path for each in lists if each.is_dynamic for path in each.needed} - group.needed
    circular = {touch.path for each in lists for touch in each.circling if touch.use != "query"}
    for paths, reason in (
        (queried, _queried(queried)),
        (circular, Reason("recursive", "the same relation is followed again and again")),
        (dynamic, Reason("dynamic-fields", "which fields are rendered is decided at run time")),
    ):
        if paths:
            loading = Loading((), tuple(sorted(paths, key=lookup_of)))
            case = Case(group, frozenset(paths), group.views)
            reasons = (reason, *_perhaps(group, paths))
            yield _made(document, project, case, loading, reasons, Safety.REPORT, None)


def _queried(paths: Iterable[Path]) -> Reason:
    names = ", ".join(sorted(lookup_of(path) for path in paths))
    text = f"{names}: a prefetch does not serve this; use Prefetch(to_attr=...) or an annotation"
    return Reason("ignores-prefetch", text)


def _suppressed(group: Group) -> Iterator[Declined]:
    for path, line, lookup in group.suppressed:
        yield Declined(RULE, path, line, Reason(SUPPRESSED, f"{lookup} is taken out by a comment"))


def _declined(project: Project, document: Document) -> Iterator[Declined]:
    """Views that render objects of a queryset that is not known, or by an unknown serializer."""
    for view in views_of(project, document):
        if view.is_abstract or view.path != document.path:
            continue
        if not view.sources and view.renderings:
            reason = next(iter(view.unclear), Reason("unknown-queryset", "its queryset is unknown"))
            yield Declined(RULE, document.path, view.line, reason)
        elif view.sources:
            reasons = _unknown_serializers(project, view)
            yield from (Declined(RULE, document.path, view.line, each) for each in reasons[:1])


def _unknown_serializers(project: Project, view: View) -> list[Reason]:
    """Why nothing can be said of what the view renders, where it is nothing at all."""
    accesses = project.shared(Accesses)
    reading = [each.serializer for each in view.renderings if each.kind in READING]
    if reading and not any(reading):
        return [each for each in view.unclear if each.name == UNKNOWN_SERIALIZER]
    found: list[Reason] = []
    for name in filter(None, reading):
        reads = accesses.serializer(name, view.sources[0].model)
        names = [each.reason for each in reads.unclear if each.reason.name == UNKNOWN_SERIALIZER]
        found += [] if reads.touches else names
    return found
