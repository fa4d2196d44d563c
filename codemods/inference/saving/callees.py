"""Functions of the project that run before a save, and the models whose rows they may write to."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.inference.expressions import Inference
from djfix.codemods.inference.saving.objects import is_trace
from djfix.codemods.inference.saving.spelled import Spelled
from djfix.codemods.inference.saving.unknown_code import is_unknown
from djfix.codemods.inference.values import (
    Instance,
    Manager,
    ModelClass,
    Named,
    QuerySet,
    Self,
    Unknown,
    Value,
)
from djfix.codemods.project.managers import BASE_MANAGER, MANAGER, QUERYSET
from djfix.codemods.source.bounded import Bounded
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

Place = tuple[str, int]
"""A function: its file, and the line of its `def`."""

ANY = "*"
"""Stands for the models of rows that are written to by code that does not tell which."""

UPDATING = frozenset(
    {
        *("update", "aupdate", "bulk_update", "abulk_update", "update_or_create"),
        "aupdate_or_create",
    }
)
_SAVING = frozenset({"save", "asave"})
ASSIGNING = frozenset({*("add", "aadd", "set", "aset", "remove", "aremove", "clear", "aclear")})
"""Methods of the many side of a foreign key that write this key in the rows of the other side."""
DELETED = "-"
"""Stands before a model whose rows are deleted: those that refer to them go, too."""
MADE = "+"
"""Stands before a model of which there are more rows, or that are related otherwise (by the other
side of a many-to-many), though none that was there is written to."""
ROWS = "="
"""Stands for the model of the rows that a manager or queryset is of, in the bodies of its class."""
DELETING = frozenset({"delete", "adelete", "_raw_delete"})
_CREATING = frozenset({"create", "acreate", "get_or_create", "aget_or_create"})
_RUNNING = _SAVING | _CREATING | DELETING | {"update_or_create"}
"""Methods by which receivers and a model's own `save()` run."""
_MAKING = _CREATING | {"bulk_create", "abulk_create"}
_EXECUTING = frozenset({"execute", "executemany"})
_QUERYING = frozenset(
    {
        *("objects", "_default_manager", "_base_manager", "filter", "exclude", "all"),
        *("get_queryset", "using", "db_manager", "order_by", "select_related"),
    }
)
_SIGNALS = ("pre_save", "post_save", "pre_delete", "post_delete")
_OF_ROWS = (QUERYSET, MANAGER, BASE_MANAGER)
_MOST = 30
"""Of code that calls more functions than this, nothing is known."""

_REMEMBERED = 20
"""What a function writes, asks for and does not tell is asked one after the other."""


@dataclass(frozen=True, slots=True)
class _Said:
    """What one function itself says: the models it writes to, and what it calls, each with the
    model of the rows that it is a method of: "" for none, ROWS for those of this function.

    `own`: the methods of Django's that a manager or queryset calls of itself.
    """

    writes: frozenset[str] = frozenset()
    calls: frozenset[tuple[Place, str]] = frozenset()
    own: frozenset[str] = frozenset()


