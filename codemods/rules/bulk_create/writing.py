"""From a plan to text: one `bulk_create` over a comprehension, laid out as black would."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.findings import NodeReference
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
    from djfix.codemods.rewriting.layout import Room, laid_out
    from djfix.codemods.rewriting.statements import statements_from

    document = trees.files.document(path)
    model, manager = plan.model, plan.manager
    if not model:
        bound = trees.name(path, plan.module, plan.name, plan.statement.line)
        yield from bound.edits
        model = bound.expression
    manager = manager or f"{model}.{plan.manager_name}"
    made = f"{model}({', '.join(plan.arguments)})"
    batch = f", batch_size={plan.batch_size}" if plan.batch_size else ""
    code = f"{manager}.bulk_create([{made} {' '.join(plan.clauses)}]{batch})"
    lead = document.column(plan.statement.line, plan.statement.column) - 1
    room = Room(line_length(trees.files, path) - lead, document.indentation)
    yield ReplaceStatements(path, (plan.statement,), statements_from(laid_out(code, room)))


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
