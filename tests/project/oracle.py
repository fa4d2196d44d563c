"""Asks real Django what the models of a small project are; the other side of a comparison."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

DUMP = """
import json, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django
django.setup()
from django.apps import apps
from django.db import models
from django.db.models.fields.reverse_related import ForeignObjectRel


def name_of(cls):
    return f"{cls.__module__}.{cls.__qualname__}"


def kind_of(field):
    for kind in ("many_to_many", "one_to_one", "many_to_one", "one_to_many"):
        if getattr(field, kind):
            return kind
    return None


def field_facts(field):
    remote = getattr(field, "remote_field", None)
    related = remote.model if remote is not None else None
    return {
        "attname": getattr(field, "attname", field.name),
        "class": name_of(type(field)),
        "model": name_of(field.model),
        "null": bool(getattr(field, "null", False)),
        "unique": bool(getattr(field, "unique", False)),
        "primary_key": bool(getattr(field, "primary_key", False)),
        "auto_now": bool(getattr(field, "auto_now", False)),
        "kind": kind_of(field) if field.is_relation else None,
        "remote": name_of(related) if isinstance(related, type) else None,
        "parent_link": bool(getattr(remote, "parent_link", False)),
    }


def reverse_facts(relation):
    return {
        "model": name_of(relation.related_model),
        "field": relation.field.name,
        "kind": kind_of(relation),
        "query_name": relation.name,
    }


def model_facts(model):
    meta = model._meta
    return {
        "label": meta.label,
        "proxy": meta.proxy,
        "managed": meta.managed,
        "pk": meta.pk.name,
        "mro": [name_of(each) for each in model.__mro__ if each is not object],
        "ordering": list(meta.ordering),
        "unique_together": [list(each) for each in meta.unique_together],
        "fields": {
            each.name: field_facts(each)
            for each in meta.get_fields(include_parents=True)
            if not isinstance(each, ForeignObjectRel)
        },
        "reverse": {
            each.get_accessor_name(): reverse_facts(each)
            for each in meta.get_fields(include_parents=True)
            if isinstance(each, ForeignObjectRel)
        },
        "managers": [each.name for each in meta.managers],
        "default_manager": [model._default_manager.name, name_of(type(model._default_manager))],
        "base_manager": [model._base_manager.name, name_of(type(model._base_manager))],
    }


print(json.dumps({name_of(model): model_facts(model) for model in apps.get_models()}))
"""


def ask_django(folder: Path) -> dict[str, dict[str, Any]]:
    """Model name -> what `_meta` says, from a subprocess that imports the project there."""
    done = subprocess.run(
        [sys.executable, "-c", DUMP], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return found
