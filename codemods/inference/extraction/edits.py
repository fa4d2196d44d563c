"""From a plan to edits: the new module, the view, its imports, and the tests that patch names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from djfix.codemods.inference.extraction.assembling import Plan
from djfix.codemods.inference.extraction.designing import import_line
from djfix.codemods.inference.extraction.names import Needed
from djfix.codemods.rewriting.import_removal import without_import
from djfix.codemods.rewriting.import_style import order, own_packages, section

if TYPE_CHECKING:
    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees
    from djfix.codemods.source.document import Document


def edits_of(plan: Plan, trees: Trees) -> Iterator[Edit]:
    """All edits of one extraction."""
    from djfix.codemods.rewriting.edits import AddImport, ReplaceText

    document = trees.files.document(plan.path)
    text = plan.view_text.replace("\n", document.newline)
    yield ReplaceText(plan.path, plan.span, text)
    for span, replacement in plan.staying:
        yield ReplaceText(plan.path, span, replacement.replace("\n", document.newline))
    for each in plan.view_imports:
        yield AddImport(plan.path, each.module, each.name)
    yield from _view_imports(plan)
    yield from _module_edits(plan, trees)
    for path, span, replacement in plan.patches.edits:
        yield ReplaceText(path, span, replacement)
    for name in plan.patches.dropped:
        yield from _dropped(document, name)


def _view_imports(plan: Plan) -> Iterator[Edit]:
    from djfix.codemods.rewriting.edits import AddImport

    if plan.through:
        package, _, name = plan.target.module.rpartition(".")
        yield AddImport(plan.path, package or name, name if package else "")
        return
    for name in plan.view_names:
        yield AddImport(plan.path, plan.target.module, name)


def _module_edits(plan: Plan, trees: Trees) -> Iterator[Edit]:
    from djfix.codemods.rewriting.edits import AddImport, AppendToFile, CreateFile

    path = plan.target.path
    if not trees.files.exists(path):
        yield CreateFile(path, _new_module(plan, trees))
        return
    document = trees.files.document(path)
    missing = [each for each in plan.copied if each not in document.text]
    wanted = plan.imports if missing or not plan.copied else _without_copied(plan)
    for each in wanted:
        alias = each.bound if each.bound not in {each.name, ""} and each.name else None
        if not each.module:
            yield AddImport(path, each.name, "", alias)
        else:
            yield AddImport(path, each.module, each.name, alias)
    copied = "".join(f"\n{each}\n" for each in missing)
    space = "\n\n" if document.text.strip() else ""
    yield AppendToFile(path, f"{copied}{space}{plan.module_text}")


def _without_copied(plan: Plan) -> list[Needed]:
    """The imports without those that only served statements which are there already."""
    words = set(re.findall(r"\w+", plan.module_text))
    return [each for each in plan.imports if (each.bound or each.module) in words]


def _new_module(plan: Plan, trees: Trees) -> str:
    """A whole file: imports in the order of isort, then what is copied, then the code."""
    head = import_block(_spelled(plan), own_packages(trees.files))
    copied = "\n".join(plan.copied)
    head = "\n\n".join(part for part in (head, copied) if part)
    return f"{head}\n\n\n{plan.module_text}" if head else plan.module_text


def import_block(imports: Iterable[Needed], own: frozenset[str]) -> str:
    """The import statements of a new file, in sections. `own`: the project's packages."""
    groups: dict[int, list[str]] = {}
    for level, line in _import_lines(imports, own):
        groups.setdefault(level, []).append(line)
    return "\n\n".join("\n".join(sorted(groups[each], key=_order)) for each in sorted(groups))


def _spelled(plan: Plan) -> list[Needed]:
    """The imports, relative where the views of the same package have them so."""
    if plan.path.rpartition("/")[0] != plan.target.path.rpartition("/")[0]:
        return list(plan.imports)
    relative = {each.module: each.spelled for each in plan.imports if each.spelled.startswith(".")}
    return [replace(each, module=relative.get(each.module, each.module)) for each in plan.imports]


def _order(line: str) -> tuple[int, str]:
    return (0 if line.startswith("import ") else 1, line.split()[1].lower())


def _import_lines(imports: Iterable[Needed], own: frozenset[str]) -> Iterator[tuple[int, str]]:
    """One statement for all names of a module; (section of isort, text)."""
    names: dict[str, list[str]] = {}
    for each in imports:
        if not each.name or not each.module:
            module = each.module or each.name
            yield section(module, int(module.startswith(".")), own), import_line(each)
            continue
        alias = f" as {each.bound}" if each.bound != each.name else ""
        names.setdefault(each.module, []).append(f"{each.name}{alias}")
    for module, found in names.items():
        ordered = sorted(set(found), key=order)
        line = f"from {module} import {', '.join(ordered)}"
        if len(line) > 88:
            rows = "".join(f"    {name},\n" for name in ordered)
            line = f"from {module} import (\n{rows})"
        yield section(module, int(module.startswith(".")), own), line


def _dropped(document: Document, name: str) -> Iterator[Edit]:
    """The removal of one import of the view's file."""
    import ast

    from djfix.codemods.rewriting.difference import text_edits
    from djfix.codemods.rewriting.edits import ReplaceText

    for statement in document.tree.body:
        if not isinstance(statement, ast.Import | ast.ImportFrom):
            continue
        for alias in statement.names:
            if (alias.asname or alias.name) == name:
                text = without_import(document, statement, alias)
                for each in text_edits(document.path, document.text, text):
                    assert each.span is not None
                    yield ReplaceText(document.path, each.span, each.replacement)
                return