class Callees:
    """Reads each function once; `project.shared(Callees)` keeps one."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._said: dict[Place, _Said] = {}
        self._unknown: dict[Place, bool] = {}
        self._inferences = Bounded[Place, Inference](_REMEMBERED)

    def written_by(self, inference: Inference, call: ast.Call) -> frozenset[str]:
        """The models whose rows the functions behind a call may write to, perhaps ANY.

        The call itself, where it is of a queryset or an object, does not count; what runs by it,
        as receivers and a `save()` of the model's own, does.
        """
        return frozenset() if is_trace(call) else self._written(self._reached(inference, call))

    def written_by_function(self, name: str) -> frozenset[str]:
        """As `written_by`, of the function, method or class of this dotted name."""
        return self.written_at(self._named(name))

    def written_at(self, places: Iterable[Place]) -> frozenset[str]:
        """As `written_by`, of the functions that stand at these places."""
        return self._written((place, "") for place in places)

    def _written(self, reached: Iterable[tuple[Place, str]]) -> frozenset[str]:
        waiting = set(reached)
        seen: set[tuple[Place, str]] = set()
        written: set[str] = set()
        while waiting:
            place, rows = step = min(waiting)
            waiting.discard(step)
            seen.add(step)
            if len(seen) > _MOST:
                return frozenset({ANY})
            said = self._of(place)
            written |= {_of_rows(each, rows or ANY) for each in said.writes}
            waiting |= {(each, rows if of == ROWS else of) for each, of in said.calls} - seen
            for method in said.own if rows else ():
                waiting |= {(each, "") for each in self._run_by(rows, method)} - seen
        return frozenset(written)

    def behind(self, places: Iterable[Place]) -> Iterator[Place]:
        """The functions that stand at these places, with those that they call, decorators too; not
        all of very many."""
        waiting, seen = set(places), set[Place]()
        while waiting and len(seen) < _MOST:
            place = min(waiting)
            seen.add(place)
            yield place
            waiting |= {each for each, _ in self._of(place).calls}
            waiting -= seen

    def mentions(self, inference: Inference, call: ast.Call, names: Collection[str]) -> bool:
        """Whether the functions behind a call have an attribute of one of these names."""
        places = [*self.behind(self._places(inference, call))]
        return len(places) >= _MOST or any(self._has_attribute(each, names) for each in places)

    def read_at(self, places: Iterable[Place]) -> frozenset[str]:
        """The models whose rows the functions that stand at these places ask for, perhaps ANY."""
        return frozenset(model for place in self.behind(places) for model in self._asked(place))

    def _asked(self, place: Place) -> Iterator[str]:
        inference = self.inference_at(place)
        for node in walk(inference.function) if inference is not None else ():
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            assert inference is not None
            value = inference.value(node.func.value)
            if isinstance(value, Manager | QuerySet):
                yield value.model
            elif isinstance(value, Unknown) and looks_like_rows(node.func.value):
                yield ANY

    def _has_attribute(self, place: Place, names: Collection[str]) -> bool:
        found = self.inference_at(place)
        nodes = walk(found.function) if found is not None else ()
        return any(isinstance(node, ast.Attribute) and node.attr in names for node in nodes)

    def runs_unknown(self, inference: Inference, call: ast.Call) -> bool:
        """Whether the functions behind a call run code that is not known."""
        return any(
            self._runs_unknown(place) for place in self.behind(self._places(inference, call))
        )

    def _runs_unknown(self, place: Place) -> bool:
        if place not in self._unknown:
            self._unknown[place] = self._reads_unknown(place)
        return self._unknown[place]

    def _reads_unknown(self, place: Place) -> bool:
        inference = self.inference_at(place)
        nodes = walk(inference.function) if inference is not None else ()
        calls = (node for node in nodes if isinstance(node, ast.Call))
        return inference is not None and any(is_unknown(inference, call) for call in calls)

    def inference_at(self, place: Place) -> Inference | None:
        """What is known of the function that stands at a place; None if none does."""
        known = self._inferences.get(place)
        if known is not None:
            return known
        document = self._project.files.document(place[0])
        function = document.function_at(place[1])
        if function is None:
            return None
        made = Inference(self._project, document, function, depth=1)
        self._inferences.put(place, made, 1)
        return made

    def _of(self, place: Place) -> _Said:
        if place not in self._said:
            self._said[place] = self._read(place)
        return self._said[place]

    def _read(self, place: Place) -> _Said:
        inference = self.inference_at(place)
        if inference is None:
            return _Said()
        writes: set[str] = set()
        calls: set[tuple[Place, str]] = set()
        own: set[str] = set()
        for node in walk(inference.function):
            if isinstance(node, ast.Call) and not is_trace(node):
                writes.update(models_written(inference, node))
                calls.update(self._reached(inference, node))
                own.update(_own_method(inference, node))
            elif isinstance(node, ast.Attribute):
                calls.update((place, ROWS) for place in self._property(inference, node))
        for each in inference.function.decorator_list:
            calls.update((place, "") for place in self._named(inference.resolve(each) or ""))
        return _Said(frozenset(writes), frozenset(calls), frozenset(own))

    def _property(self, inference: Inference, node: ast.Attribute) -> Iterator[Place]:
        """The property that `self.name` is, of the class or of one below it."""
        first = inference.function.args.args[:1]
        if not (
            isinstance(node.value, ast.Name) and [node.value.id] == [each.arg for each in first]
        ):
            return
        # Most of what is read of an object is no property of any class.
        if not self._project.files.shared(Spelled).files_of(node.attr):
            return
        value = inference.value(node.value)
        cls = value.class_name if isinstance(value, Self) else getattr(value, "model", "")
        below = self._project.subclasses(cls) if cls else ()
        found = [self._project.method(each, node.attr) for each in (cls, *below) if each]
        for info in filter(None, found):
            if info.path is not None and info.facts is not None and info.facts.is_property:
                yield info.path, info.line

    def _reached(self, inference: Inference, call: ast.Call) -> Iterator[tuple[Place, str]]:
        """The functions that a call runs, each with the model of the rows it is a method of."""
        rows = ""
        if isinstance(call.func, ast.Attribute):
            value = inference.value(call.func.value)
            if isinstance(value, Manager | QuerySet):
                rows = value.model
            elif isinstance(value, Self):
                rows = ROWS
        yield from ((place, rows) for place in self._places(inference, call))

    def _places(self, inference: Inference, call: ast.Call) -> Iterator[Place]:
        """The functions that a call runs, as far as they are the project's."""
        name = inference.resolve(call.func)
        if name is not None:
            yield from self._named(name)
        if not isinstance(call.func, ast.Attribute):
            return
        method, owner = call.func.attr, call.func.value
        value = inference.value(owner)
        for cls in self._classes(inference, owner, value):
            yield from self._method(cls, method)
        if isinstance(value, Manager):
            for cls in classes_of_rows(self._project, value):
                yield from self._method(cls, "get_queryset")
        if isinstance(value, Instance | Manager | QuerySet):
            yield from self._run_by(value.model, method)

    def _named(self, name: str) -> Iterator[Place]:
        module, _, own = name.rpartition(".")
        path = self._project.path_of(module)
        facts = self._project.module(path) if path is not None else None
        function = facts.function(own) if facts is not None else None
        if path is not None and function is not None:
            yield path, function.line
        elif self._project.class_named(name) is not None:
            yield from self._method(name, "__init__")
        elif self._project.class_named(module) is not None:
            yield from self._method(module, own)

    def _classes(self, inference: Inference, owner: ast.expr, value: Value) -> Iterator[str]:
        """The classes that an object may be of."""
        if isinstance(value, Self):
            yield value.class_name
            yield from self._project.subclasses(value.class_name)
        elif isinstance(value, Instance | ModelClass):
            yield value.model
        elif isinstance(value, Named):
            yield value.name
        elif isinstance(value, Manager | QuerySet):
            yield from classes_of_rows(self._project, value)
        else:
            yield from self._made(inference, owner)

    def _made(self, inference: Inference, owner: ast.expr) -> Iterator[str]:
        """`Service(key).run()`, also by a local name."""
        made: list[ast.expr | None] = [owner]
        if isinstance(owner, ast.Name):
            made = [each.value for each in inference.definitions(owner)]
        for each in made:
            name = inference.resolve(each.func) if isinstance(each, ast.Call) else None
            if name is not None and self._project.class_named(name) is not None:
                yield name

    def _method(self, cls: str, name: str) -> Iterator[Place]:
        info = self._project.method(cls, name)
        if info is not None and info.path is not None:
            yield info.path, info.line

    def _run_by(self, name: str, method: str) -> Iterator[Place]:
        """The receivers, and the model's own `save()`, that run when rows of a model are saved."""
        if method not in _RUNNING:
            return
        for receiver in self._project.receivers(name, _SIGNALS):
            if receiver.handler_path is not None and not receiver.sender_unknown:
                yield receiver.handler_path, receiver.handler_line
        yield from self._method(name, "delete" if method in DELETING else "save")


