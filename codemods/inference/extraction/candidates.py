"""The views of a project that do work, what could leave each, and the names that it would get."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from posixpath import dirname

from djfix.codemods.findings import Reason
from djfix.codemods.inference.extraction.exits import exits_in
from djfix.codemods.inference.extraction.hoisting import Hoists, hoists_of
from djfix.codemods.inference.extraction.modules import Target, target_of
from djfix.codemods.inference.extraction.naming import error_names, function_names
from djfix.codemods.inference.extraction.patches import names_in_file
from djfix.codemods.inference.extraction.regions import Region, best_region, blocking
from djfix.codemods.inference.extraction.text import is_exact
from djfix.codemods.inference.extraction.views import View, is_async, views_in
from djfix.codemods.inference.extraction.work import Score, score_of, work_in
from djfix.codemods.project.project import Project
from djfix.codemods.source.document import Document, Unreadable
from djfix.codemods.source.walking import walk

MENTIONS = (b"request", b"perform_", b"form_valid", b"View")
MARK = re.compile(
    rb"\.\s*(a?save|a?delete|create|bulk_create|get_or_create|update_or_create|update|bulk_update"
    rb"|add|set|remove|clear|delay|apply_async|delay_on_commit)\s*\("
)


_TRIES = 5
"""How many statements with input in the middle are gone around."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """One view that works. `region` is None where nothing can leave it, for `reasons`."""

    view: View
    score: Score
    region: Region | None
    hoists: Hoists = field(default_factory=Hoists)
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one extraction: its function, its exceptions, the class of its results."""

    function: str
    errors: tuple[str, ...]
    result: str


class Candidates:
    """The candidates of each file, and their names; one for a project.

    `seeks` is what counts of a view, `home` the name of the modules that it goes to.
    """

    seeks = "work"
    home = "services"

    def __init__(self, project: Project) -> None:
        self.project = project
        self._of_path: dict[str, tuple[Candidate, ...]] = {}
        self._names: dict[str, dict[Candidate, Names]] = {}
        self._targets: dict[str, Target | None] = {}

    @staticmethod
    def may_hold(data: bytes) -> bool:
        """Whether a file with these bytes may hold a candidate; never wrongly False."""
        return may_hold_candidates(data)

    def of(self, document: Document) -> tuple[Candidate, ...]:
        """The candidates of a file, in its order."""
        if document.path not in self._of_path:
            self._of_path[document.path] = tuple(_candidates(document, self.project, self.seeks))
        return self._of_path[document.path]

    def target(self, path: str) -> Target | None:
        """Where what leaves the views of a file goes."""
        if path not in self._targets:
            self._targets[path] = target_of(self.project, path, self.home)
        return self._targets[path]

    def names(self, candidate: Candidate, least: int) -> Names:
        """The names of one candidate among all that go to the same module.

        They are given to all at once, in the order of paths and lines, so that none depends on
        which of them are asked for or applied.
        """
        target = self.target(candidate.view.document.path)
        assert target is not None
        key = f"{target.path}:{least}"
        if key not in self._names:
            self._names[key] = self._allotted(target, least)
        return self._names[key][candidate]

    def _allotted(self, target: Target, least: int) -> dict[Candidate, Names]:
        taken = set(self._defined(target))
        found: dict[Candidate, Names] = {}
        others: list[Candidate] = []
        for path in self._sharing(target):
            for each in self.of(self.project.files.document(path)):
                if each.region is not None and each.region.score.points >= least:
                    found[each] = _named(each, taken)
                elif each.score.points >= least:
                    others.append(each)
        for each in others:
            found[each] = _named(each, taken)
        return found

    def _sharing(self, target: Target) -> Iterator[str]:
        folder = dirname(target.path)
        folder = dirname(folder) if folder.endswith(f"/{self.home}") else folder
        for path in sorted(self.project.files.paths):
            inside = path.startswith(f"{folder}/") or not folder
            if not inside or not path.endswith(".py") or self.target(path) != target:
                continue
            if self.may_hold(self.project.files.read(path)) and _parses(self.project, path):
                yield path

    def _defined(self, target: Target) -> Iterator[str]:
        if target.exists:
            try:
                yield from names_in_file(self.project.files.document(target.path))
            except Unreadable:
                return


