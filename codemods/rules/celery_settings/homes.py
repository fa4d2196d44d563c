"""Where a project keeps Celery's settings, and how a new one is spelled there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from djfix.codemods.findings import NodeReference, Reason, Span
from djfix.codemods.project.celery_applications import is_configuration
from djfix.codemods.project.celery_names import OLD_NAMES, under
from djfix.codemods.project.deployment import (
    Place,
    body_in,
    body_of,
    bound_names,
    chain_of,
    place_of,
    production_modules,
)
from djfix.codemods.rewriting.decorators import DecoratorPlace, decorator_place
from djfix.codemods.rewriting.entries import DictPlace, dict_place
from djfix.codemods.rewriting.quoting import quote_at

if TYPE_CHECKING:
    from djfix.codemods.project.celery_values import Celery, CelerySetting
    from djfix.codemods.project.project import Project
    from djfix.codemods.source.document import Document

Form = Literal["django", "module", "application"]

_OLD = re.compile(r"(?:CELERY|CELERYD|CELERYBEAT|CELERYMON|BROKER)_[A-Z_]+")
_NEW = re.compile(r"(?:task|worker|broker|result|beat|event|control|security|database)_[a-z_]+")


@dataclass(frozen=True, slots=True)
class Home:
    """A body that holds Celery's settings. `shared`: not only a production module takes it.

    `variable`: the application's name, where the settings stand on it.
    `aside`: the settings modules that no production module behind this home takes anything from,
    such as development's: what they say does not hold here.
    """

    place: Place
    form: Form
    namespace: str = ""
    shared: bool = False
    aside: frozenset[str] = frozenset()
    variable: str = ""

    def values(self, project: Project, name: str) -> list[CelerySetting]:
        """All that give a setting to the workers of this home."""
        found = project.celery.values(name)
        return [each for each in found if each.path not in self.aside]


@dataclass(frozen=True, slots=True)
class Plan:
    """Where a setting comes to stand: behind a statement, or in an update's keywords or dict.

    `text`: the statement, up to its value; or the keyword's, or the key's text.
    """

    text: str
    value: str
    behind: NodeReference | None = None
    call: DecoratorPlace | None = None
    display: DictPlace | None = None


@dataclass(frozen=True, slots=True)
class Spot:
    """Where in a home the next setting goes, and in which spelling."""

    span: Span
    node: ast.stmt
    style: Literal["spaced", "old", "new"]


def homes_of(project: Project) -> tuple[Home, ...] | Reason:
    """The bodies to write to; why there is none. To be asked by `project.shared`."""
    celery = project.celery
    if celery.namespaces:
        homes = _in_django(project, celery)
        if isinstance(homes, Reason) or any(_holds(project, each) for each in homes):
            return homes
        own = _on_application(project, celery)
        return own if not isinstance(own, Reason) and _holds(project, own[0]) else homes
    if celery.modules:
        return tuple(Home(Place(each.path), "module", each.namespace) for each in celery.modules)
    return _on_application(project, celery)


def _in_django(project: Project, celery: Celery) -> tuple[Home, ...] | Reason:
    if len(celery.namespaces) > 1:
        return Reason("several-namespaces", "applications read the settings in different names")
    namespace = celery.namespaces[0]
    if namespace and not namespace.isupper():
        text = f"Django's settings hold no name in lower case: namespace={namespace!r} reads none"
        return Reason("unread-namespace", text)
    found: dict[Place, Home] = {}
    every = {each.path for each in project.settings.modules}
    for module in project.shared(production_modules):
        chain, own = chain_of(project, module), place_of(project, module)
        held = [each for each in chain if _names(project, each, namespace)]
        place = held[0] if held else own
        aside = frozenset(every - {each.path for each in chain})
        before = found.get(place)
        if before is not None:
            aside &= before.aside
        found[place] = Home(place, "django", namespace, place != own, aside)
    if not found:
        return Reason("no-production-module", "which settings production uses is not known")
    return tuple(found.values())


def _on_application(project: Project, celery: Celery) -> tuple[Home, ...] | Reason:
    if len(celery.applications) != 1:
        return Reason("several-applications", "each of several applications has its own settings")
    module, _, variable = celery.applications[0].rpartition(".")
    path = project.path_of(module)
    if path is None:
        return Reason("celery-configuration", "the application's file was not found")
    return (Home(Place(path), "application", variable=variable),)


def _holds(project: Project, home: Home) -> bool:
    if home.form != "application":
        return bool(_names(project, home.place, home.namespace))
    return any(True for _ in _configuring(project, home, body_of(project, home.place)))


def _names(project: Project, place: Place, namespace: str) -> list[str]:
    return [name for node in body_of(project, place) for name in _celery_names(node, namespace)]


def _celery_names(node: ast.stmt, namespace: str) -> list[str]:
    """The settings of Celery that a statement of a settings module binds."""
    found = bound_names(node)
    if namespace:
        return [each for each in found if each.upper().startswith(f"{namespace.upper()}_")]
    return [each for each in found if _OLD.fullmatch(each)]


def spot_in(document: Document, project: Project, home: Home) -> Spot | Reason:
    """Behind the last of Celery's settings; else behind the last assignment."""
    if home.form == "application":
        return _spot_on_application(document, project, home)
    body = body_in(document, home.place)
    old = [node for node in body if _celery_names(node, home.namespace)]
    new = [node for node in body if any(_NEW.fullmatch(each) for each in bound_names(node))]
    if home.form == "module" and not home.namespace:
        if old and new:
            return Reason("mixed-names", "Celery refuses old and new names in one module")
        return _spot(document, body, old or new, "old" if old else "new")
    return _spot(document, body, old, "spaced" if home.namespace else "old")


