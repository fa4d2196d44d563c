"""Who else uses a name through the module that imports it: patches that move along, and others."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason, Span
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
    return Outside(tuple(dict.fromkeys(patches)), tuple(reasons))


def _patch(document: Document, line: int, wanted: str, target: str) -> Patch | None:
    for node in walk(document.tree):
        if not isinstance(node, ast.Constant) or node.lineno != line or node.value != wanted:
            continue
        segment = document.segment(node)
        if segment[1:-1] == wanted and segment[0] in "\"'":
            text = f"{segment[0]}{target}{segment[0]}"
            return Patch(document.path, document.span(node), text, target)
    return None
