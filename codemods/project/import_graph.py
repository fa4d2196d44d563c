"""Which module imports which when it is itself imported: the edges of import cycles.

Only what certainly runs at import counts: not under TYPE_CHECKING, not in functions, not in
branches that may be skipped. A package's `__init__` runs before any module in it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.project.facts import ImportFacts

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

_RUNS = frozenset({"", "try"})
_MOST = 4000
"""More files than this are not searched for a cycle."""


@dataclass(frozen=True, slots=True)
class ImportEdge:
    """One import that runs: the file and line of the statement, and the file that it runs."""

    path: str
    line: int
    target: str


class ImportGraph:
    """The edges of a project's files, each file read once, when it is reached."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._edges: dict[str, tuple[ImportEdge, ...]] = {}

    def edges(self, path: str) -> tuple[ImportEdge, ...]:
        """What importing this file imports, in its order."""
        if path not in self._edges:
            self._edges[path] = tuple(self._of(path))
        return self._edges[path]

    def chain(self, start: str, end: str) -> tuple[ImportEdge, ...]:
        """The shortest chain of imports from one file to another; empty if there is none."""
        came: dict[str, ImportEdge | None] = {start: None}
        waiting = deque([start])
        while waiting and len(came) < _MOST:
            for edge in self.edges(waiting.popleft()):
                if edge.target in came:
                    continue
                came[edge.target] = edge
                if edge.target == end:
                    return _back(came, edge)
                waiting.append(edge.target)
        return ()

    def _of(self, path: str) -> Iterator[ImportEdge]:
        facts = self._project.module(path)
        for each in facts.imports if facts is not None else ():
            if not each.scope and each.condition in _RUNS:
                for target in dict.fromkeys(self._targets(path, each)):
                    if target != path:
                        yield ImportEdge(path, each.line, target)

    def _targets(self, path: str, statement: ImportFacts) -> Iterator[str]:
        """The files that the statement runs: the packages on the way, the module, a submodule."""
        module = self._absolute(path, statement)
        if module is None:
            return
        parts = module.split(".")
        for length in range(1, len(parts) + 1):
            found = self._project.path_of(".".join(parts[:length]))
            if found is not None:
                yield found
        if statement.name not in (None, "*"):
            inner = self._project.path_of(f"{module}.{statement.name}")
            if inner is not None:
                yield inner

    def _absolute(self, path: str, statement: ImportFacts) -> str | None:
        if not statement.level:
            return statement.module
        return absolute_module(self._project, path, statement.module, statement.level)


def absolute_module(project: Project, path: str, module: str, level: int) -> str | None:
    """The dotted name of a relative import's module, in a file of the project."""
    own = project.module_of(path)
    if own is None:
        return None
    parts = own.split(".")
    drop = level - 1 if path.endswith("__init__.py") else level
    if drop > len(parts):
        return None
    base = parts[: len(parts) - drop]
    return ".".join([*base, *([module] if module else [])]) or None


def _back(came: dict[str, ImportEdge | None], last: ImportEdge) -> tuple[ImportEdge, ...]:
    chain = [last]
    while (edge := came[chain[0].path]) is not None:
        chain.insert(0, edge)
    return tuple(chain)
