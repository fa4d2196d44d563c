"""What a fix of `concurrent-index` does, as values."""

from __future__ import annotations

from dataclasses import dataclass

from djfix.codemods.findings import NodeReference
from djfix.codemods.project.migration_values import Key

CONCURRENT = {"AddIndex": "AddIndexConcurrently", "RemoveIndex": "RemoveIndexConcurrently"}
MODULE = "django.contrib.postgres.operations"


@dataclass(frozen=True, slots=True)
class Swap:
    """One operation becomes its concurrent form where it stands.

    `leftover`: the index whose invalid remains are dropped first, "" for none.
    """

    operation: NodeReference
    kind: str
    leftover: str = ""


@dataclass(frozen=True, slots=True)
class Split:
    """The operations at these places move to a migration of their own behind this one.

    `kinds` and `leftovers` are theirs, one for one. `dependents`: files whose dependencies are
    to name the new one. `latest`: a file that names the app's newest migration, "" for none.
    """

    key: Key
    name: str
    places: tuple[int, ...]
    kinds: tuple[str, ...]
    leftovers: tuple[str, ...]
    dependents: tuple[str, ...]
    latest: str = ""


@dataclass(frozen=True, slots=True)
class FieldIndex:
    """The index that `db_index=True` asks for, by its statements; `place`: of its operation.

    `kind`: "AddField", which keeps all but the index, or "AlterField", which adds nothing else.
    """

    place: int
    kind: str
    statements: tuple[tuple[str, str], ...]
    """Each index, made and dropped."""


@dataclass(frozen=True, slots=True)
class IndexFields:
    """The indexes of some columns are built concurrently, in SQL beside the state.

    In a migration of that `name` behind this one, as with Split; where it is "", in this one.
    """

    key: Key
    name: str
    fields: tuple[FieldIndex, ...]
    dependents: tuple[str, ...] = ()
    latest: str = ""


@dataclass(frozen=True, slots=True)
class NoReverse:
    """A data migration that cannot be taken back gets `noop` for the way back."""

    operation: NodeReference
    kind: str
