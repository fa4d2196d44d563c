"""The serializer that takes in just what a view reads of its request, if there is one."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence
from posixpath import dirname

from djfix.codemods.findings import Reason
from djfix.codemods.inference.extraction.body_reads import (
    BodyReads,
    Read,
    Use,
    item_uses,
    uses_of,
)
from djfix.codemods.inference.extraction.leaking import leak_of
from djfix.codemods.inference.extraction.modules import Target
from djfix.codemods.inference.extraction.naming import camel
from djfix.codemods.inference.extraction.views import SERIALIZER, View
from djfix.codemods.project.serializer_inputs import NESTED, InputField, taken_in
from djfix.codemods.project.serializer_values import Serializer
from djfix.codemods.source.walking import walk

_TEXTS = frozenset(
    {
        *("CharField", "EmailField", "SlugField", "URLField", "RegexField", "ChoiceField"),
        *("IPAddressField", "FilePathField"),
    }
)
_FITTING: dict[str, frozenset[str]] = {
    **dict.fromkeys(_TEXTS, frozenset({"truth", "column", "text", "int", "float", "unknown"})),
    "IntegerField": frozenset({"truth", "column", "number", "int", "float", "decimal", "unknown"}),
    "FloatField": frozenset({"truth", "column", "number", "float", "unknown"}),
    "BooleanField": frozenset({"truth", "column", "unknown"}),
    "JSONField": frozenset({"truth", "column", "list", "mapping", "unknown"}),
    "DictField": frozenset({"truth", "column", "mapping", "unknown"}),
    "DecimalField": frozenset({"truth", "column", "number", "decimal"}),
    **dict.fromkeys(
        ("DateField", "DateTimeField", "TimeField", "DurationField", "UUIDField"),
        frozenset({"truth", "column"}),
    ),
}
"""The uses of a value that each class of field gives the same value to, or one that serves as well.

`decimal` of a text is the text's number; of a float it has other digits than that of its text.
"""

_CONVERTING = frozenset(
    {"DecimalField", "DateField", "DateTimeField", "TimeField", "DurationField", "UUIDField"}
)
"""Fields whose value is of another type than JSON has."""


def fitting_serializer(
    view: View, target: Target, function: str, found: BodyReads
) -> Serializer | Reason:
    """The one serializer of the app, or that the view's module imports, that fits.

    Of several: that whose fields are just those that are read; then that which goes by the
    function's name (`CreateOrderSerializer` for `create_order`).
    """
    fitting = [
        (each, fields)
        for each in _near(view, target)
        if (fields := taken_in(view.project, each)) and _fits(view, fields, found)
    ]
    if not fitting:
        keys = ", ".join(dict.fromkeys(each.key for each in found.reads))
        return Reason("no-fitting-serializer", f"none of the app takes in just {keys}")
    keys_read = {each.key for each in found.reads}
    exact = [each for each, fields in fitting if {one.name for one in fields} == keys_read]
    left = exact or [each for each, _ in fitting]
    named = f"{camel(function.split('_'))}Serializer"
    left = [each for each in left if each.name.endswith(f".{named}")] or left
    if len(left) == 1:
        return left[0]
    names = ", ".join(each.name.rpartition(".")[2] for each in left)
    return Reason("several-serializers", f"{names} fit alike")


def _near(view: View, target: Target) -> Iterator[Serializer]:
    """The serializers of the app, and those that the view's module imports, in the order of
    their names."""
    project, path = view.project, view.document.path
    folder = dirname(target.path)
    folder = dirname(folder) if folder.rpartition("/")[2] == "services" else folder
    inside = f"{folder}/" if folder else ""
    facts = project.module(path)
    imported = {
        project.resolve(path, each.bound) for each in (facts.imports if facts is not None else ())
    }
    for name in project.subclasses(SERIALIZER):
        info = project.class_named(name)
        if info is None or info.path is None or len(info.qualname) != 1:
            continue
        if name in imported or (info.path.startswith(inside) and not _is_test(info.path)):
            found = project.serializer(name)
            if found is not None and _is_usable(view, found):
                yield found


def _is_test(path: str) -> bool:
    return any(part.startswith("test") for part in path.split("/"))


def _is_usable(view: View, found: Serializer) -> bool:
    """No base for others, and not of a row that is there already: a unique column would refuse
    that row's own value."""
    changing = view.method in {"put", "patch", "update", "partial_update"}
    is_base = found.name.rpartition(".")[2].startswith(("Base", "Abstract", "_"))
    return not is_base and not (changing and found.model is not None)


