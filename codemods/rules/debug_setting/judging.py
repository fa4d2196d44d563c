"""What production settings give away: debug pages, secrets in the source, stores of one process."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.findings import (
    REDACTED,
    Declined,
    Evidence,
    Finding,
    NodeReference,
    Reason,
    Safety,
    Span,
)
from djfix.codemods.inference.starred import meets_another
from djfix.codemods.project.databases import SQLITES
from djfix.codemods.project.deployment import (
    Giving,
    Place,
    body_in,
    bound_names,
    givings,
    is_production,
    statements_in,
)
from djfix.codemods.project.setting_modules import setting
from djfix.codemods.rewriting.quoting import quote_at
from djfix.codemods.rules.debug_setting.options import DebugSettingOptions
from djfix.codemods.rules.debug_setting.secrets import Secret, secrets_in
from djfix.codemods.rules.debug_setting.surroundings import (
    Listing,
    environment_replaced,
)
from djfix.codemods.rules.debug_setting.truths import any_text, true_by_default
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.source.document import Document

RULE = "debug-setting"
LOCAL_MEMORY = "django.core.cache.backends.locmem.LocMemCache"


@dataclass(frozen=True, slots=True)
class Plan:
    """The value to replace, and the variable that takes its place. `default`: DEBUG's text while
    the variable is not set; None for a variable that must be set."""

    span: Span
    line: int
    variable: str
    quote: str
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Here:
    """One assignment of a production module's body. `givings`: the modules that take it."""

    document: Document
    project: Project
    options: DebugSettingOptions
    statement: ast.Assign | ast.AnnAssign
    conditional: bool
    givings: tuple[Giving, ...]


def findings_in(
    document: Document, project: Project, options: DebugSettingOptions
) -> Iterator[Finding | Declined]:
    """What each assignment that a production module takes from this file gives away."""
    for place in _places(document, project):
        for statement, conditional in statements_in(body_in(document, place)):
            if not isinstance(statement, ast.Assign | ast.AnnAssign) or statement.value is None:
                continue
            for name in bound_names(statement):
                here = list(givings(project, document.path, name))
                taken = tuple(each for each in here if each.place == place)
                if taken:
                    now = Here(document, project, options, statement, conditional, taken)
                    yield from _judged(now, name, statement.value)


def _places(document: Document, project: Project) -> list[Place]:
    """The bodies of this file that a production module takes anything from."""
    found = givings(project, document.path, "")
    return list(dict.fromkeys(each.place for each in found))


def _judged(here: Here, name: str, value: ast.expr) -> Iterator[Finding | Declined]:
    if name == "DEBUG":
        yield from _debug(here, value)
        return
    secrets = [each for each in secrets_in(here.statement) if each.name.split("[")[0] == name]
    yield from (_secret(here, each) for each in secrets)
    if any(is_production(each.module) for each in here.givings):
        yield from _stores(here, name, value)


# -- DEBUG ----------------------------------------------------------------------------------------


def _debug(here: Here, value: ast.expr) -> Iterator[Finding | Declined]:
    found = [setting(each.module.namespace, "DEBUG") for each in here.givings]
    if all(each is not None and each.constant is False for each in found):
        reason = Reason("debug-off", "DEBUG is False in production")
        yield Declined(RULE, here.document.path, here.statement.lineno, reason)
        return
    if isinstance(value, ast.Constant) and value.value is True:
        yield _written(here, value, here.options.debug_variable, default=True)
        yield _on_by_default(here, value)
        return
    read = any_text(here.project, here.document.path, value)
    if read is not None:
        text = f'any text in {read.variable} turns DEBUG on, "False" and "0" as well'
        reasons = (Reason("any-text-is-true", text),)
        yield _written(here, value, read.variable, default=read.default, reasons=reasons)
        if read.default:
            yield _on_by_default(here, value)
    elif true_by_default(value):
        yield _on_by_default(here, value)


