"""Reading files: on demand, within bounds, with contents that stand for the disk's."""

from __future__ import annotations

from pathlib import Path

import pytest

from djfix.codemods.source import files as module
from djfix.codemods.source.bounded import Bounded
from djfix.codemods.source.files import Files, digest, list_files


@pytest.fixture
def project(tmp_path: Path) -> Files:
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.py").write_text(f"{name} = save\n")
    (tmp_path / "pyproject.toml").write_text("save = 1\n")
    return Files(tmp_path, list_files(tmp_path))


def test_files_in_memory_need_no_disk() -> None:
    files = Files.of({"shop/models.py": "x = 1\n", "shop/raw.py": b"\xff"})
    assert files.paths == ("shop/models.py", "shop/raw.py")
    assert files.read("shop/raw.py") == b"\xff"
    assert files.document("shop/models.py").text == "x = 1\n"
    assert files.containing(b"x =") == ("shop/models.py",)
    assert not files.exists("shop/views.py")
    with pytest.raises(FileNotFoundError):
        files.read("shop/views.py")


def test_containing_looks_at_python_only(project: Files) -> None:
    assert project.containing(b"save") == ("a.py", "b.py", "c.py")
    assert project.containing(b"b = ") == ("b.py",)
    assert project.containing(b"nothing") == ()


def test_containing_one_of_several(project: Files) -> None:
    assert project.containing(b"b = ", b"nothing", b"c = ") == ("b.py", "c.py")
    assert project.containing(b"save", among={"c.py", "a.py"}) == ("a.py", "c.py")
    assert project.containing(b"save") == ("a.py", "b.py", "c.py")
    view = project.replaced({"b.py": b"d = 1\n", "new.py": b"b = save\n"})
    assert view.containing(b"b = ", b"d = ") == ("b.py", "new.py")
    assert view.containing(b"b = ", b"d = ", among={"new.py"}) == ("new.py",)


def test_widespread_is_what_more_files_hold(project: Files) -> None:
    assert [project.is_widespread(b"save", b"save", most) for most in (1, 2, 3)] == [
        True,
        True,
        False,
    ]
    assert not project.is_widespread(b"b = ", b"b", 1)


def test_widespread_counts_what_stands_for_files(project: Files) -> None:
    fewer = project.replaced({"a.py": b"", "b.py": None})
    assert [fewer.is_widespread(b"save", b"save", most) for most in (0, 1)] == [True, False]
    more = project.replaced({"d.py": b"save", "e.txt": b"save"})
    assert [more.is_widespread(b"save", b"save", most) for most in (3, 4)] == [True, False]


def test_reading_once_keeps_what_is_held(project: Files) -> None:
    (project.root / "a.py").write_text("a = 1\n")
    assert project.read_once("a.py") == b"a = 1\n"
    (project.root / "a.py").write_text("a = 2\n")
    assert project.read_once("a.py") == b"a = 2\n"
    assert project.read("a.py") == b"a = 2\n"
    (project.root / "a.py").write_text("a = 3\n")
    assert project.read_once("a.py") == b"a = 2\n"
    assert project.replaced({"a.py": b"new"}).read_once("a.py") == b"new"


def test_containing_remembers_each_question_as_it_was_asked(project: Files) -> None:
    needles = (b"a = ", b"c = ")
    assert project.containing(*needles, among={"a.py", "b.py"}) == ("a.py",)
    assert project.containing(*needles, among={"b.py", "c.py"}) == ("c.py",)
    assert project.containing(*needles, among={"a.py", "b.py"}) == ("a.py",)
    assert project.containing(*needles) == ("a.py", "c.py")
    assert project.containing(*needles, among={"c.py"}) == ("c.py",)


def test_a_needle_inside_another_one_stands_for_both(project: Files) -> None:
    assert project.containing(b"b = save", b"b =", b"= nothing") == ("b.py",)
    assert project.containing(b"a = save", b"save") == ("a.py", "b.py", "c.py")
    assert project.containing(b"b = save", b"b = saved") == ("b.py",)


def test_overlay_stands_for_the_disk(project: Files) -> None:
    view = project.replaced({"b.py": b"b = 1\n", "new.py": b"save\n"})
    assert view.paths == ("a.py", "b.py", "c.py", "new.py", "pyproject.toml")
    assert view.read("b.py") == b"b = 1\n"
    assert view.containing(b"save") == ("a.py", "c.py", "new.py")
    assert view.exists("new.py")


