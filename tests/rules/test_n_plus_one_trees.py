"""`n-plus-one`: trees of django-mptt, whose metaclass and manager are not read, and keys that a
property or a method of the model gives. Served with Django 5.2 and mptt before and after."""

from __future__ import annotations

import pytest

from djfix.codemods.rules.n_plus_one import NPlusOne

PATH = "shop/views.py"
MODELS = """\
from django.db import models
from mptt.fields import TreeForeignKey
from mptt.models import MPTTModel


class Owner(models.Model):
    name = models.CharField(max_length=10)


class Node(MPTTModel):
    name = models.CharField(max_length=10)
    owner = models.ForeignKey(Owner, on_delete=models.CASCADE)
    parent = TreeForeignKey("self", null=True, on_delete=models.CASCADE, related_name="children")


class Leaf(models.Model):
    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="leaves")

    class Meta:
        ordering = ["-id"]

    @property
    def its_node(self):
        return self.node

    def get_node(self):
        return self.node

    @property
    def node_again(self):
        try:
            return self._node_again
        except AttributeError:
            self._node_again = self.node
            return self._node_again

    @property
    def one(self):
        return 1
"""


@pytest.fixture
def bench(bench_of):
    return bench_of(NPlusOne(), PATH, {"shop/__init__.py": "", "shop/models.py": MODELS})


def text_of(field: str, model: str, name: str = "shown") -> str:
    declared = f"    {name} = {field}\n\n" if field else ""
    return f"""\
from rest_framework import generics, serializers

from shop.models import Leaf, Node


class RowSerializer(serializers.ModelSerializer):
{declared}    class Meta:
        model = {model}
        fields = ["{name}"]


class Rows(generics.ListAPIView):
    queryset = {model}.objects.all()
    serializer_class = RowSerializer
"""


# -- trees -----------------------------------------------------------------------------------------

OF_TREES = {
    "a_foreign_key": ('serializers.CharField(source="owner.name")', "shown", "owner"),
    "the_parent": ('serializers.CharField(source="parent.name")', "shown", "parent"),
    "the_children": ("", "children", "children"),
    "rows_that_point_at_it": ("", "leaves", "leaves"),
}


@pytest.mark.parametrize(("field", "name", "path"), OF_TREES.values(), ids=OF_TREES)
def test_nodes_of_a_tree_are_for_review(bench, field: str, name: str, path: str) -> None:
    """Their manager's code is not read, and orders them itself: no join."""
    before = text_of(field, "Node", name)
    after = before.replace("objects.all()", f'objects.all().prefetch_related("{path}")')
    bench.reviews(before, after, "unknown-manager")


def test_rows_behind_a_node_are_loaded(bench) -> None:
    """Of a model that is not wholly known: it may have a base manager that a join would pass by."""
    before = text_of('serializers.CharField(source="node.owner.name")', "Leaf")
    after = before.replace("objects.all()", 'objects.all().prefetch_related("node__owner")')
    bench.fixes(before, after)


@pytest.mark.parametrize("name", ["name", "parent", "tree_id", "level"])
def test_columns_of_a_node_are_left_alone(bench, name: str) -> None:
    bench.ignores(text_of("", "Node", name))


# -- keys that are no columns ----------------------------------------------------------------------

KEYS = {
    "a_property": 'PrimaryKeyRelatedField(source="its_node", read_only=True)',
    "a_method": 'PrimaryKeyRelatedField(source="get_node", read_only=True)',
    "a_property_that_remembers": 'PrimaryKeyRelatedField(source="node_again", read_only=True)',
    "a_slug_of_a_property": 'SlugRelatedField("name", source="its_node", read_only=True)',
    "a_link_of_a_method": 'HyperlinkedRelatedField("node", source="get_node", read_only=True)',
}


@pytest.mark.parametrize("field", KEYS.values(), ids=KEYS)
def test_key_of_what_code_gives_loads_the_row(bench, field: str) -> None:
    before = text_of(f"serializers.{field}", "Leaf")
    after = before.replace("objects.all()", 'objects.all().prefetch_related("node")')
    bench.fixes(before, after)


@pytest.mark.parametrize("source", ["node", "one", "node_id"])
def test_key_that_is_there_is_left_alone(bench, source: str) -> None:
    bench.ignores(
        text_of(f'serializers.PrimaryKeyRelatedField(source="{source}", read_only=True)', "Leaf")
    )
