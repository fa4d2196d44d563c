"""How a command ends: its exit code, and a sentence instead of a traceback for a user's mistake."""

from __future__ import annotations

import traceback
from collections.abc import Callable

from djfix.cli.streams import discard_stdout, say
from djfix.codemods.engine.mistakes import UserError, VerificationError
from djfix.codemods.staging.refusal import Refused

CLEAN = 0
FOUND = 1
WRONG_USAGE = 2
FAILED = 3
NOT_VERIFIED = 4
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
    except VerificationError as error:
        say(f"djfix: nothing was written: {error}")
        return NOT_VERIFIED
    except Refused as refused:
        _say_refused(refused)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        say(f"djfix: {place}{error.strerror or error}")
    except Exception as error:  # noqa: BLE001 - exit code 1 would say that findings were found
        from djfix.codemods.engine.redaction import redacted

        say(redacted("".join(traceback.format_exception(error))))
        say("djfix: this is a defect of djfix; please report it with the lines above")
        return FAILED
    return WRONG_USAGE


def _say_refused(refused: Refused) -> None:
    if len(refused.refusals) == 1:
        say(f"djfix: {refused.refusals[0]}")
        return
    say("djfix: there is more than one thing in the way:")
    for refusal in refused.refusals:
        say(f"  {refusal}")
