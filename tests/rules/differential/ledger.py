"""The models of `tests/projects/ledger` on an SQLite in memory, and all that shows of them."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

PROJECT = Path(__file__).resolve().parents[2] / "projects" / "ledger"
COMMON = ("Account", "Derived", "Greeted", "Hidden", "Managed", "Stamped", "Versioned", "Watched")
"""The models that have the columns of `Common`."""

LONG_AGO = datetime.datetime(2001, 2, 3, tzinfo=datetime.UTC)
NOW = datetime.datetime(2020, 2, 2, tzinfo=datetime.UTC)

Rows = Mapping[str, Sequence[tuple[Any, ...]]]
"""All rows by table."""


@dataclass(frozen=True, slots=True)
class Data:
    """What one run is given: the columns of the first rows of each model, and the arguments."""

    n: tuple[int, ...]
    m: tuple[int, ...]
    group: tuple[int, ...]
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Seen:
    """What one run showed. Values are text with their type: 1, 1.0 and Decimal(1) differ."""

    outcome: str
    rows: Rows
    log: tuple[str, ...]
    signals: tuple[str, ...]
    held: tuple[str, ...]
    statements: int
    """How many; before and after may differ in this alone."""


@dataclass(frozen=True, slots=True)
class Other:
    """Another writer, that comes before the statement of this number (from 0)."""

    write: Callable[[], None]
    before: int


@cache
def models() -> Any:
    """The models' module; the first call sets Django up and makes the tables."""
    import django
    from django.conf import settings

    assert not settings.configured, "another test of this process has set Django up"
    sys.path.insert(0, str(PROJECT))
    settings.configure(
        INSTALLED_APPS=["ledger"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
    )
    django.setup()
    from django.apps import apps
    from django.db import connection

    with connection.schema_editor() as editor:
        for model in apps.get_app_config("ledger").get_models():
            editor.create_model(model)
    return sys.modules["ledger.models"]


def observe(module: Mapping[str, Any], data: Data, other: Other | None = None) -> Seen:
    """Run `subject` of a module on this data, from a fresh database, and look at everything."""
    fill(data)
    ledger = models()
    ledger.SEEN.clear()
    module["LOG"].clear()
    given = instances(module, data)
    with frozen_time(), interrupted(other) as statements:
        outcome = called(module["subject"], {**data.arguments, **given})
    entry = given["entry"]
    return Seen(
        outcome,
        dump(),
        tuple(module["LOG"]),
        tuple(map(str, ledger.SEEN)),
        (shown(given["account"]), shown(entry and entry.account)),
        len(statements),
    )


def instances(module: Mapping[str, Any], data: Data) -> Mapping[str, Any]:
    """The arguments that are rows, fetched anew, or not saved yet where there is no such row."""
    if not module["TAKES_INSTANCES"]:
        return {"account": None, "entry": None}
    ledger, pk = models(), data.arguments["pk"]
    return {
        "account": ledger.Account.objects.filter(pk=pk).first() or ledger.Account(slug="unsaved"),
        "entry": ledger.Entry.objects.select_related("account").filter(pk=pk).first(),
    }


def called(subject: Callable[..., Any], given: Mapping[str, Any]) -> str:
    try:
        return f"returned {shown(subject(**given))}"
    except Exception as error:  # noqa: BLE001 - which exception comes out is what is compared
        return f"raised {type(error).__name__}"


def shown(value: Any) -> str:
    """A value with its type; of a model instance, all that it holds in memory."""
    from django.db.models import Model

    if isinstance(value, Model):
        held = {name: shown(each) for name, each in vars(value).items() if name != "_state"}
        return f"{type(value).__name__} {held}"
    if isinstance(value, list):
        return f"list {[shown(each) for each in value]}"
    return f"{type(value).__name__} {value}"


# The database.


def fill(data: Data) -> None:
    """Exactly these rows, in all tables."""
    ledger = models()
    cursor = raw()
    cursor.execute("PRAGMA foreign_keys = OFF")
    for table in tables():
        cursor.execute(f'DELETE FROM "{table}"')
    cursor.execute("DELETE FROM sqlite_sequence")
    cursor.execute("PRAGMA foreign_keys = ON")
    for name in COMMON:
        insert(getattr(ledger, name), data)
    for place in range(len(data.n)):
        write("ledger_entry", {"id": place + 1, "account_id": place + 1, "n": data.m[place]})
        write("ledger_child", {"account_ptr_id": place + 1, "own": data.n[place]})


def insert(model: Any, data: Data) -> None:
    extra: dict[str, Callable[[int], Any]] = {
        "maybe": lambda place: None if data.m[place] % 3 == 0 else data.n[place],
        "amount": lambda place: data.n[place] + 0.25,
        "ratio": lambda place: data.n[place] / 8,
        "span": lambda place: data.n[place] * 1_000_000,
        "updated_at": lambda place: LONG_AGO.strftime("%Y-%m-%d %H:%M:%S"),
        "version": lambda place: 1,
        "is_large": lambda place: data.n[place] > 50,
        "hidden": lambda place: place == 1,
    }
    columns = {each.column for each in model._meta.concrete_fields}
    for place in range(len(data.n)):
        row = {"id": place + 1, "slug": f"s{place + 1}", "group": data.group[place], "title": "t"}
        row |= {"n": data.n[place], "m": data.m[place]}
        row |= {name: make(place) for name, make in extra.items() if name in columns}
        write(model._meta.db_table, row)


def write(table: str, row: Mapping[str, Any]) -> None:
    names = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join("?" * len(row))
    raw().execute(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', tuple(row.values()))


def dump() -> Rows:
    return {
        table: raw().execute(f'SELECT * FROM "{table}" ORDER BY 1').fetchall() for table in tables()
    }


@cache
def tables() -> Sequence[str]:
    from django.db import connection

    models()
    return sorted(connection.introspection.table_names())


def raw() -> Any:
    """A cursor below Django, which no wrapper and no broken transaction disturbs."""
    from django.db import connection

    connection.ensure_connection()
    return connection.connection.cursor()


@contextmanager
def frozen_time() -> Iterator[None]:
    with mock.patch("django.utils.timezone.now", return_value=NOW):
        yield


@contextmanager
def interrupted(other: Other | None) -> Iterator[Sequence[str]]:
    """Lets the other writer in before a statement of what runs inside, or after the last one.

    Yields the statements as they come. The other writer uses the same connection, so it waits for
    the end of a transaction.
    """
    from django.db import connection

    statements: list[str] = []
    waiting = [] if other is None else [other]

    def between(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append(sql)
        if waiting and len(statements) > waiting[0].before and not connection.in_atomic_block:
            waiting.pop().write()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(between):
        yield statements
    if waiting:
        waiting.pop().write()


def add_a_thousand() -> None:
    """A writer that changes `n` everywhere."""
    for name in COMMON:
        raw().execute(f'UPDATE "ledger_{name.lower()}" SET n = n + 1000')


def the_same_again(module: Mapping[str, Any], data: Data) -> Callable[[], None]:
    """A writer that runs the function itself, with instances of its own."""

    def write() -> None:
        called(module["subject"], {**data.arguments, **instances(module, data)})

    return write


def amounts() -> Mapping[str, Sequence[Any]]:
    """Values worth trying for each argument of a generated function."""
    return {
        "pk": (1, 2, 3, 99),
        "other": (1, 3),
        "d": (0, 1, 7, 60, 130),
        "amount": (Decimal("0.50"), Decimal("7"), Decimal("130.25"), Decimal("0.05")),
        "ratio": (0.5, 7.0, 0.1),
        "span": (datetime.timedelta(seconds=7), datetime.timedelta(days=2)),
        "x": (1, 0.5, "2", Decimal("1.5"), None),
        "flag": (True, False),
        "slug": ("s1", "s2", "nobody"),
    }


def some_data(**arguments: object) -> Data:
    """Plain data with some arguments of one's own."""
    plain = {name: values[1] for name, values in amounts().items()}
    return Data((100, 100, 7), (1, 3, 7), (1, 1, 2), {**plain, "pk": 1, **arguments})


def many_data() -> list[Data]:
    """One by one, each value of each argument, and an amount that fits once and not twice."""
    single = [{name: value} for name, values in amounts().items() for value in values]
    return [some_data(**one) for one in [*single, {"d": 60}, {"d": 60, "pk": 2}]]


def few_data() -> list[Data]:
    """The data at which most careless rewrites differ."""
    chosen = [{}, {"pk": 99, "slug": "nobody"}, {"d": 60}, {"d": 130}, {"flag": True, "pk": 2}]
    return [some_data(**one) for one in chosen]
