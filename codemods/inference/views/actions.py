"""The actions that a view answers (router methods, `@action`s, HTTP methods), and a run of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from djfix.codemods.inference.views.ancestry import (
    GENERIC,
    VIEWSET,
    Member,
    ancestors,
    member,
)
from djfix.codemods.inference.views.attributes import of_facts, place_at
from djfix.codemods.inference.views.calling import call_of_itself
from djfix.codemods.inference.views.choices import Constant, Sequence, Unknown, Values
from djfix.codemods.inference.views.knowledge import (
    ACTION_DECORATORS,
    GENERIC_METHODS,
    HTTP_METHODS,
    STOCK_METHODS,
)
from djfix.codemods.inference.views.running import Run, call_method, mark_rendered
from djfix.codemods.project.facts import ExpressionFacts, FunctionFacts
from djfix.codemods.project.project import Project


@dataclass(frozen=True, slots=True)
class Action:
    """One way in. `method`: the HTTP method; `function`: the method of the view that answers.

    `stock`: what REST framework's own code does there, None for code of the project.
    """

    name: str
    method: str
    function: str
    stock: str | None
    found: Member
    detail: bool | None = None
    overrides: Mapping[str, Values] = field(default_factory=dict)


def actions_of(project: Project, view: str) -> tuple[Action, ...]:
    """All actions of a class, in REST framework's order, then the extra ones by name."""
    if VIEWSET in ancestors(project, view):
        return (*_routed(project, view), *_extra(project, view))
    return tuple(_handlers(project, view))


def _routed(project: Project, view: str) -> Iterator[Action]:
    for name, method in STOCK_METHODS.items():
        found = member(project, view, name)
        if found is not None:
            stock = None if found.is_own else name
            yield Action(name, method, name, stock, found, detail=name not in {"list", "create"})


def _handlers(project: Project, view: str) -> Iterator[Action]:
    for name in HTTP_METHODS:
        found = member(project, view, name)
        if found is not None:
            stock = None if found.is_own else GENERIC_METHODS.get((found.cls.name, name))
            yield Action(name, name.upper(), name, stock, found)


def _extra(project: Project, view: str) -> Iterator[Action]:
    seen: dict[str, Member] = {}
    for cls in ancestors(project, view):
        info = project.class_named(cls)
        for facts in info.facts.methods if info is not None and info.facts is not None else ():
            if facts.decorators and facts.name not in seen:
                found = member(project, view, facts.name)
                if found is not None and found.cls.name == cls and found.method is not None:
                    seen[facts.name] = found
    for name, found in sorted(seen.items()):
        assert found.method is not None
        assert found.method.facts is not None
        yield from _of_decorated(project, view, name, found, found.method.facts)


def _of_decorated(
    project: Project, view: str, name: str, found: Member, facts: FunctionFacts
) -> Iterator[Action]:
    for decorator in facts.decorators:
        if _is_mapping(project, view, decorator):
            method = decorator.name.rpartition(".")[2].upper()
            yield Action(name, method, name, None, found)
        elif _is_action(project, found, decorator):
            yield from _of_action(project, name, found, decorator)


def _is_action(project: Project, found: Member, decorator: ExpressionFacts) -> bool:
    spelled = decorator.function
    if spelled is None or spelled.kind != "name" or found.cls.path is None:
        return False
    resolved = project.resolve(found.cls.path, spelled.name, found.cls.qualname, line=spelled.line)
    return resolved in ACTION_DECORATORS


def _is_mapping(project: Project, view: str, decorator: ExpressionFacts) -> bool:
    """`@other.mapping.delete`: another HTTP method of an action."""
    if decorator.kind != "name":
        return False
    parts = decorator.name.split(".")
    return len(parts) == 3 and parts[1] == "mapping" and member(project, view, parts[0]) is not None


def _of_action(
    project: Project, name: str, found: Member, decorator: ExpressionFacts
) -> Iterator[Action]:
    assert found.cls.path is not None

    def value(facts: ExpressionFacts) -> Values:
        assert found.cls.path is not None
        return of_facts(project, found.cls.path, found.cls.qualname, facts)

    given = dict(decorator.keywords)
    overrides = {
        key: value(facts)
        for key, facts in given.items()
        if key not in {"methods", "detail", "url_path", "url_name", "**"}
    }
    if "queryset" in overrides:
        overrides["queryset"] = (Unknown(),)
    detail = next(iter(value(given["detail"])), None) if "detail" in given else None
    is_detail = bool(detail.value) if isinstance(detail, Constant) else _by_route(decorator)
    for method in _methods(value(given["methods"]) if "methods" in given else ()):
        yield Action(name, method, name, None, found, is_detail, overrides)


def _by_route(decorator: ExpressionFacts) -> bool | None:
    name = decorator.function.name if decorator.function is not None else ""
    return {"detail_route": True, "list_route": False}.get(name.rpartition(".")[2])


def _methods(values: Values) -> list[str]:
    """The methods of an action; GET without any."""
    if len(values) != 1 or not isinstance(values[0], Sequence):
        return ["GET"]
    found = [
        each.value.upper()
        for item in values[0].items
        for each in item
        if isinstance(each, Constant) and isinstance(each.value, str)
    ]
    return [each for each in dict.fromkeys(found) if each not in {"HEAD", "OPTIONS"}] or ["GET"]


def run_action(project: Project, view: str, action: Action) -> Run:
    """What happens when the view answers the action."""
    run = _run_of(project, view, action)
    if action.stock is not None:
        call_of_itself(run, action.stock)
        return run
    cls, found = action.found.cls, action.found.method
    if found is None or cls.path is None:
        return run
    place = place_at(project, cls.path, found.line, cls.name)
    if place is not None:
        mark_rendered(run, call_method(run, place, {}))
    return run


def _run_of(project: Project, view: str, action: Action) -> Run:
    is_viewset = VIEWSET in ancestors(project, view)
    name = action.name if is_viewset else None
    return Run(project, view, name, action.method, action.overrides, is_viewset, action.detail)


def selected(project: Project, view: str, action: Action) -> Values:
    """What `get_serializer_class()` returns while the view answers the action."""
    return call_of_itself(_run_of(project, view, action), "get_serializer_class")


def is_generic(project: Project, view: str) -> bool:
    """Whether a view class has `get_queryset` and `get_serializer` of REST framework."""
    return GENERIC in ancestors(project, view)
