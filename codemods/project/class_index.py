"""Which files may define a class or inherit from one, under which names: from the bytes alone.

Asking for subclasses would otherwise parse every file that mentions a class. What is found here
may be too much, and is checked on the facts; it must never be too little.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from sys import intern

from djfix.codemods.source.quotes import is_string_open, triple_quotes
from djfix.codemods.source.words import SPACED

# Patterns that begin with one certain byte are searched for several times as fast.
_DEFINED = re.compile(rb"class[ \t]+(\w+)")
_HEADER = re.compile(rb"class[ \t]+\w+\s*(?:\[[^\]]*\]\s*)?\((.*?)\)\s*:", re.DOTALL)
_AS = (re.compile(rb" as[ \t]+(\w+)"), re.compile(rb"\tas[ \t]+(\w+)"))
_GIVEN = rb"(\w[\w, ]*+)= *\(?([\w., ]++)\)?[ \t]*(?:[\r\n#]|\Z)"
_ASSIGNED = re.compile(rb"\n" + _GIVEN)
_ASSIGNED_INSIDE = re.compile(rb"\n[ \t]+" + _GIVEN)
_BRANCH = re.compile(rb"\n(?:try|except|finally|if|elif|else|with|async|for|while|match)\b")
_NEXT = re.compile(rb"\n(?=[^\s#)\]}])")
_DERIVED = re.compile(rb"\.\s*from_queryset")
_ATTRIBUTE_SET = re.compile(rb"\.(?<!\bself\.)\w++[ \t]*+=(?!=)")
_CLASS_ON_ITS_LINE = re.compile(rb"[ \t]*(?:\w+\.)*[A-Z]\w*\Z")
_SET = re.compile(rb"setattr\(\s*(?:\w+\.)*[A-Z]")
_WORD = re.compile(rb"\w+")
_MIGRATIONS = re.compile(rb"from django\.db import (?:[\w, ]*, *)?migrations\b")
_MIGRATION = b"migrations.Migration"


@dataclass(frozen=True, slots=True)
class Mentions:
    """Of one file: the classes that it may define, the words in their headers, pairs of a word and
    a name given to it, whether it may add members to a class from outside, whether it may import
    all that a module has, and whether each class that extends one extends Django's Migration: none
    is a model then."""

    defined: tuple[str, ...]
    bases: tuple[str, ...]
    aliases: tuple[tuple[str, str], ...]
    adds: bool = False
    imports_all: bool = False
    only_migrates: bool = False


NO_MENTIONS = Mentions((), (), ())


@dataclass
class ClassIndex:
    """The mentions of all files of a project."""

    paths: Callable[[], Iterable[str]]
    mentions: Callable[[str], Mentions]
    _is_filled: bool = False
    _defined: dict[str, list[str]] = field(default_factory=dict)
    _bases: dict[str, list[str]] = field(default_factory=dict)
    _aliases: dict[str, set[str]] = field(default_factory=dict)
    _adding: list[str] = field(default_factory=list)
    _importing_all: list[str] = field(default_factory=list)

    def take(self, other: ClassIndex) -> None:
        """Takes all that another index has gathered, which is of the same mentions."""
        if other._is_filled and not self._is_filled:
            self._is_filled = True
            self._defined, self._bases = other._defined, other._bases
            self._aliases, self._adding = other._aliases, other._adding
            self._importing_all = other._importing_all

    def files_naming_base(self, word: str) -> tuple[str, ...]:
        """The files with a class that may inherit from what goes by this word anywhere."""
        found: set[str] = set()
        for name in self.names_of(word):
            found.update(self._bases.get(name, ()))
        return tuple(sorted(found))

    def files_naming_base_like(self, part: str) -> tuple[str, ...]:
        """The files with a class one of whose bases has this in its name."""
        self._fill()
        found = {path for word, paths in self._bases.items() if part in word for path in paths}
        return tuple(sorted(found))

    def files_defining(self, name: str) -> tuple[str, ...]:
        """The files that may define a class of this name, in any case of letters."""
        self._fill()
        return tuple(dict.fromkeys(self._defined.get(name.lower(), ())))

    def files_adding(self) -> tuple[str, ...]:
        """The files that may add members to a class from outside its body."""
        self._fill()
        return tuple(self._adding)

    def files_importing_all(self) -> tuple[str, ...]:
        """The files that may say `from m import *`."""
        self._fill()
        return tuple(self._importing_all)

    def names_of(self, word: str) -> frozenset[str]:
        """A word and all names that any file gives to it, to those in turn, and so on."""
        self._fill()
        waiting = [word]
        found: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += self._aliases.get(name, ())
        return frozenset(found)

    def _fill(self) -> None:
        if self._is_filled:
            return
        self._is_filled = True
        for path in self.paths():
            mentions = self.mentions(path)
            self._adding += [path] if mentions.adds else []
            self._importing_all += [path] if mentions.imports_all else []
            for word in mentions.bases:
                self._bases.setdefault(word, []).append(path)
            for name in mentions.defined:
                self._defined.setdefault(name.lower(), []).append(path)
            for word, alias in mentions.aliases:
                self._aliases.setdefault(word, set()).add(alias)


def mentions_in(data: bytes) -> Mentions:
    """The mentions of one file's bytes."""
    if b"class" not in data and b"import" not in data:
        return NO_MENTIONS
    words: set[bytes] = set()
    headers = set(_HEADER.findall(data))
    for header in headers:
        words.update(_WORD.findall(header))
    aliases = {*_imported_as(data), *_assigned(data)}
    if b"from_queryset" in data:
        words.update(word_before(data, found.start()) for found in _DERIVED.finditer(data))
    return Mentions(
        tuple(sorted(map(_text, set(_DEFINED.findall(data))))),
        tuple(sorted(_text(word) for word in words if word)),
        tuple(
            sorted((_text(word), _text(alias)) for word, alias in aliases if word != alias and word)
        ),
        b"to_class" in data or _is_setting(data) or _is_patching(data),
        b"import *" in data,
        set(map(bytes.strip, headers)) == {_MIGRATION} and _MIGRATIONS.search(data) is not None,
    )


