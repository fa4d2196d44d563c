"""From the admin classes of a file to findings: which paths, where, how sure, and what is said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.findings import (
    SUPPRESSED,
    Declined,
    Evidence,
    Finding,
    NodeReference,
    Plain,
    Reason,
    Safety,
)
from djfix.codemods.inference.access.values import GOES_THROUGH, Path
from djfix.codemods.inference.joins import against_join, lookup_of
from djfix.codemods.project.admin_values import AdminClass
from djfix.codemods.rules.admin_list.changing import changes, written_between, written_unseen
from djfix.codemods.rules.admin_list.elsewhere import elsewhere
from djfix.codemods.rules.admin_list.handed import handed_on, starts
from djfix.codemods.rules.admin_list.making import made_with
from djfix.codemods.rules.admin_list.needs import (
    LISTED_ONLY,
    RULE,
    Rows,
    complete_of,
    joins,
    prefetches,
    rows_of,
)
from djfix.codemods.rules.admin_list.places import (
    SETTING,
    class_node,
    heirs,
    method_plan,
    setting_plan,
    span_of,
)
from djfix.codemods.rules.admin_list.plans import Append, Plan
from djfix.codemods.rules.admin_list.querysets import Queryset, queryset_of
from djfix.codemods.rules.admin_list.restricting import restrictions
from djfix.codemods.source.document import Document

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project


@dataclass(frozen=True)
class Case:
    """One finding in the making."""

    rows: Rows
    joined: frozenset[Path]
    prefetched: frozenset[Path]
    plan: Plan | None
    reasons: tuple[Reason, ...]
    message: str


def findings_in(document: Document, project: Project) -> Iterator[Finding | Declined]:
    """What the lists of a file's admin classes do not load."""
    for admin in project.admin_classes(document.path):
        yield from _of_admin(document, project, admin)


def _of_admin(
    document: Document, project: Project, admin: AdminClass
) -> Iterator[Finding | Declined]:
    if not admin.models:
        yield from _unregistered(project, admin)
        return
    if admin.columns is None:
        yield _declined(admin, "unreadable-columns", "its list_display cannot be read")
        return
    queryset = queryset_of(project, admin)
    every = [rows_of(project, admin, model, queryset.loaded) for model in admin.models]
    found = [each for each in every if each is not None]
    if len(found) < len(every):
        yield _declined(admin, "unknown-model", "a model of it is not known")
        return
    for path, line, lookup in found[0].suppressed:
        yield Declined(RULE, path, line, Reason(SUPPRESSED, f"{lookup} is taken out by a comment"))
    if any(_needs(project, each) != _needs(project, found[0]) for each in found[1:]):
        yield from _differing(document, project, found)
        return
    for case in _cases(document, project, found[0], queryset):
        yield _made(document, project, case)


def _needs(project: Project, rows: Rows) -> tuple[tuple[str, ...], ...]:
    told = prefetches(rows.counted | rows.queried)
    missing = joins(project, rows.ones), prefetches(rows.manys), told
    return (complete_of(project, rows), *missing)


def _unregistered(project: Project, admin: AdminClass) -> Iterator[Declined]:
    """A class that only others extend is nothing to speak of."""
    if admin.unclear:
        yield Declined(RULE, admin.path, admin.line, admin.unclear[0])
    elif not project.subclasses(admin.name):
        yield _declined(admin, "not-registered", "it is registered for no model")


def _declined(admin: AdminClass, name: str, why: str) -> Declined:
    text = f"{_short(admin.name)}: {why}"
    return Declined(RULE, admin.path, admin.line, Reason(name, text))


# -- what is written, and how sure -----------------------------------------------------------------


def _cases(document: Document, project: Project, rows: Rows, queryset: Queryset) -> Iterator[Case]:
    general = tuple(_general(rows, queryset))
    to_queryset = rows.manys | (rows.ones if rows.ignores_setting else frozenset())
    if rows.ones and not rows.ignores_setting:
        yield _by_setting(document, project, rows, queryset, general)
    elif not rows.ones and rows.existing is True and _is_deprecated(project, rows):
        yield _without_true(document, project, rows, general)
    if to_queryset:
        yield _by_queryset(document, project, rows, queryset, general)
    for paths, reason in ((rows.counted, _COUNTED), (rows.queried, _QUERIED)):
        if paths:
            yield _told(rows, paths, reason)


_COUNTED = "counted-rows: {}: a count or a few rows are read, a prefetch loads all; use Count()"
_QUERIED = "ignores-prefetch: {}: no prefetch serves this; use an annotation or Prefetch(to_attr=)"


def _told(rows: Rows, paths: frozenset[Path], reason: str) -> Case:
    """What costs a query for each row and is not written: the columns need other code."""
    lookups = prefetches(paths)
    name, _, text = reason.partition(": ")
    reasons = (Reason(name, text.format(", ".join(lookups))),)
    return Case(rows, frozenset(), paths, None, reasons, _message(rows, lookups))


