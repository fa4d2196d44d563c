"""Killed at any moment: every file is old or new, and the next djfix finishes or takes back.

The child process is forked and killed with SIGKILL, either just before one of its writing calls
to the file system or programs (Python's audit events name them), one after the other, or at a
random moment.
"""

from __future__ import annotations

import itertools
import os
import random
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from djfix.codemods.findings import Change
from djfix.codemods.staging.apply import finish, leave, pending, stage, take_back, undo
from djfix.codemods.staging.journal import Journal, Mode
from djfix.codemods.staging.refusal import Refusal, Refused

if TYPE_CHECKING:
    from conftest import Repository

State = dict[str, object]
Action = Callable[[], object]

WRITING = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link"}

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """In memory where there is such a place: thousands of syncs, which a kill does not test."""
    memory = Path("/dev/shm")
    folder = memory if os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as name:
        yield Path(name)


def run_child(top: Path, action: Action, *, before: Callable[[int], None] = lambda _: None) -> int:
    """Runs the action in a forked child; `before` is called there before each writing call.

    Counted are programs, and calls that name a file of the repository. Returns the child's wait
    status: 0, or that it was killed.
    """
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    status = 1
    try:
        count, inside = 0, False

        def watch(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal count, inside
            if not inside and _is_writing(event, arguments, str(top)):
                count, inside = count + 1, True
                try:
                    before(count)
                finally:
                    inside = False

        sys.addaudithook(watch)
        action()
        status = 0
    finally:
        os._exit(status)


def _is_writing(event: str, arguments: tuple[object, ...], top: str) -> bool:
    if event == "subprocess.Popen":
        return True
    if event == "open":
        flags = arguments[2]
        if not isinstance(flags, int) or not flags & (os.O_WRONLY | os.O_RDWR):
            return False
    return event in WRITING and str(arguments[0]).startswith(top)


def killed_before(moment: int) -> Callable[[int], None]:
    def kill(count: int) -> None:
        if count == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    return kill


@pytest.fixture
def small(repository: Repository) -> Repository:
    """Beside the files that change: the user's own, dirty and untracked."""
    repository.write("manage.py", b"a = 1\n").chmod(0o755)
    repository.commit({"shop/urls.py": b"a = 1\n"})
    repository.write("shop/urls.py", b"half = done\n")
    repository.write("shop/.djfix-notes", b"a name that only looks like djfix's\n")
    return repository


def small_changes(repository: Repository) -> list[Change]:
    return [
        repository.change("manage.py", b"1", b"2"),
        repository.change("shop/models.py", b"line_15 = 15\n", b"line_15 = 0\n"),
        Change("shop/services/orders.py", None, b"a = 1\n"),
    ]


def check_half(found: State, old: State, new: State) -> None:
    """After a kill: nothing but djfix's files differs, and each is old or new."""
    for name, value in found.items():
        if name == ":folders" or (".djfix-" in name and name not in old):
            continue
        assert value in (old.get(name), new.get(name)), name
    assert old.keys() & new.keys() <= found.keys()


def recover(repository: Repository, old: State, new: State, how: str) -> tuple[State, bool]:
    """What there is after the next djfix's answer; whether it found something half-done."""
    found = repository.snapshot()
    check_half(found, old, new)
    half = pending(repository.top)
    if half is None:
        assert found in (old, new)
        return found, False
    wanted = {"finish": finish, "take_back": take_back}[how](half)
    assert set(wanted) <= set(half.paths)
    found = repository.snapshot()
    assert found == (new if (how == "finish") == (half.state == "applying") else old)
    return found, True


def states(
    repository: Repository, changes: list[Change], mode: Mode = "index"
) -> tuple[State, State]:
    """Everything before and after an apply; leaves the repository as before."""
    old = repository.snapshot()
    stage(repository.top, changes, mode=mode)
    new = repository.snapshot()
    undo(repository.top)
    assert repository.snapshot() == old
    return old, new


def left_half_way(repository: Repository, changes: list[Change]) -> Journal:
    """What an apply of the small changes leaves that is killed when one file is written."""

    def kill(_: int) -> None:
        if repository.read("manage.py") == b"a = 2\n":
            os.kill(os.getpid(), signal.SIGKILL)

    run_child(repository.top, lambda: stage(repository.top, changes), before=kill)
    half = pending(repository.top)
    assert half is not None
    assert half.paths == ("manage.py", "shop/models.py", "shop/services/orders.py")
    return half


@pytest.mark.parametrize("mode", ["index", "worktree"])
@pytest.mark.parametrize("how", ["finish", "take_back"])
def test_apply_killed_before_every_writing_call(how: str, mode: Mode, small: Repository) -> None:
    changes = small_changes(small)
    old, new = states(small, changes, mode)
    halves = 0
    for moment in itertools.count(1):
        status = run_child(
            small.top,
            lambda: stage(small.top, changes, mode=mode),
            before=killed_before(moment),
        )
        found, half = recover(small, old, new, how)
        halves += half
        if status == 0:
            break
        assert os.WTERMSIG(status) == signal.SIGKILL
        if found == new:
            assert undo(small.top).left == 0
    assert found == new
    assert halves >= 10


@pytest.mark.parametrize("how", ["finish", "take_back"])
def test_undo_killed_before_every_writing_call(how: str, small: Repository) -> None:
    changes = small_changes(small)
    old, new = states(small, changes)
    found, halves = old, 0
    for moment in itertools.count(1):
        if found == old:
            stage(small.top, changes)
        status = run_child(small.top, lambda: undo(small.top), before=killed_before(moment))
        found, half = recover(small, old, new, how)
        halves += half
        if status == 0:
            break
    assert found == old
    assert halves >= 5


@pytest.mark.parametrize("how", ["finish", "take_back"])
def test_recovery_killed_before_every_writing_call(how: str, small: Repository) -> None:
    """And after it, the other answer is still open."""
    changes = small_changes(small)
    old, new = states(small, changes)
    answer = {"finish": finish, "take_back": take_back}[how]
    halves = 0
    for moment in itertools.count(1):
        half = left_half_way(small, changes)
        status = run_child(small.top, lambda h=half: answer(h), before=killed_before(moment))
        found, again = recover(small, old, new, "take_back" if how == "finish" else "finish")
        halves += again
        if found == new:
            undo(small.top)
        if status == 0:
            break
    assert halves >= 5


def test_nothing_new_begins_while_something_is_half_done(small: Repository) -> None:
    left_half_way(small, small_changes(small))
    before = small.snapshot()
    with pytest.raises(Refused, match="an earlier apply of 3 files was cut short"):
        stage(small.top, [Change("other.py", None, b"a = 1\n")])
    assert small.snapshot() == before


def test_undo_of_a_half_done_apply_takes_it_back(small: Repository) -> None:
    changes = small_changes(small)
    old, _ = states(small, changes)
    left_half_way(small, changes)
    assert small.snapshot() != old
    undo(small.top)
    assert small.snapshot() == old


def test_half_done_file_that_the_user_edited_is_refused_by_name(small: Repository) -> None:
    half = left_half_way(small, small_changes(small))
    small.write("shop/models.py", b"mine = 1\n")
    before = small.snapshot()
    for call in (finish, take_back):
        with pytest.raises(Refused) as caught:
            call(half)
        assert [(one.path, one.command) for one in caught.value.refusals] == [
            ("shop/models.py", "git diff -- shop/models.py"),
            ("", f"rm -r {small.top}/.git/djfix/000001"),
        ]
        assert small.snapshot() == before


def test_what_is_half_done_can_be_left_as_it_is(small: Repository) -> None:
    half = left_half_way(small, small_changes(small))
    before = small.snapshot()
    leave(half)
    assert pending(small.top) is None
    assert small.snapshot() == before


# The world changes while djfix writes


def test_file_edited_between_the_check_and_the_write_stops_all(small: Repository) -> None:
    """The edit falls right before the second file's rename; the first is already written."""
    changes = small_changes(small)
    old = small.snapshot()

    def edit(_: int) -> None:
        if (small.top / "manage.py").read_bytes() == b"a = 2\n":
            (small.top / "shop/models.py").write_bytes(b"mine = 1\n")

    assert report_of(small, lambda: stage(small.top, changes), edit) == [
        "shop/models.py: was changed by someone else while djfix worked (try: djfix check)"
    ]
    assert small.read("shop/models.py") == b"mine = 1\n"
    small.write("shop/models.py", changes[1].before or b"")
    assert small.snapshot() == old
    assert pending(small.top) is None


def test_disk_that_is_full_leaves_something_half_done_that_says_so(small: Repository) -> None:
    """From the second file on not a byte can be written, so the first cannot be taken back."""
    changes = small_changes(small)
    old = small.snapshot()

    def fill(_: int) -> None:
        if small.read("manage.py") == b"a = 2\n":
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    assert report_of(small, lambda: stage(small.top, changes), fill) == [
        "shop/models.py: cannot be written: File too large",
        "manage.py: was written and could not be taken back (try: djfix undo)",
    ]
    assert pending(small.top) is not None
    undo(small.top)
    assert small.snapshot() == old


def test_new_file_that_appears_meanwhile_is_not_overwritten(small: Repository) -> None:
    changes = small_changes(small)

    def appear(_: int) -> None:
        if (small.top / "shop/services").exists():
            (small.top / "shop/services/orders.py").write_bytes(b"mine = 1\n")

    assert report_of(small, lambda: stage(small.top, changes), appear) == [
        "shop/services/orders.py: was changed by someone else while djfix worked (try: djfix check)"
    ]
    assert small.read("shop/services/orders.py") == b"mine = 1\n"
    assert small.read("manage.py") == b"a = 1\n"
    assert small.git("diff", "--cached", "--name-only") == ""
    assert pending(small.top) is None


def test_new_file_that_appears_at_the_last_moment_is_not_overwritten(small: Repository) -> None:
    """After the last look, right before the name is taken."""
    folder = small.top / "shop/services"

    def appear(_: int) -> None:
        if folder.exists() and any(name.startswith(".djfix-") for name in os.listdir(folder)):
            (folder / "orders.py").write_bytes(b"mine = 1\n")

    changes = small_changes(small)
    assert report_of(small, lambda: stage(small.top, changes), appear) == [
        "shop/services/orders.py: cannot be written: File exists"
    ]
    assert os.listdir(folder) == ["orders.py"]
    assert small.read("shop/services/orders.py") == b"mine = 1\n"
    assert small.read("manage.py") == b"a = 1\n"
    assert pending(small.top) is None


def test_interrupt_takes_everything_back(small: Repository) -> None:
    """Only once all is written may the journal's last word be missing."""
    changes = small_changes(small)
    old, new = states(small, changes)
    for moment in itertools.count(1):

        def interrupt(count: int, at: int = moment) -> None:
            if count == at:
                raise KeyboardInterrupt

        status = run_child(small.top, lambda: stage(small.top, changes), before=interrupt)
        if pending(small.top) or small.snapshot() == new:
            assert small.snapshot() == new
            undo(small.top)
        assert small.snapshot() == old
        if status == 0:
            break
    assert moment > 25


def report_of(repository: Repository, action: Action, before: Callable[[int], None]) -> list[str]:
    """The lines of the refusal that the action ends with in a child."""
    reader, writer = os.pipe()

    def reported() -> None:
        try:
            action()
        except Refused as refused:
            os.write(writer, str(refused).encode())

    run_child(repository.top, reported, before=before)
    os.close(writer)
    with open(reader) as report:
        return report.read().split("\n")


# At random moments


def test_a_hundred_kills_at_random_moments(repository: Repository) -> None:
    """Thirty files; every other kill takes the running git along, as a dying machine does.

    Most kills fall between the journal and the end, where it matters; some at any moment.
    """
    files = {f"app{number % 5}/models{number}.py": b"a = 1\n" * 50 for number in range(27)}
    repository.commit(files)
    changes = [Change(path, data, b"b = 2\n" + data) for path, data in files.items()]
    changes += [Change(f"new{number}/services.py", None, b"a = 1\n") for number in range(3)]
    old, new = states(repository, changes)
    journal_file = repository.top / ".git/djfix/000001/journal.json"
    lasted = time_of(journal_file, lambda: stage(repository.top, changes))
    undo(repository.top)
    dice = random.Random(20)
    kills = halves = 0
    while kills < 100:
        kills += killed_at_random(
            dice.uniform(0, 1.2 * lasted),
            lambda: stage(repository.top, changes),
            after=journal_file if kills % 5 else repository.top,
            group=kills % 2 == 1,
        )
        (repository.top / ".git/index.lock").unlink(missing_ok=True)
        found, half = recover(repository, old, new, dice.choice(["finish", "take_back"]))
        halves += half
        if found == new:
            undo(repository.top)
    assert repository.snapshot() == old
    assert halves >= 10


def time_of(file: Path, action: Action) -> float:
    """Seconds from the appearance of the file to the action's end in a child."""
    child = os.fork()
    if not child:
        try:
            action()
        finally:
            os._exit(0)
    begun = wait_for(file)
    os.waitpid(child, 0)
    return time.monotonic() - begun


def wait_for(file: Path) -> float:
    end = time.monotonic() + 60
    while not file.exists() and time.monotonic() < end:
        time.sleep(0.0002)
    return time.monotonic()


def killed_at_random(seconds: float, action: Action, *, after: Path, group: bool) -> bool:
    """Kills the child so long after a file has appeared; whether it was not done by then."""
    child = os.fork()
    if not child:
        os.setsid()
        try:
            action()
        finally:
            os._exit(0)
    wait_for(after)
    time.sleep(seconds)
    try:
        (os.killpg if group else os.kill)(child, signal.SIGKILL)
    except ProcessLookupError:  # not yet a group of its own
        os.kill(child, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def test_lock_that_a_killed_git_left_is_explained(repository: Repository) -> None:
    lock = repository.write(".git/index.lock", b"")
    with pytest.raises(Refused) as caught:
        stage(repository.top, [repository.change("shop/models.py", b"line_9 = 9\n", b"")])
    assert caught.value.refusals == (
        Refusal(
            "",
            "another git process holds the index; if none is at work, one was killed and left"
            " its lock",
            f"rm {lock}",
        ),
    )
