"""`thin-views` with `validate`: which serializer a view's input goes through, and when none."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping

import pytest
from guides_view import VALIDATING, VIEW

from djfix.codemods.rules.thin_views import ThinViews
from djfix.codemods.rules.thin_views.examples import FILES, GUIDE, SERIALIZERS
from djfix.codemods.rules.thin_views.options import ThinViewsOptions

VIEWS = "shop/views.py"
HEAD = """\
from decimal import Decimal

from django.shortcuts import get_object_or_404
from rest_framework.response import Response
from rest_framework.views import APIView

from shop.models import Order, OrderItem, User
from shop.serializers import OrderSerializer
from shop.tasks import send_confirmation_email


"""
NOTE = "class NoteSerializer(serializers.Serializer):\n    note = serializers.CharField()\n"


def declared(*fields: str, name: str = "BuyOrderSerializer") -> str:
    rows = "".join(f"    {each}\n" for each in fields)
    return f"class {name}(serializers.Serializer):\n{rows}"


def buying(body: str) -> str:
    text = textwrap.indent(textwrap.dedent(body).strip("\n"), "        ")
    return f"{HEAD}class BuyOrderView(APIView):\n    def post(self, request, pk=None):\n{text}\n"


WORK = """
order = Order.objects.create(user=request.user, note=note)
OrderItem.objects.create(order=order, price=1, qty=1)
send_confirmation_email.delay(order.pk)
return Response({"order": order.pk})
"""
READ = 'note = request.data["note"]'


@pytest.fixture
def validated(bench_of: Callable[..., object]) -> Callable[..., tuple[str, str, dict[str, str]]]:
    """The view's body after, the service's head, and the reasons by name."""

    def made(
        text: str, serializers: str, files: Mapping[str, str] | None = None
    ) -> tuple[str, str, dict[str, str]]:
        rule = ThinViews(ThinViewsOptions(validate=True))
        own = {"shop/serializers.py": f"{SERIALIZERS}\n\n{serializers}"}
        bench = bench_of(rule, VIEWS, {**dict(FILES), **own, **(files or {})})
        result = bench.run(text, unsafe=True)
        changes = {each.path: each.after.decode() for each in result.changes}
        (item,) = result.findings
        _, _, body = changes[VIEWS].partition("    def post(self, request, pk=None):\n")
        head = next(
            (row for row in changes["shop/services.py"].splitlines() if row.startswith("def ")), ""
        )
        reasons = {each.name: each.text for each in item.finding.reasons}
        return textwrap.dedent(body).strip("\n"), head, reasons

    return made


@pytest.fixture
def left(validated: Callable[..., tuple[str, str, dict[str, str]]]) -> Callable[..., str]:
    """The name of the reason why no serializer is asked."""

    def named(text: str, serializers: str, files: Mapping[str, str] | None = None) -> str:
        body, _, reasons = validated(text, serializers, files)
        assert "is_valid" not in body
        assert "validates-input" not in reasons
        assert "unvalidated-input" in reasons
        (name,) = reasons.keys() & {
            *("no-fitting-serializer", "several-serializers", "whole-input", "late-input"),
            *("name-taken", "circular-import"),
        }
        return str(name)

    return named


# Asked.


def test_guide(bench_of: Callable[..., object]) -> None:
    files = {**dict(FILES), "shop/serializers.py": VALIDATING}
    bench = bench_of(ThinViews(ThinViewsOptions(validate=True)), VIEWS, files)
    bench.fixes(GUIDE, VIEW, unsafe=True)


def test_what_changes_is_said(validated: Callable[..., tuple[str, str, dict[str, str]]]) -> None:
    _, _, reasons = validated(buying(READ + WORK), NOTE)
    assert reasons["validates-input"] == (
        "what NoteSerializer refuses is answered 400 with its errors, before anything else is "
        "done; values get the types of its fields, texts are trimmed, keys that it does not know "
        "are dropped"
    )
    assert "unvalidated-input" not in reasons


def test_off_by_default(bench_of: Callable[..., object]) -> None:
    files = {**dict(FILES), "shop/serializers.py": f"{SERIALIZERS}\n\n{NOTE}"}
    bench = bench_of(ThinViews(), VIEWS, files)
    assert "is_valid" not in bench.after(buying(READ + WORK), unsafe=True).decode()


def test_parameter_has_the_type_of_its_field(
    validated: Callable[..., tuple[str, str, dict[str, str]]],
) -> None:
    _, head, _ = validated(buying(READ + WORK), NOTE)
    assert head == "def buy_order(*, note: str, user: User) -> Order:"


def test_input_that_the_run_reads_is_validated_before_the_call(
    validated: Callable[..., tuple[str, str, dict[str, str]]],
) -> None:
    body, _, _ = validated(buying(WORK.replace("note=note", 'note=request.data["note"]')), NOTE)
    assert body.splitlines() == [
        "serializer = NoteSerializer(data=request.data)",
        "serializer.is_valid(raise_exception=True)",
        'order = buy_order(user=request.user, note=serializer.validated_data["note"])',
        'return Response({"order": order.pk})',
    ]


def test_check_that_reads_input_comes_behind(
    validated: Callable[..., tuple[str, str, dict[str, str]]],
) -> None:
    checked = f'if request.data["note"] == "x":\n    return Response(status=409)\n{READ}'
    body, _, _ = validated(buying(checked + WORK), NOTE)
    assert body.splitlines()[:5] == [
        "serializer = NoteSerializer(data=request.data)",
        "serializer.is_valid(raise_exception=True)",
        'if serializer.validated_data["note"] == "x":',
        "    return Response(status=409)",
        'order = buy_order(note=serializer.validated_data["note"], user=request.user)',
    ]


def test_variable_that_the_answer_uses_stays(
    validated: Callable[..., tuple[str, str, dict[str, str]]],
) -> None:
    body, _, _ = validated(
        buying(READ + WORK.replace('{"order": order.pk}', '{"order": order.pk, "note": note}')),
        NOTE,
    )
    assert body.splitlines()[2] == 'note = serializer.validated_data["note"]'


def test_variable_of_the_whole_body_is_the_validated_one(
    validated: Callable[..., tuple[str, str, dict[str, str]]],
) -> None:
    body, _, _ = validated(buying('data = request.data\nnote = data["note"]' + WORK), NOTE)
    assert body.splitlines()[:3] == [
        "serializer = NoteSerializer(data=request.data)",
        "serializer.is_valid(raise_exception=True)",
        "order = buy_order(data=serializer.validated_data, user=request.user)",
    ]


def test_comment_beside_the_first_reading_stays(
    validated: Callable[..., tuple[str, str, dict[str, str]]],
) -> None:
    body, _, _ = validated(buying(f"{READ}  # as it came{WORK}"), NOTE)
    assert body.splitlines()[2] == 'note = serializer.validated_data["note"]  # as it came'


def test_name_of_the_variable_is_free(
    validated: Callable[..., tuple[str, str, dict[str, str]]],
) -> None:
    body, _, _ = validated(buying(f"serializer = OrderItem\n{READ}{WORK}"), NOTE)
    assert body.splitlines()[1] == "input_serializer = NoteSerializer(data=request.data)"


def test_key_that_may_miss_stays_so(
    validated: Callable[..., tuple[str, str, dict[str, str]]],
) -> None:
    optional = declared("note = serializers.CharField(required=False)")
    body, _, _ = validated(buying('note = request.data.get("note", "")' + WORK), optional)
    assert 'note=serializer.validated_data.get("note", "")' in body


def test_serializer_that_only_looks_at_a_value_fits(
    validated: Callable[..., tuple[str, str, dict[str, str]]],
) -> None:
    more = "def validate_note(self, value):\n        if not value:\n            raise ValueError"
    looking = declared("note = serializers.CharField()", f"{more}\n        return value")
    body, _, _ = validated(buying(READ + WORK), looking)
    assert body.startswith("serializer = BuyOrderSerializer(data=request.data)")


def test_serializer_of_columns_fits(
    validated: Callable[..., tuple[str, str, dict[str, str]]],
) -> None:
    meta = 'class Meta:\n        model = OrderItem\n        fields = ["id", "qty"]\n'
    columns = f"class QtySerializer(serializers.ModelSerializer):\n    {meta}"
    text = buying('qty = request.data["qty"]' + WORK.replace("qty=1", "qty=qty, note=''"))
    text = text.replace("note=note", "note=''")
    columns = f"from shop.models import OrderItem\n\n\n{columns}"
    body, head, _ = validated(text, columns)
    assert body.startswith("serializer = QtySerializer(data=request.data)")
    assert "qty: int" in head


def test_of_two_the_one_with_just_these_fields(
    validated: Callable[..., tuple[str, str, dict[str, str]]],
) -> None:
    wider = declared(
        "note = serializers.CharField()",
        "color = serializers.CharField(required=False)",
        name="WiderSerializer",
    )
    body, _, _ = validated(buying(READ + WORK), f"{NOTE}\n\n{wider}")
    assert "NoteSerializer(data=request.data)" in body


def test_of_two_the_one_that_goes_by_the_name_of_the_service(
    validated: Callable[..., tuple[str, str, dict[str, str]]],
) -> None:
    own = declared("note = serializers.CharField()")
    body, _, _ = validated(buying(READ + WORK), f"{NOTE}\n\n{own}")
    assert "BuyOrderSerializer(data=request.data)" in body


# Not asked.

PLAIN = buying(READ + WORK)
NUMBER = buying('note = int(request.data["note"])' + WORK)


@pytest.mark.parametrize(
    "field",
    [
        pytest.param("text = serializers.CharField()", id="another_key"),
        pytest.param("note = serializers.CharField(required=False)", id="key_may_miss_there"),
        pytest.param("note = serializers.CharField(read_only=True)", id="only_rendered"),
        pytest.param('note = serializers.CharField(source="text")', id="goes_by_another_name"),
        pytest.param("note = serializers.HiddenField(default=1)", id="nobody_sends_it"),
        pytest.param("note = serializers.CharField(**MORE)", id="arguments_are_not_known"),
        pytest.param("note = serializers.SerializerMethodField()", id="a_method"),
        pytest.param("note = Unknown()", id="class_is_not_known"),
        pytest.param(
            "note = serializers.PrimaryKeyRelatedField(queryset=Order.objects.all())",
            id="gives_a_row_for_a_key",
        ),
    ],
)
def test_field_does_not_fit(left: Callable[..., str], field: str) -> None:
    assert left(PLAIN, declared(field)) == "no-fitting-serializer"


@pytest.mark.parametrize(
    "more",
    [
        pytest.param("color = serializers.CharField()", id="it_wants_more"),
        pytest.param("def to_internal_value(self, data):\n        return data", id="reads_itself"),
        pytest.param("def __init__(self, *a, **k):\n        pass", id="is_made_otherwise"),
        pytest.param(
            "def validate(self, data):\n        self.context\n        return data",
            id="asks_its_caller",
        ),
        pytest.param(
            "def validate_note(self, value):\n        return [value]", id="gives_something_else"
        ),
        pytest.param(
            "def validate(self, data):\n        data.pop('note')\n        return data",
            id="takes_something_out",
        ),
        pytest.param(
            "def validate(self, data):\n        data['note'] = 1\n        return data",
            id="puts_something_in",
        ),
    ],
)
def test_serializer_does_not_fit(left: Callable[..., str], more: str) -> None:
    found = declared("note = serializers.CharField()", more)
    assert left(PLAIN, found) == "no-fitting-serializer"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        pytest.param("IntegerField", 'n = request.data["note"].strip()', id="text_of_a_number"),
        pytest.param("CharField", 'n = request.data["note"] * 2', id="number_of_a_text"),
        pytest.param("FloatField", 'n = Decimal(request.data["note"])', id="digits_of_a_float"),
        pytest.param("DecimalField", 'n = str(request.data["note"])', id="text_of_a_decimal"),
        pytest.param("DecimalField", 'n = request.data["note"] * 1.5', id="decimal_and_float"),
        pytest.param("DateField", 'n = request.data["note"][:4]', id="year_of_a_text"),
        pytest.param("ListField", 'n = request.data["note"]["a"]', id="key_of_a_list"),
        pytest.param("DictField", 'n = [x for x in request.data["note"]]', id="items_of_a_dict"),
        pytest.param("UUIDField", 'n = find(request.data["note"])', id="unknown_function"),
    ],
)
def test_type_does_not_fit_the_use(left: Callable[..., str], kind: str, text: str) -> None:
    arguments = "max_digits=9, decimal_places=2" if kind == "DecimalField" else ""
    found = declared(f"note = serializers.{kind}({arguments})")
    view = buying(f"{text}\n{READ}{WORK}")
    assert left(view, found) == "no-fitting-serializer"


def test_decimal_that_the_answer_shows(left: Callable[..., str]) -> None:
    field = "note = serializers.DecimalField(max_digits=9, decimal_places=2)"
    shown = WORK.replace('"order": order.pk', '"order": order.pk, "twice": twice')
    text = buying(f"{READ}\ntwice = note + note{shown}")
    assert left(text, declared(field)) == "no-fitting-serializer"


def test_column_that_the_answer_shows(left: Callable[..., str]) -> None:
    field = "note = serializers.DecimalField(max_digits=9, decimal_places=2)"
    shown = WORK.replace('"order": order.pk', '"note": order.note')
    assert left(buying(READ + shown), declared(field)) == "no-fitting-serializer"


def test_get_of_a_key_that_must_be_there(left: Callable[..., str]) -> None:
    assert left(buying('note = request.data.get("note")' + WORK), NOTE) == "no-fitting-serializer"


def test_get_with_another_default(left: Callable[..., str]) -> None:
    field = declared('note = serializers.CharField(default="a")')
    text = buying('note = request.data.get("note", "b")' + WORK)
    assert left(text, field) == "no-fitting-serializer"


def test_nothing_but_optional_keys_of_many(left: Callable[..., str]) -> None:
    fields = [f"{name} = serializers.CharField(required=False)" for name in ("note", "color")]
    text = buying('note = request.data.get("note", "")' + WORK)
    assert left(text, declared(*fields)) == "no-fitting-serializer"


def test_two_that_fit_alike(left: Callable[..., str]) -> None:
    other = declared("note = serializers.CharField()", name="OtherSerializer")
    assert left(PLAIN, f"{NOTE}\n\n{other}") == "several-serializers"


@pytest.mark.parametrize(
    "look",
    [
        pytest.param('"note" in request.data', id="in"),
        pytest.param("request.data.keys()", id="keys"),
        pytest.param("len(request.data)", id="len"),
        pytest.param("request.data[pk]", id="a_key_that_varies"),
    ],
)
def test_view_looks_at_more_than_keys(left: Callable[..., str], look: str) -> None:
    assert left(buying(f"first = {look}\n{READ}{WORK}"), NOTE) == "whole-input"


def test_serializer_of_another_app(left: Callable[..., str]) -> None:
    files = {
        "other/__init__.py": "",
        "other/serializers.py": f"from rest_framework import serializers\n\n\n{NOTE}",
    }
    assert left(PLAIN, "", files) == "no-fitting-serializer"


def test_imported_serializer_of_another_app_fits(
    validated: Callable[..., tuple[str, str, dict[str, str]]],
) -> None:
    files = {
        "other/__init__.py": "",
        "other/serializers.py": f"from rest_framework import serializers\n\n\n{NOTE}",
    }
    text = PLAIN.replace(
        "import OrderSerializer\n", "import OrderSerializer\nimport other.serializers\n"
    )
    body, _, _ = validated(
        text.replace("import other.serializers", "from other.serializers import NoteSerializer"),
        "",
        files,
    )
    assert body.startswith("serializer = NoteSerializer(data=request.data)")


def test_name_is_something_else_among_the_views(left: Callable[..., str]) -> None:
    text = PLAIN.replace("class BuyOrderView", "NoteSerializer = 1\n\n\nclass BuyOrderView")
    assert left(text, NOTE) == "name-taken"


def test_module_of_the_serializer_imports_the_views(left: Callable[..., str]) -> None:
    files = {
        "shop/inputs.py": "from rest_framework import serializers\n\n"
        f"from shop.views import BuyOrderView\n\n\n{NOTE}"
    }
    assert left(PLAIN, "", files) == "circular-import"


def test_body_is_read_in_a_branch(left: Callable[..., str]) -> None:
    text = f'note = ""\nif pk:\n    note = request.data["note"]\nother = request.data["note"]{WORK}'
    assert left(buying(text), NOTE) == "late-input"


def test_something_is_done_before_the_body_is_read(left: Callable[..., str]) -> None:
    text = f'note = get_object_or_404(Order, pk=pk).note + request.data["note"]{WORK}'
    assert left(buying(text), NOTE) == "late-input"
