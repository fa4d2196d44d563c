"""The access tree: what code touches on a model instance, across files, remembered.

The entry of this package: `project.shared(Accesses)`. Answers are the least that agree with
themselves where code calls itself, whichever question comes first.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from djfix.codemods.findings import Evidence, Reason
from djfix.codemods.flow.scopes import names_of
from djfix.codemods.inference.access.attributes import attribute_of
from djfix.codemods.inference.access.beside import note_beside
from djfix.codemods.inference.access.collecting import reads_of
from djfix.codemods.inference.access.keys import (
    OBJECT,
    Attribute,
    Body,
    Handed,
    Key,
    Made,
    Rendered,
    Text,
)
from djfix.codemods.inference.access.methods import bound_parameters, call_body, call_method
from djfix.codemods.inference.access.objects import OPAQUE, Own, Row, Summary, Values
from djfix.codemods.inference.access.reader import Reader
from djfix.codemods.inference.access.rendering import called, read_rendered
from djfix.codemods.inference.access.statements import read_statements, results_of
from djfix.codemods.inference.access.values import Path, Reads, Unclear
from djfix.codemods.inference.least import LeastAnswers
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project


class Accesses:
    """What code of one project touches; every answer is worked out once."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._answers = LeastAnswers[Key, Summary](self._read, Summary())

    # -- questions -----------------------------------------------------------------------------

    def attribute(self, model: str, name: str) -> Reads:
        """Reading `object.name`, and calling it if it is a method."""
        return self._about_object(Attribute(model, name))

    def text(self, model: str) -> Reads:
        """`str(object)`."""
        return self._about_object(Text(model))

    def is_read_by_making(self, path: Path) -> bool:
        """Whether the `__init__` of a model on the path reads it: joins and prefetches come too
        late for that, and what it read is kept."""
        return any(touch.path[0] == hop for hop in path for touch in self.made(hop.model).touches)

    def made(self, model: str) -> Reads:
        """What the `__init__` of a model reads of the object that is made."""
        return self._about_object(Made(model))

    def serializer(self, serializer: str, model: str) -> Reads:
        """Rendering one object of a model with a serializer."""
        return self._about_object(Rendered(serializer, model))

    def method(self, cls: str, name: str, model: str) -> Reads:
        """A method of a class that is no model, handed an object of a model (an admin column)."""
        return self._about_object(Handed(cls, name, model))

    def function(self, dotted: str, model: str) -> Reads:
        """A function that is handed an object of a model."""
        return self._about_object(Handed("", dotted, model))

    def _about_object(self, key: Key) -> Reads:
        return reads_of(self.summary(key), OBJECT)

    def summary(self, key: Key) -> Summary:
        """The answer to any question; what is being worked out right now adds nothing yet."""
        return self._answers.value(key)

    # -- answers -------------------------------------------------------------------------------

    def _read(self, key: Key) -> Summary:
        match key:
            case Body():
                return self._body(key)
            case Attribute(model, name):
                return self._attribute(model, name)
            case Text(model):
                return self._special(model, "__str__", "is shown")
            case Made(model):
                return self._special(model, "__init__", "is called")
            case Rendered():
                reader = Reader(self)
                read_rendered(reader, key)
                return reader.collector.summary()
            case Handed():
                return self._handed(key)

    def _body(self, key: Body) -> Summary:
        document = self.project.files.document(key.path)
        function = document.function_at(key.line)
        if function is None:
            return _unsettled(f"no function stands at {key.path}:{key.line}")
        info = self.project.class_named(key.cls) if key.cls else None
        around = info.qualname if info is not None else ()
        bindings = dict(key.bindings)
        first = next(iter(bindings_of_self(function)), "") if key.cls else ""
        reader = Reader(
            self,
            path=key.path,
            symbol=".".join((*around, function.name)),
            cls=key.cls,
            scope=(*around, function.name),
            local_names=names_of(function).bound - _imported(function),
            own=bindings.get(first, OPAQUE),
            function=function,
        )
        read_statements(reader, function.body, bindings)
        reader.collector.note_body(key.path, key.line)
        note_beside(reader, key.path, function)
        return reader.collector.summary(results_of(reader))

    def _attribute(self, model: str, name: str) -> Summary:
        reader = Reader(self)
        where = self._line_of(model, name)
        found = attribute_of(reader, frozenset({Row(OBJECT, (), model)}), name, where)
        return reader.collector.summary(called(reader, found, where))

    def _special(self, model: str, name: str, how: str) -> Summary:
        reader = Reader(self)
        method = self.project.method(model, name)
        known = self.project.model(model, partial=True)
        if method is None and known is not None:
            method = known.methods.get(name)
        if method is not None and method.facts is not None and method.path is not None:
            where = Evidence(method.path, method.line, f"{_short(method.cls)}.{name} {how}")
            call_method(reader, Row(OBJECT, (), model), method, ((), {}), where)
        return reader.collector.summary()

    def _handed(self, key: Handed) -> Summary:
        reader = Reader(self)
        row: Values = frozenset({Row(OBJECT, (), key.model)})
        if key.cls:
            method = self.project.method(key.cls, key.name)
            if method is None or method.facts is None or method.path is None:
                return _unsettled(f"{key.cls}.{key.name} was not found")
            where = Evidence(method.path, method.line, f"{_short(method.cls)}.{key.name} is called")
            call_method(reader, Own(key.cls), method, ((row,), {}), where)
            return reader.collector.summary()
        module, _, name = key.name.rpartition(".")
        path = self.project.path_of(module)
        facts = self.project.module(path) if path is not None else None
        function = facts.function(name) if facts is not None else None
        if path is None or function is None:
            return _unsettled(f"{key.name} was not found")
        where = Evidence(path, function.line, f"{name} is called")
        call_body(
            reader, path, function.line, "", bound_parameters(function, (row,), {}), where, "calls"
        )
        return reader.collector.summary()

    def _line_of(self, model: str, name: str) -> Evidence:
        known = self.project.model(model, partial=True)
        path, line = (known.path or "", known.line) if known is not None else ("", 0)
        return Evidence(path, line, f"{_short(model)}.{name} is read")


def _imported(function: ast.FunctionDef | ast.AsyncFunctionDef) -> frozenset[str]:
    """The names that a function imports: what they stand for is known, though they are its own."""
    imports = (node for node in walk(function) if isinstance(node, ast.Import | ast.ImportFrom))
    return frozenset(
        (each.asname or each.name).partition(".")[0] for node in imports for each in node.names
    )


def bindings_of_self(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """The name of the first parameter, as a list of one or none."""
    return [each.arg for each in (*function.args.posonlyargs, *function.args.args)][:1]


def _unsettled(why: str) -> Summary:
    return Summary(unclear=frozenset({Unclear(Reason("not-followed", why))}))


def _short(dotted: str) -> str:
    return dotted.rpartition(".")[2]
