"""Scans many files, here or in other processes; the same values come back either way."""

from __future__ import annotations

import pickle
import signal
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, as_completed
from contextlib import contextmanager
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from djfix.codemods.engine.collecting import collecting_rarely
from djfix.codemods.engine.replay import open_cache
from djfix.codemods.engine.scan import FileScan, scan_file
from djfix.codemods.engine.world import World

if TYPE_CHECKING:
    from multiprocessing.synchronize import Lock
    from pathlib import Path

    from djfix.codemods.rule import Rule
    from djfix.codemods.source.cache import Cache

CHUNK_BYTES = 128 * 1024
Chunk = tuple[Sequence[FileScan], Mapping[str, "str | None"]]
"""What a worker says of some files, and what it saw of files beside the listing."""

Scan = Callable[["Rule", Sequence[str], World], Iterator[FileScan]]
"""Scans paths for a rule at one state of the files; in no promised order."""


def scan_here(rule: Rule, paths: Sequence[str], world: World) -> Iterator[FileScan]:
    """Scan in this process, file by file."""
    return (scan_file(rule, path, world) for path in paths)


@contextmanager
def scanner(jobs: int, executor: Executor | None, cached: Path | None) -> Iterator[Scan]:
    """The way to scan with so many processes, or with an executor that the caller brings.

    Each of an executor's workers must be a process of its own, or its only thread.
    `cached`: the root whose cache the processes fill, None for none.
    """
    if executor is not None:
        yield partial(_scan_elsewhere, executor)
    elif jobs <= 1:
        yield scan_here
    else:
        with _processes(jobs, cached) as own:
            yield partial(_scan_elsewhere, own)


@contextmanager
def _processes(jobs: int, cached: Path | None) -> Iterator[Executor]:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    context = get_context("spawn")
    pool = ProcessPoolExecutor(jobs, context, _prepare_worker, (cached, context.Lock()))
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _prepare_worker(cached: Path | None, lock: Lock) -> None:
    """Ctrl-C reaches the whole group of processes; only the first of them answers it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if cached is not None:
        from multiprocessing.util import Finalize

        Finalize(None, _save_cache, (cached, lock), exitpriority=1)


def _save_cache(root: Path, lock: Lock) -> None:
    """What a worker learnt, written when it ends; one after the other, for the file is locked."""
    with lock:
        _worker_cache(root).save()


@lru_cache(maxsize=1)
def _worker_cache(root: Path) -> Cache:
    return open_cache(root)


def _scan_elsewhere(
    executor: Executor, rule: Rule, paths: Sequence[str], world: World
) -> Iterator[FileScan]:
    state = _packed(rule, world)
    waiting: list[Future[Chunk]] = [
        executor.submit(scan_chunk, state, chunk) for chunk in _chunks(paths, world)
    ]
    for finished in as_completed(waiting):
        scans, unlisted = finished.result()
        world.files.note_unlisted(unlisted)
        yield from scans


def _chunks(paths: Sequence[str], world: World) -> list[list[str]]:
    """Paths in chunks of some 128 KB, the largest files first so that no long one ends the run."""
    sizes = {file.path: file.size for file in world.files.listing.files}
    sizes.update({path: len(data or b"") for path, data in world.files.overlay.items()})
    chunks: list[list[str]] = []
    room = 0
    for path in sorted(paths, key=lambda path: (-sizes.get(path, 0), path)):
        if not chunks or sizes.get(path, 0) > room:
            chunks.append([])
            room = CHUNK_BYTES
        chunks[-1].append(path)
        room -= sizes.get(path, 0)
    return chunks


def _packed(rule: Rule, world: World) -> tuple[bytes, bytes]:
    """A rule, and a state of the files as bytes, which travel better than their many values.

    Apart, since the next rule mostly asks of the same files: what a worker has learnt of them for
    one rule serves the others.
    """
    files = world.files
    overlay = dict(files.overlay)
    cached = world.cache is not None
    parts = (files.root, files.listing, overlay, world.configuration, cached)
    return pickle.dumps(rule), zlib.compress(pickle.dumps(parts), 1)


def scan_chunk(state: tuple[bytes, bytes], paths: Sequence[str]) -> Chunk:
    """What a worker does: scan some paths at a packed state."""
    rule, packed = state
    world = _world(packed)
    with collecting_rarely():
        scans = [scan_file(_rule(rule), path, world) for path in paths]
    return scans, world.files.take_unlisted()


@lru_cache(maxsize=1)
def _rule(packed: bytes) -> Rule:
    rule: Rule = pickle.loads(packed)
    return rule


@lru_cache(maxsize=1)
def _world(packed: bytes) -> World:
    from djfix.codemods.source.files import Files

    root, listing, overlay, configuration, cached = pickle.loads(zlib.decompress(packed))
    files = Files(root, listing, overlay)
    return World(files, configuration, _worker_cache(root) if cached else None)
