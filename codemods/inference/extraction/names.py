"""The module's names that moved statements use: how the new module comes by each of them."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from posixpath import basename

from djfix.codemods.findings import Reason
from djfix.codemods.inference.extraction.modules import Imports, Target, absolute_module
from djfix.codemods.inference.extraction.views import View
from djfix.codemods.project.facts import AssignmentFacts, ImportFacts, ModuleFacts
from djfix.codemods.project.project import Project
from djfix.codemods.source.walking import walk

_COPIED = frozenset({"logging.getLogger", "django.contrib.auth.get_user_model"})
"""Calls whose result each module makes for itself: the same object, or a logger of its own."""


@dataclass(frozen=True, slots=True, order=True)
class Needed:
    """One import that the new module needs: `from module import name as bound`.

    An empty `name` is for `import module`. `spelled` is the module as the view's file has it.
    """

    module: str
    name: str
    bound: str
    spelled: str = ""


@dataclass(frozen=True, slots=True)
class Outer:
    """`copied`: statements of the views' module that the new one has as well."""

    imports: tuple[Needed, ...] = ()
    copied: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    notes: tuple[Reason, ...] = ()


def outer_names(view: View, names: Iterable[str], target: Target) -> Outer:
    """Where the new module gets these names from; `reasons` why it cannot, `notes` what changes."""
    facts = view.project.module(view.document.path)
    module = view.project.module_of(view.document.path)
    assert facts is not None
    assert module is not None
    imports: dict[Needed, None] = {}
    copied: dict[str, None] = {}
    reasons: dict[Reason, None] = {}
    notes: dict[Reason, None] = {}
    for name in names:
        if _is_builtin(facts, name):
            continue
        found = _import_of(facts, name)
        statement = _copied(view, facts, name)
        if found is not None:
            imports[_needed(view, found, module)] = None
        elif statement is not None and _has_copy(view, name, target):
            continue
        elif statement is not None:
            copied[statement] = None
            for needed in _imports_of(view, facts, statement, module):
                imports[needed] = None
            if "getLogger" in statement:
                text = f"what `{name}` logs comes from {target.module} then"
                notes[Reason("logger-name", text)] = None
        else:
            reasons[_why_not(facts, name)] = None
    notes |= dict.fromkeys(_raising(imports))
    for reason in _circles(view.project, module, target, imports):
        reasons[reason] = None
    return Outer(tuple(sorted(imports)), tuple(copied), tuple(reasons), tuple(notes))


_HTTP = ("rest_framework.exceptions", "django.http", "django.shortcuts")


def _raising(imports: Iterable[Needed]) -> Iterator[Reason]:
    """Names by which a service would know that it is called from a view."""
    for each in imports:
        if each.module in _HTTP:
            text = f"the service uses `{each.bound}` of {each.module}, which is the views' business"
            yield Reason("http-in-service", text)


def _is_builtin(facts: ModuleFacts, name: str) -> bool:
    is_own = name.startswith("__")  # `__name__` is each module's own
    return hasattr(builtins, name) and not is_own and not _bindings(facts, name)


def _bindings(facts: ModuleFacts, name: str) -> int:
    return (
        sum(each.bound == name for each in facts.imports if not each.scope)
        + sum(each.target == name for each in facts.assignments)
        + sum(each.name == name for each in facts.classes)
        + sum(each.name == name for each in facts.functions)
        + sum(bound == name for bound, _ in facts.other_bindings)
    )


def _import_of(facts: ModuleFacts, name: str) -> ImportFacts | None:
    found = [each for each in facts.imports if each.bound == name and not each.scope]
    if not found or _bindings(facts, name) != len(found):
        return None
    plain = [each for each in found if not each.condition]
    alike = {(each.module, each.name, each.level) for each in found}
    return plain[0] if plain and len(alike) == 1 else None


def needed_of(view: View, found: ImportFacts) -> Needed:
    """The import that does for another module what this one does for the view's."""
    return _needed(view, found, view.project.module_of(view.document.path) or "")


