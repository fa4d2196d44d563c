"""Takes the statements of a settings module in order, without running anything.

Both branches of a condition count, and whatever cannot be read makes what it touches incomplete.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from djfix.codemods.project.setting_expressions import (
    Bound,
    Imported,
    Namespace,
    evaluated,
    literal_truth,
    namespace_of,
)
from djfix.codemods.project.setting_scopes import Scope
from djfix.codemods.project.setting_values import (
    UNKNOWN,
    Value,
    concatenated,
    doubtful,
    incomplete,
    merged,
    of_entries,
    of_items,
    updated,
    without,
)
from djfix.codemods.source.chains import path_of
from djfix.codemods.source.walking import walk

LONGEST_LOOP = 200


class Modules(Protocol):
    """What the statements of one module need to know of others."""

    def module(self, path: str) -> Namespace | None: ...

    def imported(self, path: str, node: ast.ImportFrom) -> str | None: ...

    def read(self, imported: Imported) -> Bound | None: ...

    def imported_whole(self, path: str, module: str) -> str | None: ...

    def submodule(self, path: str, name: str) -> str | None: ...

    def included(self, path: str, pattern: str, scope: Scope) -> bool: ...


@dataclass(frozen=True)
class Execution:
    """The statements of one module, taken in order."""

    reader: Modules
    path: str

    def block(self, body: Iterable[ast.stmt], scope: Scope) -> bool:
        """Runs statements; False if they certainly do not come to their end."""
        return all(self.statement(each, scope) for each in body)

    def statement(self, node: ast.stmt, scope: Scope) -> bool:
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self.assign(target, value, scope)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self.assign(target, value, scope)
            case ast.AugAssign():
                self.augment(node, scope)
            case ast.Expr(value=ast.Call() as call):
                return self.call(call, scope)
            case ast.If():
                return self.branch(node, scope)
            case ast.Try() | ast.TryStar():
                return self.attempt(node, scope)
            case ast.With(body=body):
                return self.block(body, scope)
            case ast.For():
                self.loop(node, scope)
            case ast.While(body=body):
                self.maybe(body, scope)
            case ast.Match(cases=cases):
                self.cases([case.body for case in cases], scope)
            case ast.ImportFrom():
                self.import_from(node, scope)
            case ast.Import():
                self.import_modules(node, scope)
            case ast.ClassDef():
                scope.names[node.name] = self.class_namespace(node, scope)
            case ast.FunctionDef():
                scope.names[node.name] = _function_value(node, scope)
            case ast.Delete(targets=targets):
                for target in targets:
                    if isinstance(target, ast.Name):
                        scope.names.pop(target.id, None)
            case ast.Raise() | ast.Return():
                return False
        return True

    # -- binding ------------------------------------------------------------------------------

    def assign(self, target: ast.expr, node: ast.expr, scope: Scope) -> None:
        if isinstance(target, ast.Tuple | ast.List):
            self.unpack(target.elts, node, scope)
            return
        namespace = namespace_of(node, scope.lookup) if isinstance(target, ast.Name) else None
        if namespace is not None and isinstance(target, ast.Name):
            scope.names[target.id] = namespace
            return
        value = evaluated(node, scope.lookup)
        self.change(target, scope, lambda _: value)

    def unpack(self, targets: list[ast.expr], node: ast.expr, scope: Scope) -> None:
        given = node.elts if isinstance(node, ast.Tuple | ast.List) else []
        if len(given) == len(targets):
            for target, each in zip(targets, given, strict=True):
                self.assign(target, each, scope)
            return
        for target in targets:
            self.change(target, scope, lambda _: UNKNOWN)

    def change(self, target: ast.expr, scope: Scope, change: Callable[[Value], Value]) -> None:
        """Changes what a name, or an entry `NAME["a"]["b"]` of it, holds."""
        keys: list[str] = []
        while isinstance(target, ast.Subscript):
            key = evaluated(target.slice, scope.lookup).constant
            if not isinstance(key, str):
                change, keys = incomplete, []
            else:
                keys.insert(0, key)
            target = target.value
        if isinstance(target, ast.Call) and _touches_globals(target):
            scope.complete = False
        if isinstance(target, ast.Name):
            before = scope.lookup(target.id)
            value = before if isinstance(before, Value) else UNKNOWN
            scope.names[target.id] = updated(value, tuple(keys), change)

    def augment(self, node: ast.AugAssign, scope: Scope) -> None:
        value = evaluated(node.value, scope.lookup)

        def changed(before: Value) -> Value:
            if isinstance(node.op, ast.Add):
                return concatenated(before, value)
            if isinstance(node.op, ast.BitOr):
                is_sequence = before.items is not None
                return concatenated(before, value) if is_sequence else merged(before, value)
            return UNKNOWN

        self.change(node.target, scope, changed)

    # -- calls for their effect ---------------------------------------------------------------

    def call(self, node: ast.Call, scope: Scope) -> bool:
        path = path_of(node.func) or ()
        if path[-2:] in (("sys", "exit"), ("os", "abort")) or path == ("exit",):
            return False
        if path and path[-1] == "include" and node.args:
            self.include(node, scope)
        elif _touches_globals(node):
            scope.complete = False
        elif path[-1:] and path[-1] not in _MUTATORS | _LOOKERS:
            self.hand_over(node, scope)
        elif isinstance(node.func, ast.Attribute) and path[:1] != ("super",):
            self.method(node.func, node, scope)
        return True

    def hand_over(self, node: ast.Call, scope: Scope) -> None:
        """A list or dict that a function is given may be changed by it."""
        for argument in (*node.args, *(each.value for each in node.keywords)):
            value = scope.lookup(argument.id) if isinstance(argument, ast.Name) else None
            if isinstance(value, Value) and (value.items is not None or value.entries is not None):
                self.change(argument, scope, doubtful)

    def include(self, node: ast.Call, scope: Scope) -> None:
        for argument in node.args:
            is_optional = isinstance(argument, ast.Call) and len(argument.args) == 1
            inner = argument.args[0] if isinstance(argument, ast.Call) and is_optional else argument
            pattern = evaluated(inner, scope.lookup).constant
            found = isinstance(pattern, str) and self.reader.included(self.path, pattern, scope)
            if not found and not is_optional:
                scope.complete = False

    def method(self, function: ast.Attribute, node: ast.Call, scope: Scope) -> None:
        arguments = [evaluated(each, scope.lookup) for each in node.args]
        keywords = of_entries(
            {each.arg: evaluated(each.value, scope.lookup) for each in node.keywords if each.arg}
        )
        last = arguments[-1] if arguments else UNKNOWN

        def changed(before: Value) -> Value:
            match function.attr:
                case "append" | "insert" | "add" | "appendleft":
                    return concatenated(before, of_items([last]))
                case "extend":
                    return concatenated(before, last)
                case "update" if before.items is not None:
                    return concatenated(before, last)
                case "update":
                    return merged(merged(before, last) if arguments else before, keywords)
                case "remove" | "discard":
                    return without(before, last.constants if last.complete else ())
                case "setdefault" if len(arguments) == 2:
                    return _with_default(before, arguments[0].constant, last)
                case "clear" | "pop" | "reverse" | "sort":
                    return before
            return before

        if function.attr in _MUTATORS:
            self.change(function.value, scope, changed)

    # -- control flow -------------------------------------------------------------------------

    def branch(self, node: ast.If, scope: Scope) -> bool:
        truth = literal_truth(node.test)
        if truth is not None:
            return self.block(node.body if truth else node.orelse, scope)
        return self.cases([node.body, node.orelse], scope, exhaustive=True)

    def cases(
        self, bodies: list[list[ast.stmt]], scope: Scope, *, exhaustive: bool = False
    ) -> bool:
        """Branches of which one is taken, or none; False if none comes to its end."""
        ends = [] if exhaustive else [scope.copy()]
        for body in bodies:
            own = scope.copy()
            if self.block(body, own):
                ends.append(own)
        if ends:
            scope.become(ends)
        return bool(ends)

    def maybe(self, body: list[ast.stmt], scope: Scope) -> None:
        self.cases([body], scope)

    def attempt(self, node: ast.Try | ast.TryStar, scope: Scope) -> bool:
        before, done = scope.copy(), scope.copy()
        is_optional = any(_handles_import_error(each) for each in node.handlers)
        if is_optional and self.is_missing(node.body):
            done = before.copy()
            ended = False
        else:
            ended = self.block([*node.body, *node.orelse], done)
        ends = [done] if ended else []
        for handler in node.handlers:
            failed = before.copy()
            if not ended or not is_optional:
                failed.become([before, done])
            if self.block(handler.body, failed):
                ends.append(failed)
        if ends:
            scope.become(ends)
        return self.block(node.finalbody, scope) and bool(ends)

    def is_missing(self, body: list[ast.stmt]) -> bool:
        """Whether a try block begins with the import of a settings file that the project does not
        have, such as one for each machine: then what its handler leaves is what holds."""
        first = body[0]
        if not isinstance(first, ast.ImportFrom) or first.names[0].name != "*":
            return False
        return self.reader.imported(self.path, first) is None

    def loop(self, node: ast.For, scope: Scope) -> None:
        items = evaluated(node.iter, scope.lookup)
        if items.items is None or not items.complete or len(items.items) > LONGEST_LOOP:
            self.change(node.target, scope, lambda _: UNKNOWN)
            self.maybe(node.body, scope)
            return
        for item in items.items:
            if isinstance(node.target, ast.Name):
                scope.names[node.target.id] = item
            else:
                self.unpack(getattr(node.target, "elts", []), node.iter, scope)
            self.maybe(node.body, scope) if _may_skip(node.body) else self.block(node.body, scope)

    # -- imports and classes ------------------------------------------------------------------

    def import_from(self, node: ast.ImportFrom, scope: Scope) -> None:
        path = self.reader.imported(self.path, node)
        for alias in node.names:
            if alias.name == "*":
                namespace = self.reader.module(path) if path else None
                self.star(node, namespace, scope)
            else:
                bound = Imported(path, alias.name) if path else UNKNOWN
                scope.names[alias.asname or alias.name] = bound

    def star(self, node: ast.ImportFrom, namespace: Namespace | None, scope: Scope) -> None:
        if namespace is None:
            scope.complete = scope.complete and node.module in _HARMLESS_STARS
            return
        public = {key: value for key, value in namespace.values.items() if key[:1] != "_"}
        scope.names.update(public)
        scope.complete = scope.complete and namespace.complete

    def import_modules(self, node: ast.Import, scope: Scope) -> None:
        for alias in node.names:
            path = self.reader.imported_whole(self.path, alias.name)
            name = alias.asname or alias.name
            scope.names[name.partition(".")[0]] = UNKNOWN
            scope.names[name] = Imported(path) if path else UNKNOWN

    def class_namespace(self, node: ast.ClassDef, scope: Scope) -> Namespace:
        """A class of settings (django-configurations): its own names over those of its bases."""
        bases = [namespace_of(each, scope.lookup) for each in node.bases]
        inherited: dict[str, Bound] = {}
        for base in reversed(bases):
            inherited.update(base.values if base is not None else {})
        parent = Namespace({**inherited})
        body = Scope({"super": parent, "self": parent}, outer=scope, read=scope.read)
        for statement in node.body:
            if isinstance(statement, ast.FunctionDef):
                body.names[statement.name] = _function_value(statement, body)
            else:
                self.statement(statement, body)
        for name in ("super", "self"):
            del body.names[name]
        return Namespace({**inherited, **body.names}, body.complete, is_class=True)


_MUTATORS = frozenset(
    {"append", "insert", "add", "appendleft", "extend", "update", "remove", "discard", "setdefault"}
)

_HARMLESS_STARS = frozenset({"django.conf.global_settings", "split_settings.tools", "typing"})


_LOOKERS = frozenset({"print", "pprint", "warn", "warning", "info", "debug", "error", "dictConfig"})
"""Functions that are given settings and leave them as they are."""


def _with_default(before: Value, key: object, value: Value) -> Value:
    if not isinstance(key, str) or before.entries is None:
        return incomplete(before)
    return before if key in before.entries else merged(before, of_entries({key: value}))


def _touches_globals(node: ast.Call) -> bool:
    """Whether a call may bind names of the module: `globals().update(...)`, `exec(...)`."""
    names = {each.id for each in walk(node) if isinstance(each, ast.Name)}
    return bool(names & {"globals", "locals", "vars", "exec", "execfile", "setattr"})


def _handles_import_error(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = {(path_of(each) or ("",))[-1] for each in kinds}
    return bool(names & {"ImportError", "ModuleNotFoundError", "Exception"})


def _may_skip(body: list[ast.stmt]) -> bool:
    return any(isinstance(each, ast.Continue | ast.Break) for node in body for each in walk(node))


def _function_value(node: ast.FunctionDef, scope: Scope) -> Value:
    """The value of a property, or of a function that only returns one expression."""
    body = [each for each in node.body if not _is_docstring(each)]
    is_property = any((path_of(each) or ("",))[-1] == "property" for each in node.decorator_list)
    if is_property and len(body) == 1 and isinstance(body[0], ast.Return) and body[0].value:
        return evaluated(body[0].value, scope.lookup)
    return UNKNOWN


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
