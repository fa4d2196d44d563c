"""Rules that follow another on what its fixes have made: functions that were not there before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from djfix.codemods.engine.apply import Proposal
from djfix.codemods.engine.fixpoint import Course, Select, settle
from djfix.codemods.engine.values import Request

if TYPE_CHECKING:
    from djfix.codemods.engine.pool import Scan
    from djfix.codemods.rule import Rule


def followed(
    request: Request, rule: Rule, course: Course, scan: Scan, earlier: Mapping[str, str]
) -> Iterator[Course]:
    """The courses of the rules that follow, each over what the one before it has left.

    What a person takes of a rule is taken with what follows it, whatever that asks for.
    """
    made = _made(rule, course)
    world = course.world
    there = [path for path, data in course.contents.items() if data is not None]
    for each in request.followers.get(rule.name, ()) if made else ():
        paths = sorted(path for path in there if each.looks_at(path))
        mentioned = [path for path in paths if each.mentioned(world.files.read(path))]
        following = settle(
            each, mentioned, world, scan, select=_selected(made), earlier=earlier, original=None
        )
        yield _narrowed(following, made)
        world = following.world


def _made(rule: Rule, course: Course) -> frozenset[str]:
    applied = (course.known[name].proposal.finding for name in sorted(course.applied))
    return frozenset(symbol for finding in applied for symbol in rule.made_by(finding))


def _selected(made: frozenset[str]) -> Select:
    def is_selected(proposal: Proposal, fingerprint: str) -> bool:
        return bool(proposal.edits) and proposal.finding.symbol in made

    return is_selected


def _narrowed(course: Course, made: frozenset[str]) -> Course:
    """The course without what it says of code that was there before."""
    course.known = {
        name: each for name, each in course.known.items() if each.proposal.finding.symbol in made
    }
    course.declined = ()
    return course
