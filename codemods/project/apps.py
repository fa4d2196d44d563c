"""Which installed apps are known, read or unknown, and what known ones do on a model's save.

An installed app is read where its source lies in the project, known where the shipped table has
it, or vouched for by `known-apps` in the configuration; any other may listen to every save.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.project.installed_apps import InstalledApp
from djfix.codemods.project.known.apps import (
    Connection,
    KnownApp,
    contrib_receivers,
    is_contrib,
    known_app,
)
from djfix.codemods.project.known.classes import known_class

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

EVERY_APP = "*"
"""In `known-apps`: the user vouches for all, also where no settings are found."""


SAVING = frozenset({"pre_init", "post_init", "pre_save", "post_save"})
"""The signals of loading and saving."""


@dataclass(frozen=True, slots=True)
class AppEffect:
    """What an installed known app does when a model is saved.

    `app`: its dotted module. `text`: a predicate for the user ("receives post_save of every
    model"). `signals`: the signals, sorted. `sender`: "every", "user" or "registered".
    `only_created`: new rows only.
    """

    app: str
    text: str
    signals: tuple[str, ...]
    sender: str
    functions: tuple[str, ...] = ()
    only_created: bool = False


def unknown_apps_of(project: Project) -> tuple[str, ...] | None:
    """The installed apps, as they are listed, of which nothing is known, sorted; None if
    INSTALLED_APPS was not found or could not be read whole."""
    vouched = project.configuration.known_apps
    if EVERY_APP in vouched:
        return ()
    settings = project.settings
    if settings.installed_apps is None:
        return None
    unknown = {app.entry for app in settings.apps_read if not _is_known(app, vouched)}
    return tuple(sorted(unknown))


def _is_known(app: InstalledApp, vouched: tuple[str, ...]) -> bool:
    if app.path is not None or is_contrib(app.module) or known_app(app.module) is not None:
        return True
    return any(_holds(name, app) for name in vouched)


def _holds(name: str, app: InstalledApp) -> bool:
    """Whether a name in `known-apps` means the app: its entry, its module, or a package of it."""
    return name == app.entry or f"{app.module}.".startswith(f"{name}.")


def known_app_effects_of(project: Project, model: str) -> tuple[AppEffect, ...]:
    """What the known installed apps do when instances of a model are saved, sorted by app.

    Apps that the user vouches for in `known-apps` are left out.
    """
    vouched = project.configuration.known_apps
    installed = [app for app in project.settings.apps_read if not _is_vouched(app, vouched)]
    packages = {
        known.package: known
        for app in installed
        if app.path is None and (known := known_app(app.module)) is not None
    }
    modules = {app.module for app in installed}
    found = [
        effect for known in packages.values() for effect in _effects(project, known, modules, model)
    ]
    found += [effect for app in installed for effect in _contrib_effects(app, model)]
    return tuple(sorted(found, key=lambda effect: (effect.app, effect.sender)))


def _contrib_effects(app: InstalledApp, model: str) -> Iterator[AppEffect]:
    """What Django's own apps do, as it was measured: `sites` clears a cache for its Site."""
    known = known_class(model)
    label = known.model.label if known is not None and known.model is not None else None
    for signal, sender, function in contrib_receivers(app.module):
        if signal in SAVING and (sender is None or sender == label):
            text = f"receives {signal} of {sender or 'every model'}"
            yield AppEffect(app.module, text, (signal,), "every", (function,))


def _is_vouched(app: InstalledApp, vouched: tuple[str, ...]) -> bool:
    return EVERY_APP in vouched or any(_holds(name, app) for name in vouched)


def _effects(
    project: Project, known: KnownApp, modules: set[str], model: str
) -> Iterator[AppEffect]:
    groups: dict[tuple[str, str, bool], list[Connection]] = {}
    for each in known.connections:
        if _is_installed(each.app, modules) and _is_heard(project, known, each, model):
            groups.setdefault((each.app, each.sender, each.only_created), []).append(each)
    for (app, sender, only_created), connections in groups.items():
        signals = tuple(sorted({each.signal for each in connections}))
        yield AppEffect(
            app=app,
            text=f"receives {' and '.join(signals)} of {_WHOM[sender]}",
            signals=signals,
            sender=sender,
            functions=tuple(sorted({each.function for each in connections})),
            only_created=only_created,
        )


_WHOM = {
    "every": "every model",
    "user": "the user model",
    "registered": "the models registered with it",
}


def _is_installed(app: str, modules: set[str]) -> bool:
    """Whether the app that connects, or one that holds or is held by it, is installed."""
    return any(f"{app}.".startswith(f"{each}.") or each.startswith(f"{app}.") for each in modules)


def _is_heard(project: Project, known: KnownApp, connection: Connection, model: str) -> bool:
    if connection.sender == "every":
        return True
    if connection.sender == "user":
        user = project.user_model(partial=True)
        return user is None or user.name == model
    return _may_be_registered(project, known, model)


def _may_be_registered(project: Project, known: KnownApp, model: str) -> bool:
    """Whether any file holds both the word by which models are registered and the model's name,
    or a setting of the app may register it."""
    prefix = f"{known.package.upper()}_"
    if any(name.startswith(prefix) for module in project.settings.running
           for name in module.namespace.values):  # fmt: skip
        return True
    name = model.rpartition(".")[2].encode()
    with_word = set(project.files.containing(known.word.encode()))
    return any(name in project.files.read(path) for path in sorted(with_word))
