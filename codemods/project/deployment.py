"""Which settings modules a deployed project runs with, and which files give them their values.

By rank: a module that is named like production; else the one that a start script names; else the
only one there is. Modules for development, tests and examples are never among them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.project.setting_files import (
    ASIDE,
    NAMED_SETTINGS,
    PRODUCTION_WORDS,
    STARTERS,
    SettingsModule,
    words_of,
)
from djfix.codemods.project.setting_modules import SettingsReader
from djfix.codemods.source.document import Document, Unreadable

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

_IMAGE = re.compile(r"(?:.*\.)?Dockerfile(?:\..+)?|Procfile.*|.*\.service")


@dataclass(frozen=True, slots=True)
class Place:
    """A body of settings: of a file, or of one class in it."""

    path: str
    cls: str = ""


@dataclass(frozen=True, slots=True)
class Giving:
    """A body that a production module takes a setting from; `own`: it is the module's own."""

    module: SettingsModule
    place: Place
    own: bool


def production_modules(project: Project) -> tuple[SettingsModule, ...]:
    """The best ranked modules under each source root; none where it cannot be told which is used.

    To be asked by `project.shared`."""
    every = project.settings.modules
    modules = [each for each in every if each.kind != "test" and not is_example(each.path)]
    roots = dict.fromkeys(each.root for each in modules)
    groups = [[each for each in modules if each.root == root] for root in roots]
    named = _started(project)
    return tuple(each for group in groups for each in _best(group, named))


def _best(modules: list[SettingsModule], named: frozenset[str]) -> list[SettingsModule]:
    production = [each for each in modules if is_production(each)]
    plain = [each for each in modules if each.kind == "plain"]
    started = [each for each in plain if each.path in named]
    if production or started:
        return production or started
    return plain if len(plain) == 1 else []


def is_example(path: str) -> bool:
    """Whether a file shows others how settings may look, or belongs to such a project."""
    return not ASIDE.isdisjoint(word for part in path.split("/") for word in words_of(part))


def is_production(module: SettingsModule) -> bool:
    """Whether its name says so; also of one that others, such as staging's, take as their base."""
    if module.kind != "base":
        return module.kind == "production"
    file = module.path.rpartition("/")[2].removesuffix(".py")
    return not PRODUCTION_WORDS.isdisjoint(words_of(f"{file}_{module.name.rpartition('.')[2]}"))


def _class_of(project: Project, module: SettingsModule) -> str:
    """The class of settings that a module's name ends in, "" for a whole file."""
    dotted = project.module_of(module.path) or module.path
    return module.name.removeprefix(dotted).lstrip(".")


def _started(project: Project) -> frozenset[str]:
    """The settings files that start scripts, images and units name."""
    found: set[str] = set()
    for path in project.files.paths:
        name = path.rpartition("/")[2]
        if name not in STARTERS and _IMAGE.fullmatch(name) is None:
            continue
        for module in NAMED_SETTINGS.findall(_text(project, path)):
            target = project.roots.path_for(module, path)
            found.update([] if target is None else [target])
    return frozenset(found)


def _text(project: Project, path: str) -> str:
    try:
        return project.files.read(path).decode("utf-8", errors="replace")
    except OSError:
        return ""


def givings(project: Project, path: str, name: str) -> Iterator[Giving]:
    """The bodies of this file from which production modules take a setting: their own, or one that
    they take everything from, unless a nearer one certainly sets it."""
    for module in project.shared(production_modules):
        chain = chain_of(project, module)
        for number, place in enumerate(chain):
            if place.path == path:
                yield Giving(module, place, number == 0)
            if name in project.shared(_Chains).names_set_in(place):
                break


def chain_of(project: Project, module: SettingsModule) -> tuple[Place, ...]:
    """The bodies that a module takes its settings from, nearest first."""
    return chain_from(project, place_of(project, module))


def chain_from(project: Project, place: Place) -> tuple[Place, ...]:
    """The bodies that one takes its names from, itself first."""
    return project.shared(_Chains).of(place)


