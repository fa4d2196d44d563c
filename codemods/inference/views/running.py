"""One action of a view, read as Python would run it: statements, branches, what is returned.

Every branch that the action's name and method decide is decided; of the others both are taken.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from djfix.codemods.inference.views.choices import (
    Class,
    Constant,
    Itself,
    Made,
    Missing,
    Object,
    Place,
    Request,
    Rows,
    Sequence,
    Unknown,
    Value,
    Values,
    truth,
    union,
)
from djfix.codemods.inference.views.choices import (
    Mapping as Entries,
)
from djfix.codemods.project.project import Project

Environment = dict[str, Values]

UNKNOWN: Values = (Unknown(),)
NONE: Values = (Constant(None),)
DEEPEST = 6
"""How many methods are followed into one another."""
MOST_CALLS = 300
"""How many calls are followed in one action: an action costs no more, whatever it calls."""


EventKind = Literal["fetch", "write", "unjudged", "call", "refresh", "render"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens to rows while an action is answered.

    "fetch": one of `rows` is fetched; "render": one is rendered; "refresh": read again; "write":
    rows of other models change behind its back; "unjudged": code that may do so is handed it.
    `models`: of which they are, where that is known. "call": the function named by `text` is
    called and not told of the object; what it writes is looked into where it matters.
    """

    kind: EventKind
    rows: Rows | None = None
    path: str = ""
    line: int = 0
    text: str = ""
    models: frozenset[str] = frozenset()


@dataclass(slots=True)
class Run:
    """One action that is answered, and what was seen on the way.

    `overrides`: attributes that `@action(...)` sets on the view. `made`: the serializers that were
    made; `rendered`: those of them whose data was read, or that were handed on. `events`: in the
    order in which they happen. `unclear`: names of what could not be followed.
    """

    project: Project
    view: str
    action: str | None
    method: str
    overrides: Mapping[str, Values] = field(default_factory=dict)
    is_viewset: bool = True
    detail: bool | None = None
    made: dict[Made, None] = field(default_factory=dict)
    rendered: dict[Made, None] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    unclear: dict[str, None] = field(default_factory=dict)
    stack: tuple[tuple[str, str], ...] = ()
    undecided: int = 0
    calls: int = 0


@dataclass(slots=True)
class Ways:
    """How a block is left: by `return` with these values, or by falling out of it."""

    returned: list[Values]
    falls: bool


def call_method(run: Run, place: Place, given: Mapping[str, Values]) -> Values:
    """What a method of the project returns, with what its parameters hold."""
    key = (place.document.path, f"{place.function.lineno}")
    if key in run.stack or len(run.stack) >= DEEPEST:
        return UNKNOWN
    run.calls += 1
    if run.calls > MOST_CALLS:
        run.unclear["too-much-code"] = None
        return UNKNOWN
    run.stack += (key,)
    environment = _parameters(place, given)
    ways = block(run, place, place.function.body, environment)
    run.stack = run.stack[:-1]
    returned = ways.returned + ([NONE] if ways.falls else [])
    return union(*returned) or (Missing(),)


