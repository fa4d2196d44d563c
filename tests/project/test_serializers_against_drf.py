"""Serializers as linked, compared with the fields that REST framework itself makes of them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from djfix.codemods.project.project import Project
from djfix.codemods.project.serializer_values import SerializerField
from djfix.codemods.source.files import Files

FILES = {
    "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'config.settings')\n",
    "config/__init__.py": "",
    "config/settings.py": """
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "rest_framework", "shop"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
""",
    "shop/__init__.py": "",
    "shop/names.py": 'COMMON = ("id", "title")\n',
    "shop/models.py": """
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models

class Note(models.Model):
    content_type = models.ForeignKey(ContentType, models.CASCADE)
    object_id = models.IntegerField()
    target = GenericForeignKey()

class Author(models.Model):
    name = models.CharField(max_length=9)
    code = models.CharField(max_length=9, unique=True)

class Tag(models.Model):
    word = models.CharField(max_length=9, primary_key=True)

class Stamped(models.Model):
    made = models.DateTimeField(auto_now_add=True)
    class Meta:
        abstract = True

class Book(Stamped):
    title = models.CharField(max_length=9)
    author = models.ForeignKey(Author, models.CASCADE, related_name="books")
    by_code = models.ForeignKey(Author, models.CASCADE, to_field="code", related_name="+")
    owner = models.ForeignKey(get_user_model(), models.CASCADE)
    tags = models.ManyToManyField(Tag, related_name="books")
    state = models.IntegerField(choices=[(1, "a")])
    extra = models.JSONField()
    notes = GenericRelation(Note)
    objects = models.Manager()

    @property
    def label(self):
        return self.title

    def shout(self):
        return self.title

class Special(Book):
    price = models.DecimalField(max_digits=5, decimal_places=2)

class Detail(models.Model):
    book = models.OneToOneField(Book, models.CASCADE, primary_key=True)
    text = models.TextField()
""",
    "shop/serializers.py": """
from rest_framework import serializers
from rest_framework.fields import CharField
from rest_framework.serializers import ModelSerializer
from shop import names
from shop.models import Author, Book, Detail, Note, Special, Tag
from shop.names import COMMON

EXTRA = ["state"]

class A01(ModelSerializer):
    class Meta:
        model = Author
        fields = "__all__"
class A02(ModelSerializer):
    class Meta:
        model = Book
        fields = "__all__"
class A03(ModelSerializer):
    class Meta:
        model = Book
        exclude = ["tags", "extra"]
class A04(ModelSerializer):
    class Meta:
        model = Book
        fields = COMMON
class A05(ModelSerializer):
    class Meta:
        model = Book
        fields = names.COMMON + ("author",)
class A06(A05):
    class Meta(A05.Meta):
        fields = A05.Meta.fields + ("tags",)
class A07(A05):
    class Meta(A05.Meta):
        fields = [*A05.Meta.fields, "owner", *EXTRA]
class A08(A05):
    pass
class A09(ModelSerializer):
    class Meta:
        model = Author
        fields = ["id", "books", "pk"]
class A10(ModelSerializer):
    author = A01()
    class Meta:
        model = Book
        fields = ["author", "title", "label", "shout", "author_id"]
class A11(ModelSerializer):
    books = A10(many=True, read_only=True)
    class Meta:
        model = Author
        fields = ["name", "books"]
class A12(ModelSerializer):
    class Meta:
        model = Book
        fields = "__all__"
        depth = 1
class A13(serializers.HyperlinkedModelSerializer):
    class Meta:
        model = Book
        fields = ["url", "author", "tags", "title"]
class A14(ModelSerializer):
    class Meta:
        model = Special
        fields = "__all__"
class A15(ModelSerializer):
    class Meta:
        model = Detail
        fields = "__all__"
class A16(ModelSerializer):
    class Meta:
        model = Note
        fields = ["target", "content_type", "object_id"]
class A17(ModelSerializer):
    class Meta:
        model = Book
        fields = ["notes", "detail", "special"]
class A18(ModelSerializer):
    class Meta:
        model = Book
        fields = ["id", "title", "writer"]
        extra_kwargs = {"title": {"write_only": True}, "writer": {"source": "author"}}
class A19(serializers.Serializer):
    a = CharField()
    b = serializers.IntegerField(write_only=True)
    c = serializers.CharField(source="x.y.z")
    d = serializers.SerializerMethodField()
    e = serializers.SerializerMethodField(method_name="other")
    f = serializers.ReadOnlyField(source="g")
    def get_d(self, obj): return 1
    def other(self, obj): return 1
class A20(A19):
    b = None
    h = CharField()
class A21(A19):
    a = serializers.IntegerField()
class Plain:
    ignored = CharField()
class A22(Plain, A19):
    z = CharField()
class Mixin(metaclass=serializers.SerializerMetaclass):
    mixed = CharField()
class A43(Mixin, A19):
    own = CharField()
class Mixed(serializers.Serializer):
    mixed = CharField()
    a = serializers.StringRelatedField()
