"""Which exceptions a task is tried again for, and how its file can name them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason
from djfix.codemods.inference.bodies.known import BASES

if TYPE_CHECKING:
    from djfix.codemods.inference.bodies.values import Act
    from djfix.codemods.project.facts import ModuleFacts
    from djfix.codemods.project.project import Project
    from djfix.codemods.project.task_values import Task
    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees

_TOO_WIDE = frozenset({"Exception", "BaseException", "OSError"})
"""What stands for mistakes of every kind, the soft time limit and wrong paths among them."""

_ROOTS = {"requests.exceptions": "requests", "redis.exceptions": "redis"}
"""Modules whose exceptions their package has, too, by which they are commonly named."""

_BUILTIN = frozenset({"ConnectionError", "TimeoutError"})

SOFT_TIME_LIMIT = "celery.exceptions.SoftTimeLimitExceeded"


@dataclass(frozen=True, slots=True)
class Spelled:
    """Names as they are written in a file, and the imports that this takes."""

    names: tuple[str, ...]
    edits: tuple[Edit, ...]


def transient(project: Project, acts: Iterable[Act]) -> tuple[str, ...]:
    """The exceptions worth another try, in the order in which they are met."""
    found = dict.fromkeys(name for act in acts for name in act.exceptions)
    return tuple(name for name in found if _is_named(project, name))


def _is_named(project: Project, name: str) -> bool:
    """An exception of a library's table, or a class at the top of a module of the project."""
    if name in _TOO_WIDE:
        return False
    if name in BASES:
        return True
    info = project.class_named(name) if "." in name else None
    return info is not None and project.path_of(name.rpartition(".")[0]) is not None


def obstacles(project: Project, task: Task, names: Iterable[str], line: int) -> Iterator[Reason]:
    """Why the file cannot name these at a line that runs when it is imported."""
    facts = project.module(task.path)
    module = project.module_of(task.path)
    for name in names:
        owner, _, last = name.rpartition(".")
        if not owner:
            yield from _of_builtin(project, task, last)
        elif owner == module:
            yield from _of_same_file(facts, last, line)
        elif project.path_of(owner) is not None and not _is_imported(project, task.path, owner):
            text = f"{name} can be named only with a new import of {owner}, which may be a cycle"
            yield Reason("import-cycle", text)


def _of_builtin(project: Project, task: Task, name: str) -> Iterator[Reason]:
    if project.resolve(task.path, name) not in {name, f"builtins.{name}"}:
        yield Reason("hidden-name", f"{name} means something else in this file")


def _of_same_file(facts: ModuleFacts | None, name: str, line: int) -> Iterator[Reason]:
    found = next((each for each in facts.classes if each.name == name), None) if facts else None
    if found is None or found.line > line:
        yield Reason("defined-later", f"{name} is defined below the decorator that would name it")


def _is_imported(project: Project, path: str, module: str) -> bool:
    """Whether a file imports a module, or anything from it, when it is imported itself."""
    facts = project.module(path)
    for each in facts.imports if facts is not None else ():
        if each.scope or each.condition == "type-checking":
            continue
        if each.name is None and each.module == module:
            return True
        resolved = project.resolve(path, each.bound) or ""
        if resolved == module or resolved.startswith(f"{module}."):
            return True
    return False


def spelled(trees: Trees, path: str, names: Iterable[str], line: int) -> Spelled:
    """How the file names them at a line."""
    texts: list[str] = []
    edits: dict[Edit, None] = {}
    for name in names:
        text, needed = _spelled(trees, path, name, line)
        texts.append(text)
        edits.update(dict.fromkeys(needed))
    return Spelled(tuple(texts), tuple(edits))


def _spelled(trees: Trees, path: str, name: str, line: int) -> tuple[str, tuple[Edit, ...]]:
    owner, _, last = name.rpartition(".")
    if not owner or owner == (trees.module_of(path) or ""):
        return last, ()
    module = _ROOTS.get(owner, owner)
    same = {name, f"{module}.{last}", f"{owner}.{last}"}
    direct = trees.name(path, module, last, line, same=same)
    if not direct.edits:
        return direct.expression, ()
    through = trees.name(path, module, "", line)
    if not through.edits or "." not in module or last in _BUILTIN:
        return f"{through.expression}.{last}", through.edits
    return direct.expression, direct.edits
