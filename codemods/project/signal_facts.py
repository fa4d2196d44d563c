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
from djfix.codemods.source.document import Document
from djfix.codemods.source.walking import walk

SIGNAL_FACTS_VERSION = 3

SENT_SIGNALS = frozenset(
    {
        *("pre_init", "post_init", "pre_save", "post_save", "pre_delete", "post_delete"),
        "m2m_changed",
    }
)
"""The signals of what is done to objects."""

MODEL_SIGNALS = SENT_SIGNALS | {"class_prepared"}

MOST_ALTERNATIVES = 60
"""Connections that one statement in a loop may stand for; more are one of unknown sender."""

UNKNOWN = ExpressionFacts("other", "?")


@dataclass(frozen=True, slots=True)
class Registration:
    """One connection of a handler to a signal, all as spelled.

    `sender` None: none is given, so every model's. A `sender` or `signal` that only the running
    code knows is of kind "other". `decorates`: the qualified name of the function that it stands
    on. `is_plain`: `receiver(...)` or `.connect(...)`, not another decorator given a signal.
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
    module = _Frame.of(document.tree.body, ())
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


# -- names that a function or module binds -------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Item:
    """What a loop variable takes: the items of `of`, or position `index` of each of them."""

    of: ast.expr
    index: int | None = None


_Binding = ast.expr | _Item | None


@dataclass(frozen=True, slots=True)
class _Frame:
    """The names that one scope binds by assignment or loop; None: in some other way."""

    names: dict[str, list[_Binding]]

    @classmethod
    def of(cls, body: Iterable[ast.stmt], parameters: Iterable[str]) -> _Frame:
        names: dict[str, list[_Binding]] = {name: [None] for name in parameters}
        for node in _own_statements(body):
            for name, value in _bindings(node):
                names.setdefault(name, []).append(value)
        return cls(names)


def _own_statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for inner in _inner_blocks(node):
                yield from _own_statements(inner)


def _inner_blocks(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list):
            yield block
    for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        yield part.body


def _bindings(node: ast.stmt) -> Iterator[tuple[str, _Binding]]:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            yield name, value
        case ast.AnnAssign(target=ast.Name(id=name), value=value):
            yield name, value
        case ast.For(target=ast.Name(id=name), iter=source):
            yield name, _Item(source)
        case ast.For(target=ast.Tuple(elts=targets), iter=source):
            for index, target in enumerate(targets):
                if isinstance(target, ast.Name):
                    yield target.id, _Item(source, index)
        case ast.Assign(targets=targets):
            for target in targets:
                for inner in walk(target):
                    if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
                        yield inner.id, None


# -- connections ---------------------------------------------------------------------------------


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
        self, body: Iterable[ast.stmt], frames: tuple[_Frame, ...], scope: tuple[str, ...]
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
        frames: tuple[_Frame, ...],
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
        frame = _Frame.of(node.body, (each.arg for each in every))
        self.block(node.body, (*frames, frame), (*scope, node.name))

    def names_signal(self, node: ast.Call) -> bool:
        """Whether a decorator is `receiver` or is given a model signal."""
        if not node.args and _keyword(node, "signal") is None:
            return False
        names = {_last_name(each) for each in walk(node)}
        return "receiver" in names or not self.signal_words.isdisjoint(names)

    def decoration(
        self, node: ast.Call, name: str, frames: tuple[_Frame, ...], scope: tuple[str, ...]
    ) -> None:
        handler = ExpressionFacts("name", name.rpartition(".")[2], line=node.lineno)
        function = expression_facts(node.func, self.segment)
        signal = node.args[0] if node.args else _keyword(node, "signal")
        assert signal is not None
        self.register(node, signal, handler, frames, scope, name, function)

    def calls(
        self, statement: ast.stmt, frames: tuple[_Frame, ...], scope: tuple[str, ...]
    ) -> None:
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
            return _last_name(node.value) in self.signal_words
        if not isinstance(node, ast.Call) or _last_name(node.func) != "connect":
            return False
        return any(_last_name(each) in self.signal_words for each in node.args)

    def unknown(self, node: ast.AST, scope: tuple[str, ...]) -> None:
        """A connection of which only the signal can be read."""
        inside = (each for each in walk(node) if _last_name(each) in self.signal_words)
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
        frames: tuple[_Frame, ...],
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

    def alternatives(self, node: ast.expr, frames: tuple[_Frame, ...]) -> list[ExpressionFacts]:
        """All that an expression stands for, loop and local variables followed."""
        followed = _followed(node, frames, 0)
        unknown = ExpressionFacts("other", self.segment(node)[:80])
        if not 0 < len(followed) <= MOST_ALTERNATIVES:
            return [unknown]
        return [expression_facts(each, self.segment) if each else unknown for each in followed]


def _own_expressions(statement: ast.stmt) -> Iterator[ast.AST]:
    """The expressions of a statement itself, not those of the blocks in it."""
    for name, value in ast.iter_fields(statement):
        if name in ("body", "orelse", "finalbody", "handlers", "cases"):
            continue
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, ast.AST):
                yield from walk(each)


def _last_name(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _keyword(node: ast.Call, name: str) -> ast.expr | None:
    return next((each.value for each in node.keywords if each.arg == name), None)


def _followed(node: ast.expr, frames: tuple[_Frame, ...], depth: int) -> list[ast.expr | None]:
    if depth > 6:
        return [None]
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return [found for each in node.elts for found in _followed(each, frames, depth + 1)]
    if isinstance(node, ast.IfExp):
        either = (node.body, node.orelse)
        return [found for each in either for found in _followed(each, frames, depth + 1)]
    if isinstance(node, ast.Call) and _last_name(node.func) == "getattr" and len(node.args) == 2:
        return _by_name(*node.args)
    if not isinstance(node, ast.Name):
        return [node]
    for position in range(len(frames) - 1, -1, -1):
        bindings = frames[position].names.get(node.id)
        if bindings is not None:
            return _of_bindings(node, bindings, frames[: position + 1], depth)
    return [node]


def _by_name(owner: ast.expr, name: ast.expr) -> list[ast.expr | None]:
    """`getattr(signals, name)`: each signal, unless the name is written there."""
    given = [name.value] if isinstance(name, ast.Constant) else sorted(MODEL_SIGNALS)
    names = [each for each in given if isinstance(each, str)]
    found = [ast.Attribute(owner, each, ast.Load()) for each in names]
    return [ast.copy_location(each, owner) for each in found]


def _of_bindings(
    node: ast.Name, bindings: list[_Binding], frames: tuple[_Frame, ...], depth: int
) -> list[ast.expr | None]:
    is_of_module = len(frames) == 1
    if len(bindings) != 1:
        return [node if is_of_module else None]
    binding = bindings[0]
    if isinstance(binding, _Item):
        return _of_loop(binding, frames, depth)
    if binding is None:
        return [None]
    if is_of_module and not isinstance(binding, ast.List | ast.Tuple | ast.Set):
        return [node]
    return _followed(binding, frames, depth + 1)


def _of_loop(item: _Item, frames: tuple[_Frame, ...], depth: int) -> list[ast.expr | None]:
    rows = _rows(item.of, frames)
    if rows is None:
        return [None]
    found: list[ast.expr | None] = []
    for row in rows:
        if item.index is None:
            found += _followed(row, frames, depth + 1)
        elif isinstance(row, ast.Tuple | ast.List) and item.index < len(row.elts):
            found += _followed(row.elts[item.index], frames, depth + 1)
        else:
            found.append(None)
    return found


def _rows(node: ast.expr, frames: tuple[_Frame, ...]) -> list[ast.expr] | None:
    """The items of a literal that is looped over; of a dict's `items()`, its pairs."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        source = _literal(node.func.value, frames)
        return _rows_of_dict(source, node.func.attr) if isinstance(source, ast.Dict) else None
    source = _literal(node, frames)
    if isinstance(source, ast.List | ast.Tuple | ast.Set):
        return None if any(isinstance(each, ast.Starred) for each in source.elts) else source.elts
    return None


def _rows_of_dict(source: ast.Dict, method: str) -> list[ast.expr] | None:
    keys = [key for key in source.keys if key is not None]
    if len(keys) != len(source.values):
        return None
    match method:
        case "keys":
            return keys
        case "values":
            return source.values
        case "items":
            pairs = zip(keys, source.values, strict=True)
            return [ast.Tuple([key, value], ast.Load()) for key, value in pairs]
    return None


def _literal(node: ast.expr, frames: tuple[_Frame, ...]) -> ast.expr:
    """The literal that a name is assigned once."""
    if isinstance(node, ast.Name):
        for frame in reversed(frames):
            bindings = frame.names.get(node.id, [])
            if len(bindings) == 1 and isinstance(bindings[0], ast.expr):
                return bindings[0]
    return node
