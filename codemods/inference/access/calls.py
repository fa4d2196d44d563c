"""What a call touches and returns: builtins, Django's helpers, methods, functions that are read."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from djfix.codemods.inference.access.attributes import attribute_of
from djfix.codemods.inference.access.beside import WHOLE, is_related, note_look
from djfix.codemods.inference.access.fallbacks import is_extra
from djfix.codemods.inference.access.known_functions import (
    HARMLESS,
    HARMLESS_MODULES,
    READING_MODULES,
    SHOWING,
    SHOWING_MODULES,
)
from djfix.codemods.inference.access.methods import (
    Arguments,
    bound_parameters,
    call_body,
    call_method,
    next_method,
)
from djfix.codemods.inference.access.nested import arguments_of, having_within
from djfix.codemods.inference.access.objects import (
    OPAQUE,
    Bound,
    Inner,
    Own,
    Row,
    Rows,
    Serializing,
    Several,
    Spelled,
    Super,
    Values,
    Within,
)
from djfix.codemods.inference.access.rows import (
    iterated,
    method_of_rows,
    method_of_within,
    read_as_text,
)
from djfix.codemods.inference.access.values import CHANGES_RELATED

if TYPE_CHECKING:
    from djfix.codemods.inference.access.reader import Reader, Where

_DEEPEST_INNER = 4

_LISTING = frozenset({"list", "tuple", "set", "frozenset", "sorted", "reversed", "iter", "filter"})
_PICKING = frozenset({"next", "min", "max"})


def value_of_call(reader: Reader, call: ast.Call, names: dict[str, Values]) -> Values:
    """What a call gives, whatever it is that is called."""
    from djfix.codemods.inference.access.expressions import evaluate

    called = evaluate(reader, call.func, names)
    positional, keywords = arguments_of(reader, call, names)
    arguments: Arguments = (positional, {key: each for key, each in keywords.items() if key})
    if _is_super(call):
        return _super(reader)
    found: Values = OPAQUE
    for value in called:
        match value:
            case Spelled(dotted):
                found |= _of_spelled(reader, dotted, call, arguments)
            case Bound():
                found |= call_bound(reader, value, arguments, call)
            case Inner():
                found |= call_inner(reader, value, arguments)
            case Serializing():
                pass
    if not called:
        _fill(call, positional, names)
        found |= _of_unknown(reader, call, arguments)
    is_told = any(isinstance(each, Bound) and isinstance(each.receiver, Rows) for each in called)
    return found if is_told else found | having_within(reader, call, arguments)


def _fill(call: ast.Call, positional: tuple[Values, ...], names: dict[str, Values]) -> None:
    """`rows.append(row)`: the list of that name holds it from here on."""
    function = call.func
    if not isinstance(function, ast.Attribute) or not isinstance(function.value, ast.Name):
        return
    if function.attr in {"append", "add", "insert", "appendleft"} and positional:
        name = function.value.id
        held = frozenset({Several(positional[-1])}) if positional[-1] else OPAQUE
        names[name] = names.get(name, OPAQUE) | held


def _is_super(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "super"


def _super(reader: Reader) -> Values:
    """`super()`, or `super(Class, self)`, of the method that is read."""
    return frozenset(
        Super(each, reader.cls) for each in reader.own if isinstance(each, Row | Rows | Own)
    )


# -- functions by name -----------------------------------------------------------------------------


def _of_spelled(reader: Reader, dotted: str, call: ast.Call, arguments: Arguments) -> Values:
    name = reader.resolve(dotted)
    if name is None:
        return _handed(reader, dotted, call, arguments)
    if name in WHOLE and _holds_object(OPAQUE.union(*arguments[0])):
        note_look(reader, WHOLE[name], call)
    if "." not in name:
        return _of_builtin(reader, name, call, arguments)
    if name in SHOWING or name.startswith(SHOWING_MODULES):
        _show(reader, call, arguments)
        return OPAQUE
    if name == "typing.cast":
        return arguments[0][1] if len(arguments[0]) > 1 else OPAQUE
    if name == "functools.partial":
        return _of_unknown(reader, call, arguments)
    if name in {"copy.copy", "copy.deepcopy"} and arguments[0]:
        return arguments[0][0]
    serializing = _of_class(reader, name, call, arguments)
    if serializing is not None:
        return serializing
    return _of_function(reader, name, call, arguments)


def _of_builtin(reader: Reader, name: str, call: ast.Call, arguments: Arguments) -> Values:
    positional, keywords = arguments
    if name in SHOWING:
        _show(reader, call, arguments)
        return OPAQUE
    if name == "id" and any(map(is_related, OPAQUE.union(*positional))):
        reader.doubt(CHANGES_RELATED, "related objects are told apart by identity", call)
    if name in {"getattr", "hasattr"}:
        return _getattr(reader, call, arguments)
    if name in {"filter", "map"} and len(positional) > 1:
        given = _applied(reader, positional[0], [iterated(reader, e, call) for e in positional[1:]])
        items = iterated(reader, positional[1], call) if name == "filter" else given
        return frozenset({Several(items)}) if items else OPAQUE
    items = OPAQUE.union(*(iterated(reader, each, call) for each in positional))
    _applied(reader, keywords.get("key", OPAQUE), [items])
    if name in {"enumerate", "zip"}:
        return frozenset({Several(frozenset({Several(items)}))}) if items else OPAQUE
    if name in _LISTING:
        return frozenset({Several(items)}) if items else OPAQUE
    if name == "dict":
        items = items.union(*keywords.values())
        return frozenset({Several(items)}) if items else OPAQUE
    if name in _PICKING:
        default = OPAQUE.union(*positional[1:]) if name == "next" else OPAQUE
        return items | default
    return OPAQUE


def _applied(reader: Reader, functions: Values, arguments: list[Values]) -> Values:
    """What a function gives that a builtin calls for each item."""
    found = OPAQUE
    for each in functions:
        if isinstance(each, Inner):
            found |= call_inner(reader, each, (tuple(arguments), {}))
    return found


def _getattr(reader: Reader, call: ast.Call, arguments: Arguments) -> Values:
    positional, _ = arguments
    name = call.args[1] if len(call.args) > 1 else None
    if not isinstance(name, ast.Constant) or not isinstance(name.value, str):
        if positional and any(isinstance(each, Row) for each in positional[0]):
            reader.doubt("dynamic-attribute", "an attribute is read by a computed name", call)
        return OPAQUE
    default = positional[2] if len(positional) > 2 else OPAQUE
    if default and is_extra(reader, positional[0], name.value):
        reader.doubt("falls-back", "rows are read only where they were not loaded", call)
        return OPAQUE
    return attribute_of(reader, positional[0], name.value, call) | default


def _show(reader: Reader, call: ast.Call, arguments: Arguments) -> None:
    positional, keywords = arguments
    for each in (*positional, *keywords.values()):
        read_as_text(reader, each, call)


def _of_class(reader: Reader, name: str, call: ast.Call, arguments: Arguments) -> Values | None:
    """A serializer that is given an object to render; other classes are not looked into."""
    info = reader.project.class_named(name)
    if info is None:
        return None
    if reader.project.is_subclass(name, "rest_framework.serializers.BaseSerializer") is True:
        positional, keywords = arguments
        given = positional[0] if positional else keywords.get("instance", OPAQUE)
        many = next((each.value for each in call.keywords if each.arg == "many"), None)
        is_many = isinstance(many, ast.Constant) and many.value is True
        return frozenset({Serializing(name, given, is_many)})
    return _handed(reader, name, call, arguments)


def _of_function(reader: Reader, name: str, call: ast.Call, arguments: Arguments) -> Values:
    module, _, own = name.rpartition(".")
    path = reader.project.path_of(module)
    facts = reader.project.module(path) if path is not None else None
    function = facts.function(own) if facts is not None else None
    if path is None or function is None:
        method = reader.project.method(module, own) if module else None
        if method is not None and method.facts is not None and method.path is not None:
            return _of_class_attribute(reader, call, arguments, module, own)
        return _handed(reader, name, call, arguments)
    positional, keywords = arguments
    bound = bound_parameters(function, positional, keywords)
    return call_body(reader, path, function.line, "", bound, call, "calls")


def _of_class_attribute(
    reader: Reader, call: ast.Call, arguments: Arguments, cls: str, name: str
) -> Values:
    """`Class.method(self, ...)` and static methods."""
    method = reader.project.method(cls, name)
    assert method is not None
    assert method.facts is not None
    assert method.path is not None
    positional, keywords = arguments
    if method.facts.is_classmethod:
        positional = (OPAQUE, *positional)
    bound = bound_parameters(method.facts, positional, keywords)
    return call_body(reader, method.path, method.line, method.cls, bound, call, "calls")


def _handed(reader: Reader, name: str, call: ast.Call, arguments: Arguments) -> Values:
    """An object that is handed to code that is not read."""
    is_harmless = name.startswith(HARMLESS_MODULES) and not name.startswith(READING_MODULES)
    if is_harmless or name in HARMLESS:
        return OPAQUE
    return _of_unknown(reader, call, arguments)


def _of_unknown(reader: Reader, call: ast.Call, arguments: Arguments) -> Values:
    positional, keywords = arguments
    given = OPAQUE.union(*positional, *keywords.values())
    if _holds_object(given) and not _is_of_queryset(call):
        reader.doubt("handed-to-unknown-code", "an object is handed to code that is not read", call)
    return OPAQUE


_QUERYSET_METHODS = frozenset(
    {
        *("filter", "exclude", "get", "create", "get_or_create", "update_or_create", "update"),
        *("append", "add", "extend", "insert", "get_for_model", "get_for_object", "remove"),
        *("has_perm", "info", "debug", "warning", "error", "exception", "index", "pop"),
    }
)
"""Methods that take an object for its key, or put it away, whoever has them."""


def _is_of_queryset(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in _QUERYSET_METHODS


def _holds_object(values: Values) -> bool:
    return any(
        isinstance(each, Row | Rows) or (isinstance(each, Several) and _holds_object(each.items))
        for each in values
    )


# -- methods ---------------------------------------------------------------------------------------


def call_bound(reader: Reader, bound: Bound, arguments: Arguments, call: Where) -> Values:
    """What a method of an object that is followed touches and returns."""
    receiver = bound.receiver
    match receiver:
        case Within():
            return method_of_within(reader, receiver, bound.name, call)
        case Rows():
            found = method_of_rows(reader, bound, call)
            return (
                _own_method_of_rows(reader, receiver, bound.name, arguments, call)
                if found is None
                else found
            )
        case Super():
            return _of_super(reader, receiver, bound.name, arguments, call)
        case Several():
            return _of_container(receiver, bound.name, arguments)
        case Row():
            cls = receiver.model
        case Own():
            cls = receiver.cls
    method = reader.project.method(cls, bound.name)
    if method is None:
        model = reader.project.model(cls, partial=True)
        method = model.methods.get(bound.name) if model is not None else None
    if method is not None and method.facts is not None and method.path is not None:
        return call_method(reader, receiver, method, arguments, call)
    if isinstance(receiver, Own):
        from djfix.codemods.inference.access.rendering import stock_method

        return stock_method(reader, receiver, bound.name, arguments, call)
    return OPAQUE


def _of_container(container: Several, name: str, arguments: Arguments) -> Values:
    """`values()` and `items()` of a dict, a copy, `get(key, default)`."""
    if name == "get":
        return container.items.union(*arguments[0][1:])
    if name == "items":
        return frozenset({Several(frozenset({container}))})
    return frozenset({container})


def _own_method_of_rows(
    reader: Reader, rows: Rows, name: str, arguments: Arguments, call: Where
) -> Values:
    """A method of the project's manager or queryset: its body says how the rows are asked for."""
    model = reader.project.model(rows.model, partial=True)
    assert model is not None
    for cls in (model.default_manager.class_name, model.default_manager.queryset_class):
        method = reader.project.method(cls, name) if cls is not None else None
        if method is not None and method.facts is not None and method.path is not None:
            return call_method(reader, rows, method, arguments, call)
    reader.collector.touch(rows.root, rows.path, "query", (reader.evidence(call),))
    return OPAQUE


