"""What a finding's edit needs, as frozen values: one plan for each form."""

from __future__ import annotations

from dataclasses import dataclass

from djfix.codemods.findings import NodeReference


@dataclass(frozen=True, slots=True)
class ChangePlan:
    """One changed field: `own` is the right side's read of the field, None in `+=`.

    `operator` and `delta` are set for `+=` and `-=` only, where the statement is written anew.
    """

    statement: NodeReference
    target: str
    field: str
    own: NodeReference | None = None
    operator: str = ""
    delta: NodeReference | None = None


@dataclass(frozen=True, slots=True)
class SavePlan:
    """One save. `update_fields` empty: leave its arguments; `refresh` empty: none after it."""

    statement: NodeReference
    call: NodeReference
    target: str
    update_fields: tuple[str, ...] = ()
    refresh: tuple[str, ...] = ()
    awaited: bool = False


@dataclass(frozen=True, slots=True)
class ExpressionPlan:
    """`x.f = F("f") - n` and `x.save(update_fields=[...])`."""

    changes: tuple[ChangePlan, ...]
    saves: tuple[SavePlan, ...]


@dataclass(frozen=True, slots=True)
class Lookup:
    """One keyword of the fetch."""

    name: str
    value: NodeReference


@dataclass(frozen=True, slots=True)
class Assignment:
    """A column in `update()`: with an operator, F of itself and `value`; without, `value`."""

    field: str
    value: NodeReference
    operator: str = ""


@dataclass(frozen=True, slots=True)
class UpdatePlan:
    """Fetch, change and save become one `filter(...).update(...)`.

    `manager_text` is the source of what `filter` is called on, `lookups` the fetch's keywords.
    `missing` is what happened without a row: "does-not-exist", "not-found" or "" to ignore it.
    """

    statements: tuple[NodeReference, ...]
    manager_text: str
    lookups: tuple[Lookup, ...]
    assignments: tuple[Assignment, ...]
    missing: str
    model_text: str
    model_name: str
    line: int


@dataclass(frozen=True, slots=True)
class Condition:
    """The guard's comparison, turned into what must hold in the row: `lookup` is its suffix.

    An empty lookup is equality, "ne" an `exclude`; `value` None is zero (a truth test).
    `negated`: the guard's test is true on failure.
    """

    test: NodeReference
    field: str
    lookup: str
    value: NodeReference | None
    negated: bool


@dataclass(frozen=True, slots=True)
class GuardedPlan:
    """The guard's comparison becomes `filter(pk=…, f__gte=n).update(f=F("f") - n)`.

    An empty `manager_text` is the user model's manager. `fetch` and `lookups` are set where the
    fetch itself goes (the bare form, which ignores a missing row). `alone` is the whole `if` where
    nothing else is left in it.
    """

    condition: Condition
    change: ChangePlan
    operator: str
    delta: NodeReference
    save: SavePlan
    manager_text: str
    target: str
    refresh: tuple[str, ...]
    fetch: NodeReference | None = None
    lookups: tuple[Lookup, ...] = ()
    alone: NodeReference | None = None


@dataclass(frozen=True, slots=True)
class LockPlan:
    """Guard, change and save move into a transaction that locks the row first.

    `fetch` is the statement directly before that fetches the object and `locked_fetch` its source
    with the lock; without one, the row is locked by its key, and `fields` of the object that the
    function has are read again, so that nothing assigned to it before is lost.
    """

    statements: tuple[NodeReference, ...]
    save: SavePlan
    manager_text: str
    target: str
    fields: tuple[str, ...]
    rebinds: bool
    fetch: NodeReference | None = None
    locked_fetch: str = ""


Plan = ExpressionPlan | UpdatePlan | GuardedPlan | LockPlan
