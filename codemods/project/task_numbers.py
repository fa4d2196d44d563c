"""The numbers that a task's options give: written there, reckoned from such, or a name's."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from djfix.codemods.project.facts import ExpressionFacts
    from djfix.codemods.project.project import Project
    from djfix.codemods.project.task_values import Task

Number = int | float

_OPERATIONS = {"+": operator.add, "-": operator.sub, "*": operator.mul}


def number_of(project: Project, task: Task, name: str) -> Number | None:
    """The number of an option; None if it is not set, or cannot be read."""
    option = task.option(name)
    return None if option is None else _value(project, option.path, option.value, 0)


def _value(project: Project, path: str, value: ExpressionFacts, depth: int) -> Number | None:
    if value.kind == "constant":
        constant = value.value
        if isinstance(constant, bool) or not isinstance(constant, int | float):
            return None
        return constant
    if value.kind == "binary" and value.name in _OPERATIONS and len(value.items) == 2:
        left, right = (_value(project, path, each, depth) for each in value.items)
        both = left is not None and right is not None
        return _OPERATIONS[value.name](left, right) if both else None
    if value.kind == "name" and depth < 3:
        return _named(project, path, value, depth)
    return None


def _named(project: Project, path: str, value: ExpressionFacts, depth: int) -> Number | None:
    """A constant of a module of the project that is assigned once."""
    name = project.resolve(path, value.name, line=value.line)
    module, _, variable = (name or "").rpartition(".")
    where = project.path_of(module)
    assigned = None if where is None else project.value_of(where, variable)
    if where is None or assigned is None:
        return None
    return _value(project, where, assigned, depth + 1)
