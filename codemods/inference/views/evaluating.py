"""What an expression of a view's code may be while one action is answered."""

from __future__ import annotations

import ast

from djfix.codemods.inference.expressions import scope_of
from djfix.codemods.inference.views.attributes import attribute_of_view, of_dotted, of_facts
from djfix.codemods.inference.views.choices import (
    Class,
    Constant,
    Itself,
    Made,
    Mapping,
    Missing,
    Object,
    Place,
    Request,
    Rows,
    Sequence,
    Unknown,
    Value,
    Values,
    truth,
    union,
)
from djfix.codemods.inference.views.running import UNKNOWN, Environment, Run, render
from djfix.codemods.source.chains import dotted_name
from djfix.codemods.source.walking import children, walk

DEFINITELY = {True: (Constant(True),), False: (Constant(False),)}


def evaluate(run: Run, place: Place, node: ast.expr, environment: Environment) -> Values:
    """Its possible values; serializers that it makes are noted in `run`."""
    from djfix.codemods.inference.views.calling import call

    match node:
        case ast.Constant(value=None | bool() | int() | float() | str() as value):
            return (Constant(value),)
        case ast.Name():
            return _name(run, place, node, environment)
        case ast.Attribute():
            return _attribute(run, place, node, environment)
        case ast.Call():
            return call(run, place, node, environment)
        case ast.Subscript():
            return _subscript(run, place, node, environment)
        case ast.Await(value=value) | ast.Starred(value=value):
            return evaluate(run, place, value, environment)
        case ast.NamedExpr(target=target, value=value):
            environment[target.id] = evaluate(run, place, value, environment)
            return environment[target.id]
        case ast.IfExp():
            return _conditional(run, place, node, environment)
        case ast.BoolOp():
            return _either(run, place, node, environment)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            decided = truth(evaluate(run, place, operand, environment))
            return UNKNOWN if decided is None else DEFINITELY[not decided]
        case ast.Compare():
            return _compared(run, place, node, environment)
        case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
            found = [evaluate(run, place, each, environment) for each in items]
            has_star = any(isinstance(each, ast.Starred) for each in items)
            return UNKNOWN if has_star else (Sequence(tuple(found)),)
        case ast.Dict():
            return (_dict(run, place, node, environment),)
        case ast.JoinedStr() | ast.BinOp():
            return _text(run, place, node, environment)
    _inner(run, place, node, environment)
    return (Unknown(place, node),)


def _inner(run: Run, place: Place, node: ast.expr, environment: Environment) -> None:
    """The parts of an expression that is not understood may still make serializers."""
    if isinstance(node, ast.Lambda):
        return
    if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
        _comprehension(run, place, node, environment)
        return
    for child in children(node):
        if isinstance(child, ast.expr):
            evaluate(run, place, child, environment)


def _comprehension(
    run: Run,
    place: Place,
    node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp,
    environment: Environment,
) -> None:
    inner = dict(environment)
    for generator in node.generators:
        over = evaluate(run, place, generator.iter, inner)
        elements: list[Value] = [Object(each, each=True) for each in over if isinstance(each, Rows)]
        for name in walk(generator.target):
            if isinstance(name, ast.Name):
                inner[name.id] = tuple(elements) or UNKNOWN
    parts = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
    for each in parts:
        evaluate(run, place, each, inner)


def _name(run: Run, place: Place, node: ast.Name, environment: Environment) -> Values:
    if node.id in environment:
        return environment[node.id]
    return _resolved(run, place, node.id, node)


def _resolved(run: Run, place: Place, dotted: str, node: ast.expr) -> Values:
    path = place.document.path
    resolved = run.project.resolve(path, dotted, scope_of(place.document, place.function))
    if resolved is None:
        value = run.project.value_of(path, dotted)
        return (Unknown(place, node),) if value is None else of_facts(run.project, path, (), value)
    found = of_dotted(run.project, resolved)
    return (Unknown(place, node),) if found == UNKNOWN else found


def _attribute(run: Run, place: Place, node: ast.Attribute, environment: Environment) -> Values:
    bases = evaluate(run, place, node.value, environment)
    return attribute_of(run, place, node, bases, environment)