class _Chains:
    """What bodies of settings take from others, and set; each setting of a file asks for it."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._chains: dict[Place, tuple[Place, ...]] = {}
        self._set: dict[Place, frozenset[str]] = {}

    def of(self, place: Place) -> tuple[Place, ...]:
        """The bodies that one takes its names from, itself first."""
        if place not in self._chains:
            self._chains[place] = _chain_from(self._project, place)
        return self._chains[place]

    def names_set_in(self, place: Place) -> frozenset[str]:
        """The names that a body binds whatever happens."""
        if place not in self._set:
            body = body_of(self._project, place)
            self._set[place] = frozenset(name for node in body for name in bound_names(node))
        return self._set[place]


def _chain_from(project: Project, place: Place) -> tuple[Place, ...]:
    found: dict[Place, None] = {}
    waiting = [place]
    while waiting:
        place = waiting.pop(0)
        if place not in found:
            found[place] = None
            more = _bases(project, place) if place.cls else _stars(project, place)
            waiting = [*more, *waiting]
    return tuple(found)


def _bases(project: Project, place: Place) -> list[Place]:
    """The bases of a class of settings that stand in its file."""
    document = readable(project, place.path)
    node = None if document is None else _class(document, place.cls)
    names = [each.id for each in node.bases if isinstance(each, ast.Name)] if node else []
    return [Place(place.path, name) for name in names]


def _stars(project: Project, place: Place) -> list[Place]:
    """The files that a file takes everything from, the last first: what it binds stays."""
    document = readable(project, place.path)
    reader = SettingsReader(project.files, project.roots)
    nodes = [] if document is None else list(statements_in(document.tree.body))
    imports = [node for node, _ in nodes if isinstance(node, ast.ImportFrom)]
    stars = [node for node in imports if node.names[0].name == "*"]
    paths = [reader.imported(place.path, node) for node in reversed(stars)]
    return [Place(path) for path in paths if path is not None]


def body_of(project: Project, place: Place) -> list[ast.stmt]:
    """The statements of a body; none if it cannot be read."""
    document = readable(project, place.path)
    return [] if document is None else body_in(document, place)


def body_in(document: Document, place: Place) -> list[ast.stmt]:
    """As `body_of`, of a file that is at hand."""
    if not place.cls:
        return document.tree.body
    node = _class(document, place.cls)
    return [] if node is None else node.body


def _class(document: Document, name: str) -> ast.ClassDef | None:
    classes = (each for each in document.tree.body if isinstance(each, ast.ClassDef))
    return next((each for each in classes if each.name == name), None)


def readable(project: Project, path: str) -> Document | None:
    """A file of Python that can be parsed."""
    try:
        document = project.files.document(path)
        _ = document.tree  # Raises here, and not where it is used.
    except (OSError, Unreadable):
        return None
    return document


def statements_in(body: list[ast.stmt], *, inside: bool = False) -> Iterator[tuple[ast.stmt, bool]]:
    """The statements that run when a body does, and whether only under a condition."""
    for node in body:
        yield node, inside
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        for field in ("body", "orelse", "finalbody"):
            yield from statements_in(getattr(node, field, []), inside=True)
        for handler in getattr(node, "handlers", []):
            yield from statements_in(handler.body, inside=True)


def place_of(project: Project, module: SettingsModule) -> Place:
    """A settings module's own body."""
    return Place(module.path, _class_of(project, module))


def binding(project: Project, place: Place, name: str) -> tuple[Place, ast.stmt] | None:
    """The last statement of the nearest body that binds a setting; None: it was not found there."""
    for each in chain_from(project, place):
        body = body_of(project, each)
        found = [node for node, _ in statements_in(body) if name in bound_names(node)]
        if found:
            return each, found[-1]
    return None


def bound_names(node: ast.stmt) -> tuple[str, ...]:
    """The plain names that an assignment binds."""
    targets = node.targets if isinstance(node, ast.Assign) else []
    if isinstance(node, ast.AnnAssign) and node.value is not None:
        targets = [node.target]
    return tuple(each.id for each in targets if isinstance(each, ast.Name))