def _needed(view: View, found: ImportFacts, module: str) -> Needed:
    is_package = basename(view.document.path) == "__init__.py"
    absolute = absolute_module(found, module, is_package=is_package)
    spelled = f"{'.' * found.level}{found.module}"
    return Needed(absolute, found.name or "", found.bound, spelled)


def is_bound(project: Project, target: Target) -> frozenset[str]:
    """The names that the module's imports bind already, where it is there."""
    facts = project.module(target.path) if target.exists else None
    plain = [each for each in (facts.imports if facts else ()) if not each.scope]
    return frozenset(each.bound for each in plain if each.name and not each.condition)


def means_other(project: Project, target: Target, name: str, needed: Needed) -> bool:
    """Whether a module that is there means something else by a name."""
    facts = project.module(target.path)
    if facts is None or not _bindings(facts, name):
        return False
    found = _import_of(facts, name)
    if found is not None:
        is_package = basename(target.path) == "__init__.py"
        module = absolute_module(found, target.module, is_package=is_package)
        if (module, found.name or "") == (needed.module, needed.name):
            return False
    wanted = f"{needed.module}.{needed.name}" if needed.name else needed.bound
    path = project.path_of(needed.module)
    known = project.resolve(path, needed.name) if path is not None and needed.name else wanted
    return project.resolve(target.path, name) not in {wanted, known or wanted}


def _copied(view: View, facts: ModuleFacts, name: str) -> str | None:
    found = [each for each in facts.assignments if each.target == name]
    if len(found) != 1 or _bindings(facts, name) != 1 or not _is_copied(view, found[0]):
        return None
    for statement in view.document.tree.body:
        if statement.lineno == found[0].line:
            return ast.unparse(statement).replace("'", '"')
    return None


def _has_copy(view: View, name: str, target: Target) -> bool:
    """Whether the module that is there makes the same for itself under this name."""
    facts = view.project.module(target.path) if target.exists else None
    found = [each for each in (facts.assignments if facts else ()) if each.target == name]
    if len(found) != 1 or facts is None or _bindings(facts, name) != 1:
        return False
    called = found[0].value.function if found[0].value is not None else None
    resolved = called and view.project.resolve(target.path, called.name)
    own = [
        each.value.function.name
        for each in (view.project.module(view.document.path) or facts).assignments
        if each.target == name and each.value is not None and each.value.function is not None
    ]
    return bool(own) and resolved == view.project.resolve(view.document.path, own[0])


def _is_copied(view: View, found: AssignmentFacts) -> bool:
    called = found.value.function if found.value is not None else None
    if called is None or found.condition or called.kind != "name":
        return False
    return view.project.resolve(view.document.path, called.name) in _COPIED


def _imports_of(view: View, facts: ModuleFacts, statement: str, module: str) -> Iterator[Needed]:
    for node in walk(ast.parse(statement)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            found = _import_of(facts, node.id)
            if found is not None:
                yield _needed(view, found, module)


def _why_not(facts: ModuleFacts, name: str) -> Reason:
    if not _bindings(facts, name):
        return Reason("unknown-name", f"where `{name}` comes from is not known (`import *`?)")
    if any(each.bound == name for each in facts.imports):
        return Reason("unknown-name", f"`{name}` is imported under a condition, or bound twice")
    text = f"`{name}` is defined among the views, which a service cannot import"
    return Reason("defined-in-views", text)


def _circles(
    project: Project, module: str, target: Target, imports: Iterable[Needed]
) -> Iterator[Reason]:
    """Modules that import the views when they are imported, as the views will import them."""
    starts = [target.module] if target.exists else []
    for each in imports:
        starts += [each.module, f"{each.module}.{each.name}"]
    known = project.shared(Imports)
    for start in dict.fromkeys(starts):
        if project.path_of(start) is None:
            continue
        chain = known.reaches(start, module)
        if chain is not None:
            text = f"{' imports '.join(chain)}: an import in a circle"
            yield Reason("circular-import", text)
            return
