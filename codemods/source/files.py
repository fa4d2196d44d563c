"""The files of a project as the rules see them: read on demand, held within bounds."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from djfix.codemods.source.bounded import Bounded
from djfix.codemods.source.document import Document
from djfix.codemods.source.listing import Listing, Skipped, SourceFile, list_files
from djfix.codemods.source.words import WordIndex, indexed

__all__ = ["Files", "Listing", "Skipped", "SourceFile", "list_files"]

CACHED_BYTES = 3 * 1024 * 1024
"""Enough for what is asked for soon again; to read a file costs less than to hold it for long."""

CACHED_DOCUMENT_BYTES = 800 * 1024
"""Of source text; a tree takes some thirty times its text, so this bounds some 30 MB."""

Shared = TypeVar("Shared")

_Question = tuple[tuple[bytes, ...], bytes, frozenset[str] | None]
"""The needles, the word, and the files that were asked about."""

ASKED_BEFORE_INDEXING = 1
"""A search for one needle reads all files; for more, an index of words tells where to look."""


class Files:
    """A view of a project's files: a listing on disk, with some contents replaced.

    `overlay` maps paths to contents that stand for the disk's (or for no file there), None where
    there is to be no file. Views made by `replaced` share what was read. Paths are posix and
    relative to the root.
    """

    def __init__(
        self, root: Path, listing: Listing, overlay: Mapping[str, bytes | None] | None = None
    ) -> None:
        self.root = root
        self.listing = listing
        self._disk = _Disk(root, listing)
        self._overlay: dict[str, bytes | None] = dict(overlay or {})
        self._documents = Bounded[str, Document](CACHED_DOCUMENT_BYTES)
        # What somebody holds is handed out again: nodes of one tree are none of another's.
        self._held = WeakValueDictionary[str, Document]()
        self._shared: dict[Any, Any] = {}
        self.paths = self._all_paths()

    @classmethod
    def of(cls, contents: Mapping[str, str | bytes]) -> Files:
        """A project in memory, without a disk under it."""
        data = {
            path: text if isinstance(text, bytes) else text.encode()
            for path, text in contents.items()
        }
        return cls(Path("/nonexistent"), Listing(()), data)

    def replaced(self, changes: Mapping[str, bytes | None]) -> Files:
        """The same project with these contents, None: no such file; this view stays as it is."""
        view = object.__new__(Files)
        view.root, view.listing, view._disk = self.root, self.listing, self._disk
        view._overlay = {**self._overlay, **changes}
        view._documents = self._documents.without(changes)
        view._held = WeakValueDictionary(
            {path: document for path, document in self._held.items() if path not in changes}
        )
        view._shared = {}
        view.paths = view._all_paths()
        return view

    def shared(self, kind: Callable[[Files], Shared]) -> Shared:
        """What somebody works out of these files and remembers: one of each kind."""
        if kind not in self._shared:
            self._shared[kind] = kind(self)
        found: Shared = self._shared[kind]
        return found

    @property
    def unlisted(self) -> Mapping[str, str | None]:
        """What was asked of the disk beside the listing: the digest of what was read, "" for what
        is only known to be there, None for what is not there."""
        return self._disk.unlisted

    def note_unlisted(self, states: Mapping[str, str | None]) -> None:
        """Take down what another process was told of files beside the listing."""
        known = self._disk.unlisted
        # Another process may only have asked whether there is what was read here.
        known.update({path: state for path, state in states.items() if not known.get(path)})

    def take_unlisted(self) -> Mapping[str, str | None]:
        """What `unlisted` says, for another process; it begins anew here."""
        taken, self._disk.unlisted = self._disk.unlisted, {}
        return taken

    @property
    def overlay(self) -> Mapping[str, bytes | None]:
        """The contents that stand for the disk's."""
        return self._overlay

    def exists(self, path: str) -> bool:
        """Whether there is such a file, also one that the listing left out."""
        if path in self._overlay:
            return self._overlay[path] is not None
        return self._disk.exists(path)

    def has_folder(self, path: str) -> bool:
        """Whether files may lie there; the listing leaves out those of other kinds."""
        inside = f"{path}/"
        return any(each.startswith(inside) for each in self._overlay) or self._disk.exists(path)

    def read(self, path: str) -> bytes:
        """The contents of a file. Raises OSError where it has gone or may not be read."""
        if path not in self._overlay:
            return self._disk.read(path)
        replaced = self._overlay[path]
        if replaced is None:
            raise FileNotFoundError(path)
        return replaced

    def read_once(self, path: str) -> bytes:
        """As `read`, for who goes over all files: nothing that is held has to go for it."""
        if path in self._overlay:
            return self.read(path)
        return self._disk.read_once(path)

    def document(self, path: str) -> Document:
        """The Document of a file, the same one while it is in use. Raises OSError."""
        known = self._documents.get(path)
        if known is not None:
            return known
        document = self.glance(path)
        self._documents.put(path, document, len(document.data))
        return document

    def glance(self, path: str) -> Document:
        """As `document`, for who wants it once: it is not kept for others. Raises OSError."""
        document = self._held.get(path) or Document(path, self.read(path))
        self._held[path] = document
        return document

    def containing(
        self, *needles: bytes, word: bytes = b"", among: Collection[str] | None = None
    ) -> tuple[str, ...]:
        """The Python files whose bytes hold one of `needles`, sorted; files that have gone do not.

        With `word`, files in which that is nowhere a whole word may be left out. `among`: only
        these are looked at.
        """
        on_disk = self._disk.containing(needles, word, among)
        if not self._overlay:
            return on_disk
        kept = [path for path in on_disk if path not in self._overlay]
        kept += [
            path
            for path, data in self._overlay.items()
            if _is_held(path, data, needles) and (among is None or path in among)
        ]
        return tuple(sorted(kept))

    def is_widespread(self, needle: bytes, word: bytes, most: int) -> bool:
        """Whether more than so many Python files hold `needle`; no more are looked at. `word` as
        in `containing`."""
        enough = most + 1 + len(self._overlay)
        on_disk = self._disk.first_containing(needle, word, enough)
        kept = [path for path in on_disk if path not in self._overlay]
        held = [path for path, data in self._overlay.items() if _is_held(path, data, (needle,))]
        return len(kept) + len(held) > most

    def _all_paths(self) -> tuple[str, ...]:
        if not self._overlay:
            return tuple(self._disk.listed)
        gone = {path for path, data in self._overlay.items() if data is None}
        return tuple(sorted((self._disk.listed.keys() | self._overlay.keys()) - gone))


