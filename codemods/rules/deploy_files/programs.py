"""Which program a command starts, behind whatever starts it, and which options it is given.

https://docs.gunicorn.org/en/stable/settings.html,
https://docs.celeryq.dev/en/stable/reference/cli.html, https://pip.pypa.io/en/stable/cli/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from djfix.codemods.source.formats.placed import Command, Word

Program = Literal["gunicorn", "celery worker", "celery multi", "pip install", "uv pip install"]

_STARTERS_TEXT = """
exec env sudo nice ionice time nohup command setpriv gosu su-exec chpst tini dumb-init
catatonit newrelic-admin ddtrace-run opentelemetry-instrument poetry pipenv uv pdm hatch rye
xvfb-run doppler chamber stdbuf timeout python python3 dockerize wait-for-it scl_enable uvx
pipx
"""
_STARTERS = frozenset(_STARTERS_TEXT.split())
"""Programs that start what comes after them."""

_PYTHON = re.compile(r"python(?:\d(?:\.\d+)?)?")
_PIP = re.compile(r"pip(?:\d(?:\.\d+)?)?")
_SUBCOMMANDS_TEXT = """
amqp beat call control events flower graph inspect list logtool migrate multi purge report
result shell status upgrade worker
"""
_SUBCOMMANDS = frozenset(_SUBCOMMANDS_TEXT.split())
_TAKES_VALUE_TEXT = """
-A --app -b --broker --result-backend --loader --config --workdir -n --hostname -Q --queues -l
--loglevel -c --concurrency -f --logfile -P --pool
"""
_TAKES_VALUE = frozenset(_TAKES_VALUE_TEXT.split())
_PIP_TAKES_VALUE = frozenset({"--proxy", "--timeout", "--log", "--python", "--cert", "--retries"})
_NOTHING_STARTED = frozenset(
    {"-h", "--help", "-v", "--version", "--check-config", "--print-config"}
)
_FLAGS_TEXT = """
--reload --preload --daemon -D -R --enable-stdio-inheritance --capture-output --no-sendfile
--log-syslog --proxy-protocol -B --beat -E --task-events --events --without-gossip --without-
mingle --without-heartbeat --purge --discard --detach --quiet -q
"""
FLAGS = frozenset(_FLAGS_TEXT.split())
"""Options of gunicorn and of Celery's worker that take no value."""


@dataclass(frozen=True, slots=True)
class Started:
    """A program, the command it stands in, and the words that it is given.

    `name`: its own word. `at`: the word behind which an option of the program may be written.
    """

    program: Program
    command: Command
    name: Word
    words: tuple[Word, ...]
    at: Word

    @property
    def is_unread(self) -> bool:
        """Whether it is given options that only the machine knows, or ends with one that may take
        what is written behind it."""
        if self.at in self.words and _lacks_value(self.at):
            return True
        before = self.name
        for word in self.words:
            is_value = before.value.startswith("-") and "=" not in before.value
            if word.is_opaque and not (is_value and before.value not in FLAGS):
                return True
            before = word
        return False

    def given(self, *names: str) -> bool:
        """Whether one of these options is among the words, in any spelling."""
        return any(spells(word.value, name) for word in self.words for name in names)

    def value(self, *names: str) -> Word | str | None:
        """What an option is given: a text, or the word where it cannot be known; None without."""
        for place, word in enumerate(self.words):
            for name in names:
                if not spells(word.value, name):
                    continue
                _, equals, inside = word.value.partition("=")
                if equals:
                    return inside if word.is_whole else word
                if not name.startswith("--") and len(word.value) > len(name):
                    return word.value[len(name) :]
                following = self.words[place + 1 : place + 2]
                return _text(following[0]) if following else ""
        return None


def _lacks_value(word: Word) -> bool:
    """Whether a word is an option that may take what is written behind it."""
    is_option = word.is_whole and word.value.startswith("--")
    return is_option and "=" not in word.value and word.value not in FLAGS


def spells(word: str, name: str) -> bool:
    """Whether a word is an option: whole, with its value, or cut off as argparse allows."""
    if name.startswith("--"):
        spelled = word.partition("=")[0]
        return spelled == name or (len(spelled) > 5 and name.startswith(spelled))
    return word.startswith(name) and not word.startswith("--")


def started_by(command: Command) -> Started | None:
    """The gunicorn, Celery worker or pip that a command starts; None for any other."""
    words = command.words
    for place, word in enumerate(words):
        name = word.value.rpartition("/")[2]
        if name not in ("gunicorn", "celery", "uv") and _PIP.fullmatch(name) is None:
            continue
        if _is_started(words[:place]):
            found = _started(command, name, word, words[place + 1 :])
            if found is not None:
                return found
    return None


def _is_started(before: Sequence[Word]) -> bool:
    """Whether the words in front of a program's name start it."""
    if not before:
        return True
    name = before[0].value.rpartition("/")[2]
    last = before[-1].value
    if _PYTHON.fullmatch(name):
        return last == "-m"
    return name in _STARTERS or name.endswith(".sh") or "entrypoint" in name


def _started(command: Command, name: str, word: Word, words: tuple[Word, ...]) -> Started | None:
    if name == "gunicorn":
        nothing = not words or any(each.value in _NOTHING_STARTED for each in words)
        return None if nothing else Started("gunicorn", command, word, words, words[-1])
    if name == "celery":
        return _celery(command, word, words)
    if name == "uv":
        if [each.value for each in words[:1]] != ["pip"]:
            return None
        return _pip(command, word, words[1:], "uv pip install")
    return _pip(command, word, words, "pip install")


def _celery(command: Command, word: Word, words: tuple[Word, ...]) -> Started | None:
    before = ""
    for each in words:
        if each.value in _SUBCOMMANDS and before not in _TAKES_VALUE:
            if each.value == "worker" and not any(w.value in _NOTHING_STARTED for w in words):
                return Started("celery worker", command, word, words, words[-1])
            is_start = any(w.value in ("start", "restart") for w in words)
            if each.value == "multi" and is_start:
                return Started("celery multi", command, word, words, words[-1])
            return None
        before = each.value
    return None


def _pip(command: Command, word: Word, words: tuple[Word, ...], program: Program) -> Started | None:
    before = ""
    for place, each in enumerate(words):
        is_value = before in _PIP_TAKES_VALUE
        before = each.value
        if each.value.startswith("-") or is_value:
            continue
        if each.value == "install":
            return Started(program, command, word, words[place + 1 :], each)
        return None
    return None


def _text(word: Word) -> Word | str:
    return word.value if word.is_whole else word


def requirement_files(words: Iterable[Word]) -> tuple[str, ...]:
    """The files that `-r` names."""
    found = []
    before = ""
    for word in words:
        if before in ("-r", "--requirement") and word.is_whole:
            found.append(word.value)
        elif word.is_whole and word.value.startswith("--requirement="):
            found.append(word.value.partition("=")[2])
        elif word.is_whole and re.match(r"-r[^-\s]", word.value):
            found.append(word.value[2:])
        before = word.value
    return tuple(found)
