"""The signals that Django sends about models."""

from __future__ import annotations

SENT_SIGNALS = frozenset(
    {
        *("pre_init", "post_init", "pre_save", "post_save", "pre_delete", "post_delete"),
        "m2m_changed",
    }
)
"""The signals of what is done to objects."""


MODEL_SIGNALS = SENT_SIGNALS | {"class_prepared"}
