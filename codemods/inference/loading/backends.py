"""The classes that a view has its rows filtered and paged by: its own, or those of the settings."""

from __future__ import annotations

import ast

from djfix.codemods.inference.loading.memory import Memory
from djfix.codemods.inference.loading.views import assigned
from djfix.codemods.project.project import Project

_BACKENDS_SETTING = "DEFAULT_FILTER_BACKENDS"


def backends_of(project: Project, view: str) -> tuple[str, ...]:
    """The filter backends of a view: its own `filter_backends`, else those of the settings."""
    return _listed(project, view, "filter_backends", _BACKENDS_SETTING)


def permissions_of(project: Project, view: str) -> tuple[str, ...]:
    """The permission classes of a view: its own, else those of the settings."""
    return _listed(project, view, "permission_classes", "DEFAULT_PERMISSION_CLASSES")


def _listed(project: Project, view: str, name: str, setting: str) -> tuple[str, ...]:
    memory = project.shared(Memory)
    own = assigned(memory, view, name)
    if own is None:
        return _of_settings(project, setting)
    if not isinstance(own.value, ast.List | ast.Tuple):
        return ()
    document = memory.document(own.path)
    if document is None:
        return ()
    inference = memory.inference(document, None)
    found = [inference.resolve(each) for each in own.value.elts]
    return tuple(each for each in found if each is not None)


def paginations_of(project: Project, view: str) -> tuple[str, ...]:
    """The pagination class of a view: its own, else that of the settings."""
    memory = project.shared(Memory)
    own = assigned(memory, view, "pagination_class")
    if own is None:
        value = project.settings.entry("REST_FRAMEWORK", "DEFAULT_PAGINATION_CLASS")
        constants = value.constants if value is not None else ()
        return tuple(each for each in constants if isinstance(each, str))
    document = memory.document(own.path)
    inference = memory.inference(document, None) if document is not None else None
    found = inference.resolve(own.value) if inference is not None else None
    return (found,) if found is not None else ()


def _of_settings(project: Project, setting: str) -> tuple[str, ...]:
    """Those of any settings module that the project may run with."""
    value = project.settings.entry("REST_FRAMEWORK", setting)
    return value.texts if value is not None else ()
