"""The other side of relations: which models point to a model, and under which name.

An inverse question: the bytes of all files are searched for relation fields first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from djfix.codemods.project.classes import Classes, ClassInfo
from djfix.codemods.project.facts import ModuleFacts
from djfix.codemods.project.field_classes import RELATION_KINDS
from djfix.codemods.project.known.classes import known_class, known_models
from djfix.codemods.project.model_linking import ModelLinker
from djfix.codemods.project.models import Field, Model, ReverseRelation
from djfix.codemods.project.related_names import (
    classes_naming,
    is_plain_word,
    quoted_names,
)

RELATION_BYTES = (b"ForeignKey", b"OneToOne", b"ManyToMany", b"ParentalKey", b"GenericRelation")


_FILLED_IN = (b"%(class)", b"%(app_label)", b"default_related_name")
"""What stands in a file whose relations get their names from the classes that have them."""


@dataclass(frozen=True, slots=True)
class _Given:
    """A relation seen from the table at its other end; `is_link`: a child's link to its parent."""

    target: str
    reverse: ReverseRelation
    is_link: bool = False


@dataclass
class Reverse:
    """Remembers all relations of the project, by target."""

    classes: Classes
    linker: ModelLinker
    facts: Callable[[str], ModuleFacts | None]
    model: Callable[[str], Model | None]
    containing: Callable[..., Sequence[str]]
    read: Callable[[str], bytes]
    files_defining: Callable[[str], Sequence[str]]
    holds_only_migrations: Callable[[str], bool]
    is_installed: Callable[[str], bool]
    user_model: Callable[[], str | None]
    _by_target: dict[str, list[tuple[Model, Field]]] | None = None
    _found: dict[str, Mapping[str, ReverseRelation]] = field(default_factory=dict)
    _files_found: frozenset[str] | None = None
    _migrations: dict[str, bool] = field(default_factory=dict)
    _by_accessor: dict[str, tuple[_Given, ...]] = field(default_factory=dict)
    _by_model: dict[str, tuple[_Given, ...]] = field(default_factory=dict)
    _always: dict[str, list[_Given]] | None = None
    _quoting: dict[bytes, list[str]] | None = None

    def of(self, name: str) -> Mapping[str, ReverseRelation]:
        """Accessor -> relation of a model, those of the models that it extends too."""
        if name not in self._found:
            found: dict[str, ReverseRelation] = {}
            own, *parents = self._tables(name)
            for reverse in [*self._children(own), *self._onto(own, is_own=True)]:
                found.setdefault(reverse.accessor, reverse)
            for each in parents:
                for reverse in self._onto(each, is_own=False):
                    found.setdefault(reverse.accessor, reverse)
            self._found[name] = dict(sorted(found.items()))
        return self._found[name]

    def named(self, name: str, accessor: str) -> ReverseRelation | None:
        """As `of(name).get(accessor)`, from the files alone that can give a relation this name."""
        if name in self._found:
            return self._found[name].get(accessor)
        tables = list(dict.fromkeys(self._tables(name)))
        found = [
            (tables.index(each.target), each.reverse)
            for each in self._giving(accessor)
            if each.target in tables and not (each.is_link and each.target != tables[0])
        ]
        return min(found, key=lambda each: each[0])[1] if found else None

    def _giving(self, accessor: str) -> tuple[_Given, ...]:
        """The relations of any models that go by this name at the other end, by their models."""
        if accessor not in self._by_accessor:
            given = [
                each
                for model in self._models_of(self._classes_naming(accessor))
                for each in self._from(model)
                if each.reverse.accessor == accessor
            ]
            given += self._filled_in().get(accessor, ())
            ordered = sorted(dict.fromkeys(given), key=lambda each: each.reverse.model)
            self._by_accessor[accessor] = tuple(ordered)
        return self._by_accessor[accessor]

    def _filled_in(self) -> Mapping[str, list[_Given]]:
        """By accessor: relations of known models, and of files whose names are filled in later."""
        if self._always is None:
            paths = self.containing(*_FILLED_IN, among=self._with_relations())
            models = list(self._models_in(paths))
            known = [self.model(name) for name in self._known()]
            models += [each for each in known if each and not each.abstract and not each.proxy]
            self._always = {}
            for model in models:
                for each in self._from(model):
                    self._always.setdefault(each.reverse.accessor, []).append(each)
        return self._always

    def _from(self, model: Model) -> tuple[_Given, ...]:
        """The relations that a model adds, as they are seen from the other end."""
        if model.name not in self._by_model:
            self._by_model[model.name] = tuple(self._read_from(model))
        return self._by_model[model.name]

    def _read_from(self, model: Model) -> Iterator[_Given]:
        for each in model.fields.values():
            relation = each.relation
            if relation is None or relation.target is None or each.model != model.name:
                continue
            target = self.linker.concrete(relation.target)
            if each.auto_created:
                own = model.object_name.lower()
                if relation.parent_link:
                    link = ReverseRelation(own, model.name, each.name, "one-to-one", own)
                    yield _Given(target, link, is_link=True)
            elif relation.accessor is not None:
                query = relation.query_name or relation.accessor
                accessor = relation.accessor
                reverse = ReverseRelation(accessor, model.name, each.name, relation.kind, query)
                yield _Given(target, reverse, relation.parent_link)

    def _classes_naming(self, accessor: str) -> Iterator[str]:
        """The classes whose relations may go by this name at the other end.

        A name comes from `related_name`, written out or with the class's name in it, from the
        model's `default_related_name`, or from the class: `order_set`, and `order` of a one-to-one.
        """
        own = accessor.removesuffix("_set").lower()
        for info in self._classes_in(self.files_defining(own)):
            if info.name.rpartition(".")[2].lower() == own:
                yield info.name
        for path in self._defining(self._paths_quoting(accessor)):
            facts = self.facts(path)
            if facts is not None:
                naming = classes_naming(facts, accessor)
                yield from (
                    info.name
                    for info in self.classes.in_file(path)
                    if naming is None or info.facts is None or info.qualname in naming
                )

    def _paths_quoting(self, accessor: str) -> Sequence[str]:
        """The files with relations that hold a name in quotes; migrations are none of them."""
        if self._quoting is None:
            self._quoting = {}
            for path in self._defining(self._with_relations()):
                for name in quoted_names(self._bytes(path)):
                    self._quoting.setdefault(name, []).append(path)
        if is_plain_word(accessor):
            return self._quoting.get(accessor.encode(), ())
        needles = (quote + accessor.encode() + quote for quote in (b'"', b"'"))
        return self.containing(*needles, among=self._with_relations())

    def _bytes(self, path: str) -> bytes:
        try:
            return self.read(path)
        except OSError:
            return b""

    def _defining(self, paths: Iterable[str]) -> list[str]:
        """Without migrations, which spell out every relation and define no model."""
        return sorted(path for path in paths if not self._only_migrates(path))

    def _classes_in(self, paths: Iterable[str]) -> Iterator[ClassInfo]:
        for path in self._defining(paths):
            yield from self.classes.in_file(path)

    def _models_in(self, paths: Iterable[str]) -> Iterator[Model]:
        """The concrete models of these files, and those that extend their abstract ones."""
        return self._models_of(info.name for info in self._classes_in(paths))

    def _models_of(self, classes: Iterable[str]) -> Iterator[Model]:
        waiting = list(classes)
        seen: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            model = self.model(name)
            if model is not None and model.abstract:
                waiting += self.classes.direct_subclasses(name)
            elif model is not None and not model.proxy:
                yield model

    def _only_migrates(self, path: str) -> bool:
        if path not in self._migrations:
            self._migrations[path] = self.holds_only_migrations(path)
        return self._migrations[path]

    def _tables(self, name: str) -> Iterator[str]:
        """The model's own table, then its parents'."""
        concrete = self.linker.concrete(name)
        yield concrete
        for parent in self.linker.concrete_parents(concrete):
            yield from self._tables(parent)

    def _onto(self, target: str, *, is_own: bool) -> Iterator[ReverseRelation]:
        """The declared relations to a table; the links of a parent's children are the parent's."""
        for model, each in self._relations().get(target, ()):
            relation = each.relation
            if relation is None or (relation.parent_link and not is_own):
                continue
            if relation.accessor is not None:
                yield ReverseRelation(
                    relation.accessor,
                    model.name,
                    each.name,
                    relation.kind,
                    relation.query_name or relation.accessor,
                )

    def _children(self, target: str) -> Iterator[ReverseRelation]:
        """The automatic one-to-one of models that extend this one."""
        for name in self.classes.subclasses(target):
            model = self.model(name)
            if model is None or model.abstract or model.proxy:
                continue
            for each in model.fields.values():
                relation = each.relation
                if relation is None or not each.auto_created or each.model != name:
                    continue
                if relation.parent_link and relation.target == target:
                    own = name.rpartition(".")[2].lower()
                    yield ReverseRelation(own, name, each.name, "one-to-one", own)

    def _relations(self) -> dict[str, list[tuple[Model, Field]]]:
        if self._by_target is None:
            found: dict[str, list[tuple[Model, Field]]] = {}
            for model in self._models_with_relations():
                for each in model.fields.values():
                    target = each.relation.target if each.relation is not None else None
                    if target is not None and each.model == model.name and not each.auto_created:
                        found.setdefault(self.linker.concrete(target), []).append((model, each))
            self._by_target = found
        return self._by_target

    def _models_with_relations(self) -> Iterator[Model]:
        names = sorted({*self._declaring(), *self._known()})
        for name in names:
            model = self.model(name)
            if model is not None and not model.abstract and not model.proxy:
                yield model

    def _known(self) -> Iterator[str]:
        for name in known_models():
            known = known_class(name)
            model = known.model if known is not None else None
            if model is None or not self.is_installed(name):
                continue
            is_swapped = model.swappable == "AUTH_USER_MODEL" and self.user_model() != name
            if model.label and not is_swapped:
                yield name
            elif model.abstract and any(each.relation for each in model.fields.values()):
                yield from self.classes.subclasses(name)

    def _declaring(self) -> Iterator[str]:
        """Concrete models that declare a relation, or inherit one from an abstract base."""
        waiting = list(self._declaring_classes())
        seen: set[str] = set()
        while waiting:
            name = waiting.pop()
            info = self.classes.class_named(name)
            if info is None or name in seen:
                continue
            seen.add(name)
            yield name
            if self.linker.layer(info).abstract:
                waiting += self.classes.direct_subclasses(name)

    def _declaring_classes(self) -> Iterator[str]:
        """Classes in files whose bytes hold a relation field: no migration among them. A model of a
        library that is not read is no subclass of Django's, and a model all the same."""
        for info in self._classes_in(self._with_relations()):
            yield info.name

    def _with_relations(self) -> frozenset[str]:
        if self._files_found is None:
            needles = (*RELATION_BYTES, *sorted(self._own_relation_names()))
            self._files_found = frozenset(self.containing(*needles))
        return self._files_found

    def _own_relation_names(self) -> Iterable[bytes]:
        """The names of the project's own subclasses of relation fields."""
        for base in RELATION_KINDS:
            for name in self.classes.subclasses(base):
                yield name.rpartition(".")[2].encode()
