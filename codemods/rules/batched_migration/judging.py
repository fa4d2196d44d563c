"""Which data migrations touch a whole table at once, and every reason to leave one alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from djfix.codemods.findings import Declined, Evidence, Finding, Plain, Reason, Safety
from djfix.codemods.project.facts import ExpressionFacts
from djfix.codemods.project.migration_values import Migration, Operation
from djfix.codemods.rules.batched_migration.queries import Function, Reader, Rows, Touch
from djfix.codemods.rules.batched_migration.statements import changes_in
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.source.document import Document

RULE = "batched-migration"

HINT = "`djfix explain --at` on this line shows a form that works in batches"
WHOLE = {
    "update": Reason(
        "whole-update",
        "one statement updates every row: each stays locked until the migration commits, and the"
        f" table grows by a copy of all of them; {HINT}",
    ),
    "delete": Reason(
        "whole-delete",
        f"one statement deletes every row: each stays locked until the migration commits; {HINT}",
    ),
    "loop": Reason(
        "row-by-row",
        "every row is loaded and written by itself, in one transaction that holds all their locks"
        f" until the last; {HINT}",
    ),
}
KNOWN_APPLIED = Reason("known-applied", "the base branch has this migration: its cost is paid")
NEW_TABLE = Reason("new-table", "a migration of the same branch makes the table")
BATCHED = Reason("batched", "it works in batches")
FILTERED = Reason("filtered", "a filter picks the rows: how many, the code does not say")
NOT_ATOMIC = Reason("not-atomic", "the migration is not atomic: each row commits by itself")
UNREAD_CODE = Reason("unread-code", "the function cannot be found in the project")


def findings_in(document: Document, project: Project) -> Iterator[Finding | Declined]:
    """What the data migrations of one file do to how many rows."""
    migration = project.migrations.of(document.path)
    if migration is None or migration.replaces:
        # A squash runs only where there is no table yet.
        return
    for operation in migration.operations:
        for each in operation.on("database"):
            if each.kind == "RunPython":
                yield from _of_python(document, project, migration, each)
            elif each.kind == "RunSQL":
                yield from _of_sql(document, project, migration, each)


def _of_python(
    document: Document, project: Project, migration: Migration, operation: Operation
) -> Iterator[Finding | Declined]:
    code = operation.call.argument(0, "code")
    if code is None or code.kind != "name" or code.name.endswith(".noop"):
        return
    found = _function(project, document, code)
    if found is None:
        yield Declined(RULE, document.path, operation.line, UNREAD_CODE)
        return
    path, function = found
    touches = list(Reader(function, _models(project, path, function)).touches())
    proven = [each for each in touches if _left_alone(project, migration, operation, each) is None]
    if proven and migration.is_new is not False:
        yield _finding(document, project, operation, proven, path)
        return
    for each in touches:
        reason = _left_alone(project, migration, operation, each) or KNOWN_APPLIED
        yield Declined(RULE, document.path, operation.line, reason)
        return


def _function(
    project: Project, document: Document, code: ExpressionFacts
) -> tuple[str, Function] | None:
    """The function that RunPython is handed, of this file or another one of the project."""
    own = _top_function(document, code.name) or _in_the_class(document, code.name)
    if own is not None:
        return document.path, own
    owner, _, name = (project.resolve(document.path, code.name) or "").rpartition(".")
    path = project.path_of(owner) if owner else None
    function = None if path is None else _top_function(project.files.document(path), name)
    return None if path is None or function is None else (path, function)


def _top_function(document: Document, name: str) -> Function | None:
    return _function_in(document.tree.body, name)


def _in_the_class(document: Document, name: str) -> Function | None:
    """A function that the migration's own class body defines and hands on."""
    for each in document.tree.body:
        if isinstance(each, ast.ClassDef) and each.name == "Migration":
            return _function_in(each.body, name)
    return None


def _function_in(body: list[ast.stmt], name: str) -> Function | None:
    found = [
        each
        for each in body
        if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)) and each.name == name
    ]
    return found[0] if len(found) == 1 else None


def _models(project: Project, path: str, function: Function) -> Mapping[str, str]:
    """The names in a function that stand for models by import, with their labels."""
    found: dict[str, str] = {}
    for node in walk(function):
        if isinstance(node, ast.Name) and node.id[:1].isupper() and node.id not in found:
            resolved = project.resolve(path, node.id, (function.name,))
            model = project.model(resolved, partial=True) if resolved else None
            if model is not None:
                found[node.id] = model.label
    return found


