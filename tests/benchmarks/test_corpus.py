"""The corpus' own parts that could do harm or lie: unpacking, comparing, reading edits."""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest


def tar_of(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as opened:
        for info, data in members:
            info.size = len(data)
            opened.addfile(info, io.BytesIO(data))
    return path


def test_unpacks_regular_files_without_the_top_folder(tmp_path: Path) -> None:
    from benchmarks.corpus.unpack import unpack

    archive = tar_of(
        tmp_path / "a.tar.gz", (tarfile.TarInfo("shop-1.0/shop/models.py"), b"x = 1\n")
    )
    unpack(archive, tmp_path / "shop")
    assert (tmp_path / "shop/shop/models.py").read_bytes() == b"x = 1\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tar.gz", "shop"]


@pytest.mark.parametrize(
    "name",
    [
        "top/../../escaped.py",
        "top//etc/escaped.py",
        "top/a/../../../escaped.py",
        "top/.git/hooks/x",
    ],
)
def test_refuses_a_member_that_would_land_outside_or_steer_git(tmp_path: Path, name: str) -> None:
    from benchmarks.corpus.unpack import UnsafeArchiveError, unpack

    inner = tmp_path / "inner"
    inner.mkdir()
    archive = tar_of(inner / "a.tar.gz", (tarfile.TarInfo(name), b"harm"))
    with pytest.raises(UnsafeArchiveError):
        unpack(archive, inner / "folder")
    assert [path.name for path in inner.iterdir()] == ["a.tar.gz"]
    assert [path.name for path in tmp_path.iterdir()] == ["inner"]


def test_drops_links_from_a_source_archive(tmp_path: Path) -> None:
    from benchmarks.corpus.unpack import unpack

    link = tarfile.TarInfo("top/link.py")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    archive = tar_of(tmp_path / "a.tar.gz", (link, b""), (tarfile.TarInfo("top/a.py"), b""))
    unpack(archive, tmp_path / "folder")
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["a.py"]


def test_drops_links_from_a_wheel(tmp_path: Path) -> None:
    from benchmarks.corpus.unpack import unpack

    link = zipfile.ZipInfo("link.py")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.whl", "w") as opened:
        opened.writestr(link, "/etc/passwd")
        opened.writestr("pkg/a.py", "x = 1\n")
    unpack(tmp_path / "a.whl", tmp_path / "folder")
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["pkg"]


def test_refuses_a_wheel_member_outside(tmp_path: Path) -> None:
    from benchmarks.corpus.unpack import UnsafeArchiveError, unpack

    with zipfile.ZipFile(tmp_path / "a.whl", "w") as opened:
        opened.writestr("../escaped.py", "harm")
    with pytest.raises(UnsafeArchiveError):
        unpack(tmp_path / "a.whl", tmp_path / "folder")


def test_edits_count_lines_as_python_does() -> None:
    from benchmarks.corpus.record import edited

    text = "a = '\u2028'\r\nb = 1\rc = '\x0c'; d = 2\n"
    edits = [
        {"line": 3, "column": 10, "end_line": 3, "end_column": 15, "replacement": "d = 3"},
        {"line": 2, "column": 5, "end_line": 2, "end_column": 6, "replacement": "9"},
    ]
    assert edited(text, edits) == "a = '\u2028'\r\nb = 9\rc = '\x0c'; d = 3\n"


def heading(outcome: str, fingerprint: str = "f1") -> str:
    return f"# Findings\n\n### shop shop/a b.py:3 {outcome} f-expressions {fingerprint}\n\nbody\n"


def test_compare_names_what_came_went_and_changed() -> None:
    from benchmarks.corpus.record import compared

    assert compared(heading("fixable"), heading("fixable")) == "The findings are the same."
    assert compared(heading("fixable"), heading("reported")).splitlines() == [
        "changed: shop shop/a b.py:3 fixable f-expressions f1",
        "     to: shop shop/a b.py:3 reported f-expressions f1",
    ]
    assert compared(heading("fixable"), heading("fixable", "f2")).splitlines() == [
        "new:     shop shop/a b.py:3 fixable f-expressions f2",
        "gone:    shop shop/a b.py:3 fixable f-expressions f1",
    ]


def test_compare_sees_a_changed_diff_of_the_same_finding() -> None:
    from benchmarks.corpus.record import compared

    changed = heading("fixable").replace("body", "other body")
    assert compared(heading("fixable"), changed).splitlines() == [
        "changed: shop shop/a b.py:3 fixable f-expressions f1",
        "     to: other reasons, evidence or edits",
    ]


def test_the_peak_of_a_command_is_its_own(tmp_path: Path) -> None:
    import sys

    from benchmarks.measuring import measure

    ballast = bytearray(200_000_000)
    small = measure([sys.executable, "-I", "-S", "-c", "print(1)"], folder=tmp_path)
    assert small.stdout == b"1\n"
    assert small.returncode == 0
    assert small.peak < len(ballast) / 2


def test_a_command_that_a_signal_ends_has_a_negative_code(tmp_path: Path) -> None:
    import sys

    from benchmarks.measuring import measure

    killed = [sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"]
    assert measure(killed, folder=tmp_path).returncode == -9
