"""Shipped tables of what Django's and other packages' own classes and apps do.

The data files beside this module are written by `scripts/known_classes.py` and
`scripts/known_apps.py`; nothing here needs Django to be installed.
"""

from djfix.codemods.project.known.classes import (
    KnownClass,
    KnownField,
    KnownModel,
    KnownRelation,
    OverrideEffect,
    canonical,
    defines,
    exported_names,
    has_pre_save,
    is_known_package,
    is_known_subclass,
    known_class,
    known_models,
)

__all__ = [
    "KnownClass",
    "KnownField",
    "KnownModel",
    "KnownRelation",
    "OverrideEffect",
    "canonical",
    "defines",
    "exported_names",
    "has_pre_save",
    "is_known_package",
    "is_known_subclass",
    "known_class",
    "known_models",
]
