"""Methods of django-mptt's `MPTTModel` that ask for rows of the same tree, as run with 0.18.

Each asks the database when it is read: no prefetch serves it.
"""

from __future__ import annotations

from djfix.codemods.project.classes import UNREAD_MODELS
from djfix.codemods.project.models import Model

GIVING_ROWS = frozenset(
    {
        *("get_children", "get_descendants", "get_ancestors", "get_siblings", "get_family"),
        "get_leafnodes",
    }
)
"""They give a queryset of the model, made of its TreeManager."""

GIVING_ONE = frozenset({"get_root", "get_next_sibling", "get_previous_sibling"})
"""They give one object, or None."""


def is_tree_method(model: Model, name: str, among: frozenset[str] = GIVING_ROWS) -> bool:
    """Whether a method of this name is that of a tree, and not one of the project's."""
    is_tree = not UNREAD_MODELS.isdisjoint(model.unknown_bases)
    return is_tree and name in among and name not in model.methods
