"""What reading one piece of code needs: the project, where the code stands, what it has touched."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from djfix.codemods.findings import Evidence, Reason
from djfix.codemods.inference.access.collecting import Collector
from djfix.codemods.inference.access.objects import Places, Summary, Values
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.inference.access.keys import Key
    from djfix.codemods.project.project import Project

Where = ast.AST | Evidence
"""A node of the code that is read, or a line that already says what it does."""

_LONGEST_TEXT = 60


class Answers(Protocol):
    """The remembered answers about other code."""

    @property
    def project(self) -> Project: ...
    def summary(self, key: Key) -> Summary: ...


@dataclass
class Reader:
    """One piece of code that is read.

    `symbol`: its name for people ("Order.total"). `cls`: the class whose body has it, which
    `super()` starts from. `scope`: the names of the definitions around and of it.
    """

    answers: Answers
    path: str = ""
    symbol: str = ""
    cls: str = ""
    scope: tuple[str, ...] = ()
    collector: Collector = field(default_factory=Collector)
    local_names: frozenset[str] = frozenset()
    returned: set[Values] = field(default_factory=set)
    own: Values = frozenset()
    depth: int = 0
    function: ast.FunctionDef | ast.AsyncFunctionDef | None = None
    _resolved: dict[str, str | None] = field(default_factory=dict)

    @cached_property
    def stored(self) -> frozenset[str]:
        """The attributes that the function itself gives to objects."""
        nodes = walk(self.function) if self.function is not None else ()
        return frozenset(
            node.attr
            for node in nodes
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
        )

    @property
    def project(self) -> Project:
        return self.answers.project

    def evidence(self, where: Where, verb: str = "reads") -> Evidence:
        """The line of a node, in words."""
        if isinstance(where, Evidence):
            return where
        text = " ".join(ast.unparse(where).split())
        text = text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 3]}..."
        return Evidence(self.path, getattr(where, "lineno", 0), f"{self.symbol} {verb} {text}")

    def doubt(self, name: str, text: str, where: Where) -> None:
        """Something that could not be followed from here on."""
        self.collector.doubt(Reason(name, text), (self.evidence(where),))

    @contextmanager
    def set_aside(self, where: Where) -> Iterator[None]:
        """Reads code that runs only where something else was not loaded: a way to fall back on.

        What it touches does not count; that there is such a way is said.
        """
        kept, self.collector = self.collector, Collector()
        try:
            yield
        finally:
            aside, self.collector = self.collector, kept
            if aside.summary().found:
                self.doubt("falls-back", "rows are read only where they were not loaded", where)

    @contextmanager
    def perhaps(self, field: str, doubt: str) -> Iterator[None]:
        """Reads what a field touches only perhaps, for a reason of this name."""
        kept, self.collector = self.collector, Collector()
        try:
            yield
        finally:
            aside, self.collector = self.collector, kept
            self.collector.take_perhaps(aside.summary(), (field, doubt))

    def take(self, key: Key, places: Places, where: Where, verb: str) -> Values:
        """What other code touches, from where its objects stand here; and what it gives back."""
        from djfix.codemods.inference.access.objects import placed

        summary = self.answers.summary(key)
        if summary.found or summary.unclear or summary.bodies:
            self.collector.take(summary, places, self.evidence(where, verb))
        return placed(summary.result, places)

    def resolve(self, dotted: str) -> str | None:
        """The absolute name of a name as it is spelled here; builtins by their bare name."""
        if dotted not in self._resolved:
            found = self.project.resolve(self.path, dotted, self.scope) if self.path else None
            self._resolved[dotted] = found.removeprefix("builtins.") if found else None
        return self._resolved[dotted]


def parameters_of(arguments: ast.arguments) -> Iterator[str]:
    """The names of the positional parameters, in order."""
    for each in (*arguments.posonlyargs, *arguments.args):
        yield each.arg