def attribute_of(
    run: Run, place: Place, node: ast.Attribute, bases: Values, environment: Environment
) -> Values:
    """The attribute of what its base may be."""
    if bases and all(isinstance(each, Unknown) and each.of is None for each in bases):
        dotted = dotted_name(node)
        is_free = dotted is not None and dotted.partition(".")[0] not in environment
        return _resolved(run, place, dotted, node) if is_free and dotted else _lost(place, node)
    return union(*(_attribute_of(run, place, node, each) for each in bases)) or UNKNOWN


def _lost(place: Place, node: ast.expr) -> Values:
    return (Unknown(place, node),)


def _attribute_of(run: Run, place: Place, node: ast.Attribute, base: Value) -> Values:
    match base:
        case Itself():
            found = attribute_of_view(run, node.attr)
            return (Unknown(place, node),) if found is None else found
        case Request() if node.attr == "method":
            return (Constant(run.method),)
        case Made():
            return _of_made(run, base, node.attr)
        case Class(name=name):
            return _of_class(run, place, node, name)
        case Missing():
            return (base,)
        case Rows() if node.attr == "object_list":
            return (base,)
        case Object() if node.attr in {"pk", "id"}:
            return UNKNOWN
        case Object():
            return (Unknown(place, node, base, (node.attr,)),)
        case Unknown(of=Object() as of, names=names):
            return (Unknown(place, node, of, (*names, node.attr)),)
    return (Unknown(place, node),)


def _of_made(run: Run, made: Made, name: str) -> Values:
    if name == "data":
        render(run, made)
    if name == "instance" and made.shown is not None:
        return (made.shown,)
    return UNKNOWN


def _of_class(run: Run, place: Place, node: ast.Attribute, name: str) -> Values:
    if run.project.model(name, partial=True) is not None:
        return (Rows(place, node),)
    found = of_dotted(run.project, f"{name}.{node.attr}")
    return (Unknown(place, node),) if found == UNKNOWN else found


def _subscript(run: Run, place: Place, node: ast.Subscript, environment: Environment) -> Values:
    bases = evaluate(run, place, node.value, environment)
    if isinstance(node.slice, ast.Slice):
        return tuple(Rows(place, node) if _is_own(each) else each for each in bases)
    keys = evaluate(run, place, node.slice, environment)
    return union(*(_item(each, keys) for each in bases)) or UNKNOWN


def _is_own(value: Value) -> bool:
    return isinstance(value, Rows) and not value.is_view


def _item(base: Value, keys: Values) -> Values:
    match base:
        case Rows():
            return (Object(base),)
        case Mapping():
            return item_of(base, keys, (Missing(),))
        case Sequence(items=items) if len(keys) == 1 and isinstance(keys[0], Constant):
            index = keys[0].value
            if isinstance(index, int) and -len(items) <= index < len(items):
                return items[index]
    return UNKNOWN


def item_of(mapping: Mapping, keys: Values, default: Values) -> Values:
    """What a dict has under a key, else `default`; any of its values where the key is unknown."""
    if len(keys) != 1 or not isinstance(keys[0], Constant):
        return union(*(values for _, values in mapping.entries), default)
    for key, values in mapping.entries:
        if key == keys[0].value:
            return values
    return default if mapping.complete else union(default, UNKNOWN)


def _conditional(run: Run, place: Place, node: ast.IfExp, environment: Environment) -> Values:
    decided = truth(evaluate(run, place, node.test, environment))
    if decided is not None:
        return evaluate(run, place, node.body if decided else node.orelse, environment)
    run.undecided += 1
    found = [evaluate(run, place, each, environment) for each in (node.body, node.orelse)]
    run.undecided -= 1
    return union(*found)


def _either(run: Run, place: Place, node: ast.BoolOp, environment: Environment) -> Values:
    stops = isinstance(node.op, ast.Or)
    found: Values = ()
    for each in node.values[:-1]:
        values = evaluate(run, place, each, environment)
        decided = truth(values)
        if decided is stops:
            return union(found, values)
        if decided is None:
            found = union(found, *((item,) for item in values if truth((item,)) is not (not stops)))
    last = evaluate(run, place, node.values[-1], environment)
    return union(found, last)


