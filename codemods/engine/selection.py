"""Which rules run, with which options, in which order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from djfix.codemods.engine.configuration import Configuration
from djfix.codemods.engine.mistakes import OptionError
from djfix.codemods.engine.options import build_options
from djfix.codemods.engine.registry import (
    REGISTRY,
    Entry,
    default_entries,
    entries_named,
    entry_named,
    load,
)

if TYPE_CHECKING:
    from djfix.codemods.rule import Rule

Ordered = TypeVar("Ordered", bound="Rule")


def chosen_entries(
    configuration: Configuration,
    *,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    entries: Iterable[Entry] = REGISTRY,
) -> tuple[Entry, ...]:
    """The rules to run: those typed, else the configuration's, else all; without the ignored.

    Raises UnknownNameError.
    """
    entries = tuple(entries)
    names = select or configuration.select
    chosen = entries_named(names, entries) if names else default_entries(entries)
    # What is typed outranks the configuration's ignore; a typed ignore outranks all.
    dropped = entries_named((*ignore, *(() if select else configuration.ignore)), entries)
    return tuple(entry for entry in chosen if entry not in dropped)


def build_rules(
    chosen: Iterable[Entry],
    configuration: Configuration,
    settings: Iterable[str] = (),
    *,
    entries: Iterable[Entry] = REGISTRY,
) -> tuple[Rule, ...]:
    """The rules with their options, in the order in which they run.

    `settings` are RULE.OPTION=VALUE. Raises UnknownNameError, OptionError, OptionError; also for a
    table or setting of a rule that was not chosen, since a mistake there is one all the same.
    """
    texts = [_split(setting, entries) for setting in settings]
    wanted = {entry.name for entry in chosen}
    built = {}
    for entry in entries:
        table = configuration.rules.get(entry.name, {})
        mine = [(option, value) for rule, option, value in texts if rule == entry.name]
        if entry.name in wanted or table or mine:
            rule = load(entry)
            built[entry.name] = rule(build_options(entry.name, rule.option_type, table, mine))
    return in_order([rule for name, rule in built.items() if name in wanted])


def followers_of(
    rules: Iterable[Rule],
    configuration: Configuration,
    settings: Sequence[str] = (),
) -> Mapping[str, tuple[Rule, ...]]:
    """The rules that follow each of these, by its name, in the order in which they run."""
    found = {}
    for rule in rules:
        names = rule.followed_by()
        if names:
            chosen = entries_named(names, REGISTRY)
            found[rule.name] = build_rules(chosen, configuration, settings)
    return found


def in_order(rules: Sequence[Ordered]) -> tuple[Ordered, ...]:
    """Each rule before those that its `before` names, otherwise as they come.

    Raises ValueError where rules name each other in a circle.
    """
    left = list(rules)
    ordered: list[Ordered] = []
    while left:
        free = [rule for rule in left if not any(rule.name in each.before for each in left)]
        if not free:
            raise ValueError(f"rules in a circle: {', '.join(rule.name for rule in left)}")
        ordered.append(free[0])
        left.remove(free[0])
    return tuple(ordered)


def _split(setting: str, entries: Iterable[Entry]) -> tuple[str, str, str]:
    target, equals, value = setting.partition("=")
    rule, dot, option = target.partition(".")
    if not (equals and dot and rule and option):
        raise OptionError(f"`--set {setting}`: write RULE.OPTION=VALUE")
    return entry_named(rule, entries).name, option, value