def _left_alone(
    project: Project, migration: Migration, operation: Operation, touch: Touch
) -> Reason | None:
    if touch.is_batched:
        return BATCHED
    if touch.rows.reach == "some" or not _is_backfill(project, migration, touch.rows):
        return FILTERED
    if touch.kind == "loop" and not migration.atomic:
        return NOT_ATOMIC
    app, _, model = touch.rows.model.rpartition(".")
    asked = replace(operation, model=model.lower())
    if app == migration.app and project.migrations.creator(migration, asked) is not None:
        return NEW_TABLE
    return None


def _is_backfill(project: Project, migration: Migration, rows: Rows) -> bool:
    """Whether the fields that must have no value yet are new columns, so that no row has one."""
    model = rows.model.rpartition(".")[2].lower()
    return set(rows.unset) <= project.migrations.fields_just_added(migration, model)


def _of_sql(
    document: Document, project: Project, migration: Migration, operation: Operation
) -> Iterator[Finding | Declined]:
    given = operation.call.argument(0, "sql")
    texts = [each.string for each in given.walk() if each.string is not None] if given else []
    changes = [change for text in texts for change in changes_in(text)]
    whole = [(kind, table) for kind, table, is_whole in changes if is_whole]
    made = [table for _, table in whole if _is_new(project, migration, operation, table)]
    kept = [(kind, table) for kind, table in whole if table not in made]
    if not changes:
        return
    if not kept or migration.is_new is False:
        reason = FILTERED if not whole else NEW_TABLE if not kept else KNOWN_APPLIED
        yield Declined(RULE, document.path, operation.line, reason)
        return
    model = _model_of(project, kept[0][1])
    reasons = tuple(dict.fromkeys(WHOLE[kind] for kind, _ in kept))
    yield _report(document, project, operation, reasons, model, ())


def _is_new(project: Project, migration: Migration, operation: Operation, table: str) -> bool:
    """Whether a table of the migration's own app, by its default name, is made in this branch."""
    name = table.rpartition(".")[2].lower()
    if not name.startswith(f"{migration.app}_"):
        return False
    asked = replace(operation, model=name.removeprefix(f"{migration.app}_"))
    return project.migrations.creator(migration, asked) is not None


def _model_of(project: Project, table: str) -> str | None:
    app, _, name = table.rpartition(".")[2].partition("_")
    found = project.model_by_label(f"{app}.{name}", partial=True)
    return None if found is None else found.label


def _finding(
    document: Document,
    project: Project,
    operation: Operation,
    touches: list[Touch],
    path: str,
) -> Finding:
    reasons = tuple(dict.fromkeys(WHOLE[each.kind] for each in touches))
    app, _, model = touches[0].rows.model.rpartition(".")
    label = project.migrations.label_of(model, app)
    evidence = tuple(Evidence(path, each.line, _text(each)) for each in touches)
    return _report(document, project, operation, reasons, label, evidence)


def _text(touch: Touch) -> str:
    texts = {"update": "updates", "delete": "deletes", "loop": "goes over"}
    if touch.rows.reach == "all":
        return f"{texts[touch.kind]} every row of {touch.rows.model}"
    names = ", ".join(touch.rows.unset)
    return f"{texts[touch.kind]} the rows without {names}, a new column: every row"


def _report(
    document: Document,
    project: Project,
    operation: Operation,
    reasons: tuple[Reason, ...],
    model: str | None,
    evidence: tuple[Evidence, ...],
) -> Finding:
    node = _node(document, operation)
    data: dict[str, Plain] = {"model": model}
    return Finding(
        rule=RULE,
        path=document.path,
        span=document.span(node),
        symbol=f"{project.module_of(document.path) or document.path}.Migration",
        message=f"{operation.kind}: touches all of {model or 'a table'} at once",
        safety=Safety.REPORT,
        anchor=ast.dump(node),
        reasons=reasons,
        evidence=evidence,
        data=data,
    )


def _node(document: Document, operation: Operation) -> ast.Call:
    """The call of an operation, by its line and class."""
    return next(
        each
        for each in walk(document.tree)
        if isinstance(each, ast.Call)
        and each.lineno == operation.line
        and ast.unparse(each.func).rpartition(".")[2] == _spelled(operation)
    )


def _spelled(operation: Operation) -> str:
    function = operation.call.function
    return "" if function is None else function.name.rpartition(".")[2]
