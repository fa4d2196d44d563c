"""Function views: `@api_view` functions, run once for each of their HTTP methods."""

from __future__ import annotations

from collections.abc import Iterator

from djfix.codemods.inference.views.attributes import of_facts, place_at
from djfix.codemods.inference.views.choices import Constant, Sequence, Values
from djfix.codemods.inference.views.running import Run, call_method, mark_rendered
from djfix.codemods.project.facts import FunctionFacts
from djfix.codemods.project.project import Project

API_VIEW = "rest_framework.decorators.api_view"


def function_runs(project: Project, path: str) -> Iterator[tuple[str, FunctionFacts, Run]]:
    """The name, the facts and the run of each function view of a file."""
    facts = project.module(path)
    module = project.module_of(path)
    if facts is None or module is None:
        return
    for function in facts.functions:
        for method in _methods(project, path, function):
            place = place_at(project, path, function.line, "")
            if place is not None and facts.function(function.name) == function:
                run = Run(project, "", function.name, method, is_viewset=False)
                mark_rendered(run, call_method(run, place, {}))
                yield f"{module}.{function.name}", function, run


def _methods(project: Project, path: str, function: FunctionFacts) -> list[str]:
    for decorator in function.decorators:
        called = decorator.function or decorator
        if called.kind != "name" or project.resolve(path, called.name) != API_VIEW:
            continue
        given = decorator.argument(0, "http_method_names")
        values: Values = () if given is None else of_facts(project, path, (), given)
        return _named(values) or ["GET"]
    return []


def _named(values: Values) -> list[str]:
    if len(values) != 1 or not isinstance(values[0], Sequence):
        return []
    return [
        each.value.upper()
        for item in values[0].items
        for each in item
        if isinstance(each, Constant) and isinstance(each.value, str)
    ]
