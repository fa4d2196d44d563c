"""The text of the new settings modules."""

from __future__ import annotations

from collections.abc import Iterator

from djfix.codemods.rules.split_settings.values import Overrides

STAR = "from .base import *  # noqa: F403"
UNUSED = "from .base import *  # noqa: F401, F403"
TITLES = {
    "development": "Settings for development.",
    "production": "Settings for production.",
    "test": "Settings for tests: quick, and without a trace outside of memory.",
}


def texts_of(folder: str, overrides: Overrides, newline: str) -> Iterator[tuple[str, str]]:
    """The path and the text of `__init__.py` and of each environment's module."""
    title = '"""The settings of base, for whatever names no environment."""'
    init = [title, "", UNUSED, *_named(overrides.private, unused=True)]
    yield f"{folder}/__init__.py", _text(init, newline)
    for name, title in TITLES.items():
        lines = [f'"""{title}"""', "", *_imports(name, overrides)]
        own = overrides.lines[name]
        yield f"{folder}/{name}.py", _text([*lines, *([""] if own else []), *own], newline)


def _imports(name: str, overrides: Overrides) -> Iterator[str]:
    if name == "test" and overrides.globals_used:
        yield from ("from django.conf import global_settings", "")
    yield STAR if overrides.lines[name] else UNUSED
    yield from _named(overrides.private, unused=True)
    if name == "test":
        yield from _named(overrides.base, unused=False)


def _named(names: tuple[str, ...], *, unused: bool) -> Iterator[str]:
    """Names of the base, one line each: however many there are, no line is too long."""
    for name in names:
        yield f"from .base import {name}{'  # noqa: F401' if unused else ''}"


def _text(lines: list[str], newline: str) -> str:
    return newline.join([*lines, ""])
