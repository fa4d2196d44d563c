"""From a plan to edits: the import leaves the top for functions, or for TYPE_CHECKING."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.findings import NodeReference, Span

if TYPE_CHECKING:
    import libcst as cst

    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees
    from djfix.codemods.rules.celery_imports.judging import Moved, Plan
    from djfix.codemods.source.document import Document


def edits_of(plan: Plan, path: str, trees: Trees) -> Iterator[Edit]:
    """All edits of a plan, of the module and of the tests that patch it."""
    from djfix.codemods.rewriting.edits import AddImport, ReplaceText

    for moved in plan.moved:
        for function in moved.functions:
            yield AddImport(path, moved.module, moved.name, moved.alias, inside=function)
    yield from _top(plan, path, trees)
    for patch in plan.patches:
        yield ReplaceText(patch.path, patch.span, patch.replacement)


def _top(plan: Plan, path: str, trees: Trees) -> Iterator[Edit]:
    """The statement without the names that moved, and a block for those of type checkers."""
    from djfix.codemods.rewriting.edits import ReplaceStatements

    typed = [moved for moved in plan.moved if not moved.functions]
    kept = _kept(plan, path, trees)
    if not typed:
        yield ReplaceStatements(path, (plan.statement,), kept) if kept else _gone(plan, path, trees)
        return
    yield from _type_checking(plan, path, trees, typed, kept)


def _gone(plan: Plan, path: str, trees: Trees) -> Edit:
    """The statement's lines taken out, and the blank lines that only it had."""
    from djfix.codemods.rewriting.edits import ReplaceStatements, ReplaceText
    from djfix.codemods.rewriting.import_removal import lines_of

    document = trees.files.document(path)
    body = document.tree.body
    index = next(i for i, each in enumerate(body) if NodeReference.of(each) == plan.statement)
    statement = body[index]
    beside = [*body[max(0, index - 1) : index], *body[index + 1 : index + 2]]
    lines = range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
    if any(each.lineno in lines or each.end_lineno in lines for each in beside):
        return ReplaceStatements(path, (plan.statement,), ())
    first, last, kept = lines_of(document, statement, is_first=index == 0)
    return ReplaceText(path, Span(first, 1, last + 1, 1), kept)


def _kept(plan: Plan, path: str, trees: Trees) -> tuple[cst.BaseStatement, ...]:
    """The import statement with the names that stay, as it is laid out; none if none stays."""
    import libcst as cst

    line = trees.statement(path, plan.statement)
    node = trees.node(path, plan.statement)
    assert isinstance(node, cst.ImportFrom)
    assert not isinstance(node.names, cst.ImportStar)
    gone = {moved.name for moved in plan.moved}
    names = [each for each in node.names if each.evaluated_name not in gone]
    if not names:
        return ()
    if node.rpar is None:
        names[-1] = names[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    new = line.with_deep_changes(node, names=names)
    assert isinstance(new, cst.BaseStatement)
    return (new,)


def _type_checking(
    plan: Plan,
    path: str,
    trees: Trees,
    typed: list[Moved],
    kept: tuple[cst.BaseStatement, ...],
) -> Iterator[Edit]:
    from djfix.codemods.rewriting.edits import (
        InsertAfter,
        ReplaceStatements,
        statements_from,
    )

    document = trees.files.document(path)
    lines = [_line(each) for each in typed]
    block = _block(document)
    if block is not None:
        yield ReplaceStatements(path, (plan.statement,), kept) if kept else _gone(plan, path, trees)
        yield InsertAfter(path, NodeReference.of(block.body[-1]), statements_from("\n".join(lines)))
        return
    checking = trees.name(path, "typing", "TYPE_CHECKING", plan.statement.line)
    yield from checking.edits
    inner = "\n".join(f"    {line}" for line in lines)
    text = f"if {checking.expression}:\n{inner}"
    last = _last_import(document)
    if NodeReference.of(last) == plan.statement:
        yield ReplaceStatements(path, (plan.statement,), (*kept, *_spaced(text, bool(kept))))
    else:
        yield ReplaceStatements(path, (plan.statement,), kept) if kept else _gone(plan, path, trees)
        yield InsertAfter(path, NodeReference.of(last), _spaced(text, spaced=True))


def _spaced(text: str, spaced: bool) -> tuple[cst.BaseStatement, ...]:
    import libcst as cst

    from djfix.codemods.rewriting.edits import statements_from

    (block,) = statements_from(text)
    lines = [cst.EmptyLine(indent=False)] if spaced else []
    return (block.with_changes(leading_lines=lines),)


def _line(moved: Moved) -> str:
    alias = f" as {moved.alias}" if moved.alias else ""
    return f"from {moved.module} import {moved.name}{alias}"


def _block(document: Document) -> ast.If | None:
    """The module's own `if TYPE_CHECKING:`."""
    for node in document.tree.body:
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            return node
    return None


def _last_import(document: Document) -> ast.stmt:
    imports = [each for each in document.tree.body if isinstance(each, ast.Import | ast.ImportFrom)]
    return imports[-1]
