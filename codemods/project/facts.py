"""What one Python module says, as small frozen values that need no Django and serialise as JSON.

`extraction.py` makes these from an `ast`; everything else in this floor links them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from operator import attrgetter
from sys import intern
from typing import Any, Literal

FACTS_VERSION = 4
"""Raise when the meaning or the order of any field below changes: older facts are dropped."""

Constant = None | bool | int | float | str

ExpressionKind = Literal[
    "name",
    "constant",
    "call",
    "attribute",
    "subscript",
    "list",
    "tuple",
    "set",
    "dict",
    "binary",
    "unary",
    "conditional",
    "starred",
    "other",
]

Condition = Literal["", "type-checking", "try", "except", "if", "else", "loop"]
"""The innermost branch that a statement stands in; "" is the plain flow of its scope."""


@dataclass(frozen=True, slots=True)
class ExpressionFacts:
    """One expression, reduced to a tree.

    `name`: the dotted name of a "name" (a chain of plain names only), the attribute of an
    "attribute" (whose base is any other expression), the operator of "binary" and "unary", the
    source text, cut short, of "other". `items`: of a "call" the function, then the positional
    arguments; of a "dict" keys and values in turn (a key of kind "other" named "**" marks an
    unpacked mapping); of "attribute" its base; of "subscript" value and index; of "conditional"
    test, body, else. `keywords`: of a "call"; the name "**" marks an unpacked mapping.
    """

    kind: ExpressionKind
    name: str = ""
    value: Constant = None
    items: tuple[ExpressionFacts, ...] = ()
    keywords: tuple[tuple[str, ExpressionFacts], ...] = ()
    line: int = 0

    @property
    def function(self) -> ExpressionFacts | None:
        """What a "call" calls."""
        return self.items[0] if self.kind == "call" else None

    @property
    def arguments(self) -> tuple[ExpressionFacts, ...]:
        """The positional arguments of a "call"."""
        return self.items[1:] if self.kind == "call" else ()

    def keyword(self, name: str) -> ExpressionFacts | None:
        """The value of a "call"'s keyword."""
        return next((value for key, value in self.keywords if key == name), None)

    def argument(self, position: int, name: str) -> ExpressionFacts | None:
        """The positional argument at this position, else the keyword of this name."""
        given = self.arguments[: position + 1]
        if len(given) == position + 1 and all(each.kind != "starred" for each in given):
            return given[position]
        return self.keyword(name)

    def is_constant(self, value: Constant) -> bool:
        """Whether this is exactly this literal (True is not 1)."""
        return self.kind == "constant" and self.value == value and type(self.value) is type(value)

    @property
    def string(self) -> str | None:
        """The value of a string literal."""
        return self.value if self.kind == "constant" and isinstance(self.value, str) else None

    def walk(self) -> Iterator[ExpressionFacts]:
        """This expression and all inside it, outermost first."""
        yield self
        for item in self.items:
            yield from item.walk()
        for _, item in self.keywords:
            yield from item.walk()


@dataclass(frozen=True, slots=True)
class Unread:
    """An expression as its text alone, and the line that it begins on, until somebody asks.

    Of the expressions of a project three in four are never asked for (measured on the corpus), and
    a tree takes several times the room of its text.
    """

    text: str
    line: int
    _known: ExpressionFacts | None = field(default=None, init=False, compare=False, repr=False)

    @property
    def facts(self) -> ExpressionFacts:
        """The expression as a tree."""
        if self._known is None:
            from djfix.codemods.project.expressions import read_text

            object.__setattr__(self, "_known", read_text(self.text, self.line))
        assert self._known is not None
        return self._known


Given = ExpressionFacts | Unread
"""An expression in either form."""


def _read(given: Given | None) -> ExpressionFacts | None:
    return given.facts if isinstance(given, Unread) else given


@dataclass(frozen=True, slots=True)
class ImportFacts:
    """One name that an import statement binds.

    `import a.b` has `module="a.b", name=None, bound="a"` (the name is bound to the package a);
    `import a.b as c` is held as `from a import b as c`, which is what Python does;
    `from .x import y as z` has `module="x", name="y", bound="z", level=1`; a star has name "*".
    `scope`: the names of the enclosing classes and functions, outermost first.
    """

    module: str
    name: str | None
    bound: str
    level: int
    line: int
    scope: tuple[str, ...] = ()
    condition: Condition = ""


