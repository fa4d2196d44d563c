"""The harness itself: code before loses updates, and each careless rewrite is noticed."""

from __future__ import annotations

from collections.abc import Callable

import django
import pytest

from differential import naive
from differential.comparison import differences, loaded, lost_updates
from differential.ledger import many_data, some_data
from differential.vocabulary import Shape, source


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
