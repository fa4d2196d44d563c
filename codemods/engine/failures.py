"""What went wrong with one file, as a value: the run goes on."""

from __future__ import annotations

import sys
import traceback

from djfix.codemods.findings import Failure
from djfix.codemods.source.document import Unreadable


def crash(path: str, rule: str, error: BaseException, *, line: int | None = None) -> Failure:
    """The failure for an error that no user caused: a defect of djfix, with its traceback."""
    place = "" if line is None else f"line {line}: "
    text = "".join(traceback.format_exception(error))
    return Failure(path, f"{place}{rule} failed: {_one_line(error)}", rule, text)


def unreadable(error: Unreadable) -> Failure:
    """The failure for a file that cannot be decoded or parsed."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    place = "" if error.line is None else f"line {error.line}: "
    return Failure(error.path, f"{place}{error.message} (read as Python {version})")


def cannot_read(path: str, error: OSError) -> Failure:
    """The failure for a file that has gone, or may not be read."""
    return Failure(path, f"cannot be read: {error.strerror or error}")


def _one_line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
