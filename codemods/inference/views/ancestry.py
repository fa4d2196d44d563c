"""What a view class inherits, also where one of its bases is unknown."""

from __future__ import annotations

from dataclasses import dataclass

from djfix.codemods.project.classes import ClassInfo, MethodInfo
from djfix.codemods.project.facts import AssignmentFacts
from djfix.codemods.project.known_order import known_order
from djfix.codemods.project.project import Project

GENERIC = "rest_framework.generics.GenericAPIView"
VIEWSET = "rest_framework.viewsets.ViewSetMixin"
API_VIEW = "rest_framework.views.APIView"


@dataclass(frozen=True, slots=True)
class Member:
    """What a class's own body binds a name to: a method, or an assignment of the project's code.

    Both are None where a known class has it.
    """

    cls: ClassInfo
    method: MethodInfo | None = None
    assignment: AssignmentFacts | None = None

    @property
    def is_own(self) -> bool:
        """Whether the project's code defines it."""
        return self.cls.path is not None


def ancestors(project: Project, dotted: str) -> tuple[str, ...]:
    """The method resolution order, as far as it is known."""
    return known_order(project, dotted)


def member(project: Project, dotted: str, name: str, after: str | None = None) -> Member | None:
    """The nearest definition of a name; with `after`, what `super()` in that class finds."""
    order = ancestors(project, dotted)
    start = order.index(after) + 1 if after in order else 0
    for each in order[start:]:
        info = project.class_named(each)
        if info is not None and info.defines(name):
            return _of(info, name)
    return None


def _of(info: ClassInfo, name: str) -> Member:
    if info.facts is None:
        return Member(info)
    method = info.facts.method(name)
    if method is not None:
        return Member(info, MethodInfo(info.name, name, info.path, method.line, method))
    return Member(info, assignment=info.facts.assignment(name))


def is_view(project: Project, dotted: str) -> bool:
    """Whether a class is REST framework's view (known ancestors count)."""
    return API_VIEW in ancestors(project, dotted)
