"""From an `ast` to facts: one walk over the statements of a module, expressions only as asked."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from djfix.codemods.project.expressions import expression_facts, unread
from djfix.codemods.project.facts import (
    AssignmentFacts,
    CallFacts,
    ClassFacts,
    Condition,
    ExpressionFacts,
    FunctionFacts,
    Given,
    ImportFacts,
    ModuleFacts,
    ParameterFacts,
    PatchFacts,
    shared,
)
from djfix.codemods.source.chains import dotted_name
from djfix.codemods.source.walking import walk

Segment = Callable[[ast.AST], str]
"""The source text of a node; used only for what has no better form."""

REGISTERING = frozenset(
    {"connect", "add_to_class", "contribute_to_class", "lazy_model_operation", "register"}
)
"""Last names of the calls that `ModuleFacts.calls` lists: those that are statements. `setattr` of
a class is another."""


def module_facts(tree: ast.Module, segment: Segment) -> ModuleFacts:
    """The facts of a module."""
    collected = _Module(segment)
    collected.visit(tree.body, (), "")
    exports, unclear = _exports(collected)
    return ModuleFacts(
        imports=tuple(collected.imports),
        assignments=tuple(collected.assignments),
        classes=tuple(collected.classes),
        functions=tuple(collected.functions),
        calls=tuple(collected.calls),
        exports=exports,
        exports_unclear=unclear,
        other_bindings=tuple(collected.other),
        patches=tuple(collected.patches),
    )


@dataclass
class _Module:
    """What is found while the module's statements are visited."""

    segment: Segment
    is_class: bool = False
    imports: list[ImportFacts] = field(default_factory=list)
    assignments: list[AssignmentFacts] = field(default_factory=list)
    classes: list[ClassFacts] = field(default_factory=list)
    functions: list[FunctionFacts] = field(default_factory=list)
    calls: list[CallFacts] = field(default_factory=list)
    other: list[tuple[str, int]] = field(default_factory=list)
    patches: list[PatchFacts] = field(default_factory=list)

    def visit(self, body: Iterable[ast.stmt], scope: tuple[str, ...], condition: Condition) -> None:
        """Module-level statements, under whatever branch."""
        for statement in body:
            match statement:
                case ast.Import() | ast.ImportFrom():
                    self.imports += _imports(statement, scope, condition)
                case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                    self.assignments += _assignments(statement, condition, self.segment)
                    self.other += _walrus_names(statement)
                case ast.ClassDef():
                    self.classes.append(_class(statement, scope, condition, self))
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    self.functions.append(_function(statement, condition, self.segment))
                    self._function_body(statement.body, (*scope, statement.name), "")
                case ast.Expr():
                    self._call(statement.value, scope, condition)
                    self.other += _walrus_names(statement)
                case _:
                    self.other += _other_names(statement)
                    for inner, inner_condition in _branches(statement, condition):
                        # What a class body only declares to a type checker is not there.
                        if not (self.is_class and inner_condition == "type-checking"):
                            self.visit(inner, scope, inner_condition)

    def _function_body(
        self, body: Iterable[ast.stmt], scope: tuple[str, ...], condition: Condition
    ) -> None:
        for statement in body:
            match statement:
                case ast.Import() | ast.ImportFrom():
                    self.imports += _imports(statement, scope, condition)
                case ast.Expr():
                    self._call(statement.value, scope, condition)
                case ast.Assign(targets=targets, value=value):
                    if not isinstance(value, ast.Constant):
                        self.patches += [PatchFacts(each, scope) for each in _patched(targets)]
                case ast.Global():
                    self.other += [(name, statement.lineno) for name in statement.names]
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                    self._function_body(statement.body, (*scope, statement.name), "")
                case _:
                    for inner, inner_condition in _branches(statement, condition):
                        self._function_body(inner, scope, inner_condition)

    def _call(self, node: ast.expr, scope: tuple[str, ...], condition: Condition) -> None:
        if isinstance(node, ast.Call) and (
            _last_name(node.func) in REGISTERING or _sets_of_a_class(node)
        ):
            self.calls.append(CallFacts(expression_facts(node, self.segment), scope, condition))


def _class(
    node: ast.ClassDef, scope: tuple[str, ...], condition: Condition, module: _Module
) -> ClassFacts:
    body = _Module(module.segment, is_class=True)
    inner_scope = (*scope, node.name)
    body.visit(node.body, inner_scope, "")
    module.imports += body.imports
    module.calls += body.calls
    module.patches += body.patches
    segment = module.segment
    return ClassFacts(
        name=node.name,
        line=shared(node.lineno),
        end_line=shared(node.end_lineno or node.lineno),
        bases=tuple(expression_facts(base, segment) for base in node.bases),
        keywords=tuple(
            (key.arg or "**", expression_facts(key.value, segment)) for key in node.keywords
        ),
        decorators=tuple(expression_facts(each, segment) for each in node.decorator_list),
        assignments=tuple(body.assignments),
        methods=tuple(body.functions),
        classes=tuple(body.classes),
        condition=condition,
        is_open=bool(body.other) or any(each.scope == inner_scope for each in body.imports),
    )


