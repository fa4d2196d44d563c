"""What a function writes by code that its calls do not name: objects of a module, signals, handlers
of the log, properties, the text of a value."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from djfix.codemods.inference.saving.callees import ANY, Callees, Place
from djfix.codemods.inference.saving.implicit import Implicit, Member, members_in
from djfix.codemods.inference.saving.objects import is_log
from djfix.codemods.inference.saving.special import LOADING, TEXT
from djfix.codemods.inference.saving.unknown_code import is_unknown
from djfix.codemods.project.test_files import is_named_as_test
from djfix.codemods.source.chains import last_name
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.inference.expressions import Inference
    from djfix.codemods.project.project import Project

_OF_LOGS = {
    "logging.Handler": ("emit", "handle", "createLock", "acquire", "flush"),
    "logging.Filter": ("filter",),
    "logging.Formatter": ("format", "formatMessage", "formatException"),
    "logging.LoggerAdapter": ("process", "log"),
    "logging.LogRecord": ("__init__", "getMessage"),
}
"""The classes by which a project hears what is logged, and what Python calls of them."""

_HEARING = (b"setLogRecordFactory", b"setLoggerClass")


class Unseen:
    """Reads each function once; `project.shared(Unseen)` keeps one."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._written: dict[Place, frozenset[str]] = {}

    def written_at(self, places: Iterable[Place]) -> frozenset[str]:
        """The models whose rows the functions that stand at these places, and those that they call,
        may write to unseen, perhaps ANY."""
        found = set[str]()
        for place in self._project.shared(Callees).behind(places):
            found |= self._of(place)
        return frozenset(found)

    def _of(self, place: Place) -> frozenset[str]:
        if place not in self._written:
            inference = self._project.shared(Callees).inference_at(place)
            read = self._read(inference) if inference is not None else ()
            self._written[place] = frozenset(read)
        return self._written[place]

    def _read(self, inference: Inference) -> Iterator[str]:
        nodes = list(walk(inference.function))
        given = _handed_functions(nodes)
        calls = [node for node in nodes if isinstance(node, ast.Call) and id(node) not in given]
        if any(is_unknown(inference, call) for call in calls):
            yield ANY
            return
        if any(map(is_log, calls)):
            yield from self._by_logs
        known = self._project.shared(Implicit)
        for member in self._run(inference, nodes):
            yield from known.written_by(member)

    def _run(self, inference: Inference, nodes: list[ast.AST]) -> Iterator[Member]:
        """The members that run in a function, and where what it gives is shown as text."""
        known = self._project.shared(Implicit)
        first = inference.function.lineno
        found = (member for _, member in members_in(inference, nodes, first))
        yield from (each for each in found if each.name not in LOADING)
        yield from (each for name in sorted(TEXT) for each in known.named(name, inference))

    def written_by_making(self, models: Collection[str]) -> frozenset[str]:
        """The models whose rows code may write to that runs where objects of these are made."""
        known, found = self._project.shared(Implicit), set[str]()
        for member in (each for name in sorted(LOADING) for each in known.named(name)):
            order = (self._project.mro(each) or (each,) for each in models)
            if not member.cls or ANY in models or any(member.cls in each for each in order):
                found |= known.written_by(member)
        return frozenset(found)

    @cached_property
    def _by_logs(self) -> frozenset[str]:
        """The models whose rows the project's own handlers of the log write to."""
        if any(not is_named_as_test(each) for each in self._project.files.containing(*_HEARING)):
            return frozenset({ANY})
        methods = [
            self._project.method(cls, name)
            for base, names in _OF_LOGS.items()
            for cls in self._project.subclasses(base)
            for name in names
        ]
        own = [each for each in methods if each is not None and each.path is not None]
        places = [(each.path, each.line) for each in own if each.path is not None]
        return self._project.shared(Callees).written_at(places)


def _handed_functions(nodes: Iterable[ast.AST]) -> set[int]:
    """The calls of what a decorator is handed: `function(*args)` in the function that it gives. The
    function that it decorates is read by itself."""
    found = set[int]()
    for node in nodes:
        names = _decorated(node)
        inner = (each for each in walk(node) if isinstance(each, ast.Call)) if names else ()
        found |= {id(each) for each in inner if last_name(each.func) in names}
    return found


def _decorated(node: ast.AST) -> frozenset[str]:
    """The one parameter of a function that gives back a function which stands in it."""
    if not isinstance(node, ast.FunctionDef) or len(node.args.args) != 1:
        return frozenset()
    inner = {each.name for each in node.body if isinstance(each, ast.FunctionDef)}
    given = {
        last_name(each.value) for each in node.body if isinstance(each, ast.Return) and each.value
    }
    return frozenset({node.args.args[0].arg} if inner & given else ())
