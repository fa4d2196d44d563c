"""Who calls a function: complete, or known to be incomplete. An inverse question, bytes first."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from djfix.codemods.findings import NodeReference
from djfix.codemods.project.expressions import expression_facts
from djfix.codemods.project.facts import ExpressionFacts
from djfix.codemods.project.importers import placed_nodes
from djfix.codemods.project.links import Links
from djfix.codemods.project.names import ModuleTarget, NameTarget
from djfix.codemods.source.chains import dotted_name
from djfix.codemods.source.document import Document, Unreadable

HARMLESS_DECORATORS = frozenset(
    {
        "builtins.staticmethod",
        "builtins.classmethod",
        "django.db.transaction.atomic",
        "functools.wraps",
        "functools.lru_cache",
        "functools.cache",
        "typing.no_type_check",
        "typing.override",
        "typing_extensions.override",
        "abc.abstractmethod",
        "contextlib.contextmanager",
    }
)
"""Decorators that hand the function to nobody else."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call that reaches the function, or for a method may reach it.

    `symbol`: the enclosing class and function, dotted, "" at module level. `is_certain`: the name
    resolves to the function, or `self` is of its class; else only the method's name agrees.
    `through_class`: `Order.charge(order)`: the instance is the first argument.
    """

    path: str
    line: int
    symbol: str
    reference: NodeReference
    call: ExpressionFacts
    is_certain: bool
    through_class: bool = False


@dataclass(frozen=True, slots=True)
class Callers:
    """`calls` in the order of path and line. `complete`: there are no others, but for templates
    and other projects; `gaps` says why not."""

    calls: tuple[Call, ...] = ()
    complete: bool = False
    gaps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Wanted:
    dotted: str
    name: str
    cls: str | None
    path: str
    line: int


def callers_of(links: Links, function: str) -> Callers:
    """The calls of a module-level function or of a method, by its dotted name."""
    found = list(_calls_and_gaps(links, function))
    calls = [each for each in found if isinstance(each, Call)]
    gaps = tuple(each for each in found if isinstance(each, str))
    return Callers(_in_order(calls), not gaps, gaps)


def all_calls_of(links: Links, function: str, most: int) -> tuple[Call, ...] | None:
    """Every call of a function; None where one may be missing or there are more than `most`:
    files behind the first that says so are not looked at."""
    calls: list[Call] = []
    for each in _calls_and_gaps(links, function):
        if isinstance(each, str) or len(calls) == most:
            return None
        calls.append(each)
    return _in_order(calls)


def _in_order(calls: Iterable[Call]) -> tuple[Call, ...]:
    return tuple(sorted(calls, key=lambda each: (each.path, each.line, each.reference)))


def _calls_and_gaps(links: Links, function: str) -> Iterator[Call | str]:
    """The calls, and as texts why there may be others; file by file as they are asked for."""
    wanted = _wanted(links, function)
    if wanted is None:
        yield f"{function} is not found"
        return
    yield from _gaps_of_definition(links, wanted)
    for path in links.files_with(wanted.name):
        try:
            if _may_use(links.files.read(path), wanted):
                yield from list(_in_file(links, links.document(path), wanted))
        except (Unreadable, OSError):
            yield f"{path} cannot be read"


def _may_use(data: bytes, wanted: _Wanted) -> bool:
    """Whether a file with these bytes may do more than define methods of this name."""
    if wanted.cls is None:
        return True
    name = re.escape(wanted.name).encode()
    gap = rb"(?:[\s\\]|#[^\n]*\n)*"
    # Two patterns that begin with certain bytes are searched for several times as fast as one.
    quoted = name + rb"(?<!\w" + name + rb")[\"'{]"
    attribute = rb"\." + gap + name + rb"\b"
    return any(re.search(pattern, data) is not None for pattern in (quoted, attribute))


def _wanted(links: Links, function: str) -> _Wanted | None:
    owner, _, name = function.rpartition(".")
    info = links.classes.class_named(owner)
    if info is not None:
        method = links.classes.method(info.name, name)
        if method is None or method.facts is None or method.path is None:
            return None
        return _Wanted(f"{method.cls}.{name}", name, method.cls, method.path, method.line)
    target = links.names.target_of(function)
    if not isinstance(target, NameTarget) or target.path is None:
        return None
    facts = links.facts(target.path)
    found = facts.function(target.dotted.rpartition(".")[2]) if facts is not None else None
    if found is None:
        return None
    return _Wanted(target.dotted, found.name, None, target.path, found.line)


def _gaps_of_definition(links: Links, wanted: _Wanted) -> Iterator[str]:
    facts = links.facts(wanted.path)
    assert facts is not None
    if wanted.cls is None:
        definition = facts.function(wanted.name)
    else:
        info = links.classes.class_named(wanted.cls)
        definition = info.facts.method(wanted.name) if info is not None and info.facts else None
    for each in definition.decorators if definition is not None else ():
        dotted = (each.function or each).name
        resolved = links.names.resolve(wanted.path, dotted, (), wanted.line) if dotted else None
        if resolved not in HARMLESS_DECORATORS:
            yield f"it is decorated with {dotted or 'an expression'}"
    if wanted.cls is not None:
        yield from _gaps_of_class(links, wanted, wanted.cls)
    for other in _aliases(links, wanted):
        yield f"it goes by the name {other} too"


def _aliases(links: Links, wanted: _Wanted) -> Iterator[str]:
    """Other names that imports give to a function; the bytes of their users do not hold its own."""
    if wanted.cls is not None:
        return
    for path in links.files_with(wanted.name):
        facts = links.facts(path) if links.may_rename(path, wanted.name) else None
        for each in facts.imports if facts is not None else ():
            if each.name != wanted.name or each.bound == wanted.name or each.scope:
                continue
            is_used = any(user != path for user in links.files_with(each.bound))
            if is_used and links.names.resolve(path, each.bound) == wanted.dotted:
                yield each.bound


def _gaps_of_class(links: Links, wanted: _Wanted, cls: str) -> Iterator[str]:
    order = links.classes.mro(cls)
    if order is None:
        yield f"a base of {cls} is unknown and may call it"
    for name in (order or ())[1:]:
        if links.classes.own_method(name, wanted.name) is not None:
            yield f"it overrides {name}.{wanted.name}"
    if wanted.name.startswith("__"):
        yield "Python itself calls it"


def _in_file(links: Links, document: Document, wanted: _Wanted) -> Iterator[Call | str]:
    if links.facts(document.path) is None:
        # A part of it might still be parsed, but no name in it would be resolved.
        yield f"{document.path} cannot be read"
        return
    names = _names_in(links, document.path, wanted)
    for node, scope, parent in placed_nodes(document, names):
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str) and _spells(node.value, wanted):
                yield f"{document.path}:{node.lineno} names it in a string"
        elif _is_named(node, wanted.name, names):
            assert isinstance(node, ast.Name | ast.Attribute)
            yield from _use(links, document, wanted, node, scope, parent)


def _is_named(node: ast.AST, name: str, names: frozenset[str]) -> bool:
    if isinstance(node, ast.Name):
        return node.id in names
    return isinstance(node, ast.Attribute) and node.attr == name


def _names_in(links: Links, path: str, wanted: _Wanted) -> frozenset[str]:
    """The function's name, and those that imports of this file give to it."""
    facts = links.facts(path) if links.may_rename(path, wanted.name) else None
    imports = facts.imports if facts is not None else ()
    return frozenset([wanted.name, *(each.bound for each in imports if each.name == wanted.name)])


