"""Evaluates the expressions that settings modules are written in, without running anything."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from djfix.codemods.project.setting_values import (
    EITHER,
    UNKNOWN,
    Value,
    concatenated,
    incomplete,
    join,
    merged,
    of_constant,
    of_entries,
    of_items,
)
from djfix.codemods.source.chains import path_of

COPIES = frozenset({"list", "tuple", "set", "frozenset", "sorted", "copy", "deepcopy", "fromkeys"})
"""Calls whose result holds what their (first) argument holds."""

DATABASE_URLS = frozenset(
    {"db", "db_url", "dj_db_url", "database_url", "config", "parse", "get_database"}
)

TRUTHS = frozenset({"bool", "strtobool", "get_bool", "env_bool", "getboolean"})


@dataclass(frozen=True, slots=True)
class Namespace:
    """A module or a class of settings: what a dotted access such as `base.DEBUG` reads."""

    values: Mapping[str, Bound]
    complete: bool = True
    is_class: bool = False

    def value(self, name: str) -> Value:
        """What an attribute holds."""
        found = self.values.get(name)
        return found if isinstance(found, Value) else UNKNOWN


@dataclass(frozen=True, slots=True)
class Imported:
    """A name, or with an empty `name` a whole module, of a file that is read once it is used."""

    path: str
    name: str = ""


Bound = Value | Namespace | Imported
Lookup = Callable[[str], Bound | None]


def evaluated(node: ast.expr, lookup: Lookup) -> Value:
    """All that an expression may be. `lookup` gives the value of a name, or its namespace."""

    def inner(each: ast.expr) -> Value:
        return evaluated(each, lookup)

    match node:
        case ast.Constant(value=bool() | int() | float() | str() | bytes() | None as value):
            return of_constant(value)
        case ast.Name(id=name):
            found = lookup(name)
            return found if isinstance(found, Value) else UNKNOWN
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            return _sequence(items, lookup)
        case ast.Dict():
            return _mapping(node, lookup)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return concatenated(inner(left), inner(right))
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _either_union(inner(left), inner(right))
        case ast.BinOp(left=left, op=ast.Sub()):
            return _sequence_only(inner(left))
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return join(inner(each) for each in _branches(test, body, orelse))
        case ast.BoolOp(op=ast.Or(), values=values):
            return _first_true([inner(each) for each in values])
        case ast.BoolOp(values=values):
            return join(inner(each) for each in values)
        case ast.Compare() | ast.UnaryOp(op=ast.Not()):
            return EITHER
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return of_constant(-number)
        case ast.Subscript():
            return _subscript(node, lookup)
        case ast.Attribute():
            return _attribute(node, lookup)
        case ast.ListComp() | ast.GeneratorExp() | ast.SetComp():
            return _comprehension(node, lookup)
        case ast.Call():
            return _call(node, lookup)
        case ast.NamedExpr(value=value):
            return inner(value)
    return UNKNOWN


def _sequence(items: list[ast.expr], lookup: Lookup) -> Value:
    found: list[Value] = []
    complete = True
    for item in items:
        if isinstance(item, ast.Starred):
            spread = evaluated(item.value, lookup)
            found.extend(spread.items or ())
            complete = complete and spread.complete and spread.items is not None
        else:
            found.append(evaluated(item, lookup))
    return of_items(found, complete=complete)


def _mapping(node: ast.Dict, lookup: Lookup) -> Value:
    result = of_entries({})
    for key, value in zip(node.keys, node.values, strict=True):
        found = evaluated(value, lookup)
        if key is None:
            result = merged(result, found)
            continue
        name = evaluated(key, lookup).constant
        if isinstance(name, str):
            result = merged(result, of_entries({name: found}))
        else:
            result = incomplete(result)
    return result


def _either_union(left: Value, right: Value) -> Value:
    if left.items is not None or right.items is not None:
        return concatenated(left, right)
    return merged(left, right)


def _sequence_only(value: Value) -> Value:
    return value if value.items is not None else UNKNOWN


def _branches(test: ast.expr, body: ast.expr, orelse: ast.expr) -> tuple[ast.expr, ...]:
    truth = literal_truth(test)
    if truth is None:
        return body, orelse
    return (body,) if truth else (orelse,)


def literal_truth(test: ast.expr) -> bool | None:
    """Whether a condition is certain as written: `True`, `0`, `TYPE_CHECKING`, `__name__`."""
    if isinstance(test, ast.Constant):
        return bool(test.value)
    path = path_of(test)
    if path is not None and path[-1] == "TYPE_CHECKING":
        return False
    if isinstance(test, ast.Compare) and isinstance(test.left, ast.Name):
        return False if test.left.id == "__name__" else None
    return None


def _first_true(values: list[Value]) -> Value:
    """`a or b`: a value that is certainly empty or false leaves only the next."""
    left = [each for each in values[:-1] if each.constant not in (None, False, "", 0)]
    return join([*left, values[-1]])


def _subscript(node: ast.Subscript, lookup: Lookup) -> Value:
    value = evaluated(node.value, lookup)
    if isinstance(node.slice, ast.Slice):
        return _sequence_only(value)
    key = evaluated(node.slice, lookup).constant
    return value.entry(key) if isinstance(key, str) and value.entries is not None else UNKNOWN


def _attribute(node: ast.Attribute, lookup: Lookup) -> Value:
    owner = namespace_of(node.value, lookup)
    return owner.value(node.attr) if owner is not None else UNKNOWN


def namespace_of(node: ast.expr, lookup: Lookup) -> Namespace | None:
    """The module or class that an expression names, `super()` included."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super":
        node = node.func
    path = path_of(node)
    found = lookup(".".join(path)) if path else None
    return found if isinstance(found, Namespace) else None


