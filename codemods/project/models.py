"""What a Django model is, as values: fields, relations, managers, what it overrides.

The meaning is Django's own (`django.db.models.base.ModelBase`, `django.db.models.options`);
`model_linking.py` makes these values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from djfix.codemods.project.classes import MethodInfo
from djfix.codemods.project.facts import ExpressionFacts, FunctionFacts

FieldKind = Literal[
    "integer",
    "decimal",
    "float",
    "duration",
    "char",
    "date",
    "datetime",
    "boolean",
    "json",
    "relation",
    "other",
]
RelationKind = Literal[
    "foreign-key", "one-to-one", "many-to-many", "generic-foreign-key", "generic"
]


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Relation:
    """Where a relation field points.

    `target`: the model's dotted name; None if unknown, and for a generic foreign key.
    `accessor`: the attribute on the target, None if hidden (`related_name="+"`, a symmetrical
    many-to-many, a generic relation). `query_name`: its name in lookups.
    `through`: the dotted name of a many-to-many's declared through model, None if it has none.
    """

    target: str | None
    kind: RelationKind
    related_name: str | None = None
    related_query_name: str | None = None
    accessor: str | None = None
    query_name: str | None = None
    db_constraint: bool = True
    parent_link: bool = False
    through: str | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a model.

    `class_name`: canonical ("django.db.models.DecimalField"); for a class that cannot be resolved,
    as it is spelled. `is_django_own`: Django itself defines the class. `has_pre_save`: a class
    that is not Django's takes part in writing or loading the value (`pre_save`, `get_prep_value`,
    `from_db_value`, `contribute_to_class`, ...); None if some of it could not be read. Django's
    own `pre_save` is not meant: see `auto_now`, `auto_now_add` and `class_name`.
    `overrides`: all names that classes of the project between the field and Django's define.
    `null`, `auto_now`, `auto_now_add` are True where they cannot be read. `default`: None if none.
    `unclear`: arguments could not be read (`**options`), so anything above may be wrong.
    `model`: the class whose table has the column; differs from the model asked for with
    multi-table parents. `declared_in`: the class whose body has it (an abstract base, say).
    `path` is None for a field from outside the project.
    """

    name: str
    attname: str
    class_name: str
    kind: FieldKind
    model: str
    declared_in: str
    null: bool = False
    unique: bool = False
    primary_key: bool = False
    auto_now: bool = False
    auto_now_add: bool = False
    auto_created: bool = False
    default: ExpressionFacts | None = None
    has_choices: bool = False
    is_django_own: bool = True
    has_pre_save: bool | None = False
    overrides: frozenset[str] = frozenset()
    relation: Relation | None = None
    unclear: bool = False
    options: Mapping[str, ExpressionFacts] = field(default_factory=_nothing, compare=False)
    path: str | None = None
    line: int = 0

    @property
    def is_column(self) -> bool:
        """Whether the model's table (or a parent's) has a column for it."""
        return self.relation is None or self.relation.kind in {"foreign-key", "one-to-one"}

    @property
    def choices(self) -> ExpressionFacts | None:
        """The `choices` argument, in the project."""
        return self.options.get("choices")


@dataclass(frozen=True, slots=True)
class Manager:
    """A manager of a model.

    `is_plain`: known to be built of Django's own methods only, whatever it adds under new names.
    `filters`: whether `get_queryset` leaves rows out (or may); None if unknown.
    `queryset_class`: canonical; None if unknown. `overrides`: names of Django's manager and
    queryset API that classes other than Django's define; None if some class could not be read.
    `class_name` is None if unknown; for `QuerySet.as_manager()` it is Django's own Manager.
    """

    name: str
    class_name: str | None
    is_plain: bool = True
    filters: bool | None = False
    queryset_class: str | None = "django.db.models.QuerySet"
    overrides: frozenset[str] | None = frozenset()
    declared_in: str | None = None
    path: str | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class PropertyInfo:
    """A property of a model or of any class; `cls` has it in its body."""

    name: str
    cls: str
    path: str | None
    line: int
    has_setter: bool = False
    is_cached: bool = False
    facts: FunctionFacts | None = None


@dataclass(frozen=True, slots=True)
class AttributeInfo:
    """A class attribute that is neither field nor manager nor a harmless constant: a tracker, a
    history, a descriptor. `value_class`: canonical name of what is called; None if unknown."""

    name: str
    value_class: str | None
    cls: str
    path: str
    line: int
    value: ExpressionFacts | None = None