def _is_deprecated(project: Project, rows: Rows) -> bool:
    known = project.versions.django.is_at_least(*LISTED_ONLY)
    return known and not rows.ignores_setting and bool(rows.complete)


def _general(rows: Rows, queryset: Queryset) -> Iterator[Reason]:
    """What makes any addition to this list a matter for review."""
    admin = rows.admin
    short = _short(admin.name)
    for base in admin.unknown_bases:
        yield Reason("unknown-base", f"the base {base} of {short} cannot be read")
    yield from admin.unclear
    yield from (each for each in rows.unclear if each.name != GOES_THROUGH or rows.manys)
    if "get_list_display" in admin.hooks:
        yield Reason("columns-by-request", f"{short}.get_list_display decides about the columns")
    for hook in ("get_changelist", "get_changelist_instance", "changelist_view"):
        if hook in admin.hooks:
            yield Reason("own-list", f"{short}.{hook} makes a list of its own")
    if len(admin.models) > 1:
        yield Reason("several-models", f"{short} is registered for {len(admin.models)} models")
    yield from queryset.unclear


def _by_setting(
    document: Document,
    project: Project,
    rows: Rows,
    queryset: Queryset,
    general: tuple[Reason, ...],
) -> Case:
    admin = rows.admin
    complete = complete_of(project, rows)
    missing = joins(project, rows.ones)
    message = _message(rows, missing)
    reasons = dict.fromkeys(general)
    if "get_queryset" in admin.hooks:
        reasons[_own("get_queryset", admin)] = None
    if SETTING in admin.settings:
        text = f"{_short(admin.settings[SETTING].cls)} sets {SETTING} already"
        reasons[Reason("existing-setting", text)] = None
    reasons.update(dict.fromkeys(_against(project, rows.complete)))
    reasons.update(dict.fromkeys(_inherited(project, admin, SETTING)))
    model = project.model(rows.model, partial=True)
    handed = handed_on(project, admin, () if model is None else (model,), starts(project, admin))
    reasons.update(dict.fromkeys(restrictions(project, admin, model, handed)))
    stops = [each.reason for each in queryset.hazards if each.forbids in {"join", "both"}]
    reasons.update(dict.fromkeys(stops))
    refused = _refused(queryset, "join")
    if "get_list_select_related" in admin.hooks:
        refused = (*refused, _own("get_list_select_related", admin))
    plan: Plan | Reason | None = None
    if not refused:
        existing = rows.existing if isinstance(rows.existing, tuple) else ()
        plan = setting_plan(document, admin, missing, tuple(dict.fromkeys((*existing, *complete))))
    if isinstance(plan, Reason):
        refused, plan = (plan,), None
    if not refused and not reasons:
        reasons.update(dict.fromkeys(_last(project, rows)))
    every = tuple(dict.fromkeys((*refused, *reasons)))
    return Case(rows, rows.ones, frozenset(), plan, every, message)


def _last(project: Project, rows: Rows) -> Iterator[Reason]:
    """What is asked where nothing else stands against the change: it reads more files."""
    yield from changes(project, rows.admin, rows.model, rows.ones)
    yield from written_between(project, rows.admin, rows.ones)
    read = [touch.path for touch in rows.touches]
    yield from written_unseen(project, rows.bodies, read, rows.ones)
    yield from made_with(project, rows.ones)
    yield from elsewhere(project, rows.admin)


def _own(hook: str, admin: AdminClass) -> Reason:
    name = hook.replace("_", "-").removeprefix("get-")
    text = f"{_short(admin.hooks[hook].cls)}.{hook} decides about what is loaded"
    return Reason(f"own-{name}", text)


def _refused(queryset: Queryset, kind: str) -> tuple[Reason, ...]:
    return tuple(
        each.reason for each in queryset.hazards if each.certain and each.forbids in {kind, "both"}
    )


def _against(project: Project, paths: Iterable[Path]) -> Iterator[Reason]:
    for path in sorted(paths, key=lookup_of):
        yield from against_join(project, path)


def _inherited(project: Project, admin: AdminClass, name: str) -> Iterator[Reason]:
    found = heirs(project, admin, name)
    if found:
        names = ", ".join(_short(each) for each in found)
        yield Reason("inherited", f"{names} would inherit {name} from {_short(admin.name)}")


def _without_true(
    document: Document, project: Project, rows: Rows, general: tuple[Reason, ...]
) -> Case:
    complete = complete_of(project, rows)
    reason = Reason("deprecated-true", f"{SETTING} = True is deprecated since Django 6.1")
    plan = setting_plan(document, rows.admin, complete, complete)
    against = _against(project, rows.complete)
    reasons = tuple(dict.fromkeys((reason, *general, *against)))
    message = f"{_short(rows.admin.name)}: {SETTING} = True joins every foreign key"
    written = None if isinstance(plan, Reason) else plan
    return Case(rows, rows.complete, frozenset(), written, reasons, message)


