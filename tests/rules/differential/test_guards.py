"""Each reason to leave code alone is needed: without it, the harness finds a difference."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import django
import pytest

from differential.comparison import differences, loaded, lost_updates, rewritten
from differential.ledger import many_data
from differential.vocabulary import Shape, source
from djfix.codemods.findings import Reason
from djfix.codemods.rules.f_expressions import forms, guards

NEEDED = [
    ("new-instance", Shape(load="new")),
    ("set-in-memory", Shape(change="set-first")),
    ("operator", Shape(change="//=")),
    ("text-field", Shape(field="title", change="+=", delta="text")),
    ("delta-reads-field", Shape(delta="own-half")),
    ("changed-twice", Shape(change="twice")),
    ("validated", Shape(between="cleaned")),
    ("value-read-before-save", Shape(between="read")),
    ("save-arguments", Shape(save="unpacked")),
    ("property-setter", Shape(between="property-set")),
    ("value-in-lookup", Shape(load="get-guarding")),
    ("value-read-before", Shape(before="raises-if-less", between="titled")),
    ("unsaved-state", Shape(load="parameter")),
    ("delta-type", Shape(delta="half")),
    ("nullable-field", Shape(field="maybe")),
    ("handed-over", Shape(before="renamed")),
    ("property-read", Shape(before="property-checked")),
    ("failed-save", Shape(between="clashing", around="caught-and-read")),
    ("dynamic", Shape(before="set-by-name")),
    ("save-override", Shape(model="Derived")),
    ("receiver", Shape(model="Watched")),
    ("auto-now", Shape(model="Stamped")),
    ("inherited-table", Shape(model="Child", before="raises-if-less")),
    ("custom-manager", Shape(model="Hidden", load="get-everything", before="raises-if-less")),
]

NOT_SHOWN = {
    "already-an-expression": "rewriting it again would give the same",
    "locked": "the code is right either way",
    "not-a-field": "there is nothing to write to",
    "not-numeric": "has no F form; as text-field",
    "key": "has no F form",
    "not-saved-here": "nothing is written",
    "unknown-receiver": "there is no model to rewrite to",
    "unique-field": "a matter of what the number means",
    "custom-field": "the plan lists the columns of fields that have a pre_save of their own",
    "model-override": "as save-override",
    "unknown-base": "as save-override, in source that is not there",
    "unknown-attribute": "as receiver, in source that is not there",
    "class-decorator": "as receiver, in source that is not there",
    "app-effect": "as receiver, in an app that is not installed here",
    "unknown-app": "as receiver, in an app that is not there",
    "settings-unknown": "as receiver, in an app that is not there",
    "database-router": "there is one database here",
    "request-user": "there are no requests here",
    "fetched-elsewhere": "as unsaved-state",
    "conditional-amount": "has no F form",
    "two-column-guard": "has no guarded form",
    "guard-type": "as delta-type",
    "unknown-store": "as property-setter",
    "async": "the harness is synchronous",
    "async-guard": "the harness is synchronous",
    "lock-form": "the code after is right; it is a matter of taste",
}


@pytest.mark.parametrize(("name", "shape"), NEEDED, ids=[name for name, _ in NEEDED])
def test_difference_is_found_without_the_reason(
    name: str, shape: Shape, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = source(shape)
    assert not shows(text, rewritten(text).text)
    forget(name, monkeypatch)
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
            "touched_fields", lambda model: frozenset(), Shape(model="Versioned"), id="pre_save"
        ),
        pytest.param(
            "_only_changed",
            lambda situation, fetch: True,
            Shape(between="titled", after="other-returned"),
            id="looked_at_again",
        ),
        pytest.param(
            "_compares_object",
            lambda situation, guard: False,
            Shape(before="two-columns"),
            id="two_column_guard",
        ),
    ],
)
def test_difference_is_found_without_the_care(
    function: str, careless: Callable[..., Any], shape: Shape, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = source(shape)
    assert not shows(text, rewritten(text).text)
    monkeypatch.setattr(forms, function, careless)
    assert shows(text, rewritten(text).text)


@pytest.mark.skipif(django.VERSION >= (6, 0), reason="Django 6.0 reads the value back by itself")
@pytest.mark.parametrize(
    "shape",
    [
        pytest.param(Shape(after="returned"), id="returned"),
        pytest.param(Shape(after="object-returned"), id="object_returned"),
        pytest.param(Shape(after="saved-again"), id="saved_again"),
        pytest.param(Shape(load="hop", after="holder-read"), id="foreign_key_cache"),
        pytest.param(Shape(load="loop-list", after="list-read"), id="list_read_again"),
    ],
)
def test_difference_is_found_without_the_refresh(
    shape: Shape, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = source(shape)
    assert rewritten(text).outcomes == ("fixed",)
    assert not shows(text, rewritten(text).text)
    monkeypatch.setattr(forms, "_needs_refresh", lambda situation: False)
    assert shows(text, rewritten(text).text)


def test_every_reason_is_shown_or_says_why_not() -> None:
    folder = Path(guards.__file__).parent
    code = "\n".join(path.read_text() for path in folder.glob("*.py"))
    named = set(re.findall(r'Reason\(\s*"([a-z-]+)"', code)) | {"save-override", "model-override"}
    assert named == {name for name, _ in NEEDED} | set(NOT_SHOWN)


def shows(before: str, after: str) -> bool:
    """Whether anybody could tell the texts apart."""
    if before == after:
        return False
    old, new = loaded(before), loaded(after)
    return any(differences(old, new, run) or lost_updates(old, new, run) for run in many_data())


def forget(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes one reason out of the rule, wherever it is given."""
    for table in ("DECLINES", "REPORTS", "REVIEWS"):
        kept = tuple(dropping(guard, name) for guard in getattr(guards, table))
        monkeypatch.setattr(guards, table, kept)
    monkeypatch.setattr(guards, "is_read_before", dropping(guards.is_read_before, name))
    for function in ("update_obstacles", "save_reasons"):
        monkeypatch.setattr(forms, function, dropping(getattr(forms, function), name))


def dropping(guard: Callable[..., Iterator[Reason]], name: str) -> Callable[..., Iterator[Reason]]:
    def mutated(*situation: Any) -> Iterator[Reason]:
        return (reason for reason in guard(*situation) if reason.name != name)

    return mutated
