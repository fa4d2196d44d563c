"""Code that changes, or looks at, what no other code shows: patches of queries, and frames.

`QuerySet.exists = f`, `setattr(Manager, "count", f)`, `Order.objects.filter = f`: then nothing that
is known of a queryset holds, wherever it is asked. Tests patch what they like, and are left out.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from djfix.codemods.inference.holders import Holders, Sought
from djfix.codemods.inference.kept import key_of
from djfix.codemods.inference.patch_texts import is_patch_in_text
from djfix.codemods.project.managers import BASE_MANAGER, MANAGER, QUERYSET
from djfix.codemods.project.test_files import is_named_as_test
from djfix.codemods.source.chains import last_name
from djfix.codemods.source.document import Unreadable
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

_OWN = frozenset(
    {
        *("exists", "has_results", "get_count", "_fetch_all", "_iterator", "_queryset_class"),
        *("__len__", "__bool__", "__iter__", "__getitem__", "_chain", "_clone"),
    }
)
"""Names that are assigned from outside to querysets and what they are made of, and to little
else."""

_SHARED = frozenset(
    {
        *("count", "iterator", "get_queryset", "all", "filter", "exclude", "order_by", "distinct"),
        *("execute_sql", "get_aggregation", "objects", "_default_manager", "_base_manager"),
        *("get", "create", "update", "bulk_create", "bulk_update", "_update", "_insert"),
    }
)
"""Names that other objects have as well: the owner has to look like a queryset or manager."""

_PLACES = frozenset({"objects", "_default_manager", "_base_manager", "__class__", "query"})
_OF_MODELS = frozenset({"objects", "_default_manager", "_base_manager", None})
"""Names that a model holds its managers by; None: a name that is computed."""
_BASES = frozenset({QUERYSET, MANAGER, BASE_MANAGER})
_MODEL = "django.db.models.Model"

_WATCHING = (b"f_locals", b"getargvalues(", b"sys.settrace(", b"sys.setprofile(", b"gc.get_")
"""What frames, traces and the collector of garbage are asked by."""

_ASSIGNED = re.compile(
    rb"\.(?:" + b"|".join(name.encode() for name in sorted(_OWN | _SHARED)) + rb")\s*[=,:]"
)
_NAMED = re.compile(
    rb"[\"'.](?:" + b"|".join(name.encode() for name in sorted(_OWN | _SHARED)) + rb")[\"']"
)
_SET = re.compile(rb"\bsetattr\b")
_EXECUTED = re.compile(rb"\b(?:exec|eval)\s*\(")
_CLASSES = re.compile(rb"QuerySet|Manager|\bQuery\b|Compiler")


class Patches:
    """What the project replaces; `project.shared(Patches)` keeps one."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._holders = Holders(
            project, Sought(self._names_queries, self._extends_queries, _CLASSES)
        )

    @cached_property
    def of_queries(self) -> str:
        """The first place, "path:line", at which a query method is replaced; "" if none is."""
        for path in self._project.files.paths:
            if path.endswith(".py") and not is_named_as_test(path) and self._may_patch(path):
                found = self._in_file(path)
                if found:
                    return f"{path}:{found}"
        return ""

    def _in_file(self, path: str) -> int:
        for store in _stores(self._tree(path)):
            if self._is_patch(path, store) or self._is_patch_by_name(path, store):
                return store.value.lineno
        calls = (node for node in self._tree(path) if isinstance(node, ast.Call))
        line = next((call.lineno for call in calls if self._is_patching(path, call)), 0)
        return line or self._in_texts(path)

    def _in_texts(self, path: str) -> int:
        """The line of a text that sets such a method, where the file runs code that is a text."""
        if _EXECUTED.search(self._project.files.read(path)) is None:
            return 0
        texts = (node for node in self._tree(path) if isinstance(node, ast.expr))
        return next((each.lineno for each in texts if is_patch_in_text(each)), 0)

    @cached_property
    def watcher(self) -> str:
        """The first file with code that may look at the variables of functions which do not hand
        them on; "" if none does."""
        found = self._project.files.containing(*_WATCHING)
        return min((path for path in found if not is_named_as_test(path)), default="")

    def _may_patch(self, path: str) -> bool:
        try:
            data = self._project.files.read(path)
        except OSError:
            return False
        if _ASSIGNED.search(data) is not None or _SET.search(data) is not None:
            return True
        names = _NAMED.search(data) is not None or _EXECUTED.search(data) is not None
        return names and _CLASSES.search(data) is not None

    def _tree(self, path: str) -> Iterable[ast.AST]:
        try:
            return walk(self._project.files.document(path).tree)
        except (Unreadable, OSError, RecursionError):
            return ()

    def _is_patch(self, path: str, store: _Store) -> bool:
        if isinstance(store.owner, ast.Name) and store.owner.id == "self":
            return False
        if store.name in _OWN and self._is_function(path, store.value):
            return True
        known = store.name is None or store.name in _OWN | _SHARED
        return known and self._is_of_queries(path, store)

    def _is_patch_by_name(self, path: str, store: _Store) -> bool:
        """As `_is_patch`, of a class that a variable holds (`for cls in (QuerySet, Manager): ...`),
        that a call, or a decorator, gives to a parameter, or that an object or a list keeps."""
        name = key_of(store.owner)
        if name in {"", "self"} or not (store.name is None or store.name in _OWN | _SHARED):
            return False
        return self._holders.may_hold(path, store.owner, [*self._tree(path)])

    def _is_patching(self, path: str, call: ast.Call) -> bool:
        """`patch.object(QuerySet, "exists", f)`, `partial(setattr, QuerySet)`, and the same by the
        text of a name."""
        if last_name(call.func) in _ASKING:
            return False
        given = [*call.args, *(each.value for each in call.keywords)]
        texts = {each.value for each in given if isinstance(each, ast.Constant)}
        if any(isinstance(each, str) and _is_of_class(each) for each in texts):
            return True
        sets = any(isinstance(each, ast.Name) and each.id == "setattr" for each in given)
        if not sets and texts.isdisjoint(_OWN | _SHARED):
            return False
        parts = [part for each in given for part in walk(each)]
        named = (each for each in parts if isinstance(each, ast.Name | ast.Attribute))
        return any(self._is_class_of_queries(path, each) for each in named)

    def _names_queries(self, path: str, expression: ast.expr) -> bool:
        """Whether an expression names a class of querysets or managers, or finds it by `type()`."""
        texts = [each.value for each in walk(expression) if isinstance(each, ast.Constant)]
        if any(isinstance(each, str) and each.startswith("django.db.") for each in texts):
            return True
        if isinstance(expression, ast.Call) and _is_type(expression.func):
            return True
        parts = [each for each in walk(expression) if isinstance(each, ast.Name | ast.Attribute)]
        return any(self._is_class_of_queries(path, each) for each in parts)

    def _extends_queries(self, path: str, statement: ast.ClassDef) -> bool:
        return any(self._names_queries(path, each) for each in statement.bases)

    def _is_function(self, path: str, value: ast.expr) -> bool:
        if isinstance(value, ast.Name | ast.Attribute):
            return self._project.resolve(path, ast.unparse(value)) is not None
        return isinstance(value, ast.Lambda)

    def _is_of_queries(self, path: str, store: _Store) -> bool:
        """Whether what gets the attribute is a queryset, a manager, a model's own manager or one of
        these classes."""
        owner = store.owner
        parts = [node.attr for node in walk(owner) if isinstance(node, ast.Attribute)]
        called = [node.func for node in walk(owner) if isinstance(node, ast.Call)]
        if not _PLACES.isdisjoint(parts) or any(_is_type(each) for each in called):
            return True
        resolved = self._project.resolve(path, ast.unparse(owner)) if not called else None
        if resolved is None:
            return False
        if store.name in _OF_MODELS and self._project.is_subclass(resolved, _MODEL):
            return True
        return resolved.startswith("django.db.") or self._is_class_of_queries(path, owner)

    def _is_class_of_queries(self, path: str, owner: ast.expr) -> bool:
        resolved = self._project.resolve(path, ast.unparse(owner))
        return resolved is not None and any(
            self._project.is_subclass(resolved, base) for base in _BASES
        )


