"""One file: encodings, newlines, lines, places."""

from __future__ import annotations

import ast

import pytest

from djfix.codemods.findings import Span
from djfix.codemods.source.document import Document, Unreadable


def document(text: str | bytes) -> Document:
    return Document("shop/models.py", text if isinstance(text, bytes) else text.encode())


@pytest.mark.parametrize(
    ("data", "encoding", "text"),
    [
        pytest.param(b"x = 1\n", "utf-8", "x = 1\n", id="utf_8_by_default"),
        pytest.param(b"\xef\xbb\xbfx = 1\n", "utf-8", "x = 1\n", id="mark_is_no_text"),
        pytest.param(
            b"# -*- coding: latin-1 -*-\nx = '\xe9'\n",
            "iso-8859-1",
            "# -*- coding: latin-1 -*-\nx = 'é'\n",
            id="cookie_in_the_first_line",
        ),
        pytest.param(
            b"#!/usr/bin/env python\r# coding=cp1252\rx = '\x80'\r",
            "cp1252",
            "#!/usr/bin/env python\r# coding=cp1252\rx = '€'\r",
            id="cookie_in_the_second_line_after_a_lone_return",
        ),
        pytest.param(
            b"\xef\xbb\xbf# coding: utf-8\nx = '\xc3\xa9'\n",
            "utf-8",
            "# coding: utf-8\nx = 'é'\n",
            id="mark_and_cookie",
        ),
        pytest.param(b"", "utf-8", "", id="empty_file"),
    ],
)
def test_text_is_decoded_as_python_does(data: bytes, encoding: str, text: str) -> None:
    found = document(data)
    assert (found.encoding, found.text) == (encoding, text)
    assert found.encode(found.text) == data
    assert found.tree.body == [] or isinstance(found.tree.body[0], ast.Assign)


def test_third_line_holds_no_cookie() -> None:
    assert document("#\n#\n# coding: latin-1\n").encoding == "utf-8"


def test_edited_text_keeps_mark_and_encoding() -> None:
    assert document(b"\xef\xbb\xbfx = 1\n").encode("é = 1\n") == b"\xef\xbb\xbf\xc3\xa9 = 1\n"
    latin = document(b"# coding: latin-1\nx = '\xe9'\n")
    assert latin.encode("# coding: latin-1\nx = 'ü'\n") == b"# coding: latin-1\nx = '\xfc'\n"


def test_character_outside_the_encoding_is_refused() -> None:
    with pytest.raises(UnicodeEncodeError):
        document(b"# coding: latin-1\n").encode("x = '€'\n")


def test_encoding_that_does_not_round_trip_is_refused() -> None:
    # The optional direct character of UTF-7 is written differently again.
    data = b"# coding: utf-7\nx = '+AGE-'\n"
    found = document(data)
    assert found.text == "# coding: utf-7\nx = 'a'\n"
    with pytest.raises(UnicodeEncodeError):
        found.encode("x = 1\n")


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        pytest.param(b"x = 1\ny = '\xff'\n", 2, "invalid start byte", id="bytes_are_no_utf_8"),
        pytest.param(b"x = 1\r\n\r\n\xff", 3, "invalid start byte", id="counts_windows_lines_once"),
        pytest.param(b"# coding: nonesuch\n", 1, "nonesuch", id="unknown_codec"),
        pytest.param(b"# coding: hex\n61\n", 1, "text encoding", id="codec_is_not_for_text"),
        pytest.param(b"\xef\xbb\xbf# coding: latin-1\n", 1, "utf-8", id="cookie_against_the_mark"),
    ],
)
def test_undecodable_text_is_unreadable(data: bytes, line: int, words: str) -> None:
    with pytest.raises(Unreadable, match=words) as caught:
        _ = document(data).text
    assert (caught.value.path, caught.value.line) == ("shop/models.py", line)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("x = 1\ndef f(:\n", 2, id="syntax_error"),
        pytest.param("x = 1\n\x00\n", None, id="null_byte"),
        pytest.param("x = " + "(" * 5000 + ")" * 5000, None, id="nested_too_deeply"),
    ],
)
def test_unparsable_text_is_unreadable(text: str, line: int | None) -> None:
    with pytest.raises(Unreadable) as caught:
        _ = document(text).tree
    if line is not None:
        assert caught.value.line == line
    assert caught.value.message


