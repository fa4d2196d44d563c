"""Relations that code touches on one model instance, as a tree of paths with their evidence.

A path is what a queryset would have to load: the hops from the object that the code is handed, by
the attribute that is read at each. Nothing here depends on a queryset.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from djfix.codemods.findings import Evidence, Reason

HopKind = Literal["one", "many", "generic"]
"""Whether a hop leads to one row (foreign key, one-to-one and its other side), to many (many-to-
many, the other side of a foreign key, a generic relation), or to a row of any model (a generic
foreign key, at which every path ends)."""

Use = Literal["object", "rows", "part", "query"]
"""How the end of a path is read. "object": a row at a to-one hop is loaded. "rows": the rows of a
to-many hop are read so that a prefetch serves them (`.all()`, iteration, `len`). "part": a prefetch
serves this as well, but without one few rows or none are loaded (`.count()`, `.exists()`, a slice,
`.first()` of an ordered model).
"query": they are read in a way that asks the database in spite of a prefetch (`.filter()`,
`.order_by()`, `.values_list()`, `.first()` without an order, `.last()`)."""


@dataclass(frozen=True, slots=True, order=True)
class Hop:
    """One step over a relation: `model.name` leads to `target` ("" for a generic foreign key).

    `model` and `target` are dotted names of models; `name` is the attribute on the instance: a
    field's name, or the accessor of the other side (never the query name). `back`: the attribute
    of the target that then holds the object itself, at no cost ("" if none does).
    """

    model: str
    name: str
    kind: HopKind
    target: str
    back: str = ""


Path = tuple[Hop, ...]

CHANGES_RELATED = "changes-related"
"""Code sets an attribute of an object that a row leads to. Each row has one of its own, loaded by
itself or by a join; a prefetch gives rows that lead to the same row the same object."""


WRITES_ROWS = "writes-rows"
"""Code writes rows while an object is shown: what was loaded before has the old ones."""

DYNAMIC = "dynamic-fields"
"""Code decides at run time which fields a serializer has."""

CONDITIONAL_FIELD = "conditional-field"
"""Code may take a field out of a serializer, or put it in, at run time."""

PATH_BY_NAME = "path-by-name"
"""A link's class of the project is given names of relations, and makes its address of them."""

LOOKS_INTO_CACHE = "looks-into-cache"
"""Code asks whether related rows are loaded."""


GOES_THROUGH = "goes-through-object"
"""Code goes through all attributes that an object has: a prefetch adds one (measured), a join
none."""


def extended(path: Path, more: Path) -> Path:
    """A path and what follows behind it; a way there and straight back leads nowhere."""
    for hop in more:
        is_back = bool(path) and path[-1].back == hop.name
        path = path[:-1] if is_back else (*path, hop)
    return path


@dataclass(frozen=True, slots=True, order=True)
class Touch:
    """One path that is touched, how its end is read, and the lines that say so, outermost first.

    `evidence` leads from what was asked (a serializer's field, a column) to the line that reads.
    `field`: the field of a serializer that perhaps reads the path, and nothing else does; ""
    where it is read in any case. `doubt`: the name of the reason for that.
    """

    path: Path
    use: Use
    evidence: tuple[Evidence, ...] = ()
    field: str = ""
    doubt: str = ""

    @property
    def lookup(self) -> str:
        """The path in Django's double-underscore form, as prefetch_related takes it."""
        return "__".join(hop.name for hop in self.path)


@dataclass(frozen=True, slots=True, order=True)
class Unclear:
    """Something that could not be followed: more may be touched than is listed."""

    reason: Reason
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Reads:
    """What some code touches on the object it is handed; both parts sorted, without repetition.

    Of equal paths with equal use the first evidence (in order) is kept. Prefixes stand for
    themselves: a path "a__b" comes with "a" where the row of "a" is loaded on the way.
    `circular`: the first turn of relations that are followed again and again; loading it helps
    one turn, and the next one asks anew. `writing`: bodies that may write rows meanwhile; what they
    do write is told by `beside.models_written`. `perhaps`: what is touched only while a field is
    there that may be taken out, or by names that it is given, and that nothing touches in any case.
    `bodies`: the file and line of each function read.
    """

    touches: tuple[Touch, ...] = ()
    unclear: tuple[Unclear, ...] = ()
    circular: tuple[Touch, ...] = ()
    writing: tuple[Unclear, ...] = ()
    perhaps: tuple[Touch, ...] = ()
    bodies: tuple[tuple[str, int], ...] = ()


NOTHING = Reads()