def may_hold_candidates(data: bytes) -> bool:
    """Whether a file with these bytes may hold a view that works."""
    if MARK.search(data) is None:
        return False
    return any(word in data for word in MENTIONS)


def _parses(project: Project, path: str) -> bool:
    try:
        _ = project.files.document(path).tree
    except Unreadable:
        return False
    return True


class Selections(Candidates):
    """The candidates that compose queries."""

    seeks = "queries"
    home = "selectors"

    @staticmethod
    def may_hold(data: bytes) -> bool:
        return may_hold_queries(data)


QUERY_MARK = re.compile(rb"\.\s*(filter|exclude|annotate|order_by|values|union)\s*\(")


def may_hold_queries(data: bytes) -> bool:
    """Whether a file with these bytes may hold a view that composes queries."""
    return any(word in data for word in MENTIONS) and QUERY_MARK.search(data) is not None


def _candidates(document: Document, project: Project, seeks: str) -> Iterator[Candidate]:
    for view in views_in(document, project, seeks):
        work = list(work_in(view, view.function.body))
        if not work:
            continue
        decisions = sum(len(exits_in(view, each)) for each in view.function.body)
        yield _candidate(view, score_of(work, decisions))


def _candidate(view: View, score: Score) -> Candidate:
    barred = is_async(view)
    if barred is not None:
        return Candidate(view, score, None, reasons=(barred,))
    stuck: dict[Reason, None] = {}
    found = _searched(view, frozenset(), stuck, _TRIES)
    if found is None:
        return Candidate(view, score, None, reasons=(*stuck, *blocking(view)))
    return Candidate(view, score, *found, reasons=tuple(stuck))


def _searched(
    view: View, staying: frozenset[int], stuck: dict[Reason, None], tries: int
) -> tuple[Region, Hoists] | None:
    """The best run whose input can be bound before it: without the statement that reads what may
    fail, or from that statement on."""
    region = best_region(view, staying)
    if region is None:
        return None
    hoists = hoists_of(region)
    odd = hoists.stuck or _in_old_string(region, hoists)
    if odd is None:
        return region, hoists
    text = "input is read in the middle of the work, where it may fail"
    stuck[Reason("input-order", f"line {odd.lineno}: {text}")] = None
    ways = [staying | {id(odd)}]
    if odd is not region.statements[0]:
        before = region.statements[: region.statements.index(odd)]
        ways.insert(0, staying | {id(each) for each in before})
    found = [_searched(view, way, stuck, tries - 1) for way in ways if tries]
    runs = [each for each in found if each is not None]
    return max(runs, key=lambda each: each[0].score.points, default=None)


def _in_old_string(region: Region, hoists: Hoists) -> ast.stmt | None:
    """The statement with an expression in an f-string whose place Python does not tell."""
    document = region.view.document
    for statement in region.statements:
        nodes = {id(node) for node in walk(statement)}
        for each in hoists.hoists:
            if any(id(node) in nodes and not is_exact(document, node) for node in each.nodes):
                return statement
    return None


def _named(candidate: Candidate, taken: set[str]) -> Names:
    region = candidate.region
    view = candidate.view
    work = region.work if region is not None else tuple(work_in(view, view.function.body))
    function = next(name for name in function_names(view, work) if name not in taken)
    taken.add(function)
    errors = []
    for each in region.exits if region is not None else ():
        name = next(n for n in error_names(candidate.view, each, function) if n not in taken)
        taken.add(name)
        errors.append(name)
    words = "".join(word[:1].upper() + word[1:] for word in function.split("_"))
    result = next(n for n in _results(words) if n not in taken)
    taken.add(result)
    return Names(function, tuple(errors), result)


def _results(words: str) -> Iterator[str]:
    yield f"{words}Result"
    yield from (f"{words}Result{number}" for number in range(2, 1000))
