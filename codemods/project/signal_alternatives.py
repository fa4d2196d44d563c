"""All that an expression may stand for in the code that connects to signals, loops included."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from djfix.codemods.project.signal_names import MODEL_SIGNALS
from djfix.codemods.source.chains import last_name
from djfix.codemods.source.definitions import own_statements
from djfix.codemods.source.walking import walk


@dataclass(frozen=True, slots=True)
class _Item:
    """What a loop variable takes: the items of `of`, or position `index` of each of them."""

    of: ast.expr
    index: int | None = None


_Binding = ast.expr | _Item | None


@dataclass(frozen=True, slots=True)
class Frame:
    """The names that one scope binds by assignment or loop; None: in some other way."""

    names: dict[str, list[_Binding]]

    @classmethod
    def of(cls, body: Iterable[ast.stmt], parameters: Iterable[str]) -> Frame:
        names: dict[str, list[_Binding]] = {name: [None] for name in parameters}
        for node in own_statements(body):
            for name, value in _bindings(node):
                names.setdefault(name, []).append(value)
        return cls(names)


def _bindings(node: ast.stmt) -> Iterator[tuple[str, _Binding]]:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            yield name, value
        case ast.AnnAssign(target=ast.Name(id=name), value=value):
            yield name, value
        case ast.For(target=ast.Name(id=name), iter=source):
            yield name, _Item(source)
        case ast.For(target=ast.Tuple(elts=targets), iter=source):
            for index, target in enumerate(targets):
                if isinstance(target, ast.Name):
                    yield target.id, _Item(source, index)
        case ast.Assign(targets=targets):
            for target in targets:
                for inner in walk(target):
                    if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
                        yield inner.id, None


def followed(node: ast.expr, frames: tuple[Frame, ...], depth: int = 0) -> list[ast.expr | None]:
    """What a name may stand for, the innermost of the frames last; None for what is not known."""
    if depth > 6:
        return [None]
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return [found for each in node.elts for found in followed(each, frames, depth + 1)]
    if isinstance(node, ast.IfExp):
        either = (node.body, node.orelse)
        return [found for each in either for found in followed(each, frames, depth + 1)]
    if isinstance(node, ast.Call) and last_name(node.func) == "getattr" and len(node.args) == 2:
        return _by_name(*node.args)
    if not isinstance(node, ast.Name):
        return [node]
    for position in range(len(frames) - 1, -1, -1):
        bindings = frames[position].names.get(node.id)
        if bindings is not None:
            return _of_bindings(node, bindings, frames[: position + 1], depth)
    return [node]


def _by_name(owner: ast.expr, name: ast.expr) -> list[ast.expr | None]:
    """`getattr(signals, name)`: each signal, unless the name is written there."""
    given = [name.value] if isinstance(name, ast.Constant) else sorted(MODEL_SIGNALS)
    names = [each for each in given if isinstance(each, str)]
    found = [ast.Attribute(owner, each, ast.Load()) for each in names]
    return [ast.copy_location(each, owner) for each in found]


def _of_bindings(
    node: ast.Name, bindings: list[_Binding], frames: tuple[Frame, ...], depth: int
) -> list[ast.expr | None]:
    is_of_module = len(frames) == 1
    if len(bindings) != 1:
        return [node if is_of_module else None]
    binding = bindings[0]
    if isinstance(binding, _Item):
        return _of_loop(binding, frames, depth)
    if binding is None:
        return [None]
    if is_of_module and not isinstance(binding, ast.List | ast.Tuple | ast.Set):
        return [node]
    return followed(binding, frames, depth + 1)


def _of_loop(item: _Item, frames: tuple[Frame, ...], depth: int) -> list[ast.expr | None]:
    rows = _rows(item.of, frames)
    if rows is None:
        return [None]
    found: list[ast.expr | None] = []
    for row in rows:
        if item.index is None:
            found += followed(row, frames, depth + 1)
        elif isinstance(row, ast.Tuple | ast.List) and item.index < len(row.elts):
            found += followed(row.elts[item.index], frames, depth + 1)
        else:
            found.append(None)
    return found


def _rows(node: ast.expr, frames: tuple[Frame, ...]) -> list[ast.expr] | None:
    """The items of a literal that is looped over; of a dict's `items()`, its pairs."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        source = _literal(node.func.value, frames)
        return _rows_of_dict(source, node.func.attr) if isinstance(source, ast.Dict) else None
    source = _literal(node, frames)
    if isinstance(source, ast.List | ast.Tuple | ast.Set):
        return None if any(isinstance(each, ast.Starred) for each in source.elts) else source.elts
    return None


def _rows_of_dict(source: ast.Dict, method: str) -> list[ast.expr] | None:
    keys = [key for key in source.keys if key is not None]
    if len(keys) != len(source.values):
        return None
    match method:
        case "keys":
            return keys
        case "values":
            return source.values
        case "items":
            pairs = zip(keys, source.values, strict=True)
            return [ast.Tuple([key, value], ast.Load()) for key, value in pairs]
    return None


def _literal(node: ast.expr, frames: tuple[Frame, ...]) -> ast.expr:
    """The literal that a name is assigned once."""
    if isinstance(node, ast.Name):
        for frame in reversed(frames):
            bindings = frame.names.get(node.id, [])
            if len(bindings) == 1 and isinstance(bindings[0], ast.expr):
                return bindings[0]
    return node
