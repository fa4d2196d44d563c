"""The order in which Python evaluates one statement or expression, as a list of steps.

A step stands after the steps of its operands: `a.b(c)` is `a`, `a.b`, `c`, `a.b(c)`. The order is
that of the language reference, "Evaluation order": the value of an assignment before its targets,
the target of `+=` is loaded before the value and stored after it, positional arguments before
keywords. What may not be evaluated at all is `conditional`: the later operands of `and`, `or`,
chained comparisons, conditional expressions, comprehension bodies, guards and assertions (python
-O drops them). Bodies of inner scopes are walked too, and each step names the scopes around it:
those of comprehensions and class bodies run in place; those of functions, lambdas and generator
expressions run later, if ever, and any number of times, so their steps are `captured`.

No recursion: the depth of a chain of operators or of `elif` does not matter.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from djfix.codemods.source.walking import children

Access = Literal["load", "store", "delete"]

COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
# `type X = ...`, whose value is evaluated on demand, is new in Python 3.12.
TYPE_ALIAS: tuple[type[ast.AST], ...] = (ast.TypeAlias,) if hasattr(ast, "TypeAlias") else ()
LAZY_SCOPES = (*FUNCTIONS, ast.GeneratorExp, *TYPE_ALIAS)


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One node at the moment it is evaluated, bound or deleted.

    `access` says which of the three for names, attributes and subscripts; an augmented target has
    a "load" and a "store" step. `binding` is the kind of definition that a stored name makes and
    `value` the expression bound to it where that is certain. `scopes` are the inner scopes around
    the node, outermost first.
    """

    node: ast.AST
    access: Access
    conditional: bool
    captured: bool
    scopes: tuple[ast.AST, ...]
    binding: str
    value: ast.expr | None


class Visit(NamedTuple):
    """A node to be walked, and what its surroundings say about it."""

    node: ast.AST
    conditional: bool = False
    scopes: tuple[ast.AST, ...] = ()
    captured: bool = False
    binding: str = ""
    value: ast.expr | None = None
    access: Access | None = None
    operands: bool = True

    def to(self, node: ast.AST) -> Visit:
        """An operand, evaluated whenever this node is."""
        return Visit(node, self.conditional, self.scopes, self.captured)

    def perhaps(self, node: ast.AST) -> Visit:
        """An operand that may be skipped."""
        return Visit(node, True, self.scopes, self.captured)

    def within(self, scope: ast.AST, node: ast.AST) -> Visit:
        """A part of the body of an inner scope."""
        captured = self.captured or isinstance(scope, LAZY_SCOPES)
        return Visit(node, True, (*self.scopes, scope), captured)

    def bound(self, target: ast.AST, kind: str, value: ast.expr | None) -> Visit:
        """A target that this node binds."""
        return Visit(target, self.conditional, self.scopes, self.captured, kind, value)


def steps_of(roots: Iterable[Visit]) -> Iterator[Step]:
    """The steps of these nodes, one root after the other."""
    waiting = [(visit, False) for visit in reversed(list(roots))]
    while waiting:
        visit, entered = waiting.pop()
        if entered or not visit.operands or isinstance(visit.node, _WITHOUT_OPERANDS):
            yield _step(visit)
            continue
        waiting.append((visit, True))
        operands = [(operand, False) for operand in _operands(visit)]
        waiting.extend(reversed(operands))


_WITHOUT_OPERANDS = (ast.Name, ast.Constant)


def _step(visit: Visit) -> Step:
    context: ast.AST | None = getattr(visit.node, "ctx", None)
    access: Access = visit.access or _access_of(context)
    return Step(
        visit.node,
        access,
        visit.conditional,
        visit.captured,
        visit.scopes,
        visit.binding,
        visit.value,
    )


def _access_of(context: ast.AST | None) -> Access:
    if isinstance(context, ast.Store):
        return "store"
    return "delete" if isinstance(context, ast.Del) else "load"


def _operands(visit: Visit) -> Iterable[Visit]:
    order: Callable[[Visit, Any], Iterable[Visit]] | None = _ORDERS.get(type(visit.node))
    if order is not None:
        return order(visit, visit.node)
    return [visit.to(child) for child in children(visit.node)]


