"""`[tool.djfix]` in pyproject.toml, read into a value; unknown keys are errors."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from djfix.codemods.engine.mistakes import ConfigurationError, UnknownNameError
from djfix.codemods.engine.registry import REGISTRY, Entry, entries_named, unknown
from djfix.codemods.source.history import BRANCH
from djfix.codemods.source.patterns import matcher

TESTS_AND_MIGRATIONS = (
    "tests/",
    "test/",
    "test_*.py",
    "*_test.py",
    "*_tests.py",
    "tests.py",
    "conftest.py",
    "migrations/",
)
"""Where most changes of rows stand that are no race: fixtures, assertions, one-off steps."""

KEYS = (
    "select",
    "ignore",
    "exclude",
    "per-path-ignores",
    "source-roots",
    "known-apps",
    "target-version",
    "base-branch",
    "rules",
)


@dataclass(frozen=True, slots=True)
class Configuration:
    """The settings of a project. Patterns are as in .gitignore, from the root.

    `per_path_ignores`: pattern and the names of the rules that leave its files alone; None means
    the default. `target_version` None: read from lock file and requirements. `rules`: the rules'
    own tables, unchecked until the rule is loaded. `base_branch` "": what a repository usually has.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    per_path_ignores: tuple[tuple[str, tuple[str, ...]], ...] | None = None
    source_roots: tuple[str, ...] = ()
    known_apps: tuple[str, ...] = ()
    target_version: str | None = None
    base_branch: str = ""
    rules: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def moved(self, folder: str) -> Configuration:
        """The same settings where the configuration stands in a folder below the root."""
        if not folder:
            return self
        ignores = self.per_path_ignores
        return replace(
            self,
            exclude=tuple(_moved(pattern, folder) for pattern in self.exclude),
            per_path_ignores=ignores
            and tuple((_moved(pattern, folder), names) for pattern, names in ignores),
            source_roots=tuple(f"{folder}/{each}".rstrip("/.") for each in self.source_roots),
        )

    def without_ignores(self) -> Configuration:
        """The same settings with every path looked at by every rule."""
        return replace(self, per_path_ignores=())

    def ignored_patterns(self, rule: str) -> list[str]:
        """The patterns whose files a rule leaves alone."""
        mine = next((entry for entry in REGISTRY if entry.name == rule), None)
        if self.per_path_ignores is None:
            return list(TESTS_AND_MIGRATIONS) if mine and mine.skips_tests else []
        called = {rule, *(mine.sets if mine else ())}
        return [pattern for pattern, names in self.per_path_ignores if called & set(names)]

    def is_ignored(self, rule: str) -> Callable[[str], bool]:
        """Whether per-path-ignores take a path out for a rule."""
        return matcher(self.ignored_patterns(rule))


def parse_configuration(text: str | None, rules: Iterable[Entry] = REGISTRY) -> Configuration:
    """The configuration that the text of a pyproject.toml holds; None or no table: the default.

    Raises ConfigurationError, for an unknown key with the nearest right one.
    """
    rules = tuple(rules)
    table = _table(text)
    for key in table:
        if key not in KEYS:
            raise ConfigurationError(unknown("key", key, KEYS) + " (in `[tool.djfix]`)")
    try:
        return _configuration(table, rules)
    except UnknownNameError as error:
        raise ConfigurationError(f"{error} (in `[tool.djfix]`)") from None


def checked_version(text: str, where: str) -> str | None:
    """A Django version such as `4.2`; None for `auto`. Raises ConfigurationError."""
    if text == "auto":
        return None
    if not re.fullmatch(r"\d+\.\d+(\.\d+)?", text):
        raise ConfigurationError(f"{where} is `auto` or a version such as `4.2`, not `{text}`")
    return text


def _moved(pattern: str, folder: str) -> str:
    anchored = "/" in pattern.rstrip("/")
    return f"{folder}/{'' if anchored else '**/'}{pattern.removeprefix('./').lstrip('/')}"


def _table(text: str | None) -> Mapping[str, Any]:
    if text is None:
        return {}
    try:
        tool = tomllib.loads(text).get("tool", {})
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"not TOML: {error}") from None
    table = tool.get("djfix", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise ConfigurationError("`tool.djfix` is a table: write `[tool.djfix]`")
    return table


def _configuration(table: Mapping[str, Any], rules: tuple[Entry, ...]) -> Configuration:
    select = _texts(table, "select")
    ignore = _texts(table, "ignore")
    entries_named((*select, *ignore), rules)
    return Configuration(
        select=select,
        ignore=ignore,
        exclude=_texts(table, "exclude"),
        per_path_ignores=_per_path_ignores(table, rules),
        source_roots=_texts(table, "source-roots"),
        known_apps=_texts(table, "known-apps"),
        target_version=_version(table),
        base_branch=_base_branch(table),
        rules=_rule_tables(table, rules),
    )


def _texts(table: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ConfigurationError(f"`{key}` is a list of texts (in `[tool.djfix]`)")
    return tuple(value)


def _per_path_ignores(
    table: Mapping[str, Any], rules: tuple[Entry, ...]
) -> tuple[tuple[str, tuple[str, ...]], ...] | None:
    if "per-path-ignores" not in table:
        return None
    value = table["per-path-ignores"]
    if not isinstance(value, dict):
        raise ConfigurationError(
            '`per-path-ignores` is a table of patterns and rules: `{"scripts/" = ["orm"]}`'
        )
    read = tuple((pattern, _texts(value, pattern)) for pattern in value)
    entries_named((name for _, names in read for name in names), rules)
    return read


def _version(table: Mapping[str, Any]) -> str | None:
    value = table.get("target-version", "auto")
    if not isinstance(value, str):
        raise ConfigurationError(f'`target-version` is a text: write `"{value}"`')
    return checked_version(value, "`target-version`")


def _base_branch(table: Mapping[str, Any]) -> str:
    value = table.get("base-branch", "")
    if value and not (isinstance(value, str) and BRANCH.fullmatch(value)):
        raise ConfigurationError("`base-branch` is the name of a branch: `origin/main`")
    return str(value)


def _rule_tables(
    table: Mapping[str, Any], rules: tuple[Entry, ...]
) -> Mapping[str, Mapping[str, Any]]:
    value = table.get("rules", {})
    if not isinstance(value, dict):
        raise ConfigurationError("`rules` holds a table per rule: `[tool.djfix.rules.NAME]`")
    names = [entry.name for entry in rules]
    for name, options in value.items():
        if name not in names:
            raise ConfigurationError(unknown("rule", name, names) + " (in `[tool.djfix.rules]`)")
        if not isinstance(options, dict):
            raise ConfigurationError(f"`rules.{name}` is a table: `[tool.djfix.rules.{name}]`")
    return value
