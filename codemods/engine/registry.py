"""Which rules there are; none is imported before it is used.

`djfix --help` must not pay for a rule, so an entry repeats the little that is needed to choose
rules by name or set; a test compares every entry with its class.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING

from djfix.codemods.engine.mistakes import UnknownNameError

if TYPE_CHECKING:
    from djfix.codemods.rule import Rule


@dataclass(frozen=True, slots=True)
class Entry:
    """One rule by name: its sets, where its class stands (`module:Class`), where it looks.

    `skips_tests`: by default the rule leaves tests and migrations alone (see `configuration`).
    `reads_history`: what it says depends on which files are new since the base branch.
    """

    name: str
    target: str
    sets: tuple[str, ...]
    skips_tests: bool = False
    only_when_named: bool = False
    reads_history: bool = False


REGISTRY: tuple[Entry, ...] = (
    Entry(
        name="f-expressions",
        target="djfix.codemods.rules.f_expressions:FExpressions",
        sets=("guide", "orm"),
        skips_tests=True,
    ),
    Entry(
        name="update-fields",
        target="djfix.codemods.rules.update_fields:UpdateFields",
        sets=("guide", "orm"),
        skips_tests=True,
    ),
    Entry(
        name="bulk-create",
        target="djfix.codemods.rules.bulk_create:BulkCreate",
        sets=("orm",),
        skips_tests=True,
    ),
    Entry(
        name="n-plus-one",
        target="djfix.codemods.rules.n_plus_one:NPlusOne",
        sets=("guide", "orm"),
        skips_tests=True,
    ),
    Entry(
        name="only-fields",
        target="djfix.codemods.rules.only_fields:OnlyFields",
        sets=("guide", "orm"),
        skips_tests=True,
        only_when_named=True,
    ),
    Entry(
        name="admin-list",
        target="djfix.codemods.rules.admin_list:AdminList",
        sets=("guide", "orm"),
        skips_tests=True,
    ),
    Entry(
        name="exists",
        target="djfix.codemods.rules.exists:Exists",
        sets=("orm",),
        skips_tests=True,
    ),
    Entry(
        name="on-commit",
        target="djfix.codemods.rules.on_commit:OnCommit",
        sets=("celery",),
        skips_tests=True,
    ),
    Entry(
        name="thin-views",
        target="djfix.codemods.rules.thin_views:ThinViews",
        sets=("guide",),
        skips_tests=True,
        only_when_named=True,
    ),
    Entry(
        name="thin-views-selectors",
        target="djfix.codemods.rules.thin_views_selectors:ThinViewsSelectors",
        sets=("guide",),
        skips_tests=True,
        only_when_named=True,
    ),
    Entry(
        name="celery-limits",
        target="djfix.codemods.rules.celery_limits:CeleryLimits",
        sets=("guide", "celery"),
        skips_tests=True,
    ),
    Entry(
        name="celery-retries",
        target="djfix.codemods.rules.celery_retries:CeleryRetries",
        sets=("guide", "celery"),
        skips_tests=True,
    ),
    Entry(
        name="celery-imports",
        target="djfix.codemods.rules.celery_imports:CeleryImports",
        sets=("guide", "celery"),
        skips_tests=True,
        only_when_named=True,
    ),
    Entry(
        name="task-queues",
        target="djfix.codemods.rules.task_queues:TaskQueues",
        sets=("guide", "celery"),
        skips_tests=True,
    ),
    Entry(
        name="celery-settings",
        target="djfix.codemods.rules.celery_settings:CelerySettings",
        sets=("guide", "celery", "deploy"),
        skips_tests=True,
    ),
    Entry(
        name="concurrent-index",
        target="djfix.codemods.rules.concurrent_index:ConcurrentIndex",
        sets=("guide", "deploy"),
        reads_history=True,
    ),
    Entry(
        name="batched-migration",
        target="djfix.codemods.rules.batched_migration:BatchedMigration",
        sets=("guide", "deploy"),
        reads_history=True,
    ),
    Entry(
        name="conn-max-age",
        target="djfix.codemods.rules.conn_max_age:ConnMaxAge",
        sets=("guide", "deploy"),
    ),
    Entry(
        name="debug-setting",
        target="djfix.codemods.rules.debug_setting:DebugSetting",
        sets=("guide", "deploy"),
    ),
    Entry(
        name="split-settings",
        target="djfix.codemods.rules.split_settings:SplitSettings",
        sets=("guide", "deploy"),
        only_when_named=True,
    ),
    Entry(
        name="deploy-files",
        target="djfix.codemods.rules.deploy_files:DeployFiles",
        sets=("guide", "deploy"),
        only_when_named=True,
    ),
)


def load(entry: Entry) -> type[Rule]:
    """Import the rule's class."""
    module, _, attribute = entry.target.partition(":")
    rule: type[Rule] = getattr(import_module(module), attribute)
    return rule


def entry_named(name: str, entries: Iterable[Entry] = REGISTRY) -> Entry:
    """The entry of one rule; raises UnknownNameError."""
    known = {entry.name: entry for entry in entries}
    if name not in known:
        raise UnknownNameError(unknown("rule", name, known))
    return known[name]


def entries_named(names: Iterable[str], entries: Iterable[Entry] = REGISTRY) -> tuple[Entry, ...]:
    """The entries that rules' and sets' names stand for, in the registry's order.

    A rule that runs only when named is not taken along by its set. Raises UnknownNameError.
    """
    entries = tuple(entries)
    wanted: set[str] = set()
    for name in names:
        wanted.update(_meant_by(name, entries))
    return tuple(entry for entry in entries if entry.name in wanted)


def default_entries(entries: Iterable[Entry] = REGISTRY) -> tuple[Entry, ...]:
    """What runs when nothing is selected: every rule that need not be named."""
    return tuple(entry for entry in entries if not entry.only_when_named)


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """The message for a name that does not exist, with the nearest one that does."""
    known = sorted(known)
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    if near:
        return f"unknown {kind} `{name}`; did you mean `{near[0]}`?"
    return f"unknown {kind} `{name}`; there is {', '.join(f'`{each}`' for each in known)}"


def _meant_by(name: str, entries: tuple[Entry, ...]) -> set[str]:
    if any(entry.name == name for entry in entries):
        return {name}
    members = {each.name for each in entries if name in each.sets and not each.only_when_named}
    if not members:
        sets = {each for entry in entries for each in entry.sets}
        raise UnknownNameError(unknown("rule", name, {*(entry.name for entry in entries), *sets}))
    return members
