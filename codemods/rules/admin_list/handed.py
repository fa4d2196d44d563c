"""The code that is handed the rows of an admin's list besides its columns, as places in files.

Actions, filters, searches, the paginator, what is asked before rows are deleted, the forms of
`list_editable`: Django hands them the queryset of the list, or rows of it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from djfix.codemods.project.admin_values import AdminClass
from djfix.codemods.project.importers import nodes_near
from djfix.codemods.project.test_files import is_test
from djfix.codemods.source.chains import dotted_name
from djfix.codemods.source.document import Unreadable
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.project.classes import MethodInfo
    from djfix.codemods.project.facts import ExpressionFacts, FunctionFacts
    from djfix.codemods.project.models import Model, PropertyInfo
    from djfix.codemods.project.project import Project

Place = tuple[str, int, int]
"""A function or class: its file, its first line and its last."""

_READ = re.compile(r"\.\s*([^\W\d]\w*)")
_BY_DJANGO = frozenset({"get_absolute_url", "natural_key"})
"""Methods of models that Django calls for an object that it is handed."""

_BY_LIST = frozenset({"all", "filter", "exclude", "order_by", "distinct", "count", "get_queryset"})
"""Methods of querysets that Django's list calls (`django.contrib.admin.views.main.ChangeList`)."""

_HANDED = ("actions", "list_filter", "paginator")
_HANDLING = frozenset(
    {
        *("get_deleted_objects", "has_delete_permission", "delete_queryset", "get_search_results"),
        *("get_changelist_form", "get_changelist_formset", "get_paginator"),
    }
)
_BETWEEN = frozenset(
    {
        *("get_changelist_form", "get_changelist_formset", "get_paginator", "get_search_results"),
        *("get_list_filter", "get_empty_value_display", "get_action_choices", "get_actions"),
        *("has_add_permission", "has_change_permission", "has_delete_permission"),
        *("has_view_permission", "has_module_permission"),
    }
)
ROWS = frozenset({"queryset", "qs", "rows", "objs", "objects", "query_set", "items"})
_MOST = 200
_DEEPEST = 4


@dataclass
class Handed:
    """What is reached from some places: `places` by which rows or a queryset may be narrowed,
    `of_rows` the methods of models, `words` the attributes that are read in any of them.

    `is_whole`: False where there was too much of it.
    """

    places: list[Place] = field(default_factory=list)
    of_rows: list[Place] = field(default_factory=list)
    words: set[str] = field(default_factory=set)
    is_whole: bool = True

    @property
    def every(self) -> list[Place]:
        return [*self.places, *self.of_rows]


def handed_on(
    project: Project,
    admin: AdminClass,
    models: Iterable[Model],
    begin: Iterable[Place],
    deepest: int = _DEEPEST,
) -> Handed:
    """What is reached from `begin`: functions and classes that are named, methods of the rows'
    models, of their managers and of the admin class that are called by name.

    `deepest`: over how many calls; what Python calls by itself (`__str__`) is left out where that
    is few.
    """
    found = Handed()
    known = list(models)
    waiting = [(place, 0) for place in begin]
    special = _methods_of_models(known, frozenset(), special=True) if deepest == _DEEPEST else []
    rows = [(place, 0) for place in special]
    seen = set[Place]()
    while waiting or rows:
        is_of_rows = not waiting
        place, deep = rows.pop(0) if is_of_rows else waiting.pop(0)
        if place in seen:
            continue
        seen.add(place)
        if len(seen) > _MOST:
            found.is_whole = False
            return found
        (found.of_rows if is_of_rows else found.places).append(place)
        new = frozenset(_READ.findall(text_at(project, place))) - found.words
        found.words |= new
        if deep >= deepest:
            continue
        methods = [*_methods_of_models(known, new), *_receivers(project, known[:1], new)]
        rows += [(each, deep + 1) for each in methods]
        # What a method of a row names is handed rows at most, no queryset of the list.
        queue = rows if is_of_rows else waiting
        queue += [(each, deep + 1) for each in _followed(project, admin, place)]
        if not is_of_rows:
            own = [
                *_methods_of_rows(project, known[:1], new),
                *_methods_of_admin(project, admin, new),
            ]
            queue += [(each, deep + 1) for each in own]
    return found


