"""From a file to findings: its tasks, what each does, and what follows from it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from djfix.codemods.findings import Declined, Evidence, Finding, Plain, Reason, Safety
from djfix.codemods.inference.bodies.bodies import Bodies
from djfix.codemods.inference.bodies.values import Act, Body
from djfix.codemods.project.task_values import Task
from djfix.codemods.rewriting.decorators import decorator_place
from djfix.codemods.rules.celery_retries import exceptions, placing, policies, repeating
from djfix.codemods.rules.celery_retries.eager import eager_tests
from djfix.codemods.rules.celery_retries.options import CeleryRetriesOptions
from djfix.codemods.rules.celery_retries.placing import Wrapped
from djfix.codemods.rules.celery_retries.writing import Plan
from djfix.codemods.source.chains import dotted_name
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.source.definitions import FunctionNode
    from djfix.codemods.source.document import Document

RULE = "celery-retries"
_CAUGHT_AS = ("exc", "error", "failure", "transient_error")


def findings_in(
    document: Document, project: Project, options: CeleryRetriesOptions
) -> Iterator[Finding | Declined]:
    """What one file holds, in its order."""
    for task in project.tasks(document.path):
        judged = _Judged(document, project, options, task)
        yield from judged.findings()


class _Judged:
    """One task: what it is, and what its body does."""

    def __init__(
        self, document: Document, project: Project, options: CeleryRetriesOptions, task: Task
    ) -> None:
        self.document = document
        self.project = project
        self.options = options
        self.task = task

    def findings(self) -> Iterator[Finding | Declined]:
        """The mistakes in its policy, and what it lacks."""
        body = self._body()
        if body is None:
            return
        wrong = tuple(policies.mistakes(self.project, self.task, body))
        if wrong:
            message = f"{self.name}: its retry policy does not do what it says"
            shown = policies.outside(body) if body.of("swallow") else ()
            yield self._finding(message, Safety.REPORT, wrong, shown)
            return
        outside = policies.outside(body)
        if not outside:
            return
        declined = next(self._declines(body), None)
        if declined is not None:
            yield Declined(RULE, self.document.path, self.task.line, declined)
        else:
            yield self._lacking(body, outside)

    @property
    def name(self) -> str:
        return self.task.name or self.task.symbol

    def _body(self) -> Body | None:
        bodies = self.project.shared(Bodies)
        if self.task.form == "class":
            return bodies.of_symbol(f"{self.task.symbol}.run")
        node = self._function()
        return None if node is None else bodies.of_function(self.document.path, node)

    def _function(self) -> FunctionNode | None:
        return self.document.function_at(self.task.line)

    def _declines(self, body: Body) -> Iterator[Reason]:
        yield from policies.existing(self.project, self.task, body)
        yield from self.task.unclear
        if isinstance(self._function(), ast.AsyncFunctionDef):
            yield Reason("async-task", "a worker does not await it, so that it never fails")

    # -- a task that lacks retries ---------------------------------------------------------------

    def _lacking(self, body: Body, outside: tuple[Act, ...]) -> Finding:
        failing = tuple(act for act in outside if act.exceptions)
        if not failing and all(act.swallowed is not None for act in outside):
            return self._silent(outside)
        message = f"{self.name} fails for good when {(failing or outside)[0].callee} fails once"
        reports = tuple(self._reports(body, outside, failing))
        if reports:
            return self._finding(message, Safety.REPORT, reports, self._shown(body))
        plan = self._plan(body, failing)
        if isinstance(plan, Reason):
            return self._finding(message, Safety.REPORT, (plan,), self._shown(body))
        reviews = tuple(self._reviews(body, plan))
        return self._finding(message, Safety.REVIEW, reviews, self._shown(body), plan)

    def _silent(self, outside: tuple[Act, ...]) -> Finding:
        message = f"{self.name} succeeds when {outside[0].callee} fails: it is never tried again"
        reason = policies.swallowed(outside[0].callee, outside[0].swallowed)
        handlers = [act.swallowed for act in outside if act.swallowed is not None]
        return self._finding(message, Safety.REPORT, (reason,), outside, handlers=handlers)

    def _reports(
        self, body: Body, outside: tuple[Act, ...], failing: tuple[Act, ...]
    ) -> Iterator[Reason]:
        if self.task.form == "class":
            yield Reason("class-task", "a class-based task: its options are the class's attributes")
        if not repeating.is_listed(self.task, self.options.repeatable):
            yield from repeating.blockers(body)
        if self.task.form == "class":
            return
        names = exceptions.transient(self.project, failing)
        if not names:
            text = f"which exceptions of {outside[0].callee} pass is not known: name them yourself"
            yield Reason("no-named-exception", text)
        if self.options.form == "autoretry":
            line = self._decorator().lineno
        else:
            line = self.task.line + 1_000_000  # The body runs after the whole file is imported.
        yield from exceptions.obstacles(self.project, self.task, names, line)

    def _reviews(self, body: Body, plan: Plan) -> Iterator[Reason]:
        options = dict(plan.options)
        names = exceptions.transient(self.project, body.acts)
        text = f"after {', '.join(names)} it runs again from its first line"
        yield Reason("runs-again", text)
        if "acks_late" in options:
            text = "after a lost worker it runs again, and again if it is what ends the worker"
            yield Reason("delivered-again", text)
        elif self._may_acknowledge_late():
            yield from repeating.late_doubts(self.project, self.task)
        if repeating.is_listed(self.task, self.options.repeatable):
            yield Reason("listed-repeatable", "the configuration says that it may run twice")
        else:
            yield from repeating.doubts(self.project, body)
            yield from self._around()
        yield from self._only_when_created(body)
        yield from eager_tests(self.project, self.task)
        wide = next((act.translated for act in body.acts if act.translated is not None), None)
        if wide is not None:
            text = f"{wide.path}:{wide.line} raises it for every exception, the soft limit's too"
            yield Reason("translates-everything", text)
        caught = next((act for act in body.acts if act.swallowed is not None), None)
        if caught is not None and caught.swallowed is not None:
            text = f"{caught.swallowed.path}:{caught.swallowed.line} catches what some calls raise"
            yield Reason("partly-swallowed", text)

    def _only_when_created(self, body: Body) -> Iterator[Reason]:
        """Calls under `if created`: a second run finds the row, and leaves them out."""
        function = self._function()
        assert function is not None
        created = placing.created_names(function)
        for node in walk(function):
            if not isinstance(node, ast.If) or not isinstance(node.test, ast.Name):
                continue
            inside = range(node.body[0].lineno, (node.body[-1].end_lineno or 0) + 1)
            lines = [act.evidence[0].line for act in body.acts if act.exceptions]
            if node.test.id in created and any(line in inside for line in lines):
                text = f"line {node.lineno}: the next run finds the row, and does not call again"
                yield Reason("only-when-created", text)

    # -- the plan --------------------------------------------------------------------------------

    def _plan(self, body: Body, failing: tuple[Act, ...]) -> Plan | Reason:
        late = self._late(body)
        place = decorator_place(self.document, self._decorator())
        retries = (("max_retries", str(self.options.max_retries)),)
        if self.options.form == "bind":
            return self._bound(failing, late)
        options = (("retry_backoff", "True"), ("retry_jitter", "True"), *retries, *late)
        return Plan(
            place,
            self._missing(options),
            exceptions=exceptions.transient(self.project, failing),
            excludes_soft_limit=self._may_exclude(),
        )

    def _missing(self, options: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        """The options that the task does not have: what is set stays as it is."""
        return tuple(each for each in options if self.task.option(each[0]) is None)

    def _may_exclude(self) -> bool:
        is_there = self.task.option("dont_autoretry_for") is not None
        return not is_there and self.project.versions.celery.is_at_least(5, 3)

    def _bound(self, failing: tuple[Act, ...], late: tuple[tuple[str, str], ...]) -> Plan | Reason:
        function = self._function()
        assert function is not None
        if self.task.bound is None or (self.task.option("bind") and not self.task.bound):
            return Reason("self-parameter", "`bind` is set, and not to True")
        parameter = placing.parameter(self.document, function, bound=self.task.bound)
        if parameter is None:
            return Reason("self-parameter", "there is no place for a parameter `self`")
        around = next(self._around(), None)
        if around is not None:
            return around
        wrapped = self._wrapped(function, failing)
        if not wrapped:
            return Reason("bind-place", "the call that may fail cannot be put into a try by itself")
        names = placing.names_in(function)
        caught_as = next((name for name in _CAUGHT_AS if name not in names), None)
        if caught_as is None:
            return Reason("bind-place", "no name is free for the exception")
        delay = str(self.options.default_retry_delay)
        bind = () if self.task.bound else (("bind", "True"),)
        options = (
            *bind,
            ("max_retries", str(self.options.max_retries)),
            ("default_retry_delay", delay),
            *late,
        )
        return Plan(
            decorator_place(self.document, self._decorator()),
            self._missing(options),
            parameter=parameter,
            wrapped=tuple(wrapped),
            caught_as=caught_as,
        )

    def _wrapped(self, function: FunctionNode, failing: tuple[Act, ...]) -> list[Wrapped] | None:
        by_call: dict[object, dict[str, None]] = {}
        for act in failing:
            names = exceptions.transient(self.project, [act])
            if names:
                by_call.setdefault(act.reference, {}).update(dict.fromkeys(names))
        calls = {
            act.reference: tuple(by_call[act.reference])
            for act in failing
            if act.reference in by_call
        }
        return placing.wrapped(self.document, function, calls)

    def _late(self, body: Body) -> tuple[tuple[str, str], ...]:
        """Late acknowledgement, where all is known, and nothing speaks against a second run."""
        is_listed = repeating.is_listed(self.task, self.options.repeatable)
        doubts = [] if is_listed else [*repeating.doubts(self.project, body), *self._around()]
        if not self._may_acknowledge_late() or doubts:
            return ()
        if any(repeating.late_doubts(self.project, self.task)):
            return ()
        return (("acks_late", "True"), ("reject_on_worker_lost", "True"))

    def _may_acknowledge_late(self) -> bool:
        names = ("acks_late", "reject_on_worker_lost")
        is_set = any(self.task.option(name) is not None for name in names)
        is_global = any(self.project.celery.values(f"task_{name}") for name in names)
        return self.options.acks_late and not is_set and not is_global

    def _around(self) -> Iterator[Reason]:
        """Decorators that stand around the function, and are handed what it is handed."""
        function, own = self._function(), self._decorator()
        for each in function.decorator_list if function is not None else ():
            dotted = dotted_name(each.func if isinstance(each, ast.Call) else each)
            name = self.project.resolve(self.document.path, dotted) if dotted else None
            if each is not own and name != "django.db.transaction.atomic":
                text = f"line {each.lineno}: {ast.unparse(each)} runs around it"
                yield Reason("other-decorator", text)

    def _decorator(self) -> ast.expr:
        function = self._function()
        assert function is not None
        assert self.task.decorator is not None
        line = self.task.decorator.line
        found = [each for each in function.decorator_list if each.lineno == line]
        return (found or function.decorator_list)[0]

    # -- what a finding says ---------------------------------------------------------------------

    def _shown(self, body: Body) -> tuple[Act, ...]:
        """The acts that a judgement rests on."""
        quiet = {"sleep", "lock", "loop", "swallow"}
        return tuple(act for act in body.acts if act.kind not in quiet)

    def _finding(
        self,
        message: str,
        safety: Safety,
        reasons: tuple[Reason, ...],
        acts: Iterable[Act],
        plan: Plan | None = None,
        handlers: Iterable[Evidence] = (),
    ) -> Finding:
        anchor = self._anchor()
        return Finding(
            rule=RULE,
            path=self.document.path,
            span=self.document.span(anchor),
            symbol=self.task.symbol,
            message=message,
            safety=safety,
            anchor=ast.dump(anchor),
            reasons=_grouped(reasons),
            evidence=_once([*_evidence(acts), *handlers]),
            data={"task": self.name, "options": _added(plan)},
            plan=plan,
        )

    def _anchor(self) -> ast.expr | ast.stmt:
        if self.task.form != "class":
            return self._decorator()
        classes = (node for node in self.document.tree.body if isinstance(node, ast.ClassDef))
        return next(node.body[0] for node in classes if node.lineno == self.task.line)


def _grouped(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """One reason of each name: the first, and how many more there are."""
    by_name: dict[str, list[Reason]] = {}
    for each in dict.fromkeys(reasons):
        by_name.setdefault(each.name, []).append(each)
    return tuple(
        replace(first, text=f"{first.text} (and {len(more)} more)") if more else first
        for first, *more in by_name.values()
    )


def _once(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Each line but once, as it is said first."""
    found: dict[tuple[str, int], Evidence] = {}
    for each in evidence:
        found.setdefault((each.path, each.line), each)
    return tuple(found.values())


def _evidence(acts: Iterable[Act]) -> Iterator[Evidence]:
    for act in acts:
        yield from act.evidence[:-1]
        last = act.evidence[-1]
        yield Evidence(last.path, last.line, f"{act.kind}: {last.text}")


def _added(plan: Plan | None) -> dict[str, Plain]:
    """The options that a plan adds, exceptions by their canonical names."""
    if plan is None:
        return {}
    added: dict[str, Plain] = {}
    if plan.exceptions:
        added["autoretry_for"] = plan.exceptions
    for name, value in plan.options:
        added[name] = int(value) if value.isdigit() else value == "True"
    if plan.excludes_soft_limit:
        added["dont_autoretry_for"] = (exceptions.SOFT_TIME_LIMIT,)
    return added
