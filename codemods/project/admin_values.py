"""What an admin class is, as values: its models, the columns of its list, what it overrides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from djfix.codemods.findings import Reason
from djfix.codemods.project.classes import MethodInfo
from djfix.codemods.project.facts import ExpressionFacts

ColumnKind = Literal["name", "function", "lambda", "unknown"]
"""An entry of `list_display`: a string; a function, named; a lambda; anything else."""


@dataclass(frozen=True, slots=True)
class Column:
    """One entry of `list_display` and the line that has it (0: it is Django's own default).

    `name`: the string, or the function's dotted name.
    """

    kind: ColumnKind
    name: str
    path: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class AdminSetting:
    """The value that a class attribute has, from the nearest class of the project that assigns it.

    `cls` is that class; `is_plain`: one plain assignment, under no condition.
    """

    value: ExpressionFacts
    cls: str
    path: str
    line: int
    is_plain: bool = True


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class AdminClass:
    """A class that extends ModelAdmin, or that is registered as one.

    `models`: the dotted names of the models that it is registered for, in order of path and line;
    `unclear`: why these, or anything below, may not be all. `order`: the MRO; where a base is
    unknown (`unknown_bases`) its known ancestors. `columns`: None where `list_display` cannot be
    read. `settings`: the attributes of SETTINGS that a class of the project assigns. `hooks`: the
    methods of HOOKS that a class of the project defines. `inlines`: dotted names, as far as known.
    """

    name: str
    path: str
    line: int
    models: tuple[str, ...]
    order: tuple[str, ...]
    columns: tuple[Column, ...] | None
    unclear: tuple[Reason, ...] = ()
    unknown_bases: tuple[str, ...] = ()
    settings: Mapping[str, AdminSetting] = field(default_factory=_nothing)
    hooks: Mapping[str, MethodInfo] = field(default_factory=_nothing)
    inlines: tuple[str, ...] = ()


SETTINGS = frozenset(
    {
        *("list_display", "list_select_related", "list_per_page", "show_full_result_count"),
        *("raw_id_fields", "autocomplete_fields", "list_editable", "readonly_fields", "fields"),
        *("exclude", "fieldsets", "inlines", "actions", "form", "model"),
        *("list_filter", "paginator", "change_list_template"),
    }
)

HOOKS = frozenset(
    {
        *("get_queryset", "get_list_display", "get_list_select_related", "get_changelist"),
        *("get_changelist_instance", "changelist_view", "get_actions", "action_checkbox"),
        *("get_form", "get_fields", "get_fieldsets", "get_exclude", "get_readonly_fields"),
        *("formfield_for_foreignkey", "formfield_for_dbfield", "get_autocomplete_fields"),
        *("get_inlines", "get_inline_instances"),
    }
)
