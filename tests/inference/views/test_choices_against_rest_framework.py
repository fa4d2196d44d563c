"""Which serializer a view chooses for each action, compared with what REST framework chooses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from djfix.codemods.inference.views.actions import actions_of, selected
from djfix.codemods.inference.views.ancestry import is_view
from djfix.codemods.inference.views.choices import Class
from djfix.codemods.project.project import Project
from tests.inference.views.choosing import CHOOSING
from tests.inference.views.library import FILES, IMPORTS, PATH, project_with

ASK = """
import inspect, json, os
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django
django.setup()
from rest_framework.test import APIRequestFactory
from rest_framework.viewsets import ViewSetMixin
from rest_framework.views import APIView
from library import views

STOCK = {"list": "GET", "retrieve": "GET", "create": "POST", "update": "PUT",
         "partial_update": "PATCH", "destroy": "DELETE"}


def ways(cls):
    if not issubclass(cls, ViewSetMixin):
        for method in ("get", "post", "put", "patch", "delete"):
            if hasattr(cls, method):
                yield method, method.upper(), False, {}
        return
    for name, method in STOCK.items():
        if hasattr(cls, name):
            yield name, method, name not in ("list", "create"), {}
    for extra in cls.get_extra_actions():
        for method in extra.mapping:
            yield extra.__name__, method.upper(), extra.detail, extra.kwargs


def chosen(cls, name, method, detail, kwargs):
    view = cls(**kwargs)
    if issubclass(cls, ViewSetMixin):
        view.action_map, view.detail = {method.lower(): name}, detail
    view.request = view.initialize_request(APIRequestFactory().generic(method, "/"))
    return view.get_serializer_class().__name__


found = {
    f"{cls.__name__} {name} {method}": chosen(cls, name, method, detail, kwargs)
    for _, cls in inspect.getmembers(views, inspect.isclass)
    if cls.__module__ == "library.views" and issubclass(cls, APIView)
    for name, method, detail, kwargs in ways(cls)
}
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder: Path = tmp_path_factory.mktemp("library")
    settings = 'SECRET_KEY = "x"\nINSTALLED_APPS = ["rest_framework", "library"]\n'
    apps = (
        'INSTALLED_APPS.insert(0, "django.contrib.contenttypes")\n'
        'INSTALLED_APPS.insert(0, "django.contrib.auth")\n'
    )
    contents = FILES | {PATH: IMPORTS + CHOOSING, "config/settings.py": settings + apps}
    for path, text in contents.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    asked = subprocess.run(
        [sys.executable, "-c", ASK], cwd=folder, capture_output=True, text=True, check=False
    )
    assert asked.returncode == 0, asked.stderr
    found: dict[str, str] = json.loads(asked.stdout)
    return found


def read() -> dict[str, str]:
    project = project_with(CHOOSING)
    found: dict[str, str] = {}
    facts = project.module(PATH)
    assert facts is not None
    for each in facts.classes:
        name = f"library.views.{each.name}"
        if is_view(project, name):
            found |= chosen(project, name)
    return found


def chosen(project: Project, name: str) -> dict[str, str]:
    return {
        f"{name.rpartition('.')[2]} {action.name} {action.method}": " or ".join(
            each.name.rpartition(".")[2] if isinstance(each, Class) else "unknown"
            for each in selected(project, name, action)
        )
        for action in actions_of(project, name)
    }


def test_every_action_of_every_view_has_the_serializer_that_rest_framework_takes(
    real: dict[str, str],
) -> None:
    assert len(real) > 100
    assert read() == real
