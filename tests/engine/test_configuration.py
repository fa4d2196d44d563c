"""`[tool.djfix]`: what is read, and what is said of mistakes."""

from __future__ import annotations

import pytest
from renaming_rules import RenamingOptions

from djfix.codemods.engine.configuration import Configuration, parse_configuration
from djfix.codemods.engine.mistakes import ConfigurationError, OptionError, UnknownNameError
from djfix.codemods.engine.options import build_options
from djfix.codemods.engine.registry import REGISTRY, Entry, load
from djfix.codemods.engine.selection import build_rules, chosen_entries

ENTRIES = (
    Entry("rename-bar", "renaming_rules:RenameBar", ("guide", "tests")),
    Entry("rename-foo", "renaming_rules:RenameFoo", ("guide", "tests"), skips_tests=True),
    Entry("restless", "renaming_rules:Restless", ("guide",), only_when_named=True),
)


def test_reads_every_key() -> None:
    text = """
[tool.djfix]
select = ["tests"]
ignore = ["rename-bar"]
exclude = ["vendored/"]
source-roots = ["backend"]
known-apps = ["taggit"]
target-version = "4.2"

[tool.djfix.per-path-ignores]
"scripts/" = ["rename-foo", "guide"]

[tool.djfix.rules.rename-foo]
suffix = "_x"
"""
    assert parse_configuration(text, ENTRIES) == Configuration(
        select=("tests",),
        ignore=("rename-bar",),
        exclude=("vendored/",),
        per_path_ignores=(("scripts/", ("rename-foo", "guide")),),
        source_roots=("backend",),
        known_apps=("taggit",),
        target_version="4.2",
        rules={"rename-foo": {"suffix": "_x"}},
    )


@pytest.mark.parametrize("text", [None, "", "[tool.ruff]\nline-length = 90\n"])
def test_without_a_table_all_is_default(text: str | None) -> None:
    assert parse_configuration(text, ENTRIES) == Configuration()


