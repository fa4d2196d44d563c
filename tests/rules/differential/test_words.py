"""Each word of the vocabulary alone is safe, and each form of the rule is reached."""

from __future__ import annotations

import pytest

from differential.comparison import differences, loaded, lost_by_the_rewrite, rewritten
from differential.ledger import few_data
from differential.vocabulary import SLOTS, Shape, single_words, source


@pytest.mark.parametrize("slot", sorted(SLOTS))
def test_each_word_alone_is_safe(slot: str) -> None:
    for shape in single_words(slot):
        text = source(shape)
        after = rewritten(text)
        if after.text != text:
            before_code, after_code = loaded(text), loaded(after.text)
            for run in few_data():
                assert differences(before_code, after_code, run) == [], shape
                assert lost_by_the_rewrite(before_code, after_code, after, shape, run) == [], shape


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