def _spot(
    document: Document,
    body: list[ast.stmt],
    held: list[ast.stmt],
    style: Literal["spaced", "old", "new"],
) -> Spot | Reason:
    assigned = [node for node in body if isinstance(node, ast.Assign | ast.AnnAssign)]
    for nodes in (held, assigned, body):
        if nodes:
            return Spot(document.span(nodes[-1]), nodes[-1], style)
    return Reason("empty-module", "there is no statement behind which it could stand")


def _spot_on_application(document: Document, project: Project, home: Home) -> Spot | Reason:
    body = document.tree.body
    found = list(_configuring(project, home, body))
    if not found:
        made = [node for node in body if home.variable in bound_names(node)]
        if not made:
            return Reason("unread-shape", "where the application is made could not be read")
        return Spot(document.span(made[-1]), made[-1], "new")
    names = [name for _, given in found for name in given]
    node = found[-1][0]
    return Spot(document.span(node), node, "old" if any(map(str.isupper, names)) else "new")


def _configuring(
    project: Project, home: Home, body: list[ast.stmt]
) -> Iterator[tuple[ast.stmt, tuple[str, ...]]]:
    """The statements that set something on `app.conf`, with the names they set."""
    path = home.place.path
    for node in body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
            if isinstance(target, ast.Attribute) and is_configuration(project, path, target.value):
                yield node, (target.attr,)
        elif _is_update(project, path, node):
            assert isinstance(node, ast.Expr)
            assert isinstance(node.value, ast.Call)
            yield node, tuple(_updated(node.value))


def _is_update(project: Project, path: str, node: ast.stmt) -> bool:
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        return False
    method = node.value.func
    if not isinstance(method, ast.Attribute) or method.attr != "update":
        return False
    return is_configuration(project, path, method.value)


def _updated(call: ast.Call) -> Iterator[str]:
    yield from (each.arg for each in call.keywords if each.arg is not None)
    for given in call.args:
        for key in given.keys if isinstance(given, ast.Dict) else ():
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value


def spelled_in(home: Home, spot: Spot, name: str) -> str:
    """The setting's name as this home has it."""
    if spot.style == "spaced":
        return under(home.namespace, name)
    return OLD_NAMES[name] if spot.style == "old" else name


def plan_for(document: Document, home: Home, spot: Spot, name: str, value: int) -> Plan:
    """How the setting is written there."""
    spelled, number = spelled_in(home, spot, name), str(value)
    call = spot.node.value if isinstance(spot.node, ast.Expr) else None
    if isinstance(call, ast.Call) and home.form == "application":
        if not call.args and all(each.arg is not None for each in call.keywords):
            return Plan(spelled, number, call=decorator_place(document, call))
        if len(call.args) == 1 and isinstance(call.args[0], ast.Dict) and not call.keywords:
            quote = quote_at(document, NodeReference.of(spot.node))
            display = dict_place(document, call.args[0])
            return Plan(f"{quote}{spelled}{quote}", number, display=display)
    owner = f"{home.variable}.conf." if home.form == "application" else ""
    return Plan(f"{owner}{spelled} = ", number, behind=NodeReference.of(spot.node))