@dataclass(frozen=True, slots=True)
class AssignmentFacts:
    """`target = value`, `target: annotation = value` or `target += value` of a module or class.

    `target` is a name or a dotted chain. `operator` is "" or the augmented one ("+").
    An unpacking that cannot be paired has `value` of kind "other".
    """

    target: str
    given: Given | None
    line: int
    given_annotation: Given | None = None
    operator: str = ""
    condition: Condition = ""

    @property
    def has_value(self) -> bool:
        """Whether there is a value, as there is none of `target: annotation`."""
        return self.given is not None

    @property
    def value(self) -> ExpressionFacts | None:
        return _read(self.given)

    def may_spell(self, word: str) -> bool:
        """Whether the value may have this in its text, told without reading most values."""
        return word in self.given.text if isinstance(self.given, Unread) else self.has_value

    @property
    def annotation(self) -> ExpressionFacts | None:
        return _read(self.given_annotation)


@dataclass(frozen=True, slots=True)
class ParameterFacts:
    """One parameter; `kind`: "positional-only", "positional", "*", "keyword-only" or "**"."""

    name: str
    kind: str = "positional"
    given_annotation: Given | None = None
    given_default: Given | None = None

    @property
    def annotation(self) -> ExpressionFacts | None:
        return _read(self.given_annotation)

    @property
    def default(self) -> ExpressionFacts | None:
        return _read(self.given_default)


@dataclass(frozen=True, slots=True)
class FunctionFacts:
    """A function or method, without its body. Lines are of `def` and of the body's end."""

    name: str
    line: int
    end_line: int
    parameters: tuple[ParameterFacts, ...] = ()
    decorators: tuple[ExpressionFacts, ...] = ()
    is_async: bool = False
    given_returns: Given | None = None
    condition: Condition = ""

    @property
    def returns(self) -> ExpressionFacts | None:
        """The annotation of what it returns."""
        return _read(self.given_returns)

    @property
    def first_line(self) -> int:
        """That of its first decorator, or its own."""
        return min([self.line, *(each.line for each in self.decorators if each.line)])

    def _is_decorated(self, names: frozenset[str]) -> bool:
        return any(
            each.kind == "name" and each.name.rpartition(".")[2] in names
            for each in self.decorators
        )

    @property
    def is_property(self) -> bool:
        """`@property`, `@cached_property`, or a `@x.setter` of one."""
        return self._is_decorated(_PROPERTIES) or self.is_setter

    @property
    def is_cached_property(self) -> bool:
        return self._is_decorated(frozenset({"cached_property"}))

    @property
    def is_setter(self) -> bool:
        """`@name.setter` (or deleter, getter): adds to the property of the same name."""
        return any(
            each.kind == "name" and each.name.partition(".")[2] in {"setter", "deleter", "getter"}
            for each in self.decorators
        )

    @property
    def is_classmethod(self) -> bool:
        return self._is_decorated(frozenset({"classmethod"}))

    @property
    def is_staticmethod(self) -> bool:
        return self._is_decorated(frozenset({"staticmethod"}))

    def parameter(self, name: str) -> ParameterFacts | None:
        return next((each for each in self.parameters if each.name == name), None)


_PROPERTIES = frozenset({"property", "cached_property", "abstractproperty"})


@dataclass(frozen=True, slots=True)
class ClassFacts:
    """A class statement of a module, or nested in such a class; those in functions are left out.

    `is_open`: the body binds names in ways that are not listed here (a loop, an import, `with`).
    """

    name: str
    line: int
    end_line: int
    bases: tuple[ExpressionFacts, ...] = ()
    keywords: tuple[tuple[str, ExpressionFacts], ...] = ()
    decorators: tuple[ExpressionFacts, ...] = ()
    assignments: tuple[AssignmentFacts, ...] = ()
    methods: tuple[FunctionFacts, ...] = ()
    classes: tuple[ClassFacts, ...] = ()
    condition: Condition = ""
    is_open: bool = False

    @property
    def first_line(self) -> int:
        """That of its first decorator, or its own."""
        return min([self.line, *(each.line for each in self.decorators if each.line)])

    def nested(self, name: str) -> ClassFacts | None:
        """The class of this name in the body (the last one, as Python has it)."""
        return next((each for each in reversed(self.classes) if each.name == name), None)

    def method(self, name: str) -> FunctionFacts | None:
        """The last method of this name that is not a property's setter."""
        return next(
            (each for each in reversed(self.methods) if each.name == name and not each.is_setter),
            None,
        )

    def assignment(self, name: str) -> AssignmentFacts | None:
        """The last assignment with a value to this name."""
        return next(
            (each for each in reversed(self.assignments) if each.target == name and each.has_value),
            None,
        )

    def defines(self, name: str) -> bool:
        """Whether a name is in the class's `__dict__`."""
        for method in self.methods:
            if method.name == name:
                return True
        return self.nested(name) is not None or self.assignment(name) is not None

    def binds(self) -> frozenset[str]:
        """All names in the class's `__dict__`."""
        return frozenset(
            [each.target for each in self.assignments if each.has_value]
            + [each.name for each in self.methods]
            + [each.name for each in self.classes]
        )