class WatchedFiles(Files):
    """Another face of the same files, which notes which of them it was asked about.

    What was worked out from it holds for other contents too, as long as these files are the same
    and the paths are.
    """

    def __init__(self, files: Files) -> None:
        self.__dict__.update(files.__dict__)
        self._shared = {}
        self.asked: set[str] = set()

    def exists(self, path: str) -> bool:
        self.asked.add(path)
        return super().exists(path)

    def has_folder(self, path: str) -> bool:
        self.asked.add(path)
        return super().has_folder(path)

    def read(self, path: str) -> bytes:
        self.asked.add(path)
        return super().read(path)

    def read_once(self, path: str) -> bytes:
        self.asked.add(path)
        return super().read_once(path)

    def document(self, path: str) -> Document:
        self.asked.add(path)
        return super().document(path)

    def glance(self, path: str) -> Document:
        self.asked.add(path)
        return super().glance(path)

    def containing(
        self, *needles: bytes, word: bytes = b"", among: Collection[str] | None = None
    ) -> tuple[str, ...]:
        """Asks about all Python files."""
        self.asked.update(self.paths)
        return super().containing(*needles, word=word, among=among)

    def is_widespread(self, needle: bytes, word: bytes, most: int) -> bool:
        """Asks about all Python files."""
        self.asked.update(self.paths)
        return super().is_widespread(needle, word, most)


