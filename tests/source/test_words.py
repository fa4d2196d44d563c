"""Signatures of files: they may say too much, and never too little."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from djfix.codemods.project.links import has_word
from djfix.codemods.source import files as files_module
from djfix.codemods.source.files import Files
from djfix.codemods.source.listing import list_files
from djfix.codemods.source.words import may_hold, places, signature, whole_words

BYTES = st.text(alphabet="ab_1\"'.( \u00e9\n", max_size=12).map(str.encode)


@given(BYTES, BYTES, BYTES)
def test_a_needle_that_is_there_is_never_denied(before: bytes, needle: bytes, after: bytes) -> None:
    signed = signature(before + needle + after)
    assert may_hold(signed, places(whole_words(needle)))


@given(BYTES, st.from_regex(rb"[a-z_][a-z_0-9]{0,4}", fullmatch=True))
def test_a_whole_word_is_never_denied(data: bytes, word: bytes) -> None:
    assert may_hold(signature(data), places([word])) or not has_word(data, word)


def test_a_word_that_is_not_there_is_denied() -> None:
    assert not may_hold(signature(b"one(two)"), places([b"three"]))


def test_only_words_with_both_ends_in_the_needle_count() -> None:
    assert whole_words(b'"lines"') == [b"lines"]
    assert whole_words(b"lines") == []
    assert whole_words(b"lines(") == []
    assert whole_words(b"(1lines)") == []


def test_answers_are_the_same_before_and_after_signing(tmp_path) -> None:
    for number in range(12):
        (tmp_path / f"m{number}.py").write_text(f"def f{number}():\n    return 'w{number}'\n")
    one, many = (Files(tmp_path, list_files(tmp_path)) for _ in range(2))
    for number in range(files_module.ASKED_BEFORE_SIGNING + 1):
        many.containing(f"nothing{number}".encode(), word=b"nothing")
    for number in range(12):
        for needle in (f"'w{number}'", f"f{number}(", "return", "'w"):
            assert many.containing(needle.encode()) == one.containing(needle.encode())
        word = f"f{number}".encode()
        assert many.containing(word, word=word) == (f"m{number}.py",)