def _of_super(
    reader: Reader, receiver: Super, name: str, arguments: Arguments, call: Where
) -> Values:
    from djfix.codemods.inference.access.rendering import stock_method

    own = receiver.of
    if isinstance(own, Rows):
        return method_of_rows(reader, Bound(own, name), call) or OPAQUE
    cls = own.model if isinstance(own, Row) else own.cls
    method = next_method(reader, cls, receiver.after, name)
    if method is not None and method.facts is not None and method.path is not None:
        return call_method(reader, own, method, arguments, call)
    if isinstance(own, Own):
        return stock_method(reader, own, name, arguments, call)
    if method is None and reader.project.mro(cls) is None:
        reader.doubt("unknown-base", f"what super().{name}() does is not known", call)
    return OPAQUE


# -- functions inside the function -----------------------------------------------------------------


def call_inner(reader: Reader, inner: Inner, arguments: Arguments) -> Values:
    """What a lambda or an inner function gives, read in place."""
    from djfix.codemods.inference.access.expressions import evaluate
    from djfix.codemods.inference.access.statements import read_statements

    if reader.depth >= _DEEPEST_INNER:
        return OPAQUE
    names = dict(inner.around)
    parameters = [*inner.node.args.posonlyargs, *inner.node.args.args]
    positional, keywords = arguments
    names.update({each.arg: OPAQUE for each in parameters})
    names.update({each.arg: value for each, value in zip(parameters, positional, strict=False)})
    names.update({name: value for name, value in keywords.items() if name in names})
    reader.depth += 1
    try:
        if isinstance(inner.node, ast.Lambda):
            return evaluate(reader, inner.node.body, names)
        returned, reader.returned = reader.returned, set()
        read_statements(reader, inner.node.body, names)
        found, reader.returned = reader.returned, returned
        return OPAQUE.union(*found)
    finally:
        reader.depth -= 1
