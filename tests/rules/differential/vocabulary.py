"""Functions as people write them: the shapes of real code, put together by Hypothesis.

A function is drawn as a `Shape`, one word for each slot, so that a test can also fix some slots and
leave the others free. Its text names models of `tests/projects/ledger`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from textwrap import indent

from hypothesis import strategies as st

HEAD = """\
from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.shortcuts import get_object_or_404

from ledger.models import *

LOG = []


def look(thing):
    LOG.append(str(thing.n))


def rename(thing):
    thing.title = "renamed"


def overwrite(key):
    Account.objects.filter(pk=key).update(m=1)


def lookups():
    return {"n__gte": 60}


def subject(
    pk: int,
    other: int,
    d: int,
    amount: Decimal,
    ratio: float,
    span: timedelta,
    x,
    flag: bool,
    slug: str,
    account: Account,
    entry: Entry,
):
"""

MODELS = (
    "Account",
    "Stamped",
    "Versioned",
    "Watched",
    "Greeted",
    "Derived",
    "Hidden",
    "Managed",
    "Child",
)

HEAD = HEAD.replace("import *", f"import {', '.join(sorted((*MODELS, 'Entry')))}")


@dataclass(frozen=True, slots=True)
class Shape:
    """One word for each slot of a function; see the tables below for what they may be."""

    model: str = "Account"
    load: str = "get"
    field: str = "n"
    delta: str = "d"
    change: str = "-="
    before: str = ""
    between: str = ""
    branch: str = ""
    save: str = "save()"
    after: str = ""
    around: str = ""


TARGET = {"hop": "held.account", "hop-joined": "held.account", "parameter-hop": "entry.account"}
"""What is changed, where it is not the local `row`."""

LOADS = {
    "get": "row = {M}.objects.get(pk=pk)",
    "get-id": "row = {M}.objects.get(id=pk)",
    "get-slug": "row = {M}.objects.get(slug=slug)",
    "get-or-404": "row = get_object_or_404({M}, pk=pk)",
    "first": "row = {M}.objects.filter(pk=pk).first()\nif row is None:\n    return 'none'",
    "last": "row = {M}.objects.order_by('pk').last()",
    "indexed": "row = {M}.objects.order_by('pk')[0]",
    "get-everything": "row = {M}._base_manager.get(pk=pk)",
    "get-guarding": "row = {M}.objects.filter({f}__gte=60).get(pk=pk)",
    "get-guarding-unseen": "row = {M}.objects.filter(**lookups()).get(pk=pk)",
    "get-guarding-alone": "row = {M}.objects.filter(group=1, {f}__gte=60).get()",
    "get-or-create": "row, created = {M}.objects.get_or_create(slug=slug)",
    "get-or-create-old": (
        "row, created = {M}.objects.get_or_create(slug=slug)\nif created:\n    return 'new'"
    ),
    "missing-is-new": (
        "try:\n    row = {M}.objects.get(slug=slug)\n"
        "except {M}.DoesNotExist:\n    row = {M}(slug=slug)"
    ),
    "missing-is-told": (
        "try:\n    row = {M}.objects.get(pk=pk)\nexcept {M}.DoesNotExist:\n    return 'missing'"
    ),
    "new": "row = {M}(slug='made', n=5)",
    "copy": "row = {M}.objects.get(pk=pk)\nrow.pk = None\nrow.id = None\nrow.slug = 'copy'",
    "locked": "row = {M}.objects.select_for_update().get(pk=pk)",
    "parameter": "row = account",
    "hop": "held = Entry.objects.get(pk=pk)",
    "hop-joined": "held = Entry.objects.select_related('account').get(pk=pk)",
    "hop-local": "held = Entry.objects.get(pk=pk)\nrow = held.account",
    "parameter-hop": "",
    "aliased": "row = {M}.objects.get(pk=pk)\nkept = row",
    "two-of-one": "kept = {M}.objects.get(pk=pk)\nrow = {M}.objects.get(pk=pk)",
    "loop": "for row in {M}.objects.filter(group=1):",
    "loop-guarding": "for row in {M}.objects.filter({f}__gte=60):",
    "loop-entries": "for held in Entry.objects.select_related('account'):\n    row = held.account",
    "loop-list": "rows = list({M}.objects.order_by('pk'))\nfor row in rows:",
    "loop-queryset": "rows = {M}.objects.filter(group=1)\nfor row in rows:",
}
DELTAS = {
    "d": "d",
    "constant": "7",
    "product": "2 * d",
    "half": "0.5",
    "unknown": "x",
    "amount": "amount",
    "ratio": "ratio",
    "span": "span",
    "other-column": "{t}.m",
    "own-column": "{t}.{f}",
    "own-half": "{t}.{f} // 2",
    "through-a-local": "step",
    "call": "int(d)",
    "text": "slug",
    "difference": "d - {M}.objects.get(pk=pk).{f}",
}
CHANGES = {
    "-=": "{t}.{f} -= {e}",
    "+=": "{t}.{f} += {e}",
    "= -": "{t}.{f} = {t}.{f} - {e}",
    "= +": "{t}.{f} = {e} + {t}.{f}",
    "max": "{t}.{f} = max(0, {t}.{f} - {e})",
    "*=": "{t}.{f} *= {e}",
    "//=": "{t}.{f} //= 3",
    "twice": "{t}.{f} -= {e}\n{t}.{f} -= {e}",
    "two-fields": "{t}.{f} -= {e}\n{t}.m += 1",
    "set-first": "{t}.{f} = 100\n{t}.{f} -= {e}",
}
BEFORE = {
    "": "",
    "raises-if-less": "if {t}.{f} < {e}:\n    raise ValueError('too little')",
    "returns-if-less": "if {t}.{f} < {e}:\n    return 'too little'",
    "raises-if-not-more": "if {t}.{f} <= {e}:\n    raise ValueError('too little')",
    "raises-if-greater": "if {e} > {t}.{f}:\n    raise ValueError('too little')",
    "raises-if-not-enough": "if not {t}.{f} >= {e}:\n    raise ValueError('too little')",
    "skips-if-less": "if {t}.{f} < {e}:\n    continue",
    "raises-if-zero": "if {t}.{f} < 1:\n    raise ValueError('nothing left')",
    "raises-if-other": "if {t}.m < {e}:\n    raise ValueError('too little')",
    "raises-late": (
        "if {t}.{f} < {e}:\n    raise ValueError('too little')\n"
        "Entry.objects.create(account_id=1, n=d)"
    ),
    "checked-elsewhere": (
        "if {M}.objects.get(pk=pk).{f} < {e}:\n    raise ValueError('too little')"
    ),
    "kept": "seen = {t}.{f}",
    "step": "step = {t}.{f} - 50",
    "logged": "LOG.append(str({t}.{f}))",
    "called": "look({t})",
    "titled": "{t}.title = 'before'",
    "renamed": "rename({t})",
    "set-by-name": "setattr({t}, 'title', slug)",
    "property-checked": "if {t}.is_low:\n    raise ValueError('low')",
    "two-columns": "if {t}.{f} < {t}.m:\n    raise ValueError('less than the other')",
    "refreshed": "{t}.refresh_from_db()",
}
BETWEEN = {
    "": "",
    "titled": "{t}.title = slug",
    "read": "LOG.append(str({t}.{f}))",
    "checked": "if {t}.{f} < 0:\n    raise ValueError('below zero')",
    "called": "look({t})",
    "cleaned": "{t}.full_clean()",
    "property-set": "{t}.doubled = 30",
    "clashing": "{t}.slug = 's3'",
    "left": "if flag:\n    return 'left'",
    "rebound": "row = {M}.objects.get(pk=other)",
    "written": "{M}.objects.filter(pk=other).update(m=1)",
    "updated-besides": "{M}.objects.filter(pk=pk).update({f}=1)",
    "written-besides": "{M}.objects.filter(pk=pk).update(m=1)",
    "written-by-a-helper": "overwrite(pk)",
    "deleted": "{M}.objects.filter(pk=pk).delete()",
    "refreshed": "{t}.refresh_from_db()",
}
BRANCHES = ("", "if flag:", "else", "if-enough", "if-enough-else")
SAVES = {
    "save()": "{t}.save()",
    "update_fields": "{t}.save(update_fields=['{f}'])",
    "force": "{t}.save(force_update=True)",
    "if-flag": "if flag:\n    {t}.save()",
    "unpacked": "{t}.save(**{{'update_fields': ['title']}})",
    "twice": "{t}.save()\n{t}.save()",
    "none": "",
}
AFTER = {
    "": "",
    "returned": "return {t}.{f}",
    "object-returned": "return {t}",
    "text-returned": "return f'{{{t}.{f}}}'",
    "compared": "return 'low' if {t}.{f} < 10 else 'high'",
    "logged": "LOG.append(str({t}.{f}))",
    "called": "look({t})",
    "refreshed": "{t}.refresh_from_db()\nreturn {t}.{f}",
    "saved-again": "{t}.title = 'again'\n{t}.save()",
    "changed-again": "{t}.{f} -= 1\n{t}.save()",
    "other-returned": "return {t}.title",
    "read-anew": "return {M}.objects.get(pk={t}.pk).{f}",
    "alias-returned": "return kept.{f}",
    "alias-saved": "kept.title = 'alias'\nkept.save()",
    "holder-read": "return held.account.{f}",
    "list-read": "return [str(each.{f}) for each in rows]",
    "local-returned": "return seen",
    "credited": "credited = {M}.objects.get(pk=other)\ncredited.{f} += {e}\ncredited.save()",
}
AROUND = {
    "": "{body}",
    "atomic": "with transaction.atomic():\n{body}",
    "caught": (
        "try:\n{body}\nexcept Exception as error:\n    LOG.append(type(error).__name__)\n"
        "    return 'caught'"
    ),
    "caught-missing": "try:\n{body}\nexcept Account.DoesNotExist:\n    return 'gone'",
    "caught-and-read": (
        "row = None\ntry:\n{body}\nexcept Exception:\n    return str(row and row.n)"
    ),
    "finally": "try:\n{body}\nfinally:\n    LOG.append('done')",
    "again": "for _ in range(2):\n{body}",
}

NEEDS = {
    "before": {"skips-if-less": {load for load in LOADS if load.startswith("loop")}},
    "after": {
        "alias-returned": {"aliased", "two-of-one"},
        "alias-saved": {"aliased", "two-of-one"},
        "holder-read": {"hop", "hop-joined", "hop-local"},
        "list-read": {"loop-list", "loop-queryset"},
    },
}
OF_ACCOUNT = {"hop", "hop-joined", "hop-local", "parameter", "parameter-hop", "loop-entries"}
FIELDS = ("n", "amount", "ratio", "span", "maybe", "title", "own")
SLOTS = {
    "model": MODELS,
    "load": tuple(LOADS),
    "field": FIELDS,
    "delta": tuple(DELTAS),
    "change": tuple(CHANGES),
    "before": tuple(BEFORE),
    "between": tuple(BETWEEN),
    "branch": BRANCHES,
    "save": tuple(SAVES),
    "after": tuple(AFTER),
    "around": tuple(AROUND),
}


def shapes() -> st.SearchStrategy[Shape]:
    """Plain shapes with up to three words changed: with more, little is left that is SAFE."""
    slots = st.lists(st.sampled_from(sorted(SLOTS)), unique=True, min_size=1, max_size=3)
    words = slots.flatmap(
        lambda names: st.fixed_dictionaries({name: st.sampled_from(SLOTS[name]) for name in names})
    )
    return words.map(lambda chosen: mended(replace(Shape(), **chosen)))


def single_words(slot: str) -> list[Shape]:
    """The plain shape with each word of one slot."""
    return [mended(replace(Shape(), **{slot: word})) for word in SLOTS[slot]]


def mended(shape: Shape) -> Shape:
    """The nearest shape whose words go together."""
    if shape.load in OF_ACCOUNT:
        shape = replace(shape, model="Account")
    if shape.field == "own":
        shape = replace(shape, model="Child")
    if shape.field in ("amount", "ratio", "span", "maybe") and shape.model != "Child":
        shape = replace(shape, model="Account")
    if shape.field in ("amount", "ratio", "span") and shape.delta in ("d", "constant"):
        shape = replace(shape, delta=shape.field)
    for slot, needs in NEEDS.items():
        if shape.load not in needs.get(getattr(shape, slot), {shape.load}):
            shape = replace(shape, **{slot: ""})
    if shape.delta == "through-a-local":
        shape = replace(shape, before="step")
    if shape.after == "local-returned":
        shape = replace(shape, before="kept")
    return shape


def source(shape: Shape) -> str:
    """The module that holds the function `subject` of this shape."""
    return HEAD + indent(wrapped(shape), "    ") + "\n"


def wrapped(shape: Shape) -> str:
    around = AROUND[shape.around]
    inner = body(shape)
    return around.format(body=inner if around == "{body}" else indent(inner, "    "))


def body(shape: Shape) -> str:
    """The statements of the function, without what stands around them."""
    words = {
        "M": shape.model,
        "f": shape.field,
        "t": TARGET.get(shape.load, "row"),
    }
    words["e"] = DELTAS[shape.delta].format(**words)
    load = LOADS[shape.load].format(**words)
    steps = [
        BEFORE[shape.before].format(**words),
        branched(shape, CHANGES[shape.change].format(**words)),
        BETWEEN[shape.between].format(**words),
        SAVES[shape.save].format(**words),
    ]
    after = AFTER[shape.after].format(**words)
    work = "\n".join(step for step in steps if step)
    if shape.branch.startswith("if-enough"):
        work = f"if {words['t']}.{shape.field} >= {words['e']}:\n{indent(work, '    ')}"
        work += "\nelse:\n    LOG.append('too little')" if shape.branch.endswith("else") else ""
    if shape.load.startswith("loop"):
        inside, outside = (after, "") if shape.after in ("saved-again", "called") else ("", after)
        return "\n".join([load, indent("\n".join(filter(None, [work, inside])), "    "), outside])
    return "\n".join(step for step in (load, work, after) if step)


def branched(shape: Shape, change: str) -> str:
    if shape.branch in ("", "if-enough", "if-enough-else"):
        return change
    if shape.branch == "else":
        other = change.replace("-=", "+=") if "-=" in change else "pass"
        return f"if flag:\n{indent(other, '    ')}\nelse:\n{indent(change, '    ')}"
    return f"if flag:\n{indent(change, '    ')}"


assert {field.name for field in fields(Shape)} == set(SLOTS)
