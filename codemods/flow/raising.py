"""Which code can raise an exception by itself.

Everything that may run code of an object can: calls, attributes, subscripts, operators, truth
tests, iteration, unpacking, formatting, imports. What cannot: constants, bound names, displays and
lambdas of those, `is`, and the binding of names. Exceptions that come from outside at any moment
(KeyboardInterrupt, MemoryError, a signal handler's) are not modelled.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from djfix.codemods.flow.evaluation import Step

_HARMLESS = (
    ast.Name,
    ast.Constant,
    ast.Starred,
    ast.Tuple,
    ast.List,
    ast.Lambda,
    ast.IfExp,
    ast.BoolOp,
    ast.NamedExpr,
    ast.Assign,
    ast.AnnAssign,
    ast.Return,
    ast.Expr,
    ast.Pass,
    ast.Break,
    ast.Continue,
    ast.Global,
    ast.Nonlocal,
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.keyword,
    ast.withitem,
)


def can_raise(steps: Iterable[Step]) -> bool:
    """Whether evaluating these steps may raise; captured ones run elsewhere."""
    return any(_raises(step) for step in steps if not step.captured)


def _raises(step: Step) -> bool:
    node = step.node
    match node:
        case ast.Compare(ops=operators):
            return not all(isinstance(operator, (ast.Is, ast.IsNot)) for operator in operators)
        case ast.Tuple() | ast.List() if step.access == "store":
            return True
        case ast.Starred() if step.access == "load":
            return True
        case ast.IfExp(test=test):
            return not has_plain_truth(test)
        case ast.BoolOp(values=values):
            return not all(has_plain_truth(value) for value in values[:-1])
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not has_plain_truth(operand)
        case (
            ast.FunctionDef(decorator_list=decorators)
            | ast.AsyncFunctionDef(decorator_list=decorators)
        ):
            return bool(decorators)
        case ast.Dict(keys=keys):
            return not all(isinstance(key, ast.Constant) for key in keys)
    return not isinstance(node, _HARMLESS)


def has_plain_truth(test: ast.expr) -> bool:
    """Whether asking for the truth of this value runs no code of an object."""
    match test:
        case ast.Constant() | ast.Lambda() | ast.UnaryOp(op=ast.Not()):
            return True
        case ast.Compare(ops=operators):
            return all(isinstance(operator, (ast.Is, ast.IsNot)) for operator in operators)
        case ast.BoolOp(values=values):
            return all(has_plain_truth(value) for value in values)
    return False
