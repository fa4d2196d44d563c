"""Which arguments stand for what a run of statements reads of the request."""

from __future__ import annotations

import ast
import builtins
import keyword
from collections.abc import Iterator
from dataclasses import dataclass

from djfix.codemods.flow.points import Point
from djfix.codemods.inference.extraction.inputs import (
    Input,
    comes_first,
    input_at,
    inputs_in,
    is_inert,
)
from djfix.codemods.inference.extraction.regions import Region
from djfix.codemods.source.walking import walk


@dataclass(frozen=True, slots=True, eq=False)
class Hoist:
    """One argument: `name = expression` in the view, `name` in place of the nodes.

    `bound` says that the view has the name already; `total`, that it does not matter when the
    expression is read, so that it can stand in the call; `dropped` is the statement of the run that
    gave it its name, which the parameter does now, or a statement before the call where the view
    uses the name too.
    """

    name: str
    expression: ast.expr
    nodes: tuple[ast.expr, ...]
    bound: bool = False
    total: bool = False
    dropped: ast.stmt | None = None


@dataclass(frozen=True, slots=True)
class Hoists:
    """All of them, in the order of evaluation, or the statement of one that cannot be."""

    hoists: tuple[Hoist, ...] = ()
    stuck: ast.stmt | None = None


def hoists_of(region: Region) -> Hoists:
    """The arguments for a run. An expression that may fail stays where it was, or moves nowhere.

    Where a mapping is handed over as a whole, its keys are read from that, in their order.
    """
    whole: frozenset[str] = frozenset()
    while True:
        chosen: dict[str, list[Input]] = {}
        for statement in region.statements:
            for each in _inputs(region, statement):
                found = _hoistable(region, statement, each, whole)
                if found is None:
                    return Hoists(stuck=statement)
                chosen.setdefault(found.dump, []).append(found)
        again = whole | {each.dump for group in chosen.values() for each in group if each.is_whole}
        if again == whole:
            break
        whole = again
    taken = _names(region)
    return Hoists(tuple(_hoist(region, group, taken) for group in chosen.values()))


def _inputs(region: Region, statement: ast.stmt) -> Iterator[Input]:
    found = [each for each in inputs_in(region.view, [statement]) if each.node in region.moved]
    yield from sorted(found, key=lambda each: (each.node.lineno, each.node.col_offset))


def _hoistable(
    region: Region, statement: ast.stmt, found: Input, whole: frozenset[str]
) -> Input | None:
    """The expression itself, else the mapping that it takes a key of; None if neither may move."""
    mapping = found.mapping
    forced = mapping is not None and mapping.dump in whole
    if not forced and _may_move(region, statement, found):
        return found
    if mapping is None or not mapping.is_whole:
        return None
    return mapping if _may_move(region, statement, mapping) else None


def _may_move(region: Region, statement: ast.stmt, found: Input) -> bool:
    if found.total or _is_read_before(region, found):
        return True
    return _stands_first(region, statement, found)


def _stands_first(region: Region, statement: ast.stmt, found: Input) -> bool:
    for earlier in region.statements:
        if earlier is statement:
            break
        if not is_inert(earlier):
            return False
    known = [each.node for each in inputs_in(region.view, [statement])]
    return comes_first(known, statement, found.node)


def _is_read_before(region: Region, wanted: Input) -> bool:
    """Whether the view has read the very same for certain before the run.

    A mapping has been read where one of its keys was.
    """
    graph = region.view.inference.flow.graph
    start = graph.point_of(region.statements[0])
    body = region.view.function.body
    before = (node for each in body for node in walk(each) if node not in region.nodes)
    for node in before:
        found = input_at(region.view, node)
        for each in (found, found.mapping if found else None):
            if each and each.dump == wanted.dump and _is_certain(region, node):
                point: Point = graph.point_of(node)
                if graph.dominates(point, start):
                    return True
    return False


def _is_certain(region: Region, node: ast.AST) -> bool:
    parents = region.view.inference.flow.parents
    parent = parents.get(node)
    while parent is not None and not isinstance(parent, ast.stmt):
        if isinstance(parent, ast.IfExp | ast.BoolOp | ast.Lambda | ast.comprehension):
            return False
        parent = parents.get(parent)
    return True


def _names(region: Region) -> set[str]:
    names = {each.id for each in walk(region.view.function) if isinstance(each, ast.Name)}
    return names | {each.arg for each in walk(region.view.function) if isinstance(each, ast.arg)}


def _hoist(region: Region, group: list[Input], taken: set[str]) -> Hoist:
    first, nodes = group[0], tuple(each.node for each in group)
    bound = _bound_to(region, first)
    if bound is not None:
        return Hoist(bound, first.node, nodes, bound=True)
    total = first.total or _is_read_before(region, first)
    dropped = _named_inside(region, first) if total else None
    if dropped is not None:
        others = tuple(each for each in nodes if each is not dropped.value)
        target = dropped.targets[0]
        assert isinstance(target, ast.Name)
        alone = not _is_used_outside(region, target.id)
        return Hoist(target.id, first.node, others, total=alone, dropped=dropped)
    name = _free(first.name, taken, is_key=_is_key(region, first.node))
    taken.add(name)
    return Hoist(name, first.node, nodes, total=total)


def _named_inside(region: Region, wanted: Input) -> ast.Assign | None:
    """The statement of the run that does nothing but name the expression."""
    flow = region.view.inference.flow
    for statement in region.statements[1:-1]:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found = input_at(region.view, value)
                if found is None or found.dump != wanted.dump:
                    continue
                if len(flow.definitions_of(name)) != 1:
                    continue
                line = region.view.document.line_text(statement.lineno)
                if statement.lineno == statement.end_lineno and "#" not in line and ";" not in line:
                    return statement
    return None


def _is_used_outside(region: Region, name: str) -> bool:
    uses = (each for each in walk(region.view.function) if isinstance(each, ast.Name))
    return any(each.id == name and each not in region.nodes for each in uses)


def _bound_to(region: Region, wanted: Input) -> str | None:
    """A variable of the view that has just this value."""
    flow = region.view.inference.flow
    for statement in region.view.function.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found = input_at(region.view, value)
                if found is None or found.dump != wanted.dump or statement in region.nodes:
                    continue
                reaching = flow.reaching(name, region.statements[0])
                bindings = flow.definitions_of(name)
                if len(bindings) == 1 and bindings == reaching:
                    return name
    return None


def _is_key(region: Region, node: ast.expr) -> bool:
    """Whether a value is a row's key: `get(pk=...)`."""
    parent = region.view.inference.flow.parents.get(node)
    return isinstance(parent, ast.keyword) and parent.arg in {"pk", "id"}


def _free(name: str, taken: set[str], *, is_key: bool) -> str:
    keyed = [f"{name}_id"] if is_key else []
    keyed += ["acting_user"] if name == "user" else []
    keyed += ["input_data"] if name == "data" else []
    candidates = [name, *keyed, f"{name}_value", *(f"{name}_{each}" for each in range(2, 100))]
    return next(
        each
        for each in candidates
        if each not in taken and not keyword.iskeyword(each) and not hasattr(builtins, each)
    )
