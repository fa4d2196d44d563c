"""The order in which a class's names are looked up, where some of its bases cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

_NONE: Mapping[str, str] = MappingProxyType({})


def known_order(
    project: Project, dotted: str, stand_ins: Mapping[str, str] = _NONE
) -> tuple[str, ...]:
    """The MRO; with unknown bases, the class and its known ancestors, each behind all that extend
    it, which is what Python makes of mixins and one base.

    `stand_ins`: classes of libraries that change nothing, and the known class that each extends.
    """
    order = project.mro(dotted)
    if order is not None:
        return order
    found: list[str] = []
    seen: set[str] = set()
    waiting = [(dotted, False)]
    while waiting:
        name, is_done = waiting.pop()
        if is_done:
            found.append(name)
            continue
        info = project.class_named(stand_ins.get(name) or name)
        if info is not None and info.name not in seen:
            seen.add(info.name)
            waiting.append((info.name, True))
            waiting.extend((base, False) for base in info.bases)
    return tuple(reversed(found))


def unknown_bases(
    project: Project, order: tuple[str, ...], stand_ins: Mapping[str, str] = _NONE
) -> tuple[str, ...]:
    """The bases of the project's classes of this order that are neither known nor stood in for."""
    found: dict[str, None] = {}
    for name in order:
        info = project.class_named(name)
        if info is not None and info.path is not None:
            found.update(dict.fromkeys(info.unresolved))
            missing = [each for each in info.bases if project.class_named(each) is None]
            found.update(dict.fromkeys(missing))
    return tuple(each for each in found if each not in stand_ins)
