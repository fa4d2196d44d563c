"""Rows that an object may hold already: `book.chapters.all()` after a prefetch of "chapters".

Django answers from what was prefetched only where nothing is added to `all()`: a queryset that
loads more asks again, for each of the objects (measured: 3 queries became 12).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from djfix.codemods.inference.calls import OBJECT_SHORTCUTS
from djfix.codemods.inference.loading import views
from djfix.codemods.inference.loading.chains import Chain
from djfix.codemods.inference.loading.hazards import evidence_of, hazard
from djfix.codemods.inference.loading.places import ONE, place_of
from djfix.codemods.inference.loading.reading import Reader
from djfix.codemods.inference.loading.values import Hazard
from djfix.codemods.inference.values import Instance, Manager

_WHOLE = frozenset({"all", "get_queryset"})
"""Calls on a relation's manager that what was prefetched answers."""


def carried_rows(reader: Reader, expression: ast.expr) -> tuple[Hazard, ...]:
    """Why the rows of an expression may be there already, with the object that leads to them."""
    return tuple(dict.fromkeys(_of(reader, expression, 0)))


def _of(reader: Reader, expression: ast.expr, depth: int) -> Iterator[Hazard]:
    if depth > 8:
        return
    match expression:
        case ast.Call(func=ast.Attribute(value=value, attr=attr)) if attr in _WHOLE:
            yield from _of(reader, value, depth + 1)
        case ast.Name():
            for each in reader.inference.definitions(expression):
                if each.value is not None and each.kind in {"assign", "walrus"}:
                    yield from _of(reader, each.value, depth + 1)
        case ast.IfExp(body=body, orelse=orelse):
            yield from _of(reader, body, depth + 1)
            yield from _of(reader, orelse, depth + 1)
        case ast.Attribute():
            manager = reader.inference.value(expression)
            if isinstance(manager, Manager) and manager.related:
                yield from _of_relation(reader, expression)


def _of_relation(reader: Reader, attribute: ast.Attribute) -> Iterator[Hazard]:
    names = [attribute.attr]
    owner = attribute.value
    while isinstance(owner, ast.Attribute) and not _is_user(reader, owner):
        names.insert(0, owner.attr)
        owner = owner.value
    if _is_user(reader, owner):
        return
    for chain in _origins(reader, owner, 0):
        if chain is None:
            yield hazard("unread-receiver", evidence_of(reader.document, attribute))
        elif _has_prefetched(chain, "__".join(names)):
            yield hazard("carried-rows", evidence_of(reader.document, attribute))


def _is_user(reader: Reader, expression: ast.expr) -> bool:
    value = reader.inference.value(expression)
    return isinstance(value, Instance) and value.origin == "request-user"


def _has_prefetched(chain: Chain, lookup: str) -> bool:
    unread = {"unreadable-prefetch", "unknown-manager", "unknown-queryset-method"}
    if any(each.reason.name in unread for each in chain.hazards):
        return True
    known = chain.loaded.prefetched.values()
    return any(f"{each.lookup}__".startswith(f"{lookup}__") and not each.to_attr for each in known)


def _origins(reader: Reader, owner: ast.expr, depth: int) -> Iterator[Chain | None]:
    """The querysets that an object may have come from; None for what is not known."""
    if depth > 8:
        yield None
    elif isinstance(owner, ast.Name):
        yield from _of_name(reader, owner, depth)
    elif isinstance(owner, ast.Await | ast.NamedExpr):
        yield from _origins(reader, owner.value, depth + 1)
    elif isinstance(owner, ast.Subscript):
        yield _rows(reader, owner.value)
    elif isinstance(owner, ast.Call):
        yield _of_call(reader, owner)
    else:
        yield None


def _of_name(reader: Reader, name: ast.Name, depth: int) -> Iterator[Chain | None]:
    definitions = reader.inference.definitions(name)
    if not definitions:
        yield _of_comprehension(reader, name)
    for each in definitions:
        if each.kind == "for" and each.value is not None:
            yield _rows(reader, each.value)
        elif each.kind in {"assign", "walrus"} and each.value is not None:
            yield from _origins(reader, each.value, depth + 1)
        else:
            yield None


def _of_comprehension(reader: Reader, name: ast.Name) -> Chain | None:
    for node in reader.document.above(name):
        if node is reader.inference.function:
            return None
        for each in getattr(node, "generators", ()):
            if isinstance(each.target, ast.Name) and each.target.id == name.id:
                return _rows(reader, each.iter)
    return None


def _of_call(reader: Reader, call: ast.Call) -> Chain | None:
    if reader.inference.resolve(call.func) in OBJECT_SHORTCUTS and call.args:
        return _rows(reader, call.args[0])
    if not isinstance(call.func, ast.Attribute):
        return None
    if call.func.attr in ONE:
        return _rows(reader, call.func.value)
    is_own = reader.is_self(call.func.value) and reader.receiver is not None
    if is_own and call.func.attr == "get_object" and reader.receiver and reader.receiver.view:
        found = views.get_queryset(reader, reader.receiver.view)
        return found if isinstance(found, Chain) else None
    return None


def _rows(reader: Reader, expression: ast.expr) -> Chain | None:
    """The queryset whose rows an expression gives, a page or a list of them too."""
    place = place_of(reader, expression)
    found = reader.read(getattr(place, "expression", expression))
    return found if isinstance(found, Chain) else None