def _assign(visit: Visit, node: ast.Assign) -> Iterable[Visit]:
    yield visit.to(node.value)
    for target in node.targets:
        yield visit.bound(target, "assign", node.value)


def _annotated(visit: Visit, node: ast.AnnAssign) -> Iterable[Visit]:
    """Annotations of variables are evaluated in classes, not in functions (reference, 7.2.2)."""
    if node.value is not None:
        yield visit.to(node.value)
        yield visit.bound(node.target, "assign", node.value)
    elif not isinstance(node.target, ast.Name):
        yield from (visit.to(part) for part in _place(node.target))
    if visit.scopes and isinstance(visit.scopes[-1], ast.ClassDef):
        yield visit.to(node.annotation)


def _place(target: ast.expr) -> Iterable[ast.expr]:
    if isinstance(target, ast.Attribute):
        return (target.value,)
    if isinstance(target, ast.Subscript):
        return (target.value, target.slice)
    return ()


def _augmented(visit: Visit, node: ast.AugAssign) -> Iterable[Visit]:
    yield visit.to(node.target)._replace(access="load")
    yield visit.to(node.value)
    yield visit.bound(node.target, "augmented", node.value)._replace(operands=False)


def _walrus(visit: Visit, node: ast.NamedExpr) -> Iterable[Visit]:
    yield visit.to(node.value)
    yield visit.bound(node.target, "walrus", node.value)


def _sequence(visit: Visit, node: ast.Tuple | ast.List) -> Iterable[Visit]:
    """A display, or the targets of an unpacking, each paired with its value where there is one."""
    if not visit.binding:
        return [visit.to(element) for element in node.elts]
    values = _unpacked(node, visit.value) if visit.binding in ("assign", "walrus") else None
    return [
        visit.bound(element, visit.binding, values[index] if values else None)
        for index, element in enumerate(node.elts)
    ]


def _unpacked(targets: ast.Tuple | ast.List, value: ast.expr | None) -> list[ast.expr] | None:
    if not isinstance(value, (ast.Tuple, ast.List)) or len(value.elts) != len(targets.elts):
        return None
    if any(isinstance(element, ast.Starred) for element in (*targets.elts, *value.elts)):
        return None
    return value.elts


def _starred(visit: Visit, node: ast.Starred) -> Iterable[Visit]:
    yield visit.bound(node.value, visit.binding, None) if visit.binding else visit.to(node.value)


def _delete(visit: Visit, node: ast.Delete) -> Iterable[Visit]:
    return [visit.bound(target, "del", None) for target in node.targets]


def _for(visit: Visit, node: ast.For | ast.AsyncFor) -> Iterable[Visit]:
    """Only met inside inner scopes: the function's own loops are split into points."""
    yield visit.to(node.iter)
    yield visit.bound(node.target, "for", node.iter)
    yield from (visit.perhaps(statement) for statement in (*node.body, *node.orelse))


def _with_item(visit: Visit, node: ast.withitem) -> Iterable[Visit]:
    yield visit.to(node.context_expr)
    if node.optional_vars is not None:
        yield visit.bound(node.optional_vars, "with", node.context_expr)


def _boolean(visit: Visit, node: ast.BoolOp) -> Iterable[Visit]:
    yield visit.to(node.values[0])
    yield from (visit.perhaps(value) for value in node.values[1:])


def _comparison(visit: Visit, node: ast.Compare) -> Iterable[Visit]:
    yield visit.to(node.left)
    yield visit.to(node.comparators[0])
    yield from (visit.perhaps(value) for value in node.comparators[1:])


def _conditional(visit: Visit, node: ast.IfExp) -> Iterable[Visit]:
    yield visit.to(node.test)
    yield visit.perhaps(node.body)
    yield visit.perhaps(node.orelse)


def _dictionary(visit: Visit, node: ast.Dict) -> Iterable[Visit]:
    for key, value in zip(node.keys, node.values, strict=True):
        if key is not None:
            yield visit.to(key)
        yield visit.to(value)