def _text(word: bytes) -> str:
    """The same text for the same word: most stand in many files."""
    return intern(word.decode(errors="replace"))


def _imported_as(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    for found in (each for pattern in _AS for each in pattern.finditer(data)):
        start = data.rfind(b"\n", 0, found.start()) + 1
        line = data[start : found.start()].lstrip()
        if not line.startswith((b"with ", b"except", b"async with", b"case ", b"#")):
            yield word_before(data, found.start()), found[1]


def _assigned(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """`Name = other.Word`, and pairwise for tuples; inside branches where there are any."""
    data = b"\n" + data
    yield from _given(_ASSIGNED, data)
    for branch in _branches(data):
        yield from _given(_ASSIGNED_INSIDE, branch)


def _branches(data: bytes) -> Iterator[bytes]:
    """The blocks of a module that are indented and no class or function."""
    branches = [*_BRANCH.finditer(data)]
    quotes = triple_quotes(data) if branches else []
    for found in branches:
        end = found.end()
        while (following := _NEXT.search(data, end)) is not None:
            end = following.start()
            # What is not indented may stand in a long string.
            if not is_string_open(quotes, found.start(), end):
                break
            end += 1
        else:
            end = len(data)
        yield data[found.start() : end]


def _given(pattern: re.Pattern[bytes], data: bytes) -> Iterator[tuple[bytes, bytes]]:
    position = 0
    while (found := pattern.search(data, position)) is not None:
        # The line end may begin the next one.
        position = found.end() - 1 if found.end() > found.start() + 1 else found.end()
        for alias, value in zip(found[1].split(b","), found[2].split(b","), strict=False):
            yield value.strip().rpartition(b".")[2], alias.strip()


def _is_setting(data: bytes) -> bool:
    # Most files hold no such word, and to look for one is faster than any pattern.
    return b"setattr(" in data and _SET.search(data) is not None


def _is_patching(data: bytes) -> bool:
    """Whether an attribute of what has a class's name is set: `Model.manager = ...`."""
    return any(
        _CLASS_ON_ITS_LINE.match(data, data.rfind(b"\n", 0, found.start()) + 1, found.start())
        for found in _ATTRIBUTE_SET.finditer(data)
    )


def word_before(data: bytes, end: int) -> bytes:
    """The word of ASCII that ends there, but for spaces and ends of lines; b"" if none does."""
    before = data[max(0, end - 200) : end].rstrip(b" \t\\\r\n")
    return before.translate(SPACED).rpartition(b" ")[2]
