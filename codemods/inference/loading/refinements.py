"""What a view's code, its subclasses and filter backends do to the view's queryset later."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from djfix.codemods.inference.expressions import Function
from djfix.codemods.inference.loading import hazards
from djfix.codemods.inference.loading.backends import (
    backends_of,
    paginations_of,
    permissions_of,
)
from djfix.codemods.inference.loading.chains import ENDING, RETURNING_QUERYSETS
from djfix.codemods.inference.loading.held import (
    Held,
    copied,
    is_kept_in,
    is_self_or_super,
    of_view,
    parameters_of,
    with_copies,
)
from djfix.codemods.inference.loading.memory import Memory
from djfix.codemods.inference.loading.values import Hazard
from djfix.codemods.inference.loading.views import assigning
from djfix.codemods.project.known_order import known_order
from djfix.codemods.project.project import Project
from djfix.codemods.source.chains import last_name
from djfix.codemods.source.document import Document
from djfix.codemods.source.walking import walk

_LISTING = frozenset({"list", "tuple", "set", "sorted", "enumerate", "map", "zip"})
_NO_OBJECTS = frozenset(
    {
        *("values", "values_list", "dates", "datetimes", "aggregate", "in_bulk", "only"),
        *("get", "first", "last", "iterator", "aiterator"),
    }
)
"""Methods behind which there are no rows of the view, or which are looked at as `refined_by`."""

_LOOKING_UP = frozenset(
    {
        *("filter", "exclude", "get", "union", "intersection", "difference", "annotate", "alias"),
        *("order_by", "update", "aggregate", "set", "add", "remove", "append"),
    }
)
_REFINING = frozenset(
    {
        *("only", "defer", "iterator", "aiterator", "extra", "select_for_update"),
        *("select_related", "prefetch_related", *hazards.COMBINING),
    }
)
_PREFETCHING = "prefetch_related_objects"
_BUILTINS = frozenset({*_LISTING, "len", "bool", "any", "all", "isinstance", "print", "iter"})
_DJANGOS = RETURNING_QUERYSETS | ENDING
_DEEPEST = 2
"""How many of the project's queryset methods are followed into one another."""


def refinements_of_view(project: Project, view: str) -> tuple[Hazard, ...]:
    """The hazards of calls on `self.queryset`, `self.get_queryset()`, `self.filter_queryset()` in
    the view's classes, its subclasses, and its filter backends; other code: `by_name`."""
    memory = project.shared(Memory)
    found: list[Hazard] = []
    classes = (*known_order(project, view), *project.subclasses(view), *_beside(memory, view))
    for cls in dict.fromkeys(classes):
        found += _in_class(memory, cls)
    others = (backends_of, paginations_of, permissions_of)
    for backend in (cls for each in others for cls in each(project, view)):
        found += _of_backend(memory, backend)
    return hazards.without_repetition(found)


def _beside(memory: Memory, view: str) -> Iterator[str]:
    """Other subclasses of the class that has the view's queryset, whose `get_queryset` may build
    on it: `super().get_queryset().only(...)`."""
    own = assigning(memory, view, "queryset")
    getter = memory.project.method(view, "get_queryset")
    owners = {own.name if own is not None else "", getter.cls if getter is not None else ""}
    for owner in sorted(owners - {view, ""}):
        for cls in memory.project.subclasses(owner):
            other = memory.project.class_named(cls)
            if other is None or "get_queryset" not in other.binds():
                continue
            its = assigning(memory, cls, "queryset")
            if (its and its.name) == (own and own.name):
                yield cls


def refinements_by_serializer(project: Project, serializer: str) -> Iterator[Hazard]:
    """What a serializer's own code does to the rows that it is handed: its list serializer, and
    what makes it."""
    memory = project.shared(Memory)
    known = project.serializer(serializer)
    if known is None:
        return
    listing = known.list_serializer
    asked = [(serializer, name) for name in ("many_init", "__new__", "__init__")]
    asked += [(listing, name) for name in ("to_representation", "__init__", "data") if listing]
    for cls, name in asked:
        method = project.method(cls, name)
        if method is None or method.path is None:
            continue
        document = memory.document(method.path)
        function = memory.function_at(method.path, method.line)
        if document is None or function is None:
            continue
        held = Held(
            frozenset(parameters_of(function)[1:]), of_view=False, calls=frozenset({"instance"})
        )
        yield from in_function(memory, document, function, copied(function, held))


