"""Each reason to leave code alone is needed: without it, the harness finds a difference."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
import pytest

from differential.comparison import differences, loaded, lost_updates, rewritten
from differential.forgetting import forget, replace_function
from differential.ledger import many_data
from differential.vocabulary import Shape, source
from djfix.codemods.inference import saving
from djfix.codemods.rules import f_expressions

NEEDED = [
    ("new-instance", Shape(load="new")),
    ("set-in-memory", Shape(change="set-first", after="other-returned")),
    ("operator", Shape(change="//=")),
    ("text-field delta-type", Shape(field="title", change="+=", delta="text")),
    ("delta-reads-field", Shape(delta="own-half")),
    ("changed-twice", Shape(change="twice", after="other-returned")),
    ("validated value-read-before-save", Shape(between="cleaned")),
    ("value-read-before-save", Shape(between="read")),
    ("save-arguments", Shape(save="unpacked")),
    ("not-always-saved", Shape(load="loop-queryset", save="if-flag", after="list-read")),
    ("property-setter unknown-store", Shape(between="property-set")),
    ("value-in-lookup", Shape(load="get-guarding")),
    ("value-read-before", Shape(before="raises-if-less", between="titled")),
    ("unsaved-state", Shape(load="parameter")),
    ("delta-type", Shape(delta="half")),
    ("nullable-field", Shape(field="maybe")),
    ("handed-over", Shape(before="renamed")),
    ("property-read", Shape(before="property-checked")),
    ("failed-save value-read-before-save", Shape(between="clashing", around="caught-and-read")),
    ("dynamic handed-over", Shape(before="set-by-name")),
    ("save-override save-reads-field", Shape(model="Derived")),
    ("receiver", Shape(model="Watched")),
    ("auto-now", Shape(model="Stamped")),
    ("inherited-table", Shape(model="Child", before="raises-if-less")),
    ("updated-besides", Shape(between="updated-besides")),
    ("updated-besides", Shape(between="written-besides")),
    ("updated-besides", Shape(between="written-by-a-helper")),
    ("deleted", Shape(between="deleted")),
    ("unknown-lookup", Shape(load="get-guarding-unseen")),
    ("column-read", Shape(before="checked-elsewhere")),
]
"""Reasons that stand for each other are taken out together."""

NOT_SHOWN = {
    "already-an-expression": "rewriting it again would give the same",
    "locked": "the code is right either way",
    "related-holder": "as handed-over, in code that is reached by the other end of a relation",
    "not-a-field": "there is nothing to write to",
    "not-numeric": "has no F form; as text-field",
    "key": "has no F form",
    "not-saved-here": "nothing is written",
    "read-again": "the code before loses its own change; it is not this mistake",
    "unknown-receiver": "there is no model to rewrite to",
    "unique-field": "a matter of what the number means",
    "state-field": "a matter of what the number means",
    "float-storage": "shows in the check of a later call",
    "custom-field": "below, with the care for columns that have a pre_save of their own",
    "model-override": "as save-override",
    "unknown-base": "as save-override, in source that is not there",
    "unknown-attribute": "as receiver, in source that is not there",
    "class-decorator": "as receiver, in source that is not there",
    "app-effect": "as receiver, in an app that is not installed here",
    "unknown-app": "as receiver, in an app that is not there",
    "settings-unknown": "as receiver, in an app that is not there",
    "database-router": "there is one database here",
    "custom-manager": "without it the update goes through the plain base manager, as save() does",
    "other-database": "there is one database here",
    "request-user": "there are no requests here",
    "fetched-elsewhere": "as unsaved-state",
    "conditional-amount": "has no F form",
    "two-column-guard": "another writer that adds commutes with it",
    "guard-type": "as delta-type",
    "unknown-code": "as updated-besides, in code that is not known",
    "patched-query": "a patch would hold for every other case of the process",
    "another-name": "what differs is a name in another module",
    "async": "the harness is synchronous",
    "async-guard": "the harness is synchronous",
    "lock-form": "the code after is right; it is a matter of taste",
    "missing-constraint": "it is told beside the fix, and changes nothing",
}


@pytest.mark.parametrize(("names", "shape"), NEEDED, ids=[names for names, _ in NEEDED])
def test_difference_is_found_without_the_reason(
    names: str, shape: Shape, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = source(shape)
    assert not shows(text, rewritten(text).text)
    forget(f_expressions, names.split(), monkeypatch)
    careless = rewritten(text).text
    assert careless != text
    assert shows(text, careless)


@pytest.mark.parametrize(
    ("function", "careless", "shape"),
    [
        pytest.param(
            "touched_fields", lambda model: frozenset(), Shape(model="Stamped"), id="auto_now"
        ),
        pytest.param(
            "touched_fields custom-field",
            lambda model: frozenset(),
            Shape(model="Versioned"),
            id="pre_save",
        ),
        pytest.param(
            "is_seen_elsewhere",
            lambda situation, fetch: False,
            Shape(after="other-returned"),
            id="looked_at_again",
        ),
    ],
)
def test_difference_is_found_without_the_care(
    function: str, careless: Callable[..., Any], shape: Shape, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = source(shape)
    assert not shows(text, rewritten(text).text)
    name, *reasons = function.split()
    replace_function(f_expressions, name, careless, monkeypatch)
    forget(f_expressions, reasons, monkeypatch)
    assert shows(text, rewritten(text).text)


@pytest.mark.skipif(django.VERSION >= (6, 0), reason="Django 6.0 reads the value back by itself")
@pytest.mark.parametrize(
    "shape",
    [
        pytest.param(Shape(after="returned"), id="returned"),
        pytest.param(Shape(after="object-returned"), id="object_returned"),
        pytest.param(Shape(after="saved-again"), id="saved_again"),
        pytest.param(Shape(load="hop", after="holder-read"), id="foreign_key_cache"),
        pytest.param(Shape(load="loop-queryset", after="list-read"), id="queryset_read_again"),
    ],
)
def test_difference_is_found_without_the_refresh(
    shape: Shape, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = source(shape)
    assert rewritten(text).outcomes == ("fixed",)
    assert not tells(text, rewritten(text).text)
    replace_function(f_expressions, "needs_refresh", lambda situation: False, monkeypatch)
    assert tells(text, rewritten(text).text)


def test_every_reason_is_shown_or_says_why_not() -> None:
    folders = [Path(each.__file__ or "").parent for each in (f_expressions, saving)]
    code = "\n".join(path.read_text() for folder in folders for path in folder.glob("*.py"))
    named = set(re.findall(r'Reason\(\s*"([a-z-]+)"', code)) | {"save-override", "model-override"}
    shown = {name for names, _ in NEEDED for name in names.split()}
    assert named == shown | set(NOT_SHOWN)
    assert not shown & set(NOT_SHOWN)


def shows(before: str, after: str) -> bool:
    """Whether anybody could tell the texts apart, or loses an update by the second."""
    return tells(before, after) or (before != after and loses(before, after))


def tells(before: str, after: str) -> bool:
    if before == after:
        return False
    old, new = loaded(before), loaded(after)
    return any(differences(old, new, run) for run in many_data())


def loses(before: str, after: str) -> bool:
    old, new = loaded(before), loaded(after)
    return any(lost_updates(old, new, run) for run in many_data())
