"""Which classes of a file may give a relation some name at its other end, told before linking them.

What is found here may be too much, and is checked on the models; it must never be too little.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from djfix.codemods.project.facts import ClassFacts, ExpressionFacts, ModuleFacts

# Quotes are looked at one by one: the second of a pair may be the first of the next.
_QUOTED = re.compile(rb"""["'](?=(\w+)["'])""")


def quoted_names(data: bytes) -> frozenset[bytes]:
    """The words of ASCII letters that stand in quotes, in code as in comments."""
    return frozenset(_QUOTED.findall(data))


def is_plain_word(name: str) -> bool:
    """Whether `quoted_names` would tell a name."""
    return re.fullmatch(r"\w+", name, re.ASCII) is not None


def classes_naming(facts: ModuleFacts, name: str) -> frozenset[tuple[str, ...]] | None:
    """The classes of a file that hand this text to a call, by their qualified names; None where
    a variable or a dict holds it, so that any class may use it by that name."""
    classes = list(_all_classes(facts.classes, ()))
    bound = [*facts.assignments, *(each for _, cls in classes for each in cls.assignments)]
    if any(each.may_spell(name) and _holds(each.value, name) for each in bound):
        return None
    return frozenset(
        qualname
        for qualname, cls in classes
        if any(each.may_spell(name) and _hands(each.value, name) for each in cls.assignments)
    )


def _all_classes(
    classes: tuple[ClassFacts, ...], above: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], ClassFacts]]:
    for each in classes:
        yield (*above, each.name), each
        yield from _all_classes(each.classes, (*above, each.name))


def _holds(value: ExpressionFacts | None, name: str) -> bool:
    if value is None:
        return False
    is_dict = value.kind == "dict" or (value.function is not None and value.function.name == "dict")
    if is_dict:
        return any(each.string == name for each in value.walk())
    return value.string == name


def _hands(value: ExpressionFacts | None, name: str) -> bool:
    """Whether a call is handed the text, or something that holds it. A verbose name, the first of
    a plain field, is none: the first argument of a relation is its target."""
    if value is None or value.kind != "call":
        return False
    given = [*value.arguments[1:], *(each for _, each in value.keywords)]
    return any(each.string == name for item in given for each in item.walk())
