"""From a plan to edits: the only module of the rule that touches LibCST."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from djfix.codemods.findings import NodeReference
from djfix.codemods.rules.f_expressions.plans import (
    Assignment,
    ChangePlan,
    Condition,
    ExpressionPlan,
    GuardedPlan,
    LockPlan,
    Lookup,
    Plan,
    SavePlan,
    UpdatePlan,
)

if TYPE_CHECKING:
    import libcst as cst

    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees

_WIDTH = 88
"""Longer lines are broken inside their brackets (black's default width)."""


def edits_of(plan: Plan, path: str, trees: Trees) -> Iterator[Edit]:
    """What the plan does to the file at `path`."""
    match plan:
        case ExpressionPlan():
            yield from _expression_edits(plan, path, trees)
        case UpdatePlan():
            yield from _update_edits(plan, path, trees)
        case GuardedPlan():
            yield from _guarded_edits(plan, path, trees)
        case LockPlan():
            yield from _lock_edits(plan, path, trees)


def _expression_edits(plan: ExpressionPlan, path: str, trees: Trees) -> Iterator[Edit]:
    from djfix.codemods.rewriting.edits import InsertAfter, Replace, statements_from

    f = trees.name(path, "django.db.models", "F", plan.changes[0].statement.line)
    yield from f.edits
    for change in plan.changes:
        yield _changed(change, path, trees, f.expression)
    for save in plan.saves:
        if save.update_fields:
            yield Replace(path, save.call, _with_update_fields(save, path, trees))
        if save.refresh:
            refresh = statements_from(refresh_text(save.target, save.refresh, save.awaited))
            yield InsertAfter(path, save.statement, refresh)


def _changed(change: ChangePlan, path: str, trees: Trees, f: str) -> Edit:
    import libcst as cst

    from djfix.codemods.rewriting.edits import Replace, statements_from

    own = f'{f}("{change.field}")'
    if change.own is not None:
        return Replace(path, change.own, cst.parse_expression(own))
    assert change.delta is not None
    delta = operand_text(change.delta, path, trees)
    new = statements_from(f"{change.target} = {own} {change.operator} {delta}")
    return Replace(path, change.statement, _small(new[0]))


def _small(statement: cst.BaseStatement) -> cst.BaseSmallStatement:
    import libcst as cst

    assert isinstance(statement, cst.SimpleStatementLine)
    return statement.body[0]


def operand_text(reference: NodeReference, path: str, trees: Trees) -> str:
    """The operand's source, in parentheses where it would bind less than `+` and `-`."""
    import libcst as cst

    node = trees.node(path, reference)
    text = trees.code(path, node)
    tight = cst.Name | cst.Attribute | cst.Call | cst.Subscript | cst.BaseNumber
    if isinstance(node, tight) or _is_parenthesized(node):
        return text
    if isinstance(node, cst.BinaryOperation) and isinstance(
        node.operator, cst.Multiply | cst.Divide | cst.FloorDivide | cst.Modulo
    ):
        return text
    return f"({text})"


def _is_parenthesized(node: cst.CSTNode) -> bool:
    import libcst as cst

    return isinstance(node, cst.BaseExpression) and bool(node.lpar)


def _with_update_fields(save: SavePlan, path: str, trees: Trees) -> cst.Call:
    import libcst as cst

    call = trees.node(path, save.call)
    assert isinstance(call, cst.Call)
    names = ", ".join(f'"{name}"' for name in save.update_fields)
    template = cst.ensure_type(cst.parse_expression(f"save(update_fields=[{names}])"), cst.Call)
    comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    kept = [
        item if isinstance(item.comma, cst.Comma) else item.with_changes(comma=comma)
        for item in call.args
    ]
    return call.with_changes(args=[*kept, *template.args])


def refresh_text(target: str, fields: Iterable[str], awaited: bool) -> str:
    """The line that reads the columns' new values back."""
    names = ", ".join(f'"{name}"' for name in fields)
    method = "arefresh_from_db" if awaited else "refresh_from_db"
    return f"{'await ' if awaited else ''}{target}.{method}(fields=[{names}])"


def _update_edits(plan: UpdatePlan, path: str, trees: Trees) -> Iterator[Edit]:
    from djfix.codemods.rewriting.edits import ReplaceStatements, statements_from

    f = trees.name(path, "django.db.models", "F", plan.line)
    yield from f.edits
    assignments = [
        f"{item.field}={_new_value(item, path, trees, f.expression)}" for item in plan.assignments
    ]
    column = plan.statements[0].column
    filters = _lookup_texts(plan.lookups, path, trees)
    if not plan.missing:
        text = updating(f"{plan.manager_text}.", filters, assignments, "", column)
    else:
        raised, edits = _missing_row(plan, path, trees)
        yield from edits
        head = updating(f"if not {plan.manager_text}.", filters, assignments, ":", column)
        text = f"{head}\n    raise {raised}"
    yield ReplaceStatements(path, plan.statements, statements_from(text))


def _new_value(item: Assignment, path: str, trees: Trees, f: str) -> str:
    if not item.operator:
        return trees.code(path, trees.node(path, item.value))
    return f'{f}("{item.field}") {item.operator} {operand_text(item.value, path, trees)}'


def _missing_row(plan: UpdatePlan, path: str, trees: Trees) -> tuple[str, tuple[Edit, ...]]:
    """What the fetch raised without a row, word for word (django.db.models.query, shortcuts)."""
    if plan.missing == "does-not-exist":
        message = f"{plan.model_name} matching query does not exist."
        return f'{plan.model_text}.DoesNotExist("{message}")', ()
    http404 = trees.name(path, "django.http", "Http404", plan.line)
    message = f"No {plan.model_name} matches the given query."
    return f'{http404.expression}("{message}")', http404.edits


def _lookup_texts(lookups: Iterable[Lookup], path: str, trees: Trees) -> list[str]:
    return [f"{item.name}={trees.code(path, trees.node(path, item.value))}" for item in lookups]


def updating(head: str, filters: list[str], updates: list[str], tail: str, column: int) -> str:
    """`filter(...).update(...)` between `head` and `tail`, broken as black breaks it."""
    for filter_text, update_text in (
        (", ".join(filters), ", ".join(updates)),
        (", ".join(filters), _block(updates)),
        (_block(filters), ", ".join(updates)),
        (_block(filters), _block(updates)),
    ):
        text = f"{head}filter({filter_text}).update({update_text}){tail}"
        if all(len(line) + column <= _WIDTH for line in text.split("\n")):
            return text
    filter_text, update_text = _column(filters), _column(updates)
    return f"{head}filter({filter_text}).update({update_text}){tail}"


def _block(items: list[str]) -> str:
    return f"\n    {', '.join(items)}\n"


def _column(items: list[str]) -> str:
    return "\n" + "".join(f"    {item},\n" for item in items)


def _guarded_edits(plan: GuardedPlan, path: str, trees: Trees) -> Iterator[Edit]:
    import libcst as cst

    from djfix.codemods.rewriting.edits import (
        Replace,
        ReplaceStatements,
        statements_from,
    )

    f = trees.name(path, "django.db.models", "F", plan.change.statement.line)
    manager, edits = _manager(plan.manager_text, plan.condition.test.line, path, trees)
    yield from (*f.edits, *edits)
    if plan.fetch is not None:
        yield ReplaceStatements(path, (plan.fetch,), ())
    own = _lookup_texts(plan.lookups, path, trees) if plan.fetch else [f"pk={plan.target}.pk"]
    head, filters = _filters(plan.condition, own, manager, path, trees)
    delta = operand_text(plan.delta, path, trees)
    change = f'{plan.change.field}={f.expression}("{plan.change.field}") {plan.operator} {delta}'
    if plan.alone is not None:
        text = updating(head, filters, [change], "", plan.alone.column)
        yield ReplaceStatements(path, (plan.alone,), statements_from(text))
        return
    negation = "not " if plan.condition.negated else ""
    text = updating(f"{negation}{head}", filters, [change], "", plan.condition.test.column)
    yield Replace(path, plan.condition.test, cst.parse_expression(text))
    text = refresh_text(plan.target, plan.refresh, awaited=False)
    both = (plan.change.statement, plan.save.statement)
    yield ReplaceStatements(path, both, statements_from(text) if plan.refresh else ())


def _filters(
    condition: Condition, own: list[str], manager: str, path: str, trees: Trees
) -> tuple[str, list[str]]:
    value = "0"
    if condition.value is not None:
        value = trees.code(path, trees.node(path, condition.value))
    if condition.lookup == "ne":
        return f"{manager}.exclude({condition.field}={value}).", own
    suffix = f"__{condition.lookup}" if condition.lookup else ""
    return f"{manager}.", [*own, f"{condition.field}{suffix}={value}"]


def _manager(text: str, line: int, path: str, trees: Trees) -> tuple[str, tuple[Edit, ...]]:
    """The manager's source; "" stands for the user model's, reached as Django advises."""
    if text:
        return text, ()
    user = trees.name(path, "django.contrib.auth", "get_user_model", line)
    return f"{user.expression}().objects", user.edits


def _lock_edits(plan: LockPlan, path: str, trees: Trees) -> Iterator[Edit]:
    import libcst as cst

    from djfix.codemods.rewriting.edits import ReplaceStatements, statements_from

    line = plan.statements[0].line
    transaction = trees.name(path, "django.db", "transaction", line)
    manager, edits = _manager(plan.manager_text, line, path, trees)
    yield from (*transaction.edits, *edits)
    locking = statements_from(_locking_text(plan, manager))
    kept = [
        _locked_statement(reference, plan, path, trees)
        for reference in plan.statements
        if reference != plan.fetch
    ]
    shell = statements_from(f"with {transaction.expression}.atomic():\n    pass")[0]
    assert isinstance(shell, cst.With)
    block = cst.IndentedBlock(body=[*locking, *kept])
    yield ReplaceStatements(path, plan.statements, (shell.with_changes(body=block),))


def _locked_statement(
    reference: NodeReference, plan: LockPlan, path: str, trees: Trees
) -> cst.BaseStatement:
    import libcst as cst

    statement = trees.statement(path, reference)
    assert isinstance(statement, cst.BaseStatement)
    if reference != plan.save.statement or not plan.save.update_fields:
        return statement
    call = trees.node(path, plan.save.call)
    new = statement.with_deep_changes(call, args=_with_update_fields(plan.save, path, trees).args)
    assert isinstance(new, cst.BaseStatement)
    return new


def _locking_text(plan: LockPlan, manager: str) -> str:
    """The statements that lock the row and bring its present values into the object."""
    lock = plan.locked_fetch or f"{manager}.select_for_update().get(pk={plan.target}.pk)"
    if plan.rebinds:
        return f"{plan.target} = {lock}"
    return f"{lock}\n{refresh_text(plan.target, plan.fields, awaited=False)}"