def _function(
    node: ast.FunctionDef | ast.AsyncFunctionDef, condition: Condition, segment: Segment
) -> FunctionFacts:
    return FunctionFacts(
        name=node.name,
        line=shared(node.lineno),
        end_line=shared(node.end_lineno or node.lineno),
        parameters=tuple(_parameters(node.args, segment)),
        decorators=tuple(expression_facts(each, segment) for each in node.decorator_list),
        is_async=isinstance(node, ast.AsyncFunctionDef),
        given_returns=_optional(node.returns, segment),
        condition=condition,
    )


def _parameters(arguments: ast.arguments, segment: Segment) -> Iterable[ParameterFacts]:
    plain = [*arguments.posonlyargs, *arguments.args]
    missing = len(plain) - len(arguments.defaults)
    defaults: list[ast.expr | None] = [None] * missing + list(arguments.defaults)
    for index, (each, default) in enumerate(zip(plain, defaults, strict=True)):
        kind = "positional-only" if index < len(arguments.posonlyargs) else "positional"
        yield _parameter(each, kind, default, segment)
    if arguments.vararg is not None:
        yield _parameter(arguments.vararg, "*", None, segment)
    for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield _parameter(each, "keyword-only", default, segment)
    if arguments.kwarg is not None:
        yield _parameter(arguments.kwarg, "**", None, segment)


def _parameter(
    node: ast.arg, kind: str, default: ast.expr | None, segment: Segment
) -> ParameterFacts:
    if node.annotation is None and default is None:
        return _bare_parameter(node.arg, kind)
    return ParameterFacts(
        node.arg, kind, _optional(node.annotation, segment), _optional(default, segment)
    )


@lru_cache(maxsize=4096)
def _bare_parameter(name: str, kind: str) -> ParameterFacts:
    """One value for equal ones: most parameters are `self` and a few others."""
    return ParameterFacts(name, kind)


def _optional(node: ast.expr | None, segment: Segment) -> Given | None:
    return None if node is None else unread(node, segment)


def _imports(
    node: ast.Import | ast.ImportFrom, scope: tuple[str, ...], condition: Condition
) -> Iterable[ImportFacts]:
    if isinstance(node, ast.Import):
        for each in node.names:
            yield _plain_import(each, shared(node.lineno), scope, condition)
        return
    for each in node.names:
        yield ImportFacts(
            node.module or "",
            each.name,
            each.asname or each.name,
            node.level,
            shared(node.lineno),
            scope,
            condition,
        )


def _plain_import(
    alias: ast.alias, line: int, scope: tuple[str, ...], condition: Condition
) -> ImportFacts:
    package, _, last = alias.name.rpartition(".")
    if alias.asname and package:
        return ImportFacts(package, last, alias.asname, 0, line, scope, condition)
    bound = alias.asname or alias.name.partition(".")[0]
    return ImportFacts(alias.name, None, bound, 0, line, scope, condition)


def _assignments(
    node: ast.Assign | ast.AnnAssign | ast.AugAssign, condition: Condition, segment: Segment
) -> Iterable[AssignmentFacts]:
    line = shared(node.lineno)
    if isinstance(node, ast.AnnAssign):
        for name in _targets(node.target):
            yield AssignmentFacts(
                name,
                _optional(node.value, segment),
                line,
                unread(node.annotation, segment),
                "",
                condition,
            )
    elif isinstance(node, ast.AugAssign):
        value = unread(node.value, segment)
        for name in _targets(node.target):
            operator = _OPERATORS.get(type(node.op), "?")
            yield AssignmentFacts(name, value, line, None, operator, condition)
    else:
        for target in node.targets:
            yield from _paired(target, node.value, line, condition, segment)


def _paired(
    target: ast.expr, value: ast.expr, line: int, condition: Condition, segment: Segment
) -> Iterable[AssignmentFacts]:
    """`a, b = x, y` gives a = x and b = y; what cannot be paired gets a value of kind "other"."""
    if not isinstance(target, ast.Tuple | ast.List):
        for name in _targets(target):
            yield AssignmentFacts(name, unread(value, segment), line, None, "", condition)
        return
    same_length = isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts)
    starred = any(isinstance(each, ast.Starred) for each in target.elts)
    if isinstance(value, ast.Tuple | ast.List) and same_length and not starred:
        for inner, item in zip(target.elts, value.elts, strict=True):
            yield from _paired(inner, item, line, condition, segment)
        return
    unknown = ExpressionFacts("other", "unpacked", line=line)
    for name in _targets(target):
        yield AssignmentFacts(name, unknown, line, None, "", condition)


