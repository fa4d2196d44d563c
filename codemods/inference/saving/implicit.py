"""Code of the project that runs where no call is written, and writes rows.

`f"{order}"` runs a `__str__`, `a == b` an `__eq__`, `basket.total` a property, a query `from_db` of
its model. Of which class a value is, is often not known; but hardly any such method writes rows,
so that all of the project's are looked at, by their names.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from keyword import kwlist
from typing import TYPE_CHECKING

from djfix.codemods.inference.saving.callees import Callees, Place
from djfix.codemods.inference.saving.special import (
    ATTRIBUTES,
    BLOCKS,
    COMPARING,
    COUNTING,
    ITEMS,
    LOADING,
    NOTED,
    NUMBERS,
    SUMS,
    TEXT,
    TRUTH,
)
from djfix.codemods.inference.saving.spelled import Spelled
from djfix.codemods.inference.saving.unknown_code import (
    OF_VALUES,
    is_variable,
    may_be_of_project,
)
from djfix.codemods.inference.values import Instance, ModelClass, Named, Self, Unknown, Value
from djfix.codemods.project.test_files import is_named_as_test
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.inference.expressions import Inference
    from djfix.codemods.inference.saving.occurrences import Occurrence
    from djfix.codemods.project.facts import ClassFacts, ExpressionFacts
    from djfix.codemods.project.project import Project

_CALLED = {
    **dict.fromkeys(("str", "repr", "format", "print", "ascii", "join"), TEXT),
    **dict.fromkeys(("len", "bool", "int", "float", "hash", "abs", "round"), NUMBERS),
    **dict.fromkeys(
        (
            *("list", "tuple", "set", "dict", "sorted", "sum", "any", "all", "min", "max"),
            *("enumerate", "zip", "iter", "next", "reversed", "map", "filter", "frozenset"),
        ),
        COUNTING | COMPARING | SUMS | TRUTH,
    ),
}
"""What Python's own functions, by their names, call of what they are given."""


_FIRST = re.compile(r"\s*(?:async\s+)?def\s+\w+\s*\(\s*(\w+)")
"""The beginning of a method, with its first parameter."""

_GAP = r"(?:[\s\\]|\#[^\n]*\n)*"
_CALL = re.compile(rf"(?:(\bdef\s+|\.{_GAP})?\b(\w+)|[\])}}\"']){_GAP}\(")
_DECORATING = frozenset(
    {
        *("property", "cached_property", "abstractproperty", "setter", "getter", "deleter"),
        *("classmethod", "staticmethod", "abstractmethod", "override"),
    }
)
"""Decorators that run nothing else when the method runs."""

_FUNCTIONS = frozenset(
    {"str", "repr", "len", "_", "gettext", "super", "isinstance", "int", *kwlist}
)
_METHODS = frozenset({"format", "join", "strip", "lower", "upper", "title", *TEXT, *COMPARING})
"""What most methods that give a text call; beside functions stand words that are no names."""


@dataclass(frozen=True, slots=True)
class Member:
    """A method that runs without a call: its class, its name, where it stands, and the line where
    it ends; 0 where its text does not tell all that runs."""

    cls: str
    name: str
    place: Place
    end: int = 0