@dataclass(frozen=True, slots=True)
class CallFacts:
    """A statement that registers something (`x.connect(...)`, `X.add_to_class(...)`), any scope."""

    call: ExpressionFacts
    scope: tuple[str, ...] = ()
    condition: Condition = ""


@dataclass(frozen=True, slots=True)
class PatchFacts:
    """`Order.save = f` in a function: `target` as spelled, its owner in capitals like a class."""

    target: str
    scope: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModuleFacts:
    """What one module says.

    `imports` are those of all scopes. `exports` is `__all__`, None if there is none or it cannot
    be read (`exports_unclear`). `other_bindings`: names that the module binds in any other way
    (loops, with, del, walrus, `global` in a function), with the line.
    """

    imports: tuple[ImportFacts, ...] = ()
    assignments: tuple[AssignmentFacts, ...] = ()
    classes: tuple[ClassFacts, ...] = ()
    functions: tuple[FunctionFacts, ...] = ()
    calls: tuple[CallFacts, ...] = ()
    exports: tuple[str, ...] | None = None
    exports_unclear: bool = False
    other_bindings: tuple[tuple[str, int], ...] = ()
    patches: tuple[PatchFacts, ...] = ()

    def class_at(self, qualname: tuple[str, ...]) -> ClassFacts | None:
        """The last class of this qualified name."""
        found: ClassFacts | None = None
        level = self.classes
        for name in qualname:
            found = next((each for each in reversed(level) if each.name == name), None)
            if found is None:
                return None
            level = found.classes
        return found

    def function(self, name: str) -> FunctionFacts | None:
        """The last module-level function of this name."""
        return next((each for each in reversed(self.functions) if each.name == name), None)


_NUMBERS = tuple(range(10_000))


def shared(atom: Any) -> Any:
    """An equal text or number that is the same object in all facts: of the names and lines in
    them, most stand in many."""
    if type(atom) is str:
        return intern(atom)
    if type(atom) is int and 0 <= atom < len(_NUMBERS):
        return _NUMBERS[atom]
    return atom


_TYPES: tuple[type[Any], ...] = (
    tuple,
    ExpressionFacts,
    ImportFacts,
    AssignmentFacts,
    ParameterFacts,
    FunctionFacts,
    ClassFacts,
    CallFacts,
    PatchFacts,
    ModuleFacts,
    Unread,
)
_CODES = {kind: code for code, kind in enumerate(_TYPES)}
_FIELDS = {kind: [each for each in fields(kind) if each.init] for kind in _TYPES[1:]}
_VALUES = {kind: attrgetter(*[each.name for each in of]) for kind, of in _FIELDS.items()}
_DEFAULTS = {kind: [each.default for each in of] for kind, of in _FIELDS.items()}
_ATOMS = frozenset({str, int, bool, type(None)})


def plain(value: Any) -> Any:
    """Facts as JSON data: a list that begins with the type's number; trailing defaults left out."""
    kind = type(value)
    if kind is tuple:
        return [0, *[each if type(each) in _ATOMS else plain(each) for each in value]]
    code = _CODES.get(kind)
    if code is None:
        return value
    values, defaults = _VALUES[kind](value), _DEFAULTS[kind]
    last = len(values)
    while last and values[last - 1] == defaults[last - 1]:
        last -= 1
    return [code, *[each if type(each) in _ATOMS else plain(each) for each in values[:last]]]


def unplain(data: Any) -> Any:
    """The inverse of `plain`. Raises ValueError, TypeError or IndexError on foreign data."""
    if not isinstance(data, list):
        return data
    code = data[0]
    values = [unplain(each) if type(each) is list else shared(each) for each in data[1:]]
    return tuple(values) if code == 0 else _TYPES[code](*values)
