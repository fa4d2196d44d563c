"""`n-plus-one`: fields that code takes out of a serializer, at times or always, cost nothing."""

from __future__ import annotations

import ast

import pytest
from test_n_plus_one_elsewhere import FILES, HEAD, PATH

from djfix.codemods.project.project import Project
from djfix.codemods.rules.n_plus_one import NPlusOne
from djfix.codemods.source.files import Files

OWN = """\
class OrderSerializer(serializers.ModelSerializer):
    customer = serializers.CharField(source="customer.name")

    class Meta:
        model = Order
        fields = ["number", "customer"]
"""
VIEW = """\
class Orders(generics.ListAPIView):
    queryset = Order.objects.all()
    serializer_class = OrderSerializer
"""
ALL = "queryset = Order.objects.all()"


@pytest.fixture
def bench(bench_of):
    return bench_of(NPlusOne(), PATH, FILES)


def text_of(method: str, base: str = OWN) -> str:
    indented = "".join(f"    {line}\n" if line else "\n" for line in method.splitlines())
    own = f"{base}\n{indented}"
    text = HEAD.replace(OWN, own) + VIEW
    ast.parse(text)
    return text


MAKING = "def __init__(self, *args, **kwargs):\n    super().__init__(*args, **kwargs)\n"
GETTING = "def get_fields(self):\n    fields = super().get_fields()\n"
STAFF = 'self.context["request"].user.is_staff'
TAKEN_OUT = {
    "in_init_under_a_condition": (
        f"{MAKING}    if not {STAFF}:\n        self.fields.pop('customer')\n"
    ),
    "after_an_early_return": (
        f"{MAKING}    if {STAFF}:\n        return\n    self.fields.pop('customer')\n"
    ),
    "in_a_method_that_init_calls": (
        f"{MAKING}    if not {STAFF}:\n        self.shorten()\n\n"
        "def shorten(self):\n    self.fields.pop('customer')\n"
    ),
    "by_write_only": f"{MAKING}    self.fields['customer'].write_only = not {STAFF}\n",
    "in_a_loop_over_written_names": (
        f"{MAKING}    for name in ('customer', 'shop'):\n        if not {STAFF}:\n"
        "            self.fields.pop(name, None)\n"
    ),
    "in_a_loop_that_may_not_run": (
        f"{MAKING}    for name in self.context:\n        self.fields.pop('customer')\n"
    ),
    "of_the_declared_fields": f"{MAKING}    self._declared_fields.pop('customer')\n",
    "in_get_fields_under_a_condition": (
        f"{GETTING}    if not {STAFF}:\n        fields.pop('customer')\n    return fields\n"
    ),
    "in_to_representation": (
        f"def to_representation(self, instance):\n    if not {STAFF}:\n"
        "        self.fields.pop('customer', None)\n"
        "    return super().to_representation(instance)\n"
    ),
}
ALWAYS_TAKEN_OUT = {
    "in_init": f"{MAKING}    del self.fields['customer']\n",
    "in_init_by_pop": f"{MAKING}    self.fields.pop('customer', None)\n",
    "under_another_name": f"{MAKING}    fields = self.fields\n    fields.pop('customer')\n",
    "in_get_fields": f"{GETTING}    shown = fields.pop('customer')\n    return fields\n",
    "by_write_only": f"{MAKING}    self.fields['customer'].write_only = True\n",
    "in_a_loop_over_written_names": (
        f"{MAKING}    for name in ['shop', 'customer']:\n        self.fields.pop(name, None)\n"
    ),
    "after_get_fields_has_put_it_in": (
        f"{GETTING}    fields['customer'] = serializers.CharField(source='customer.name')\n"
        f"    return fields\n\n{MAKING}    self.fields.pop('customer')\n"
    ),
}
NOT_KNOWN = {
    "names_of_a_loop_that_is_bound_again": (
        f"{MAKING}    for name in ('shop', 'customer'):\n        name = self.context[name]\n"
        "        self.fields.pop(name)\n"
    ),
    "get_fields_gives_others": (
        "def get_fields(self):\n    found = super().get_fields().items()\n"
        "    return {name: field for name, field in found if name != 'customer'}\n"
    ),
    "get_fields_binds_others": (
        f"{GETTING}    fields = {{name: fields[name] for name in self.shown}}\n    return fields\n"
    ),
    "fields_are_handed_on": f"{MAKING}    shorten(self.fields)\n",
}


@pytest.mark.parametrize("method", TAKEN_OUT.values(), ids=TAKEN_OUT)
def test_field_may_be_taken_out(bench, method: str) -> None:
    before = text_of(method)
    after = before.replace(ALL, f'{ALL}.select_related("customer")')
    bench.reviews(before, after, "conditional-field")


@pytest.mark.parametrize("method", ALWAYS_TAKEN_OUT.values(), ids=ALWAYS_TAKEN_OUT)
def test_field_is_always_taken_out(bench, method: str) -> None:
    bench.ignores(text_of(method))


def test_field_is_taken_out_by_a_method_that_a_subclass_replaces(bench) -> None:
    own = OWN.replace("OrderSerializer(serializers", "ShortSerializer(serializers")
    taking = "    def __init__(self, *args, **kwargs):\n        self.fields.pop('customer')\n\n\n"
    whole = (
        "class OrderSerializer(ShortSerializer):\n"
        "    def __init__(self, *args, **kwargs):\n"
        "        serializers.ModelSerializer.__init__(self, *args, **kwargs)\n\n\n"
    )
    before = HEAD.replace(OWN, f"{own}\n{taking}{whole}") + VIEW
    after = before.replace(ALL, f'{ALL}.select_related("customer")')
    bench.reviews(before, after, "conditional-field")


