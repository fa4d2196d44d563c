"""From a candidate to a plan: the texts of the new module and of the view, or why there is none."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from djfix.codemods.findings import Evidence, Reason, Span
from djfix.codemods.inference.extraction.annotations import (
    Annotation,
    by_use,
    of_result,
    of_value,
    of_variable,
)
from djfix.codemods.inference.extraction.candidates import Candidate, Candidates, Names
from djfix.codemods.inference.extraction.hoisting import Hoist
from djfix.codemods.inference.extraction.modules import Target
from djfix.codemods.inference.extraction.names import (
    Needed,
    Outer,
    is_bound,
    means_other,
    needed_of,
    outer_names,
)
from djfix.codemods.inference.extraction.patches import Patches, names_in_file, patches_of
from djfix.codemods.inference.extraction.regions import Region
from djfix.codemods.inference.extraction.text import Lines, lines_of
from djfix.codemods.inference.extraction.variables import Variables, variables_of
from djfix.codemods.inference.extraction.work import WRITES, work_in
from djfix.codemods.inference.extraction.writing import (
    Design,
    Refusal,
    service_text,
    view_text,
)
from djfix.codemods.inference.values import Request
from djfix.codemods.source.document import Document
from djfix.codemods.source.line_length import line_length
from djfix.codemods.source.walking import walk


@dataclass(frozen=True, slots=True)
class Plan:
    """The edits of one extraction, as text. `view_names` are imported from the new module, or
    reached through it where `through` is true."""

    path: str
    span: Span
    view_text: str
    target: Target
    module_text: str
    copied: tuple[str, ...]
    imports: tuple[Needed, ...]
    view_names: tuple[str, ...]
    through: bool
    patches: Patches


@dataclass(frozen=True, slots=True)
class Assembled:
    """A plan and what a person should know of it, or the reasons why there is none."""

    plan: Plan | None
    reasons: tuple[Reason, ...]
    evidence: tuple[Evidence, ...] = ()


def assembled(
    candidates: Candidates, candidate: Candidate, names: Names, *, follow: Collection[str] = ()
) -> Assembled:
    """The plan for one candidate. `follow`: the rules that will run on it, in a transaction."""
    region = candidate.region
    assert region is not None
    view = region.view
    target = candidates.target(view.document.path)
    assert target is not None
    lines = lines_of(view.document, region.statements)
    if lines is None:
        return Assembled(None, (Reason("shared-line", "a statement shares its line with others"),))
    replaced = _replaced(candidate.hoists.hoists)
    variables = variables_of(region, replaced)
    outer = outer_names(view, variables.outer, target)
    design = _design(candidate, lines, variables, names, follow)
    needed = tuple(sorted({*outer.imports, *_of_annotations(design), *_of_design(design)}))
    through = not set(_view_names(design)).isdisjoint(names_in_file(view.document))
    clashes = list(_clashes(candidates, target, needed, view.document, through=through))
    bound = is_bound(view.project, target)
    needed = tuple(each for each in needed if (each.bound or each.module) not in bound)
    patches = patches_of(region, outer.imports, target)
    reasons = (*variables.reasons, *outer.reasons, *clashes, *_too_many(region, variables))
    if reasons:
        return Assembled(None, reasons)
    return _with_plan(design, target, outer, needed, patches, through=through, follow=follow)


_MOST_RESULTS = 3


_OF_EXCEPTIONS = frozenset({"args", "add_note", "with_traceback"})


def _too_many(region: Region, variables: Variables) -> Iterator[Reason]:
    """What no parameter, exception or result can carry."""
    for name in variables.given:
        uses = (node for node in region.moved if getattr(node, "id", None) == name)
        if any(isinstance(region.view.inference.value(node), Request) for node in uses):  # type: ignore[arg-type]
            yield Reason("request-needed", f"`{name}` is the request")
    for name in sorted({each for names in variables.carried for each in names} & _OF_EXCEPTIONS):
        yield Reason("name-taken", f"`{name}` is something else of every exception")
    if len(variables.returned) > _MOST_RESULTS:
        text = f"the view goes on with {', '.join(variables.returned)}: too much for one result"
        yield Reason("many-results", text)


def _with_plan(
    design: Design,
    target: Target,
    outer: Outer,
    needed: tuple[Needed, ...],
    patches: Patches,
    *,
    through: bool,
    follow: Collection[str],
) -> Assembled:
    plan = Plan(
        path=design.region.view.document.path,
        span=design.lines.span,
        view_text=view_text(_through(design, target) if through else design),
        target=target,
        module_text=service_text(design),
        copied=outer.copied,
        imports=needed,
        view_names=_view_names(design),
        through=through,
        patches=patches,
    )
    text = f"code moves to {target.module}, which other code may call: read both sides"
    reasons = (
        Reason("moves-code", text),
        *_unvalidated(design),
        *outer.notes,
        *_left(design.region),
        *_rolling_back(design, follow),
        *patches.reasons,
    )
    return Assembled(plan, reasons, patches.evidence)


def _unvalidated(design: Design) -> Iterator[Reason]:
    """Input of the request that no form or serializer has looked at."""
    raw = re.compile(r"\brequest\.(data|POST|FILES)\b")
    view = design.region.view
    names = {name for name, _ in design.parameters}
    sources = [each.expression for each in design.hoists if not each.bound]
    sources += [
        node.value
        for node in walk(view.function)
        if isinstance(node, ast.Assign)
        and any(getattr(each, "id", "") in names for each in node.targets)
    ]
    if any(raw.search(ast.unparse(each)) for each in sources):
        yield Reason("unvalidated-input", "what the client sends reaches the service unchecked")


def _rolling_back(design: Design, follow: Collection[str]) -> Iterator[Reason]:
    if follow and writes_before_response(design.region):
        text = "a response follows a write and keeps it: no transaction is put around them"
        yield Reason("write-before-response", text)
    if design.atomic:
        yield Reason("rolls-back", "a failure half-way leaves no row, where it used to leave some")


def _left(region: Region) -> Iterator[Reason]:
    """Work of the view that does not leave it."""
    view = region.view
    for each in work_in(view, view.function.body):
        if each.node not in region.nodes and each.kind not in {"transaction", "query"}:
            text = f"line {each.node.lineno} stays in the view: {ast.unparse(each.node)[:60]}"
            yield Reason("work-left", text)


def _through(design: Design, target: Target) -> Design:
    from dataclasses import replace

    return replace(design, prefix=f"{target.module.rpartition('.')[2]}.")


def _view_names(design: Design) -> tuple[str, ...]:
    return (design.name, *(each.name for each in design.refusals))


def _replaced(hoists: Iterable[Hoist]) -> frozenset[ast.AST]:
    tops = [top for each in hoists for top in (*each.nodes, each.dropped) if top is not None]
    return frozenset(node for top in tops for node in walk(top))


def _design(
    candidate: Candidate,
    lines: Lines,
    variables: Variables,
    names: Names,
    follow: Collection[str],
) -> Design:
    region = candidate.region
    assert region is not None
    hoists = candidate.hoists.hoists
    results = tuple((name, of_result(region, name)) for name in variables.returned)
    refusals = tuple(
        Refusal(leaving, name, tuple((each, _of_carried(region, each)) for each in carried))
        for leaving, name, carried in zip(
            region.exits, names.errors, variables.carried, strict=True
        )
    )
    view = region.view
    return Design(
        region=region,
        lines=lines,
        name=names.function,
        hoists=hoists,
        parameters=tuple(_parameters(region, variables, hoists)),
        results=results,
        refusals=refusals,
        summary=_summary(region),
        local_imports=tuple(_local_imports(region, variables)),
        result_class=names.result if len(results) > 1 else "",
        atomic=_atomic_part(region, follow) if follow else None,
        width=line_length(view.project.files, view.document.path),
    )


def _atomic_part(region: Region, follow: Collection[str]) -> tuple[int, int] | None:
    """The statements from the first to the last write, tasks behind them too where they are to be
    sent on commit; None where there is one write, or a transaction already."""
    writes = [each for each in region.work if each.kind in WRITES]
    atomic = [each for each in region.work if each.subject == "django.db.transaction.atomic"]
    if len(writes) < 2 or atomic or writes_before_response(region):
        return None
    kinds = {*WRITES, "task"} if "on-commit" in follow else WRITES
    places = [
        index
        for index, statement in enumerate(region.statements)
        if any(each.kind in kinds and each.node in set(walk(statement)) for each in region.work)
    ]
    first = min(
        index
        for index, statement in enumerate(region.statements)
        if any(each.node in set(walk(statement)) for each in writes)
    )
    while first and _prepares(region.statements[first - 1]):
        first -= 1
    if first and "f-expressions" in follow and isinstance(region.statements[first - 1], ast.If):
        # The check belongs to the change that it guards: one query makes both.
        first -= 1
    return first, max(places) + 1


def writes_before_response(region: Region) -> bool:
    """Whether an early response may follow a write, which it keeps and an exception would undo."""
    graph = region.view.inference.flow.graph
    writes = [graph.point_of(each.node) for each in region.work if each.kind in WRITES]
    after = {point for write in writes for point in graph.reachable(write)}
    return any(graph.point_of(each.statements[-1]) in after for each in region.exits)


def _prepares(statement: ast.stmt) -> bool:
    """`user.balance -= total`: what the save behind it writes."""
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    targets = [statement.target] if isinstance(statement, ast.AugAssign) else targets
    return bool(targets) and all(isinstance(each, ast.Attribute) for each in targets)


def _parameters(
    region: Region, variables: Variables, hoists: tuple[Hoist, ...]
) -> Iterator[tuple[str, Annotation]]:
    """In the order in which the view binds them; what is bound for the call comes last."""
    flow = region.view.inference.flow
    places: dict[str, tuple[tuple[int, int, int], Annotation]] = {}
    for name in variables.given:
        bound = flow.reaching(name, region.statements[0])
        first = min((one.point.index for one in bound), default=0)
        position = min((getattr(one.node, "col_offset", 0) for one in bound), default=0)
        places[name] = ((first, 0, position), of_variable(region, name))
    start = flow.graph.point_of(region.statements[0]).index
    for each in hoists:
        if each.bound and each.name in places:
            continue
        nodes = each.nodes or (each.expression,)
        node = min(nodes, key=lambda one: (one.lineno, one.col_offset))
        if each.bound:
            start_of = flow.reaching(each.name, region.statements[0])
            place = (min(one.point.index for one in start_of), 0, 0)
        else:
            place = (start, node.lineno, node.col_offset)
        places[each.name] = (place, _of_hoist(region, each))
    for name, (_, annotation) in sorted(places.items(), key=lambda item: item[1][0]):
        yield name, annotation


def _of_hoist(region: Region, hoist: Hoist) -> Annotation:
    value = of_value(region, region.view.inference.value(hoist.expression))
    if value.text != "Any":
        return value
    if hoist.dropped is not None:
        return of_variable(region, hoist.name)
    return by_use(region, hoist.nodes)


def _of_carried(region: Region, name: str) -> Annotation:
    for each in region.exits:
        for statement in each.statements:
            for node in walk(statement):
                if getattr(node, "id", None) == name:
                    return of_value(region, region.view.inference.value(node))  # type: ignore[arg-type]
    return of_variable(region, name)


def _summary(region: Region) -> str:
    """What the statements do, in words: from the work that was found in them."""
    if region.view.seeks == "queries":
        return ""
    verbs = {"create": "creates", "save": "saves", "update": "updates", "delete": "deletes"}
    parts: dict[str, list[str]] = {}
    for each in region.work:
        name = each.subject.rpartition(".")[2]
        kind = "send" if each.kind in {"task", "mail"} else each.kind
        if kind in WRITES or kind == "send":
            found = parts.setdefault(kind, [])
            if name not in found:
                found.append(name)
    verbs["send"] = "sends"
    texts = [f"{verbs[kind]} {_and(names)}" for kind, names in parts.items()]
    text = ", ".join(texts)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _local_imports(region: Region, variables: Variables) -> Iterator[str]:
    """The imports of the view's body that moved statements use."""
    view = region.view
    facts = view.project.module(view.document.path)
    for name in variables.imported:
        for each in facts.imports if facts is not None else ():
            if each.bound == name and each.scope == view.inference.scope:
                yield import_line(needed_of(view, each))
                break