def test_view_it_was_made_from_stays_as_it_is(project: Files) -> None:
    before = project.document("b.py")
    view = project.replaced({"b.py": b"b = 1\n"}).replaced({"c.py": b"c = 2\n"})
    assert view.read("b.py") == b"b = 1\n"
    assert view.document("b.py").text == "b = 1\n"
    assert project.document("b.py") is before
    assert project.containing(b"save") == ("a.py", "b.py", "c.py")


def test_unchanged_documents_are_shared_between_views(project: Files) -> None:
    document = project.document("a.py")
    assert project.replaced({"b.py": b""}).document("a.py") is document


def test_file_that_has_gone_since_it_was_listed(project: Files) -> None:
    (project.root / "b.py").unlink()
    assert project.containing(b"save") == ("a.py", "c.py")
    with pytest.raises(FileNotFoundError):
        project.read("b.py")


@pytest.mark.parametrize("path", ["../secret.py", "/etc/hostname", "a/../../b", ""])
def test_nothing_outside_the_root_is_read(project: Files, path: str) -> None:
    (project.root.parent / "secret.py").write_text("x = 1\n")
    assert not project.exists(path)
    with pytest.raises(FileNotFoundError):
        project.read(path)


def test_unlisted_file_inside_the_root_can_be_read(project: Files) -> None:
    (project.root / "page.html").write_text("hello")
    assert project.exists("page.html")
    assert project.read("page.html") == b"hello"


def test_what_was_asked_beside_the_listing_is_noted(project: Files) -> None:
    (project.root / "page.html").write_text("hello")
    (project.root / "other.html").touch()
    assert project.exists("page.html")
    assert project.exists("other.html")
    assert not project.exists("none.html")
    assert project.exists("a.py")
    assert project.read("page.html") == b"hello"
    assert project.exists("page.html")
    with pytest.raises(FileNotFoundError):
        project.read("gone.html")
    states = {"page.html": digest(b"hello"), "other.html": "", "none.html": None, "gone.html": None}
    assert project.unlisted == states


def test_what_is_noted_elsewhere_takes_nothing_away(project: Files) -> None:
    (project.root / "page.html").write_text("hello")
    project.read("page.html")
    project.note_unlisted({"page.html": "", "other.html": ""})
    assert project.take_unlisted() == {"page.html": digest(b"hello"), "other.html": ""}
    assert project.unlisted == {}


def test_folder_is_there_on_disk_or_by_what_is_new_in_it(project: Files) -> None:
    (project.root / "templates").mkdir()
    assert project.has_folder("templates")
    assert not project.has_folder("template")
    assert project.replaced({"shop/pages/list.html": b""}).has_folder("shop/pages")


def test_sweep_holds_no_more_than_the_bound(
    project: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CACHED_BYTES", 20)
    files = Files(project.root, project.listing)
    assert files.containing(b"save") == ("a.py", "b.py", "c.py")
    assert files.read("c.py") == b"c = save\n"
    assert files._disk._contents.total <= 20


def test_bound_drops_what_is_longest_unused() -> None:
    held: Bounded[str] = Bounded(10)
    held.put("a", "A", 4)
    held.put("b", "B", 4)
    assert held.get("a") == "A"
    held.put("c", "C", 4)
    assert (held.get("a"), held.get("b"), held.get("c")) == ("A", None, "C")
    assert held.total == 8


def test_bound_counts_a_replaced_value_once() -> None:
    held: Bounded[str] = Bounded(10)
    held.put("a", "A", 4)
    held.put("a", "AA", 6)
    assert (held.get("a"), held.total) == ("AA", 6)


def test_value_above_the_bound_stands_alone() -> None:
    held: Bounded[str] = Bounded(10)
    held.put("a", "A", 4)
    held.put("b", "B", 40)
    assert (held.get("a"), held.get("b")) == (None, "B")


def test_no_room_means_nothing_is_pushed_out() -> None:
    held: Bounded[str] = Bounded(10)
    held.put("a", "A", 8)
    held.put_if_room("b", "B", 4)
    held.put_if_room("c", "C", 2)
    assert (held.get("a"), held.get("b"), held.get("c")) == ("A", None, "C")