@dataclass(frozen=True, slots=True)
class ReverseRelation:
    """The other side of a relation: `model.<accessor>` leads to rows of `model`, whose field
    `field` points here. `query_name` is its name in lookups."""

    accessor: str
    model: str
    field: str
    kind: RelationKind
    query_name: str


@dataclass(frozen=True, slots=True)
class Model:
    """One model, inheritance included.

    `unknown_bases`: not empty only for a model asked for with `partial=True`; then everything
    here may be incomplete. `fields`: by name, of parents and abstract bases too, the primary key
    and generic ones included. `parents`: the concrete classes whose tables it extends (multi-table
    inheritance), nearest first; a proxy's is what it stands for. `ancestors`: the MRO, the class
    itself first, without `object`. `overrides`: methods of
    `django.db.models.Model` (of OVERRIDABLE) that a class before it defines.
    `unknown_attributes`: names added from outside the class body (`add_to_class`, `Model.x = ...`);
    "*": the body or a metaclass may add any. `meta`: the effective options.
    """

    name: str
    label: str
    path: str | None
    line: int
    abstract: bool
    proxy: bool
    managed: bool
    swappable: str | None
    ancestors: tuple[str, ...]
    parents: tuple[str, ...]
    fields: Mapping[str, Field]
    managers: Mapping[str, Manager]
    default_manager: Manager
    base_manager: Manager
    default_manager_name: str | None = None
    base_manager_name: str | None = None
    ordering: tuple[str, ...] = ()
    unique_together: tuple[tuple[str, ...], ...] = ()
    constraints: tuple[ExpressionFacts, ...] = ()
    meta: Mapping[str, ExpressionFacts] = field(default_factory=_nothing)
    properties: Mapping[str, PropertyInfo] = field(default_factory=_nothing)
    methods: Mapping[str, MethodInfo] = field(default_factory=_nothing)
    overrides: Mapping[str, MethodInfo] = field(default_factory=_nothing)
    decorators: tuple[str, ...] = ()
    class_attributes: Mapping[str, AttributeInfo] = field(default_factory=_nothing)
    unknown_attributes: frozenset[str] = frozenset()
    unknown_bases: tuple[str, ...] = ()
    metaclass: str | None = None
    _reverse_named: Callable[[str], ReverseRelation | None] = field(
        default=lambda accessor: None, repr=False, compare=False
    )
    _reverse: Callable[[], Mapping[str, ReverseRelation]] = field(
        default=_nothing, repr=False, compare=False
    )

    @property
    def app_label(self) -> str:
        return self.label.rpartition(".")[0]

    @property
    def object_name(self) -> str:
        """The class's own name."""
        return self.label.rpartition(".")[2]

    @property
    def pk(self) -> Field | None:
        """The primary key; None for an abstract model without one."""
        # Those of parents stand before the model's own.
        keys = [each for each in self.fields.values() if each.primary_key]
        return keys[-1] if keys else None

    def field(self, name: str) -> Field | None:
        """The field by its name, by its attname ("owner_id") or as "pk"."""
        if name == "pk":
            return self.pk
        found = self.fields.get(name)
        if found is not None:
            return found
        return next(
            (each for each in self.fields.values() if each.attname == name and each.is_column), None
        )

    @property
    def reverse(self) -> Mapping[str, ReverseRelation]:
        """Accessor -> relation from another model, those of parents too; hidden ones left out.

        Worked out when asked: it reads all files that declare relations.
        """
        return self._reverse()

    def reverse_named(self, accessor: str) -> ReverseRelation | None:
        """`reverse.get(accessor)`, without reading what cannot have this name."""
        return self._reverse_named(accessor)

    @property
    def save_override(self) -> MethodInfo | None:
        return self.overrides.get("save")


_OVERRIDABLE = """
save asave save_base delete adelete clean clean_fields full_clean validate_unique
validate_constraints refresh_from_db arefresh_from_db from_db get_deferred_fields
_save_parents _save_table _do_insert _do_update _perform_unique_checks _set_pk_val
__init__ __new__ __setattr__ __getattribute__ __getattr__ __delattr__ __eq__ __hash__
__reduce__ __getstate__ __setstate__ __init_subclass__
"""

OVERRIDABLE = frozenset(_OVERRIDABLE.split())
"""Methods whose override changes what loading, changing or saving an instance does."""
