"""What a manager or queryset of the project does each time that it is asked for rows.

`create()` asks for each row, and so does the save that it ends in (`Model._do_insert` asks the base
manager); `bulk_create` asks once for all. Building a queryset is quiet; a count or a log is not.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from djfix.codemods.findings import Reason
from djfix.codemods.inference.counted import Counting
from djfix.codemods.inference.loading.chains import RETURNING_QUERYSETS
from djfix.codemods.project.models import Manager
from djfix.codemods.project.project import Project
from djfix.codemods.rules.bulk_create.doubts import FUNCTIONS
from djfix.codemods.rules.bulk_create.places import Place
from djfix.codemods.source.chains import dotted_name
from djfix.codemods.source.definitions import FunctionNode
from djfix.codemods.source.walking import walk

_OF_MANAGER = ("get_queryset", "__getattribute__", "contribute_to_class", "__get__", "__set_name__")
_OF_QUERYSET = ("__init__", "__new__", "_clone", "_chain", "__getattribute__", "db")
_ONCE = frozenset({"__init__", "contribute_to_class", "__set_name__"})
_MAKING = RETURNING_QUERYSETS | {"_clone", "_chain", "get", "_next_is_sticky", "_values"}
_QUERYSET = "django.db.models.QuerySet"
_QUIET = frozenset({"super", "getattr", "hasattr", "str", "type", "issubclass", "property"})
_DEEPEST = 3
"""How many functions and methods of the project are followed into one another."""


def is_asked_with_code(place: Place) -> Iterator[Reason]:
    """A manager that is asked for each row runs code of its own, which then runs once."""
    named = place.rows.name if place.rows is not None and hasattr(place.rows, "name") else ""
    managers = [place.model.managers.get(named) or place.model.default_manager]
    managers += [place.model.default_manager, place.model.base_manager]
    for manager in dict.fromkeys(managers):
        found = next(_loud(place.project, manager), None)
        if found is not None:
            text = f"{found} runs code of its own each time that rows are asked for: once, then"
            yield Reason("unknown-code", text)
            return


def is_counted(place: Place) -> Iterator[Reason]:
    """Code around the loop counts the queries that are run."""
    counting = place.project.shared(Counting).around(place.inference)
    if counting:
        yield Reason("counts-queries", f"{counting} counts the queries that the loop runs")


def _loud(project: Project, manager: Manager) -> Iterator[str]:
    """The methods that do more than to build a queryset, with their places."""
    asked = [(manager.class_name, name) for name in _OF_MANAGER]
    asked += [(manager.queryset_class, name) for name in _OF_QUERYSET]
    for cls, name in asked:
        info = project.method(cls, name) if cls is not None else None
        if info is None or info.path is None:
            continue
        function = _function_at(project, info.path, info.line)
        scope = _Scope(project, info.path, info.cls, is_new=name in _ONCE)
        if function is None or not scope.is_quiet(function):
            yield f"{info.cls.rpartition('.')[2]}.{name}() ({info.path}:{info.line})"


def _function_at(project: Project, path: str, line: int) -> FunctionNode | None:
    try:
        return project.files.document(path).function_at(line)
    except OSError:
        return None


@dataclass(frozen=True)
class _Scope:
    """Where code stands: its file, its class ("" for none). `is_new`: `self` is being made."""

    project: Project
    path: str
    cls: str
    is_new: bool = False
    depth: int = 0

    def is_quiet(self, function: FunctionNode) -> bool:
        """Whether a function only builds what it returns, of local values."""
        names = (node for node in walk(function) if isinstance(node, ast.Name))
        own = {node.id for node in names if isinstance(node.ctx, ast.Store)}
        own |= {"self"} if self.is_new else set()
        return all(self._is_quiet_node(function, node, own) for node in walk(function))

    def _is_quiet_node(self, function: FunctionNode, node: ast.AST, own: set[str]) -> bool:
        match node:
            case ast.Global() | ast.Nonlocal() | ast.Await() | ast.Yield() | ast.YieldFrom():
                return False
            case ast.Subscript(ctx=ast.Store() | ast.Del()) | ast.Delete() | ast.With():
                return False
            case ast.Attribute(value=value, ctx=ast.Store()):
                return isinstance(value, ast.Name) and value.id in own
            case ast.Call():
                return self._is_quiet_call(node)
        return True

    def _is_quiet_call(self, call: ast.Call) -> bool:
        if isinstance(call.func, ast.Attribute):
            name, owner = call.func.attr, call.func.value
            is_super = isinstance(owner, ast.Call) and dotted_name(owner.func) == "super"
            if name in _MAKING or (is_super and name in {*_OF_MANAGER, *_OF_QUERYSET}):
                return True
        dotted = dotted_name(call.func)
        if dotted is None:
            return False
        if dotted.startswith("self.") and dotted.count(".") == 1:
            return self._is_quiet_method(dotted.removeprefix("self."))
        resolved = (self.project.resolve(self.path, dotted) or dotted).removeprefix("builtins.")
        if resolved in FUNCTIONS | _QUIET or resolved.startswith("django.db.models."):
            return True
        if self.project.is_subclass(resolved, _QUERYSET) is True:
            return True
        return self._is_quiet_function(resolved)

    def _is_quiet_method(self, name: str) -> bool:
        if name in {"model", "_queryset_class"}:
            return True
        info = self.project.method(self.cls, name)
        return info is not None and self._follows(info.path, info.line, info.cls)

    def _is_quiet_function(self, resolved: str) -> bool:
        owner, _, name = resolved.rpartition(".")
        path = self.project.path_of(owner) if owner else None
        module = self.project.module(path) if path is not None else None
        facts = module.function(name) if module is not None else None
        return facts is not None and self._follows(path, facts.line, "")

    def _follows(self, path: str | None, line: int, cls: str) -> bool:
        if path is None or self.depth >= _DEEPEST:
            return False
        function = _function_at(self.project, path, line)
        scope = _Scope(self.project, path, cls, depth=self.depth + 1)
        return function is not None and scope.is_quiet(function)