class _Disk:
    """Contents on disk, shared by all views of one project."""

    def __init__(self, root: Path, listing: Listing) -> None:
        self.prefix = str(root).rstrip("/") + "/"
        self.listed = {file.path: file for file in listing.files}
        self.unlisted: dict[str, str | None] = {}
        self._contents = Bounded[str, bytes](CACHED_BYTES)
        self._holding: dict[_Question, tuple[str, ...]] = {}
        self._first: dict[tuple[bytes, bytes, int], tuple[str, ...]] = {}
        self._python = [path for path in self.listed if path.endswith(".py")]
        self._index: WordIndex | None = None
        self._asked = 0

    def exists(self, path: str) -> bool:
        if path in self.listed or not _is_inside(path):
            return path in self.listed
        found = os.path.exists(self.prefix + path)
        self.unlisted.setdefault(path, "" if found else None)
        return found

    def read(self, path: str) -> bytes:
        known = self._contents.get(path)
        if known is not None:
            return known
        data = self._fetch(path) if path in self.listed else self._fetch_unlisted(path)
        self._contents.put(path, data, len(data))
        return data

    def read_once(self, path: str) -> bytes:
        known = self._contents.get(path)
        return self._fetch(path) if known is None else known

    def first_containing(self, needle: bytes, word: bytes, enough: int) -> tuple[str, ...]:
        """The first files that hold a needle, so many at most."""
        key = (needle, word, enough)
        if key not in self._first:
            holding = (
                path for path in self._candidates((needle,), word) if self._holds(path, (needle,))
            )
            self._first[key] = tuple(islice(holding, enough))
        return self._first[key]

    def containing(
        self, needles: tuple[bytes, ...], word: bytes, among: Collection[str] | None
    ) -> tuple[str, ...]:
        everywhere = self._holding.get((needles, word, None))
        if everywhere is not None and among is not None:
            return tuple(path for path in everywhere if path in among)
        key = (needles, word, None if among is None else frozenset(among))
        if key not in self._holding:
            shortest = _shortest(needles)
            paths = self._candidates(shortest, word)
            if among is not None:
                paths = [path for path in paths if path in among]
            self._holding[key] = tuple(path for path in paths if self._holds(path, shortest))
        return self._holding[key]

    def _candidates(self, needles: Collection[bytes], word: bytes) -> Sequence[str]:
        """The files that may hold a needle, by the index once enough was asked."""
        self._asked += len(needles)
        if self._asked <= ASKED_BEFORE_INDEXING:
            return self._python
        if self._index is None:
            self._index = indexed(map(self._contents_of, self._python))
        found: set[int] = set()
        for needle in needles:
            numbers = self._index.holding(needle, word)
            if numbers is None:
                return self._python
            found.update(numbers)
        return [self._python[each] for each in sorted(found)]

    def _contents_of(self, path: str) -> bytes:
        """The bytes of a file for a sweep over all; none of one that cannot be read."""
        with contextlib.suppress(OSError):
            return self.read_once(path)
        return b""

    def _holds(self, path: str, needles: Iterable[bytes]) -> bool:
        data = self._contents.get(path)
        if data is None:
            try:
                data = self._fetch(path)
            except OSError:
                return False
            # A sweep over more than the bound would otherwise push out all that it will read next.
            self._contents.put_if_room(path, data, len(data))
        return any(needle in data for needle in needles)

    def _fetch_unlisted(self, path: str) -> bytes:
        try:
            data = self._fetch(path)
        except OSError:
            self.unlisted.setdefault(path, None)
            raise
        self.unlisted[path] = digest(data)
        return data

    def _fetch(self, path: str) -> bytes:
        if not _is_inside(path):
            raise FileNotFoundError(path)
        with open(self.prefix + path, "rb", buffering=0) as stream:
            return stream.read()


def digest(data: bytes) -> str:
    """What tells contents from all others."""
    return hashlib.sha256(data).hexdigest()


def _shortest(needles: Sequence[bytes]) -> list[bytes]:
    """The needles but for those that have another one in them, and so say nothing more."""
    found: list[bytes] = []
    for needle in sorted(needles, key=len):
        if not any(each in needle for each in found):
            found.append(needle)
    return found


def _is_held(path: str, data: bytes | None, needles: Iterable[bytes]) -> bool:
    if data is None or not path.endswith(".py"):
        return False
    return any(needle in data for needle in needles)


def _is_inside(path: str) -> bool:
    """Whether a relative path stays below the root; no rule may read its way out of the project."""
    return bool(path) and not path.startswith("/") and ".." not in path.split("/")
