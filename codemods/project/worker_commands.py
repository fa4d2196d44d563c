"""The commands that start Celery workers, in Procfiles, compose files, units and shell scripts.

Where a file names Celery and a pool in a form that is no command (a list of arguments apart from
the program, `CELERYD_OPTS`, a call of `worker_main`), the line with the pool counts as one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from djfix.codemods.project.celery_values import WorkerCommand
from djfix.codemods.project.test_files import is_named_as_test
from djfix.codemods.source.files import Files

_WORKER = re.compile(r"\bcelery\b.*?\bworker\b.*|\bcelery\b.*?\bmulti\s+start\b.*")
_POOL = re.compile(r"(?<!\S)(?:-P|--pool)(?:\s*=\s*|\s+)?([a-z]+\b|[$%{]\S*)")
_ANY_POOL = re.compile(
    r"(?<![\w-])(?:-P|--pool)[\s\"',=]*(?:-\s+)?[\"']?(prefork|processes|solo|threads|eventlet|gevent)\b"
)
_LIMIT = re.compile(r"(?<![\w-])--(?:soft-)?time-limit\b")
_CELERY = re.compile(r"celery|CELERY")
_QUEUES = re.compile(r"(?<!\S)(?:-Q|--queues)(?:\s*=\s*|\s+)?([\w.,-]+)")
_OPTION = re.compile(r"(?<!\S)(--[a-z][a-z-]*|-[A-Za-z])")
_GIVEN = re.compile(
    r"(?<!\S)(?:(--[a-z][a-z-]*)(?::[\w.,]+)?(?:\s*=\s*|\s+)|(-[A-Za-z])\s*=?\s*)([^\s=-]\S*)"
)
"""An option with its value; `celery multi` names the workers that it is for after a colon."""
_MARKS = re.compile(r"[\"'\[\],](?=\s|$)|(?<=\s)[\"'\[\]]|^[\"'\[\]]|[\"'],\s*[\"']")
_LAST = frozenset({"py", "toml", "lock", "cfg", "in", "txt"})


def worker_commands(files: Files) -> tuple[WorkerCommand, ...]:
    """All of them, by path and line."""
    code = files.containing(b"-P", b"--pool", b"--time-", among={*files.containing(b"elery")})
    starting = [path for path in files.paths if _may_start(path)]
    starting += [path for path in code if not is_named_as_test(path)]
    return tuple(each for path in starting for each in _in_file(files, path))


def _may_start(path: str) -> bool:
    return path.rpartition("/")[2].rpartition(".")[2] not in _LAST


def _in_file(files: Files, path: str) -> Iterator[WorkerCommand]:
    try:
        text = files.read(path).decode("utf-8", errors="replace")
    except OSError:
        return
    if _CELERY.search(text) is None:
        return
    commands = [*_commands(path, text)] if _may_start(path) else []
    yield from commands
    if not any(each.pool or _has_limit(each) for each in commands):
        yield from _elsewhere(path, text)


def _has_limit(command: WorkerCommand) -> bool:
    return not {"--time-limit", "--soft-time-limit"}.isdisjoint(command.options)


def _commands(path: str, text: str) -> Iterator[WorkerCommand]:
    for line, joined in _joined(text):
        found = _WORKER.search(_MARKS.sub(" ", joined))
        if found is not None:
            yield _command(path, line, found[0].strip())


def _elsewhere(path: str, text: str) -> Iterator[WorkerCommand]:
    """Pools and limits that a file gives in another form than a command."""
    uncommented = re.sub(r"(?m)^(\s*)#.*$", r"\1", text)
    for found in _ANY_POOL.finditer(uncommented):
        line = uncommented.count("\n", 0, found.start()) + 1
        yield WorkerCommand(path, line, found[0], pool=found[1])
    for found in _LIMIT.finditer(uncommented):
        line = uncommented.count("\n", 0, found.start()) + 1
        yield WorkerCommand(path, line, found[0], pool="", options=(found[0],))


def _joined(text: str) -> Iterator[tuple[int, str]]:
    """Lines with those that go on in the next, which a backslash ends or an option begins."""
    first, whole = 1, ""
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.partition(" #")[0].strip()
        if line.startswith("#"):
            continue
        goes_on = whole.endswith("\\") or re.match(r"-\w|--\w", line) is not None
        goes_on = goes_on or (line.startswith("- ") and "celery" in whole)
        if whole and goes_on:
            whole = f"{whole.rstrip(chr(92)).rstrip()} {line.removeprefix('- ')}"
            continue
        if whole:
            yield first, whole
        first, whole = number, line
    if whole:
        yield first, whole


def _command(path: str, line: int, text: str) -> WorkerCommand:
    pool, queues = _POOL.search(text), _QUEUES.search(text)
    names = tuple(each for each in queues[1].split(",") if each) if queues else ()
    return WorkerCommand(
        path=path,
        line=line,
        text=text,
        pool=pool[1] if pool else None,
        queues=names,
        options=tuple(dict.fromkeys(_OPTION.findall(text))),
        given=tuple((long or short, value) for long, short, value in _GIVEN.findall(text)),
    )