def _targets(node: ast.expr) -> Iterable[str]:
    """The names, or dotted chains, that a target binds. Subscripts bind none."""
    match node:
        case ast.Name():
            yield node.id
        case ast.Attribute():
            facts = expression_facts(node, lambda _: "")
            if facts.kind == "name":
                yield facts.name
        case ast.Tuple() | ast.List():
            for each in node.elts:
                yield from _targets(each)
        case ast.Starred():
            yield from _targets(node.value)


_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.BitOr: "|", ast.BitAnd: "&"}


def _branches(
    node: ast.stmt, condition: Condition
) -> Iterable[tuple[Iterable[ast.stmt], Condition]]:
    """The blocks inside a compound statement that is neither def nor class."""
    match node:
        case ast.If():
            negated = isinstance(node.test, ast.UnaryOp) and isinstance(node.test.op, ast.Not)
            test = node.test.operand if isinstance(node.test, ast.UnaryOp) else node.test
            if _is_type_checking(test):
                # The other branch always runs.
                yield node.body, condition if negated else "type-checking"
                yield node.orelse, "type-checking" if negated else condition
            else:
                yield node.body, "if"
                yield node.orelse, "else"
        case ast.Try() | ast.TryStar():
            yield node.body, "try"
            for handler in node.handlers:
                yield handler.body, "except"
            yield node.orelse, "try"
            yield node.finalbody, condition
        case ast.With() | ast.AsyncWith():
            yield node.body, condition or "try"
        case ast.For() | ast.AsyncFor() | ast.While():
            yield node.body, "loop"
            yield node.orelse, "loop"
        case ast.Match():
            for case in node.cases:
                yield case.body, "if"


def _is_type_checking(test: ast.expr) -> bool:
    name = dotted_name(test)
    return name is not None and name.rpartition(".")[2] == "TYPE_CHECKING"


def _other_names(node: ast.stmt) -> Iterable[tuple[str, int]]:
    """Names bound by a statement that is no assignment, import, def or class."""
    match node:
        case ast.For() | ast.AsyncFor():
            yield from ((name, node.lineno) for name in _targets(node.target))
        case ast.With() | ast.AsyncWith():
            for item in node.items:
                if item.optional_vars is not None:
                    yield from ((name, node.lineno) for name in _targets(item.optional_vars))
        case ast.Try() | ast.TryStar():
            yield from ((each.name, each.lineno) for each in node.handlers if each.name)
        case ast.Delete():
            for target in node.targets:
                yield from ((name, node.lineno) for name in _targets(target))
        case ast.Match():
            for each in walk(node):
                if isinstance(each, ast.MatchAs | ast.MatchStar) and each.name:
                    yield each.name, node.lineno
                elif isinstance(each, ast.MatchMapping) and each.rest:
                    yield each.rest, node.lineno
        case ast.If() | ast.While():
            yield from _walrus_names(ast.Expr(node.test))


def _patched(targets: Iterable[ast.expr]) -> Iterable[str]:
    """The targets that are attributes of what is named like a class."""
    for target in targets:
        if isinstance(target, ast.Attribute) and _last_name(target.value)[:1].isupper():
            yield from _targets(target)


def _sets_of_a_class(call: ast.Call) -> bool:
    """`setattr(Order, "save", f)`."""
    if not (isinstance(call.func, ast.Name) and call.func.id == "setattr" and call.args):
        return False
    return _last_name(call.args[0])[:1].isupper()


def _walrus_names(node: ast.stmt) -> Iterable[tuple[str, int]]:
    value = getattr(node, "value", None)
    if isinstance(value, ast.Constant | ast.Name | ast.Attribute):
        return []
    return [
        (each.target.id, each.target.lineno)
        for each in walk(node)
        if isinstance(each, ast.NamedExpr)
    ]


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _exports(module: _Module) -> tuple[tuple[str, ...] | None, bool]:
    """`__all__` and whether it is unclear: only literal lists, and `+=` of them, are read."""
    found: list[str] | None = None
    for each in module.assignments:
        if each.target != "__all__":
            continue
        value = each.value
        if value is None or each.condition or value.kind not in {"list", "tuple"}:
            return None, True
        names = [item.string for item in value.items]
        if None in names or each.operator not in {"", "+"}:
            return None, True
        strings = [name for name in names if name is not None]
        found = strings if not each.operator or found is None else found + strings
    return (None if found is None else tuple(found)), False
