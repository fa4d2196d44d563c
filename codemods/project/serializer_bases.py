"""The bases of a serializer: its order of classes, and libraries' bases that change nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djfix.codemods.project.known_order import known_order, unknown_bases

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
    """The MRO, as far as it is known."""
    return known_order(project, dotted, _HARMLESS)


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
    return unknown_bases(project, order, _HARMLESS)
