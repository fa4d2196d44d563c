"""What the parts of `deploy-files` hand each other."""

from __future__ import annotations

from dataclasses import dataclass

from djfix.codemods.findings import Declined, Evidence, Finding, Reason, Safety, Span
from djfix.codemods.source.document import Document
from djfix.codemods.source.formats.placed import Offsets, span_of

RULE = "deploy-files"


@dataclass(frozen=True, slots=True)
class Plan:
    """Texts to be put in, each at a place."""

    insertions: tuple[tuple[Span, str], ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is said: what a finding is anchored to, and what goes by its name."""

    document: Document
    offsets: Offsets
    symbol: str

    @property
    def span(self) -> Span:
        """The same as lines and columns."""
        return span_of(self.document, *self.offsets)


@dataclass(frozen=True, slots=True)
class Advice:
    """One piece of the guide's advice that is not followed.

    `problem`: stable kebab-case. `adds`: what is to be written, in the words of the file.
    `insertions`: where, by offsets; none where it is only reported. `text`: what is anchored.
    """

    problem: str
    message: str
    reasons: tuple[Reason, ...]
    adds: tuple[str, ...] = ()
    insertions: tuple[tuple[int, str], ...] = ()
    evidence: tuple[Evidence, ...] = ()
    text: str = ""


def finding_of(place: Place, advice: Advice) -> Finding:
    """The finding: for review where there is something to write."""
    document = place.document
    plan = Plan(tuple((span_of(document, at, at), text) for at, text in advice.insertions))
    return Finding(
        rule=RULE,
        path=document.path,
        span=place.span,
        symbol=place.symbol,
        message=advice.message,
        safety=Safety.REVIEW if advice.insertions else Safety.REPORT,
        anchor=f"{advice.problem} {advice.text}",
        reasons=advice.reasons,
        evidence=advice.evidence,
        data={"problem": advice.problem, "adds": advice.adds},
        plan=plan if advice.insertions else None,
    )


def declined_at(place: Place, reason: Reason) -> Declined:
    """A place that was looked at and left alone."""
    return Declined(RULE, place.document.path, place.span.line, reason)
