"""Why something must not be added to a queryset: each condition by its stable name.

Measured on Django 4.2 to 6.1; `after_method` is what a call in the chain itself means,
`refined_by` what a call on the finished value means for what is added before it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from djfix.codemods.findings import Evidence, Reason
from djfix.codemods.inference.access.values import Hop, Path
from djfix.codemods.inference.loading.values import Hazard, Loaded, QuerySource
from djfix.codemods.project.project import Project
from djfix.codemods.source.document import Document
from djfix.codemods.source.walking import walk

Forbidden = Literal["join", "prefetch", "both"]

_TEXTS: dict[str, tuple[str, Forbidden, bool]] = {
    "values-rows": ("the rows are dicts or tuples, not instances", "both", True),
    "combined-querysets": ("nothing can be added after union and its kin", "both", True),
    "union-operand": (
        "a later union needs the same columns on both sides",
        "join",
        True,
    ),
    "raw-queryset": ("a raw query has no select_related", "join", True),
    "raw-prefetch": ("the rows come from a raw query", "prefetch", False),
    "extra-sql": ("extra() puts SQL of its own into the query", "both", False),
    "iterated": ("iterator() ends the queryset: nothing can be added after it", "both", True),
    "iterated-later": (
        "iterator() without chunk_size refuses prefetch_related (Django 5.0 and later)",
        "prefetch",
        True,
    ),
    "later-prefetch": (
        "a Prefetch with a queryset of its own for the same relation comes later",
        "both",
        True,
    ),
    "iterated-besides": (
        "other code of the view goes through the rows, and would load it without reading it",
        "both",
        False,
    ),
    "handed-on": ("the queryset is handed to code that cannot be read", "both", False),
    "replaced-queryset": (
        "the view's code puts other rows in the place of its `queryset`",
        "both",
        False,
    ),
    "through-hook": (
        "a base class asks the view for its rows by a member of its own, and may use them besides",
        "both",
        False,
    ),
    "narrowed-elsewhere": (
        "other code narrows the `queryset` of a class that may be this view's",
        "both",
        False,
    ),
    "row-lock": (
        "a row lock would take the joined rows too, and fails on outer joins in PostgreSQL",
        "join",
        True,
    ),
    "only-columns": ("only() leaves out columns that a join needs", "join", True),
    "deferred-columns": ("defer() leaves out columns that a join needs", "join", True),
    "unreadable-columns": ("only() or defer() takes names that cannot be read", "both", False),
    "bare-select-related": (
        "select_related() without names joins everything; names would narrow it",
        "join",
        False,
    ),
    "unreadable-select-related": (
        "select_related() takes names that cannot be read",
        "join",
        False,
    ),
    "unreadable-prefetch": (
        "prefetch_related() takes lookups that cannot be read",
        "prefetch",
        False,
    ),
    "inheritance-manager": ("the rows may be of subclasses (InheritanceManager)", "both", False),
    "polymorphic-rows": ("the rows may be of subclasses (polymorphic)", "both", False),
    "unknown-queryset-method": (
        "a queryset method is called whose code cannot be read",
        "both",
        False,
    ),
    "unknown-manager": ("the manager's code cannot be read", "both", False),
    "unread-receiver": (
        "the object that gives the rows cannot be read, or may hold them already",
        "both",
        False,
    ),
    "reordered-later": (
        "other code orders the rows so that they may tie, and a join may change which comes first",
        "join",
        True,
    ),
    "carried-rows": (
        "a prefetch may have these rows already: a queryset that loads more asks again",
        "both",
        True,
    ),
    "model-instead-of-queryset": ("a model is named where a queryset could stand", "both", True),
    "cleared-joins": ("select_related(None) later clears what is added", "join", True),
    "cleared-prefetches": ("prefetch_related(None) later clears what is added", "prefetch", True),
    "differing-branches": ("branches load different things", "both", False),
}


def hazard(name: str, evidence: Evidence | None = None) -> Hazard:
    """The hazard of this name."""
    text, forbids, certain = _TEXTS[name]
    return Hazard(Reason(name, text), forbids, certain, evidence)


def evidence_of(document: Document, node: ast.expr | ast.stmt) -> Evidence:
    """The line at which a method is called: that of its name, not of the chain's beginning."""
    line = node.end_lineno or node.lineno
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        line = node.func.end_lineno or node.func.lineno
    return Evidence(document.path, line, document.line_text(line).strip())


COMBINING = frozenset({"union", "intersection", "difference"})
VALUES = frozenset({"values", "values_list", "dates", "datetimes"})


