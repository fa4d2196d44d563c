"""What the list of an admin class reads of each row, what is loaded of it, and what is not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from djfix.codemods.findings import Evidence, Reason
from djfix.codemods.inference.access.beside import is_among, models_written
from djfix.codemods.inference.access.columns import TEXT, column_reads, is_foreign_key
from djfix.codemods.inference.access.reading import Accesses
from djfix.codemods.inference.access.values import WRITES_ROWS, Path, Touch, Unclear
from djfix.codemods.inference.joins import crosses_many, join_of, leading_ones, lookup_of
from djfix.codemods.inference.loading.chains import joining, joining_all
from djfix.codemods.inference.loading.missing import covered
from djfix.codemods.inference.loading.values import Loaded
from djfix.codemods.project.admin_values import AdminClass, Column
from djfix.codemods.project.facts import ExpressionFacts
from djfix.codemods.project.serializer_fields import Place
from djfix.codemods.project.serializer_meta import names_of
from djfix.codemods.rules.admin_list.kept import kept
from djfix.codemods.source.suppressions import suppressing_line

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

RULE = "admin-list"
LISTED_ONLY = (6, 1)
"""From this Django on a list without `list_select_related` joins just the foreign keys among its
columns; before, a bare `select_related()`: all that may not be null, over five levels."""

CHECKBOX_TEXT = (5, 0)
"""From this Django on the checkbox of each row says which row it is: `str(row)`."""

PATHS_IN_COLUMNS = (5, 1)
"""From this Django on "author__name" may be a column."""


@dataclass(frozen=True)
class Rows:
    """The rows of one model in the list of one admin class.

    `foreign_keys`: the columns that are foreign keys. `queryset`: what `get_queryset` loads;
    `existing`: the value of `list_select_related`, None where it cannot be read.
    `suppressed`: comments on the evidence that take a path out: file, line, path. `bodies`: the
    file and line of each function that the columns run.
    """

    admin: AdminClass
    model: str
    foreign_keys: tuple[str, ...]
    touches: tuple[Touch, ...]
    unclear: tuple[Reason, ...]
    queryset: Loaded
    existing: bool | tuple[str, ...] | None
    lacking: tuple[Touch, ...]
    suppressed: tuple[tuple[str, int, str], ...] = ()
    bodies: tuple[tuple[str, int], ...] = ()

    @property
    def ignores_setting(self) -> bool:
        """Whether `get_queryset` joins: then Django does not look at `list_select_related`."""
        return bool(self.queryset.joined) or self.queryset.joins_all

    @cached_property
    def ones(self) -> frozenset[Path]:
        """The missing paths to single rows."""
        return frozenset(
            touch.path
            for touch in self.lacking
            if touch.use == "object" and not crosses_many(touch.path)
        )

    @cached_property
    def manys(self) -> frozenset[Path]:
        """The missing paths over many rows that are read as a whole: a prefetch serves them."""
        across = {t.path for t in self.lacking if t.use != "query" and crosses_many(t.path)}
        counted = {path for path in across if self._is_counted(path)}
        return frozenset(across - counted)

    @cached_property
    def counted(self) -> frozenset[Path]:
        """The missing paths of which only a number, or a few rows, are read for each row: a
        prefetch would load all of them."""
        across = {t.path for t in self.lacking if t.use == "part" and crosses_many(t.path)}
        return frozenset(across - self.manys)

    def _is_counted(self, path: Path) -> bool:
        return path[-1].kind == "many" and not self.uses(path) & {"rows", "object"}

    @cached_property
    def queried(self) -> frozenset[Path]:
        """The paths that are asked for, row by row, in a way that no prefetch serves."""
        asked = {touch.path for touch in self.lacking if touch.use == "query"}
        return frozenset(asked - self.manys - self.counted)

    @cached_property
    def complete(self) -> frozenset[Path]:
        """Every path to single rows that the list reads, the foreign keys among its columns too."""
        whole = {t.path for t in self.touches if t.use == "object" and not crosses_many(t.path)}
        before = {leading_ones(t.path) for t in self.touches if crosses_many(t.path)}
        return frozenset(path for path in whole | before if path)

    def uses(self, path: Path) -> frozenset[str]:
        """How the end of a path is read."""
        return frozenset(touch.use for touch in self.touches if touch.path == path)

    def evidence(self, paths: Iterable[Path]) -> tuple[Evidence, ...]:
        """The lines that say why these paths are needed, in their order."""
        wanted = set(paths)
        found: dict[Evidence, None] = {}
        for touch in self.touches:
            if touch.path in wanted:
                found.update(dict.fromkeys(line for line in touch.evidence if line.path))
        return tuple(found)


def rows_of(project: Project, admin: AdminClass, model: str, queryset: Loaded) -> Rows | None:
    """What the list reads of the rows of a model; None where the columns, or the model, are
    unknown. `queryset`: what `get_queryset` loads."""
    known = project.model(model, partial=True)
    if admin.columns is None or known is None:
        return None
    columns = tuple(_shown(project, admin))
    touches: dict[Touch, None] = {}
    unclear: dict[Reason, None] = {}
    doubts: tuple[Unclear, ...] = ()
    bodies = set[tuple[str, int]]()
    for column in columns:
        reads = column_reads(project.shared(Accesses), admin, column, model)
        touches.update(dict.fromkeys(reads.touches))
        doubts += (*reads.unclear, *reads.writing)
        bodies.update(reads.bodies)
        if "__" in column.name.strip("_") and not project.versions.django.may_reach(
            *PATHS_IN_COLUMNS
        ):
            unclear[Reason("unknown-column", f"{column.name} is no column before Django 5.1")] = (
                None
            )
    matter = (each.reason for each in doubts if _matters(project, each, touches))
    unclear = dict.fromkeys((*matter, *unclear))
    kept, suppressed = _without_suppressed(project, tuple(sorted(touches)))
    keys = tuple(each.name for each in columns if is_foreign_key(known, each.name))
    existing = existing_setting(project, admin)
    loaded = effective(project, queryset, existing, keys)
    lacking = tuple(each for each in kept if not covered(loaded, each.path, project))
    return Rows(
        admin,
        model,
        keys,
        kept,
        tuple(unclear),
        queryset,
        existing,
        lacking,
        suppressed,
        tuple(sorted(bodies)),
    )


def _shown(project: Project, admin: AdminClass) -> Iterator[Column]:
    """The columns, and the text that the checkbox for actions has."""
    yield from admin.columns or ()
    actions = admin.settings.get("actions")
    has_none = actions is not None and actions.value.is_constant(None)
    own = "action_checkbox" in admin.hooks or "get_actions" in admin.hooks
    if project.versions.django.is_at_least(*CHECKBOX_TEXT) and not has_none and not own:
        yield Column("name", TEXT)


def _matters(project: Project, unclear: Unclear, touches: Collection[Touch]) -> bool:
    """Whether a doubt has to do with what the columns read."""
    if unclear.reason.name != WRITES_ROWS:
        return True
    written = models_written(project, unclear) if touches else frozenset[str]()
    return any(is_among(project, written, touch.path) for touch in touches)


def existing_setting(project: Project, admin: AdminClass) -> bool | tuple[str, ...] | None:
    """The value of `list_select_related`: Django's default is False."""
    setting = admin.settings.get("list_select_related")
    if setting is None:
        return False
    value = setting.value
    if not setting.is_plain:
        return None
    if value.kind == "constant":
        return value.value if isinstance(value.value, bool) else False
    return names_of(project, value, Place(setting.path, (), setting.line))


