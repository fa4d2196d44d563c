"""Which databases are connected to anew for each request, and what becomes of each."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.findings import Declined, Finding, NodeReference, Reason, Safety
from djfix.codemods.project.databases import is_sqlite
from djfix.codemods.project.deployment import Giving, body_in, givings
from djfix.codemods.rewriting.decorators import DecoratorPlace, decorator_place
from djfix.codemods.rewriting.entries import DictPlace, dict_place
from djfix.codemods.rewriting.quoting import quote_at
from djfix.codemods.rules.conn_max_age.guards import (
    NATIVE_POOL,
    Database,
    database_of,
    doubts,
    evidence_of,
    stopped,
)
from djfix.codemods.rules.conn_max_age.options import ConnMaxAgeOptions
from djfix.codemods.rules.conn_max_age.places import DATABASES, Entry, entries_in, holds_secret

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.source.document import Document

RULE = "conn-max-age"
AGE, HEALTH = "CONN_MAX_AGE", "CONN_HEALTH_CHECKS"
MOST_POSITIONAL = 2
"""`dj_database_url.parse` takes the age as its third argument, `config` as its fourth."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is added, as names and source text: to a dict display, to a call, or by statements
    behind the one that gives `alias`. `secret`: a password stands there, which no edit may hold."""

    added: tuple[tuple[str, str], ...]
    quote: str
    alias: str = ""
    display: DictPlace | None = None
    call: DecoratorPlace | None = None
    behind: NodeReference | None = None
    secret: bool = False


def findings_in(
    document: Document, project: Project, options: ConnMaxAgeOptions
) -> Iterator[Finding | Declined]:
    """The databases that this file gives to production modules, each once."""
    every = list(givings(project, document.path, DATABASES))
    for place in dict.fromkeys(each.place for each in every):
        here = [each for each in every if each.place == place]
        for entry in entries_in(project, document.path, body_in(document, place)):
            # A file has no server to connect to: nothing that this rule looks for is there.
            if not _is_file(entry, database_of(here, entry.alias)):
                yield _judged(document, project, options, entry, here)


def _is_file(entry: Entry, database: Database) -> bool:
    """Whether it is SQLite, for certain: by its own text, which others may replace, or by all."""
    given = _given(entry)
    engine = None if isinstance(given, Reason) else given.get("ENGINE")
    if isinstance(engine, ast.Constant):
        return is_sqlite(str(engine.value))
    return database.is_file


def _judged(
    document: Document,
    project: Project,
    options: ConnMaxAgeOptions,
    entry: Entry,
    here: list[Giving],
) -> Finding | Declined:
    given = _given(entry)
    if isinstance(given, Reason):
        return Declined(RULE, document.path, entry.statement.lineno, given)
    database = database_of(here, entry.alias)
    if AGE in given:
        return _judged_with_age(document, project, entry, here, given[AGE])
    reason = stopped(project, here, database)
    if reason is not None and options.pool and reason.name in ("asgi", "green-threads"):
        reason = None
    if reason is not None:
        return Declined(RULE, document.path, entry.statement.lineno, reason)
    return _judged_without_age(document, project, options, entry, here, database)


def _given(entry: Entry) -> dict[str, ast.expr] | Reason:
    """The entries or keywords that stand there already; why they could not be read."""
    if entry.shape == "value":
        text = "django-configurations takes the age from the value's own `conn_max_age`"
        return Reason("database-url-value", text)
    if isinstance(entry.node, ast.Dict):
        pairs = zip(entry.node.keys, entry.node.values, strict=True)
        return {
            key.value: value
            for key, value in pairs
            if isinstance(key, ast.Constant) and isinstance(key.value, str)
        }
    if entry.shape == "unread" or not isinstance(entry.node, ast.Call):
        return Reason("unread-shape", "how this database is given could not be read")
    if any(each.arg is None for each in entry.node.keywords):
        return Reason("unread-shape", "what `**` brings into the call could not be read")
    if entry.shape == "url" and len(entry.node.args) > MOST_POSITIONAL:
        return Reason("unread-shape", "one of its positional arguments may be the age")
    return {(each.arg or "").upper(): each.value for each in entry.node.keywords}


def _judged_with_age(
    document: Document,
    project: Project,
    entry: Entry,
    here: list[Giving],
    age: ast.expr,
) -> Finding | Declined:
    """A kept connection that is not looked at fails once, after the server has closed it."""
    database = database_of(here, entry.alias)
    line = entry.statement.lineno
    is_off = isinstance(age, ast.Constant) and age.value == 0 and age.value is not None
    if is_off:
        return Declined(RULE, document.path, line, Reason("decided", "CONN_MAX_AGE is 0"))
    if database.has_pool and isinstance(age, ast.Constant) and entry.shape == "dict":
        text = 'Django refuses OPTIONS["pool"] beside CONN_MAX_AGE at the first query'
        reasons = (Reason("pool-and-age", text),)
        return _finding(document, entry, here, Safety.REPORT, reasons, (AGE, None), None)
    given = _given(entry)
    is_checked = not isinstance(given, Reason) and HEALTH in given
    if is_checked or database.has(HEALTH):
        text = "connections are kept, and looked at before they are used"
        return Declined(RULE, document.path, line, Reason("already-set", text))
    if not database.lacks(HEALTH) and _names(project, here, b"HEALTH_CHECKS"):
        reason = Reason("may-be-set", "CONN_HEALTH_CHECKS is named in a way that was not read")
        return Declined(RULE, document.path, line, reason)
    added = ((HEALTH, "True"),)
    text = "one small query for each request; without it the next one fails when the server, or "
    reasons = (Reason("health-check", f"{text}what stands before it, has closed the connection"),)
    plan = _plan(document, entry, added)
    return _finding(document, entry, here, Safety.REVIEW, reasons, (HEALTH, True), plan)


def _names(project: Project, here: list[Giving], word: bytes) -> bool:
    from djfix.codemods.project.deployment import chain_of

    places = {place.path for each in here for place in chain_of(project, each.module)}
    data = [project.files.read(path) for path in sorted(places)]
    return any(word in each or word.lower() in each for each in data)


def _judged_without_age(
    document: Document,
    project: Project,
    options: ConnMaxAgeOptions,
    entry: Entry,
    here: list[Giving],
    database: Database,
) -> Finding | Declined:
    if entry.shape == "dict" and not database.engines and not database.engine_is_known:
        unread = Reason("engine-from-environment", "which engine it is cannot be read")
        value = (AGE, options.max_age)
        return _finding(document, entry, here, Safety.REPORT, (unread,), value, None)
    if options.pool:
        return _pooled(document, project, entry, here, database)
    checked = options.max_connections_checked
    reasons = tuple(doubts(project, entry, here, database, checked=checked))
    added = ((AGE, str(options.max_age)), (HEALTH, "True"))
    safety = Safety.REVIEW if reasons else Safety.SAFE
    plan = _plan(document, entry, added)
    return _finding(document, entry, here, safety, reasons, (AGE, options.max_age), plan)


def _pooled(
    document: Document, project: Project, entry: Entry, here: list[Giving], database: Database
) -> Finding | Declined:
    """The pool form, where it is known to work."""
    line = entry.statement.lineno
    if project.versions.django.may_be_below(5, 1):
        reason = Reason("pool-needs-django", 'OPTIONS["pool"] needs Django 5.1')
        return Declined(RULE, document.path, line, reason)
    given = _given(entry)
    is_native = bool(database.engines) and database.engines <= NATIVE_POOL
    if entry.shape != "dict" or not is_native or isinstance(given, Reason):
        reason = Reason("pool-unknown", "only a PostgreSQL database in a dict gets a pool")
        return Declined(RULE, document.path, line, reason)
    options = given.get("OPTIONS")
    if options is not None and not isinstance(options, ast.Dict):
        reason = Reason("pool-unknown", "its OPTIONS could not be read")
        return Declined(RULE, document.path, line, reason)
    text = "each process keeps up to 4 connections; needs psycopg 3 with its pool: psycopg[pool]"
    quote = quote_at(document, NodeReference.of(entry.node))
    pool = f"{quote}pool{quote}"
    if options is None:
        place, added = dict_place(document, _dict(entry)), (("OPTIONS", f"{{{pool}: True}}"),)
    else:
        place, added = dict_place(document, options), (("pool", "True"),)
    plan = Plan(added, quote, display=place, secret=holds_secret(entry.node))
    reasons = (Reason("pool-dependency", text),)
    return _finding(document, entry, here, Safety.REVIEW, reasons, ('OPTIONS["pool"]', True), plan)


def _dict(entry: Entry) -> ast.Dict:
    assert isinstance(entry.node, ast.Dict)
    return entry.node


def _plan(document: Document, entry: Entry, added: tuple[tuple[str, str], ...]) -> Plan:
    quote = quote_at(document, NodeReference.of(entry.statement))
    if isinstance(entry.node, ast.Dict):
        display = dict_place(document, entry.node)
        return Plan(added, quote, display=display, secret=holds_secret(entry.node))
    if entry.shape == "reader":
        behind = NodeReference.of(entry.statement)
        return Plan(added, quote, alias=entry.alias, behind=behind)
    if entry.shape == "url":
        added = tuple((name.lower(), value) for name, value in added)
    call = decorator_place(document, entry.node)
    return Plan(added, quote, call=call, secret=holds_secret(entry.node))


def _finding(
    document: Document,
    entry: Entry,
    here: list[Giving],
    safety: Safety,
    reasons: tuple[Reason, ...],
    value: tuple[str, int | bool | None],
    plan: Plan | None,
) -> Finding:
    name, wanted = value
    return Finding(
        rule=RULE,
        path=document.path,
        span=document.span(entry.node),
        symbol=f"{here[0].module.name}.{DATABASES}",
        message=_message(entry.alias, name, reasons),
        safety=safety,
        anchor=f"{DATABASES}[{entry.alias!r}] {name}",
        reasons=reasons,
        evidence=evidence_of(here, document.path),
        data={"setting": name, "value": wanted},
        plan=plan,
    )


def _message(alias: str, name: str, reasons: tuple[Reason, ...]) -> str:
    if any(each.name == "pool-and-age" for each in reasons):
        return f"database `{alias}` has a pool and CONN_MAX_AGE: Django refuses both together"
    if name == HEALTH:
        return f"database `{alias}` keeps connections that it does not check before it uses them"
    return f"database `{alias}` is connected to anew for each request"
