"""`n-plus-one`: trees of django-mptt, whose metaclass and manager are not read, and keys that a
property or a method of the model gives. What is said of Django 5.2 and mptt 0.20 was run."""

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


# -- rows of an object that is found ---------------------------------------------------------------

FOUND = """\
from django.shortcuts import get_object_or_404
from rest_framework import generics, serializers

from shop.models import Leaf, Node


class NodeSerializer(serializers.ModelSerializer):
    owner = serializers.CharField(source="owner.name")

    class Meta:
        model = Node
        fields = ["owner"]


class Nodes(generics.ListAPIView):
    serializer_class = NodeSerializer

    def get_queryset(self):
        node = {found}
        return {rows}
"""
OF_A_NODE = {
    "children": ("get_object_or_404(Node, pk=1)", "node.get_children()"),
    "descendants_by_keyword": (
        "get_object_or_404(klass=Node, pk=1)",
        "node.get_descendants(include_self=True)",
    ),
    "ancestors_of_an_unread_object": ("self.request.node", "node.get_ancestors()"),
}


@pytest.mark.parametrize(("found", "rows"), OF_A_NODE.values(), ids=OF_A_NODE)
def test_rows_of_a_tree_are_for_review(bench, found: str, rows: str) -> None:
    before = FOUND.format(found=found, rows=rows)
    after = before.replace(rows, f'{rows}.prefetch_related("owner")')
    bench.reviews(before, after, "unknown-manager", "unread-receiver")


@pytest.mark.parametrize("rows", ["node.get_root()", "node.get_parts()", "node.children_of()"])
def test_what_gives_no_rows_that_are_known_is_declined(bench, rows: str) -> None:
    bench.declines(FOUND.format(found="self.request.node", rows=rows), "unknown-queryset")


def test_method_of_the_project_is_not_that_of_a_tree(bench_of) -> None:
    models = MODELS.replace(
        "\n\nclass Leaf",
        "\n    def get_children(self):\n        return made_elsewhere(self)\n\n\nclass Leaf",
    )
    bench = bench_of(NPlusOne(), PATH, {"shop/__init__.py": "", "shop/models.py": models})
    text = FOUND.format(found="self.request.node", rows="node.get_children()")
    bench.declines(text, "unknown-queryset")


HOLDERS = """\
from django.db import models


class Owner(models.Model):
    name = models.CharField(max_length=10)


class Part(models.Model):
    owner = models.ForeignKey(Owner, on_delete=models.CASCADE)

    class Meta:
        ordering = ["-id"]


class Box(models.Model):
    parts = models.ManyToManyField(Part, related_name="boxes")

    @property
    def held(self):
        return self.parts.filter(owner__isnull=False)

    def get_held(self):
        return Part.objects.filter(boxes=self)

    @property
    def counted(self):
        return self.parts.count()
"""
OF_A_BOX = {
    "a_property": ("Box.objects.get(pk=1)", "box.held"),
    "a_method": ("get_object_or_404(Box, pk=1)", "box.get_held()"),
    "a_method_and_more": ("Box.objects.get(pk=1)", "box.get_held().exclude(pk=2)"),
    "a_many_to_many_of_an_unread_object": ("self.request.box", "box.parts.all()"),
}
NO_BOX = {
    "a_property_that_gives_no_rows": ("Box.objects.get(pk=1)", "box.counted"),
    "a_property_of_an_unread_object": ("self.request.box", "box.held"),
    "another_name_of_an_unread_object": ("self.request.box", "box.others.all()"),
}


def test_rows_that_hold_an_unread_object_are_taken_for_those(bench_of) -> None:
    """A foreign key and a many-to-many of other models lead to the rows by one name."""
    models = HOLDERS.replace(
        "on_delete=models.CASCADE)", 'related_name="parts", on_delete=models.CASCADE)'
    )
    bench = bench_of(NPlusOne(), PATH, {"shop/__init__.py": "", "shop/models.py": models})
    bench.ignores(of_box("self.request.owner", "box.parts.all()"))


def of_box(found: str, rows: str) -> str:
    text = FOUND.replace("Leaf, Node", "Box, Part").replace("Node", "Part")
    return text.replace("node = ", "box = ").format(found=found, rows=rows)


@pytest.fixture
def boxes(bench_of):
    return bench_of(NPlusOne(), PATH, {"shop/__init__.py": "", "shop/models.py": HOLDERS})


@pytest.mark.parametrize(("found", "rows"), OF_A_BOX.values(), ids=OF_A_BOX)
def test_rows_that_an_object_gives_are_for_review(boxes, found: str, rows: str) -> None:
    before = of_box(found, rows)
    after = before.replace(rows, f'{rows}.select_related("owner")')
    boxes.reviews(before, after, "unread-receiver")


@pytest.mark.parametrize(("found", "rows"), NO_BOX.values(), ids=NO_BOX)
def test_rows_that_are_not_known_are_declined(boxes, found: str, rows: str) -> None:
    result = boxes.run(of_box(found, rows), unsafe=True)
    assert not result.findings
    assert result.declined[0].reason.name in {"unknown-queryset", "no-queryset"}
