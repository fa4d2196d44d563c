"""The options of `thin-views-selectors`."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class ThinViewsSelectorsOptions:
    """How long a composed query must be to be found."""

    minimum_steps: int = field(
        default=4,
        metadata={"help": "the calls that refine querysets, from which on a view is found"},
    )
    minimum_statements: int = field(
        default=3,
        metadata={"help": "the statements that must leave a view at least, inner ones counted"},
    )
