"""The bases of a serializer: its order of classes, and libraries' bases that change nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

DRF = "rest_framework.serializers."

_HARMLESS = {
    # They only write: neither the set of fields nor rendering changes.
    "drf_writable_nested.WritableNestedModelSerializer": DRF + "ModelSerializer",
    "drf_writable_nested.serializers.WritableNestedModelSerializer": DRF + "ModelSerializer",
    "drf_writable_nested.NestedCreateMixin": "",
    "drf_writable_nested.NestedUpdateMixin": "",
    "drf_writable_nested.UniqueFieldsMixin": "",
    "drf_writable_nested.mixins.NestedCreateMixin": "",
    "drf_writable_nested.mixins.NestedUpdateMixin": "",
    "drf_writable_nested.mixins.UniqueFieldsMixin": "",
    # It maps I18nCharField to a field that renders the value as it is.
    "i18nfield.rest_framework.I18nAwareModelSerializer": DRF + "ModelSerializer",
    "taggit.serializers.TaggitSerializer": "",
}
"""Bases from libraries that leave rendering and the fields alone, and the DRF class they are."""


def serializer_order(project: Project, dotted: str) -> tuple[str, ...]:
    """The MRO; where a base is unknown, its known ancestors, depth first."""
    order = project.mro(dotted)
    if order is not None:
        return order
    found: dict[str, None] = {}
    waiting = [dotted]
    while waiting:
        name = waiting.pop()
        stand_in = _HARMLESS.get(name)
        info = project.class_named(stand_in or name)
        if info is None or info.name in found:
            continue
        found[info.name] = None
        waiting.extend(reversed(info.bases))
    return tuple(found)


def collects_fields(project: Project, dotted: str) -> bool:
    """Whether the class keeps its declared fields for those that extend it: its metaclass does."""
    order = serializer_order(project, dotted)
    return DRF + "BaseSerializer" in order or any(_names_metaclass(project, name) for name in order)


def _names_metaclass(project: Project, dotted: str) -> bool:
    info = project.class_named(dotted)
    if info is None or info.facts is None or info.path is None:
        return False
    named = [value.name for key, value in info.facts.keywords if key == "metaclass"]
    wanted = DRF + "SerializerMetaclass"
    return any(project.resolve(info.path, name, line=info.line) == wanted for name in named)


def unknown_serializer_bases(project: Project, order: tuple[str, ...]) -> tuple[str, ...]:
    """Bases of these classes that are neither known nor harmless."""
    found: dict[str, None] = {}
    for name in order:
        info = project.class_named(name)
        if info is not None and info.path is not None:
            found.update(dict.fromkeys(info.unresolved))
            missing = [each for each in info.bases if project.class_named(each) is None]
            found.update(dict.fromkeys(missing))
    return tuple(each for each in found if each not in _HARMLESS)
