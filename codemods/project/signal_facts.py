"""What one file connects to signals, and what its possible receivers look at: small values.

https://docs.djangoproject.com/en/stable/topics/signals/ and django/dispatch/dispatcher.py: a
receiver gets everything by keyword, so a parameter called `created` is what post_save sends.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import astuple, dataclass
from itertools import product
from typing import Any

from djfix.codemods.project.expressions import expression_facts
from djfix.codemods.project.facts import ExpressionFacts, plain, unplain
from djfix.codemods.project.handler_facts import HandlerFacts, handler_facts
from djfix.codemods.project.signal_alternatives import Frame, followed
from djfix.codemods.project.signal_names import MODEL_SIGNALS, SENT_SIGNALS
from djfix.codemods.source.chains import last_name
from djfix.codemods.source.document import Document
from djfix.codemods.source.walking import walk

SIGNAL_FACTS_VERSION = 3

MOST_ALTERNATIVES = 60
"""Connections that one statement in a loop may stand for; more are one of unknown sender."""

UNKNOWN = ExpressionFacts("other", "?")


@dataclass(frozen=True, slots=True)
class Registration:
    """One connection of a handler to a signal, all as spelled.

    `sender` None: none is given, so every model's. A `sender` or `signal` that only the running
    code knows is of kind "other". `decorates`: the qualified name of the function that it stands
    on, `decorator` what makes it one: `receiver`, or another that is given a signal.
    """

    line: int
    signal: ExpressionFacts
    handler: ExpressionFacts
    sender: ExpressionFacts | None = None
    scope: tuple[str, ...] = ()
    decorates: str = ""
    decorator: ExpressionFacts | None = None
    dispatch_uid: str = ""


@dataclass(frozen=True, slots=True)
class SignalFacts:
    """What one file says about signals; `handlers` are the functions that might be receivers."""

    registrations: tuple[Registration, ...] = ()
    handlers: tuple[HandlerFacts, ...] = ()

    def handler(self, name: str) -> HandlerFacts | None:
        """The last function of this qualified name, as Python has it."""
        return next((each for each in reversed(self.handlers) if each.name == name), None)


def may_say_something(data: bytes) -> bool:
    """Whether a file with these bytes may connect to a signal, or is one that others may name."""
    return any(name.encode() in data for name in SENT_SIGNALS)


def signal_facts(document: Document) -> SignalFacts:
    """The facts of a file. Raises Unreadable."""
    words = _signal_words(document.data)
    reading = _Reading(document.segment, words, b".connect" in document.data)
    module = Frame.of(document.tree.body, ())
    reading.block(document.tree.body, (module,), ())
    return SignalFacts(tuple(reading.registrations), tuple(reading.handlers))


_RENAMED = re.compile(rb"\b(?:(?:pre|post)_(?:init|save|delete)|m2m_changed)\s+as\s+(\w+)")


def _signal_words(data: bytes) -> frozenset[str]:
    """The names that stand for model signals in a file: their own, and what they are imported
    as."""
    return MODEL_SIGNALS | {name.decode(errors="replace") for name in _RENAMED.findall(data)}


def as_plain(facts: SignalFacts) -> list[Any]:
    """JSON data of the facts."""
    return [
        [
            [each.line, plain(each.signal), plain(each.handler), plain(each.sender),
             list(each.scope), each.decorates, plain(each.decorator), each.dispatch_uid]
            for each in facts.registrations
        ],
        [_plain_handler(each) for each in facts.handlers],
    ]  # fmt: skip


def _plain_handler(facts: HandlerFacts) -> list[Any]:
    return [sorted(each) if isinstance(each, frozenset) else each for each in astuple(facts)]


def from_plain(data: Any) -> SignalFacts:
    """The inverse of `as_plain`. Raises ValueError, TypeError or IndexError on foreign data."""
    registrations, handlers = data
    return SignalFacts(
        tuple(
            Registration(line, unplain(signal), unplain(handler), unplain(sender), tuple(scope),
                         decorates, unplain(decorator), uid)
            for line, signal, handler, sender, scope, decorates, decorator, uid in registrations
        ),
        tuple(HandlerFacts.from_plain(each) for each in handlers),
    )  # fmt: skip


@dataclass
class _Reading:
    """Collects while the statements of a file are visited."""

    segment: Callable[[ast.AST], str]
    signal_words: frozenset[str]
    has_connect: bool

    def __post_init__(self) -> None:
        self.registrations: list[Registration] = []
        self.handlers: list[HandlerFacts] = []

    def block(
        self, body: Iterable[ast.stmt], frames: tuple[Frame, ...], scope: tuple[str, ...]
    ) -> None:
        for node in body:
            match node:
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    self.function(node, frames, scope)
                case ast.ClassDef():
                    self.block(node.body, frames, (*scope, node.name))
                case _ if self.has_connect:
                    self.calls(node, frames, scope)
                    for inner in _inner_blocks(node):
                        self.block(inner, frames, scope)
                case ast.If() | ast.Try() | ast.With() | ast.For():
                    for inner in _inner_blocks(node):
                        self.block(inner, frames, scope)

    def function(
        self,
        node: ast.FunctionDef | ast.AsyncFunctionDef,
        frames: tuple[Frame, ...],
        scope: tuple[str, ...],
    ) -> None:
        name = ".".join((*scope, node.name))
        if node.args.kwarg is not None:
            # Django sends everything by keyword: without `**kwargs` it is no receiver.
            self.handlers.append(handler_facts(node, name))
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Call) and self.names_signal(decorator):
                self.decoration(decorator, name, frames, scope)
        if not self.has_connect:
            return
        arguments = node.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += [each for each in (arguments.vararg, arguments.kwarg) if each]
        frame = Frame.of(node.body, (each.arg for each in every))
        self.block(node.body, (*frames, frame), (*scope, node.name))

    def names_signal(self, node: ast.Call) -> bool:
        """Whether a decorator is `receiver` or is given a model signal."""
        if not node.args and _keyword(node, "signal") is None:
            return False
        names = {last_name(each) for each in walk(node)}
        return "receiver" in names or not self.signal_words.isdisjoint(names)

    def decoration(
        self, node: ast.Call, name: str, frames: tuple[Frame, ...], scope: tuple[str, ...]
    ) -> None:
        handler = ExpressionFacts("name", name.rpartition(".")[2], line=node.lineno)
        function = expression_facts(node.func, self.segment)
        signal = node.args[0] if node.args else _keyword(node, "signal")
        assert signal is not None
        self.register(node, signal, handler, frames, scope, name, function)

    def calls(self, statement: ast.stmt, frames: tuple[Frame, ...], scope: tuple[str, ...]) -> None:
        found = list(_own_expressions(statement))
        called = {node.func for node in found if isinstance(node, ast.Call)}
        for node in found:
            if self.hands_on(node, called):
                self.unknown(node, scope)
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "connect"
                and (node.args or node.keywords)
            ):
                handler = node.args[0] if node.args else _keyword(node, "receiver")
                facts = UNKNOWN if handler is None else expression_facts(handler, self.segment)
                self.register(node, node.func.value, facts, frames, scope)

    def hands_on(self, node: ast.AST, called: set[ast.expr]) -> bool:
        """Whether a model signal's `connect`, or the signal itself, is given to other code."""
        if isinstance(node, ast.Attribute) and node.attr == "connect" and node not in called:
            return last_name(node.value) in self.signal_words
        if not isinstance(node, ast.Call) or last_name(node.func) != "connect":
            return False
        return any(last_name(each) in self.signal_words for each in node.args)

    def unknown(self, node: ast.AST, scope: tuple[str, ...]) -> None:
        """A connection of which only the signal can be read."""
        inside = (each for each in walk(node) if last_name(each) in self.signal_words)
        for each in inside:
            assert isinstance(each, ast.expr)
            signal = expression_facts(each, self.segment)
            self.registrations.append(
                Registration(each.lineno, signal, UNKNOWN, sender=UNKNOWN, scope=scope)
            )

    def register(
        self,
        node: ast.Call,
        signal: ast.expr,
        handler: ExpressionFacts,
        frames: tuple[Frame, ...],
        scope: tuple[str, ...],
        decorates: str = "",
        decorator: ExpressionFacts | None = None,
    ) -> None:
        sender = _keyword(node, "sender")
        if sender is None and len(node.args) > 1 and not decorates:
            sender = node.args[1]
        signals = self.alternatives(signal, frames)
        senders = [None] if sender is None else self.alternatives(sender, frames)
        if any(each.arg is None for each in node.keywords):
            senders = [UNKNOWN]
        uid = _keyword(node, "dispatch_uid")
        for one, other in product(signals, senders):
            self.registrations.append(
                Registration(
                    line=node.lineno,
                    signal=one,
                    handler=handler,
                    sender=other,
                    scope=scope,
                    decorates=decorates,
                    decorator=decorator,
                    dispatch_uid=str(uid.value) if isinstance(uid, ast.Constant) else "",
                )
            )

    def alternatives(self, node: ast.expr, frames: tuple[Frame, ...]) -> list[ExpressionFacts]:
        """All that an expression stands for, loop and local variables followed."""
        found = followed(node, frames)
        unknown = ExpressionFacts("other", self.segment(node)[:80])
        if not 0 < len(found) <= MOST_ALTERNATIVES:
            return [unknown]
        return [expression_facts(each, self.segment) if each else unknown for each in found]


def _inner_blocks(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list):
            yield block
    for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        yield part.body


def _own_expressions(statement: ast.stmt) -> Iterator[ast.AST]:
    """The expressions of a statement itself, not those of the blocks in it."""
    for name, value in ast.iter_fields(statement):
        if name in ("body", "orelse", "finalbody", "handlers", "cases"):
            continue
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, ast.AST):
                yield from walk(each)


def _keyword(node: ast.Call, name: str) -> ast.expr | None:
    return next((each.value for each in node.keywords if each.arg == name), None)
