"""How a command ends: its exit code, and a sentence instead of a traceback for a user's mistake."""

from __future__ import annotations

from collections.abc import Callable

from djfix.cli.streams import discard_stdout, say
from djfix.codemods.engine.mistakes import UserError
from djfix.codemods.staging.refusal import Refused

CLEAN = 0
FOUND = 1
WRONG_USAGE = 2
FAILED = 3
INTERRUPTED = 130


def ended(command: Callable[[], int]) -> int:
    """The exit code of a command; what a user can cause is told on stderr."""
    try:
        return command()
    except BrokenPipeError:
        # Whoever read our output has enough of it: that is no failure of ours.
        discard_stdout()
        return CLEAN
    except KeyboardInterrupt:
        say("djfix: interrupted")
        return INTERRUPTED
    except UserError as error:
        say(f"djfix: {error}")
    except Refused as refused:
        say("djfix: nothing was written" if not refused.kept else "djfix: not all was taken back")
        for refusal in refused.refusals:
            say(f"  {refusal}")
        for path in refused.kept:
            say(f"  {path}: left as it is, because it was written to meanwhile")
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        say(f"djfix: {place}{error.strerror or error}")
    return WRONG_USAGE
