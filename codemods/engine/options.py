"""A rule's options: from its table in the configuration or `--set`, checked against its class."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterable, Mapping
from typing import Any

from djfix.codemods.engine.mistakes import OptionError, UnknownNameError
from djfix.codemods.engine.registry import unknown


@dataclasses.dataclass(frozen=True, slots=True)
class Option:
    """One option of a rule, as a user sees it: kebab-case name, default, help, choices."""

    name: str
    attribute: str
    kind: Any
    default: Any
    help: str = ""
    choices: tuple[Any, ...] = ()


def options_of(option_type: type[Any]) -> tuple[Option, ...]:
    """The options that a rule's dataclass declares, in its order."""
    kinds = typing.get_type_hints(option_type)
    return tuple(
        Option(
            each.name.replace("_", "-"),
            each.name,
            kinds[each.name],
            _default(each),
            each.metadata.get("help", ""),
            tuple(each.metadata.get("choices", ())),
        )
        for each in dataclasses.fields(option_type)
    )


def build_options(
    rule: str,
    option_type: type[Any],
    table: Mapping[str, Any],
    texts: Iterable[tuple[str, str]] = (),
) -> Any:
    """An instance of the rule's dataclass: its defaults, then a table's values, then texts.

    `texts` are option and value as typed with `--set`. A dataclass refuses values that do not go
    together by a ValueError. Raises UnknownNameError, OptionError.
    """
    known = {each.name: each for each in options_of(option_type)}
    values: dict[str, Any] = {}
    for name, value in table.items():
        option = _named(rule, name, known)
        values[option.attribute] = _checked(rule, option, value)
    for name, text in texts:
        option = _named(rule, name, known)
        values[option.attribute] = _checked(rule, option, _parsed(rule, option, text))
    try:
        return option_type(**values)
    except ValueError as error:
        raise OptionError(f"`{rule}`: {error}") from None


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


def _named(rule: str, name: str, known: Mapping[str, Option]) -> Option:
    option = known.get(name.replace("_", "-"))
    if option is None and not known:
        raise UnknownNameError(f"the rule `{rule}` has no options, so there is no `{name}`")
    if option is None:
        raise UnknownNameError(unknown(f"option of `{rule}`", name, known))
    return option


def _parsed(rule: str, option: Option, text: str) -> Any:
    """The text of `--set` as a value of the option's type."""
    kind = _plain_kind(option.kind)
    if kind is dict:
        parts = (each.split(":") for each in text.split(",") if each.strip())
        return {name.strip(): [_number(each) for each in rest] for name, *rest in parts}
    if kind is bool:
        if text.lower() not in ("true", "false"):
            raise OptionError(f"`{rule}.{option.name}` is true or false, not `{text}`")
        return text.lower() == "true"
    if kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            noun = "a whole number" if kind is int else "a number"
            raise OptionError(f"`{rule}.{option.name}` is {noun}, not `{text}`") from None
    if kind is tuple:
        return [part.strip() for part in text.split(",") if part.strip()]
    return text


def _checked(rule: str, option: Option, value: Any) -> Any:
    kind = _plain_kind(option.kind)
    if kind is dict:
        return _rows(rule, option, value)
    if kind is tuple and isinstance(value, list) and all(isinstance(each, str) for each in value):
        value = tuple(value)
    elif kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        raise OptionError(f"`{rule}.{option.name}` is {_NOUNS[kind]}, not {_shown(value)}")
    wrong = [each for each in (value if kind is tuple else [value]) if each not in option.choices]
    if option.choices and wrong:
        raise OptionError(unknown(f"value of `{rule}.{option.name}`", str(wrong[0]), _all(option)))
    return value


def _rows(rule: str, option: Option, value: Any) -> Any:
    """A table of names and whole numbers, as rows of a name and its numbers."""
    count = len(typing.get_args(typing.get_args(option.kind)[0])) - 1
    rows: list[tuple[str, Any]] = [*value.items()] if isinstance(value, dict) else [("", None)]
    if not all(_is_row(numbers, count) for _, numbers in rows):
        example = f'{{"shop.*" = [{", ".join(["60"] * count)}]}}'
        text = f"`{rule}.{option.name}` is a table of names and {count} whole numbers each"
        raise OptionError(f"{text}: `{example}`")
    return tuple((name, *numbers) for name, numbers in rows)


def _is_row(numbers: Any, count: int) -> bool:
    fits = isinstance(numbers, list) and len(numbers) == count
    return fits and all(type(each) is int for each in numbers)


def _number(text: str) -> int | str:
    return int(text) if text.strip().isdigit() else text


def _all(option: Option) -> list[str]:
    return [str(each) for each in option.choices]


def _plain_kind(kind: Any) -> Any:
    """The class of `bool`, `int | None`, `Literal["a"]`, `tuple[str, ...]`; dict of rows, each a
    name and numbers: `tuple[tuple[str, int], ...]`."""
    origin = typing.get_origin(kind)
    if origin is typing.Literal:
        return type(typing.get_args(kind)[0])
    if origin is tuple:
        return dict if typing.get_origin(typing.get_args(kind)[0]) is tuple else tuple
    arguments = [each for each in typing.get_args(kind) if each is not type(None)]
    return _plain_kind(arguments[0]) if arguments else kind


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`" if isinstance(value, str | int | float) else f"a {type(value).__name__}"


_NOUNS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text",
    tuple: "a list of texts",
    dict: "a table of names and numbers",
}
