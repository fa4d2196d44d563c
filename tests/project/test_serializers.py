"""What serializers say beyond `Serializer().fields`: doubts, hooks, fields that code changes."""

import pytest

from djfix.codemods.project.project import Project
from djfix.codemods.project.serializer_values import Serializer, SerializerField
from djfix.codemods.source.files import Files

HEAD = """
from rest_framework import serializers
from shop.models import Book
"""
MODELS = """
from django.db import models
class Author(models.Model):
    name = models.TextField()
class Book(models.Model):
    title = models.TextField()
    author = models.ForeignKey(Author, models.CASCADE)
"""
MODEL = "    class Meta:\n        model = Book\n        fields = ['id', 'title']\n"


def project_of(text: str) -> Project:
    return Project(
        Files.of(
            {
                "manage.py": "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'config.settings')",
                "config/settings.py": "INSTALLED_APPS = ['shop']\n",
                "shop/__init__.py": "",
                "shop/models.py": MODELS,
                "shop/api.py": HEAD + text,
            }
        )
    )


def serializer_of(text: str) -> Serializer:
    found = project_of(text).serializer("shop.api.S")
    assert found is not None
    return found


def model_serializer(body: str, before: str = "") -> Serializer:
    return serializer_of(f"{before}\nclass S(serializers.ModelSerializer):\n{body}")


def field_of(value: str, before: str = "") -> SerializerField:
    found = serializer_of(f"{before}\nclass S(serializers.Serializer):\n    f = {value}\n").named(
        "f"
    )
    assert found is not None
    return found


def names(serializer: Serializer) -> list[str]:
    return [each.name for each in serializer.fields]


def doubts(serializer: Serializer) -> list[str]:
    return [each.name for each in serializer.unclear]


def test_a_model_serializer_knows_its_model_and_place() -> None:
    found = model_serializer(MODEL)
    assert (found.model, found.path, found.line) == ("shop.models.Book", "shop/api.py", 5)
    assert (names(found), found.unclear, found.depth) == (["id", "title"], (), 0)


def test_what_is_no_serializer_is_none() -> None:
    project = project_of("class S:\n    pass\nclass T(Unknown):\n    pass\n")
    asked = ["S", "T", "missing", "serializers.ModelSerializer"]
    assert [project.serializer(f"shop.api.{each}") for each in asked] == [None] * 4


def test_an_answer_is_remembered() -> None:
    project = project_of("class S(serializers.Serializer):\n    pass\n")
    assert project.serializer("shop.api.S") is project.serializer("shop.api.S")


def test_an_unknown_base_beside_a_serializer_is_a_doubt() -> None:
    found = serializer_of(
        "from elsewhere import Mixin\nclass S(Mixin, serializers.Serializer):\n"
        "    f = serializers.CharField()\n"
    )
    assert (names(found), doubts(found)) == (["f"], ["unknown-base"])


def test_mixins_that_only_write_are_no_doubt() -> None:
    found = model_serializer(
        MODEL, "from drf_writable_nested.serializers import WritableNestedModelSerializer as W"
    )
    assert found.unclear == ()
    found = serializer_of(
        "from drf_writable_nested.serializers import WritableNestedModelSerializer\n"
        f"class S(WritableNestedModelSerializer):\n{MODEL}"
    )
    assert (names(found), found.unclear) == (["id", "title"], ())


@pytest.mark.parametrize(
    "meta",
    [
        "model = Book\n        fields = make()",
        "model = Book\n        fields = ['id', make()]",
        "model = make()\n        fields = ['id']",
        "model = Book",
        "model = Book\n        exclude = make()",
        "model = Book\n        fields = ['id']\n        depth = make()",
        "model = Book\n        fields = ['id']\n        extra_kwargs = make()",
        "model = Book\n        fields = ['id']\n        list_serializer_class = make()",
    ],
)
def test_a_meta_that_cannot_be_read_is_a_doubt(meta: str) -> None:
    found = model_serializer(f"    class Meta:\n        {meta}\n")
    assert "unreadable-meta" in doubts(found)


def test_a_name_that_the_model_has_not_is_unknown() -> None:
    found = model_serializer(MODEL.replace("title", "missing"))
    assert [each.kind for each in found.fields] == ["plain", "unknown"]
    assert doubts(found) == ["unknown-field-class"]


@pytest.mark.parametrize("value", ["make()", "missing.Field()", "serializers.Missing()"])
def test_what_cannot_be_read_may_be_a_field(value: str) -> None:
    assert field_of(value).kind == "unknown"


def test_a_library_field_is_its_own() -> None:
    before = "from taggit.serializers import TagListSerializerField"
    found = field_of("TagListSerializerField()", before)
    assert (found.kind, found.base_kind) == ("own", "plain")


def test_a_source_that_is_worked_out_is_unknown() -> None:
    assert field_of("serializers.CharField(source=NAME)").source is None
    assert field_of("serializers.CharField(**options)").source is None


