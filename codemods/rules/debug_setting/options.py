"""What users of `debug-setting` state: the names of the variables that settings are read from."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class DebugSettingOptions:
    """Without `secret_key_variable` a SECRET_KEY in the source is reported and stays there."""

    debug_variable: str = field(
        default="DJANGO_DEBUG",
        metadata={"help": "the environment variable that DEBUG is read from"},
    )
    secret_key_variable: str | None = field(
        default=None,
        metadata={
            "help": "the environment variable for SECRET_KEY; stated, it is read, for review"
        },
    )

    def __post_init__(self) -> None:
        """Raises ValueError for what is no variable's name."""
        for name in (self.debug_variable, self.secret_key_variable):
            if name is not None and not name.isidentifier():
                raise ValueError(f"`{name}` is no name of an environment variable")
