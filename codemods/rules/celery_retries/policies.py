"""Policies that a task has already, wherever they stand, and those that do nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason
from djfix.codemods.inference.bodies.bodies import Bodies
from djfix.codemods.rules.celery_retries.repeating import too_long_for_broker
from djfix.codemods.source.readable import tree_of
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.inference.bodies.values import Act, Body
    from djfix.codemods.project.project import Project
    from djfix.codemods.project.task_values import Task

_OF_AUTORETRY = ("retry_backoff", "retry_backoff_max", "retry_jitter", "retry_kwargs")
_OF_RETRY = ("max_retries", "default_retry_delay")
_AT_SENDER = frozenset({"retry", "retry_policy"})


_NEAR = ("redis.", "django_redis.")
"""What is part of the project's own ground, as its database and its broker are: a task that only
asks it does not reach out."""


def outside(body: Body) -> tuple[Act, ...]:
    """The acts of a body that may fail because of another machine."""
    found = body.of("network", "mail", "payment")
    return tuple(act for act in found if not act.callee.startswith(_NEAR))


class Senders:
    """Which tasks are sent with `retry=` or `retry_policy=`, and where; once for a project."""

    def __init__(self, project: Project) -> None:
        self.places: dict[str, tuple[str, int]] = {}
        files = project.files
        sending = {*files.containing(b".apply_async")} & {*files.containing(b"retry")}
        for path in sorted(sending):
            for name, line in _sent(project, path):
                self.places.setdefault(name, (path, line))


def _sent(project: Project, path: str) -> Iterator[tuple[str, int]]:
    tree = tree_of(project.files, path)
    for node in walk(tree) if tree is not None else ():
        match node:
            case ast.Call(func=ast.Attribute(attr="apply_async", value=receiver)):
                named = isinstance(receiver, ast.Name | ast.Attribute)
                name = project.resolve(path, ast.unparse(receiver)) if named else None
                if name is not None and any(each.arg in _AT_SENDER for each in node.keywords):
                    yield name, node.lineno


def existing(project: Project, task: Task, body: Body) -> Iterator[Reason]:
    """A policy of its own, which is left alone."""
    option = task.option("autoretry_for")
    if option is not None:
        yield Reason("has-policy", f"autoretry_for is set ({option.path}:{option.line})")
    option = task.option("max_retries")
    if option is not None and (option.value.is_constant(0) or option.value.is_constant(None)):
        yield Reason("has-policy", f"max_retries is {option.value.value}")
    for act in body.of("retry"):
        yield Reason("has-policy", f"{act.path}:{act.line} retries by itself")
    if _base_retries(project, task):
        yield Reason("has-policy", "the class that it is made of retries by itself")
    sender = project.shared(Senders).places.get(task.symbol)
    if sender is not None:
        yield Reason("has-policy", f"{sender[0]}:{sender[1]} sends it with a policy")
    for setting in project.celery.values("task_annotations"):
        text = f"{setting.spelled} ({setting.path}:{setting.line}) may set options of any task"
        yield Reason("has-policy", text)


def mistakes(project: Project, task: Task, body: Body) -> Iterator[Reason]:
    """Options that do nothing, or the wrong thing, as they stand."""
    if task.unclear:
        return
    retries = task.option("autoretry_for") is not None
    by_hand = bool(body.of("retry")) or _base_retries(project, task)
    for name in _OF_AUTORETRY:
        option = task.option(name)
        if option is not None and not retries and option.origin != "application":
            text = f"{name} does nothing without autoretry_for"
            yield Reason("without-autoretry", text)
            break
    if not retries and not by_hand and not body.unclear:
        yield from _never_retried(project, task)
    if retries:
        yield from _never_fires(project, task, body)
    reject, late = task.option("reject_on_worker_lost"), task.option("acks_late")
    is_rejected = reject is not None and reject.value.is_constant(True)
    if is_rejected and late is None and not project.celery.values("task_acks_late"):
        text = (
            "reject_on_worker_lost without acks_late: the message is gone, and no failure is said"
        )
        yield Reason("reject-without-acks-late", text)
    yield from too_long_for_broker(project, task)


def _never_retried(project: Project, task: Task) -> Iterator[Reason]:
    function = project.files.document(task.path).function_at(task.line)
    nodes = walk(function) if function is not None else ()
    if any(isinstance(node, ast.Attribute) and node.attr in _OF_RETRY for node in nodes):
        return  # The body counts for itself.
    for name in _OF_RETRY:
        option = task.option(name)
        if option is None or option.origin not in {"decorator", "class"}:
            continue
        if not option.value.is_constant(None) and not option.value.is_constant(0):
            text = f"{name} does nothing: nothing ever retries this task"
            yield Reason("never-retried", text)
            return


def _never_fires(project: Project, task: Task, body: Body) -> Iterator[Reason]:
    """All that reaches out is caught, and nothing raised: autoretry sees a success.

    Said only where what autoretry waits for are exceptions of the very libraries that are called:
    other code of the body may raise others.
    """
    acts = outside(body)
    caught = [act for act in acts if act.swallowed is not None and not act.exceptions]
    if not acts or len(caught) < len(acts):
        return
    libraries = {act.callee.partition(".")[0] for act in acts}
    awaited = _awaited(project, task)
    if awaited and all(name.partition(".")[0] in libraries for name in awaited):
        yield swallowed(caught[0].callee, caught[0].swallowed)


def _awaited(project: Project, task: Task) -> list[str]:
    """The resolved names of `autoretry_for`; empty if one is not known."""
    option = task.option("autoretry_for")
    items = option.value.items if option is not None and option.value.kind == "tuple" else ()
    if option is None or any(each.kind != "name" for each in items):
        return []
    names = [project.resolve(option.path, each.name, line=each.line) for each in items]
    return [name for name in names if name is not None] if None not in names else []


def _base_retries(project: Project, task: Task) -> bool:
    """Whether the class that the task is made of retries by itself, in any of its methods."""
    option = task.option("base")
    named = option is not None and option.value.kind == "name"
    name = project.resolve(option.path, option.value.name) if option and named else None
    bodies = project.shared(Bodies)
    waiting, seen = [name] if name is not None else [], set[str]()
    while waiting:
        each = waiting.pop()
        info = project.class_named(each)
        if info is None or info.facts is None or each in seen:
            continue
        seen.add(each)
        waiting += info.bases
        for method in info.facts.methods:
            body = bodies.of_symbol(f"{each}.{method.name}")
            if body is not None and body.of("retry"):
                return True
    return False


def swallowed(callee: str, handler: object) -> Reason:
    """The reason of a handler that lets no exception out."""
    path, line = getattr(handler, "path", ""), getattr(handler, "line", 0)
    text = f"{path}:{line} catches what {callee} raises and goes on: no retry ever fires"
    return Reason("swallowed", text)