def _written(
    here: Here,
    value: ast.expr,
    variable: str,
    *,
    default: bool,
    reasons: tuple[Reason, ...] = (),
) -> Finding:
    reasons = (*reasons, *_doubts(here))
    if isinstance(value, ast.Constant):
        reasons = (*reasons, *_uses_of(here.project, variable), *_edits_of(here.project))
        reasons = (*reasons, *_looks_at_names(here.document), *_meets_another_os(here))
        reasons = (*reasons, *here.project.shared(environment_replaced))
        if not _imports_os(here.document):
            reasons = (*reasons, *here.project.shared(Listing).of(here.document.path))
    document = here.document
    quote = quote_at(document, NodeReference.of(here.statement))
    plan = Plan(document.span(value), here.statement.lineno, variable, quote, str(default))
    safety = Safety.REVIEW if reasons else Safety.SAFE
    message = "DEBUG cannot be set from the environment"
    if isinstance(value, ast.Call):
        message = f"DEBUG is on for any text in {variable}"
    return _finding(here, value, message, safety, reasons, ("DEBUG", default), plan)


def _doubts(here: Here) -> Iterator[Reason]:
    if here.conditional:
        yield Reason("conditional", "it stands in a branch")
    found = [setting(each.module.namespace, "DEBUG") for each in here.givings]
    if any(each is None or not each.complete for each in found) and isinstance(
        here.statement.value, ast.Constant
    ):
        yield Reason("unread-settings", "parts of the settings that could not be read may set it")
    count = sum(_binds_debug(each) for each, _ in _siblings(here))
    if count > 1:
        yield Reason("set-twice", "other statements of the module set DEBUG, too")


def _uses_of(project: Project, variable: str) -> Iterator[Reason]:
    """Where a file that starts the project gives the variable already, it begins to count."""
    settings = {each.path for each in project.settings.modules}
    named = variable.encode()
    own = re.compile(
        rb"environ\.get\([\"']" + re.escape(named) + rb"[\"'], *[\"']\w+[\"']\)\.lower"
    )
    holding = {path for path in _others(project) if named in project.files.read(path)}
    for path in project.files.containing(named):
        data = project.files.read(path)
        if named in (own.sub(b"", data) if path in settings else data):
            holding.add(path)
    for path in sorted(holding)[:1]:
        yield Reason("variable-in-use", f"{path} names {variable} already")


_EDITING = re.compile(rb"\b(?:sed|perl|awk|regexp|lineinfile|replace)\b[^\n]*\bDEBUG\b")
_IN_QUOTES = re.compile(rb"""["'][^"'\n]*\bDEBUG\s*=\s*(?:True|False|\(|\.)""")


def _edits_of(project: Project) -> Iterator[Reason]:
    """A script that puts another value into the text (`sed s/DEBUG = True/DEBUG = False/`) would
    not find it any more."""
    found = [path for path in _others(project) if _EDITING.search(project.files.read(path))]
    for path in project.files.containing(b"DEBUG"):
        if _IN_QUOTES.search(project.files.read(path)):
            found.append(path)
    for path in sorted(found)[:1]:
        yield Reason("edited-as-text", f"{path} looks for the text of DEBUG, or replaces it")


def _others(project: Project) -> list[str]:
    return [path for path in project.files.paths if not path.endswith(".py")]


_OWN_NAMES = frozenset({"globals", "locals", "vars", "dir"})


def _looks_at_names(document: Document) -> Iterator[Reason]:
    """A module that goes through its own names meets an import that was not there."""
    names = {node.id for node in ast.walk(document.tree) if isinstance(node, ast.Name)}
    called = names & _OWN_NAMES
    if called and not _imports_os(document):
        text = f"{min(called)}() goes through the module's names, and would meet `os`"
        yield Reason("own-names", text)


def _meets_another_os(here: Here) -> Iterator[Reason]:
    """A module that takes everything of this one (`import *`) gets an `os` that was not there."""
    path = here.document.path
    user = meets_another(here.project, path, "os", {"os"})
    if user:
        yield Reason("another-os", f"{user} takes all names of {path}, and has another `os`")


