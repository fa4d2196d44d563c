"""`update-fields` on the same generated functions, alone and after `f-expressions`.

What it calls SAFE changes nothing that shows, keeps what another writer wrote to other columns,
and each reason to leave a save alone is needed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest
from hypothesis import event, given, note
from hypothesis import strategies as st

from differential.comparison import data, differences, loaded, rewritten
from differential.forgetting import forget, replace_function
from differential.ledger import COMMON, Data, Other, many_data, observe, raw, some_data
from differential.test_differential import thorough
from differential.vocabulary import HEAD, SLOTS, Shape, shapes, single_words, source
from djfix.codemods.inference import saving
from djfix.codemods.rules import update_fields
from djfix.codemods.rules.f_expressions import FExpressions
from djfix.codemods.rules.update_fields import UpdateFields

ALONE = (UpdateFields,)
BOTH = (FExpressions, UpdateFields)


@thorough
@given(shapes(), st.lists(data(), min_size=3, max_size=3))
def test_safe_rewrite_changes_nothing_that_shows(shape: Shape, runs: Sequence[Data]) -> None:
    text = source(shape)
    after = rewritten(text, rules=ALONE).text
    note(after)
    event("changed" if after != text else "left alone")
    if after != text:
        before_code, after_code = loaded(text), loaded(after)
        for run in runs:
            assert differences(before_code, after_code, run) == []


@thorough
@given(shapes(), st.lists(data(), min_size=2, max_size=2))
def test_after_f_expressions_it_changes_nothing_that_shows(
    shape: Shape, runs: Sequence[Data]
) -> None:
    text = rewritten(source(shape)).text
    after = rewritten(text, rules=BOTH).text
    note(after)
    if after != text:
        before_code, after_code = loaded(text), loaded(after)
        for run in runs:
            assert differences(before_code, after_code, run) == []


@thorough
@given(shapes(), st.sampled_from((ALONE, BOTH)), st.booleans())
def test_second_run_changes_nothing(shape: Shape, rules: Any, unsafe: bool) -> None:
    after = rewritten(source(shape), rules=rules, unsafe=unsafe).text
    note(after)
    assert rewritten(after, rules=rules, unsafe=unsafe).text == after


@pytest.mark.parametrize("slot", sorted(SLOTS))
@pytest.mark.parametrize("rules", [ALONE, BOTH], ids=["alone", "both"])
def test_each_word_alone_is_safe_and_settled(slot: str, rules: Any) -> None:
    for shape in single_words(slot):
        text = source(shape) if rules is ALONE else rewritten(source(shape)).text
        after = rewritten(text, rules=rules).text
        assert rewritten(after, rules=rules).text == after, shape
        if after != text:
            before_code, after_code = loaded(text), loaded(after)
            for run in many_data()[:4]:
                assert differences(before_code, after_code, run) == [], shape


def module(body: str, helper: str = "") -> str:
    """A module whose `subject` has this body."""
    head = HEAD.replace("def subject(", f"{helper}def subject(")
    return head + indent(body, "    ") + "\n"


GET = "row = Account.objects.get(pk=pk)\n"
ASSIGNED = f"{GET}row.title = slug\nrow.save()"


def test_another_writer_keeps_its_column() -> None:
    text = module(ASSIGNED)
    after = rewritten(text, rules=ALONE).text
    other = Other(lambda: add_to("m"), 1)
    before_rows = observe(loaded(text), some_data(), other).rows
    after_rows = observe(loaded(after), some_data(), other).rows
    alone = observe(loaded(text), some_data()).rows
    assert before_rows["ledger_account"][0] == alone["ledger_account"][0]
    assert after_rows["ledger_account"][0] != alone["ledger_account"][0]
    assert 1001 in after_rows["ledger_account"][0]


def add_to(column: str) -> None:
    for name in COMMON:
        raw().execute(f'UPDATE "ledger_{name.lower()}" SET {column} = {column} + 1000')


LOADED = "def loaded_row(pk):\n    row = Account.objects.get(pk=pk)\n    row.title = 'loaded'\n"

NEEDED = [
    (
        "new-instance unsaved-state",
        module("row = Account(slug='made', n=5)\nrow.title = slug\nrow.save()"),
    ),
    ("copied-instance", module(f"{GET}row.pk = None\nrow.slug = 'copy'\nrow.save()")),
    ("handed-over", module(f"{GET}rename(row)\nrow.m = d\nrow.save()")),
    (
        "dynamic handed-over",
        module(f"{GET}setattr(row, 'title', slug)\nrow.m = d\nrow.save()"),
    ),
    ("unsaved-state", module("account.title = slug\naccount.save()")),
    (
        "updated-besides",
        module(f"{GET}Account.objects.filter(pk=pk).update(n=1)\nrow.title = slug\nrow.save()"),
    ),
    (
        "deleted",
        module(f"{GET}Account.objects.filter(pk=pk).delete()\nrow.title = slug\nrow.save()"),
    ),
    ("property-read", module(f"{GET}LOG.append(row.noted)\nrow.m = d\nrow.save()")),
    (
        "related-holder updated-besides",
        module(
            f"from ledger.models import Link\n{GET}Link.objects.create(account=row)\n"
            "row.title = slug\nrow.save()"
        ),
    ),
    (
        "deferred-columns",
        module("row = Stamped.objects.only('title').get(pk=pk)\nrow.title = slug\nrow.save()"),
    ),
    (
        "nothing-assigned not-a-column",
        module("row = Stamped.objects.get(pk=pk)\nrow.save()"),
    ),
    ("not-a-column", module("row = Stamped.objects.get(pk=pk)\nrow.flag = 1\nrow.save()")),
    (
        "fetched-elsewhere",
        module("row = loaded_row(pk)\nrow.m = d\nrow.save()", f"{LOADED}    return row\n\n\n"),
    ),
    (
        "unknown-code",
        module(
            f"{GET}HOOKS[0]()\nrow.title = slug\nrow.save()",
            "def touch_all():\n    Account.objects.update(m=7)\n\n\nHOOKS = {0: touch_all}\n\n\n",
        ),
    ),
    (
        "updated-besides",
        module(
            f"{GET}LOG.append(f'{{Sign()}}')\nrow.title = slug\nrow.save()",
            "class Sign:\n    def __str__(self):\n        Account.objects.update(m=7)\n"
            "        return 'sign'\n\n\n",
        ),
    ),
    (
        "updated-besides",
        module(
            f"{GET}LOG.append(str(Sign().size))\nrow.title = slug\nrow.save()",
            "class Sign:\n    @property\n    def size(self):\n        Account.objects.update(m=7)\n"
            "        return 1\n\n\n",
        ),
    ),
    ("receiver", module("row = Watched.objects.get(pk=pk)\nrow.title = slug\nrow.save()")),
]
"""Reasons that stand for each other are taken out together."""

NOT_SHOWN = {
    "unknown-receiver": "there is no model to name columns of",
    "form-instance": "there are no forms here",
    "locked": "the code is right either way",
    "generic-key": "there are no such keys here",
    "property-setter": "below, with the setter that is not followed",
    "changed-by-itself": "it keeps f-expressions from another answer in a second run",
    "save-arguments": "there is no plan for them",
    "save-signature": "a TypeError at once",
    "get-or-create": "advice; the code after is right",
    "created-here": "the row is there, with what it was made with",
    "request-user": "as unsaved-state",
    "unknown-store": "what is stored there is no column",
    "custom-field": "below, with the columns that a save sets by itself",
    "save-override": "the columns that it assigns are named, but not those of other code it calls",
    "model-override": "as save-override",
    "unknown-base": "as save-override, in source that is not there",
    "unknown-attribute": "as receiver, in source that is not there",
    "class-decorator": "as receiver, in source that is not there",
    "app-effect": "as receiver, in an app that is not installed here",
    "unknown-app": "as receiver, in an app that is not there",
    "settings-unknown": "as receiver, in an app that is not there",
    "database-router": "there is one database here",
    "async": "the harness is synchronous",
}


@pytest.mark.parametrize(("names", "text"), NEEDED, ids=[names for names, _ in NEEDED])
def test_difference_is_found_without_the_reason(
    names: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not tells(text, rewritten(text, rules=ALONE).text)
    forget(update_fields, names.split(), monkeypatch)
    careless = rewritten(text, rules=ALONE).text
    assert careless != text
    assert tells(text, careless)


@pytest.mark.parametrize(
    ("function", "careless", "text"),
    [
        pytest.param(
            "touched_fields",
            lambda model: frozenset(),
            module("row = Stamped.objects.get(pk=pk)\nrow.title = slug\nrow.save()"),
            id="auto_now",
        ),
        pytest.param(
            "touched_fields custom-field",
            lambda model: frozenset(),
            module("row = Versioned.objects.get(pk=pk)\nrow.title = slug\nrow.save()"),
            id="pre_save",
        ),
        pytest.param(
            "stored_by_setter",
            lambda project, model, name: frozenset({"title"}),
            module(f"{GET}row.doubled = 30\nrow.save()"),
            id="setter",
        ),
        pytest.param(
            "effects",
            lambda occurrence, name: frozenset(),
            module(f"{GET}LOG.append(row.noted)\nrow.m = d\nrow.save()"),
            id="property",
        ),
    ],
)
def test_difference_is_found_without_the_care(
    function: str, careless: Callable[..., Any], text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not tells(text, rewritten(text, rules=ALONE).text)
    name, *reasons = function.split()
    replace_function(update_fields, name, careless, monkeypatch)
    forget(update_fields, reasons, monkeypatch)
    assert tells(text, rewritten(text, rules=ALONE).text)


def test_every_reason_is_shown_or_says_why_not() -> None:
    folders = [Path(each.__file__ or "").parent for each in (update_fields, saving)]
    code = "\n".join(path.read_text() for folder in folders for path in folder.glob("*.py"))
    named = set(re.findall(r'Reason\(\s*"([a-z-]+)"', code))
    named |= {"save-override", "model-override", "generic-key", "not-a-column"}
    shown = {name for names, _ in NEEDED for name in names.split()}
    assert named == shown | set(NOT_SHOWN)
    assert not shown & set(NOT_SHOWN)


def tells(before: str, after: str) -> bool:
    if before == after:
        return False
    old, new = loaded(before), loaded(after)
    return any(differences(old, new, run) for run in many_data())