class Implicit:
    """The properties and special methods of the project; `project.shared(Implicit)` keeps one."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._own: dict[Place, dict[str, list[Member]]] = {}
        self._named: dict[str, list[Member]] = {}
        self._of_files: dict[str, tuple[Member, ...]] = {}
        self._writing: dict[Member, frozenset[str]] = {}
        self._asking: dict[Member, frozenset[str]] = {}

    def _members(self, name: str) -> list[Member]:
        if name not in self._named:
            spelled = self._project.files.shared(Spelled).files_of(name)
            paths = [each for each in spelled if not is_named_as_test(each)]
            found = [each for path in paths for each in self._in_file(path) if each.name == name]
            self._named[name] = [*found, *(self._receiving(name) if name in LOADING else ())]
        return self._named[name]

    def _in_file(self, path: str) -> tuple[Member, ...]:
        if path not in self._of_files:
            facts, module = self._project.module(path), self._project.module_of(path)
            classes = facts.classes if facts is not None and module is not None else ()
            members = (one for each in classes for one in _of_class(each, module or "", path))
            self._of_files[path] = tuple(members)
        return self._of_files[path]

    def _receiving(self, signal: str) -> Iterator[Member]:
        for receiver in self._project.connections:
            if receiver.signal.rpartition(".")[2] == signal and receiver.handler_path is not None:
                place = (receiver.handler_path, receiver.handler_line)
                yield Member(receiver.sender or "", signal, place)

    def named(self, name: str, inference: Inference | None = None) -> list[Member]:
        """The members of this name, of all classes; of those in functions, only the classes that
        stand in the function itself."""
        found = self._members(name)
        if inference is None:
            return found
        place = (inference.document.path, inference.function.lineno)
        if place not in self._own:
            self._own[place] = _in_function(inference)
        return [*found, *self._own[place].get(name, ())]

    def asked_for(self, name: str, inference: Inference) -> frozenset[str]:
        """The models whose rows a member of this name, of any class, may ask for, perhaps ANY."""
        callees, found = self._project.shared(Callees), set[str]()
        for member in self.named(name, inference):
            if member not in self._asking:
                asked = self._may_ask(member)
                self._asking[member] = callees.read_at([member.place]) if asked else frozenset()
            found |= self._asking[member]
        return frozenset(found)

    def written_by(self, member: Member) -> frozenset[str]:
        """The models whose rows a member may write to, as `Callees.written_at` has them."""
        if member not in self._writing:
            asked = self._may_ask(member)
            callees = self._project.shared(Callees)
            self._writing[member] = callees.written_at([member.place]) if asked else frozenset()
        return self._writing[member]

    def _may_ask(self, member: Member) -> bool:
        """Whether a member calls what may tell anything, or reads another member of its object;
        told by its text, for hardly any does and there are many."""
        lines = self._project.files.document(member.place[0]).lines
        text = "".join(lines[member.place[1] - 1 : member.end])
        first = _FIRST.match(text)
        if member.end == 0 or first is None or any(map(_tells, _CALL.finditer(text))):
            return True
        read = set(re.findall(rf"\b{first[1]}\s*\.\s*(\w+)", text))
        return any(self._is_own(member, each) for name in read for each in self.named(name))

    def _is_own(self, member: Member, other: Member) -> bool:
        """Whether an object that has a member has this one too, as `Callees` would find it."""
        project = self._project
        own = project.method(member.cls, other.name) if member.cls else None
        is_inherited = own is not None and (own.path, own.line) == other.place
        return is_inherited or not member.cls or member.cls in (project.mro(other.cls) or ())


def _of_class(facts: ClassFacts, around: str, path: str) -> Iterator[Member]:
    name = f"{around}.{facts.name}"
    for method in facts.methods:
        if method.is_property or method.name in NOTED:
            is_plain = all(map(_runs_nothing, method.decorators))
            place, end = (path, method.line), method.end_line if is_plain else 0
            yield Member(name, method.name, place, end)
    for inner in facts.classes:
        yield from _of_class(inner, name, path)


def _runs_nothing(decorator: ExpressionFacts) -> bool:
    return decorator.kind == "name" and decorator.name.rpartition(".")[2] in _DECORATING


def _in_function(inference: Inference) -> dict[str, list[Member]]:
    """The methods of the classes that stand in a function."""
    found: dict[str, list[Member]] = defaultdict(list)
    for node in walk(inference.function):
        for method in node.body if isinstance(node, ast.ClassDef) else ():
            if isinstance(method, ast.FunctionDef):
                place = (inference.document.path, method.lineno)
                end = 0 if method.decorator_list else method.end_lineno or 0
                found[method.name].append(Member("", method.name, place, end))
    return found


def _tells(call: re.Match[str]) -> bool:
    """Whether a call, or what looks like one, is not among what most methods that give a text
    call."""
    before, name = call[1] or "", call[2]
    if before.startswith("def"):
        return False
    return name is None or name not in (_METHODS if before else _FUNCTIONS)


def members_run(occurrence: Occurrence) -> Iterator[tuple[int, Member]]:
    """The members that may run between the load and the save, with the line."""
    line = occurrence.save.call.lineno
    yield from members_in(occurrence.inference, occurrence.nodes, line)


def members_in(
    inference: Inference, nodes: Iterable[ast.AST], line: int
) -> Iterator[tuple[int, Member]]:
    """The members that may run where these nodes are evaluated; `line`: that of nodes without."""
    every = list(nodes)
    known = inference.project.shared(Implicit)
    seen, told = set[str](), set[Member]()
    for at, names in _special(inference, every, line):
        for name in sorted(names - seen):
            seen.add(name)
            yield from ((at, each) for each in known.named(name, inference))
    called = {id(node.func) for node in every if isinstance(node, ast.Call)}
    of_all = [each for name in sorted(ATTRIBUTES) for each in known.named(name, inference)]
    for node in every:
        if not isinstance(node, ast.Attribute):
            continue
        named = known.named(node.attr, inference)
        if not named and not of_all:
            continue
        value = inference.value(node.value)
        if isinstance(value, Unknown) and _is_plain(inference, node):
            continue
        is_of_values = node.attr in OF_VALUES and id(node) in called
        is_hooked = not is_of_values and _may_be_hooked(inference, value, node)
        for each in (*named, *(of_all if is_hooked else ())):
            if each not in told and _may_be_of(inference.project, value, each.cls):
                told.add(each)
                yield node.lineno, each


def _may_be_hooked(inference: Inference, value: Value, node: ast.Attribute) -> bool:
    """Whether a `__getattr__` of the project's may be asked for an attribute."""
    owner = node.value
    kinds = (
        {each.kind for each in inference.definitions(owner)}
        if isinstance(owner, ast.Name)
        else set()
    )
    if kinds == {"except"}:
        return False
    return not isinstance(value, Unknown) or may_be_of_project(inference, owner)