@pytest.mark.parametrize("method", NOT_KNOWN.values(), ids=NOT_KNOWN)
def test_fields_are_decided_at_run_time(bench, method: str) -> None:
    bench.reports(text_of(method), "dynamic-fields")


@pytest.mark.parametrize("method", TAKEN_OUT.values(), ids=TAKEN_OUT)
def test_explain_tells_of_a_field_that_may_be_taken_out(method: str) -> None:
    text = text_of(method)
    files = Files.of(FILES | {PATH: text})
    line = text.partition(ALL)[0].count("\n") + 1
    said = NPlusOne().explain(files.document(PATH), Project(files), range(line, line + 1))
    assert any("conditional-field: customer may be taken out" in each for each in said)


SHOWN = {
    "of_what_was_rendered": (
        "def to_representation(self, instance):\n"
        "    data = super().to_representation(instance)\n    data.pop('customer')\n"
        "    return data\n"
    ),
    "another_field": f"{MAKING}    self.fields.pop('number')\n",
    "names_that_are_read": f"{MAKING}    self.shown = set(self.fields)\n",
    "a_method_that_takes_nothing_out": (
        f"{MAKING}    self.note()\n\ndef note(self):\n    self.noted = True\n"
    ),
    "a_field_that_is_put_in": (
        f"{GETTING}    fields['more'] = serializers.CharField(source='number')\n    return fields\n"
    ),
}


@pytest.mark.parametrize("method", SHOWN.values(), ids=SHOWN)
def test_field_is_shown_all_the_same(bench, method: str) -> None:
    before = text_of(method)
    bench.fixes(before, before.replace(ALL, f'{ALL}.select_related("customer")'))


CUSTOMER = 'self.fields.pop("customer")'
LESS = f"{MAKING}    if not {STAFF}:\n        {CUSTOMER}\n"
NESTED = """\
class BoxSerializer(serializers.Serializer):
    order = OrderSerializer(source="*")


"""


def test_field_of_a_nested_serializer_may_be_taken_out(bench) -> None:
    view = VIEW.replace("= OrderSerializer", "= BoxSerializer")
    before = text_of(LESS).replace(VIEW, NESTED + view)
    after = before.replace(ALL, f'{ALL}.select_related("customer")')
    bench.reviews(before, after, "conditional-field")


def also(field: str) -> str:
    """The serializer with one field more, named "more"."""
    more = f"    more = {field}\n\n    class Meta"
    return OWN.replace("    class Meta", more).replace('["number"', '["number", "more"')


def test_path_is_read_by_another_field_in_any_case(bench) -> None:
    before = text_of(LESS, also('serializers.CharField(source="customer.id")'))
    bench.fixes(before, before.replace(ALL, f'{ALL}.select_related("customer")'))


def test_path_of_such_a_field_is_added_apart(bench) -> None:
    before = text_of(
        LESS.replace("customer", "more"), also("ItemSerializer(source='items', many=True)")
    )
    joined = before.replace(ALL, f'{ALL}.select_related("customer")')
    bench.fixes(before, joined)
    found = bench.run(joined, unsafe=True).findings
    assert [str(each.finding.reasons[0]).partition(":")[0] for each in found] == [
        "conditional-field"
    ]


def test_rows_of_such_a_field_are_queried(bench) -> None:
    own = OWN.replace(
        'customer = serializers.CharField(source="customer.name")',
        "customer = serializers.SerializerMethodField()",
    )
    method = (
        f"{LESS}\ndef get_customer(self, order):\n    return order.items.filter(qty=1).count()\n"
    )
    bench.reports(text_of(method, own), "ignores-prefetch", "conditional-field")


def test_code_of_such_a_field_counts_while_it_is_there(bench) -> None:
    less = LESS.replace("customer", "more")
    method = f"{less}\ndef get_more(self, order):\n    order.refresh_from_db()\n    return ''\n"
    before = text_of(method, also("serializers.SerializerMethodField()"))
    after = before.replace(ALL, f'{ALL}.select_related("customer")')
    bench.reviews(before, after, "looks-into-cache")


def test_circle_that_such_a_field_ends_is_left_alone(bench) -> None:
    own = OWN.replace(
        'customer = serializers.CharField(source="customer.name")',
        "customer = serializers.SerializerMethodField()",
    )
    method = (
        f"{LESS}\ndef get_customer(self, order):\n"
        "    return [OrderSerializer(each).data for each in order.children.all()]\n"
    )
    bench.ignores(text_of(method, own))


BY_VIEW = {
    "of_each_row": "found.child.fields.pop('customer')",
    "of_the_serializer": "del found.fields['customer']",
    "by_write_only": "found.fields['customer'].write_only = True",
}


@pytest.mark.parametrize("line", BY_VIEW.values(), ids=BY_VIEW)
def test_view_takes_a_field_out(bench, line: str) -> None:
    before = (
        HEAD
        + VIEW
        + (
            "\n    def get_serializer(self, *args, **kwargs):\n"
            f"        found = super().get_serializer(*args, **kwargs)\n        {line}\n"
            "        return found\n"
        )
    )
    after = before.replace(ALL, f'{ALL}.select_related("customer")')
    bench.reviews(before, after, "serializer-by-condition")


def test_nested_field_is_taken_out_of_another_serializer(bench) -> None:
    nested = (
        "class NestedSerializer(serializers.ModelSerializer):\n"
        "    items = ItemSerializer(many=True)\n\n    class Meta:\n        model = Order\n"
        '        fields = ["items"]\n\n    def __init__(self, *args, **kwargs):\n'
        "        super().__init__(*args, **kwargs)\n"
        "        self.fields['items'].child.fields.pop('product')\n\n\n"
    )
    view = VIEW.replace("OrderSerializer", "NestedSerializer")
    bench.reports(HEAD + nested + view, "dynamic-fields")
