"""Generates small functions, runs them under a trace, and says what they did.

Every simple statement has a line of its own, so that a line names a point. Values carry the line
that bound them; a read is reported with the line of the binding that it found. What happens at
run time (tests, exceptions, swallowed exceptions, what is done to a generator) is decided by a
list of numbers; when it is used up, tests are false and nothing raises, so every run ends.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any

from hypothesis import strategies as st

NAMES = ("a", "b", "c")
GENERATED = "<generated>"
ERRORS = (ValueError, KeyError)


class Tagged:
    """A value that knows the line that bound it, and reports what generated code does to it."""

    def __init__(self, run: Run, line: int, *, true: bool = True) -> None:
        self.run, self.line, self.true = run, line, true
        self.x = 0

    def __getattribute__(self, name: str) -> Any:
        object.__getattribute__(self, "run").note(self, sys._getframe(1))
        return object.__getattribute__(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name != "run":
            self.run.note(self, sys._getframe(1))
        object.__setattr__(self, name, value)

    def __bool__(self) -> bool:
        self.run.note(self, sys._getframe(1))
        return self.true

    def method(self) -> None:
        """Does nothing."""

    def __add__(self, other: Tagged) -> Tagged:
        return other


@dataclass
class Run:
    """One execution.

    `lines` in order, with the `variables` before each; `reads`: line, name and binding line (None
    for an exception); `touched`: how many lines had begun, the object, the line.
    """

    decisions: list[int]
    lines: list[int] = field(default_factory=list)
    reads: list[tuple[int, str, int | None]] = field(default_factory=list)
    variables: list[dict[str, Any]] = field(default_factory=list)
    touched: list[tuple[int, Tagged, int]] = field(default_factory=list)
    raised: BaseException | None = None

    def note(self, value: Tagged, frame: FrameType) -> None:
        """Notes the moment and line at which generated code used an object."""
        if frame.f_code.co_filename == GENERATED:
            self.touched.append((len(self.lines), value, frame.f_lineno))

    def touch(self, value: Any) -> None:
        if isinstance(value, Tagged):
            self.note(value, sys._getframe(1))

    def decide(self, choices: int) -> int:
        return self.decisions.pop() % choices if self.decisions else 0

    def tell(self) -> bool:
        return self.decide(2) == 1

    def boom(self) -> None:
        choice = self.decide(4)
        if choice in (1, 2):
            raise ERRORS[choice - 1]

    def use(self, name: str, value: Any) -> None:
        frame = sys._getframe(1)
        self.reads.append((frame.f_lineno, name, getattr(value, "line", None)))

    def value(self, line: int) -> Tagged:
        if self.decide(5) == 1:
            raise ValueError
        return Tagged(self, line, true=self.decide(2) == 1)

    def several(self, line: int) -> Iterator[Tagged]:
        for _ in range(self.decide(3)):
            yield Tagged(self, line)
        if self.decide(5) == 1:
            raise KeyError

    def manager(self, line: int) -> Manager:
        return Manager(self, line)


class Manager:
    """A context manager that may raise on entry or exit, or swallow."""

    def __init__(self, run: Run, line: int) -> None:
        self.run, self.line = run, line

    def __enter__(self) -> Tagged:
        if self.run.decide(6) == 1:
            raise ValueError
        return Tagged(self.run, self.line)

    def __exit__(self, *error: object) -> bool:
        choice = self.run.decide(4)
        if choice == 1:
            raise KeyError
        return choice == 2


def execute(source: str, decisions: Sequence[int]) -> Run:
    """Runs the function `f` of the source; a generator is driven to its end."""
    run = Run(list(decisions))
    names: dict[str, Any] = {
        "t": run.tell,
        "boom": run.boom,
        "use": run.use,
        "v": run.value,
        "seq": run.several,
        "cm": run.manager,
        "touch": run.touch,
        "call": lambda function: function(),
    }
    exec(compile(source, GENERATED, "exec"), names)
    function = names["f"]
    before = sys.gettrace()
    sys.settrace(_tracer(run, function.__code__))
    try:
        _drive(run, function(Tagged(run, 1)))
    except Exception as error:  # noqa: BLE001
        run.raised = error
    finally:
        sys.settrace(before)
    return run


CLEAN_UPS = frozenset(
    ("RERAISE", "COPY", "POP_EXCEPT", "PUSH_EXC_INFO", "SWAP", "RETURN_VALUE", "POP_TOP")
)
"""Instructions that begin no statement: CPython reports a line for leaving a block by them."""


def _tracer(run: Run, code: CodeType) -> Callable[..., Any]:
    clean_ups = {
        instruction.offset
        for instruction in dis.get_instructions(code)
        if instruction.opname in CLEAN_UPS
    }

    def local(frame: FrameType, event: str, argument: object) -> Any:
        if event == "line" and frame.f_lasti not in clean_ups:
            run.lines.append(frame.f_lineno)
            run.variables.append(dict(frame.f_locals))
        return local

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        return local if frame.f_code is code else None

    return trace


def _drive(run: Run, result: Any) -> None:
    if not hasattr(result, "throw"):
        return
    try:
        next(result)
        while True:
            if run.decide(4) == 1:
                result.throw(ValueError())
            else:
                next(result)
    except StopIteration:
        pass


@dataclass
class Place:
    """Where a statement stands: what it may contain."""

    depth: int
    loop: bool = False
    returns: bool = True


class Writer:
    """Writes one function."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any], generator: bool) -> None:
        self.draw = draw
        self.generator = generator
        self.lines = ["def f(a):"]

    def line(self, depth: int, text: str) -> None:
        number = len(self.lines) + 1
        self.lines.append("    " * depth + text.replace("@", str(number)))

    def choose(self, *choices: Any) -> Any:
        return self.draw(st.sampled_from(choices))

    def name(self) -> str:
        return str(self.choose(*NAMES))

    def block(self, place: Place) -> None:
        for _ in range(self.draw(st.integers(1, 3))):
            self.statement(place)

    def statement(self, place: Place) -> None:
        deep = place.depth >= 5 or len(self.lines) > 40
        if deep or self.draw(st.integers(0, 9)) < 5:
            self.simple(place)
        else:
            compound = self.choose(
                self.if_,
                self.while_,
                self.for_,
                self.try_,
                self.try_,
                self.with_,
                self.match_,
                self.try_star,
            )
            compound(place)

    def simple(self, place: Place) -> None:
        name, texts = self.name(), self.texts(place)
        if self.generator:
            texts.append("yield")
        if place.returns:
            texts += [f"return {name}", "return boom()"]
        if place.loop:
            texts += ["break", "continue"]
        self.line(place.depth, self.choose(*texts))

    def texts(self, place: Place) -> list[str]:
        name, other = self.name(), self.name()
        return [
            f"{name} = v(@)",
            f"{name} = v(@)",
            f"{name} = {other} = v(@)",
            f"{name}, {other} = v(@), v(@)",
            f"{name} += v(@)",
            f'use("{name}", {name})',
            f'use("{name}", {name})',
            f'use("{name}", {name})',
            f'call(lambda: use("{name}", {name}))',
            f"t() and ({name} := v(@))",
            f"[{name} := v(@) for _ in seq(@)]",
            f'[use("{name}", {name}) for _ in seq(@)]',
            f"[{name} for {name} in seq(@)]",
            f"del {name}",
            "boom()",
            "boom()",
            "raise ValueError",
            "pass",
            f"assert t(), {name}",
        ]

    def if_(self, place: Place) -> None:
        test = self.choose("t()", f"t() and ({self.name()} := v(@))", "True", "0")
        self.line(place.depth, f"if {test}:")
        self.block(_inner(place))
        if self.choose(True, False):
            self.line(place.depth, "elif t():")
            self.block(_inner(place))
        if self.choose(True, False):
            self.line(place.depth, "else:")
            self.block(_inner(place))

    def while_(self, place: Place) -> None:
        if self.choose(True, False):
            self.line(place.depth, "while True:")
            self.line(place.depth + 1, "if not t():")
            self.line(place.depth + 2, "break")
        else:
            self.line(place.depth, "while t():")
        self.block(_inner(place, loop=True))
        self.otherwise(place)

    def for_(self, place: Place) -> None:
        self.line(place.depth, f"for {self.name()} in seq(@):")
        self.block(_inner(place, loop=True))
        self.otherwise(place)

    def otherwise(self, place: Place) -> None:
        if self.choose(True, False):
            self.line(place.depth, "else:")
            self.block(_inner(place))

    def try_(self, place: Place) -> None:
        self.line(place.depth, "try:")
        self.block(_inner(place))
        handlers = self.draw(st.integers(0, 2))
        for error in ("ValueError", "KeyError")[:handlers]:
            self.line(place.depth, f"except {error}{self.choose('', f' as {self.name()}')}:")
            self.block(_inner(place))
        if handlers and self.choose(True, False):
            self.line(place.depth, "except:")
            self.block(_inner(place))
        if handlers and self.choose(True, False):
            self.line(place.depth, "else:")
            self.block(_inner(place))
        if not handlers or self.choose(True, False):
            self.line(place.depth, "finally:")
            self.block(_inner(place))

    def try_star(self, place: Place) -> None:
        self.line(place.depth, "try:")
        self.block(_inner(place))
        for error in ("ValueError", "KeyError")[: self.draw(st.integers(1, 2))]:
            self.line(place.depth, f"except* {error}{self.choose('', f' as {self.name()}')}:")
            self.block(_inner(place, returns=False, loop=False))
        if self.choose(True, False):
            self.line(place.depth, "finally:")
            self.block(_inner(place))

    def with_(self, place: Place) -> None:
        items = [f"cm(@){self.choose('', f' as {self.name()}')}" for _ in range(self.choose(1, 2))]
        self.line(place.depth, f"with {', '.join(items)}:")
        self.block(_inner(place))

    def match_(self, place: Place) -> None:
        self.line(place.depth, "match v(@):")
        patterns = [
            "_",
            f"{self.name()}",
            f"{self.name()} if t()",
            "None",
            f"(None | _) as {self.name()}",
        ]
        wanted = [pattern for pattern in patterns if self.choose(True, False)] or ["None"]
        refutable = [one for one in wanted if "if" in one or one == "None"]
        certain = [one for one in wanted if one not in refutable]
        for pattern in refutable + certain[:1]:
            self.line(place.depth + 1, f"case {pattern}:")
            self.block(Place(place.depth + 2, place.loop, place.returns))


