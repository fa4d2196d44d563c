"""Small questions about classes that need only their facts: C3, bases that are calls, names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from djfix.codemods.project.facts import ClassFacts, ExpressionFacts, ModuleFacts

OBJECT = "builtins.object"

STANDARD_BASES: dict[str, tuple[str, ...]] = {
    "abc.ABC": (),
    "typing.Generic": (),
    "typing.Protocol": ("typing.Generic",),
    "typing_extensions.Protocol": ("typing.Generic",),
    "typing_extensions.Generic": (),
    "enum.Enum": (),
    "enum.Flag": ("enum.Enum",),
    "enum.IntEnum": ("builtins.int", "enum.Enum"),
    "enum.StrEnum": ("builtins.str", "enum.Enum"),
    "enum.IntFlag": ("builtins.int", "enum.Flag"),
    "builtins.int": (),
    "builtins.str": (),
    "builtins.float": (),
    "builtins.dict": (),
    "builtins.list": (),
    "builtins.tuple": (),
    "builtins.set": (),
    "builtins.type": (),
    "builtins.property": (),
    "builtins.object": (),
    "builtins.BaseException": (),
    "builtins.Exception": ("builtins.BaseException",),
    "unittest.TestCase": (),
    "threading.Thread": (),
    "decimal.Decimal": (),
    "json.JSONEncoder": (),
    "collections.OrderedDict": ("builtins.dict",),
    "collections.UserDict": (),
    "logging.Handler": (),
    "logging.Formatter": (),
    "logging.Filter": (),
}
"""Classes of the standard library that carry nothing of a model's behaviour, with their bases."""


def linearised(name: str, sequences: list[list[str]]) -> tuple[str, ...] | None:
    """C3 (https://www.python.org/download/releases/2.3/mro/); None if no order exists."""
    merged = [name]
    while sequences := [each for each in sequences if each]:
        tails = {each for sequence in sequences for each in sequence[1:]}
        head = next((each[0] for each in sequences if each[0] not in tails), None)
        if head is None:
            return None
        merged.append(head)
        sequences = [[each for each in sequence if each != head] for sequence in sequences]
    return tuple(merged)


def from_queryset_call(value: ExpressionFacts) -> tuple[str, ExpressionFacts] | None:
    """The manager's name and the queryset of `Manager.from_queryset(QuerySet, ...)`."""
    function = value.function
    if function is None or function.kind != "name" or not value.arguments:
        return None
    manager, _, last = function.name.rpartition(".")
    return (manager, value.arguments[0]) if last == "from_queryset" and manager else None


def spelled(expression: ExpressionFacts) -> str:
    """An expression as a user would recognise it."""
    if expression.name:
        return expression.name
    function = expression.function
    return f"{spelled(function)}(...)" if function is not None else expression.kind


def only_class(facts: ModuleFacts, qualname: tuple[str, ...]) -> ClassFacts | None:
    """The class of this name; None if which of several it is depends on a condition."""
    level: tuple[ClassFacts, ...] = facts.classes
    found: ClassFacts | None = None
    for name in qualname:
        same = [each for each in level if each.name == name]
        if not same or (len(same) > 1 and same[-1].condition):
            return None
        found = same[-1]
        level = found.classes
    return found


def may_extend(facts: ClassFacts, qualname: tuple[str, ...], names: Collection[str]) -> bool:
    """Whether a class may have a base that goes by one of these names, or begins with one; so may
    any that stands in another, where a name may be one of that class."""
    return any(
        len(qualname) > 1
        or base.kind != "name"
        or not {base.name.partition(".")[0], base.name.rpartition(".")[2]}.isdisjoint(names)
        for base in facts.bases
    )


def qualnames(classes: Iterable[ClassFacts], outer: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for name in dict.fromkeys(each.name for each in classes):
        yield (*outer, name)
    for each in classes:
        yield from qualnames(each.classes, (*outer, each.name))