def _followed(project: Project, admin: AdminClass, place: Place) -> list[Place]:
    """The functions and classes that a place names."""
    return [each for name in named_at(project, place) for each in _named(project, admin, name)]


def text_at(project: Project, place: Place) -> str:
    """The lines of a place."""
    path, first, last = place
    return "".join(project.files.document(path).lines[first - 1 : last])


# -- where it begins -------------------------------------------------------------------------------


def starts(project: Project, admin: AdminClass) -> Iterator[Place]:
    """The class with those that it extends, and what its attributes and the site name."""
    for name in admin.order:
        yield from of_class(project, name)
    yield from _of_settings(project, admin)


def handlers(project: Project, admin: AdminClass) -> Iterator[Place]:
    """Only what is handed the list's queryset or rows of it, by what Django calls it for."""
    actions = admin.settings.get("actions")
    named = {each.string for each in actions.value.items} if actions is not None else set()
    for name in admin.order:
        info = project.class_named(name)
        if info is None or info.facts is None or info.path is None:
            continue
        for each in info.facts.methods:
            is_named = each.name in named or each.name in _HANDLING
            if is_named or _takes_rows(each):
                yield info.path, each.first_line, each.end_line
    yield from _of_settings(project, admin)


def between(project: Project, admin: AdminClass) -> Iterator[Place]:
    """What runs between the rows of a list being read and shown: forms of `list_editable`, what
    filters offer, the paginator (`ModelAdmin.changelist_view`)."""
    for name in admin.order:
        info = project.class_named(name)
        if info is None or info.facts is None or info.path is None:
            continue
        for each in info.facts.methods:
            if each.name in _BETWEEN:
                yield info.path, each.first_line, each.end_line
    for attribute in ("list_filter", "paginator"):
        setting = admin.settings.get(attribute)
        if setting is not None:
            yield from _named_in(project, setting.path, setting.value)


def _takes_rows(facts: FunctionFacts) -> bool:
    return any(each.name in ROWS for each in facts.parameters)


def _of_settings(project: Project, admin: AdminClass) -> Iterator[Place]:
    for attribute in _HANDED:
        setting = admin.settings.get(attribute)
        if setting is not None:
            yield from _named_in(project, setting.path, setting.value)
    yield from _of_sites(project)


def _named_in(project: Project, path: str, facts: ExpressionFacts) -> Iterator[Place]:
    """The functions and classes that an attribute names: `list_filter = [("a", Filter)]`."""
    resolved = project.resolve(path, facts.name) if facts.name else None
    if resolved is not None:
        yield from of_function(project, resolved)
        for name in project.mro(resolved) or (resolved,):
            yield from of_class(project, name)
    for item in facts.items:
        yield from _named_in(project, path, item)


def _of_sites(project: Project) -> Iterator[Place]:
    """The actions that every list of a site has: `site.add_action(function)`."""
    for path in project.files.containing(b"add_action"):
        for node in nodes_near(project.files, path, "add_action"):
            match node:
                case ast.Call(func=ast.Attribute(attr="add_action"), args=[given, *_]):
                    dotted = dotted_name(given)
                    resolved = project.resolve(path, dotted) if dotted is not None else None
                    yield from of_function(project, resolved or "")


# -- what is reached -------------------------------------------------------------------------------


def of_class(project: Project, name: str) -> Iterator[Place]:
    """The class of this name, if the project has it."""
    info = project.class_named(name)
    if info is not None and info.facts is not None and info.path is not None:
        yield info.path, info.facts.first_line, info.facts.end_line


def of_function(project: Project, name: str) -> Iterator[Place]:
    """The function of this name, at the top of a module of the project."""
    module, _, own = name.rpartition(".")
    path = project.path_of(module) if module else None
    facts = project.module(path) if path is not None else None
    function = facts.function(own) if facts is not None else None
    if path is not None and function is not None:
        yield path, function.first_line, function.end_line


def _named(project: Project, admin: AdminClass, name: str) -> Iterator[Place]:
    """The function or class of this name; models, and the classes of the list, aside. A method that
    is named by its class is one of that class."""
    yield from of_function(project, name)
    info = project.class_named(name)
    if info is not None and info.facts is not None and info.name not in admin.order:
        bases = " ".join(each.name for each in info.facts.bases)
        if project.model(info.name) is None and "Inline" not in bases and "Admin" not in bases:
            yield from of_class(project, info.name)
    owner, _, own = name.rpartition(".")
    method = project.method(owner, own) if owner and info is None else None
    if method is not None and method.path is not None and method.facts is not None:
        yield method.path, method.facts.first_line, method.facts.end_line


