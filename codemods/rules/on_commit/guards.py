"""Why a task that is sent inside a transaction is only reported, or needs a person's eyes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from djfix.codemods.findings import Reason
from djfix.codemods.flow.uses import uses_after
from djfix.codemods.inference.expressions import Inference
from djfix.codemods.inference.transactions import Transaction
from djfix.codemods.inference.values import Instance, Number, Plain
from djfix.codemods.rules.on_commit.sending import Sending


@dataclass(frozen=True, eq=False)
class Place:
    """A sending, and the transaction around it."""

    inference: Inference
    sending: Sending
    transaction: Transaction


def sends_in_its_own_way(place: Place) -> Iterator[Reason]:
    """A base class that puts the sending off itself (`apply_async` with `on_commit` in it)."""
    task, project = place.sending.task, place.inference.project
    base = task.option("base") if task is not None else None
    if task is None or (base is None and task.form != "class"):
        return
    cls = task.symbol
    if base is not None:
        cls = project.resolve(base.path, base.value.name, line=base.line) or ""
    for name in ("delay", "apply_async"):
        method = project.method(cls, name)
        if method is not None and method.path is not None:
            text = f"{cls}.{name}() ({method.path}:{method.line}) sends it in its own way"
            yield Reason("own-sending", text)
            return


DECLINES = (sends_in_its_own_way,)


def is_result_used(place: Place) -> Iterator[Reason]:
    """After the change there is no AsyncResult yet where the code wants it."""
    parent = place.inference.document.parents.get(place.sending.call)
    if not isinstance(parent, ast.Expr):
        text = "what the call returns is used, and is not there before the commit"
        yield Reason("result-used", text)


def is_asynchronous(place: Place) -> Iterator[Reason]:
    if isinstance(place.inference.function, ast.AsyncFunctionDef):
        yield Reason("async", "transactions of async code are not those of its thread")


REPORTS = (is_result_used, is_asynchronous)


def waits_for_the_commit(place: Place) -> Iterator[Reason]:
    """Always: what changes for those who rely on it being sent at once."""
    text = (
        "a TestCase runs no commit: tests that expect the task need "
        "captureOnCommitCallbacks(execute=True)"
    )
    yield Reason("after-commit", text)


def is_patched_by_tests(place: Place) -> Iterator[Reason]:
    task, project = place.sending.task, place.inference.project
    if task is None or task.form == "class":
        return
    name = task.symbol.rpartition(".")[2]
    for path, line in project.importers(task.path, name):
        words = path.replace("/", "_").split("_")
        if not any(word.startswith("test") for word in words):
            continue
        text = project.files.document(path).line_text(line)
        if "patch" in text:
            yield Reason("patched-by-tests", f"{path}:{line} puts another in its place")
            return


def is_of_unknown_class(place: Place) -> Iterator[Reason]:
    """The task's class, or what makes it a task, may send it in its own way."""
    if place.sending.task is not None:
        yield from (each for each in place.sending.task.unclear if each.name != "unpacked-options")


def hands_over_instance(place: Place) -> Iterator[Reason]:
    for given in _arguments(place.sending.call):
        if isinstance(place.inference.value(given), Instance):
            text = f"{ast.unparse(given)} is an object: it is serialised after the commit, as it is"
            yield Reason("instance-argument", f"{text} then")


def is_changed_later(place: Place) -> Iterator[Reason]:
    """What an argument holds when the task is sent is no longer what it holds now."""
    flow = place.inference.flow
    point = flow.graph.point_of(place.sending.call)
    for given in _arguments(place.sending.call):
        if not isinstance(given, ast.Name):
            continue
        if isinstance(place.inference.value(given), Number | Plain | Instance):
            continue
        for use in uses_after(flow, point, (given.id,)):
            if use.kind in {"store", "call", "subscript"}:
                text = f"line {use.point.line} may change {given.id} before the commit"
                yield Reason("changed-later", text)
                break


def _arguments(call: ast.Call) -> Iterator[ast.expr]:
    """The values that are handed over, those within `args=` and `kwargs=` too."""
    waiting = [*call.args, *(each.value for each in call.keywords)]
    while waiting:
        node = waiting.pop(0)
        match node:
            case ast.Tuple(elts=items) | ast.List(elts=items):
                waiting[:0] = items
            case ast.Dict(values=values):
                waiting[:0] = values
            case ast.Starred(value=value):
                waiting.insert(0, value)
            case _:
                yield node


REVIEWS = (
    waits_for_the_commit,
    is_patched_by_tests,
    is_of_unknown_class,
    hands_over_instance,
    is_changed_later,
)
