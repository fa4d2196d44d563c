"""From a view that composes queries to a finding, or the reasons to leave it alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from djfix.codemods.findings import Declined, Evidence, Finding, Reason, Safety
from djfix.codemods.inference.extraction.assembling import Assembled, assembled
from djfix.codemods.inference.extraction.candidates import Candidate, Names, Selections
from djfix.codemods.inference.extraction.regions import blocking
from djfix.codemods.project.project import Project
from djfix.codemods.rules.thin_views_selectors.options import ThinViewsSelectorsOptions
from djfix.codemods.source.document import Document

RULE = "thin-views-selectors"


def findings_in(
    document: Document, project: Project, options: ThinViewsSelectorsOptions
) -> Iterator[Finding | Declined]:
    """The findings of a file, and why other views keep their queries."""
    selections = project.shared(Selections)
    for candidate in selections.of(document):
        if candidate.score.points >= options.minimum_steps:
            yield from _judged(selections, candidate, options)


def _judged(
    selections: Selections, candidate: Candidate, options: ThinViewsSelectorsOptions
) -> Iterator[Finding | Declined]:
    region, document = candidate.region, candidate.view.document
    reasons = candidate.reasons
    if region is not None and region.score.points < options.minimum_steps:
        reasons = candidate.reasons or blocking(candidate.view)
    elif region is not None and sum(isinstance(n, ast.stmt) for n in region.moved) < (
        options.minimum_statements
    ):
        reasons = (Reason("small", "few statements could leave it"),)
    elif region is not None and selections.target(document.path) is None:
        reasons = (Reason("no-place", f"{document.path} is no module, or selectors is an app"),)
    elif region is not None:
        names = selections.names(candidate, options.minimum_steps)
        found = assembled(selections, candidate, names)
        if found.plan is not None:
            yield _finding(candidate, found, names)
            return
        reasons = found.reasons
    for reason in dict.fromkeys(reasons):
        yield Declined(RULE, document.path, candidate.view.function.lineno, reason)


def _finding(candidate: Candidate, found: Assembled, names: Names) -> Finding:
    view, region = candidate.view, candidate.region
    assert found.plan is not None
    assert region is not None
    document = view.document
    lines = sorted({each.node.lineno for each in region.work})
    seen = tuple(Evidence(document.path, line, document.line_text(line).strip()) for line in lines)
    service = f"{found.plan.target.module}.{names.function}"
    return Finding(
        rule=RULE,
        path=document.path,
        span=document.span(view.function),
        symbol=view.symbol,
        message=f"a query is composed in a view ({region.score})",
        safety=Safety.REVIEW,
        anchor=ast.dump(view.function),
        reasons=tuple(dict.fromkeys(found.reasons)),
        evidence=(*seen, *found.evidence),
        data={
            "view": view.owner,
            "method": view.method,
            "service": service,
            "errors": names.errors,
        },
        plan=found.plan,
    )
