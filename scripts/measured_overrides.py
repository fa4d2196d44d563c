"""Measures what the overrides of Django's and DRF's own models do beyond Model's own methods.

Runs in the environment that is described, on SQLite in memory.
"""

from __future__ import annotations

from typing import Any

Description = dict[str, Any]


def measured_overrides(cls: Any) -> Description:
    """save/clean of this class -> whether a loaded instance sees any difference from Model's own.

    `unless_called`: methods after which it does; `unless_stored`: fields after whose emptying it
    does.
    """
    concrete = concrete_model(cls)
    return {
        name: measured_override(concrete, name)
        for name in ("save", "clean")
        if name in vars(cls) and concrete is not None and not cls._meta.proxy
    }


def concrete_model(cls: Any) -> Any:
    from django.apps import apps

    if not cls._meta.abstract:
        return cls
    return next((model for model in apps.get_models() if issubclass(model, cls)), None)


def measured_override(model: Any, name: str) -> Description:
    methods = [each for each in dir(model) if each.startswith("set_") and not is_async(model, each)]
    texts = [field.attname for field in model._meta.local_fields if field.empty_strings_allowed]
    return {
        "same": not differs(model, name, lambda instance: None),
        "unless_called": [
            each
            for each in methods
            if differs(model, name, lambda instance, each=each: call(instance, each))
        ],
        "unless_stored": [
            each
            for each in texts
            if differs(model, name, lambda instance, each=each: setattr(instance, each, ""))
        ],
    }


def is_async(model: Any, name: str) -> bool:
    import inspect

    return inspect.iscoroutinefunction(getattr(model, name))


def call(instance: Any, name: str) -> None:
    import inspect

    method = getattr(instance, name)
    method(*("new value" for _ in inspect.signature(method).parameters))


def differs(model: Any, name: str, prepare: Any) -> bool:
    from django.db import models

    own = getattr(model, name)
    return bool(after(model, prepare, own) != after(model, prepare, getattr(models.Model, name)))


def after(model: Any, prepare: Any, function: Any) -> tuple[list[str], Any]:
    """The SQL that `function(instance)` sends and the attributes that it changes."""
    from django.db import DatabaseError, connection, transaction
    from django.test.utils import CaptureQueriesContext

    with transaction.atomic():
        instance = saved_instance(model)
        prepare(instance)
        before = dict(vars(instance))
        try:
            with CaptureQueriesContext(connection) as queries, transaction.atomic():
                function(instance)
        except DatabaseError as error:
            transaction.set_rollback(True)
            return [], type(error).__name__
        changed = sorted(
            key
            for key, value in vars(instance).items()
            if key not in before or value != before[key]
        )
        transaction.set_rollback(True)
    return [query for query in map(kind_of_query, queries) if "SAVEPOINT" not in query], changed


def kind_of_query(query: Any) -> str:
    return " ".join(query["sql"].split()[:3])


def saved_instance(model: Any) -> Any:
    """A row of the model, loaded again."""
    from django.apps import apps

    values: Description = {}
    for field in model._meta.local_fields:
        if field.is_relation:
            values[field.name] = saved_instance(
                apps.get_model(field.remote_field.model._meta.label)
            )
        elif field.attname in ("username", "key", "domain", "codename"):
            values[field.name] = "known"
    made, _ = model._base_manager.get_or_create(**values)
    return model._base_manager.get(pk=made.pk)