def _parameters(place: Place, given: Mapping[str, Values]) -> Environment:
    arguments = place.function.args
    names = [each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    rest = [each.arg for each in (arguments.vararg, arguments.kwarg) if each is not None]
    environment: Environment = dict.fromkeys((*names, *rest), UNKNOWN)
    if "request" in environment:
        environment["request"] = (Request(),)
    if place.cls and names and not _is_static(place):
        environment[names[0]] = (Itself(),)
    return environment | {name: values for name, values in given.items() if name in environment}


def _is_static(place: Place) -> bool:
    return any(
        isinstance(each, ast.Name) and each.id == "staticmethod"
        for each in place.function.decorator_list
    )


def block(run: Run, place: Place, body: Iterable[ast.stmt], environment: Environment) -> Ways:
    """Runs statements in order; `environment` is that of the way that falls out."""
    returned: list[Values] = []
    before = run.undecided
    falls = True
    for statement in body:
        ways = _statement(run, place, statement, environment)
        returned += ways.returned
        falls = ways.falls
        if not falls:
            break
        # What follows an early return runs on a condition too.
        run.undecided += bool(ways.returned)
    run.undecided = before
    return Ways(returned, falls)


def _statement(run: Run, place: Place, statement: ast.stmt, environment: Environment) -> Ways:
    from djfix.codemods.inference.views.evaluating import evaluate

    match statement:
        case ast.Return(value=value):
            found = NONE if value is None else evaluate(run, place, value, environment)
            mark_rendered(run, found)
            return Ways([found], False)
        case ast.If(test=test):
            decided = truth(evaluate(run, place, test, environment))
            return _branches(run, place, statement.body, statement.orelse, environment, decided)
        case ast.Try():
            return _try(run, place, statement, environment)
        case ast.With() | ast.AsyncWith():
            for item in statement.items:
                evaluate(run, place, item.context_expr, environment)
            return block(run, place, statement.body, environment)
        case ast.For() | ast.AsyncFor():
            _bind_element(run, place, statement, environment)
            ways = _branches(run, place, statement.body, (), environment, None)
            return Ways(ways.returned, True)
        case ast.While(test=test):
            evaluate(run, place, test, environment)
            ways = _branches(run, place, statement.body, (), environment, None)
            return Ways(ways.returned, True)
        case ast.Match():
            return _match(run, place, statement, environment)
        case ast.Raise():
            return Ways([], False)
        case ast.Continue() | ast.Break():
            return Ways([], False)
    _simple(run, place, statement, environment)
    return Ways([], True)


def _simple(run: Run, place: Place, statement: ast.stmt, environment: Environment) -> None:
    from djfix.codemods.inference.views.evaluating import evaluate

    match statement:
        case ast.Assign(targets=targets, value=value):
            found = evaluate(run, place, value, environment)
            for target in targets:
                _bind(target, found, environment)
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            _bind(target, evaluate(run, place, value, environment), environment)
        case ast.AugAssign(target=target, value=value):
            evaluate(run, place, value, environment)
            _bind(target, UNKNOWN, environment)
        case ast.Expr(value=value):
            mark_rendered(run, evaluate(run, place, value, environment), only_yielded=True)


def _bind(target: ast.expr, values: Values, environment: Environment) -> None:
    match target:
        case ast.Name(id=name):
            environment[name] = values
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            for index, element in enumerate(elements):
                _bind(element, _part(values, index, len(elements)), environment)
        case ast.Starred(value=inner):
            _bind(inner, UNKNOWN, environment)
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str() as key)):
            environment[name] = tuple(
                _with_entry(each, key, values) for each in environment.get(name, UNKNOWN)
            )


def _with_entry(value: Value, key: str, values: Values) -> Value:
    if not isinstance(value, Entries):
        return value
    return Entries(tuple((dict(value.entries) | {key: values}).items()), value.complete)


def _part(values: Values, index: int, count: int) -> Values:
    parts = [
        each.items[index]
        for each in values
        if isinstance(each, Sequence) and len(each.items) == count
    ]
    return union(*parts) if len(parts) == len(values) and parts else UNKNOWN


def _bind_element(
    run: Run, place: Place, statement: ast.For | ast.AsyncFor, environment: Environment
) -> None:
    from djfix.codemods.inference.views.evaluating import evaluate

    over = evaluate(run, place, statement.iter, environment)
    note_all_fetched(run, over)
    elements: list[Value] = [Object(each, each=True) for each in over if isinstance(each, Rows)]
    _bind(statement.target, tuple(elements) or UNKNOWN, environment)


def _branches(
    run: Run,
    place: Place,
    body: Iterable[ast.stmt],
    orelse: Iterable[ast.stmt],
    environment: Environment,
    decided: bool | None,
) -> Ways:
    if decided is not None:
        return block(run, place, body if decided else orelse, environment)
    run.undecided += 1
    first, second = dict(environment), dict(environment)
    one, other = block(run, place, body, first), block(run, place, orelse, second)
    run.undecided -= 1
    _merge(environment, [each for each, ways in ((first, one), (second, other)) if ways.falls])
    return Ways(one.returned + other.returned, one.falls or other.falls)


def _merge(environment: Environment, ways: list[Environment]) -> None:
    if not ways:
        return
    names = dict.fromkeys(name for each in ways for name in each)
    merged = {name: union(*(each[name] for each in ways if name in each)) for name in names}
    environment.clear()
    environment.update(merged)