def models_written(inference: Inference, call: ast.Call) -> Iterator[str]:
    """The model whose existing rows a call may write to or delete, if it is such a call."""
    if not isinstance(call.func, ast.Attribute):
        return
    method = call.func.attr
    if method in ASSIGNING:
        value = inference.value(call.func.value)
        if isinstance(value, Manager) and is_side_of_key(inference.project, value):
            yield value.model
        elif isinstance(value, Manager) and value.related:
            yield from (f"{MADE}{each}" for each in _both_sides(inference, call.func, value))
        return
    if method not in UPDATING | _SAVING | DELETING | _EXECUTING | _MAKING:
        return
    value = inference.value(call.func.value)
    if isinstance(value, Instance | Manager | QuerySet):
        if method in _MAKING or (isinstance(value, Instance) and value.origin == "new"):
            yield MADE + value.model
        else:
            yield value.model
            if method in DELETING:
                yield DELETED + value.model
    elif is_own_rows(inference, value):
        yield MADE + ROWS if method in _MAKING else ROWS
        if method in DELETING:
            yield DELETED + ROWS
    elif _may_write(inference, call, value):
        yield ANY


def _is_own_method(inference: Inference, value: Value, method: str) -> bool:
    """Whether `self.save()` of a class that is no model is a method that is read itself."""
    info = inference.project.method(value.class_name, method) if isinstance(value, Self) else None
    return info is not None and info.path is not None


