"""Who else uses a name through the module that imports it: patches that move along, and others."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason, Span
from djfix.codemods.source.document import Unreadable
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.source.document import Document


@dataclass(frozen=True, slots=True)
class Patch:
    """A string that names what a test puts another in the place of, and what it names then."""

    path: str
    span: Span
    replacement: str
    target: str


@dataclass(frozen=True, slots=True)
class Outside:
    """The uses from outside of one name."""

    patches: tuple[Patch, ...] = ()
    reasons: tuple[Reason, ...] = ()


def outside(project: Project, path: str, name: str, models: str) -> Outside:
    """Strings that are "module.name" become "models.name"; any other use is a reason to stay."""
    own = project.module_of(path)
    patches: list[Patch] = []
    reasons: list[Reason] = []
    for user, line in project.importers(path, name):
        found = _patch(project.files.document(user), line, f"{own}.{name}", f"{models}.{name}")
        if found is None:
            text = f"{user}:{line} uses {name} of this module"
            reasons.append(Reason("imported-elsewhere", text))
        else:
            patches.append(found)
    for user, line in _handing_on(project, path, own or ""):
        text = f"{user}:{line} takes the module as a whole, and may use {name} of it"
        reasons.append(Reason("imported-elsewhere", text))
    return Outside(tuple(dict.fromkeys(patches)), tuple(reasons))


def _handing_on(project: Project, path: str, own: str) -> Iterator[tuple[str, int]]:
    """Where code hands the module on, or finds it by its name: `vars(tasks)`,
    `import_module("shop.tasks")`."""
    last = own.rpartition(".")[2]
    for user in project.files.containing(last.encode()) if own else ():
        document = project.files.document(user)
        try:
            nodes = [*walk(document.tree)] if user != path else []
        except (Unreadable, OSError):
            continue
        parents, bound = document.parents, _bound_to(project, user, own)
        for node in nodes:
            if isinstance(node, ast.Constant) and _is_found_by_name(node, parents, own):
                yield user, node.lineno
            elif _is_handed(project, user, node, parents, own, bound):
                yield user, getattr(node, "lineno", 0)


def _bound_to(project: Project, path: str, module: str) -> frozenset[str]:
    """The names by which a file's imports bind a module."""
    facts = project.module(path)
    return frozenset(
        each.bound
        for each in (facts.imports if facts is not None else ())
        if project.resolve(path, each.bound, each.scope) == module
    )


def _is_handed(project: Project, path: str, node: ast.AST, parents: Mapping[ast.AST, ast.AST],
               own: str, bound: frozenset[str]) -> bool:  # fmt: skip
    """Whether a module is named, and not to take a name of it."""
    if isinstance(parents.get(node), ast.Attribute):
        return False
    if isinstance(node, ast.Name):
        return isinstance(node.ctx, ast.Load) and node.id in bound
    is_last = isinstance(node, ast.Attribute) and node.attr == own.rpartition(".")[2]
    return is_last and project.resolve(path, ast.unparse(node)) == own


def _is_found_by_name(node: ast.Constant, parents: Mapping[ast.AST, ast.AST], own: str) -> bool:
    """Whether a text is the module's name, and what it finds is used."""
    parent = parents.get(node)
    if node.value != own:
        return False
    if isinstance(parent, ast.Subscript):
        return "modules" in ast.unparse(parent.value)
    if not isinstance(parent, ast.Call) or isinstance(parents.get(parent), ast.Expr):
        return False
    called = ast.unparse(parent.func).rpartition(".")[2]
    return called in {"import_module", "__import__", "import_string"}


def _patch(document: Document, line: int, wanted: str, target: str) -> Patch | None:
    for node in walk(document.tree):
        if not isinstance(node, ast.Constant) or node.lineno != line or node.value != wanted:
            continue
        segment = document.segment(node)
        if segment[1:-1] == wanted and segment[0] in "\"'":
            text = f"{segment[0]}{target}{segment[0]}"
            return Patch(document.path, document.span(node), text, target)
    return None
