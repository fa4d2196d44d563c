"""From a function to findings: what is asked of which queryset, and how it may be asked less."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.findings import Declined, Finding, NodeReference, Reason, Safety
from djfix.codemods.inference.expressions import Function, Inference
from djfix.codemods.inference.values import Manager, QuerySet, Unknown
from djfix.codemods.rules.exists import guards
from djfix.codemods.rules.exists.guards import Place
from djfix.codemods.rules.exists.shapes import Question, is_query, questions_in
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.source.document import Document

RULE = "exists"

_MESSAGES = {
    "count": "all rows are counted to see whether there is one",
    "len": "all rows are fetched to see whether there is one",
    "truth": "all rows are fetched to see whether there is one",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """The expression that is replaced, that of the queryset in it, and what is asked instead."""

    node: NodeReference
    rows: NodeReference
    form: str


def findings_in(
    document: Document, project: Project, function: Function
) -> Iterator[Finding | Declined]:
    """What one function holds."""
    questions = [*questions_in(document.parents, function)]
    if not questions:
        return
    # Whoever calls the function is not asked: it costs much, and types few of these places.
    inference = Inference(project, document, function, asks_callers=False)
    for question in questions:
        if _is_builtin(inference, question):
            yield from _asked(inference, question)


def _asked(inference: Inference, question: Question) -> Iterator[Finding | Declined]:
    for guard in guards.EARLY:
        for reason in guard(inference, question):
            yield _declined(inference, question, reason)
            return
    value = inference.value(question.rows)
    if isinstance(value, QuerySet | Manager):
        yield _judged(inference, question, value)
    elif question.how == "count" and isinstance(value, Unknown) and is_query(question.rows):
        text = f"{ast.unparse(question.rows)}: {value.why}"
        yield _declined(inference, question, Reason("unknown-receiver", text))


def _is_builtin(inference: Inference, question: Question) -> bool:
    """Whether `len` and `bool` in the question are Python's own."""
    named = (node for node in walk(question.node) if isinstance(node, ast.Name))
    return all(inference.resolve(name) == name.id for name in named if name.id in {"len", "bool"})


def _judged(
    inference: Inference, question: Question, value: QuerySet | Manager
) -> Finding | Declined:
    model = inference.project.model(value.model)
    if model is None:
        text = f"{value.model} is not a model that djfix can read"
        return _declined(inference, question, Reason("unknown-receiver", text))
    place = Place(inference, question, value, model)
    for guard in guards.DECLINES:
        for reason in guard(place):
            return _declined(inference, question, reason)
    return _finding(place)


def _declined(inference: Inference, question: Question, reason: Reason) -> Declined:
    return Declined(RULE, inference.document.path, question.node.lineno, reason)


def _finding(place: Place) -> Finding:
    document, question = place.inference.document, place.question
    reviews = tuple(reason for guard in guards.REVIEWS for reason in guard(place))
    wanted = "to count them" if question.form == "count" else ""
    message = f"all rows are fetched {wanted}" if wanted else _MESSAGES[question.how]
    return Finding(
        rule=RULE,
        path=document.path,
        span=document.span(question.node),
        symbol=place.inference.symbol,
        message=f"{place.model.label}: {message}",
        safety=Safety.REVIEW if reviews else Safety.SAFE,
        anchor=ast.dump(question.node),
        reasons=reviews,
        data={"model": place.model.label, "form": question.form},
        plan=Plan(NodeReference.of(question.node), NodeReference.of(question.rows), question.form),
    )
