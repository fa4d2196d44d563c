"""What other files of a project say of its servers and workers, which a command alone does not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.project.test_files import is_test
from djfix.codemods.source.formats.compose import Service, services_of
from djfix.codemods.source.kinds import kind_of

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

_PREFORK = frozenset({"prefork", "processes"})
_DROPS = re.compile(r"\b(?:gosu|su-exec|setpriv|runuser|chpst|setuidgid)\b|\bsu\s+-?\s*\w")
_CHILD_LIMITS = (
    b"max_tasks_per_child",
    b"MAX_TASKS_PER_CHILD",
    b"max_memory_per_child",
    b"MAX_MEMORY_PER_CHILD",
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Each is the path of a file that says so, "" where none does.

    `gunicorn_config`: a configuration that gunicorn finds by itself. `gunicorn_arguments`:
    GUNICORN_CMD_ARGS is set. `concurrency`: WEB_CONCURRENCY is. `drops_root`: a script starts
    something as another user. `volumes`, `user`: a service that is built here mounts some, or says
    who runs it.
    """

    gunicorn_config: str = ""
    gunicorn_arguments: str = ""
    concurrency: str = ""
    drops_root: str = ""
    volumes: str = ""
    user: str = ""


def surroundings_of(project: Project) -> Surroundings:
    """All of it. To be asked by `project.shared`."""
    texts = dict(_texts(project))
    configs = (path for path in project.files.paths if path.endswith("gunicorn.conf.py"))
    services = [(path, each) for path, text in texts.items() for each in _services(path, text)]
    return Surroundings(
        gunicorn_config=next(configs, ""),
        gunicorn_arguments=_first(texts, re.compile("GUNICORN_CMD_ARGS")),
        concurrency=_first(texts, re.compile("WEB_CONCURRENCY")),
        drops_root=_first({p: t for p, t in texts.items() if kind_of(p) == "shell"}, _DROPS),
        volumes=next((p for p, each in services if each.builds and each.has_volumes), ""),
        user=next((p for p, each in services if each.builds and each.has_user), ""),
    )


def child_limit(project: Project) -> str:
    """The path of what limits how long a worker's child lives, "" without."""
    found = project.celery.values("worker_max_tasks_per_child")
    if found:
        return found[0].path
    for needle in _CHILD_LIMITS:
        for path in project.files.containing(needle):
            if not is_test(project, path):
                return path
    return ""


def other_pool(project: Project) -> str:
    """The path of a setting by which workers have, or may have, no processes; "" without."""
    for each in project.celery.values("worker_pool"):
        if not each.value.complete or not _PREFORK.issuperset(map(str, each.value.constants)):
            return each.path
    return ""


def _texts(project: Project) -> Iterator[tuple[str, str]]:
    for path in project.files.paths:
        if kind_of(path) not in (None, "python"):
            try:
                yield path, project.files.read(path).decode("utf-8", errors="replace")
            except OSError:
                continue


def _first(texts: dict[str, str], pattern: re.Pattern[str]) -> str:
    return next((path for path, text in texts.items() if pattern.search(text)), "")


def _services(path: str, text: str) -> tuple[Service, ...]:
    return (services_of(text) or ()) if kind_of(path) == "compose" else ()
