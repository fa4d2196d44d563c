"""Everything linked, behind the Project's face: facts, names, classes, models, demand-driven."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from typing import Any

from djfix.codemods.project.additions import added_attributes
from djfix.codemods.project.class_index import (
    NO_MENTIONS,
    ClassIndex,
    Mentions,
    mentions_in,
)
from djfix.codemods.project.classes import Classes, ClassInfo
from djfix.codemods.project.extraction import module_facts
from djfix.codemods.project.facts import (
    FACTS_VERSION,
    ExpressionFacts,
    ModuleFacts,
    plain,
    unplain,
)
from djfix.codemods.project.fields import mentions_in_function
from djfix.codemods.project.labels import Labels
from djfix.codemods.project.model_linking import ModelLinker
from djfix.codemods.project.models import Model, ReverseRelation
from djfix.codemods.project.names import Names, NameTarget
from djfix.codemods.project.reverse import Reverse
from djfix.codemods.project.roots import Roots, find_roots
from djfix.codemods.project.signal_facts import (
    SIGNAL_FACTS_VERSION,
    SignalFacts,
    as_plain,
    from_plain,
    may_say_something,
    signal_facts,
)
from djfix.codemods.source.document import Document, Unreadable
from djfix.codemods.source.files import Files, WatchedFiles

DEFAULT_KEY = "django.db.models.AutoField"


@dataclass(frozen=True)
class SettingsFacts:
    """What linking needs of the settings, asked lazily."""

    installed_apps: Callable[[], Sequence[str] | None] = lambda: None
    app_of: Callable[[str], tuple[str, str] | None] = lambda module: None
    text: Callable[[str], str | None] = lambda name: None


@dataclass
class Links:
    """The linked picture. Nothing here depends on the order of questions."""

    files: Files
    cache: Any = None
    source_roots: Sequence[str] = ()
    settings: SettingsFacts = field(default_factory=SettingsFacts)
    _facts: dict[str, ModuleFacts | None] = field(default_factory=dict)
    _signals: dict[str, SignalFacts] = field(default_factory=dict)
    _mentions: dict[str, Mentions] = field(default_factory=dict)
    _words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _models: dict[str, Model | None] = field(default_factory=dict)
    _mentioned: dict[tuple[str, int], frozenset[str]] = field(default_factory=dict)
    _additions: Mapping[str, frozenset[str]] | None = None

    @cached_property
    def roots(self) -> Roots:
        return find_roots(self._packaging, self.source_roots)

    @cached_property
    def _packaging(self) -> WatchedFiles:
        """The files, noting those that the roots rest on."""
        return WatchedFiles(self.files)

    @cached_property
    def names(self) -> Names:
        return Names(self.roots, self.facts, self.user_model_name)

    @cached_property
    def classes(self) -> Classes:
        index = self.class_index
        return Classes(self.names, self.facts, index.files_naming_base, index.names_of)

    @cached_property
    def class_index(self) -> ClassIndex:
        return ClassIndex(self._python_paths, self._mentions_of)

    @cached_property
    def linker(self) -> ModelLinker:
        return ModelLinker(self)

    @cached_property
    def labels(self) -> Labels:
        return Labels(
            self.classes,
            self.facts,
            self.class_index.files_defining,
            self.settings.app_of,
            lambda: self.linker,
        )

    @cached_property
    def reverse(self) -> Reverse:
        return Reverse(
            self.classes,
            self.linker,
            self.facts,
            self.model,
            self.files.containing,
            self.files.read,
            self.class_index.files_defining,
            lambda path: self._mentions_of(path).only_migrates,
            self.is_installed,
            self.user_model_name,
        )

    # -- files ----------------------------------------------------------------------------------

    def facts(self, path: str) -> ModuleFacts | None:
        """The facts of a file; None if it is no readable Python."""
        if path not in self._facts:
            self._facts[path] = self._read_facts(path)
        return self._facts[path]

    def signal_facts(self, path: str) -> SignalFacts:
        """What a file says about signals; nothing if it is no readable Python."""
        if path not in self._signals:
            # Both want the tree, and who asks for this asks for those next.
            self.facts(path)
        if path not in self._signals:
            self._signals[path] = self._read_signals(path)
        return self._signals[path]

    def take_facts(self, other: Links, changed: Mapping[str, bytes | None]) -> None:
        """Takes what another picture read of files that have not changed since."""
        for path, facts in other._facts.items():
            if path not in changed:
                self._facts.setdefault(path, facts)
        for path, signals in other._signals.items():
            if path not in changed:
                self._signals.setdefault(path, signals)
        for path, mentions in other._mentions.items():
            if path not in changed:
                self._mentions.setdefault(path, mentions)
        if self.files.paths == other.files.paths:
            self._take_roots(other, changed)
            self._take_index(other, changed)

    def let_go(self) -> None:
        """Takes this picture apart: its parts know it, and it knows them."""
        self.__dict__.clear()

    def has_roots_of(self, other: Links) -> bool:
        """Whether both have worked out one and the same source roots."""
        own = self.__dict__.get("roots")
        return own is not None and own is other.__dict__.get("roots")

    def _take_roots(self, other: Links, changed: Mapping[str, bytes | None]) -> None:
        known = other.__dict__.get("roots")
        if known is None or not other._packaging.asked.isdisjoint(changed):
            return
        self._packaging.asked |= other._packaging.asked
        self.__dict__.setdefault("roots", known)

    def _take_index(self, other: Links, changed: Mapping[str, bytes | None]) -> None:
        """The index of classes is the same where each changed file mentions what it did before."""
        python = [path for path in changed if path.endswith(".py")]
        if all(self._mentions_of(path) == other._mentions.get(path) for path in python):
            self.class_index.take(other.class_index)

    def document(self, path: str) -> Document:
        return self.files.document(path)

    def mentions_at(self, path: str, line: int) -> frozenset[str]:
        """Strings and keywords in the function of this line: many fields ask for the same one."""
        key = (path, line)
        if key not in self._mentioned:
            self._mentioned[key] = mentions_in_function(self.files.document(path), line)
        return self._mentioned[key]

    def may_rename(self, path: str, name: str) -> bool:
        """Whether a file may import something of this name as another; told by its bytes."""
        return any(word == name for word, _ in self._mentions_of(path).aliases)

    def files_with(self, word: str) -> tuple[str, ...]:
        """The Python files that hold a word, as a whole word."""
        if word not in self._words:
            needle = word.encode()
            self._words[word] = tuple(
                path
                for path in self.files.containing(needle, word=needle)
                if has_word(self.files.read(path), needle)
            )
        return self._words[word]

    def _python_paths(self) -> list[str]:
        return [path for path in self.files.paths if path.endswith(".py")]

    def _mentions_of(self, path: str) -> Mentions:
        if path not in self._mentions:
            try:
                self._mentions[path] = mentions_in(self.files.read_once(path))
            except OSError:
                self._mentions[path] = NO_MENTIONS
        return self._mentions[path]

    def _read_facts(self, path: str) -> ModuleFacts | None:
        if not path.endswith(".py"):
            return None
        try:
            data = self.files.read(path)
        except OSError:
            return None
        key = f"{FACTS_VERSION}:{blake2b(data, digest_size=16).hexdigest()}"
        cached = self._cached(key)
        if cached is not None:
            return cached
        try:
            # Most files are asked for their facts alone, and a tree takes much room.
            document = self.files.glance(path)
            facts = module_facts(document.tree, document.segment)
            if may_say_something(data):
                self._signals[path] = self._read_signals(path)
        except (Unreadable, OSError, RecursionError):
            return None
        if self.cache is not None:
            self.cache.put("facts", key, plain(facts))
        return facts

    def _read_signals(self, path: str) -> SignalFacts:
        try:
            document = self.files.glance(path)
            key = f"{SIGNAL_FACTS_VERSION}:{blake2b(document.data, digest_size=16).hexdigest()}"
            cached = self._cached_signals(key)
            facts = signal_facts(document) if cached is None else cached
        except (Unreadable, OSError, RecursionError):
            return SignalFacts()
        if self.cache is not None and cached is None:
            self.cache.put("signals", key, as_plain(facts))
        return facts

    def _cached_signals(self, key: str) -> SignalFacts | None:
        if self.cache is None:
            return None
        try:
            return from_plain(self.cache.get("signals", key))
        except (TypeError, ValueError, IndexError, KeyError):
            return None

    def _cached(self, key: str) -> ModuleFacts | None:
        data = self.cache.get("facts", key) if self.cache is not None else None
        try:
            facts = unplain(data)
        except (ValueError, TypeError, IndexError, RecursionError):
            return None
        return facts if isinstance(facts, ModuleFacts) else None

    # -- values ---------------------------------------------------------------------------------

    def value_of(self, path: str, name: str, line: int) -> ExpressionFacts | None:
        """The expression that a module-level name, or a class attribute, is assigned to once."""
        target = self.names.target(path, name, (), line)
        if not isinstance(target, NameTarget) or target.path is None:
            return None
        owner, _, own = target.dotted.rpartition(".")
        facts = self.facts(target.path)
        if facts is None:
            return None
        assignments = facts.assignments
        if owner != self.roots.module_of(target.path):
            info = self.classes.class_named(owner)
            if info is None or info.facts is None:
                return None
            assignments = info.facts.assignments
        values = [each for each in assignments if each.target == own and each.value is not None]
        return values[0].value if len(values) == 1 and not values[0].operator else None

    def setting_text(self, name: str) -> str | None:
        """The one string that a setting holds in all production settings."""
        return self.settings.text(name)

    # -- models ---------------------------------------------------------------------------------

    def model(self, dotted: str) -> Model | None:
        """The model of this name, its unknown bases named."""
        info = self.classes.class_named(dotted)
        if info is None:
            return None
        if info.name not in self._models:
            self._models[info.name] = self.linker.link(info)
        return self._models[info.name]

    def user_model_name(self) -> str | None:
        label = self.setting_text("AUTH_USER_MODEL")
        return None if label is None else self.labels.labelled(label)

    def labelled(self, label: str) -> str | None:
        return self.labels.labelled(label)

    def app_label(self, info: ClassInfo) -> str:
        if info.known is not None:
            known = info.known.model
            return known.label.rpartition(".")[0] if known is not None and known.label else ""
        return self.labels.app_of(info).label

    def automatic_key_class(self, info: ClassInfo) -> str:
        """The class of an automatic primary key: the app's, else DEFAULT_AUTO_FIELD."""
        known = info.known.model if info.known is not None else None
        if known is not None:
            keys = [each for each in known.fields.values() if each.auto_created]
            return next((each.class_name for each in keys if each.primary_key), DEFAULT_KEY)
        own = self.labels.app_of(info).default_auto_field
        return own or self.setting_text("DEFAULT_AUTO_FIELD") or DEFAULT_KEY

    def is_installed(self, name: str) -> bool:
        """Whether the app of one of Django's models may be installed."""
        installed = self.settings.installed_apps()
        return installed is None or any(name.startswith(f"{entry}.") for entry in installed)

    def additions(self, cls: str) -> frozenset[str]:
        """Names that code outside the class body adds to a class."""
        if self._additions is None:
            paths = self.class_index.files_adding()
            self._additions = added_attributes(
                self.names, self.classes, self.facts, paths, self.user_model_name
            )
        return self._additions.get(cls, frozenset())

    def reverse_relations(self, cls: str) -> Mapping[str, ReverseRelation]:
        return self.reverse.of(cls)

    def reverse_named(self, cls: str, accessor: str) -> ReverseRelation | None:
        return self.reverse.named(cls, accessor)


def has_word(data: bytes, word: bytes) -> bool:
    """Whether bytes hold a word that is not part of a longer one."""
    start = data.find(word)
    while start >= 0:
        end = start + len(word)
        if not _is_word(data[start - 1 : start]) and not _is_word(data[end : end + 1]):
            return True
        start = data.find(word, start + 1)
    return False


def _is_word(byte: bytes) -> bool:
    return byte.isalnum() or byte == b"_"
