"""Functions of Python and Django that are handed objects: what they read of them."""

from __future__ import annotations

HARMLESS = frozenset(
    {
        *("isinstance", "issubclass", "type", "id", "hash", "callable", "print", "int", "float"),
        *("round", "abs", "super", "vars", "dir", "range", "hasattr", "getattr", "setattr"),
    }
)
HARMLESS_MODULES = (
    "django.urls.",
    "django.utils.",
    "django.shortcuts.get_",
    "django.contrib.contenttypes.",
    "django.db.models.",
    "django.core.",
    "django.contrib.auth.get_user_model",
    "logging.",
    "datetime.",
    "decimal.",
    "collections.",
    "copy.",
    "rest_framework.reverse.",
    "rest_framework.response.",
    "typing.",
)
"""Library code that reads no relation of an instance it is given, but for its text and key."""

SHOWING = frozenset(
    {
        *("str", "repr", "format", "ascii"),
        "django.utils.html.format_html",
        "django.utils.html.escape",
        "django.utils.html.conditional_escape",
        "django.utils.encoding.force_str",
        "django.utils.encoding.smart_str",
        "django.utils.safestring.mark_safe",
        "django.utils.text.slugify",
    }
)
"""Functions that make text of what they are given."""

SHOWING_MODULES = ("django.utils.text.", "django.utils.html.", "django.urls.")
READING_MODULES = ("django.core.serializers.",)
"""Parts of what is harmless otherwise that read relations of what they are given."""