def _imports_os(document: Document) -> bool:
    imports = (each for each in document.tree.body if isinstance(each, ast.Import))
    return any(alias.name == "os" for each in imports for alias in each.names)


def _siblings(here: Here) -> Iterator[tuple[ast.stmt, bool]]:
    return statements_in(body_in(here.document, here.givings[0].place))


def _binds_debug(statement: ast.stmt) -> bool:
    return "DEBUG" in bound_names(statement)


def _on_by_default(here: Here, value: ast.expr) -> Finding:
    text = (
        "set the variable on the server, name the hosts in ALLOWED_HOSTS, then make False the "
        "default: an error page shows settings and code to everybody"
    )
    reasons = (Reason("debug-by-default", text),)
    message = "DEBUG is on in production while nothing turns it off"
    return _finding(here, value, message, Safety.REPORT, reasons, ("DEBUG", False), None)


# -- secrets and stores ---------------------------------------------------------------------------


def _secret(here: Here, secret: Secret) -> Finding:
    variable = here.options.secret_key_variable
    value: tuple[str, bool | str] = (secret.name, REDACTED)
    place = "as the default of a variable" if secret.is_default else "in the source"
    message = f"the value of {secret.name} stands {place}"
    is_key = secret.name == "SECRET_KEY"
    if not is_key or variable is None or secret.is_default:
        reason = _way_out(is_key=is_key)
        return _finding(here, secret.node, message, Safety.REPORT, (reason,), value, None)
    text = (
        f"{variable} must be set wherever the settings are read, in CI and for collectstatic as "
        "well; give it today's key first, then a new one with the old in SECRET_KEY_FALLBACKS"
    )
    quote = quote_at(here.document, NodeReference.of(here.statement))
    span = here.document.span(secret.node)
    plan = Plan(span, here.statement.lineno, variable, quote)
    reasons = (Reason("variable-must-be-set", text),)
    return _finding(here, secret.node, message, Safety.REVIEW, reasons, value, plan)


def _way_out(*, is_key: bool) -> Reason:
    if is_key:
        text = (
            "who reads the repository can sign sessions and reset links: read it from the "
            "environment, make a new one, keep the old in SECRET_KEY_FALLBACKS for a while"
        )
        return Reason("secret-in-source", text)
    text = "read it from the environment, then change it where it counts: the history keeps it"
    return Reason("secret-in-source", text)


def _stores(here: Here, name: str, value: ast.expr) -> Iterator[Finding]:
    if name not in ("CACHES", "DATABASES"):
        return
    for node in walk(value):
        if not isinstance(node, ast.Constant):
            continue
        if name == "CACHES" and node.value == LOCAL_MEMORY:
            text = "each process has its own: what one deletes, the others still serve"
            reasons = (Reason("local-memory-cache", text),)
            message = "production caches in the memory of each process"
            yield _finding(here, node, message, Safety.REPORT, reasons, (name, LOCAL_MEMORY), None)
        if name == "DATABASES" and node.value in SQLITES:
            text = "one writer at a time, and a file that only one host sees"
            reasons = (Reason("sqlite", text),)
            message = "production stores its data in SQLite"
            engine = str(node.value)
            yield _finding(here, node, message, Safety.REPORT, reasons, (name, engine), None)


def _finding(
    here: Here,
    node: ast.expr,
    message: str,
    safety: Safety,
    reasons: tuple[Reason, ...],
    value: tuple[str, bool | str],
    plan: Plan | None,
) -> Finding:
    name, wanted = value
    others = dict.fromkeys(each.module.path for each in here.givings)
    paths = [path for path in others if path != here.document.path]
    kind = "write" if plan is not None else reasons[0].name
    return Finding(
        rule=RULE,
        path=here.document.path,
        span=here.document.span(node),
        symbol=f"{here.givings[0].module.name}.{name.partition('[')[0]}",
        message=message,
        safety=safety,
        anchor=f"{name} {kind}",
        reasons=reasons,
        evidence=tuple(Evidence(path, 1, "this production module takes it") for path in paths),
        data={"setting": name, "value": wanted},
        plan=plan,
    )
