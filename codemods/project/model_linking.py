"""Models linked: from class facts to `Model`, step by step as `ModelBase.__new__` does it.

https://github.com/django/django/blob/stable/5.2.x/django/db/models/base.py
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from djfix.codemods.project.class_order import spelled
from djfix.codemods.project.classes import Classes, ClassInfo
from djfix.codemods.project.facts import ExpressionFacts
from djfix.codemods.project.field_classes import FIELD
from djfix.codemods.project.made_fields import Declaration, automatic_key, order_field, parent_link
from djfix.codemods.project.managers import AUTOMATIC, BASE
from djfix.codemods.project.members import class_attributes, methods_of, overrides_of, properties_of
from djfix.codemods.project.meta import MODEL, Options
from djfix.codemods.project.model_layers import Layer, Surroundings, layer_of
from djfix.codemods.project.model_managers import (
    base_manager_name,
    default_manager_name,
    managers_of_model,
    next_model,
)
from djfix.codemods.project.models import Field, Model, ReverseRelation
from djfix.codemods.project.relations import linked_relation

MODEL_BASE = "django.db.models.base.ModelBase"


@dataclass
class ModelLinker:
    """Makes models. Remembers layers and local fields, which depend on the class alone."""

    around: Surroundings
    _layers: dict[str, Layer] = field(default_factory=dict)
    _local: dict[str, dict[str, Declaration]] = field(default_factory=dict)

    def link(self, info: ClassInfo) -> Model | None:
        """The model that a class is; None if it is none, as far as its bases are known."""
        order = self.around.classes.ancestors(info.name)
        if MODEL not in order or info.name == MODEL:
            return None
        layer = self.layer(info)
        fields = self._all_fields(info.name)
        linked = {name: self._linked(each) for name, each in fields.items()}
        return self._model(layer, self._app_label(layer), order, linked)

    def layer(self, info: ClassInfo) -> Layer:
        """What the class contributes by its own body."""
        if info.name not in self._layers:
            self._layers[info.name] = layer_of(self.around, info)
        return self._layers[info.name]

    def concrete_parents(self, name: str) -> tuple[str, ...]:
        """The concrete models that a model extends or stands for, in the order of its bases."""
        found: dict[str, None] = {}
        for base in self._model_bases(name):
            if base.abstract:
                found.update(dict.fromkeys(self.concrete_parents(base.info.name)))
            else:
                found[base.info.name] = None
        return tuple(found)

    def concrete(self, name: str) -> str:
        """The model whose table a model uses: itself, or what a proxy stands for."""
        seen: set[str] = set()
        while name not in seen and self._named_layer(name).proxy:
            seen.add(name)
            name = next(iter(self.concrete_parents(name)), name)
        return name

    # -- layers ---------------------------------------------------------------------------------

    def _named_layer(self, name: str) -> Layer:
        info = self.around.classes.class_named(name)
        assert info is not None
        return self.layer(info)

    def _model_bases(self, name: str) -> list[Layer]:
        """The direct bases that are models."""
        info = self.around.classes.class_named(name)
        found = []
        for base in info.bases if info is not None else ():
            base_info = self.around.classes.class_named(base)
            if base_info is None or base_info.name == MODEL:
                continue
            if MODEL in self.around.classes.ancestors(base_info.name):
                found.append(self.layer(base_info))
        return found

    # -- fields ---------------------------------------------------------------------------------

    def _all_fields(self, name: str) -> dict[str, Declaration]:
        """Fields of parents first, then the model's own, the primary key included."""
        layer = self._named_layer(name)
        found: dict[str, Declaration] = {}
        for parent in self.concrete_parents(name):
            for each, declaration in self._all_fields(parent).items():
                found.setdefault(each, _inherited(declaration, name))
        if not layer.proxy:
            found |= self._keyed(layer, self._local_fields(name))
            if layer.options.text("order_with_respect_to") and not layer.abstract:
                found["_order"] = Declaration(order_field(name))
        return found

    def _local_fields(self, name: str) -> dict[str, Declaration]:
        """The fields of the class's own table: declared, or copied from abstract bases."""
        if name not in self._local:
            self._local[name] = self._collect_local(name)
        return self._local[name]

    def _collect_local(self, name: str) -> dict[str, Declaration]:
        layer = self._named_layer(name)
        if layer.proxy:
            return {}
        bases = {each.info.name: each for each in self._model_bases(name)}
        own = {each: _of_model(name, given) for each, given in layer.fields.items()}
        taken = set(layer.info.binds())
        copied: list[dict[str, Declaration]] = []
        for each in self.around.classes.ancestors(name):
            base = bases.get(each)
            if base is None:
                info = self.around.classes.class_named(each)
                taken |= info.binds() if info is not None else set()
            elif base.abstract:
                fresh = {
                    key: _of_model(name, given)
                    for key, given in self._local_fields(each).items()
                    if key not in taken and key not in own
                }
                copied.append(fresh)
                taken |= fresh.keys()
            else:
                taken |= self._local_fields(each).keys()
        result: dict[str, Declaration] = {}
        for fresh in reversed(copied):
            result |= fresh
        return result | own

    def _keyed(self, layer: Layer, local: Mapping[str, Declaration]) -> dict[str, Declaration]:
        """With the parent links and the automatic primary key that Django adds."""
        name = layer.info.name
        if layer.abstract:
            return dict(local)
        result: dict[str, Declaration] = {}
        has_key = any(each.field.primary_key for each in local.values())
        for parent in self.concrete_parents(name):
            own = self._own_link(local, parent)
            link = own or Declaration(parent_link(name, parent, parent.rpartition(".")[2]))
            if not has_key:
                has_key = True
                link = replace(link, field=replace(link.field, primary_key=True, unique=True))
            result[link.field.name] = link
        if not has_key:
            key_class = self.around.automatic_key_class(layer.info)
            order = self.around.classes.ancestors(key_class) or (FIELD,)
            key = automatic_key(name, key_class, order, is_own=key_class.startswith("django."))
            result["id"] = Declaration(key)
        return {**{each: result[each] for each in result if each not in local}, **local, **result}

    def _own_link(self, local: Mapping[str, Declaration], parent: str) -> Declaration | None:
        """A declared one-to-one that links to a parent."""
        for declaration in local.values():
            relation = declaration.field.relation
            if relation is None or relation.kind != "one-to-one" or not relation.parent_link:
                continue
            linked = self._linked(declaration)
            if linked.relation is not None and linked.relation.target in {parent, None}:
                return declaration
        return None

    def _linked(self, declaration: Declaration) -> Field:
        """The field with its relation resolved as the model whose table has it resolves it."""
        layer = self._named_layer(declaration.field.model)
        return linked_relation(self.around, declaration, self._app_label(layer), layer.options)

    # -- the rest -------------------------------------------------------------------------------

    def _app_label(self, layer: Layer) -> str:
        return layer.options.text("app_label") or self.around.app_label(layer.info)

    def _ordering(self, layer: Layer) -> tuple[str, ...]:
        """A concrete model without its own inherits the ordering of its first concrete parent."""
        if layer.options.text("order_with_respect_to"):
            return ("_order",)
        if "ordering" in layer.options.values or layer.abstract:
            return layer.options.names("ordering")
        known = layer.info.known.model if layer.info.known is not None else None
        if known is not None and known.ordering:
            return known.ordering
        parent = next_model(self, self.around.classes.ancestors(layer.info.name))
        if parent is None or self._named_layer(parent).abstract:
            return ()
        return self._ordering(self._named_layer(parent))

    def _model(
        self, layer: Layer, app_label: str, order: tuple[str, ...], fields: dict[str, Field]
    ) -> Model:
        info = layer.info
        options = layer.options
        known = info.known.model if info.known is not None else None
        managers = managers_of_model(self, order)
        default_name = default_manager_name(self, order)
        base_name = base_manager_name(self, order)
        label = known.label if known is not None and known.label else None
        around, name = self.around, info.name

        def reverse() -> Mapping[str, ReverseRelation]:
            return around.reverse_relations(name)

        first = next(iter(managers.values()), AUTOMATIC)
        return Model(
            name=info.name,
            label=label or f"{app_label}.{info.name.rpartition('.')[2]}",
            path=info.path,
            line=info.line,
            abstract=layer.abstract,
            proxy=layer.proxy,
            managed=known.managed if known is not None else options.flag("managed", True),
            swappable=known.swappable if known is not None else options.text("swappable"),
            ancestors=order,
            parents=self.concrete_parents(info.name),
            fields=MappingProxyType(fields),
            managers=MappingProxyType(managers),
            default_manager=managers.get(default_name or "", first),
            base_manager=managers.get(base_name, BASE) if base_name else BASE,
            default_manager_name=default_name,
            base_manager_name=base_name,
            ordering=self._ordering(layer),
            unique_together=_unique_together(options),
            constraints=_items(options, "constraints"),
            meta=MappingProxyType(dict(options.values)),
            properties=MappingProxyType(properties_of(self.around, order)),
            methods=MappingProxyType(methods_of(self.around, order)),
            overrides=MappingProxyType(overrides_of(self.around, order)),
            decorators=_decorators(self.around.classes, info),
            class_attributes=MappingProxyType(
                class_attributes(self.around, order, fields, managers)
            ),
            unknown_attributes=self._unknown_attributes(order),
            unknown_bases=self.around.classes.unknown_bases(info.name),
            metaclass=_metaclass(self.around.classes, order),
            _reverse_named=lambda accessor: around.reverse_named(name, accessor),
            _reverse=reverse,
        )

    def _unknown_attributes(self, order: Iterable[str]) -> frozenset[str]:
        found: set[str] = set()
        for name in order:
            info = self.around.classes.class_named(name)
            found |= self.around.additions(name)
            if info is not None and info.facts is not None and info.facts.is_open:
                found.add("*")
        return frozenset(found)


