"""Which variables a run of statements takes from the view, and which it gives back."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from djfix.codemods.findings import Reason
from djfix.codemods.flow.names import Definition, Flow
from djfix.codemods.inference.extraction.exits import Exit
from djfix.codemods.inference.extraction.regions import Region
from djfix.codemods.source.walking import walk

_LATER = (ast.Lambda, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.GeneratorExp)


@dataclass(frozen=True, slots=True)
class Variables:
    """`given`: in the order of their first use. `returned`: in the order of the text.

    `carried`: for each early response, the names that it uses and the run binds. `imported`:
    names that the view's own body imports before. `outer`: names of the module and builtins.
    """

    given: tuple[str, ...]
    returned: tuple[str, ...]
    carried: tuple[tuple[str, ...], ...]
    imported: tuple[str, ...]
    outer: tuple[str, ...]
    reasons: tuple[Reason, ...]


def variables_of(region: Region, replaced: Collection[ast.AST] = ()) -> Variables:
    """The variables of a run; `replaced`: nodes that are arguments already."""
    flow = region.view.inference.flow
    moved = [node for node in _in_order(region) if node not in replaced]
    given: dict[str, None] = {}
    imported: dict[str, None] = {}
    outer: dict[str, None] = {}
    for node in moved:
        if not _reads(flow, node):
            continue
        for one in _reaching(flow, node.id, node):
            if one.kind == "global":
                outer[node.id] = None
            elif one.kind not in ("inner", "unbound", "del") and not _is_inside(region, one):
                (imported if one.kind == "import" else given)[node.id] = None
    carried = tuple(_carried(region, each, replaced) for each in region.exits)
    for name in dict.fromkeys(name for names in carried for name in names):
        at = [each for each in region.exits if name in carried[region.exits.index(each)]]
        for leaving in at:
            reaching = _reaching(flow, name, leaving.statements[0])
            if any(not _is_inside(region, one) and one.kind != "unbound" for one in reaching):
                given[name] = None
    for name in imported:
        given.pop(name, None)
    returned = _returned(region, replaced)
    reasons = [*_unbound(region, (*given, *imported)), *_unbound_results(region, returned)]
    reasons += _captured(region)
    return Variables(tuple(given), returned, carried, tuple(imported), tuple(outer), tuple(reasons))


def _in_order(region: Region) -> Iterator[ast.Name]:
    names = [node for node in region.moved if isinstance(node, ast.Name)]
    yield from sorted(names, key=lambda node: (node.lineno, node.col_offset))


def _reads(flow: Flow, node: ast.Name) -> bool:
    if isinstance(node.ctx, ast.Load):
        return True
    return isinstance(flow.parents.get(node), ast.AugAssign)


def _body_nodes(region: Region) -> Iterator[ast.AST]:
    for statement in region.view.function.body:
        yield from walk(statement)


def _reaching(flow: Flow, name: str, node: ast.AST) -> tuple[Definition, ...]:
    """Nothing for what is never evaluated, such as an annotation of a variable."""
    try:
        return flow.reaching(name, node)
    except LookupError:
        return ()


def _is_inside(region: Region, definition: Definition) -> bool:
    """Whether a binding belongs to the run."""
    node: ast.AST = definition.node
    return node in region.nodes or definition.point.node in region.nodes


def _carried(region: Region, leaving: Exit, replaced: Collection[ast.AST]) -> tuple[str, ...]:
    flow = region.view.inference.flow
    found: dict[str, None] = {}
    for statement in leaving.statements:
        for node in walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                reaching = _reaching(flow, node.id, node)
                if any(_is_bound_by(region, one, replaced) for one in reaching):
                    found[node.id] = None
    return tuple(found)


def _is_bound_inside(region: Region, definition: Definition) -> bool:
    is_binding = definition.kind not in ("global", "inner", "unbound", "parameter")
    return is_binding and _is_inside(region, definition)


def _is_bound_by(region: Region, definition: Definition, replaced: Collection[ast.AST]) -> bool:
    """Whether the run will bind it: what is replaced is bound by the view."""
    return definition.node not in replaced and _is_bound_inside(region, definition)


def _returned(region: Region, replaced: Collection[ast.AST]) -> tuple[str, ...]:
    flow = region.view.inference.flow
    found: dict[str, int] = {}
    for node in _body_nodes(region):
        if not isinstance(node, ast.Name) or node in region.nodes or not _reads(flow, node):
            continue
        reaching = _reaching(flow, node.id, node)
        inside = [one for one in reaching if _is_bound_by(region, one, replaced)]
        if inside:
            found[node.id] = min(one.point.index for one in inside)
    return tuple(sorted(found, key=lambda name: (found[name], name)))


def _unbound(region: Region, names: Collection[str]) -> Iterator[Reason]:
    flow = region.view.inference.flow
    for name in names:
        reaching = _reaching(flow, name, region.statements[0])
        if any(one.kind in ("unbound", "del") for one in reaching) or not reaching:
            yield Reason("maybe-unbound", f"`{name}` may have no value where the service is called")


def _unbound_results(region: Region, names: Collection[str]) -> Iterator[Reason]:
    """A result that not every path gives a value."""
    flow = region.view.inference.flow
    for node in _body_nodes(region):
        if not isinstance(node, ast.Name) or node in region.nodes or node.id not in names:
            continue
        reaching = _reaching(flow, node.id, node) if _reads(flow, node) else ()
        kinds = {one.kind for one in reaching}
        if any(_is_bound_inside(region, one) for one in reaching) and kinds & {"unbound", "del"}:
            yield Reason("maybe-unbound", f"`{node.id}` may have no value after the service")
            return


def _captured(region: Region) -> Iterator[Reason]:
    """Functions that look at a variable when they are called, which the other side binds anew."""
    flow = region.view.inference.flow
    start = region.statements[0].lineno
    for name in sorted({one.name for one in flow.definitions.all}):
        scopes = [each for each in flow.closures_over(name) if isinstance(each, _LATER)]
        bindings = flow.definitions_of(name)
        inside = [each for each in scopes if each in region.nodes]
        outside = [each for each in scopes if each not in region.nodes]
        late = any(not _is_inside(region, one) and one.point.line >= start for one in bindings)
        early = any(_is_inside(region, one) for one in bindings)
        if (inside and late) or (outside and early and _is_before(outside, start)):
            text = f"a function inside of the view keeps `{name}`, which is bound again later"
            yield Reason("captured-variable", text)


def _is_before(scopes: Sequence[ast.AST], line: int) -> bool:
    return any(getattr(each, "lineno", 0) < line for each in scopes)
