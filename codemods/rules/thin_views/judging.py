"""From a view that works to a finding: fixable in review, reported with what stands in the way."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from djfix.codemods.findings import Declined, Evidence, Finding, Reason, Safety
from djfix.codemods.inference.extraction.assembling import Assembled, assembled
from djfix.codemods.inference.extraction.candidates import Candidate, Candidates, Names
from djfix.codemods.inference.extraction.regions import Region, blocking
from djfix.codemods.inference.extraction.stubs import stub_of
from djfix.codemods.inference.extraction.work import thin, work_in
from djfix.codemods.project.project import Project
from djfix.codemods.rules.thin_views.options import ThinViewsOptions
from djfix.codemods.source.document import Document

RULE = "thin-views"


def findings_in(
    document: Document, project: Project, options: ThinViewsOptions
) -> Iterator[Finding | Declined]:
    """The findings of a file, and the views that do too little to be found."""
    candidates = project.shared(Candidates)
    for candidate in candidates.of(document):
        line = candidate.view.function.lineno
        if candidate.score.points < options.minimum_score:
            reason = thin(candidate.score, options.minimum_score)
            yield Declined(RULE, document.path, line, reason)
            continue
        judged = _judged(candidates, candidate, options)
        if options.stubs and isinstance(judged, Finding) and judged.plan is None:
            yield _with_stub(candidates, candidate, judged, options)
        else:
            yield judged


def _with_stub(
    candidates: Candidates, candidate: Candidate, finding: Finding, options: ThinViewsOptions
) -> Finding:
    """The finding with a stub to be written, or as it is where the stub is there."""
    target = candidates.target(finding.path)
    if target is None:
        return finding
    name = candidates.names(candidate, options.minimum_score).function
    stub = stub_of(candidate, name, target, finding.reasons)
    if stub is None:
        return finding
    text = f"the work stays in the view; {target.module}.{name} is there to be written"
    return replace(
        finding,
        safety=Safety.REVIEW,
        plan=stub,
        reasons=(*finding.reasons, Reason("stub", text)),
    )


def _judged(
    candidates: Candidates, candidate: Candidate, options: ThinViewsOptions
) -> Finding | Declined:
    region = candidate.region
    path, line = candidate.view.document.path, candidate.view.function.lineno
    if region is None:
        return _finding(candidate, Assembled(None, candidate.reasons), None)
    if region.score.points < options.minimum_score or _is_small_part(candidate, region):
        return _finding(candidate, Assembled(None, _left(candidate)), None)
    if candidates.target(path) is None:
        text = f"{path} is no module, or an app of the project is called services"
        reason = Reason("no-place", text)
        return _finding(candidate, Assembled(None, (reason,)), None)
    if _size(region) < options.minimum_statements:
        text = f"{_size(region)} statements could leave it"
        return Declined(RULE, path, line, Reason("small", text))
    names = candidates.names(candidate, options.minimum_score)
    found = assembled(
        candidates, candidate, names, follow=options.follow, validates=options.validate
    )
    return _finding(candidate, found, names)


def _is_small_part(candidate: Candidate, region: Region) -> bool:
    """Whether most of the work would stay."""
    everything = list(work_in(candidate.view, candidate.view.function.body))
    return 2 * len(region.work) < len(everything)


def _left(candidate: Candidate) -> tuple[Reason, ...]:
    """Why the run that may move holds too little of the work."""
    return candidate.reasons or blocking(candidate.view)


def _size(region: Region) -> int:
    return sum(isinstance(node, ast.stmt) for node in region.moved)


def _finding(candidate: Candidate, found: Assembled, names: Names | None) -> Finding:
    view = candidate.view
    document = view.document
    target = None if found.plan is None else found.plan.target
    service = f"{target.module}.{names.function}" if target and names else ""
    errors = names.errors if names and target else ()
    return Finding(
        rule=RULE,
        path=document.path,
        span=document.span(view.function),
        symbol=view.symbol,
        message=f"business logic in a view ({candidate.score})",
        safety=Safety.REPORT if found.plan is None else Safety.REVIEW,
        anchor=ast.dump(view.function),
        reasons=tuple(dict.fromkeys(found.reasons)),
        evidence=(*_work(candidate), *found.evidence),
        data={"view": view.owner, "method": view.method, "service": service, "errors": errors},
        plan=found.plan,
    )


def _work(candidate: Candidate) -> Iterator[Evidence]:
    """The lines that do the work."""
    document = candidate.view.document
    body = candidate.view.function.body
    lines = {each.node.lineno for each in work_in(candidate.view, body)}
    for line in sorted(lines):
        yield Evidence(document.path, line, document.line_text(line).strip())
