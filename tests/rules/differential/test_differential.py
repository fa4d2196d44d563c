"""What the rule calls SAFE changes nothing that a user of the function could tell."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import django
import pytest
from hypothesis import HealthCheck, event, given, note, settings
from hypothesis import strategies as st

from differential import naive
from differential.comparison import Rewritten, data, differences, loaded, lost_updates, rewritten
from differential.ledger import Data, few_data, many_data, some_data
from differential.vocabulary import SLOTS, Shape, shapes, single_words, source

EXAMPLES = int(os.environ.get("DJFIX_EXAMPLES", "150"))
"""How many functions each test draws; a deep run sets it to thousands."""

thorough = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="DJFIX_EXAMPLES" not in os.environ,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("slot", sorted(SLOTS))
def test_each_word_alone_is_safe(slot: str) -> None:
    for shape in single_words(slot):
        text = source(shape)
        after = rewritten(text)
        if after.text != text:
            before_code, after_code = loaded(text), loaded(after.text)
            for run in few_data():
                assert differences(before_code, after_code, run) == [], shape
                assert lost(before_code, after_code, after, shape, run) == [], shape


@thorough
@given(shapes(), st.lists(data(), min_size=3, max_size=3))
def test_safe_rewrite_changes_nothing_that_shows(shape: Shape, runs: Sequence[Data]) -> None:
    text = source(shape)
    after = rewritten(text)
    note(after.text)
    event("changed" if after.text != text else "left alone")
    if after.text != text:
        before_code, after_code = loaded(text), loaded(after.text)
        for run in runs:
            assert differences(before_code, after_code, run) == []
        assert lost(before_code, after_code, after, shape, runs[0]) == []


@thorough
@given(shapes(), data())
def test_unsafe_rewrite_still_runs(shape: Shape, run: Data) -> None:
    text = source(shape)
    after = rewritten(text, unsafe=True)
    note(after.text)
    if after.text != text:
        told = differences(loaded(text), loaded(after.text), run)
        assert not [each for each in told if "NameError" in each or "UnboundLocal" in each]


@thorough
@given(shapes(), st.booleans())
def test_second_run_changes_nothing(shape: Shape, unsafe: bool) -> None:
    after = rewritten(source(shape), unsafe=unsafe)
    assert rewritten(after.text, unsafe=unsafe).text == after.text


def lost(
    before: Mapping[str, Any], after: Mapping[str, Any], made: Rewritten, shape: Shape, run: Data
) -> list[str]:
    """Updates that the rewritten code loses, where all of it was this rule's to mend.

    It is not where another save of all columns follows, where the changed column is saved also if
    it was not changed (the code before saved it as well), where a refresh threw the change away,
    and where something is left to fix.
    """
    saved_again = shape.after in {"saved-again", "changed-again", "alias-saved"}
    unchanged = shape.branch == "if flag:" and not run.arguments["flag"]
    unchanged = unchanged or shape.between == "refreshed"
    if saved_again or shape.save == "twice" or unchanged or rewritten(made.text).outcomes:
        return []
    return lost_updates(before, after, run)


# The vocabulary reaches each form, so that the tests above have something to say.


@pytest.mark.parametrize(
    ("shape", "form"),
    [
        pytest.param(Shape(), "update", id="fetched_only_to_be_changed"),
        pytest.param(Shape(load="get-or-404"), "update", id="or_404"),
        pytest.param(Shape(before="raises-if-less"), "update", id="guarded"),
        pytest.param(Shape(before="returns-if-less"), "update", id="guard_that_returns"),
        pytest.param(Shape(branch="if-enough"), "update", id="guarded_block"),
        pytest.param(Shape(branch="if-enough-else"), "update", id="guarded_block_with_else"),
        pytest.param(Shape(load="loop", before="skips-if-less"), "update", id="guarded_in_a_loop"),
        pytest.param(Shape(model="Stamped"), "f-save", id="auto_now"),
        pytest.param(Shape(after="returned", change="+="), "f-save", id="lives_on"),
        pytest.param(Shape(load="loop"), "f-save", id="in_a_loop"),
        pytest.param(Shape(load="hop"), "f-save", id="behind_a_foreign_key"),
        pytest.param(Shape(branch="if flag:"), "f-save", id="in_a_branch"),
    ],
)
def test_form_is_reached_without_unsafe(shape: Shape, form: str) -> None:
    after = rewritten(source(shape))
    assert (after.outcomes, after.forms) == (("fixed",), (form,))


# The harness itself: code before loses updates, and each careless rewrite is noticed.


def test_code_before_loses_updates() -> None:
    code = loaded(source(Shape()))
    assert lost_updates(code, code, some_data()) != []


def test_code_with_a_lock_is_told_from_no_difference() -> None:
    code = loaded(source(Shape(load="locked")))
    assert differences(code, code, some_data()) == []


OLD_DJANGO = django.VERSION < (6, 0)
"""Before 6.0 an attribute that was saved as an expression stays one."""

CARELESS = [
    pytest.param(Shape(delta="half"), naive.with_f_and_save, id="half_on_an_integer"),
    pytest.param(Shape(delta="unknown"), naive.with_f_and_save, id="text_on_an_integer"),
    pytest.param(Shape(field="amount", delta="ratio"), naive.with_f_and_save, id="float_decimal"),
    pytest.param(Shape(field="maybe"), naive.with_f_and_save, id="nullable"),
    pytest.param(Shape(field="title"), naive.with_f_and_save, id="string"),
    pytest.param(Shape(model="Stamped"), naive.with_f_and_save, id="auto_now"),
    pytest.param(Shape(model="Stamped"), naive.with_update, id="auto_now_and_update"),
    pytest.param(Shape(model="Versioned"), naive.with_f_and_save, id="field_with_pre_save"),
    pytest.param(Shape(model="Versioned"), naive.with_update, id="field_with_pre_save_and_update"),
    pytest.param(Shape(model="Watched"), naive.with_f_and_save, id="receivers"),
    pytest.param(Shape(model="Watched"), naive.with_update, id="receivers_and_update"),
    pytest.param(Shape(model="Derived"), naive.with_f_and_save, id="save_override"),
    pytest.param(Shape(model="Derived"), naive.with_update, id="save_override_and_update"),
    pytest.param(
        Shape(model="Hidden", load="get-everything"), naive.with_update, id="filtering_manager"
    ),
    pytest.param(Shape(), naive.with_bare_update, id="missing_row"),
    pytest.param(Shape(load="get-or-404"), naive.with_bare_update, id="missing_row_or_404"),
    pytest.param(Shape(load="new"), naive.with_f_and_plain_save, id="new_object"),
    pytest.param(Shape(load="missing-is-new"), naive.with_f_and_plain_save, id="maybe_new"),
    pytest.param(Shape(load="copy"), naive.with_f_and_plain_save, id="copy"),
    pytest.param(Shape(between="read"), naive.with_f_and_save, id="read_before_the_save"),
    pytest.param(Shape(between="checked"), naive.with_f_and_save, id="compared_before_the_save"),
    pytest.param(Shape(between="called"), naive.with_f_and_save, id="passed_on_before_the_save"),
    pytest.param(Shape(between="titled"), naive.with_f_and_save, id="another_field"),
    pytest.param(Shape(between="refreshed"), naive.with_f_and_save, id="refreshed_before"),
    pytest.param(Shape(change="twice"), naive.with_f_and_save, id="changed_twice"),
    pytest.param(Shape(change="set-first"), naive.with_f_and_save, id="stored_before"),
    pytest.param(Shape(change="two-fields"), naive.with_f_and_save, id="second_field"),
    pytest.param(Shape(load="two-of-one", after="alias-saved"), naive.with_update, id="stale"),
    pytest.param(Shape(load="get-guarding"), naive.with_f_and_save, id="lookup_is_the_guard"),
    pytest.param(Shape(before="raises-if-less"), naive.with_f_and_save, id="guard_without_where"),
    pytest.param(
        Shape(model="Child", before="raises-if-less"), naive.with_guarded_update, id="parent_table"
    ),
]
if OLD_DJANGO:
    CARELESS += [
        pytest.param(Shape(after="returned"), naive.with_f_and_save, id="returned"),
        pytest.param(Shape(after="object-returned"), naive.with_f_and_save, id="object_returned"),
        pytest.param(Shape(after="text-returned"), naive.with_f_and_save, id="formatted"),
        pytest.param(Shape(after="compared"), naive.with_f_and_save, id="compared"),
        pytest.param(Shape(after="saved-again"), naive.with_f_and_plain_save, id="saved_again"),
        pytest.param(Shape(load="parameter"), naive.with_f_and_save, id="outlives_as_parameter"),
        pytest.param(Shape(load="parameter-hop"), naive.with_f_and_save, id="foreign_key_cache"),
        pytest.param(
            Shape(load="hop", after="holder-read"), naive.with_f_and_save, id="cache_of_the_holder"
        ),
        pytest.param(
            Shape(load="loop-queryset", after="list-read"), naive.with_f_and_save, id="queryset"
        ),
        pytest.param(Shape(save="twice"), naive.with_f_and_save, id="saved_twice"),
    ]


@pytest.mark.parametrize(("shape", "rewrite"), CARELESS)
def test_careless_rewrite_is_noticed(shape: Shape, rewrite: Callable[[Shape], str]) -> None:
    before, after = source(shape), rewrite(shape)
    assert before != after
    old, new = loaded(before), loaded(after)
    assert any(differences(old, new, run) or lost_updates(old, new, run) for run in many_data())


@pytest.mark.parametrize(
    ("shape", "rewrite"),
    [
        pytest.param(Shape(), naive.with_f_and_save, id="f_and_save"),
        pytest.param(Shape(), naive.with_update, id="update"),
        pytest.param(Shape(before="raises-if-less"), naive.with_guarded_update, id="guarded"),
        pytest.param(Shape(model="Greeted"), naive.with_update, id="receiver_of_new_rows_only"),
        pytest.param(Shape(field="amount", delta="amount"), naive.with_update, id="decimal"),
        pytest.param(Shape(field="ratio", delta="ratio"), naive.with_update, id="float"),
        pytest.param(Shape(field="span", delta="span"), naive.with_update, id="duration"),
    ],
)
def test_right_rewrite_is_not_complained_of(shape: Shape, rewrite: Callable[[Shape], str]) -> None:
    old, new = loaded(source(shape)), loaded(rewrite(shape))
    for run in many_data():
        assert differences(old, new, run) == []
        assert lost_updates(old, new, run) == []
