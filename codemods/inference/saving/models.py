"""What about a model makes a narrower save differ from its `save()`, by stable reason names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason
from djfix.codemods.project.known.classes import known_class

if TYPE_CHECKING:
    from djfix.codemods.project.classes import MethodInfo
    from djfix.codemods.project.models import Model
    from djfix.codemods.project.project import Project

_SAVE_SIGNALS = ("pre_save", "post_save")
_MOST_NAMED = 3
"""More receivers than this are counted, not named: nobody reads forty lines of reasons."""


_HARMLESS_OVERRIDES = frozenset(
    {
        *("clean", "clean_fields", "full_clean", "validate_unique", "validate_constraints"),
        *("delete", "adelete", "_perform_unique_checks", "__eq__", "__hash__", "__reduce__"),
        *("__getstate__", "__setstate__", "__delattr__"),
    }
)
"""Overridable methods of a model that neither loading a row nor saving it calls."""


def save_reasons(project: Project, model: Model, *, sees: str) -> Iterator[Reason]:
    """Why a narrower save may differ from the model's plain `save()`.

    `sees`: what other code that takes part in a save then meets, in words.
    """
    yield from _override_reasons(model, sees)
    yield from _receiver_reasons(project, model, sees)
    yield from _application_reasons(project, model)
    for name in sorted(_unknown_fields(model)):
        text = f"{model.label}.{name} is written by its own pre_save(), or may be"
        yield Reason("custom-field", text)


def _override_reasons(model: Model, sees: str) -> Iterator[Reason]:
    for base in model.unknown_bases:
        yield Reason("unknown-base", f"{model.label} inherits from {base}, which is not known")
    for name, method in sorted(model.overrides.items()):
        if name in _HARMLESS_OVERRIDES or _keeps_meaning(method):
            continue
        kind = "save-override" if name in {"save", "asave"} else "model-override"
        text = f"{model.label} overrides {name}(), which sees {sees}"
        yield Reason(kind, text)
    for name in sorted({*model.class_attributes, *model.unknown_attributes}):
        text = f"{model.label}.{name} may watch the model's fields"
        yield Reason("unknown-attribute", text)
    if model.metaclass is not None:
        yield Reason("class-decorator", f"{model.label} is made by {model.metaclass}")
    for name in model.decorators:
        yield Reason("class-decorator", f"{model.label} is decorated by {name}")


def _keeps_meaning(method: MethodInfo) -> bool:
    """Overrides in Django's own classes that do nothing to the fields changed here (measured).

    `AbstractBaseUser.save` only looks at a password set by `set_password()`, which hands the object
    over and so asks for review by itself.
    """
    known = known_class(method.cls)
    if known is None or known.model is None:
        return False
    effect = known.model.overrides.get(method.name)
    return effect is not None and (effect.same or bool(effect.unless_called))


def _receiver_reasons(project: Project, model: Model, sees: str) -> Iterator[Reason]:
    found = [item for item in project.receivers(model.name, _SAVE_SIGNALS) if not item.only_created]
    for receiver in found[:_MOST_NAMED]:
        signal = receiver.signal.rpartition(".")[2]
        text = (
            f"{receiver.function} receives {signal} ({receiver.path}:{receiver.line}) and sees "
            f"{sees}"
        )
        yield Reason("receiver", text)
    if len(found) > _MOST_NAMED:
        yield Reason("receiver", f"{len(found) - _MOST_NAMED} more receivers do so as well")


def _application_reasons(project: Project, model: Model) -> Iterator[Reason]:
    unknown = project.unknown_apps()
    if unknown is None:
        text = "INSTALLED_APPS was not found or not understood: any app may listen to saves"
        yield Reason("settings-unknown", text)
    elif unknown:
        text = f"{', '.join(unknown)}: name them in known-apps if they listen to no saves"
        yield Reason("unknown-app", text)
    for effect in project.known_app_effects(model.name):
        if effect.only_created or not set(effect.signals) & set(_SAVE_SIGNALS):
            continue
        yield Reason("app-effect", f"{effect.app} {effect.text}")


def _unknown_fields(model: Model) -> Iterator[str]:
    for field in model.fields.values():
        if not field.is_django_own and field.has_pre_save is not False:
            yield field.name
