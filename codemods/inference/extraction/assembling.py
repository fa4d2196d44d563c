"""From a candidate to a plan: the texts of the new module and of the view, or why there is none."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from djfix.codemods.findings import Evidence, Reason, Span
from djfix.codemods.inference.extraction.candidates import Candidate, Candidates, Names
from djfix.codemods.inference.extraction.designing import design_of, writes_before_response
from djfix.codemods.inference.extraction.hoisting import Hoist
from djfix.codemods.inference.extraction.modules import Target
from djfix.codemods.inference.extraction.names import (
    Needed,
    Outer,
    is_bound,
    means_other,
    outer_names,
)
from djfix.codemods.inference.extraction.patches import Patches, names_in_file, patches_of
from djfix.codemods.inference.extraction.regions import Region
from djfix.codemods.inference.extraction.text import lines_of
from djfix.codemods.inference.extraction.validating import (
    Validation,
    staying_edits,
    validated,
    validation_of,
)
from djfix.codemods.inference.extraction.variables import Variables, variables_of
from djfix.codemods.inference.extraction.work import work_in
from djfix.codemods.inference.extraction.writing import (
    Design,
    service_text,
    view_text,
)
from djfix.codemods.inference.values import Request
from djfix.codemods.source.document import Document
from djfix.codemods.source.walking import walk


@dataclass(frozen=True, slots=True)
class Plan:
    """The edits of one extraction, as text. `view_names` are imported from the new module, or
    reached through it where `through` is true. `staying`: what else of the view changes;
    `view_imports`: what it imports besides."""

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
    staying: tuple[tuple[Span, str], ...] = ()
    view_imports: tuple[Needed, ...] = ()


@dataclass(frozen=True, slots=True)
class Assembled:
    """A plan and what a person should know of it, or the reasons why there is none."""

    plan: Plan | None
    reasons: tuple[Reason, ...]
    evidence: tuple[Evidence, ...] = ()


def assembled(
    candidates: Candidates,
    candidate: Candidate,
    names: Names,
    *,
    follow: Collection[str] = (),
    validates: bool = False,
) -> Assembled:
    """The plan for one candidate. `follow`: the rules that will run on it, in a transaction.
    `validates`: input goes through a serializer that fits, if there is one."""
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
    design = design_of(candidate, lines, variables, names, follow)
    validation = validation_of(region, target, names.function, variables) if validates else None
    if isinstance(validation, Validation):
        design = validated(design, validation)
    needed = tuple(sorted({*outer.imports, *_of_annotations(design), *_of_design(design)}))
    through = not set(_view_names(design)).isdisjoint(names_in_file(view.document))
    clashes = list(_clashes(candidates, target, needed, view.document, through=through))
    bound = is_bound(view.project, target)
    needed = tuple(each for each in needed if (each.bound or each.module) not in bound)
    patches = patches_of(region, outer.imports, target)
    reasons = (*variables.reasons, *outer.reasons, *clashes, *_too_many(region, variables))
    if reasons:
        return Assembled(None, reasons)
    return _with_plan(
        design, target, outer, needed, patches, validation, through=through, follow=follow
    )


_MOST_RESULTS = 3


_OF_EXCEPTIONS = frozenset({"args", "add_note", "with_traceback"})


def _too_many(region: Region, variables: Variables) -> Iterator[Reason]:
    """What no parameter, exception or result can carry."""
    for name in variables.given:
        named = (node for node in region.moved if isinstance(node, ast.Name))
        uses = (node for node in named if node.id == name)
        if any(isinstance(region.view.inference.value(node), Request) for node in uses):
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
    validation: Validation | Reason | None,
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
        staying=_staying(design, validation),
        view_imports=_imported(validation),
    )
    text = f"code moves to {target.module}, which other code may call: read both sides"
    reasons = (
        Reason("moves-code", text),
        *_of_input(design, validation),
        *outer.notes,
        *_left(design.region),
        *_rolling_back(design, follow),
        *patches.reasons,
    )
    return Assembled(plan, reasons, patches.evidence)


def _staying(
    design: Design, validation: Validation | Reason | None
) -> tuple[tuple[Span, str], ...]:
    return tuple(staying_edits(design, validation)) if isinstance(validation, Validation) else ()


def _imported(validation: Validation | Reason | None) -> tuple[Needed, ...]:
    needed = validation.imported if isinstance(validation, Validation) else None
    return () if needed is None else (needed,)


def _of_input(design: Design, validation: Validation | Reason | None) -> Iterator[Reason]:
    """What becomes of the input, or why nobody looks at it."""
    if isinstance(validation, Validation):
        yield validation.reason
        return
    unvalidated = list(_unvalidated(design))
    yield from unvalidated
    if unvalidated and validation is not None:
        yield validation


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
