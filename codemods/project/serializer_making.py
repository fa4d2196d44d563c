"""What is known of one serializer while it is put together, and what its classes assign."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason
from djfix.codemods.project.classes import ClassInfo
from djfix.codemods.project.facts import ExpressionFacts

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project


@dataclass
class Making:
    """What is known of one serializer while it is put together."""

    project: Project
    info: ClassInfo
    order: tuple[str, ...]
    unclear: dict[str, Reason] = field(default_factory=dict)

    def doubt(self, name: str, text: str) -> None:
        self.unclear.setdefault(name, Reason(name, text))


def own_attribute(making: Making, name: str) -> tuple[ClassInfo, ExpressionFacts | None] | None:
    """The nearest assignment of the project's classes to this name."""
    for each in making.order:
        info = making.project.class_named(each)
        if info is not None and info.facts is not None and name in info.binds():
            found = info.facts.assignment(name)
            return info, None if found is None else found.value
    return None


def class_attribute(making: Making, name: str, default: str) -> str | None:
    """The class that an attribute of the serializer names; `default` where nothing is assigned."""
    found = own_attribute(making, name)
    if found is None:
        return default
    info, value = found
    if value is None or value.kind != "name" or info.path is None:
        return None
    return making.project.resolve(info.path, value.name, info.qualname, line=value.line)
