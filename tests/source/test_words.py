"""The index of words: it may say too much, and never too little."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from djfix.codemods.project.links import has_word
from djfix.codemods.source import files as files_module
from djfix.codemods.source.files import Files
from djfix.codemods.source.listing import list_files
from djfix.codemods.source.words import _MOST_SPELLINGS, indexed, whole_words

BYTES = st.text(alphabet="ab_1\"'.( \u00e9\n", max_size=12).map(str.encode)


@given(BYTES, BYTES, BYTES)
def test_a_needle_that_is_there_is_never_denied(before: bytes, needle: bytes, after: bytes) -> None:
    found = indexed([b"", before + needle + after]).holding(needle)
    assert found is None or 1 in found


@given(BYTES, st.from_regex(rb"[a-z0-9_]{1,4}", fullmatch=True))
def test_a_whole_word_is_never_denied(data: bytes, word: bytes) -> None:
    assert indexed([data]).holding(word, word) == [0] or not has_word(data, word)


def test_names_the_files_that_hold_all_words_of_the_needle() -> None:
    index = indexed([b"one(two)", b"two(one)", b"xone(two)", b"(two)"])
    assert index.holding(b"one(two)") == [0, 1, 2]
    assert index.holding(b"one(two)", b"one") == [0, 1]
    assert index.holding(b"three") == []


def test_a_needle_may_begin_and_end_inside_words() -> None:
    index = indexed([b"pre_save_all", b"save", b"presave.x", b"delete"])
    assert index.holding(b"save") == [0, 1, 2]
    assert index.holding(b"e.") == [1, 2, 3]
    assert index.holding(b".s") == [1]


def test_a_part_of_very_many_words_says_nothing() -> None:
    index = indexed([b"word%d" % number for number in range(_MOST_SPELLINGS)])
    assert index.holding(b"word") is None
    assert index.holding(b"word", b"word7") == [7]


def test_more_files_than_two_bytes_can_number() -> None:
    index = indexed(b"odd" if number % 2 else b"even" for number in range(65_538))
    odd = index.holding(b"odd")
    assert odd is not None
    assert (len(odd), odd[-1]) == (32_769, 65_537)


def test_without_a_word_any_file_may_hold_it() -> None:
    assert indexed([b"one"]).holding(b" = ") is None


def test_only_words_with_both_ends_in_the_needle_are_whole() -> None:
    assert whole_words(b'"lines"') == [b"lines"]
    assert whole_words(b"lines") == []
    assert whole_words(b"lines(1)") == [b"1"]
    assert whole_words(b"(1lines)") == [b"1lines"]
    assert whole_words(b"a.b.c") == [b"b"]


def test_answers_are_the_same_before_and_after_indexing(tmp_path) -> None:
    for number in range(12):
        (tmp_path / f"m{number}.py").write_text(f"def f{number}():\n    return 'w{number}'\n")
    one, many = (Files(tmp_path, list_files(tmp_path)) for _ in range(2))
    for number in range(files_module.ASKED_BEFORE_INDEXING + 1):
        many.containing(f"nothing{number}".encode(), word=b"nothing")
    for number in range(12):
        for needle in (f"'w{number}'", f"f{number}(", "return", "'w"):
            assert many.containing(needle.encode()) == one.containing(needle.encode())
        word = f"f{number}".encode()
        assert many.containing(word, word=word) == (f"m{number}.py",)
