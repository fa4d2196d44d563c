"""What the expressions of a loop do besides giving a value.

A comprehension evaluates all of them before the first row is written. That changes nothing where
they read local values and columns of rows in memory; where they run code that is not known, or ask
the database, they might see rows that are not there yet.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from djfix.codemods.findings import Reason
from djfix.codemods.inference.querysets import is_overridden
from djfix.codemods.inference.values import (
    Instance,
    Items,
    Manager,
    Number,
    Plain,
    QuerySet,
    Request,
    Self,
    Value,
)
from djfix.codemods.rules.bulk_create.held import (
    is_bound_to_list,
    is_constant,
    is_held,
    is_request_data,
)
from djfix.codemods.rules.bulk_create.operators import of_operator
from djfix.codemods.rules.bulk_create.places import Place, is_kin
from djfix.codemods.source.walking import children

FUNCTIONS = frozenset(
    {
        *("len", "int", "float", "bool", "abs", "round", "min", "max", "sum", "divmod", "ord"),
        *("range", "enumerate", "zip", "sorted", "reversed", "list", "tuple", "set", "dict"),
        *("frozenset", "chr", "hex", "hash", "slice", "any", "all", "isinstance"),
        *("decimal.Decimal", "fractions.Fraction", "uuid.UUID", "uuid.uuid4", "uuid.uuid1"),
        *("datetime.date", "datetime.datetime", "datetime.timedelta", "datetime.time"),
        *("datetime.date.today", "datetime.datetime.now", "datetime.datetime.utcnow"),
        *("datetime.datetime.combine", "datetime.datetime.strptime", "datetime.date.fromisoformat"),
        *("datetime.datetime.fromisoformat", "datetime.datetime.fromtimestamp"),
        *("django.utils.timezone.now", "django.utils.timezone.localdate"),
        *("django.utils.timezone.make_aware", "django.utils.dateparse.parse_date"),
        *("django.utils.dateparse.parse_datetime", "django.utils.text.slugify"),
        *("django.utils.crypto.get_random_string", "secrets.token_hex", "secrets.token_urlsafe"),
        *("json.dumps", "json.loads", "math.ceil", "math.floor", "math.sqrt", "copy.deepcopy"),
        *("random.random", "random.randint", "random.choice", "random.uniform", "random.sample"),
        *("itertools.product", "itertools.chain", "itertools.combinations"),
        *("itertools.permutations", "itertools.islice", "django.db.models.F"),
        *("django.utils.translation.gettext", "django.utils.translation.gettext_lazy"),
        *("django.utils.translation.ngettext", "django.utils.translation.pgettext"),
        *("django.db.models.Value", "django.db.models.functions.Now"),
    }
)
"""Functions of Python and Django that read nothing but what they are given."""

_TEXT = frozenset(
    {
        *("strip", "lstrip", "rstrip", "lower", "upper", "title", "capitalize", "casefold"),
        *("split", "rsplit", "splitlines", "partition", "rpartition", "replace", "zfill"),
        *("startswith", "endswith", "removeprefix", "removesuffix", "isdigit", "isoformat"),
        *("items", "keys", "total_seconds", "quantize", "encode", "decode", "strftime"),
    }
)
"""Methods of strings, dicts and dates; no queryset has one of these names."""

_SIMPLE = (
    ast.JoinedStr,
    ast.BinOp,
    ast.BoolOp,
    ast.UnaryOp,
    ast.Compare,
    ast.IfExp,
    ast.List,
    ast.Tuple,
    ast.Set,
    ast.Dict,
    ast.Slice,
    ast.Starred,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.comprehension,
)


def doubts(place: Place, node: ast.AST) -> Iterator[Reason]:
    """What a value, or a condition, does besides."""
    match node:
        case ast.Constant():
            return
        case ast.Name():
            yield from _of_name(place, node)
        case ast.Attribute():
            yield from _of_attribute(place, node)
        case ast.Subscript():
            yield from _of_subscript(place, node)
        case ast.FormattedValue(value=value):
            yield from doubts(place, value)
            if not _is_plain(place, value):
                yield _unknown(value, "may run code of its own when it becomes text")
        case ast.Call():
            yield from _of_call(place, node)
        case _ if isinstance(node, _SIMPLE):
            for each in children(node):
                yield from doubts(place, each)
            yield from of_operator(place, node)
        case _:
            yield _unknown(node, "runs code that is not known")


def _unknown(node: ast.AST, what: str) -> Reason:
    return Reason("unknown-code", f"{ast.unparse(node)} {what}")


def _of_name(place: Place, node: ast.Name) -> Iterator[Reason]:
    if isinstance(node.ctx, ast.Load) and node.id != "self":
        yield from _asks(place, node)


def _asks(place: Place, node: ast.expr) -> Iterator[Reason]:
    """Whether an expression is a queryset, which asks when it is looked at."""
    value = place.inference.value(node)
    if isinstance(value, Manager | QuerySet):
        yield _reads(place, node, value.model)


def _reads(place: Place, node: ast.AST, model: str) -> Reason:
    text = f"{ast.unparse(node)} asks the database, which holds the earlier rows by then"
    if is_kin(place.project, model, place.model.name):
        return Reason("reads-the-table", text)
    return Reason("reads-database", text)


def _of_attribute(place: Place, node: ast.Attribute) -> Iterator[Reason]:
    inference = place.inference
    if inference.resolve(node) is not None:
        yield from _asks(place, node)
        return
    base = inference.value(node.value)
    if isinstance(base, Request):
        return
    if isinstance(base, Self) and isinstance(inference.value(node), Request):
        return
    yield from doubts(place, node.value)
    if isinstance(base, Instance):
        yield from _of_column(place, node, base)
    elif not isinstance(base, Plain | Number):
        yield _unknown(node, "may be a property")


def _of_column(place: Place, node: ast.Attribute, base: Instance) -> Iterator[Reason]:
    """A column, or another row by its key, which is no row that is made here."""
    model = place.project.model(base.model)
    field = model.field(node.attr) if model is not None else None
    if model is None or field is None or not field.is_column or not field.is_django_own:
        yield _unknown(node, "is no column")
    elif base.deferred:
        yield _reads(place, node, base.model)
    elif {"__getattribute__", "__getattr__", "refresh_from_db"} & set(model.overrides):
        yield _unknown(node, "is read by code of the model")
    elif field.relation is not None and node.attr == field.name:
        target = field.relation.target
        if target is None or is_kin(place.project, target, place.model.name):
            yield _reads(place, node, place.model.name)


def _of_subscript(place: Place, node: ast.Subscript) -> Iterator[Reason]:
    yield from doubts(place, node.slice)
    if is_request_data(place, node.value):
        return
    yield from doubts(place, node.value)
    is_key = isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str)
    if not is_key and not _is_list(place, node.value):
        yield _unknown(node, "may be read from somewhere")


def _is_list(place: Place, node: ast.expr) -> bool:
    value = place.inference.value(node)
    return isinstance(value, Items | Plain) or all(False for _ in streams(place, node))


def _is_plain(place: Place, node: ast.expr) -> bool:
    """Whether text of it is made without code of the project."""
    if isinstance(place.inference.value(node), Number | Plain):
        return True
    if isinstance(node, ast.Name):
        return node.id in _counted(place)
    if isinstance(node, ast.BinOp):
        return _is_plain(place, node.left) and _is_plain(place, node.right)
    return isinstance(node, ast.Constant)


def _counted(place: Place) -> frozenset[str]:
    """The variables of the loops that count: over `range`, or the first of `enumerate`."""
    return frozenset(
        name
        for turn in place.creation.turns
        for name in _counter(place, turn.target, turn.iterable)
    )


def _counter(place: Place, target: ast.expr, iterable: ast.expr) -> Iterator[str]:
    if not isinstance(iterable, ast.Call):
        return
    called = place.inference.resolve(iterable.func)
    if called == "range" and isinstance(target, ast.Name):
        yield target.id
    if called == "enumerate" and isinstance(target, ast.Tuple):
        yield from (each.id for each in target.elts[:1] if isinstance(each, ast.Name))


def _of_call(place: Place, node: ast.Call) -> Iterator[Reason]:
    given = [*node.args, *(each.value for each in node.keywords)]
    name = place.inference.resolve(node.func)
    called = node.func
    if isinstance(called, ast.Attribute):
        value = place.inference.value(called.value)
        if isinstance(value, Manager | QuerySet):
            yield _reads(place, node, value.model)
            return
    for each in given:
        yield from doubts(place, each)
    if name in FUNCTIONS:
        return
    if name == "str" and all(_is_plain(place, each) for each in given):
        return
    if isinstance(called, ast.Attribute) and name is None and _is_of_data(place, called, node):
        yield from doubts(place, called.value)
        return
    yield _unknown(node, "runs code that is not known")


def _is_of_data(place: Place, called: ast.Attribute, node: ast.Call) -> bool:
    """A method of text or dicts: `row.get("name")`, `name.strip()`."""
    if isinstance(place.inference.value(called.value), Instance | Self):
        return False
    keyed = bool(node.args) and isinstance(node.args[0], ast.Constant)
    return called.attr in _TEXT or (called.attr == "get" and keyed and not node.keywords)


# What a loop runs over.


def streams(place: Place, node: ast.expr, *, inner: bool = False) -> Iterator[Reason]:
    """Why not all of what a loop runs over is there before its first turn.

    `inner`: the loop stands in another, and is begun again in each of its turns.
    """
    value = place.inference.value(node)
    if isinstance(value, Manager | QuerySet):
        yield from _of_rows(place, node, value, inner=inner)
    elif isinstance(node, ast.Name):
        yield from _of_variable(place, node)
    elif isinstance(node, ast.Call):
        yield from _of_made(place, node)
    elif isinstance(node, ast.List | ast.Tuple | ast.Set | ast.Dict | ast.ListComp | ast.Constant):
        yield from doubts(place, node)
    elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        yield from streams(place, node.value, inner=inner)
    elif isinstance(node, ast.Subscript) and is_request_data(place, node.value):
        yield from doubts(place, node.slice)
    elif not (is_constant(place, node) or _is_made_list(node, value)):
        yield _streamed(node)


def _is_made_list(node: ast.expr, value: Value) -> bool:
    return isinstance(value, Items) and not isinstance(node, ast.GeneratorExp)


def _streamed(node: ast.AST) -> Reason:
    text = f"{ast.unparse(node)}: it is not known that all of it is there before the first row"
    return Reason("unknown-iterable", text)


def _of_rows(
    place: Place, node: ast.expr, value: Manager | QuerySet, *, inner: bool
) -> Iterator[Reason]:
    """Django fetches all rows of a queryset when a loop over it begins (`QuerySet._fetch_all`)."""
    if is_overridden(place.project, value, "__iter__", "_fetch_all", "iterator", "_clone", "all"):
        yield _unknown(node, "has its own way to give its rows")
        return
    methods = value.methods if isinstance(value, QuerySet) else ()
    if {"iterator", "aiterator"} & set(methods):
        text = f"{ast.unparse(node)}: rows are fetched while others are made, and there may be many"
        yield Reason("streamed", text)
    elif inner and (_asks_more(value) or is_kin(place.project, value.model, place.model.name)):
        yield _reads(place, node, value.model)


def _asks_more(value: Manager | QuerySet) -> bool:
    """Whether it may look at other tables than its own."""
    return isinstance(value, Manager) or not set(value.methods) <= {"all"}


def _of_variable(place: Place, node: ast.Name) -> Iterator[Reason]:
    """Every binding that the variable may have gives a list, or the like."""
    definitions = place.inference.definitions(node)
    if any(each.kind == "global" for each in definitions) or not definitions:
        held = is_constant(place, node)
    else:
        held = all(is_bound_to_list(place, each) for each in definitions)
    if not held:
        yield _streamed(node)


def _of_made(place: Place, node: ast.Call) -> Iterator[Reason]:
    """`range(...)`, `enumerate(...)` and the like are as what they are given."""
    name = place.inference.resolve(node.func)
    if name == "range":
        for each in node.args:
            yield from doubts(place, each)
    elif name in {"enumerate", "zip", "reversed", "list", "tuple", "set", "sorted"}:
        for each in node.args:
            yield from streams(place, each)
        for keyword in node.keywords:
            yield from doubts(place, keyword.value)
    elif name is None and _is_view_of_dict(node):
        assert isinstance(node.func, ast.Attribute)
        yield from streams(place, node.func.value)
    elif is_held(place, node) or (name in FUNCTIONS and (name or "").startswith("itertools.")):
        for each in node.args:
            yield from streams(place, each)
    else:
        yield _streamed(node)


def _is_view_of_dict(node: ast.Call) -> bool:
    return (
        isinstance(node.func, ast.Attribute)
        and node.func.attr in {"items", "keys", "values", "splitlines", "split"}
        and not (node.func.attr in {"values"} and node.args)
    )