class A23(Mixed, A19):
    pass
class A24(A19, Mixed):
    pass
class A25(serializers.Serializer):
    key = serializers.PrimaryKeyRelatedField(read_only=True)
    keys = serializers.PrimaryKeyRelatedField(many=True, read_only=True)
    pk_field = serializers.PrimaryKeyRelatedField(read_only=True, pk_field=CharField())
    slug = serializers.SlugRelatedField(slug_field="code", read_only=True)
    slugs = serializers.SlugRelatedField("code", many=True, read_only=True)
    text = serializers.StringRelatedField(many=True)
    link = serializers.HyperlinkedRelatedField(view_name="x", read_only=True, lookup_field="s")
    me = serializers.HyperlinkedIdentityField(view_name="x")
    hidden = serializers.HiddenField(default=1)
class A26(serializers.Serializer):
    words = serializers.ListField(child=CharField())
    nested = serializers.ListField(child=A01())
    table = serializers.DictField(child=CharField())
    listed = serializers.ListSerializer(child=A01())
    whole = A01(source="*")
    deep = A01(source="a.b", many=True)
class Upper(CharField):
    def to_representation(self, value): return value.upper()
class Same(CharField):
    pass
class OwnKey(serializers.PrimaryKeyRelatedField):
    def use_pk_only_optimization(self): return False
class A27(serializers.Serializer):
    up = Upper()
    same = Same()
    own = OwnKey(read_only=True)
    owns = OwnKey(many=True, read_only=True)
class A28(ModelSerializer):
    class Inner(serializers.Serializer):
        x = CharField()
    author = Inner()
    class Meta:
        model = Book
        fields = ["author"]
class A29(ModelSerializer):
    title = CharField(write_only=True)
    more = CharField()
    class Meta:
        model = Book
        fields = "__all__"
class A30(A29):
    more = None
class A31(A29):
    class Meta:
        model = Book
        fields = ["id"]
class A32(ModelSerializer):
    serializer_related_field = OwnKey
    class Meta:
        model = Book
        fields = ["author", "tags"]
class A33(ModelSerializer):
    class Meta:
        model = Tag
        fields = ["pk", "word", "books"]
class A34(ModelSerializer):
    class Meta:
        model = Book
        fields = ("id",) + tuple(EXTRA)
class MetaMixin:
    class Meta:
        model = Author
        fields = ["code"]
class A35(MetaMixin, ModelSerializer):
    pass
class A36(ModelSerializer):
    class Meta(A03.Meta):
        exclude = A03.Meta.exclude + ["made"]
class A37(ModelSerializer):
    class Meta:
        model = A03.Meta.model
        fields = serializers.ALL_FIELDS
class A38(ModelSerializer):
    class Meta:
        model = Author
        fields = ["books"]
        depth = 1
class A39(ModelSerializer):
    class Meta:
        model = Book
        fields = ["by_code"]
class A40(ModelSerializer):
    Meta = A05.Meta
class A41(ModelSerializer):
    names = ("id",)
    class Meta:
        basic = ["id"]
        model = Book
        fields = basic + ["title"]
class A42(A22):
    z = CharField(source="q")
    a = None
""",
}

DUMP = """
import os, json
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django; django.setup()
from rest_framework import serializers as s
from shop import serializers as mine
def kind(f):
    for k, c in (("nested", s.BaseSerializer), ("hidden", s.HiddenField),
        ("method", s.SerializerMethodField), ("identity", s.HyperlinkedIdentityField),
        ("hyperlink", s.HyperlinkedRelatedField), ("key", s.PrimaryKeyRelatedField),
        ("slug", s.SlugRelatedField), ("string", s.StringRelatedField)):
        if isinstance(f, c): return k
    return "plain"
def facts(f):
    many = isinstance(f, (s.ListSerializer, s.ManyRelatedField, s.ListField))
    one = getattr(f, "child", None) or getattr(f, "child_relation", None) if many else f
    attrs = list(f.source_attrs) if f.source != "*" else []
    return [f.field_name, kind(one), many, f.write_only, attrs]
print(json.dumps({n: [facts(f) for f in getattr(mine, n)().fields.values()]
    for n in dir(mine) if n[0] == "A" and n[1:].isdigit()}))
"""


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder: Path = tmp_path_factory.mktemp("serializers")
    for path, text in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    done = subprocess.run(
        [sys.executable, "-c", DUMP], cwd=folder, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def facts_of(field: SerializerField) -> list[Any]:
    kind = field.base_kind if field.kind == "own" else field.kind
    source = None if field.source is None else list(field.source)
    return [field.name, kind, field.many, field.write_only, source]


def test_fields_are_those_of_rest_framework(real: dict[str, Any]) -> None:
    project = Project(Files.of(FILES))
    found = {}
    for name in real:
        serializer = project.serializer(f"shop.serializers.{name}")
        assert serializer is not None
        assert serializer.unclear == (), name
        found[name] = [facts_of(each) for each in serializer.fields]
    assert found == real
    assert len(found) == 43
