"""A place for what cannot be moved soundly: the proposed signature, and what is to be moved."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason
from djfix.codemods.inference.extraction.annotations import Annotation, of_value
from djfix.codemods.inference.extraction.candidates import Candidate
from djfix.codemods.inference.extraction.edits import import_block
from djfix.codemods.inference.extraction.inputs import inputs_in
from djfix.codemods.inference.extraction.modules import Target
from djfix.codemods.inference.extraction.names import Needed, means_other
from djfix.codemods.inference.extraction.regions import Region
from djfix.codemods.inference.extraction.text import head_text
from djfix.codemods.inference.extraction.views import View
from djfix.codemods.inference.extraction.work import work_in
from djfix.codemods.rewriting.import_style import own_packages
from djfix.codemods.source.line_length import line_length
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees


@dataclass(frozen=True, slots=True)
class Stub:
    """A function that is still to be written. `imports` are for its annotations."""

    target: Target
    text: str
    imports: tuple[Needed, ...]


def stub_of(
    candidate: Candidate, name: str, target: Target, why: tuple[Reason, ...]
) -> Stub | None:
    """The stub for a view, None where it is there already."""
    view = candidate.view
    project = view.project
    if target.exists and _title(view) in project.files.document(target.path).text:
        return None
    statements = list(_working(view))
    parameters = dict(_parameters(view, statements))
    unit = view.document.indentation
    width = line_length(project.files, view.document.path)
    shown = [f"{each}: {found.text}" for each, found in parameters.items()]
    lines = [head_text(name, shown, "None", unit, width), f'{unit}"""{_title(view)}', ""]
    lines += _listed("To be moved here:", _sources(view, statements), unit, width)
    lines += _listed("In the way:", [str(each) for each in why], unit, width)
    lines.pop()
    lines += [f'{unit}"""', f"{unit}raise NotImplementedError"]
    needed = {one for found in parameters.values() for one in found.imports}
    if any(target.exists and means_other(project, target, each.bound, each) for each in needed):
        return None
    return Stub(target, "\n".join(lines) + "\n", tuple(sorted(needed)))


def _title(view: View) -> str:
    return f"Stub for {view.symbol}."


def _working(view: View) -> Iterator[ast.stmt]:
    for statement in view.function.body:
        if any(True for _ in work_in(view, [statement])):
            yield statement


def _parameters(view: View, statements: list[ast.stmt]) -> Iterator[tuple[str, Annotation]]:
    """What the working statements read, and other statements or the request give."""
    flow = view.inference.flow
    inside = {node for each in statements for node in walk(each)}
    region = Region(view, view.function.body, 0, len(view.function.body))
    barred = {view.own, view.request, *view.filled}
    read = list(inputs_in(view, statements))
    taken = {node for each in read for node in walk(each.node)}
    for each in read:
        yield each.name, of_value(region, view.inference.value(each.node))
    for node in sorted(inside - taken, key=lambda each: getattr(each, "lineno", 0)):
        if not isinstance(node, ast.Name) or node.id in barred or not flow.is_local(node.id):
            continue
        try:
            bound = flow.reaching(node.id, node)
        except LookupError:
            continue
        if any(one.kind not in ("inner", "unbound") and one.node not in inside for one in bound):
            yield node.id, of_value(region, view.inference.value(node))


def _sources(view: View, statements: list[ast.stmt]) -> list[str]:
    found = [each.node for each in work_in(view, statements)]
    texts = [" ".join(view.document.segment(node).split()) for node in found]
    return [textwrap.shorten(text, 60, placeholder=" ...") for text in dict.fromkeys(texts)]


def _listed(title: str, rows: list[str], unit: str, width: int) -> Iterator[str]:
    yield f"{unit}{title}"
    for row in rows:
        text = row.replace("\\", " ").replace('"""', "'''")
        yield from textwrap.wrap(
            f"- {text}", min(width, 100), initial_indent=unit, subsequent_indent=f"{unit}  "
        )
    yield ""


def stub_edits(stub: Stub, trees: Trees) -> Iterator[Edit]:
    """The new function at the end of its module, which is made if there is none."""
    from djfix.codemods.rewriting.edits import AddImport, AppendToFile, CreateFile

    path = stub.target.path
    if not trees.files.exists(path):
        head = import_block(stub.imports, own_packages(trees.files))
        yield CreateFile(path, f"{head}\n\n\n{stub.text}" if head else stub.text)
        return
    for each in stub.imports:
        yield AddImport(path, each.module, each.name)
    space = "\n\n" if trees.files.document(path).text.strip() else ""
    yield AppendToFile(path, f"{space}{stub.text}")