def _comprehension(node: ast.ListComp | ast.GeneratorExp | ast.SetComp, lookup: Lookup) -> Value:
    """`[app for app in APPS if ...]` holds at most what APPS holds."""
    if len(node.generators) != 1:
        return of_items((), complete=False)
    loop = node.generators[0]
    source = evaluated(loop.iter, lookup)
    is_plain = isinstance(loop.target, ast.Name) and isinstance(node.elt, ast.Name)
    if is_plain and node.elt.id == loop.target.id and source.items is not None:  # type: ignore[attr-defined]
        return source
    return of_items((), complete=False)


def _call(node: ast.Call, lookup: Lookup) -> Value:
    name = _called_name(node)
    owner = node.func.value if isinstance(node.func, ast.Attribute) else None
    if name in COPIES or (name == "filter" and owner is None):
        return _copied(node, owner, lookup)
    if name in ("dict", "OrderedDict"):
        return _built_dict(node, lookup)
    if name in ("join", "format", "split", "strip", "lower", "upper", "replace"):
        return UNKNOWN
    if name in TRUTHS:
        return EITHER
    if name in DATABASE_URLS and not _has_default_text(node):
        return of_entries({"ENGINE": UNKNOWN}, complete=False)
    return incomplete(_default_of(node, lookup)) if _reads_environment(node) else UNKNOWN


def _called_name(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _copied(node: ast.Call, owner: ast.expr | None, lookup: Lookup) -> Value:
    if node.args:
        value = evaluated(node.args[-1], lookup)
    elif owner is not None:
        value = evaluated(owner, lookup)
    else:
        return of_items(())
    if value.items is None and value.entries is None:
        return of_items((), complete=False)
    return value


def _built_dict(node: ast.Call, lookup: Lookup) -> Value:
    result = evaluated(node.args[0], lookup) if node.args else of_entries({})
    for keyword in node.keywords:
        value = evaluated(keyword.value, lookup)
        added = value if keyword.arg is None else of_entries({keyword.arg: value})
        result = merged(result, added)
    return result


def _has_default_text(node: ast.Call) -> bool:
    """Whether `config("DEBUG", default=False)` of another library is meant: its first argument
    names a variable, and nothing says that it is a database's."""
    if _called_name(node) != "config" or not node.args:
        return False
    first = node.args[0]
    return isinstance(first, ast.Constant) and "DATABASE" not in str(first.value)


def _reads_environment(node: ast.Call) -> bool:
    path = path_of(node.func)
    words = {part.lower() for part in path or ()}
    return bool(words & {"env", "environ", "getenv", "config", "get_env", "environment", "get"})


def _default_of(node: ast.Call, lookup: Lookup) -> Value:
    for keyword in node.keywords:
        if keyword.arg == "cast" and path_of(keyword.value) == ("bool",):
            return EITHER
    for keyword in node.keywords:
        if keyword.arg == "default":
            return evaluated(keyword.value, lookup)
    return evaluated(node.args[1], lookup) if len(node.args) > 1 else UNKNOWN
