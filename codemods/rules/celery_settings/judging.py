"""Which of Celery's settings the file that holds them lacks."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.findings import Declined, Evidence, Finding, Reason, Safety
from djfix.codemods.project.deployment import statements_in
from djfix.codemods.rules.celery_settings.homes import (
    Home,
    Spot,
    homes_of,
    plan_for,
    spelled_in,
    spot_in,
)
from djfix.codemods.rules.celery_settings.needs import CHILD, POOL, PREFETCH, Need, is_off, needs_of
from djfix.codemods.rules.celery_settings.options import CelerySettingsOptions

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.source.document import Document

RULE = "celery-settings"

_MESSAGES = {
    CHILD: "a child process of a worker keeps all memory that its tasks leak",
    PREFETCH: "messages that a worker fetches ahead wait for its long tasks while others idle",
    POOL: "threads of a server process wait for one of few connections to the broker",
}


def findings_in(
    document: Document, project: Project, options: CelerySettingsOptions
) -> Iterator[Finding | Declined]:
    """What the homes of this file lack; where no home is known, why, once."""
    if not project.celery.applications:
        return
    homes = project.shared(homes_of)
    if isinstance(homes, Reason):
        if document.path == _first_application(project):
            yield Declined(RULE, document.path, 1, homes)
        return
    yield from _switched_off(document, project, homes)
    for home in homes:
        if home.place.path == document.path:
            yield from _in_home(document, project, options, home)


def _first_application(project: Project) -> str | None:
    return project.path_of(project.celery.applications[0].rpartition(".")[0])


def _in_home(
    document: Document, project: Project, options: CelerySettingsOptions, home: Home
) -> Iterator[Finding | Declined]:
    needs = needs_of(project, home, options)
    spot = spot_in(document, project, home)
    if isinstance(spot, Reason):
        if any(isinstance(each, Need) for each in needs):
            yield Declined(RULE, document.path, 1, spot)
        return
    for need in needs:
        if isinstance(need, Reason):
            yield Declined(RULE, document.path, spot.span.line, need)
        else:
            yield _finding(document, project, home, spot, need)


def _finding(document: Document, project: Project, home: Home, spot: Spot, need: Need) -> Finding:
    spelled = spelled_in(home, spot, need.name)
    reasons = [*need.reasons, *project.celery.unclear]
    if home.shared:
        text = "modules for development and tests take this from here, too"
        reasons.append(Reason("shared-settings", text))
    return Finding(
        rule=RULE,
        path=document.path,
        span=spot.span,
        symbol=f"{project.module_of(document.path) or document.path}.{spelled}",
        message=f"{_MESSAGES[need.name]}: {spelled} is not set",
        safety=Safety.REVIEW,
        anchor=need.name,
        reasons=tuple(dict.fromkeys(reasons)),
        evidence=need.evidence,
        data={"setting": spelled, "value": need.value},
        plan=plan_for(document, home, spot, need.name, need.value),
    )


def _switched_off(
    document: Document, project: Project, homes: tuple[Home, ...]
) -> Iterator[Finding]:
    """A pool of no connections: two are opened and closed for each message."""
    every = [setting for home in homes for setting in home.values(project, POOL)]
    here = [each for each in every if each.path == document.path and is_off(each.value)]
    for setting in {each.line: each for each in here}.values():
        nodes = (node for node, _ in statements_in(document.tree.body))
        node = next((each for each in nodes if _covers(each, setting.line)), None)
        if node is None:
            continue
        text = "two connections are opened and closed for each message that is sent"
        yield Finding(
            rule=RULE,
            path=document.path,
            span=document.span(node),
            symbol=f"{project.module_of(document.path) or document.path}.{setting.spelled}",
            message=f"{setting.spelled} switches the pool of connections to the broker off",
            safety=Safety.REPORT,
            anchor=f"{POOL} off",
            reasons=(Reason("pool-off", text),),
            evidence=(Evidence(setting.path, setting.line, "the pool holds no connection"),),
            data={"setting": setting.spelled, "value": None},
        )


def _covers(node: ast.stmt, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or node.lineno)
