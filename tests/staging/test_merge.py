"""Laying djfix's lines on the user's: what git's own merge gives, or a refusal."""

from __future__ import annotations

import contextlib
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from djfix.codemods.staging.merge import Touching, lay, refuse_near

LINES = [b"line %d\n" % number for number in range(12)]
BASE = b"".join(LINES)


def edited(edits: dict[int, bytes | None]) -> bytes:
    """The base with lines replaced by their number, or (None) removed."""
    lines = (edits.get(number, line) for number, line in enumerate(LINES))
    return b"".join(line for line in lines if line is not None)


def edits(name: str) -> st.SearchStrategy[bytes]:
    """Texts that differ from the base in some lines, marked with a name."""
    text = st.sampled_from([None, b"%s\n" % name.encode(), b"%s\nmore\n" % name.encode()])
    return st.dictionaries(st.integers(0, 11), text, max_size=3).map(edited)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(ours=edits("ours"), theirs=edits("theirs"))
def test_where_it_lays_git_merges_alike(ours: bytes, theirs: bytes, tmp_path: Path) -> None:
    for name, data in (("ours", ours), ("base", BASE), ("theirs", theirs)):
        (tmp_path / name).write_bytes(data)
    merged = subprocess.run(
        ["git", "merge-file", "-p", "ours", "base", "theirs"], cwd=tmp_path, capture_output=True
    )
    laid: bytes | None = None
    with contextlib.suppress(Touching):
        laid = lay(BASE, ours, theirs)
    if laid is not None:
        assert (merged.returncode, merged.stdout) == (0, laid)


def test_lines_apart_are_laid() -> None:
    ours, theirs = edited({6: b"ours\n"}), edited({0: None, 4: b"a\nb\n", 11: b"end"})
    assert lay(BASE, ours, theirs) == edited({0: None, 4: b"a\nb\n", 6: b"ours\n", 11: b"end"})


def test_nothing_on_either_side() -> None:
    assert lay(BASE, BASE, BASE) == BASE
    assert lay(BASE, BASE, edited({3: None})) == edited({3: None})
    assert lay(BASE, edited({3: None}), BASE) == edited({3: None})
    assert lay(b"", b"a\n", b"") == b"a\n"


@pytest.mark.parametrize("number", [5, 6, 7])
@pytest.mark.parametrize("text", [b"theirs\n", None])
def test_refuses_the_same_line_and_its_neighbours(number: int, text: bytes | None) -> None:
    with pytest.raises(Touching) as caught:
        lay(BASE, edited({6: b"ours\n"}), edited({number: text}))
    assert caught.value.line == 7


def test_refuses_even_the_same_change_on_both_sides() -> None:
    with pytest.raises(Touching):
        lay(BASE, edited({6: b"same\n"}), edited({6: b"same\n"}))


def test_refuses_lines_that_touch_what_came_before() -> None:
    current, earlier = edited({6: b"theirs\n"}), BASE
    refuse_near(current, edited({6: b"theirs\n", 8: b"ours\n"}), earlier)
    with pytest.raises(Touching):
        refuse_near(current, edited({6: b"theirs\n", 7: b"ours\n"}), earlier)