def import_line(needed: Needed) -> str:
    """The statement, with the absolute name of the module."""
    alias = f" as {needed.bound}" if needed.bound != needed.name else ""
    if not needed.name:
        return f"import {needed.module}"
    if not needed.module:
        return f"import {needed.name}{alias}"
    return f"from {needed.module} import {needed.name}{alias}"


def _of_annotations(design: Design) -> Iterator[Needed]:
    groups = [design.parameters, design.results, *(each.values for each in design.refusals)]
    for group in groups:
        for _, annotation in group:
            yield from annotation.imports


def _of_design(design: Design) -> Iterator[Needed]:
    if design.result_class:
        yield Needed("dataclasses", "dataclass", "dataclass")
    if design.atomic:
        yield Needed("django.db", "transaction", "transaction")


def _clashes(
    candidates: Candidates,
    target: Target,
    needed: Iterable[Needed],
    document: Document,
    *,
    through: bool,
) -> Iterator[Reason]:
    """Names that mean something else where they come to stand."""
    project = candidates.project
    bound: dict[str, Needed] = {}
    for each in needed:
        name = each.bound or each.module.partition(".")[0]
        other = bound.setdefault(name, each)
        if (other.module, other.name) != (each.module, each.name):
            yield Reason("name-taken", f"`{name}` means two things in {target.module}")
    facts = project.module(target.path) if target.exists else None
    if target.exists and facts is None:
        yield Reason("unreadable-module", f"{target.path} cannot be parsed")
    if facts is not None:
        for name, each in bound.items():
            if means_other(project, target, name, each):
                yield Reason("name-taken", f"`{name}` is something else in {target.module}")
    holder = target.module.rpartition(".")[2]
    if through and holder in names_in_file(document):
        resolved = project.resolve(document.path, holder)
        if resolved != target.module:
            yield Reason("name-taken", f"`{holder}` is something else among the views")
