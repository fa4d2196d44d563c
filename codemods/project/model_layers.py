"""What one model class of an MRO contributes by its own body: fields, managers, options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from djfix.codemods.project.classes import ClassInfo
from djfix.codemods.project.fields import Context, declared_field
from djfix.codemods.project.made_fields import Declaration, known_declaration
from djfix.codemods.project.managers import declared_manager, known_manager
from djfix.codemods.project.meta import Options, effective_options, is_abstract
from djfix.codemods.project.models import Manager, ReverseRelation
from djfix.codemods.project.relations import Around


class Surroundings(Context, Around, Protocol):
    """What linking models needs of the project."""

    def app_label(self, info: ClassInfo) -> str: ...
    def automatic_key_class(self, info: ClassInfo) -> str: ...
    def additions(self, cls: str) -> frozenset[str]: ...
    def reverse_relations(self, cls: str) -> Mapping[str, ReverseRelation]: ...
    def reverse_named(self, cls: str, accessor: str) -> ReverseRelation | None: ...


@dataclass(frozen=True, slots=True)
class Layer:
    """What one model class of an MRO contributes by its own body."""

    info: ClassInfo
    abstract: bool
    options: Options
    fields: Mapping[str, Declaration]
    managers: Mapping[str, Manager]

    @property
    def proxy(self) -> bool:
        known = self.info.known.model if self.info.known is not None else None
        return known.proxy if known is not None else self.options.flag("proxy", False)


def layer_of(around: Surroundings, info: ClassInfo) -> Layer:
    """What the class contributes by its own body."""
    return Layer(
        info=info,
        abstract=is_abstract(around, info),
        options=effective_options(around, info),
        fields=MappingProxyType(_declared_fields(around, info)),
        managers=MappingProxyType(_declared_managers(around, info)),
    )


def _declared_fields(around: Surroundings, info: ClassInfo) -> dict[str, Declaration]:
    known = info.known.model if info.known is not None else None
    if known is not None:
        return {
            name: known_declaration(info.name, each)
            for name, each in known.fields.items()
            if not (each.auto_created and each.primary_key)
        }
    found: dict[str, Declaration] = {}
    for assigned in info.facts.assignments if info.facts is not None else ():
        if info.path is None or assigned.value is None:
            continue
        declared = declared_field(around, info.name, info.path, assigned)
        found.pop(assigned.target, None)
        if declared is not None:
            found[assigned.target] = declared
    return found


def _declared_managers(around: Surroundings, info: ClassInfo) -> dict[str, Manager]:
    known = info.known.model if info.known is not None else None
    if known is not None:
        return {
            name: known_manager(around, info.name, name, each)
            for name, each in known.managers.items()
        }
    found: dict[str, Manager] = {}
    for assigned in info.facts.assignments if info.facts is not None else ():
        if info.path is None or assigned.value is None:
            continue
        found.pop(assigned.target, None)
        manager = declared_manager(around, info.name, info.path, assigned)
        if manager is not None:
            found[assigned.target] = manager
    return found