def _in_class(memory: Memory, cls: str) -> list[Hazard]:
    """What the methods of one class do, once for all views that have it."""
    if cls not in memory.refinements:
        memory.refinements[cls] = tuple(_read_class(memory, cls))
    return list(memory.refinements[cls])


def _read_class(memory: Memory, cls: str) -> Iterator[Hazard]:
    for document, function in memory.methods(cls):
        yield from done_with(memory, cls, document, function, of_view(function))


def done_with(
    memory: Memory, cls: str | None, document: Document, function: Function, held: Held
) -> Iterator[Hazard]:
    """What a function does with the rows that its names stand for, and what it calls with them;
    `cls`: the class whose method it is."""
    nodes = list(walk(function))
    yield from in_nodes(memory, document, nodes, held, renders=renders_in(nodes))
    yield from in_called(memory, cls, document, function, nodes, held)
    for node in nodes:
        if isinstance(node, ast.expr | ast.stmt) and is_kept_in(node, held):
            yield hazards.hazard("handed-on", hazards.evidence_of(document, node))


def in_function(
    memory: Memory, document: Document, function: Function, held: Held, depth: int = 0
) -> Iterator[Hazard]:
    """What a function does with the rows that its names stand for."""
    nodes = list(walk(function))
    yield from in_nodes(memory, document, nodes, held, renders=renders_in(nodes), depth=depth)


def in_nodes(
    memory: Memory,
    document: Document,
    nodes: Iterable[ast.AST],
    held: Held,
    *,
    renders: bool,
    depth: int = 0,
) -> Iterator[Hazard]:
    """What nodes do with rows; `renders`: they make serializers, and loops need what is added."""
    for node in nodes:
        source = _iterated(node)
        if source is not None and not renders and is_whole(source, held):
            yield hazards.hazard("iterated-besides", hazards.evidence_of(document, source))
        if isinstance(node, ast.Call) and last_name(node.func) == _PREFETCHING:
            yield from _prefetching(document, node, node.args[1:])
        if isinstance(node, ast.Attribute) and _is_kept_method(document, node, held):
            yield hazards.hazard("handed-on", hazards.evidence_of(document, node))
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        name = hazards.refined_by(node.func.attr, node)
        if not held.has(node.func.value):
            continue
        if name is not None:
            yield hazards.hazard(name, hazards.evidence_of(document, node))
        elif node.func.attr == "prefetch_related":
            yield from _prefetching(document, node, node.args)
        elif node.func.attr not in _DJANGOS and depth < _DEEPEST:
            yield from _in_method_of_rows(memory, node.func.attr, depth)


def _is_kept_method(document: Document, attribute: ast.Attribute, held: Held) -> bool:
    """`narrow = queryset.only`: called later, under another name."""
    if attribute.attr not in _REFINING or not held.has(attribute.value):
        return False
    around = next(document.above(attribute), None)
    return not (isinstance(around, ast.Call) and around.func is attribute)


def _prefetching(
    document: Document, call: ast.Call, lookups: Sequence[ast.expr]
) -> Iterator[Hazard]:
    """`Prefetch("tags", queryset=...)` refuses rows of "tags" that were loaded in another way."""
    for each in lookups:
        if isinstance(each, ast.Constant):
            continue
        evidence = hazards.evidence_of(document, call)
        if not isinstance(each, ast.Call) or last_name(each.func) != "Prefetch":
            yield hazards.hazard("unreadable-prefetch", evidence)
            continue
        keywords = {item.arg: item.value for item in each.keywords}
        lookup = each.args[0] if each.args else keywords.get("lookup")
        if not (isinstance(lookup, ast.Constant) and isinstance(lookup.value, str)):
            yield hazards.hazard("unreadable-prefetch", evidence)
        elif (
            "to_attr" not in keywords
            and len(each.args) < 3
            and (len(each.args) > 1 or "queryset" in keywords)
        ):
            yield replace(hazards.hazard("later-prefetch", evidence), lookup=lookup.value)


def _in_method_of_rows(memory: Memory, name: str, depth: int) -> Iterator[Hazard]:
    """What a queryset's method of this name does, in each class of the project that has one."""
    for base in ("django.db.models.QuerySet", "django.db.models.Manager"):
        for cls in memory.project.subclasses(base):
            info = memory.project.class_named(cls)
            method = info.facts.method(name) if info is not None and info.facts else None
            if info is None or info.path is None or method is None:
                continue
            document = memory.document(info.path)
            function = memory.function_at(info.path, method.line)
            if document is None or function is None or not function.args.args:
                continue
            held = with_copies(function, {function.args.args[0].arg})
            yield from in_function(memory, document, function, held, depth + 1)