def _inner(place: Place, **changes: bool) -> Place:
    loop, returns = changes.get("loop", place.loop), changes.get("returns", place.returns)
    return Place(place.depth + 1, loop, returns)


class ObjectWriter(Writer):
    """Writes functions that use objects and hand them on."""

    def texts(self, place: Place) -> list[str]:
        name, other, third = self.name(), self.name(), self.name()
        return [
            f"{name}.x",
            f"{name}.x = 1",
            f"{name}.x += 1",
            f"{name}.method()",
            f"touch({name})",
            f"{name} = v(@)",
            f"{name} = {other}",
            f"{name} = {other} if t() else {third}",
            f"{name} = {other} or {third}",
            f"{name}.y = {other}",
            f"{name} = {other}.y",
            f"{name}.y.x = 1",
            f"call(lambda: {name}.x)",
            f"[{name}.x for _ in seq(@)]",
            f"[{name}.x for {name} in seq(@)]",
            f"t() and ({name} := {other})",
            f"{name}, {other} = {other}, {third}",
            f"del {name}",
            "boom()",
            "raise ValueError",
        ]


@st.composite
def programs(draw: Callable[[st.SearchStrategy[Any]], Any], writing: type[Writer] = Writer) -> str:
    """The source of one function `f(a)`."""
    writer = writing(draw, generator=draw(st.booleans()))
    writer.block(Place(1))
    writer.block(Place(1))
    writer.line(1, "if 0:")
    writer.line(2, "a = b = c = v(@)")  # makes them variables of the function, with no effect
    return "\n".join(writer.lines) + "\n"