def _try(run: Run, place: Place, statement: ast.Try, environment: Environment) -> Ways:
    before = dict(environment)
    ways = block(run, place, [*statement.body, *statement.orelse], environment)
    is_missing = any(isinstance(each, Missing) for values in ways.returned for each in values)
    is_missing |= any(isinstance(each, Missing) for each in union(*environment.values()))
    is_sure = not ways.falls and all(_is_plain(values) for values in ways.returned)
    returned = [_present(values) for values in ways.returned]
    returned = [values for values in returned if values]
    outcomes = [environment] if ways.falls else []
    if not is_sure or is_missing:
        for handler in statement.handlers:
            after = before | environment if not is_missing else dict(before)
            run.undecided += 1
            handled = block(run, place, handler.body, after)
            run.undecided -= 1
            returned += handled.returned
            outcomes += [after] if handled.falls else []
    _drop_missing(environment, outcomes)
    final = block(run, place, statement.finalbody, environment)
    return Ways(returned + final.returned, bool(outcomes) and final.falls)


def _drop_missing(environment: Environment, outcomes: list[Environment]) -> None:
    merged: Environment = {}
    _merge(merged, [dict(each) for each in outcomes])
    environment.update({name: _present(values) for name, values in merged.items()})


def _present(values: Values) -> Values:
    return tuple(each for each in values if not isinstance(each, Missing))


def _is_plain(values: Values) -> bool:
    return all(isinstance(each, Class | Constant | Entries) for each in values)


def _match(run: Run, place: Place, statement: ast.Match, environment: Environment) -> Ways:
    from djfix.codemods.inference.views.evaluating import evaluate

    subject = evaluate(run, place, statement.subject, environment)
    cases = list(statement.cases)
    return _cases(run, place, subject, cases, environment)


def _cases(
    run: Run,
    place: Place,
    subject: Values,
    cases: list[ast.match_case],
    environment: Environment,
) -> Ways:
    if not cases:
        return Ways([], True)
    matches = _matches(subject, cases[0].pattern) if cases[0].guard is None else None
    if matches is True:
        return block(run, place, cases[0].body, environment)
    if matches is False:
        return _cases(run, place, subject, cases[1:], environment)
    run.undecided += 1
    first, second = dict(environment), dict(environment)
    one = block(run, place, cases[0].body, first)
    other = _cases(run, place, subject, cases[1:], second)
    run.undecided -= 1
    _merge(environment, [each for each, ways in ((first, one), (second, other)) if ways.falls])
    return Ways(one.returned + other.returned, one.falls or other.falls)


def _matches(subject: Values, pattern: ast.pattern) -> bool | None:
    match pattern:
        case ast.MatchAs(pattern=None):
            return True
        case ast.MatchOr(patterns=patterns):
            found = [_matches(subject, each) for each in patterns]
            return True if True in found else None if None in found else False
        case ast.MatchValue(value=ast.Constant(value=wanted)) | ast.MatchSingleton(value=wanted):
            if all(isinstance(each, Constant) for each in subject) and len(subject) == 1:
                return subject == (Constant(wanted),)  # type: ignore[arg-type]
    return None


def mark_rendered(run: Run, values: Values, *, only_yielded: bool = False) -> None:
    """A serializer that is returned, or handed to other code, is taken to be rendered there."""
    if only_yielded:
        return
    for each in values:
        if isinstance(each, Made) and each.sure:
            render(run, each)
        if isinstance(each, Sequence):
            for item in each.items:
                mark_rendered(run, item)


def render(run: Run, made: Made) -> None:
    """Notes that a serializer's data is read."""
    run.rendered[made] = None
    rows = made.shown.rows if isinstance(made.shown, Object) else made.shown
    if rows is not None:
        run.events.append(Event("render", rows, made.path or "", made.line))


def note(
    run: Run,
    place: Place | None,
    kind: EventKind,
    node: ast.AST | None,
    text: str,
    models: frozenset[str] = frozenset(),
) -> None:
    """Notes what happens at a node."""
    path = place.document.path if place is not None else ""
    run.events.append(Event(kind, None, path, getattr(node, "lineno", 0), text, models))


def note_all_fetched(run: Run, values: Values) -> None:
    """Notes that querysets are gone through: their rows are what they are from here on."""
    run.events += [Event("fetch", each) for each in values if isinstance(each, Rows)]


def is_itself(values: Values) -> bool:
    """Whether this is the view."""
    return values == (Itself(),)
