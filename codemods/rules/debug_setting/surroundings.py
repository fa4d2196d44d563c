"""Other code that meets what the rewritten setting needs: the name `os`, and the environment."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason
from djfix.codemods.project.importers import nodes_near
from djfix.codemods.project.test_files import is_named_as_test
from djfix.codemods.source.chains import dotted_name, last_name

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

_LISTING = frozenset({"dir", "vars", "getmembers", "getmembers_static"})
_LISTED = re.compile(rb"\b(?:dir|vars|getmembers|getmembers_static)\s*\(|\b__dict__\b")
_REPLACED = re.compile(
    rb"\.\s*(?:environ|getenv|environb)\s*(?:\.\s*get\s*)?(?::[^=\n]+)?=[^=]"
    rb"|[\"']environ[\"']|[\"']getenv[\"']|[\"']os\.environ[\"']"
)


class Listing:
    """Code that goes through the names of modules; `project.shared(Listing)` keeps one."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[str, tuple[Reason, ...]] = {}

    def of(self, path: str) -> tuple[Reason, ...]:
        """Code of another module that goes through the names of this one: `dir(production)`."""
        if path not in self._known:
            self._known[path] = tuple(_names_listed_elsewhere(self._project, path))
        return self._known[path]


def _names_listed_elsewhere(project: Project, path: str) -> Iterator[Reason]:
    own = path.removesuffix(".py").removesuffix("/__init__").rpartition("/")[2].encode()
    for other in project.files.containing(own, b"SETTINGS_MODULE"):
        if other == path or is_named_as_test(other):
            continue
        data = project.files.read(other)
        if _LISTED.search(data) is None:
            continue
        named = b"SETTINGS_MODULE" in data or b"import_module" in data or b"sys.modules" in data
        for node in nodes_near(project.files, other, *_LISTING, "__dict__"):
            module = _listed(node)
            if module is not None and _is_module(project, other, module, path, found=named):
                text = f"{other} goes through the names of the settings, and would meet `os`"
                yield Reason("own-names", text)
                return


def _listed(node: ast.AST) -> ast.expr | None:
    """What code goes through the names of."""
    match node:
        case ast.Call(func=function, args=[module, *_]) if last_name(function) in _LISTING:
            return module
        case ast.Attribute(value=module, attr="__dict__"):
            return module
    return None


def _is_module(project: Project, other: str, node: ast.expr, path: str, *, found: bool) -> bool:
    """Whether an expression is the module at a path; `found`: the file may find it by its name."""
    dotted = dotted_name(node)
    if dotted in {"self", "cls"}:
        return False
    resolved = project.resolve(other, dotted) if dotted is not None else None
    if resolved is None:
        return found
    named = project.path_of(resolved)
    if named is not None or resolved.startswith("django."):
        return named == path
    return found and project.class_named(resolved) is None


def environment_replaced(project: Project) -> tuple[Reason, ...]:
    """Code that puts something of its own in the place of `os.environ`; for `project.shared`."""
    for path in project.files.containing(b"environ", b"getenv"):
        if is_named_as_test(path) or _REPLACED.search(project.files.read(path)) is None:
            continue
        for node in nodes_near(project.files, path, "environ", "getenv", "environb"):
            if any(_is_os(project, path, each) for each in _owners(node)):
                text = f"{path} puts something else in the place of os.environ"
                return (Reason("replaced-environment", text),)
    return ()


def _owners(node: ast.AST) -> Iterator[ast.expr]:
    """What gets another `environ`, or `environ.get`."""
    match node:
        case ast.Attribute(value=owner, attr="environ" | "environb" | "getenv", ctx=ast.Store()):
            yield owner
        case ast.Attribute(value=ast.Attribute(value=owner, attr="environ"), ctx=ast.Store()):
            yield owner
        case ast.Call(func=function, args=[owner, ast.Constant("environ" | "getenv"), _, *_]) if (
            last_name(function) not in {"getattr"}
        ):
            yield owner
        case ast.Call(func=function, args=[ast.Constant("os.environ" | "os.getenv"), _, *_]) if (
            last_name(function) == "patch"
        ):
            yield ast.Name("os")


def _is_os(project: Project, path: str, owner: ast.expr) -> bool:
    dotted = dotted_name(owner)
    return dotted is not None and (project.resolve(path, dotted) or dotted) == "os"
