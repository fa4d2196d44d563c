"""Other processes and the cache answer exactly as a plain run does."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from renaming_rules import LocalOnly, ReadsPages, RenameBar, RenameFoo

from djfix.codemods.engine.configuration import Configuration
from djfix.codemods.engine.replay import recall, remember
from djfix.codemods.engine.run import run
from djfix.codemods.engine.values import Request, Result
from djfix.codemods.source.cache import Cache
from djfix.codemods.source.files import Files, list_files

IMPORT = "from shop.helpers import bar, baz, foo, more\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project whose files are found, declined, broken and of different sizes."""
    shop = tmp_path / "project" / "shop"
    shop.mkdir(parents=True)
    (shop / "__init__.py").touch()
    (shop / "helpers.py").write_text(
        "def foo(*v): ...\ndef bar(*v): ...\ndef baz(*v): ...\ndef more(*v): ...\n"
    )
    for number in range(6):
        padding = "x = 1\n" * 60 * (number % 3)
        calls = f"foo({number})\nfoo(review)\nfoo(unknown)\nfoo(foo({number}))\n"
        (shop / f"views_{number}.py").write_text(IMPORT + padding + calls)
    (shop / "broken.py").write_text("foo(\n")
    (shop / "crash.py").write_text(IMPORT + "foo(crash)\nfoo(1)\n")
    return shop.parent


def request_for(root: Path, *, jobs: int = 1) -> Request:
    return Request(root, (RenameFoo(), RenameBar()), Configuration(), jobs=jobs)


def without_tracebacks(result: Result) -> Result:
    failures = tuple(replace(each, traceback="") for each in result.failures)
    return replace(result, failures=failures)


@pytest.mark.parametrize(
    "executor",
    [
        pytest.param(None, id="own_processes"),
        pytest.param(lambda: ThreadPoolExecutor(1), id="an_executor_of_the_callers"),
    ],
)
def test_jobs_give_the_same_result(root: Path, executor: Callable[[], Executor] | None) -> None:
    alone = without_tracebacks(run(request_for(root)))
    assert len(alone.changes) == 6
    if executor is None:
        assert without_tracebacks(run(request_for(root, jobs=2))) == alone
        return
    with executor() as given:
        assert without_tracebacks(run(request_for(root), executor=given)) == alone


class TestFilesAlone:
    """What a file says by itself is known by its content."""

    def ran(self, cache: Cache, text: str) -> Result:
        request = Request(Path("/nonexistent"), (LocalOnly(),), Configuration())
        return run(request, files=Files.of({"shop/a.py": text}), cache=cache)

    def test_an_answer_without_findings_is_not_worked_out_again(self, tmp_path: Path) -> None:
        first = self.ran(Cache(tmp_path / "cache"), "one(1)\n")
        assert (first.files_parsed, first.files_cached) == (1, 0)
        cache = Cache(tmp_path / "cache")
        self.ran(cache, "one(1)\n")
        cache.save()
        again = self.ran(Cache(tmp_path / "cache"), "one(1)\n")
        assert (again.files_parsed, again.files_cached) == (0, 1)
        assert again.declined == first.declined

    def test_another_text_is(self, tmp_path: Path) -> None:
        cache = Cache(tmp_path / "cache")
        self.ran(cache, "one(1)\n")
        cache.save()
        other = self.ran(Cache(tmp_path / "cache"), "x = 1\none(1)\n")
        assert (other.files_parsed, other.declined[0].line) == (1, 2)

    def test_an_answer_that_rests_on_other_files_is_never_kept(self, root: Path) -> None:
        cache = Cache(root.parent / "cache")
        run(request_for(root), cache=cache)
        cache.save()
        again = run(request_for(root), cache=Cache(root.parent / "cache"))
        # Of nine, only the helpers' own file: it holds `foo(` and no call.
        assert (again.files_parsed, again.files_cached) == (8, 1)


