"""Which app a model belongs to, and which model a label ("shop.Order") means.

As `django.apps.registry.Apps.get_containing_app_config` has it; where INSTALLED_APPS is not
known, by the packages that hold apps.py, models.py or models/.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from djfix.codemods.project.classes import Classes, ClassInfo
from djfix.codemods.project.facts import ClassFacts, ModuleFacts
from djfix.codemods.project.known.classes import known_class, known_models
from djfix.codemods.project.meta import MODEL
from djfix.codemods.project.model_linking import ModelLinker


@dataclass(frozen=True, slots=True)
class App:
    """An app of the project: its package, its label, its `default_auto_field` if it sets one."""

    name: str
    label: str
    default_auto_field: str | None = None


@dataclass
class Labels:
    """Apps and labels. `installed`: the innermost installed app that holds a module, as its
    package and label."""

    classes: Classes
    facts: Callable[[str], ModuleFacts | None]
    files_defining: Callable[[str], Sequence[str]]
    installed: Callable[[str], tuple[str, str] | None]
    linker: Callable[[], ModelLinker]
    _apps: dict[str, App | None] = field(default_factory=dict)
    _labelled: dict[str, str | None] = field(default_factory=dict)
    _known: dict[str, str] = field(default_factory=dict)

    def app_of(self, info: ClassInfo) -> App:
        """The app that a project's model class lies in."""
        module = self.classes.names.roots.module_of(info.path or "") or info.name
        installed = self.installed(module)
        if installed is not None:
            package, label = installed
            configured = self.app_named(package)
            return App(package, label, configured.default_auto_field if configured else None)
        for package in _prefixes(module):
            app = self.app_named(package)
            if app is not None:
                return app
        return _by_models_module(module)

    def app_named(self, package: str) -> App | None:
        """The app that a package's apps.py configures."""
        if package not in self._apps:
            self._apps[package] = self._configured(package)
        return self._apps[package]

    def labelled(self, label: str) -> str | None:
        """The dotted name of the one concrete model of this label; the model's case is free."""
        app_label, _, name = label.rpartition(".")
        key = f"{app_label}.{name.lower()}"
        if key not in self._labelled:
            found = set(self._candidates(app_label, name))
            known = self._known_labels().get(key)
            found |= {known} if known is not None else set()
            self._labelled[key] = next(iter(found)) if len(found) == 1 else None
        return self._labelled[key]

    def _candidates(self, app_label: str, name: str) -> Iterator[str]:
        for path in self.files_defining(name):
            for info in self.classes.in_file(path):
                if info.facts is None or info.qualname[-1].lower() != name.lower():
                    continue
                if MODEL not in self.classes.ancestors(info.name):
                    continue
                layer = self.linker().layer(info)
                own = layer.options.text("app_label") or self.app_of(info).label
                if own == app_label and not layer.abstract:
                    yield info.name

    def _known_labels(self) -> dict[str, str]:
        if not self._known:
            for name in known_models():
                known = known_class(name)
                if known is not None and known.model is not None and known.model.label:
                    app_label, _, own = known.model.label.rpartition(".")
                    self._known[f"{app_label}.{own.lower()}"] = name
        return self._known

    def _configured(self, package: str) -> App | None:
        path = self.classes.names.roots.path_of(f"{package}.apps")
        facts = self.facts(path) if path is not None else None
        configs = [] if facts is None else [each for each in facts.classes if _is_config(each)]
        found = [self._from_config(each, package) for each in configs]
        apps = [each for each in found if each is not None and each.name == package]
        return apps[0] if len({each.label for each in apps}) == 1 else None

    def _from_config(self, facts: ClassFacts, package: str) -> App | None:
        name = _text(facts, "name") or package
        label = _text(facts, "label") or name.rpartition(".")[2]
        return App(name, label, _text(facts, "default_auto_field"))


def _is_config(facts: ClassFacts) -> bool:
    return any(base.name.rpartition(".")[2].endswith("Config") for base in facts.bases)


def _text(facts: ClassFacts, name: str) -> str | None:
    assigned = facts.assignment(name)
    return None if assigned is None or assigned.value is None else assigned.value.string


def _prefixes(module: str) -> Iterator[str]:
    while module:
        yield module
        module = module.rpartition(".")[0]


def _by_models_module(module: str) -> App:
    """The package that directly holds models.py or models/, else the one that holds the module."""
    parts = module.split(".")
    end = parts.index("models") if "models" in parts[1:] else len(parts) - 1
    package = parts[:end] or parts[:1]
    return App(".".join(package), package[-1])
