"""Attributes of a view: what class bodies along its bases assign, and what the action decides."""

from __future__ import annotations

from djfix.codemods.inference.views.ancestry import Member, member
from djfix.codemods.inference.views.choices import (
    Class,
    Constant,
    Mapping,
    Place,
    Request,
    Rows,
    Sequence,
    Unknown,
    Value,
    Values,
    union,
)
from djfix.codemods.inference.views.running import NONE, UNKNOWN, Run, call_method
from djfix.codemods.project.facts import ExpressionFacts
from djfix.codemods.project.project import Project

SAFE_METHODS = "rest_framework.permissions.SAFE_METHODS"
_SAFE: Values = (Sequence(((Constant("GET"),), (Constant("HEAD"),), (Constant("OPTIONS"),))),)
_STATED = {
    "serializer_class": NONE,
    "queryset": NONE,
    "pagination_class": UNKNOWN,
    "request": (Request(),),
    "swagger_fake_view": (Constant(False),),
}
_DEEPEST_NAME = 5


def attribute_of_view(run: Run, name: str) -> Values | None:
    """What `self.name` is; None if no class of the view binds it."""
    if name in run.overrides:
        return run.overrides[name]
    if name == "queryset":
        return (Rows(),)
    if name == "action":
        return (Constant(run.action),) if run.is_viewset else None
    if name == "detail" and run.is_viewset:
        return (Unknown(),) if run.detail is None else (Constant(run.detail),)
    found = member(run.project, run.view, name)
    if found is None or not found.is_own:
        return _STATED.get(name, None if found is None else UNKNOWN)
    return _of_member(run, found)


def _of_member(run: Run, found: Member) -> Values:
    info = found.cls
    assert info.path is not None
    if found.method is not None:
        facts = found.method.facts
        if facts is None or not facts.is_property:
            return UNKNOWN
        place = place_at(run.project, info.path, facts.line, info.name)
        return UNKNOWN if place is None else call_method(run, place, {})
    if found.assignment is None or found.assignment.value is None:
        nested = f"{info.name}.{_name_of(found)}"
        return (Class(nested),) if run.project.class_named(nested) else UNKNOWN
    assigned = found.assignment
    assert assigned.value is not None
    if assigned.operator or assigned.condition in {"if", "else", "loop"}:
        return UNKNOWN
    return of_facts(run.project, info.path, info.qualname, assigned.value)


def _name_of(found: Member) -> str:
    return found.assignment.target if found.assignment is not None else ""


def of_facts(
    project: Project, path: str, scope: tuple[str, ...], facts: ExpressionFacts, depth: int = 0
) -> Values:
    """The value of an expression of a class body or a module."""
    match facts.kind:
        case "constant":
            return (Constant(facts.value),)
        case "name":
            return _of_name(project, path, scope, facts, depth)
        case "list" | "tuple" | "set":
            items = [of_facts(project, path, scope, each, depth) for each in facts.items]
            return (Sequence(tuple(items)),)
        case "dict":
            return (_of_dict(project, path, scope, facts, depth),)
        case "call":
            return _of_call(project, path, scope, facts, depth)
    return UNKNOWN


def _of_name(
    project: Project, path: str, scope: tuple[str, ...], facts: ExpressionFacts, depth: int
) -> Values:
    resolved = project.resolve(path, facts.name, scope, line=facts.line or None)
    if resolved is None:
        info = project.value_of(path, facts.name) if depth < _DEEPEST_NAME else None
        return UNKNOWN if info is None else of_facts(project, path, scope, info, depth + 1)
    return of_dotted(project, resolved, depth)


def of_dotted(project: Project, resolved: str, depth: int = 0) -> Values:
    """What an absolute dotted name stands for: a class, or a module's or class's plain value."""
    if resolved == SAFE_METHODS:
        return _SAFE
    info = project.class_named(resolved)
    if info is not None:
        return (Class(info.name),)
    if depth >= _DEEPEST_NAME:
        return UNKNOWN
    return _of_variable(project, resolved, depth + 1)


def _of_variable(project: Project, resolved: str, depth: int) -> Values:
    owner, _, name = resolved.rpartition(".")
    path = project.path_of(owner)
    if path is not None:
        value = project.value_of(path, name)
        return UNKNOWN if value is None else of_facts(project, path, (), value, depth)
    info = project.class_named(owner)
    if info is None or info.facts is None or info.path is None:
        return UNKNOWN
    assigned = info.facts.assignment(name)
    if assigned is None or assigned.value is None:
        return UNKNOWN
    return of_facts(project, info.path, info.qualname, assigned.value, depth)


def _of_dict(
    project: Project, path: str, scope: tuple[str, ...], facts: ExpressionFacts, depth: int
) -> Value:
    entries: dict[object, Values] = {}
    complete = True
    for key, value in zip(facts.items[::2], facts.items[1::2], strict=True):
        values = of_facts(project, path, scope, value, depth)
        if key.kind == "constant":
            entries[key.value] = values
        elif key.kind == "other" and key.name == "**" and len(values) == 1:
            unpacked = values[0]
            complete = complete and isinstance(unpacked, Mapping) and unpacked.complete
            entries |= dict(unpacked.entries) if isinstance(unpacked, Mapping) else {}
        else:
            complete = False
    return Mapping(tuple(entries.items()), complete)  # type: ignore[arg-type]


def _of_call(
    project: Project, path: str, scope: tuple[str, ...], facts: ExpressionFacts, depth: int
) -> Values:
    """`dict(list=A)`, and the constructors of lists and sets."""
    function = facts.function
    if function is None or function.kind != "name" or function.name != "dict" or facts.arguments:
        return UNKNOWN
    entries = [
        (key, of_facts(project, path, scope, value, depth))
        for key, value in facts.keywords
        if key != "**"
    ]
    return (Mapping(tuple(entries), complete=len(entries) == len(facts.keywords)),)


def place_at(project: Project, path: str, line: int, cls: str) -> Place | None:
    """The function that begins at this line of a file."""
    document = project.files.document(path)
    function = document.function_at(line)
    return None if function is None else Place(document, function, cls)


def joined(values: list[Values]) -> Values:
    """All of several possible values; unknown for none."""
    return union(*values) or UNKNOWN