@pytest.mark.filterwarnings("error")
def test_dubious_escape_says_nothing_aloud() -> None:
    assert document("x = '\\d'\n").segment(document("x = '\\d'\n").tree.body[0]) == "x = '\\d'"


@pytest.mark.parametrize(
    ("text", "newline"),
    [
        pytest.param("", "\n", id="no_line_end_at_all"),
        pytest.param("a\nb\n", "\n", id="line_feeds"),
        pytest.param("a\r\nb\r\n", "\r\n", id="windows"),
        pytest.param("a\rb\r", "\r", id="lone_returns"),
        pytest.param("a\r\nb\r\nc\n", "\r\n", id="mostly_windows"),
        pytest.param("a\nb\r\n", "\n", id="tie_goes_to_the_line_feed"),
    ],
)
def test_newline_is_the_commonest(text: str, newline: str) -> None:
    assert document(text).newline == newline


@pytest.mark.parametrize(
    ("text", "indentation"),
    [
        pytest.param("x = 1\n", "    ", id="no_block"),
        pytest.param("if x:\n  y\n", "  ", id="two_spaces"),
        pytest.param("class A:\n\tdef f(self):\n\t\treturn 1\n", "\t", id="tabs"),
        pytest.param("if x: y\nif x:\n   z\n", "   ", id="one_line_suites_say_nothing"),
        pytest.param("x = '''\n  text\n'''\nif x:\n    y\n", "    ", id="text_says_nothing"),
        pytest.param("if x:\n  y\nif x:\n    y\nif x:\n  y\n", "  ", id="the_commonest_wins"),
        pytest.param("def f(:\n  y\n", "    ", id="no_tree_no_guess"),
    ],
)
def test_indentation_is_what_blocks_add(text: str, indentation: str) -> None:
    assert document(text).indentation == indentation


def test_lines_are_cut_only_where_python_cuts_them() -> None:
    text = "a = '\u2028\x85\x1c'\n\x0cb = 1\r\nc = 2\rd = '\x0b'"
    found = document(text)
    assert found.lines == ("a = '\u2028\x85\x1c'\n", "\x0cb = 1\r\n", "c = 2\r", "d = '\x0b'")
    assert [statement.lineno for statement in found.tree.body] == [1, 2, 3, 4]
    assert found.line_text(2) == "\x0cb = 1"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_that_hold_a_text(end: str) -> None:
    text = end.join(["one two one", "", "three", "two", "one"])
    found = document(text)
    assert found.lines_holding(("one", "two")) == [1, 4, 5]
    assert found.lines_holding(("none", "thre")) == [3]
    assert document(text + end).lines_holding(("one",)) == [1, 5]


def test_spans_count_code_points() -> None:
    found = document("é = 'ü'; x = 1\n")
    second = found.tree.body[1]
    assert second.col_offset == 11
    assert found.span(second) == Span(1, 10, 1, 15)
    assert found.segment(second) == "x = 1"


def test_segment_spans_lines_and_newlines_of_any_kind() -> None:
    found = document("x = [\r\n 1,\r 2]\ny = 1\n")
    assert found.segment(found.tree.body[0]) == "x = [\r\n 1,\r 2]"


def test_segment_is_what_ast_says(sample_of_django: list[Document]) -> None:
    for found in sample_of_django[:12]:
        for node in found.tree.body:
            assert found.segment(node) == ast.get_source_segment(found.text, node)


def test_parents_lead_to_the_module() -> None:
    found = document("def f():\n    return x.y\n")
    node: ast.AST = found.tree.body[0].body[0].value.value  # type: ignore[attr-defined]
    kinds = []
    while node in found.parents:
        node = found.parents[node]
        kinds.append(type(node).__name__)
    assert kinds == ["Attribute", "Return", "FunctionDef", "Module"]
