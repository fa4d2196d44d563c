"""Methods of django-mptt's `MPTTModel` that give rows of the same tree.

As run with mptt 0.20 and Django 5.2: each makes a queryset of the model by its TreeManager.
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


def is_tree_method(model: Model, name: str) -> bool:
    """Whether a method of this name is that of a tree, and not one of the project's."""
    is_tree = not UNREAD_MODELS.isdisjoint(model.unknown_bases)
    return is_tree and name in GIVING_ROWS and name not in model.methods
