"""Modules that take all names of another (`import *`), and what a new name there would hide."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project


def meets_another(project: Project, path: str, name: str, meant: Collection[str]) -> str:
    """The first file that takes all names of this one and has another `name`, by any of the names
    `meant`; "" if there is none, or the name is there already."""
    facts = project.module(path)
    if facts is None or any(
        each.bound == name and not each.scope and not each.condition for each in facts.imports
    ):
        return ""
    users = dict.fromkeys(user for user, _ in project.importers(path, name))
    return next((user for user in users if _binds_another(project, user, name, meant)), "")


def _binds_another(project: Project, path: str, name: str, meant: Collection[str]) -> bool:
    facts = project.module(path)
    resolved = project.resolve(path, name)
    if facts is None or resolved is not None:
        return resolved not in meant
    bound = {each.bound for each in facts.imports if not each.scope}
    bound |= {each.target for each in facts.assignments}
    bound |= {each.name for each in facts.classes} | {each.name for each in facts.functions}
    return name in bound
