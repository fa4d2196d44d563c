"""What the text of an extraction needs: parameters, results, exceptions, the transaction."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from djfix.codemods.inference.extraction.annotations import (
    Annotation,
    by_use,
    of_result,
    of_value,
    of_variable,
    optional,
)
from djfix.codemods.inference.extraction.candidates import Candidate, Names
from djfix.codemods.inference.extraction.hoisting import Hoist
from djfix.codemods.inference.extraction.makings import (
    is_none_at_times,
    of_expression,
    of_making,
)
from djfix.codemods.inference.extraction.names import (
    Needed,
    needed_of,
)
from djfix.codemods.inference.extraction.regions import Region
from djfix.codemods.inference.extraction.text import Lines
from djfix.codemods.inference.extraction.variables import Variables
from djfix.codemods.inference.extraction.work import WRITES, changed_relation
from djfix.codemods.inference.extraction.writing import (
    Design,
    Refusal,
)
from djfix.codemods.source.line_length import line_length
from djfix.codemods.source.walking import walk


def design_of(
    candidate: Candidate,
    lines: Lines,
    variables: Variables,
    names: Names,
    follow: Collection[str],
) -> Design:
    region = candidate.region
    assert region is not None
    hoists = candidate.hoists.hoists
    results = tuple((name, _of_result(region, name)) for name in variables.returned)
    refusals = tuple(
        Refusal(leaving, name, tuple((each, _of_carried(region, each)) for each in carried))
        for leaving, name, carried in zip(
            region.exits, names.errors, variables.carried, strict=True
        )
    )
    view = region.view
    return Design(
        region=region,
        lines=lines,
        name=names.function,
        hoists=hoists,
        parameters=tuple(_parameters(region, variables, hoists)),
        results=results,
        refusals=refusals,
        summary=_summary(region),
        local_imports=tuple(_local_imports(region, variables)),
        result_class=names.result if len(results) > 1 else "",
        atomic=_atomic_part(region, follow) if follow else None,
        width=line_length(view.project.files, view.document.path),
    )


def _atomic_part(region: Region, follow: Collection[str]) -> tuple[int, int] | None:
    """The statements from the first to the last write, tasks behind them too where they are to be
    sent on commit; None where there is one write, or a transaction already."""
    writes = [each for each in region.work if each.kind in WRITES]
    atomic = [each for each in region.work if each.subject == "django.db.transaction.atomic"]
    if len(writes) < 2 or atomic or writes_before_response(region):
        return None
    kinds = {*WRITES, "task"} if "on-commit" in follow else WRITES
    places = [
        index
        for index, statement in enumerate(region.statements)
        if any(each.kind in kinds and each.node in set(walk(statement)) for each in region.work)
    ]
    first = min(
        index
        for index, statement in enumerate(region.statements)
        if any(each.node in set(walk(statement)) for each in writes)
    )
    while first and _prepares(region.statements[first - 1]):
        first -= 1
    if first and "f-expressions" in follow and isinstance(region.statements[first - 1], ast.If):
        # The check belongs to the change that it guards: one query makes both.
        first -= 1
    return first, max(places) + 1


def writes_before_response(region: Region) -> bool:
    """Whether an early response may follow a write, which it keeps and an exception would undo."""
    graph = region.view.inference.flow.graph
    writes = [graph.point_of(each.node) for each in region.work if each.kind in WRITES]
    after = {point for write in writes for point in graph.reachable(write)}
    return any(graph.point_of(each.statements[-1]) in after for each in region.exits)


def _prepares(statement: ast.stmt) -> bool:
    """`user.balance -= total`: what the save behind it writes."""
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    targets = [statement.target] if isinstance(statement, ast.AugAssign) else targets
    return bool(targets) and all(isinstance(each, ast.Attribute) for each in targets)


def _parameters(
    region: Region, variables: Variables, hoists: tuple[Hoist, ...]
) -> Iterator[tuple[str, Annotation]]:
    """In the order in which the view binds them; what is bound for the call comes last."""
    flow = region.view.inference.flow
    places: dict[str, tuple[tuple[int, int, int], Annotation]] = {}
    for name in variables.given:
        bound = flow.reaching(name, region.statements[0])
        first = min((one.point.index for one in bound), default=0)
        position = min((getattr(one.node, "col_offset", 0) for one in bound), default=0)
        places[name] = ((first, 0, position), _of_given(region, name))
    start = flow.graph.point_of(region.statements[0]).index
    for each in hoists:
        if each.bound and each.name in places:
            continue
        nodes = each.nodes or (each.expression,)
        node = min(nodes, key=lambda one: (one.lineno, one.col_offset))
        if each.bound:
            start_of = flow.reaching(each.name, region.statements[0])
            place = (min(one.point.index for one in start_of), 0, 0)
        else:
            place = (start, node.lineno, node.col_offset)
        places[each.name] = (place, _of_hoist(region, each))
    for name, (_, annotation) in sorted(places.items(), key=lambda item: item[1][0]):
        yield name, annotation


def _of_given(region: Region, name: str) -> Annotation:
    found = of_variable(region, name)
    return of_making(region, name, region.statements[0]) if found.text == "Any" else found


def _of_result(region: Region, name: str) -> Annotation:
    found = of_result(region, name)
    behind = region.block[region.last : region.last + 1]
    if not behind:
        return found
    if found.text == "Any":
        return of_making(region, name, behind[0])
    return optional(found) if is_none_at_times(region, name, behind[0]) else found


def _of_hoist(region: Region, hoist: Hoist) -> Annotation:
    value = of_value(region, region.view.inference.value(hoist.expression))
    if value.text != "Any":
        return value
    found = of_expression(region.view, hoist.expression)
    if found.text != "Any":
        return found
    if hoist.dropped is not None:
        return of_variable(region, hoist.name)
    return by_use(region, hoist.nodes)


def _of_carried(region: Region, name: str) -> Annotation:
    for each in region.exits:
        for statement in each.statements:
            for node in walk(statement):
                if isinstance(node, ast.Name) and node.id == name:
                    return of_value(region, region.view.inference.value(node))
    return of_variable(region, name)


def _summary(region: Region) -> str:
    """What the statements do, in words: from the work that was found in them."""
    if region.view.seeks == "queries":
        return ""
    verbs = {"create": "creates", "save": "saves", "update": "updates", "delete": "deletes"}
    verbs |= {"change": "changes", "send": "sends"}
    parts: dict[str, list[str]] = {}
    for each in region.work:
        name = each.subject.rpartition(".")[2]
        kind = "send" if each.kind in {"task", "mail"} else each.kind
        relation = changed_relation(each)
        if relation is not None:
            kind, name = "change", relation
        if kind in WRITES or kind in verbs:
            found = parts.setdefault(kind, [])
            if name not in found:
                found.append(name)
    texts = [f"{verbs[kind]} {_and(names)}" for kind, names in parts.items()]
    text = ", ".join(texts)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _local_imports(region: Region, variables: Variables) -> Iterator[str]:
    """The imports of the view's body that moved statements use."""
    view = region.view
    facts = view.project.module(view.document.path)
    for name in variables.imported:
        for each in facts.imports if facts is not None else ():
            if each.bound == name and each.scope == view.inference.scope:
                yield import_line(needed_of(view, each))
                break


def import_line(needed: Needed) -> str:
    """The statement, with the absolute name of the module."""
    alias = f" as {needed.bound}" if needed.bound != needed.name else ""
    if not needed.name:
        return f"import {needed.module}"
    if not needed.module:
        return f"import {needed.name}{alias}"
    return f"from {needed.module} import {needed.name}{alias}"
