"""From a module of tasks to findings: which imports of models go where, and why some stay."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.findings import Evidence, Finding, NodeReference, Reason, Safety
from djfix.codemods.project.import_graph import ImportEdge, ImportGraph, absolute_module
from djfix.codemods.rules.celery_imports.patches import Patch, outside
from djfix.codemods.rules.celery_imports.uses import Uses, are_lazy, uses_of
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.source.document import Document

RULE = "celery-imports"


@dataclass(frozen=True, slots=True)
class Moved:
    """One name: the functions that import it for themselves; none: only type checkers do."""

    module: str
    name: str
    alias: str | None
    functions: tuple[NodeReference, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The import statement, what moves, and what tests patch instead."""

    statement: NodeReference
    moved: tuple[Moved, ...]
    patches: tuple[Patch, ...]


def findings_in(document: Document, project: Project) -> Iterator[Finding]:
    """One finding for each import of models at the top of a module that defines tasks."""
    if not project.tasks(document.path):
        return
    for statement in document.tree.body:
        if isinstance(statement, ast.ImportFrom) and statement.module != "__future__":
            models = [each for each in statement.names if _is_model(project, document, each)]
            if models:
                yield _finding(document, project, statement, models)


def _is_model(project: Project, document: Document, alias: ast.alias) -> bool:
    """Whether a name is a model of the project, or one of its modules of models."""
    name = project.resolve(document.path, alias.asname or alias.name)
    if name is None:
        return False
    if project.path_of(name) is not None:
        return name.rpartition(".")[2] == "models"
    model = project.model(name, partial=True)
    return model is not None and model.path is not None


def _finding(
    document: Document, project: Project, statement: ast.ImportFrom, models: list[ast.alias]
) -> Finding:
    own = project.module_of(document.path) or document.path
    module = _module(project, document, statement)
    used = {each: uses_of(document, each.asname or each.name) for each in models}
    reasons = [
        reason
        for alias, uses in used.items()
        for reason in _standing(document, project, alias, uses)
    ]
    cycle = () if reasons else _cycle(project, document, module, models)
    only_typed = all(not each.functions for each in used.values())
    patches: list[Patch] = []
    if not reasons and not cycle and not only_typed:
        text = f"{module} does not come back to {own}: the import works where it stands"
        reasons.append(Reason("no-cycle", text))
    elif not reasons:
        for alias in models:
            found = outside(project, document.path, alias.asname or alias.name, module or "")
            patches += found.patches
            reasons += found.reasons
    safety = Safety.REPORT if reasons else _safety(used, patches)
    if not reasons:
        reasons = [*_reviews(used, patches)]
    names = ", ".join(each.name for each in models)
    return Finding(
        rule=RULE,
        path=document.path,
        span=document.span(statement),
        symbol=own,
        message=f"{names} imported at the top of {own}",
        safety=safety,
        anchor=ast.dump(statement),
        reasons=tuple(reasons),
        evidence=tuple(_evidence(project, cycle)),
        data={"task": own, "options": {each.name: module or "" for each in models}},
        plan=None if safety is Safety.REPORT else _plan(module, statement, used, patches),
    )


def _module(project: Project, document: Document, statement: ast.ImportFrom) -> str | None:
    if not statement.level:
        return statement.module
    return absolute_module(project, document.path, statement.module or "", statement.level)


def _standing(
    document: Document, project: Project, alias: ast.alias, uses: Uses
) -> Iterator[Reason]:
    """Why a name must stay where it is."""
    name = alias.asname or alias.name
    facts = project.module(document.path)
    if facts is not None and (facts.exports_unclear or name in (facts.exports or ())):
        yield Reason("exported", f"__all__ of the module names {name}")
    if _is_dynamic(document):
        yield Reason(
            "dynamic", "the module reads its own names by text: globals(), eval(), sys.modules"
        )
    if uses.at_import:
        text = f"line {uses.at_import[0]} uses {name} when the module is imported"
        yield Reason("used-at-import", text)
    if uses.annotations and not are_lazy(document, name):
        text = f"the annotation in line {uses.annotations[0]} is evaluated at import: quote it"
        yield Reason("annotation", text)
    elif uses.annotations and _reads_annotations(project, document):
        text = f"what reads annotations at run time would not find {name}"
        yield Reason("type-hints", text)
    if not (uses.functions or uses.annotations or uses.at_import):
        yield Reason("unused", f"nothing in the module uses {name}")


def _is_dynamic(document: Document) -> bool:
    """Whether any code of the module may find a name of it that is not spelled as one."""
    names = {node.id for node in walk(document.tree) if isinstance(node, ast.Name)}
    own = {each.name for each in document.tree.body if isinstance(each, ast.FunctionDef)}
    if "__getattr__" in own or b"sys.modules" in document.data:
        return True
    return not names.isdisjoint({"globals", "eval", "exec", "vars", "locals"})


def _reads_annotations(project: Project, document: Document) -> bool:
    """Whether a task of the module has Celery read its annotations, or other code does."""
    if b"get_type_hints" in document.data:
        return True
    tasks = project.tasks(document.path)
    options = [task.option("pydantic") for task in tasks]
    return any(each is not None and not each.value.is_constant(False) for each in options)


def _cycle(
    project: Project, document: Document, module: str | None, models: list[ast.alias]
) -> tuple[ImportEdge, ...]:
    """The imports by which the models come back to this module."""
    graph = project.shared(ImportGraph)
    for alias in models if module is not None else ():
        path = project.path_of(f"{module}.{alias.name}") or project.path_of(module or "")
        chain = graph.chain(path, document.path) if path is not None else ()
        if chain:
            return chain
    return ()


def _safety(used: dict[ast.alias, Uses], patches: list[Patch]) -> Safety:
    typed = any(each.annotations for each in used.values())
    return Safety.REVIEW if typed or patches else Safety.SAFE


def _reviews(used: dict[ast.alias, Uses], patches: list[Patch]) -> Iterator[Reason]:
    if any(each.annotations for each in used.values()):
        text = "annotations find it under TYPE_CHECKING only: not at run time"
        yield Reason("type-checking", text)
    for patch in patches:
        text = f"{patch.path}:{patch.span.line} patches it, and patches {patch.target} then"
        yield Reason("patched-by-tests", text)


def _evidence(project: Project, cycle: tuple[ImportEdge, ...]) -> Iterator[Evidence]:
    for edge in cycle:
        document = project.files.document(edge.path)
        yield Evidence(edge.path, edge.line, document.line_text(edge.line).strip())


def _plan(
    module: str | None,
    statement: ast.ImportFrom,
    used: dict[ast.alias, Uses],
    patches: list[Patch],
) -> Plan:
    assert module is not None
    moved = []
    for alias, uses in used.items():
        functions = tuple(NodeReference.of(each) for each in uses.functions)
        if functions:
            moved.append(Moved(module, alias.name, alias.asname, functions))
        if uses.annotations:
            moved.append(Moved(module, alias.name, alias.asname, ()))
    return Plan(NodeReference.of(statement), tuple(moved), tuple(patches))
