"""What a user can get wrong: every one of these ends a command with exit code 2 and its text."""

from __future__ import annotations


class UserError(Exception):
    """A mistake in what was typed or configured; the text is for the user."""


class ConfigurationError(UserError):
    """What is wrong with `[tool.djfix]`."""


class UnknownNameError(UserError):
    """A rule, set, option or key that does not exist; the text names the nearest right one."""


class OptionError(UserError):
    """A rule's option is not given as it should be: form, type or choice."""


class UnknownFingerprintError(UserError):
    """`--only` names a finding that is not there."""


class NothingToApplyError(UserError):
    """`--only` names a finding that cannot be applied; the text says why."""


class VerificationError(Exception):
    """What a change does to the running project is not what it should be: nothing is written."""
