"""How a project is served, as far as its files say: what makes kept connections a mistake.

https://docs.djangoproject.com/en/stable/ref/databases/#persistent-database-connections: under ASGI
persistent connections should be off. PgBouncer keeps the connections itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from djfix.codemods.findings import Evidence
from djfix.codemods.project.test_files import is_named_as_test

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

Kind = Literal["asgi", "green", "pgbouncer"]

_MARKS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("asgi", re.compile(r"\b(?:uvicorn|daphne|hypercorn|granian|UvicornWorker)\b")),
    ("green", re.compile(r"\b(?:gevent|eventlet|GeventWorker)\b")),
    ("pgbouncer", re.compile(r"pgbouncer|\b6432\b", re.IGNORECASE)),
)
_CELERY = re.compile(r"\bcelery\b")
_ASGI_APPS = frozenset({"daphne", "channels"})
_NOT_STARTING = re.compile(r".*\.(?:toml|cfg|lock|txt|in)|tox\.ini")
_GUNICORN = re.compile(r"[^/]*gunicorn[^/]*\.py")


@dataclass(frozen=True, slots=True)
class Sign:
    """A line that says how the project is served."""

    kind: Kind
    evidence: Evidence


def signs_of(project: Project) -> tuple[Sign, ...]:
    """All of them, those of each file in its order. To be asked by `project.shared`."""
    paths = [path for path in project.files.paths if _may_start(path)]
    found = [each for path in paths for each in _in_file(project, path)]
    return (*found, *_installed(project))


def _may_start(path: str) -> bool:
    name = path.rpartition("/")[2]
    if name.endswith(".py"):
        return _GUNICORN.fullmatch(name) is not None
    return _NOT_STARTING.fullmatch(name) is None and not is_named_as_test(path)


def _in_file(project: Project, path: str) -> Iterator[Sign]:
    try:
        text = project.files.read(path).decode("utf-8", errors="replace")
    except OSError:
        return
    for number, line in enumerate(text.split("\n"), 1):
        code = line.partition("#")[0]
        # Workers of Celery close what is too old after each task, whatever pool they have.
        for kind, pattern in () if _CELERY.search(code) else _MARKS:
            if pattern.search(code) is not None:
                yield Sign(kind, Evidence(path, number, code.strip()))


def _installed(project: Project) -> Iterator[Sign]:
    """Apps that serve ASGI, and a setting that only they read."""
    for module in project.settings.running:
        value = module.namespace.value("INSTALLED_APPS")
        names = _ASGI_APPS.intersection(value.texts)
        if names:
            text = f"INSTALLED_APPS holds {', '.join(sorted(names))}"
            yield Sign("asgi", Evidence(module.path, 1, text))
        elif "ASGI_APPLICATION" in module.namespace.values:
            yield Sign("asgi", Evidence(module.path, 1, "ASGI_APPLICATION is set"))