def test_a_field_under_an_if_is_conditional() -> None:
    found = serializer_of(
        "class S(serializers.Serializer):\n    if DEBUG:\n        f = serializers.CharField()\n"
    )
    assert [each.conditional for each in found.fields] == [True]


def test_a_field_that_a_method_pops_is_conditional() -> None:
    found = model_serializer(
        MODEL + "    def __init__(self, *args, **kwargs):\n"
        "        super().__init__(*args, **kwargs)\n"
        "        if 'x' not in kwargs:\n            self.fields.pop('title')\n"
    )
    assert [(each.name, each.conditional) for each in found.fields] == [
        ("id", False),
        ("title", True),
    ]
    assert (found.unclear, list(found.hooks)) == ((), ["__init__"])


def test_what_is_popped_of_the_representation_was_rendered() -> None:
    found = model_serializer(
        MODEL + "    def to_representation(self, instance):\n"
        "        data = super().to_representation(instance)\n"
        "        data.pop('title')\n        return data\n"
    )
    assert [each.conditional for each in found.fields] == [False, False]
    assert found.hooks["to_representation"].cls == "shop.api.S"


@pytest.mark.parametrize(
    "body",
    [
        "def __init__(self):\n        for each in []:\n            self.fields.pop(each)\n",
        "def __init__(self):\n        self.fields.update(make())\n",
        "def get_fields(self):\n        return {}\n",
        "def get_field_names(self, declared, info):\n        return []\n",
        "fields = property(make)\n",
        "for each in []:\n        x = 1\n",
    ],
)
def test_a_set_of_fields_that_code_makes_is_a_doubt(body: str) -> None:
    assert "dynamic-fields" in doubts(model_serializer(f"{MODEL}    {body}"))


def test_a_field_that_get_fields_puts_in_is_a_field() -> None:
    found = model_serializer(
        MODEL + "    def get_fields(self):\n        fields = super().get_fields()\n"
        "        fields['more'] = Other(many=True)\n"
        "        if self.context:\n            fields['some'] = serializers.CharField()\n"
        "        return fields\n",
        "class Other(serializers.Serializer):\n    pass\n",
    )
    more, some = found.fields[2:]
    assert (more.name, more.kind, more.many, more.serializer, more.conditional) == (
        "more",
        "nested",
        True,
        "shop.api.Other",
        False,
    )
    assert (some.name, some.kind, some.conditional) == ("some", "plain", True)


def test_depth_nests_without_a_serializer() -> None:
    found = model_serializer(
        "    class Meta:\n        model = Book\n        fields = ['author']\n        depth = 2\n"
    )
    assert found.depth == 2
    assert [(each.kind, each.serializer) for each in found.fields] == [("nested", None)]


def test_a_list_serializer_of_the_project_is_named() -> None:
    found = model_serializer(
        MODEL + "        list_serializer_class = Many\n",
        "class Many(serializers.ListSerializer):\n    pass\n",
    )
    assert (found.list_serializer, found.unclear) == ("shop.api.Many", ())


def test_of_a_model_with_unknown_bases_only_its_own_body_is_believed() -> None:
    found = model_serializer(
        "    class Meta:\n        model = Odd\n        fields = ['id', 'here', 'there']\n",
        "from django.db import models\nfrom elsewhere import Base\n"
        "class Odd(Base, models.Model):\n    here = models.TextField()\n"
        "    class Meta:\n        app_label = 'shop'\n",
    )
    assert [each.kind for each in found.fields] == ["unknown", "plain", "unknown"]
    assert doubts(found) == ["unknown-field-class"]


def test_all_fields_of_a_model_with_unknown_bases_cannot_be_read() -> None:
    found = model_serializer(
        "    class Meta:\n        model = Odd\n        fields = '__all__'\n",
        "from django.db import models\nfrom elsewhere import Base\n"
        "class Odd(Base, models.Model):\n    here = models.TextField()\n",
    )
    assert (found.fields, doubts(found)) == ((), ["unreadable-meta"])


def test_two_declarations_in_two_branches_are_a_doubt() -> None:
    found = serializer_of(
        "class S(serializers.Serializer):\n    if DEBUG:\n        f = serializers.CharField()\n"
        "    else:\n        f = serializers.StringRelatedField()\n"
    )
    assert doubts(found) == ["dynamic-fields"]


def test_calls_of_python_and_django_make_no_fields() -> None:
    found = serializer_of(
        "from django.utils.translation import pgettext_lazy\n"
        "class S(serializers.Serializer):\n    a = frozenset([1])\n"
        "    b = pgettext_lazy('x', 'y')\n"
    )
    assert (found.fields, found.unclear) == ((), ())


def test_a_nested_serializer_on_a_harmless_library_base_is_nested() -> None:
    found = field_of(
        "Other(many=True)",
        "from i18nfield.rest_framework import I18nAwareModelSerializer\n"
        f"class Other(I18nAwareModelSerializer):\n{MODEL}",
    )
    assert (found.kind, found.serializer, found.many) == ("nested", "shop.api.Other", True)