def _assertion(visit: Visit, node: ast.Assert) -> Iterable[Visit]:
    yield visit.perhaps(node.test)
    if node.msg is not None:
        yield visit.perhaps(node.msg)


def _comprehension(
    visit: Visit, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
) -> Iterable[Visit]:
    """The first iterable is evaluated outside of the new scope, at once, also for a generator."""
    yield visit.to(node.generators[0].iter)
    for index, generator in enumerate(node.generators):
        if index:
            yield visit.within(node, generator.iter)
        yield visit.within(node, generator.target)._replace(binding="for")
        yield from (visit.within(node, test) for test in generator.ifs)
    parts = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
    yield from (visit.within(node, part) for part in parts)


def _function(
    visit: Visit, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
) -> Iterable[Visit]:
    arguments = node.args
    if not isinstance(node, ast.Lambda):
        yield from (visit.to(decorator) for decorator in node.decorator_list)
    defaults = (*arguments.defaults, *(value for value in arguments.kw_defaults if value))
    yield from (visit.to(default) for default in defaults)
    if isinstance(node, ast.Lambda):
        yield visit.within(node, node.body)
        return
    yield from (_generic(visit, node, annotation) for annotation in annotations_of(node))
    yield from (visit.within(node, part) for part in (*_type_parameters(node), *node.body))


def annotations_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.expr]:
    """The annotations of parameters and result; evaluated with the def, unless postponed."""
    arguments = node.args
    parameters = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    for parameter in (*parameters, arguments.vararg, arguments.kwarg):
        if parameter is not None and parameter.annotation is not None:
            yield parameter.annotation
    if node.returns is not None:
        yield node.returns


def _type_parameters(node: ast.AST) -> list[ast.AST]:
    return list(getattr(node, "type_params", ()))


def _generic(visit: Visit, owner: ast.AST, part: ast.AST) -> Visit:
    """An annotation or base: evaluated now, but seeing the type parameters of its owner."""
    scopes = (*visit.scopes, owner) if _type_parameters(owner) else visit.scopes
    return visit.to(part)._replace(scopes=scopes)


def _type_alias(visit: Visit, node: Any) -> Iterable[Visit]:
    yield from (visit.within(node, part) for part in (*_type_parameters(node), node.value))
    yield visit.bound(node.name, "assign", None)


def _class(visit: Visit, node: ast.ClassDef) -> Iterable[Visit]:
    yield from (visit.to(decorator) for decorator in node.decorator_list)
    yield from (_generic(visit, node, base) for base in (*node.bases, *node.keywords))
    yield from (visit.within(node, part) for part in (*_type_parameters(node), *node.body))


def _case(visit: Visit, node: ast.match_case) -> Iterable[Visit]:
    yield visit.to(node.pattern)
    if node.guard is not None:
        yield visit.perhaps(node.guard)
    yield from (visit.perhaps(statement) for statement in node.body)


def _match(visit: Visit, node: ast.Match) -> Iterable[Visit]:
    yield visit.to(node.subject)
    yield from (visit.perhaps(case) for case in node.cases)


def _test(visit: Visit, node: ast.If | ast.While) -> Iterable[Visit]:
    yield visit.to(node.test)
    yield from (visit.perhaps(statement) for statement in (*node.body, *node.orelse))


_ORDERS: dict[type[ast.AST], Callable[[Visit, Any], Iterable[Visit]]] = {
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.NamedExpr: _walrus,
    ast.Tuple: _sequence,
    ast.List: _sequence,
    ast.Starred: _starred,
    ast.Delete: _delete,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.withitem: _with_item,
    ast.BoolOp: _boolean,
    ast.Compare: _comparison,
    ast.IfExp: _conditional,
    ast.Dict: _dictionary,
    ast.Assert: _assertion,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.DictComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.Lambda: _function,
    ast.ClassDef: _class,
    ast.match_case: _case,
    ast.Match: _match,
    ast.If: _test,
    ast.While: _test,
    **dict.fromkeys(TYPE_ALIAS, _type_alias),
}