def _is_plain(inference: Inference, node: ast.Attribute) -> bool:
    """Whether a name stands for what a module has, and for no attribute of an object there."""
    name = inference.resolve(node)
    return name is not None and not is_variable(inference.project, name)


def _special(
    inference: Inference, nodes: Iterable[ast.AST], first: int
) -> Iterator[tuple[int, frozenset[str]]]:
    yield first, LOADING | TRUTH
    for node in nodes:
        line = getattr(node, "lineno", first)
        match node:
            case ast.FormattedValue():
                yield line, TEXT
            case ast.Compare():
                yield line, COMPARING | COUNTING
            case ast.BinOp(op=ast.Mod()):
                yield line, TEXT | SUMS
            case ast.BinOp() | ast.UnaryOp() | ast.AugAssign():
                yield line, SUMS
            case ast.Subscript():
                yield line, ITEMS
            case ast.For() | ast.comprehension() | ast.Starred() | ast.YieldFrom():
                yield line, COUNTING
            case ast.withitem(context_expr=entered) if _is_own_block(inference, entered):
                yield getattr(entered, "lineno", line), BLOCKS
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in _CALLED:
                yield line, _CALLED[name]


def _is_own_block(inference: Inference, entered: ast.expr) -> bool:
    """Whether a `with` may enter an object that no library makes there."""
    name = inference.resolve(entered.func) if isinstance(entered, ast.Call) else None
    return name is None or inference.project.class_named(name) is not None


def _may_be_of(project: Project, value: Value, cls: str) -> bool:
    """Whether a value may be of a class, or one below it."""
    if not cls:
        return True
    match value:
        case Instance(model=name) | ModelClass(model=name) | Self(class_name=name):
            own = project.mro(name)
            return own is None or cls in own or name in (project.mro(cls) or ())
        case Named(name=name):
            return is_variable(project, name)
    return True
