"""From a plan to text: one `bulk_create` over a comprehension, laid out as black would."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from djfix.codemods.findings import NodeReference
from djfix.codemods.rewriting.quoting import quote_at
from djfix.codemods.rules.bulk_create.updates import UpdatePlan
from djfix.codemods.source.line_length import line_length

if TYPE_CHECKING:
    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees


@dataclass(frozen=True, slots=True)
class Plan:
    """The parts of the new statement. `manager` and `model` are as they are spelled there; empty
    where the model, `module.name`, must be named first, by `manager_name` of its managers."""

    statement: NodeReference
    manager: str
    model: str
    module: str
    name: str
    manager_name: str
    arguments: tuple[str, ...]
    clauses: tuple[str, ...]
    batch_size: int | None


def edits_of(plan: Plan, path: str, trees: Trees) -> Iterator[Edit]:
    from djfix.codemods.rewriting.edits import ReplaceStatements
    from djfix.codemods.rewriting.statements import statements_from

    model, manager = plan.model, plan.manager
    if not model:
        bound = trees.name(path, plan.module, plan.name, plan.statement.line)
        yield from bound.edits
        model = bound.expression
    manager = manager or f"{model}.{plan.manager_name}"
    made = f"{model}({', '.join(plan.arguments)})"
    batch = f", batch_size={plan.batch_size}" if plan.batch_size else ""
    code = f"{manager}.bulk_create([{made} {' '.join(plan.clauses)}]{batch})"
    text = _laid_out(code, plan.statement, path, trees)
    yield ReplaceStatements(path, (plan.statement,), statements_from(text))


def update_edits(plan: UpdatePlan, path: str, trees: Trees) -> Iterator[Edit]:
    """The loop becomes one `update()`; or its save moves behind it, and is one for all rows."""
    import libcst as cst

    from djfix.codemods.rewriting.edits import InsertAfter, InsertBefore, Replace, ReplaceStatements
    from djfix.codemods.rewriting.statements import statements_from

    document = trees.files.document(path)
    if plan.values:
        code = f"{plan.iterable}.update({', '.join(plan.values)})"
        text = _laid_out(code, plan.loop, path, trees)
        yield ReplaceStatements(path, (plan.loop,), statements_from(text))
        return
    model = plan.model
    if not model:
        bound = trees.name(path, plan.module, plan.name, plan.loop.line)
        yield from bound.edits
        model = bound.expression
    if plan.is_new:
        made = _laid_out(f"{plan.rows} = list({plan.iterable})", plan.loop, path, trees)
        yield InsertBefore(path, plan.loop, statements_from(made))
        yield Replace(path, plan.iterator, cst.Name(plan.rows))
    yield ReplaceStatements(path, (plan.save,), ())
    quote = quote_at(document, plan.loop)
    columns = ", ".join(f"{quote}{name}{quote}" for name in plan.columns)
    batch = f", batch_size={plan.batch_size}" if plan.batch_size else ""
    code = f"{model}.{plan.manager_name}.bulk_update({plan.rows}, [{columns}]{batch})"
    written = _laid_out(code, plan.loop, path, trees)
    yield InsertAfter(path, plan.loop, statements_from(written))


def _laid_out(code: str, at: NodeReference, path: str, trees: Trees) -> str:
    """A statement in the place of another, on as many lines as the project's length asks for."""
    from djfix.codemods.rewriting.layout import Room, laid_out

    document = trees.files.document(path)
    lead = document.column(at.line, at.column) - 1
    room = Room(line_length(trees.files, path) - lead, document.indentation)
    before, equals, value = code.partition(" = list(")
    if not equals:
        return laid_out(code, room)
    return f"{before} = " + laid_out(f"list({value}", replace(room, before=len(before) + 3))


def one_line(text: str, node: ast.expr) -> str:
    """The source of an expression on one line, as black would join it."""
    if "\n" not in text:
        return text
    joined = re.sub(r"\s*\\?\s*\n\s*", " ", text)
    joined = re.sub(r"(?<=[(\[{]) | (?=[)\]}.])", "", joined)
    joined = re.sub(r",(?=[)\]}])", "", joined)
    try:
        same = ast.dump(ast.parse(f"({joined})", mode="eval").body) == ast.dump(node)
    except SyntaxError:
        same = False
    return joined if same else ast.unparse(node)