def _inherited(declaration: Declaration, cls: str) -> Declaration:
    """A parent's field as its child has it: fields without a column are made anew for the child."""
    if declaration.kind not in {"generic", "generic-foreign-key"}:
        return declaration
    return _of_model(cls, declaration)


def _of_model(cls: str, declaration: Declaration) -> Declaration:
    """A field as one of this model."""
    if declaration.field.model == cls:
        return declaration
    return replace(declaration, field=replace(declaration.field, model=cls))


def _items(options: Options, name: str) -> tuple[ExpressionFacts, ...]:
    value = options.values.get(name)
    return value.items if value is not None and value.kind in {"list", "tuple"} else ()


def _unique_together(options: Options) -> tuple[tuple[str, ...], ...]:
    items = _items(options, "unique_together")
    if items and all(each.string is not None for each in items):
        return (tuple(each.string or "" for each in items),)
    return tuple(tuple(each.string or "?" for each in inner.items) for inner in items)


def _decorators(classes: Classes, info: ClassInfo) -> tuple[str, ...]:
    """Canonical names of the class decorators; as spelled where they cannot be resolved."""
    found = []
    for each in info.facts.decorators if info.facts is not None else ():
        function = each.function if each.kind == "call" else each
        assert function is not None
        assert info.path is not None
        resolved = None
        if function.kind == "name":
            resolved = classes.names.resolve(info.path, function.name, (), info.line)
        found.append(resolved or spelled(function))
    return tuple(found)


def _metaclass(classes: Classes, order: Iterable[str]) -> str | None:
    """The nearest metaclass that a class of the project names, if it is not Django's own."""
    for name in order:
        info = classes.class_named(name)
        if info is None or info.facts is None or info.path is None:
            continue
        for key, value in info.facts.keywords:
            if key == "metaclass":
                resolved = classes.names.resolve(info.path, value.name, (), info.line)
                return None if resolved == MODEL_BASE else resolved or spelled(value)
        if any(
            base.kind == "call" and "with_metaclass" in spelled(base) for base in info.facts.bases
        ):
            return "with_metaclass"
    return None