def named_at(project: Project, place: Place) -> tuple[str, ...]:
    """What the names stand for that a function or class reads."""
    return project.shared(_Named).at(place)


class _Named:
    """The names that are read in places; each is gone through once."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._found: dict[Place, tuple[str, ...]] = {}

    def at(self, place: Place) -> tuple[str, ...]:
        """Absolute names, sorted as they are spelled."""
        if place not in self._found:
            named = _without_annotations(nodes_at(self.project, place))
            spelled = {dotted_name(each) for each in named if isinstance(each, ast.expr)}
            resolved = (
                self.project.resolve(place[0], each) for each in sorted(filter(None, spelled))
            )
            self._found[place] = tuple(each for each in resolved if each is not None)
        return self._found[place]


def nodes_at(project: Project, place: Place) -> list[ast.stmt]:
    """The function or class that a place is; none of code that cannot be parsed."""
    path, first, last = place
    document = project.files.document(path)
    try:
        near = [node for each in document.statements_near((last,)) for node in walk(each)]
    except (Unreadable, RecursionError):
        return []
    inside = (each for each in near if isinstance(each, ast.stmt))
    return [each for each in inside if each.end_lineno == last and first <= each.lineno][:1]


def _without_annotations(tops: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """All nodes but types: what is only the type of something is not called."""
    waiting = [*tops]
    while waiting:
        node = waiting.pop()
        yield node
        for name in node._fields:
            value = getattr(node, name, None) if name not in {"annotation", "returns"} else None
            for each in value if isinstance(value, list) else (value,):
                if isinstance(each, ast.AST):
                    waiting.append(each)


def _methods_of_models(
    models: list[Model], names: frozenset[str], *, special: bool = False
) -> list[Place]:
    """The members of the models with these names; `special`: that Python and Django call."""
    wanted = names | _BY_DJANGO if special else names
    found: list[Place] = []
    for model in models:
        members: list[MethodInfo | PropertyInfo] = [*model.methods.values()]
        members += model.properties.values()
        for each in members:
            is_special = special and each.name[:2] == each.name[-2:] == "__"
            is_called = is_special or each.name in wanted
            if is_called and each.path is not None and each.facts is not None:
                found.append((each.path, each.facts.first_line, each.facts.end_line))
    return found


def _receivers(project: Project, models: list[Model], words: frozenset[str]) -> list[Place]:
    """What a save, or a deletion, of a row runs."""
    signals = [f"{when}_{what}" for what in ("save", "delete") if what in words for when in _WHEN]
    found: list[Place] = []
    for model in models if signals else ():
        for each in project.receivers(model.name, signals):
            is_known = each.handler_path is not None and not each.sender_unknown
            if is_known and each.handler_path and not is_test(project, each.handler_path):
                document = project.files.document(each.handler_path)
                function = document.function_at(each.handler_line)
                end = function.end_lineno if function is not None else each.handler_line
                found.append((each.handler_path, each.handler_line, end or each.handler_line))
    return found


_WHEN = ("pre", "post")


def _methods_of_rows(project: Project, models: list[Model], words: frozenset[str]) -> list[Place]:
    """The methods of managers and querysets with these names, and those that the list calls."""
    found: list[Place] = []
    for model in models:
        managers = [*model.managers.values(), model.default_manager]
        named = ((each.class_name, each.queryset_class) for each in managers)
        for cls in dict.fromkeys(name for pair in named for name in pair if name is not None):
            for name in sorted(words | _BY_LIST):
                method = project.method(cls, name)
                if method is not None and method.path is not None and method.facts is not None:
                    found.append((method.path, method.facts.first_line, method.facts.end_line))
    return found


def _methods_of_admin(project: Project, admin: AdminClass, words: frozenset[str]) -> list[Place]:
    """The methods of the admin class that are called by name."""
    found: list[Place] = []
    for word in sorted(words):
        method = project.method(admin.name, word)
        if method is not None and method.path is not None and method.facts is not None:
            found.append((method.path, method.facts.first_line, method.facts.end_line))
    return found
