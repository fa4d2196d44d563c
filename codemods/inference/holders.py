"""Which variables, attributes and entries of a file may hold a class that is looked for.

What a loop goes through, what a call or a decorator gives to a parameter, what an object or a list
keeps: traced by names, over files. Tests are left out.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeGuard

from djfix.codemods.inference.kept import bound_in, kept_under, key_of, takes
from djfix.codemods.project.importers import nodes_near
from djfix.codemods.project.test_files import is_named_as_test
from djfix.codemods.source.chains import last_name
from djfix.codemods.source.definitions import FunctionNode
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project


@dataclass(frozen=True, slots=True)
class Sought:
    """Classes that code may hold. `names`: whether an expression of a file names one of them;
    `is_made`: whether a class statement makes one; `spelled`: what the bytes of a file say that
    does."""

    names: Callable[[str, ast.expr], bool]
    is_made: Callable[[str, ast.ClassDef], bool]
    spelled: re.Pattern[bytes]


class Holders:
    """What holds the classes that are looked for, and what is called with them."""

    def __init__(self, project: Project, sought: Sought) -> None:
        self._project = project
        self._sought = sought
        self._handed: dict[str, bool] = {}

    def may_hold(self, path: str, holder: ast.expr, tree: list[ast.AST]) -> bool:
        """Whether a variable, an attribute, or an entry of one, may be such a class; `tree`: all
        nodes of its file."""
        return self._may_hold(path, holder, tree, set())

    def _may_hold(self, path: str, holder: ast.expr, tree: list[ast.AST], seen: set[str]) -> bool:
        name = key_of(holder)
        if name in {"", *seen}:
            return False
        seen.add(name)
        kept = [*kept_under(tree, name)]
        bound = [*_looped_over(tree, name), *(each.value for each in kept if each.value)]
        if not bound and isinstance(holder, ast.Name) and self._is_imported(path, name, seen):
            return True
        if any(self._sought.names(path, each) for each in bound):
            return True
        taking = {each.handed for each in kept} - {""}
        if isinstance(holder, ast.Name):
            taking |= {own for own, each in _functions(tree) if takes(each, name)}
        if any(self._is_handed(function) for function in sorted(taking)):
            return True
        heirs = sorted({each.heirs for each in kept} - {""})
        if isinstance(holder, ast.Attribute) and any(
            self._is_bound_below(each, name) for each in heirs
        ):
            return True
        return any(self._may_hold(path, each, tree, seen) for each in bound)

    def _is_imported(self, path: str, name: str, seen: set[str]) -> bool:
        """Whether another file binds the name that this one imports to what holds such a class."""
        owner, _, own = (self._project.resolve(path, name) or "").rpartition(".")
        other = self._project.path_of(owner) if owner else None
        if other is None or other == path:
            return False
        tree = nodes_near(self._project.files, other, own)
        return self._may_hold(other, ast.Name(own), tree, seen - {own})

    def _is_handed(self, function: str) -> bool:
        """Whether a function of this name is called with, or decorates, such a class."""
        if function not in self._handed:
            self._handed[function] = self._reads_handed(function)
        return self._handed[function]

    def _reads_handed(self, function: str) -> bool:
        word = function.encode()
        for path in self._project.files.containing(word, word=word):
            if is_named_as_test(path) or not self._may_hand(path, function):
                continue
            for node in nodes_near(self._project.files, path, function):
                if any(self._sought.names(path, each) for each in _handed(node, function)):
                    return True
                if _is_decorated(node, function) and self._sought.is_made(path, node):
                    return True
        return False

    def _is_bound_below(self, cls: str, name: str) -> bool:
        """Whether a class that extends one of this name binds such a class to the attribute."""
        word = cls.encode()
        bound = re.compile(rb"^[ \t]+" + name.encode() + rb"\s*[:=]", re.MULTILINE)
        for path in self._project.files.containing(word, word=word):
            data = self._project.files.read(path)
            if bound.search(data) is None or self._sought.spelled.search(data) is None:
                continue
            near = nodes_near(self._project.files, path, cls)
            classes = (node for node in near if isinstance(node, ast.ClassDef))
            below = (each for each in classes if cls in map(last_name, each.bases))
            if any(self._sought.names(path, v) for each in below for v in bound_in(each, name)):
                return True
        return False

    def _may_hand(self, path: str, function: str) -> bool:
        """Whether a file names such classes, and calls this function or decorates with it."""
        try:
            data = self._project.files.read(path)
        except OSError:
            return False
        return self._sought.spelled.search(data) is not None and _is_used(data, function.encode())


def _functions(tree: Iterable[ast.AST]) -> Iterator[tuple[str, FunctionNode | ast.Lambda]]:
    for node in tree:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield node.name, node
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda() as function):
                yield name, function


def _is_used(data: bytes, function: bytes) -> bool:
    """Whether bytes show a call of a function, or of `map` with it, or a decorator of its name;
    `def` is none."""
    for found in re.finditer(re.escape(function) + rb"[\s\\]*([(,])?", data):
        before = data[data.rfind(b"\n", 0, found.start()) + 1 : found.start()].strip()
        if b"@" in before or (found[1] and not before.endswith(b"def")):
            return True
    return False


def _looped_over(nodes: Iterable[ast.AST], name: str) -> Iterator[ast.expr]:
    """What is gone through for a variable of this name in a file."""
    for node in nodes:
        match node:
            case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
                if any(isinstance(each, ast.Name) and each.id == name for each in walk(target)):
                    yield value


def _handed(node: ast.AST, function: str) -> Iterator[ast.expr]:
    """What a call of a function gives it, also `map(function, classes)`."""
    if isinstance(node, ast.Call):
        named = (node.func, *(each for each in node.args[:1] if last_name(node.func) == "map"))
        if function in map(last_name, named):
            yield from (*node.args, *(each.value for each in node.keywords))


def _is_decorated(node: ast.AST, function: str) -> TypeGuard[ast.ClassDef]:
    decorators = node.decorator_list if isinstance(node, ast.ClassDef) else ()
    called = (each.func if isinstance(each, ast.Call) else each for each in decorators)
    return any(last_name(each) == function for each in called)