def _by_queryset(
    document: Document,
    project: Project,
    rows: Rows,
    queryset: Queryset,
    general: tuple[Reason, ...],
) -> Case:
    """Prefetches, and joins where Django looks at nothing but the queryset's own."""
    admin = rows.admin
    ones = rows.ones if rows.ignores_setting else frozenset()
    # Names take the place of a bare select_related(): then they have to be complete.
    written = rows.complete if ones and rows.queryset.joins_all else ones
    joined, prefetched = joins(project, written), prefetches(rows.manys)
    joined = complete_of(project, rows) if written is rows.complete else joined
    reasons = dict.fromkeys(general)
    hook = admin.hooks.get("get_queryset")
    if hook is not None:
        reasons[_own("get_queryset", admin)] = None
    elif ones:
        text = "the default manager joins, so that list_select_related is not looked at"
        reasons[Reason("manager-joins", text)] = None
    if rows.manys:
        text = "the pages that change or delete one row, and autocompletion, load it as well"
        reasons[Reason("loaded-by-other-pages", text)] = None
    reasons.update(dict.fromkeys(_of_rows(rows)))
    reasons.update(dict.fromkeys(_against(project, written)))
    uncertain = [each.reason for each in queryset.hazards if not each.certain]
    reasons.update(dict.fromkeys(uncertain))
    refused = _refused(queryset, "prefetch") if rows.manys else ()
    refused = (*refused, *(_refused(queryset, "join") if ones else ()))
    plan: Plan | None = None
    if not refused and hook is not None and hook.cls == admin.name:
        plan = _appending(document, queryset, joined, prefetched)
        if plan is None:
            refused = (Reason("no-place", "get_queryset has no expression to add to"),)
    elif not refused:
        reasons.update(dict.fromkeys(_inherited(project, admin, "get_queryset")))
        plan = method_plan(document, admin, joined, prefetched)
    every = tuple(dict.fromkeys((*refused, *reasons)))
    missing = (*joins(project, ones), *prefetched)
    return Case(rows, ones, rows.manys, plan, every, _message(rows, missing))


def _of_rows(rows: Rows) -> Iterator[Reason]:
    """Rows that were not all read before, or that are asked for in another way as well."""
    for path in sorted(rows.manys, key=lookup_of):
        uses = rows.uses(path)
        if "query" in uses:
            text = f"{lookup_of(path)} is also read in a way that a prefetch does not serve"
            yield Reason("also-queried", text)


def _appending(
    document: Document,
    queryset: Queryset,
    joined: tuple[str, ...],
    prefetched: tuple[str, ...],
) -> Plan | None:
    references: list[NodeReference] = []
    for each in queryset.sources:
        if each.path != document.path or each.setting != "return":
            return None
        references.append(each.reference)
    if not references:
        return None
    return Append(document.path, tuple(references), joined, prefetched)


# -- findings --------------------------------------------------------------------------------------


def _differing(document: Document, project: Project, found: list[Rows]) -> Iterator[Finding]:
    """One class for several models whose lists read different things: no one setting is right."""
    for rows in found:
        paths = rows.ones | rows.manys
        if paths:
            text = f"{_short(rows.admin.name)} is registered for models that need different paths"
            joined, prefetched = joins(project, rows.ones), prefetches(rows.manys)
            reasons = (Reason("several-models", text),)
            message = _message(rows, (*joined, *prefetched))
            yield _made(
                document, project, Case(rows, rows.ones, rows.manys, None, reasons, message)
            )


def _made(document: Document, project: Project, case: Case) -> Finding:
    admin = case.rows.admin
    node = class_node(document, admin)
    safety = Safety.REVIEW if case.reasons else Safety.SAFE
    safety = Safety.REPORT if case.plan is None else safety
    return Finding(
        rule=RULE,
        path=document.path,
        span=span_of(document, node),
        symbol=admin.name,
        message=case.message,
        safety=safety,
        anchor=f"class {node.name}",
        reasons=case.reasons,
        evidence=_evidence(case),
        data=_data(project, case),
        plan=case.plan,
    )


def _evidence(case: Case) -> tuple[Evidence, ...]:
    """The lines for the missing paths, and for what they lead over."""
    lacking = {touch.path for touch in case.rows.lacking}
    wanted = case.joined | case.prefetched
    before = {path[:length] for path in wanted for length in range(1, len(path))}
    return case.rows.evidence(wanted | (before & lacking if case.plan is not None else set()))


def _message(rows: Rows, lookups: tuple[str, ...]) -> str:
    short = _short(rows.model)
    return (
        f"{_short(rows.admin.name)}: for each {short} listed a query asks for {', '.join(lookups)}"
    )


def _data(project: Project, case: Case) -> dict[str, Plain]:
    model = project.model(case.rows.model, partial=True)
    name = _short(case.rows.admin.name)
    return {
        "kind": "admin",
        "view": name,
        "views": (name,),
        "model": model.label if model is not None else case.rows.model,
        "serializers": (),
        "select_related": joins(project, case.joined),
        "prefetch_related": prefetches(case.prefetched),
    }


def _short(dotted: str) -> str:
    return dotted.rpartition(".")[2]