@pytest.mark.parametrize(
    ("table", "message"),
    [
        pytest.param(
            'slect = ["a"]',
            "unknown key `slect`; did you mean `select`? (in `[tool.djfix]`)",
            id="key",
        ),
        pytest.param(
            'known_apps = ["a"]',
            "unknown key `known_apps`; did you mean `known-apps`? (in `[tool.djfix]`)",
            id="key_with_underscore",
        ),
        pytest.param(
            'select = ["rename-fo"]',
            "unknown rule `rename-fo`; did you mean `rename-foo`? (in `[tool.djfix]`)",
            id="rule",
        ),
        pytest.param(
            'per-path-ignores = {"a/" = ["guid"]}',
            "unknown rule `guid`; did you mean `guide`? (in `[tool.djfix]`)",
            id="rule_of_a_path",
        ),
        pytest.param('select = "a"', "`select` is a list of texts (in `[tool.djfix]`)", id="type"),
        pytest.param(
            "target-version = 4.2", '`target-version` is a text: write `"4.2"`', id="version_type"
        ),
        pytest.param(
            'target-version = "four"',
            "`target-version` is `auto` or a version such as `4.2`, not `four`",
            id="version",
        ),
        pytest.param(
            "rules = {rename-fooo = {}}",
            "unknown rule `rename-fooo`; did you mean `rename-foo`? (in `[tool.djfix.rules]`)",
            id="table_of_an_unknown_rule",
        ),
    ],
)
def test_a_mistake_is_named_with_the_nearest_right_one(table: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        parse_configuration(f"[tool.djfix]\n{table}\n", ENTRIES)
    assert str(raised.value) == message


def test_text_that_is_not_toml_is_said_to_be_that() -> None:
    with pytest.raises(ConfigurationError, match=r"^not TOML: .*line 1"):
        parse_configuration("[tool.djfix\n", ENTRIES)


@pytest.mark.parametrize(
    "path",
    ["shop/tests/test_views.py", "tests/helpers.py", "shop/tests.py", "shop/test_a.py",
     "shop/views_test.py", "conftest.py", "shop/migrations/0001_initial.py"],
)  # fmt: skip
def test_rules_of_rows_skip_tests_and_migrations(path: str) -> None:
    assert parse_configuration(None).is_ignored("f-expressions")(path)


@pytest.mark.parametrize(
    "path", ["shop/views.py", "shop/testing.py", "contests/models.py", "shop/attest.py"]
)
def test_rules_of_rows_look_at_everything_else(path: str) -> None:
    assert not parse_configuration(None).is_ignored("f-expressions")(path)


def test_own_per_path_ignores_take_the_place_of_the_default() -> None:
    text = '[tool.djfix.per-path-ignores]\n"scripts/" = ["orm"]\n'
    is_ignored = parse_configuration(text).is_ignored("f-expressions")
    assert is_ignored("scripts/fix.py")
    assert not is_ignored("shop/tests/test_views.py")


def test_settings_of_a_folder_below_the_root_are_seen_from_the_root() -> None:
    read = Configuration(
        exclude=("old/", "shop/legacy"),
        per_path_ignores=(("*.py", ("orm",)),),
        source_roots=(".", "src"),
    )
    assert read.moved("backend") == Configuration(
        exclude=("backend/**/old/", "backend/shop/legacy"),
        per_path_ignores=(("backend/**/*.py", ("orm",)),),
        source_roots=("backend", "backend/src"),
    )


@pytest.mark.parametrize(
    ("select", "ignore", "expected"),
    [
        pytest.param((), (), ["rename-bar", "rename-foo"], id="all_but_what_must_be_named"),
        pytest.param(("guide",), (), ["rename-bar", "rename-foo"], id="set"),
        pytest.param(("restless",), (), ["restless"], id="named"),
        pytest.param(("tests",), ("rename-foo",), ["rename-bar"], id="without_ignored"),
        pytest.param((), ("guide",), [], id="all_ignored"),
    ],
)
def test_chooses(select: tuple[str, ...], ignore: tuple[str, ...], expected: list[str]) -> None:
    chosen = chosen_entries(Configuration(), select=select, ignore=ignore, entries=ENTRIES)
    assert [entry.name for entry in chosen] == expected


def test_what_is_typed_outranks_the_configurations_ignore() -> None:
    configuration = Configuration(ignore=("rename-foo",))
    typed = chosen_entries(configuration, select=("rename-foo",), entries=ENTRIES)
    assert [entry.name for entry in typed] == ["rename-foo"]
    untyped = chosen_entries(configuration, entries=ENTRIES)
    assert [entry.name for entry in untyped] == ["rename-bar"]


def test_rules_run_in_the_order_that_they_declare() -> None:
    built = build_rules(ENTRIES, Configuration(), entries=ENTRIES)
    assert [rule.name for rule in built] == ["rename-foo", "rename-bar", "restless"]


def test_typed_settings_outrank_the_table() -> None:
    configuration = Configuration(rules={"rename-foo": {"suffix": "_a", "limit": 7}})
    settings = ["rename-foo.suffix=_b", "rename-foo.names=x, y", "rename-foo.loud=TRUE"]
    (rule,) = build_rules(ENTRIES[1:2], configuration, settings, entries=ENTRIES)
    expected = RenamingOptions(suffix="_b", limit=7, names=("x", "y"), loud=True)
    assert rule.options == expected


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("rename-foo.sufix=a", "unknown option of `rename-foo` `sufix`; did you mean `suffix`?"),
        ("rename-fo.suffix=a", "unknown rule `rename-fo`; did you mean `rename-foo`?"),
        ("suffix=a", "`--set suffix=a`: write RULE.OPTION=VALUE"),
        ("rename-foo.limit=many", "`rename-foo.limit` is a whole number, not `many`"),
        ("rename-foo.loud=1", "`rename-foo.loud` is true or false, not `1`"),
        ("rename-foo.style=od",
         "unknown value of `rename-foo.style` `od`; did you mean `odd`?"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_said_to_be_wrong(setting: str, message: str) -> None:
    with pytest.raises((OptionError, UnknownNameError)) as raised:
        build_rules(ENTRIES, Configuration(), [setting], entries=ENTRIES)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"limit": "3"}, "`r.limit` is a whole number, not `3`"),
        ({"limit": True}, "`r.limit` is a whole number, not `true`"),
        ({"loud": 1}, "`r.loud` is true or false, not `1`"),
        ({"names": "a"}, "`r.names` is a list of texts, not `a`"),
        ({"names": [1]}, "`r.names` is a list of texts, not a list"),
    ],
)
def test_a_table_of_the_wrong_type_is_said_to_be_wrong(
    table: dict[str, object], message: str
) -> None:
    with pytest.raises(OptionError) as raised:
        build_options("r", RenamingOptions, table)
    assert str(raised.value) == message


def test_a_table_of_a_rule_that_does_not_run_is_checked_as_well() -> None:
    configuration = Configuration(rules={"rename-foo": {"sufix": "a"}})
    with pytest.raises(UnknownNameError):
        build_rules(ENTRIES[:1], configuration, entries=ENTRIES)


@pytest.mark.parametrize("entry", REGISTRY, ids=lambda entry: entry.name)
def test_the_registry_says_what_the_classes_say(entry: Entry) -> None:
    rule = load(entry)
    assert (rule.name, rule.sets, rule.only_when_named) == (
        entry.name,
        entry.sets,
        entry.only_when_named,
    )