_ASKING = frozenset({"getattr", "hasattr", "isinstance", "issubclass", "super", "vars"})


def _is_of_class(text: str) -> bool:
    """Whether a text names a method of Django's own querysets or managers."""
    owner, _, name = text.rpartition(".")
    return (
        text.startswith("django.db.")
        and name in _OWN | _SHARED
        and (owner.endswith(("QuerySet", "Manager", "Query", "Compiler")))
    )


def _is_type(function: ast.expr) -> bool:
    return isinstance(function, ast.Name) and function.id == "type"


@dataclass(frozen=True, slots=True)
class _Store:
    """An attribute that is set; `name` is None where it is computed."""

    owner: ast.expr
    name: str | None
    value: ast.expr


def _stores(nodes: Iterable[ast.AST]) -> Iterator[_Store]:
    """Each attribute that is set to what is no constant."""
    for node in nodes:
        match node:
            case ast.Assign(targets=targets, value=value) if not isinstance(value, ast.Constant):
                for each in targets:
                    yield from _attributes(each, value)
            case ast.AnnAssign(target=target, value=value) if value is not None:
                yield from _attributes(target, value)
            case ast.Call(func=ast.Name(id="setattr"), args=[owner, named, value]):
                text = named.value if isinstance(named, ast.Constant) else None
                yield _Store(owner, text if isinstance(text, str) else None, value)


def _attributes(target: ast.expr, value: ast.expr) -> Iterator[_Store]:
    for node in walk(target):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield _Store(node.value, node.attr, value)