class TestReplay:
    """A whole run, remembered."""

    OLD = 1_000_000_000

    def listed(self, root: Path) -> Files:
        return Files(root, list_files(root))

    def remembered(self, root: Path, cache: Cache, *, listed_at: int | None = None) -> Result:
        (root / "shop" / "crash.py").unlink(missing_ok=True)
        files = self.listed(root)
        result = run(request_for(root), files=files)
        newest = max(file.mtime_ns for file in files.listing.files)
        at = newest + 60 * self.OLD if listed_at is None else listed_at
        remember(cache, "key", files, result, listed_at=at)
        cache.save()
        return result

    def test_the_same_files_give_the_same_result(self, root: Path) -> None:
        result = self.remembered(root, Cache(root.parent / "c"))
        again = recall(Cache(root.parent / "c"), "key", self.listed(root))
        assert again is not None
        plain = [replace(each, finding=replace(each.finding, plan=None))
                 for each in result.findings]  # fmt: skip
        assert list(again.findings) == plain
        assert (again.changes, again.declined) == (result.changes, result.declined)
        assert (again.files_parsed, again.files_cached) == (0, result.files_parsed)
        assert again.counts() == result.counts()

    @pytest.mark.parametrize(
        "change",
        [
            pytest.param(lambda shop: (shop / "new.py").touch(), id="a_new_file"),
            pytest.param(lambda shop: (shop / "views_1.py").unlink(), id="a_file_less"),
            pytest.param(lambda shop: (shop / "views_1.py").write_text("x\n"), id="another_text"),
            pytest.param(
                lambda shop: (shop.parent / "requirements.txt").write_text("django==5.2\n"),
                id="other_versions",
            ),
        ],
    )
    def test_any_change_is_noticed(self, root: Path, change: Callable[[Path], object]) -> None:
        self.remembered(root, Cache(root.parent / "c"))
        change(root / "shop")
        assert recall(Cache(root.parent / "c"), "key", self.listed(root)) is None

    @pytest.mark.parametrize(
        "change",
        [
            pytest.param(lambda page: page.write_text("{{ row.owner }}"), id="another_text"),
            pytest.param(lambda page: page.unlink(), id="it_is_gone"),
            pytest.param(lambda page: (page.parent / "new.html").touch(), id="another_came"),
        ],
    )
    @pytest.mark.parametrize("jobs", [1, 2])
    def test_a_change_beside_the_listing_is_noticed(
        self, root: Path, change: Callable[[Path], object], jobs: int
    ) -> None:
        (root / "shop" / "crash.py").unlink()
        page = root / "shop" / "templates" / "page.html"
        page.parent.mkdir()
        page.write_text("{{ row }}")
        files, cache = self.listed(root), Cache(root.parent / "c")
        asking = replace(request_for(root, jobs=jobs), rules=(ReadsPages(),))
        remember(cache, "key", files, run(asking, files=files), listed_at=0)
        assert recall(cache, "key", self.listed(root)) is not None
        change(page)
        assert recall(cache, "key", self.listed(root)) is None

    def test_another_question_has_no_answer(self, root: Path) -> None:
        self.remembered(root, Cache(root.parent / "c"))
        assert recall(Cache(root.parent / "c"), "other", self.listed(root)) is None

    def test_a_change_under_the_same_time_stamp_is_noticed(self, root: Path) -> None:
        target = root / "shop" / "views_1.py"
        self.remembered(root, Cache(root.parent / "c"), listed_at=target.stat().st_mtime_ns)
        status = target.stat()
        target.write_text(target.read_text().replace("foo(1)", "foo(7)", 1))
        os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))
        assert target.stat().st_size == status.st_size
        assert recall(Cache(root.parent / "c"), "key", self.listed(root)) is None

    def test_a_crash_is_not_remembered(self, root: Path) -> None:
        cache = Cache(root.parent / "c")
        files = self.listed(root)
        remember(cache, "key", files, run(request_for(root), files=files), listed_at=0)
        cache.save()
        assert recall(Cache(root.parent / "c"), "key", self.listed(root)) is None

    @pytest.mark.parametrize("value", [None, 3, [], {}, {"listing": "x"}, "text"])
    def test_a_damaged_entry_is_no_answer(self, root: Path, value: object) -> None:
        cache = Cache(root.parent / "c")
        cache.put("run", "key", value)
        assert recall(cache, "key", self.listed(root)) is None
