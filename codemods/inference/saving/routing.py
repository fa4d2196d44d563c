"""Whether rows are read from the database that they are written to.

A save of all columns makes the row where the other database lacks it; one of some columns fails
there (`DatabaseError`). https://docs.djangoproject.com/en/stable/topics/db/multi-db/
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.flow.scopes import parameters_of
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.project.models import Model
    from djfix.codemods.project.project import Project

_NOTHING, _APP, _MORE = "nothing", "app", "more"
_READING, _WRITING = "db_for_read", "db_for_write"


class Routing:
    """What the project's routers say; `project.shared(Routing)` keeps one.

    `differing`: one that may read a row elsewhere than it writes it; "" for none.
    """

    def __init__(self, project: Project) -> None:
        routers = _routers(project)
        self.differing = next((each for each in routers if _differs(project, each)), "")
        self._choosing = {
            each: kind for each in routers if (kind := _chooses_by(project, each)) != _NOTHING
        }

    def between(self, source: Model, target: Model) -> str:
        """The router that may read rows of these two models from two databases; "" for none."""
        is_same = source.label.partition(".")[0] == target.label.partition(".")[0]
        found = (name for name, kind in self._choosing.items() if kind != _APP or not is_same)
        return next(found, "")


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


def _chooses_by(project: Project, router: str) -> str:
    """By what a router says where a row is read: by nothing, by the app of its model, or by more:
    the model itself, or the object that leads to it."""
    method = project.method(router, _READING)
    if project.class_named(router) is None or project.mro(router) is None:
        return _MORE
    if method is None or method.path is None:
        return _NOTHING
    function = project.files.document(method.path).function_at(method.line)
    if function is None:
        return _MORE
    given = {*parameters_of(function)} - {each.arg for each in function.args.args[:1]}
    nodes = list(walk(function))
    by_app = {id(each) for node in nodes for each in _asked_for_app(node)}
    names = [node for node in nodes if isinstance(node, ast.Name) and node.id in given]
    if any(id(each) not in by_app for each in names):
        return _MORE
    return _APP if names else _NOTHING


def _asked_for_app(node: ast.AST) -> Iterator[ast.expr]:
    """The model whose `_meta.app_label` is read."""
    match node:
        case ast.Attribute(attr="app_label", value=ast.Attribute(attr="_meta", value=model)):
            yield model


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
