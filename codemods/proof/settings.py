"""Compares a project's effective settings before and after a split, each in a process of its own.

This runs the settings, and so the project's code: only `--compare-settings` asks for it. Nothing is
written for it; see `loading` for how what would be written is seen.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from djfix.codemods.engine.mistakes import VerificationError
from djfix.codemods.findings import Change, Finding

TIMEOUT = 60.0
"""Seconds that loading settings may take, each time."""

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Asking:
    """Where settings are loaded: the folder on `sys.path`, the interpreter, the module's name."""

    root: Path
    folder: Path
    python: str
    own: str
    key: str
    timeout: float


def compare(
    root: Path,
    finding: Finding,
    changes: Sequence[Change],
    *,
    python: str | None = None,
    timeout: float = TIMEOUT,
) -> str:
    """Loads the settings of a split before and after; what to tell the user.

    Raises VerificationError where they cannot be loaded, or differ by more than the finding says.
    """
    module = str(finding.data["value"])
    depth = f"{module.replace('.', '/')}.py"
    folder = root / finding.path.removesuffix(depth)
    asking = Asking(root, folder, python or own_python(), module, secrets.token_hex(32), timeout)
    before = _loaded(asking, module, ())
    again = _loaded(asking, module, ())
    unsteady = frozenset(_differing(before, again))
    for made, may_differ in _modules(module, finding):
        found = _loaded(asking, made, changes)
        names = sorted(_differing(before, found) - unsteady - may_differ)
        if names:
            raise VerificationError(f"{made} would not have today's {', '.join(names[:SHOWN])}")
    text = f"{module} was loaded before and after: {len(before)} settings are as they should be"
    return f"{text}; never the same: {', '.join(sorted(unsteady))}" if unsteady else text


def own_python() -> str:
    """The interpreter of the active virtual environment, else the one that runs djfix."""
    folder = os.environ.get("VIRTUAL_ENV")
    parts = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    return str(Path(folder, *parts)) if folder else sys.executable


def _modules(module: str, finding: Finding) -> Iterator[tuple[str, frozenset[str]]]:
    """The module itself, whose values must not differ at all, and each environment's, with the
    names of those that may."""
    yield module, frozenset()
    differs = finding.data["differs"]
    assert isinstance(differs, Mapping)
    for environment, names in differs.items():
        assert isinstance(names, tuple)
        yield f"{module}.{environment}", frozenset(map(str, names))


def _differing(one: Mapping[str, str], other: Mapping[str, str]) -> set[str]:
    return {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}


def _loaded(asking: Asking, module: str, changes: Sequence[Change]) -> Mapping[str, str]:
    """The digest of each setting of a module, the files being as the changes leave them."""
    sources = {
        str(asking.root / each.path): base64.b64encode(each.after).decode("ascii")
        for each in changes
        if each.after is not None and each.path.endswith(".py")
    }
    gone = [str(asking.root / each.path) for each in changes if each.after is None]
    question = {"module": module, "own": asking.own, "key": asking.key}
    with tempfile.TemporaryDirectory(prefix="djfix-") as name:
        answer = Path(name, "answer.json")
        asked = {**question, "sources": sources, "gone": gone, "answer": str(answer)}
        ended = _run(asking, json.dumps(asked), module)
        if not answer.exists():
            raise VerificationError(f"{module} ends the process that loads it (status {ended})")
        found: dict[str, Any] = json.loads(answer.read_text())
    values = found.get("values")
    if values is None:
        raise VerificationError(_why(module, found))
    return dict(values)


def _run(asking: Asking, question: str, module: str) -> int:
    """Runs the loading, in a process group that is ended as a whole."""
    # Sets come in one order: a function's constants may hold one.
    fixed = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
    environment = {**os.environ, **fixed, "DJANGO_SETTINGS_MODULE": module}
    code = files("djfix.codemods.proof").joinpath("loading.py").read_text(encoding="utf-8")
    try:
        process = subprocess.Popen(
            [asking.python, "-c", code],
            cwd=asking.folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise VerificationError(f"{asking.python} cannot be run: {error.strerror}") from error
    try:
        process.communicate(question.encode(), timeout=asking.timeout)
    except subprocess.TimeoutExpired as error:
        text = f"{module} was not loaded within {asking.timeout:g} seconds"
        raise VerificationError(text) from error
    finally:
        _end(process)
    return process.returncode


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends the process and whatever it has started in its group."""
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    elif process.poll() is None:
        process.kill()
    process.wait()


def _why(module: str, found: Mapping[str, Any]) -> str:
    text = f"{module} cannot be loaded: {found['error']}"
    if found.get("missing"):
        text += f" (no {found['missing']} in this Python; --python names another)"
    place = found.get("place")
    return f"{text} at {place[0]}:{place[1]}" if place else text