def effective(
    project: Project,
    queryset: Loaded,
    existing: bool | tuple[str, ...] | None,
    foreign_keys: tuple[str, ...],
) -> Loaded:
    """What the list loads (`ChangeList.apply_select_related`)."""
    if queryset.joined or queryset.joins_all:
        return queryset
    if existing is True:
        return joining_all(queryset)
    if existing:
        return joining(queryset, existing)
    if existing is not False or not foreign_keys:
        return queryset
    if project.versions.django.is_at_least(*LISTED_ONLY):
        return joining(queryset, foreign_keys)
    return joining_all(queryset)


def _without_suppressed(
    project: Project, touches: tuple[Touch, ...]
) -> tuple[tuple[Touch, ...], tuple[tuple[str, int, str], ...]]:
    """The touches without those whose evidence a comment takes out, and those comments."""
    found: dict[tuple[str, int], str] = {}
    gone: set[Path] = set()
    for touch in touches:
        for line in touch.evidence:
            at = suppressing_line(project.files, RULE, line.path, line.line) if line.path else None
            if at is not None:
                gone.add(touch.path)
                found.setdefault((line.path, at), lookup_of(touch.path))
    kept = tuple(t for t in touches if not any(t.path[: len(path)] == path for path in gone))
    return kept, tuple((path, line, name) for (path, line), name in sorted(found.items()))


def joins(project: Project, paths: Iterable[Path]) -> tuple[str, ...]:
    """The arguments of select_related that join these paths: the longest ones, sorted."""
    each = set(paths)
    longest = [
        path
        for path in each
        if not any(len(path) < len(other) and other[: len(path)] == path for other in each)
    ]
    return tuple(sorted(join_of(project, path) for path in longest))


def complete_of(project: Project, rows: Rows) -> tuple[str, ...]:
    """What `list_select_related` has to name: every path, what other code reads of what was joined
    before, and the foreign keys among the columns whose model is not known, which may have been."""
    read = rows.complete
    loaded = effective(project, rows.queryset, rows.existing, rows.foreign_keys)
    more = kept(project, rows.admin, rows.model, read) if loaded.joins_all else frozenset[Path]()
    paths = joins(project, read | more)
    heads = {each.partition("__")[0] for each in paths}
    return tuple(sorted((*paths, *(set(rows.foreign_keys) - heads))))


def prefetches(paths: Iterable[Path]) -> tuple[str, ...]:
    """The arguments of prefetch_related: the longest ones, sorted."""
    names = {lookup_of(path) for path in paths}
    return tuple(sorted(n for n in names if not any(o.startswith(f"{n}__") for o in names)))


def is_literal(value: ExpressionFacts) -> bool:
    """Whether it is a tuple or list that can be added to."""
    return value.kind in {"tuple", "list"}
