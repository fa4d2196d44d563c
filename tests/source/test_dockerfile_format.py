"""Dockerfiles: instructions, stages and places; compared with BuildKit's own parser."""

from __future__ import annotations

import pytest

from djfix.codemods.source.formats.arrays import array_of
from djfix.codemods.source.formats.dockerfile import Dockerfile, dockerfile_of
from djfix.codemods.source.formats.placed import Placed

CASES = {
    "plain": 'FROM a\nRUN pip install x\nCMD ["gunicorn", "a"]\n',
    "continued": "FROM a\nRUN pip install \\\n    x \\\n    && y\nUSER z\n",
    "comment_between": "FROM a\nRUN pip \\\n# why\n  # and\n  install x\nUSER z\n",
    "empty_line_between": "FROM a\nRUN pip \\\n\n  install x\nUSER z\n",
    "space_behind_the_backslash": "FROM a\nRUN pip \\  \n  install x\nUSER z\n",
    "heredoc": "FROM a\nRUN <<EOF\npip install x\nUSER y\nEOF\nUSER z\n",
    "heredoc_quoted": "FROM a\nRUN <<'EOF'\npip install $x\n\nEOF\nUSER z\n",
    "heredoc_tabs": "FROM a\nRUN <<-EOF\n\tpip install x\n\tEOF\nUSER z\n",
    "heredoc_of_copy": "FROM a\nCOPY <<EOF /x\nRUN y \\\nEOF\nUSER z\n",
    "two_heredocs": "FROM a\nCOPY <<one <<two /x/\n1\none\n2\ntwo\nUSER z\n",
    "two_instructions_with_heredocs": "FROM a\nRUN <<E\nx\nE\nRUN <<E\ny\nE\nUSER z\n",
    "heredoc_in_quotes": 'FROM a\nRUN echo "<<EOF"\nUSER z\n',
    "heredoc_with_flags": "FROM a\nRUN --network=none <<EOF\nx\nEOF\nUSER z\n",
    "escape_directive": "# escape=`\nFROM a\nRUN pip `\n  install x\nCOPY a\\ b\nUSER z\n",
    "syntax_then_escape": "# syntax=docker/dockerfile:1\n# escape=`\nFROM a\nRUN b `\n  c\n",
    "escape_too_late": "# hello\n# escape=`\nFROM a\nRUN b \\\n  c\n",
    "on_build": "FROM a\nONBUILD RUN pip install x\n",
    "arguments": 'ARG V=3.12\nFROM python:${V} AS base\nARG V\nENV A=b\\ c D="e f"\n',
    "flags": "FROM --platform=linux/amd64 a AS B\nCOPY --from=x --chown=a:b c d\n"
    "RUN --mount=type=cache,target=/c --mount=type=bind,source=a,target=b pip install x\n",
    "not_ascii": 'FROM a\nRUN echo é && pip install x\nCMD ["ü", "\\u00e9"]\n',
    "small_letters": "from a as b\nrun pip install x\ncmd x\n",
    "indented": "FROM a\n  RUN x\n\tRUN y\n",
    "no_last_newline": "FROM a\nRUN x \\\n  y",
    "continued_to_the_end": "FROM a\nRUN x \\\n",
    "windows_lines": "FROM a\r\nRUN x \\\r\n  # c\r\n  y\r\nUSER z\r\n",
    "health": 'FROM a\nHEALTHCHECK --interval=5s CMD curl x\nVOLUME ["/a"]\nEXPOSE 80\n',
}


def read(text: str) -> Dockerfile:
    found = dockerfile_of(text)
    assert found is not None
    return found


@pytest.mark.parametrize("text", CASES.values(), ids=CASES)
def test_instructions_are_those_of_buildkit(text: str) -> None:
    dockerfile = pytest.importorskip("dockerfile")
    wanted = dockerfile.parse_string(text)
    found = list(read(text).instructions)
    assert [(each.first, each.last) for each in found] == [
        (each.start_line, each.end_line) for each in wanted
    ]
    for mine, theirs in zip(found, wanted, strict=True):
        assert mine.name == (theirs.sub_cmd or theirs.cmd).upper()
        assert mine.flags == theirs.flags
        assert [each.text for each in mine.heredocs] == [each.content for each in theirs.heredocs]
        array = array_of(mine.body)
        if mine.name in ("CMD", "RUN", "VOLUME"):
            assert (array is not None) == theirs.json
            assert theirs.value == (array.values if array else (mine.text,))


@pytest.mark.parametrize("text", CASES.values(), ids=CASES)
def test_each_character_of_a_body_is_found_in_the_file(text: str) -> None:
    for each in read(text).instructions:
        for character, (start, end) in zip(each.body.text, each.body.places, strict=True):
            assert text[start:end] == character
        assert text[each.start : each.end].split()[0].upper() in (each.name, "ONBUILD")


def test_stages_have_images_and_names() -> None:
    found = read(CASES["arguments"])
    assert [(each.image, each.name) for each in found.stages] == [("python:${V}", "base")]
    assert [each.text for each in found.arguments] == ["V=3.12"]


@pytest.mark.parametrize(
    "text",
    ["", "# nothing\n", "RUN x\n", "FROM a\nRUNS x\n", "FROM a\nRUN <<EOF\nx\n", "hello there\n"],
    ids=["empty", "comment", "no_from", "unknown", "heredoc_without_an_end", "prose"],
)
def test_what_is_no_dockerfile(text: str) -> None:
    assert dockerfile_of(text) is None


@pytest.mark.parametrize("text", ["x", "['a']", '["a"', '["a",]', '["a" "b"]', '["a"] b', "[1]"])
def test_what_is_no_array_goes_to_a_shell(text: str) -> None:
    assert array_of(Placed.of(text)) is None


def test_words_of_an_array_with_escapes_keep_their_places() -> None:
    text = '[ "sh", "-c", "say \\"\\u00e9\\" now" ]'
    found = array_of(Placed.of(text))
    assert found is not None
    assert found.values == ("sh", "-c", 'say "é" now')
    content = found.words[2].content
    assert content is not None
    assert [text[start:end] for start, end in content.places[3:8]] == [
        " ",
        '\\"',
        "\\u00e9",
        '\\"',
        " ",
    ]