def _iterated(node: ast.AST) -> ast.expr | None:
    """What a loop, a comprehension or `list()` goes through."""
    match node:
        case ast.For(iter=source) | ast.comprehension(iter=source):
            return source
        case ast.Call(func=ast.Name(id=name), args=[source, *_]) if name in _LISTING:
            return source
    return None


def is_whole(expression: ast.expr, held: Held) -> bool:
    """Whether the rows of the view are gone through as objects, loaded as the view loads them."""
    if not held.has(expression):
        return False
    node: ast.AST = expression
    while isinstance(node, ast.Call | ast.Attribute | ast.Subscript):
        if isinstance(node, ast.Attribute) and node.attr in _NO_OBJECTS:
            return False
        node = node.func if isinstance(node, ast.Call) else node.value
    return True


def renders_in(nodes: Iterable[ast.AST]) -> bool:
    """Whether a method makes a serializer of what it goes through: it needs what is added."""
    called = [node.func for node in nodes if isinstance(node, ast.Call)]
    return any("serializer" in last_name(each).lower() for each in called)


def _is_kept(call: ast.Call, held: Held) -> bool:
    """`cache.set("orders", queryset)`: what is loaded with the rows is kept with them."""
    if not isinstance(call.func, ast.Attribute) or "cache" not in ast.unparse(call.func).lower():
        return False
    given = [*call.args, *(item.value for item in call.keywords)]
    nodes = [node for each in given for node in walk(each) if isinstance(node, ast.expr)]
    return any(held.has(node) for node in nodes)


def in_called(
    memory: Memory,
    cls: str | None,
    document: Document,
    function: Function | None,
    nodes: Iterable[ast.AST],
    held: Held,
) -> Iterator[Hazard]:
    """What the functions and methods do that are handed the view's queryset by these nodes."""
    for node in nodes:
        if isinstance(node, ast.Call) and _is_kept(node, held):
            yield hazards.hazard("handed-on", hazards.evidence_of(document, node))
        if not isinstance(node, ast.Call) or _is_known(node):
            continue
        given = [index for index, each in enumerate(node.args) if held.has(each)]
        named = [each.arg for each in node.keywords if each.arg and held.has(each.value)]
        if not given and not named:
            continue
        found = _function_called(memory, cls, document, function, node)
        if found is None:
            yield hazards.hazard("handed-on", hazards.evidence_of(document, node))
        elif isinstance(found, tuple):
            inner, called, skip = found
            taken = [each.arg for each in (*called.args.posonlyargs, *called.args.args)][skip:]
            own = {taken[index] for index in given if index < len(taken)} | set(named)
            yield from in_function(memory, inner, called, with_copies(called, own))


def _is_known(call: ast.Call) -> bool:
    """Whether what is called is REST framework's own, by its name, or a class or a builtin."""
    name = last_name(call.func)
    if isinstance(call.func, ast.Name) and call.func.id in _BUILTINS:
        return True
    words = ("serializer", "paginat", "filter", "super")
    return name[:1].isupper() or any(word in name.lower() for word in words)


def _function_called(
    memory: Memory, cls: str | None, document: Document, function: Function | None, call: ast.Call
) -> tuple[Document, Function, int] | bool | None:
    """The function, and how many parameters come before the arguments; True for library code and
    methods of querysets, which take one to look it up; None if it is not known."""
    if isinstance(call.func, ast.Attribute) and is_self_or_super(call.func.value) and cls:
        method = memory.project.method(cls, call.func.attr)
        if method is None or method.path is None:
            return True if method is not None else None
        return _at(memory, method.path, method.line, 1)
    if isinstance(call.func, ast.Attribute) and call.func.attr in _LOOKING_UP:
        return True
    name = memory.inference(document, function).resolve(call.func)
    module, _, own = (name or "").rpartition(".")
    path = memory.project.path_of(module) if module else None
    facts = memory.project.module(path) if path is not None else None
    called = facts.function(own) if facts is not None else None
    if path is not None and called is not None:
        return _at(memory, path, called.line, 0)
    is_library = name is not None and name.startswith(("django.", "rest_framework."))
    return True if is_library else None


def _at(memory: Memory, path: str, line: int, skip: int) -> tuple[Document, Function, int] | None:
    document, function = memory.document(path), memory.function_at(path, line)
    return None if document is None or function is None else (document, function, skip)


def _of_backend(memory: Memory, backend: str) -> list[Hazard]:
    found: list[Hazard] = []
    for cls in known_order(memory.project, backend):
        found += _in_class(memory, cls)
    return found