def after_method(method: str, call: ast.Call) -> str | None:
    """The name of the hazard that a call in a chain makes for what is appended to the chain."""
    if method in VALUES:
        return "values-rows"
    if method in COMBINING:
        return "combined-querysets"
    if method in {"iterator", "aiterator"}:
        return "iterated"
    if method == "extra" or _has_raw_sql(call):
        return "extra-sql"
    if method == "select_for_update" and not _names_own_rows(call):
        return "row-lock"
    return None


def refined_by(method: str, call: ast.Call) -> str | None:
    """The name of the hazard that a later call on the value makes for what is added before it."""
    if method in COMBINING:
        return "union-operand"
    if method in {"iterator", "aiterator"}:
        sized = bool(call.args) or any(each.arg in {"chunk_size", None} for each in call.keywords)
        return None if sized else "iterated-later"
    if method == "extra" or _has_raw_sql(call):
        return "extra-sql"
    if method == "only":
        return "only-columns"
    if method == "defer":
        return None if _is_none(call) else "deferred-columns"
    if method == "select_for_update" and not _names_own_rows(call):
        return "row-lock"
    if method == "select_related" and _is_none(call):
        return "cleared-joins"
    if method == "prefetch_related" and _is_none(call):
        return "cleared-prefetches"
    return None


def _has_raw_sql(call: ast.Call) -> bool:
    """Whether an argument is SQL as text: its names of columns may be those of a join, too."""
    given = [*call.args, *(each.value for each in call.keywords)]
    calls = [node for each in given for node in walk(each) if isinstance(node, ast.Call)]
    functions = [each.func for each in calls]
    has_template = any(each.arg == "template" for node in calls for each in node.keywords)
    return has_template or any(
        getattr(each, "attr", getattr(each, "id", "")) == "RawSQL" for each in functions
    )


def hazards_for(project: Project, source: QuerySource, path: Path) -> tuple[Hazard, ...]:
    """The source's hazards as far as they concern this path.

    only() and defer() that keep the path's first foreign key forbid nothing; a row lock does not
    fail, but takes more rows, where no hop of the path may be empty.
    """
    found: list[Hazard] = []
    for each in source.hazards:
        is_restricted = each.reason.name in {"only-columns", "deferred-columns"}
        if is_restricted and _is_of_chain(source) and _keeps_column(source.loaded, path):
            continue
        if each.reason.name == "row-lock" and all(_is_required(project, hop) for hop in path):
            found.append(replace(each, certain=False))
            continue
        found.append(on_path(project, each, path))
    return tuple(found)


def on_path(project: Project, hazard: Hazard, path: Path) -> Hazard:
    """A hazard as it stands against one path, in the chain or in what is done to it later.

    Where columns are left out, a prefetch reads the key of each row with a query for each, too.
    """
    is_restricted = hazard.reason.name in {"only-columns", "deferred-columns"}
    if is_restricted and _starts_at_column(project, path):
        return replace(hazard, forbids="both")
    return hazard


def _starts_at_column(project: Project, path: Path) -> bool:
    """Whether the first hop is over a foreign key of the rows' own table."""
    model = project.model(path[0].model, partial=True)
    field = model.fields.get(path[0].name) if model is not None else None
    return field is not None and field.is_column


def _is_of_chain(source: QuerySource) -> bool:
    """Whether all only() and defer() are the chain's own, which `loaded` tells of."""
    called = sum(each in {"only", "defer"} for each in source.methods)
    named = [each.reason.name for each in source.hazards]
    return called >= sum(each in {"only-columns", "deferred-columns"} for each in named)


def _keeps_column(loaded: Loaded, path: Path) -> bool:
    """Whether the rows carry the column of the path's first hop; the other side needs the key."""
    if loaded.only is None and not loaded.deferred:
        return False
    first = path[0]
    names = {first.name, f"{first.name}_id"}
    if loaded.only is not None:
        return first.kind == "many" or bool(names & loaded.only)
    return not names & loaded.deferred


def _is_required(project: Project, hop: Hop) -> bool:
    model = project.model(hop.model, partial=True)
    field = model.field(hop.name) if model is not None else None
    return field is not None and field.is_column and not field.null and not field.unclear


def without_repetition(hazards: Iterable[Hazard]) -> tuple[Hazard, ...]:
    """In order, each once."""
    return tuple(dict.fromkeys(hazards))


def _is_none(call: ast.Call) -> bool:
    first = call.args[0] if len(call.args) == 1 else None
    return isinstance(first, ast.Constant) and first.value is None


def _names_own_rows(call: ast.Call) -> bool:
    """`select_for_update(of=("self",))` locks no joined row."""
    of = next((each.value for each in call.keywords if each.arg == "of"), None)
    if not isinstance(of, ast.Tuple | ast.List):
        return False
    return all(isinstance(each, ast.Constant) and each.value == "self" for each in of.elts)