def _compared(run: Run, place: Place, node: ast.Compare, environment: Environment) -> Values:
    values = [evaluate(run, place, each, environment) for each in (node.left, *node.comparators)]
    if len(values) != 2 or any(len(each) != 1 for each in values):
        return UNKNOWN
    decided = _comparison(node.ops[0], values[0][0], values[1][0])
    return UNKNOWN if decided is None else DEFINITELY[decided]


def _comparison(operator: ast.cmpop, left: Value, right: Value) -> bool | None:
    match operator:
        case ast.Eq() | ast.Is():
            return _equal(left, right)
        case ast.NotEq() | ast.IsNot():
            found = _equal(left, right)
            return None if found is None else not found
        case ast.In():
            return _contains(right, left)
        case ast.NotIn():
            found = _contains(right, left)
            return None if found is None else not found
    return None


def _equal(left: Value, right: Value) -> bool | None:
    match left, right:
        case (Constant(), Constant()) | (Class(), Class()):
            return left == right
        case (Constant(value=None), other) | (other, Constant(value=None)):
            return False if _is_something(other) else None
    return None


def _is_something(value: Value) -> bool:
    return isinstance(value, Class | Itself | Request | Made | Mapping | Sequence)


def _contains(holder: Value, wanted: Value) -> bool | None:
    if not isinstance(wanted, Constant):
        return None
    if isinstance(holder, Mapping):
        found = any(key == wanted.value for key, _ in holder.entries)
        return True if found else False if holder.complete else None
    if isinstance(holder, Constant) and isinstance(holder.value, str):
        return isinstance(wanted.value, str) and wanted.value in holder.value
    if not isinstance(holder, Sequence):
        return None
    if (wanted,) in holder.items:
        return True
    is_read = all(len(each) == 1 and isinstance(each[0], Constant) for each in holder.items)
    return False if is_read else None


def _dict(run: Run, place: Place, node: ast.Dict, environment: Environment) -> Value:
    entries: dict[object, Values] = {}
    complete = True
    for key, value in zip(node.keys, node.values, strict=True):
        values = evaluate(run, place, value, environment)
        keys = () if key is None else evaluate(run, place, key, environment)
        if len(keys) == 1 and isinstance(keys[0], Constant):
            entries[keys[0].value] = values
            continue
        unpacked = values[0] if key is None and len(values) == 1 else None
        if isinstance(unpacked, Mapping):
            entries |= dict(unpacked.entries)
        complete = complete and isinstance(unpacked, Mapping) and unpacked.complete
    return Mapping(tuple(entries.items()), complete)  # type: ignore[arg-type]


def _text(run: Run, place: Place, node: ast.expr, environment: Environment) -> Values:
    """A text put together of known parts (the name of an attribute, mostly)."""
    if isinstance(node, ast.JoinedStr):
        parts = [_piece(run, place, each, environment) for each in node.values]
        known = [each for each in parts if each is not None]
        return (Constant("".join(known)),) if len(known) == len(parts) else _lost(place, node)
    assert isinstance(node, ast.BinOp)
    sides = [evaluate(run, place, each, environment) for each in (node.left, node.right)]
    if isinstance(node.op, ast.BitOr | ast.Add):
        return _sum(place, node, sides)
    return _lost(place, node)


def _piece(run: Run, place: Place, node: ast.expr, environment: Environment) -> str | None:
    inner = node.value if isinstance(node, ast.FormattedValue) else node
    values = evaluate(run, place, inner, environment)
    if len(values) == 1 and isinstance(values[0], Constant):
        return str(values[0].value)
    return None


def _sum(place: Place, node: ast.BinOp, sides: list[Values]) -> Values:
    match [each[0] if len(each) == 1 else None for each in sides]:
        case [Constant(value=str() as first), Constant(value=str() as second)]:
            return (Constant(first + second),)
        case [Sequence(items=items), Sequence(items=more)]:
            return (Sequence(items + more),)
        case [Mapping() as first_map, Mapping() as second_map]:
            merged = dict(first_map.entries) | dict(second_map.entries)
            complete = first_map.complete and second_map.complete
            return (Mapping(tuple(merged.items()), complete),)
        case [Rows(expression=ast.expr()), _]:
            return (Rows(place, node),)
        case [Rows() as rows, _]:
            return (rows,)
    return _lost(place, node)