def _fits(view: View, fields: Sequence[InputField], found: BodyReads) -> bool:
    if not _covers(view, fields, found.reads):
        return False
    by_name = {each.name: each for each in fields}
    converted = [each.node for each in found.reads if _converts(by_name[each.key])]
    return not converted or leak_of(view, converted, set(_converting(fields))) is None


def _covers(view: View, fields: Sequence[InputField], reads: Collection[Read]) -> bool:
    """Whether the required fields are the keys that must be there, and each fits its uses."""
    by_name = {each.name: each for each in fields}
    tolerant = {each.key for each in reads if each.tolerant}
    strict = {each.key for each in reads if not each.tolerant}
    if not strict | tolerant <= by_name.keys():
        return False
    required = {each.name for each in fields if each.required}
    given = {each.name for each in fields if each.default is not None}
    if not required <= strict or not strict <= required | given or required & tolerant:
        return False
    if not strict and by_name.keys() != tolerant:
        # Nothing ties it to this view but that it happens to know these words.
        return False
    if not all(_keeps_default(by_name[each.key], each) for each in reads):
        return False
    return all(
        _fits_use(view, by_name[each.key], use)
        for each in reads
        for use in uses_of(view, each.node)
    )


def _keeps_default(field: InputField, read: Read) -> bool:
    """`get("note", "")` and a field with a default of its own."""
    if field.default is None or not read.tolerant:
        return True
    value = read.default.value if isinstance(read.default, ast.Constant) else None
    if isinstance(value, complex | bytes) or value is ...:
        return False
    return field.default.is_constant(value)


def _fits_use(view: View, field: InputField, use: Use) -> bool:
    if field.kind == NESTED:
        return _fits_nested(view, field, use)
    if field.many:
        return _fits_list(view, field, use)
    if field.kind == "DecimalField" and use.kind == "number":
        return not _has_floats(view)
    return use.kind in _FITTING.get(field.kind, ())


def _fits_list(view: View, field: InputField, use: Use) -> bool:
    """A ListField: of what, is not known, so that its items must not be looked into."""
    if field.kind != "ListField" or use.kind not in {"list", "truth", "column"}:
        return False
    return all(each.kind in {"column", "truth"} for each in item_uses(view, use))


def _fits_nested(view: View, field: InputField, use: Use) -> bool:
    if use.kind == "truth":
        return True
    if field.many:
        inner = list(item_uses(view, use)) if use.kind == "list" else [Use("unknown")]
    else:
        inner = [use]
    if not all(each.kind in {"mapping", "spread", "truth"} for each in inner):
        return False
    if any(each.kind == "spread" for each in inner):
        return True
    reads = [each.read for each in inner if each.read is not None]
    return _covers(view, field.fields, reads)


def _has_floats(view: View) -> bool:
    """Whether numbers of the view may be floats, which no Decimal is computed with."""
    for node in walk(view.function):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            return True
        if isinstance(node, ast.Call) and view.inference.resolve(node.func) == "float":
            return True
    return False


def _converts(field: InputField) -> bool:
    """Whether a value, or one inside of it, gets another type than JSON has."""
    return any(True for _ in _converting([field]))


def _converting(fields: Sequence[InputField]) -> Iterator[str]:
    """The names of such fields, of nested ones too."""
    for each in fields:
        if each.kind in _CONVERTING:
            yield each.name
        yield from _converting(each.fields)