def _spells(text: str, wanted: _Wanted) -> bool:
    return text == wanted.name or text.endswith(f".{wanted.name}")


def _use(
    links: Links,
    document: Document,
    wanted: _Wanted,
    node: ast.Name | ast.Attribute,
    scope: tuple[str, ...],
    parent: ast.AST,
) -> Iterator[Call | str]:
    agrees = _agrees(links, document.path, wanted, node, scope)
    if agrees is None:
        return
    place = f"{document.path}:{node.lineno}"
    if isinstance(parent, ast.Call) and parent.func is node:
        through = wanted.cls is not None and _is_class(links, document.path, node, scope)
        yield Call(
            document.path,
            node.lineno,
            ".".join(scope),
            NodeReference.of(parent),
            expression_facts(parent, document.segment),
            agrees,
            through,
        )
    elif isinstance(node.ctx, ast.Load):
        yield f"{place} passes it on"
    elif agrees or wanted.cls is not None:
        yield f"{place} assigns to its name"


def _agrees(
    links: Links,
    path: str,
    wanted: _Wanted,
    node: ast.Name | ast.Attribute,
    scope: tuple[str, ...],
) -> bool | None:
    """True: certainly the function; False: perhaps; None: certainly not."""
    if isinstance(node, ast.Name):
        if wanted.cls is not None:
            return None
        return True if links.names.resolve(path, node.id, scope) == wanted.dotted else None
    if wanted.cls is None:
        return _module_attribute(links, path, wanted, node, scope)
    return _method_attribute(links, path, wanted, wanted.cls, node, scope)


def _module_attribute(
    links: Links,
    path: str,
    wanted: _Wanted,
    node: ast.Attribute,
    scope: tuple[str, ...],
) -> bool | None:
    base = dotted_name(node.value)
    target = links.names.target(path, base, scope) if base is not None else None
    if isinstance(target, ModuleTarget):
        resolved = links.names.resolve(path, f"{base}.{node.attr}", scope)
        return True if resolved == wanted.dotted else None
    return None


def _method_attribute(
    links: Links,
    path: str,
    wanted: _Wanted,
    cls: str,
    node: ast.Attribute,
    scope: tuple[str, ...],
) -> bool | None:
    base = dotted_name(node.value)
    resolved = links.names.resolve(path, base, scope) if base is not None else None
    if base in {"self", "cls"}:
        return _self_agrees(links, path, wanted, cls, scope)
    info = links.classes.class_named(resolved) if resolved is not None else None
    if info is not None:
        found = links.classes.method(info.name, wanted.name)
        return True if found is not None and found.cls == cls else None
    if isinstance(links.names.target(path, base, scope) if base else None, ModuleTarget):
        return None
    return False


def _self_agrees(
    links: Links, path: str, wanted: _Wanted, cls: str, scope: tuple[str, ...]
) -> bool | None:
    """`self.charge()` inside a class: its own method, or one that it inherits or overrides."""
    module = links.roots.module_of(path)
    for length in range(len(scope) - 1, 0, -1):
        info = links.classes.class_named(".".join([module or "", *scope[:length]]))
        if info is not None:
            found = links.classes.method(info.name, wanted.name)
            if found is not None and found.cls == cls:
                return True
            return False if links.classes.is_subclass(cls, info.name) is not False else None
    return False


def _is_class(links: Links, path: str, node: ast.expr, scope: tuple[str, ...]) -> bool:
    base = dotted_name(node.value) if isinstance(node, ast.Attribute) else None
    resolved = links.names.resolve(path, base, scope) if base is not None else None
    return resolved is not None and links.classes.class_named(resolved) is not None
