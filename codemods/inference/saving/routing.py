"""Whether rows are read from the database that they are written to.

A save of all columns makes the row where the other database lacks it; one of some columns fails
there (`DatabaseError`). https://docs.djangoproject.com/en/stable/topics/db/multi-db/
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

_READING, _WRITING = "db_for_read", "db_for_write"


class Routing:
    """What the project's routers say; `project.shared(Routing)` keeps one."""

    def __init__(self, project: Project) -> None:
        self.differing = next((each for each in _routers(project) if _differs(project, each)), "")


def _routers(project: Project) -> list[str]:
    """The routers of the settings; one that cannot be read has no name."""
    settings = project.settings
    if settings.routers is False or not settings.modules or settings.installed_apps is None:
        # What is said of settings that cannot be read covers their routers.
        return []
    values = [value for _, value in settings.values("DATABASE_ROUTERS") if value is not None]
    found = [text for value in values for text in value.texts]
    is_whole = all(value.is_read and len(value.texts) == len(value.items or ()) for value in values)
    return found if is_whole and found else [*found, "a router that cannot be read"]


def _differs(project: Project, router: str) -> bool:
    """Whether a router may read a row elsewhere than it writes it."""
    info = project.class_named(router)
    if info is None or project.mro(router) is None:
        return True
    reading, writing = (_body(project, router, each) for each in (_READING, _WRITING))
    return reading != writing


def _body(project: Project, router: str, name: str) -> str | None:
    """What a method does, as text without its docstring; None where there is none."""
    info = project.class_named(router)
    assigned = info.facts.assignments if info is not None and info.facts is not None else ()
    other = next((each.value.name for each in assigned if each.target == name and each.value), name)
    method = project.method(router, other or name)
    if method is None or method.path is None:
        return None if method is None else name
    function = project.files.document(method.path).function_at(method.line)
    if function is None:
        return name
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return "\n".join(map(ast.unparse, body))
