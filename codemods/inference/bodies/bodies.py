"""What functions do, with what the project's functions that they call do: `Bodies` is the entry of
this package. A function is read once; a cycle of calls is entered once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from djfix.codemods.findings import Evidence, NodeReference, Reason
from djfix.codemods.inference.bodies.catching import Frame, escaping
from djfix.codemods.inference.bodies.classifying import is_payment
from djfix.codemods.inference.bodies.drafts import SENT_AGAIN, Draft
from djfix.codemods.inference.bodies.reading import Reading, Step, read
from djfix.codemods.inference.bodies.things import Found, function_of
from djfix.codemods.inference.bodies.values import Act, Body
from djfix.codemods.inference.expressions import scope_of
from djfix.codemods.project.project import Project
from djfix.codemods.source.definitions import FunctionNode

MOST_FUNCTIONS = 150
"""How many functions are followed from one."""

_OUTSIDE = frozenset({"network", "payment"})


class Bodies:
    """The bodies of a project's functions; made by `project.shared(Bodies)`."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._readings: dict[tuple[str, int], Reading] = {}
        self._bodies: dict[tuple[str, int], Body] = {}

    def of_symbol(self, dotted: str) -> Body | None:
        """What the function or method of this dotted name does; None if the project has none."""
        found = function_of(self._project, dotted)
        return None if found is None else self._of(found)

    def of_function(self, path: str, node: FunctionNode) -> Body:
        """What the function at this node of this file does."""
        document = self._project.files.document(path)
        module = self._project.module_of(path) or path
        return self._of(Found(f"{module}.{'.'.join(scope_of(document, node))}", document, node))

    def _of(self, found: Found) -> Body:
        key = (found.document.path, found.node.lineno)
        if key not in self._bodies:
            walk = _Walk(self)
            acts = walk.visit(found, _Way())
            self._bodies[key] = Body(tuple(acts), tuple(dict.fromkeys(walk.unclear)))
        return self._bodies[key]

    def reading(self, found: Found) -> Reading:
        """The steps of one function, read once."""
        key = (found.document.path, found.node.lineno)
        if key not in self._readings:
            self._readings[key] = read(self._project, found)
        return self._readings[key]

    @property
    def project(self) -> Project:
        return self._project


@dataclass(frozen=True, slots=True)
class _Way:
    """How a function was reached: the handlers around, the lines of the calls, the first call, the
    last HTTP method that one of them names."""

    frames: tuple[Frame, ...] = ()
    chain: tuple[Evidence, ...] = ()
    reference: NodeReference | None = None
    verb: str | None = None

    def within(self, step: Step) -> _Way:
        """The way to what a step does."""
        frames = (*step.frames, *self.frames)
        reference = self.reference or step.reference
        chain = (*self.chain, step.evidence)
        return _Way(frames, chain, reference, step.verb or self.verb)


@dataclass
class _Walk:
    """One function with all that it calls."""

    bodies: Bodies
    unclear: list[Reason] = field(default_factory=list)
    seen: set[tuple[str, tuple[Frame, ...], str | None]] = field(default_factory=set)

    def visit(self, found: Found, way: _Way) -> list[Act]:
        """The acts of a function that is reached this way."""
        reading = self.bodies.reading(found)
        self.unclear += reading.unclear
        acts: list[Act] = []
        raised: list[str] = []
        for step in reading.steps:
            here = way.within(step)
            if step.draft is not None:
                acts.append(self._act(step.draft, here))
            elif step.target is not None:
                acts += self._called(step.target, here)
            elif step.raised is not None:
                raised += escaping(self.bodies.project, (step.raised,), here.frames).exceptions
        return _raising(acts, raised) if way.chain else acts

    def _act(self, draft: Draft, way: _Way) -> Act:
        assert way.reference is not None
        escaped = escaping(self.bodies.project, draft.exceptions, way.frames)
        return Act(
            kind=draft.kind,
            callee=draft.callee,
            evidence=way.chain,
            reference=way.reference,
            exceptions=escaped.exceptions,
            timeout=draft.timeout,
            repeatable=way.verb in SENT_AGAIN if draft.by_verb else draft.repeatable,
            swallowed=escaped.swallowed,
            translated=escaped.translated,
            amount=draft.amount,
        )

    def _called(self, target: str, way: _Way) -> list[Act]:
        found = function_of(self.bodies.project, target)
        key = (target, way.frames, way.verb)
        if found is None or key in self.seen:
            return []
        if len(self.seen) >= MOST_FUNCTIONS:
            text = f"more than {MOST_FUNCTIONS} functions are called from here"
            self.unclear.append(Reason("many-functions", text))
            return []
        self.seen.add(key)
        known = len(self.unclear)
        acts = self.visit(found, way)
        raised = _raised_in(self.bodies.reading(found))
        is_open = len(self.unclear) > known or bool(raised)
        if is_payment(target) and _may_pay(acts, is_open=is_open):
            acts.insert(0, self._payment(target, way, acts, raised))
        return acts

    def _payment(self, target: str, way: _Way, acts: list[Act], raised: tuple[str, ...]) -> Act:
        """A function of the project that moves money, by its name, and reaches out or may."""
        inner = [name for act in acts for name in act.exceptions]
        out = [*inner, *escaping(self.bodies.project, raised, way.frames).exceptions]
        act = self._act(Draft("payment", target, repeatable=False), way)
        return replace(act, exceptions=tuple(dict.fromkeys(out)))


def _may_pay(acts: list[Act], *, is_open: bool) -> bool:
    kinds = {act.kind for act in acts}
    return "payment" not in kinds and (is_open or bool(kinds & {"network", "unknown"}))


def _raised_in(reading: Reading) -> tuple[str, ...]:
    return tuple(step.raised for step in reading.steps if step.raised is not None)


def _raising(acts: list[Act], raised: list[str]) -> list[Act]:
    """What a function raises itself counts as raised by the first act of it that reaches out."""
    for index, act in enumerate(acts):
        if act.kind in _OUTSIDE and raised:
            exceptions = tuple(dict.fromkeys((*act.exceptions, *raised)))
            acts[index] = replace(act, exceptions=exceptions)
            break
    return acts
