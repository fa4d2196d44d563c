"""Islands: their edges, and that they give the text back."""

from __future__ import annotations

import pytest

from djfix.codemods.source.document import Document
from djfix.codemods.source.islands import (
    Island,
    island_at,
    islands,
    parse,
    parse_island,
    whole_file,
)


def document(text: str) -> Document:
    return Document("shop/models.py", text.encode())


def texts(text: str) -> list[str]:
    return [island.text for island in islands(document(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", [], id="empty_file"),
        pytest.param("# only\n\n", [], id="only_comments"),
        pytest.param("x = 1", ["x = 1"], id="no_newline_at_the_end"),
        pytest.param("x = 1; y = 2\nz = 3\n", ["x = 1; y = 2\n", "z = 3\n"], id="shared_line"),
        pytest.param(
            "x = '''a\nb'''; y = (1,\n2); z = 3\nw = 4\n",
            ["x = '''a\nb'''; y = (1,\n2); z = 3\n", "w = 4\n"],
            id="lines_shared_one_after_the_other",
        ),
        pytest.param("x = 1; \\\ny = 2\n", ["x = 1; \\\ny = 2\n"], id="joined_by_a_backslash"),
        pytest.param("x = 1 \\\n\ny = 2\n", ["x = 1 \\\n\n", "y = 2\n"], id="trailing_backslash"),
        pytest.param(
            "@a\n@b(\n 1)\ndef f(): pass\n", ["@a\n@b(\n 1)\ndef f(): pass\n"], id="decorators"
        ),
        pytest.param(
            "# above\n@a\nclass A: pass\n", ["@a\nclass A: pass\n"], id="comment_above_is_outside"
        ),
        pytest.param(
            "class A:\n    x = 1\n    # last\n\ny = 2\n",
            ["class A:\n    x = 1\n", "y = 2\n"],
            id="comment_after_the_last_statement_of_a_class_is_outside",
        ),
        pytest.param("a = 1\r\nb = 2\rc = 3\n", ["a = 1\r\n", "b = 2\r", "c = 3\n"], id="newlines"),
        pytest.param("a = '\u2028'\nb = 1\n", ["a = '\u2028'\n", "b = 1\n"], id="line_separator"),
        pytest.param("a = 1\n\x0c\nb = 2\n", ["a = 1\n", "b = 2\n"], id="form_feed_between"),
        pytest.param(
            "if x:\n\ty\nelse:\n\tz\n", ["if x:\n\ty\nelse:\n\tz\n"], id="else_belongs_to_its_if"
        ),
    ],
)
def test_islands_are_whole_statements(text: str, expected: list[str]) -> None:
    assert texts(text) == expected


def test_island_at_a_line_between_is_none() -> None:
    found = document("x = 1\n\n# note\ny = (1,\n2)\n")
    assert island_at(found, 5).first_line == 4
    for line in (2, 3, 6):
        with pytest.raises(LookupError):
            island_at(found, line)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("if x:\r\n\ty\r\n\tz = 1\r\n", id="windows_and_tabs"),
        pytest.param("if x:\n  y\n", id="two_spaces"),
        pytest.param("if x:\n    y = '''a\rb'''\n", id="return_inside_a_string"),
        pytest.param("x = 1  # C:\\\n", id="comment_that_ends_in_a_backslash"),
        pytest.param("def f():\n    x = 1\n\x0c\n    return x\n", id="form_feed_on_its_own_line"),
        pytest.param("x = 1\r", id="last_lone_return"),
        pytest.param("def f():\r    return 1\r", id="lone_returns_throughout"),
        pytest.param("x = '\u2028\x85'", id="separators_in_a_string"),
        pytest.param("if x: y ; z ;\n", id="semicolons"),
        pytest.param("if x:\n    y\n  # low\n    z\n", id="comment_out_of_line"),
        pytest.param("x\t=\t1\\\n + 2\n", id="odd_space"),
        pytest.param("class A:\n    def f(self): return 1\n\n    x: int = 2", id="no_last_newline"),
    ],
)
def test_island_parses_alone_under_the_style_of_the_file(text: str) -> None:
    found = document("a = 1\n\n" + text)
    island = islands(found)[1]
    parsed = parse_island(found, island)
    assert parsed is not None
    assert parsed.island == island
    assert parsed.module.code == island.text == text
    assert parsed.module.default_newline == found.newline
    assert parsed.module.default_indent == found.indentation


def test_style_comes_from_the_file_where_the_island_has_none() -> None:
    found = document("if x:\r\n\ty\r\nz = 1\r\n")
    module = parse(found, islands(found)[1])
    assert module is not None
    assert (module.default_newline, module.default_indent) == ("\r\n", "\t")


def test_style_of_the_island_is_pinned_where_it_differs_from_the_file() -> None:
    # LibCST writes nodes that agree with its guess as "the default", which then changes.
    found = document("if x:\n  y\nif x:\n  y\nif x:\n  y\nif z:\r\n\ty = '''\r'''\r\n")
    island = islands(found)[3]
    module = parse(found, island)
    assert module is not None
    assert module.code == island.text
    assert (module.default_newline, module.default_indent) == ("\n", "  ")


def test_form_feed_before_code_is_declined() -> None:
    # LibCST drops it, from the island and from the whole file alike.
    found = document("x = 1\n\x0cy = 2\n")
    assert parse(found, islands(found)[1]) is None
    assert parse(found, islands(found)[0]) is not None


def test_whole_file_is_taken_where_the_island_alone_does_not_parse() -> None:
    found = document("x = (1,\n2)\n")
    parsed = parse_island(found, Island(1, 1, "x = (1,\n"))
    assert parsed is not None
    assert parsed.island == whole_file(found)
    assert parsed.module.code == found.text


def test_islands_of_real_files_give_their_text_back(sample_of_django: list[Document]) -> None:
    count = 0
    for found in sample_of_django:
        position = 0
        for island in islands(found):
            start = sum(map(len, found.lines[: island.first_line - 1]))
            between = found.text[position:start]
            assert all(
                not line or line.startswith("#") for line in map(str.strip, between.split("\n"))
            )
            assert found.text[start : start + len(island.text)] == island.text
            position = start + len(island.text)
            count += 1
        assert not [
            line for line in found.text[position:].split("\n") if line.strip()[:1] not in ("", "#")
        ]
    assert count > 900


def test_islands_of_real_files_parse_alone(sample_of_django: list[Document]) -> None:
    for found in sample_of_django[:40]:
        for island in islands(found):
            parsed = parse_island(found, island)
            assert parsed is not None
            assert parsed.island == island
            assert parsed.module.code == island.text