def classes_of_rows(project: Project, rows: Manager | QuerySet) -> Iterator[str]:
    """The classes whose methods a manager or queryset has, as far as they are known."""
    model = project.model(rows.model, partial=True)
    if model is None:
        return
    # Which manager a queryset comes from is not remembered.
    managers = [*model.managers.values(), model.default_manager]
    if isinstance(rows, Manager) and not rows.related and rows.name in model.managers:
        managers = [model.managers[rows.name]]
    found = [name for each in managers for name in (each.class_name, each.queryset_class)]
    yield from dict.fromkeys(name for name in found if name)


def is_own_rows(inference: Inference, value: Value) -> bool:
    """Whether a value is `self` in the class of a manager or queryset."""
    return isinstance(value, Self) and any(
        inference.project.is_subclass(value.class_name, base) for base in _OF_ROWS
    )


def _own_method(inference: Inference, call: ast.Call) -> Iterator[str]:
    if isinstance(call.func, ast.Attribute) and call.func.attr in _RUNNING:
        owner = call.func.value
        if _is_super(owner) or is_own_rows(inference, inference.value(owner)):
            yield call.func.attr


def _is_super(owner: ast.expr) -> bool:
    return (
        isinstance(owner, ast.Call)
        and isinstance(owner.func, ast.Name)
        and (owner.func.id == "super")
    )


def _of_rows(written: str, model: str) -> str:
    """What is written, with the model in the place of ROWS; of rows that are not known, ANY."""
    if not written.endswith(ROWS):
        return written
    return ANY if model == ANY else written.removesuffix(ROWS) + model


def _both_sides(inference: Inference, function: ast.Attribute, manager: Manager) -> Iterator[str]:
    """The models at the ends of a many-to-many whose manager is called."""
    yield manager.model
    owner = function.value.value if isinstance(function.value, ast.Attribute) else None
    value = inference.value(owner) if owner is not None else None
    if isinstance(value, Instance):
        yield value.model


def is_side_of_key(project: Project, manager: Manager) -> bool:
    """Whether a manager is the many side of a foreign key, whose rows hold the key."""
    owner = project.model(manager.owner, partial=True) if manager.owner else None
    relation = owner.reverse_named(manager.name) if owner is not None else None
    return relation is not None and relation.kind != "many-to-many"


def _may_write(inference: Inference, call: ast.Call, value: Value) -> bool:
    """Whether a method of something unknown is likely one of rows, by the way it is called."""
    function = call.func
    if not isinstance(value, Unknown | Self) or not isinstance(function, ast.Attribute):
        return False
    if _is_own_method(inference, value, function.attr):
        return False
    if function.attr in UPDATING:
        return looks_like_rows(function.value)
    if function.attr in DELETING:
        return not call.args and not call.keywords
    if function.attr in _EXECUTING:
        return not _only_selects(call)
    return True


def _only_selects(call: ast.Call) -> bool:
    first = call.args[0] if call.args else None
    text = first.value if isinstance(first, ast.Constant) else None
    return isinstance(text, str) and text.lstrip().lower().startswith("select")


def looks_like_rows(expression: ast.expr) -> bool:
    """Whether an expression that is not known is written as a query: `cls.objects.filter(...)`,
    `user.account_set`."""
    names = {node.attr for node in walk(expression) if isinstance(node, ast.Attribute)}
    return not names.isdisjoint(_QUERYING) or any(name.endswith("_set") for name in names)
