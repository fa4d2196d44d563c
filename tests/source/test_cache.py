"""The cache: plain data outside the tree, and never a reason to fail."""

from __future__ import annotations

import os
import random
import sqlite3
import stat
import string
import zlib
from pathlib import Path

import pytest

from djfix.codemods.source import cache as module
from djfix.codemods.source.cache import Cache, cache_path


def stored(path: Path, *entries: tuple[str, str, object], version: str = "") -> None:
    cache = Cache(path, version=version)
    for kind, key, value in entries:
        cache.put(kind, key, value)
    cache.save()
    cache.close()


def test_values_come_back_as_plain_data(tmp_path: Path) -> None:
    path = tmp_path / "djfix" / "a.sqlite"
    value = {"fields": ["a", 1, None, True], "é": {"n": 1.5}, "lone": "\ud800"}
    stored(path, ("facts", "k", value))
    assert Cache(path).get("facts", "k") == value
    assert Cache(path).get("facts", "other") is None
    assert Cache(path).get("findings", "k") is None


def test_value_is_there_before_it_is_saved(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "a.sqlite")
    cache.put("facts", "k", [1])
    assert cache.get("facts", "k") == [1]
    cache.close()
    assert Cache(tmp_path / "a.sqlite").get("facts", "k") is None


def test_changing_what_was_got_does_not_change_the_cache(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "a.sqlite")
    cache.put("facts", "k", [1])
    found = cache.get("facts", "k")
    assert found == [1]
    found.append(2)
    assert cache.get("facts", "k") == [1]


def test_cache_goes_on_after_it_was_saved(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "a.sqlite")
    cache.put("facts", "k", 1)
    cache.save()
    cache.put("facts", "l", 2)
    cache.save()
    assert (cache.get("facts", "k"), cache.get("facts", "l")) == (1, 2)


def test_value_that_is_no_plain_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        Cache(tmp_path / "a.sqlite").put("facts", "k", object())


def test_no_path_caches_nothing() -> None:
    cache = Cache(None)
    cache.put("facts", "k", 1)
    assert cache.get("facts", "k") is None
    cache.save()


def test_other_version_is_not_seen(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    stored(path, ("facts", "k", 1), version="1")
    assert Cache(path, version="2").get("facts", "k") is None
    assert Cache(path, version="1").get("facts", "k") == 1


@pytest.mark.parametrize("content", [b"", b"nonsense", b"SQLite format 3\0" + b"\0" * 600])
def test_damaged_file_is_empty_and_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.sqlite"
    path.write_bytes(content)
    assert Cache(path).get("facts", "k") is None
    stored(path, ("facts", "k", 1))
    assert Cache(path).get("facts", "k") == 1


def test_file_cut_in_the_middle_is_survived(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    stored(path, *(("facts", str(number), "x" * 500) for number in range(100)))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2] + b"\xff" * 512)
    cache = Cache(path)
    found = [cache.get("facts", str(number)) for number in range(100)]
    assert set(found) <= {None, "x" * 500}
    stored(path, ("facts", "new", 1))
    assert Cache(path).get("facts", "new") in (1, None)


def test_foreign_table_gives_way(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("create table entries (other text)")
    connection.close()
    stored(path, ("facts", "k", 1))
    assert Cache(path).get("facts", "k") == 1


NO_JSON = [zlib.compress(each.encode()) for each in ("", "{", "[" * 100_000)]


@pytest.mark.parametrize("value", [*NO_JSON, zlib.compress(b"\xff"), b"", b"1", "1", 7])
def test_value_that_is_no_json_is_none(tmp_path: Path, value: object) -> None:
    path = tmp_path / "a.sqlite"
    stored(path, ("facts", "k", 1))
    with sqlite3.connect(path) as connection:
        connection.execute("update entries set value = ?", (value,))
    connection.close()
    assert Cache(path).get("facts", "k") is None


def test_locked_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    stored(path, ("facts", "k", 1))
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("begin exclusive")
    try:
        cache = Cache(path)
        assert cache.get("facts", "k") is None
        cache.put("facts", "l", 2)
        cache.save()
    finally:
        holder.execute("rollback")
        holder.close()
    assert Cache(path).get("facts", "k") == 1
    assert Cache(path).get("facts", "l") is None


def test_two_runs_at_once_both_save(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    first, second = Cache(path), Cache(path)
    first.put("facts", "a", 1)
    second.put("facts", "b", 2)
    first.save()
    second.save()
    assert (Cache(path).get("facts", "a"), Cache(path).get("facts", "b")) == (1, 2)


def test_folder_that_cannot_be_made_is_survived(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = Cache(tmp_path / "file" / "a.sqlite")
    cache.put("facts", "k", 1)
    cache.save()
    assert cache.get("facts", "k") == 1


def test_folder_is_the_users_own(tmp_path: Path) -> None:
    stored(tmp_path / "made" / "a.sqlite", ("facts", "k", 1))
    assert stat.S_IMODE((tmp_path / "made").stat().st_mode) == 0o700


def test_longest_unused_entries_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST", 40_000)
    path = tmp_path / "a.sqlite"
    text = "".join(random.Random(1).choices(string.ascii_letters, k=1300))
    stored(path, *(("facts", f"old{number}", text) for number in range(20)))
    with sqlite3.connect(path) as connection:
        connection.execute("update entries set used = used - 1000000")
    connection.close()
    stored(path, *(("facts", f"new{number}", text) for number in range(15)))
    cache = Cache(path)
    assert all(cache.get("facts", f"new{number}") for number in range(15))
    assert sum(cache.get("facts", f"old{number}") is not None for number in range(20)) < 6


def test_use_keeps_an_entry_young(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    stored(path, ("facts", "k", 1))
    with sqlite3.connect(path) as connection:
        connection.execute("update entries set used = 0")
    connection.close()
    cache = Cache(path)
    assert cache.get("facts", "k") == 1
    cache.save()
    with sqlite3.connect(path) as connection:
        assert connection.execute("select used from entries").fetchone()[0] > 0
    connection.close()


def test_reading_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    stored(path, ("facts", "k", 1))
    before = path.stat().st_mtime_ns
    cache = Cache(path)
    cache.get("facts", "k")
    cache.save()
    assert path.stat().st_mtime_ns == before
    assert os.listdir(tmp_path) == ["a.sqlite"]


def test_each_root_has_its_own_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJFIX_CACHE_DIR", str(tmp_path / "cache"))
    one, other = cache_path(tmp_path / "one"), cache_path(tmp_path / "other")
    assert one is not None
    assert other is not None
    assert one != other
    assert one.parent == tmp_path / "cache"
    assert cache_path(tmp_path / "one" / ".." / "one") == one


def test_users_cache_directory_is_honoured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DJFIX_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    found = cache_path(tmp_path / "root")
    assert found is not None
    assert found.parent == tmp_path / "xdg" / "djfix"


def test_cache_never_lies_in_the_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJFIX_CACHE_DIR", str(tmp_path / "root" / ".cache"))
    assert cache_path(tmp_path / "root") is None
    link = tmp_path / "link"
    (tmp_path / "root").mkdir()
    link.symlink_to(tmp_path / "root")
    monkeypatch.setenv("DJFIX_CACHE_DIR", str(link / "cache"))
    assert cache_path(tmp_path / "root") is None
