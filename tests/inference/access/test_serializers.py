"""What rendering an object touches: a case for each construct of REST framework's fields.

Which of them query was measured on DRF 3.15 to 3.18 with Django 4.2 to 6.1; `tests/served` runs
them.
"""

from __future__ import annotations

import textwrap

import pytest

from djfix.codemods.inference.access.keys import Rendered
from djfix.codemods.inference.access.reading import Accesses
from djfix.codemods.inference.access.values import Reads
from djfix.codemods.project.project import Project
from djfix.codemods.source.files import Files

MODELS = """\
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models


class Company(models.Model):
    name = models.CharField(max_length=9)


class Author(models.Model):
    name = models.CharField(max_length=9)
    company = models.ForeignKey(Company, on_delete=models.CASCADE)
    boss = models.ForeignKey("self", null=True, on_delete=models.CASCADE)

    def __str__(self):
        return f"{self.name} of {self.company.name}"


class Category(models.Model):
    name = models.CharField(max_length=9)

    def __str__(self):
        return self.name


class Group(models.Model):
    name = models.CharField(max_length=9)


class Tag(models.Model):
    name = models.CharField(max_length=9)
    group = models.ForeignKey(Group, on_delete=models.CASCADE)


class Note(models.Model):
    text = models.CharField(max_length=9)
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.IntegerField()
    about = GenericForeignKey()


class Book(models.Model):
    title = models.CharField(max_length=9)
    author = models.ForeignKey(Author, related_name="written", on_delete=models.CASCADE)
    editor = models.ForeignKey(Author, null=True, related_name="+", on_delete=models.CASCADE)
    category = models.ForeignKey(Category, on_delete=models.CASCADE)
    tags = models.ManyToManyField(Tag)
    notes = GenericRelation(Note)

    @property
    def author_company(self):
        return self.author.company.name

    @property
    def house(self):
        return self.author.company

    def first_tags(self):
        return self.tags.all()[:3]


class Detail(models.Model):
    book = models.OneToOneField(Book, on_delete=models.CASCADE)
    text = models.CharField(max_length=9)


class Review(models.Model):
    book = models.ForeignKey(Book, related_name="reviews", on_delete=models.CASCADE)
    user = models.ForeignKey(Author, on_delete=models.CASCADE)
"""

SERIALIZERS = """\
from rest_framework import serializers

from shop.models import Author, Book, Category, Company, Detail, Note, Review, Tag


class CompanySerializer(serializers.ModelSerializer):
    class Meta:
        model = Company
        fields = ["name"]


class AuthorSerializer(serializers.ModelSerializer):
    company = CompanySerializer()

    class Meta:
        model = Author
        fields = ["name", "company"]


class FlatAuthorSerializer(serializers.ModelSerializer):
    class Meta:
        model = Author
        fields = ["name"]


class TagSerializer(serializers.ModelSerializer):
    group = serializers.CharField(source="group.name")

    class Meta:
        model = Tag
        fields = ["name", "group"]


class ReviewSerializer(serializers.ModelSerializer):
    title = serializers.CharField(source="book.title")

    class Meta:
        model = Review
        fields = ["user", "title"]


class FirstTags(serializers.ListSerializer):
    def to_representation(self, data):
        return super().to_representation(data.filter(name="x"))


class AllTags(serializers.ListSerializer):
    def to_representation(self, data):
        return super().to_representation(data.all())[:2]


class FilteredTagSerializer(TagSerializer):
    class Meta(TagSerializer.Meta):
        list_serializer_class = FirstTags


class SlicedTagSerializer(TagSerializer):
    class Meta(TagSerializer.Meta):
        list_serializer_class = AllTags


class CompanyNameField(serializers.Field):
    def get_attribute(self, instance):
        return instance.author

    def to_representation(self, value):
        return value.company.name


class ShoutingField(serializers.CharField):
    def to_representation(self, value):
        return super().to_representation(value).upper()


class LabelField(serializers.RelatedField):
    def to_representation(self, value):
        return value.company.name


class WithCompany(serializers.Serializer):
    company_name = serializers.SerializerMethodField()

    def get_company_name(self, obj):
        return self.company_of(obj).name

    def company_of(self, obj):
        return obj.author.company


class BookSerializer(serializers.ModelSerializer):
BODY


class NodeSerializer(serializers.ModelSerializer):
    boss = serializers.SerializerMethodField()

    def get_boss(self, obj):
        return NodeSerializer(obj.boss).data if obj.boss_id else None

    class Meta:
        model = Author
        fields = ["name", "boss"]
"""


def reads(body: str, serializer: str = "BookSerializer", model: str = "Book") -> Reads:
    text = SERIALIZERS.replace("BODY", textwrap.indent(textwrap.dedent(body).strip("\n"), "    "))
    files = {"manage.py": "", "shop/__init__.py": "", "shop/models.py": MODELS}
    project = Project(Files.of({**files, "shop/serializers.py": text}))
    accesses = project.shared(Accesses)
    return accesses.serializer(f"shop.serializers.{serializer}", f"shop.models.{model}")


def lookups(found: Reads) -> list[str]:
    """The paths; "*" marks rows, "+" a part of them, "?" what no prefetch serves."""
    ends = {"object": "", "rows": "*", "part": "+", "query": "?"}
    return [touch.lookup + ends[touch.use] for touch in found.touches]


def with_field(declaration: str, name: str = "field") -> str:
    meta = f'\nclass Meta:\n    model = Book\n    fields = ["title", "{name}"]\n'
    return f"{name} = {declaration}\n{meta}"


@pytest.mark.parametrize(
    ("declaration", "wanted"),
    [
        ("serializers.PrimaryKeyRelatedField(source='author', read_only=True)", []),
        ("serializers.PrimaryKeyRelatedField(source='author.company', read_only=True)", ["author"]),
        ("serializers.IntegerField(source='author_id')", []),
        ("serializers.IntegerField(source='author.pk')", ["author"]),
        ("serializers.CharField(source='author.name')", ["author"]),
        (
            "serializers.CharField(source='author.boss.company.name')",
            ["author", "author__boss", "author__boss__company"],
        ),
        ("serializers.SlugRelatedField('name', source='author', read_only=True)", ["author"]),
        ("serializers.SlugRelatedField('id', source='author', read_only=True)", ["author"]),
        (
            "serializers.SlugRelatedField('company__name', source='author', read_only=True)",
            ["author", "author__company"],
        ),
        ("serializers.StringRelatedField(source='category')", ["category"]),
        ("serializers.StringRelatedField(source='author')", ["author", "author__company"]),
        ("serializers.HiddenField(default=1)", []),
        ("serializers.CharField(source='author.name', write_only=True)", []),
        (
            "serializers.HyperlinkedRelatedField('a', source='author', read_only=True)",
            [],
        ),
        (
            "serializers.HyperlinkedRelatedField('a', source='author', lookup_field='name')",
            ["author"],
        ),
        ("serializers.HyperlinkedIdentityField('book')", []),
        ("AuthorSerializer(source='author')", ["author", "author__company"]),
        ("FlatAuthorSerializer(source='author')", ["author"]),
        ("FlatAuthorSerializer(source='editor')", ["editor"]),
        ("TagSerializer(source='tags', many=True)", ["tags*", "tags__group"]),
        ("TagSerializer(source='first_tags', many=True)", ["tags+", "tags__group"]),
        ("ReviewSerializer(source='reviews', many=True)", ["reviews*"]),
        ("serializers.PrimaryKeyRelatedField(source='tags', many=True, read_only=True)", ["tags*"]),
        ("serializers.StringRelatedField(source='reviews', many=True)", ["reviews*"]),
        (
            "serializers.SlugRelatedField('name', source='tags', many=True, read_only=True)",
            ["tags*"],
        ),
        (
            "serializers.SlugRelatedField('group__name', source='tags', many=True, read_only=True)",
            ["tags*", "tags__group"],
        ),
        ("serializers.IntegerField(source='tags.count')", ["tags+"]),
        ("serializers.CharField(source='detail.text')", ["detail"]),
        ("serializers.PrimaryKeyRelatedField(source='detail', read_only=True)", ["detail"]),
        ("serializers.ReadOnlyField(source='author_company')", ["author", "author__company"]),
        ("serializers.CharField(source='house.name')", ["author", "author__company"]),
        ("serializers.IntegerField(source='chapter_count')", []),
        ("serializers.CharField(source='author__name')", []),
        ("CompanyNameField()", ["author", "author__company"]),
        ("ShoutingField(source='title')", []),
        ("ShoutingField(source='author.name')", ["author"]),
        ("LabelField(source='author', read_only=True)", ["author", "author__company"]),
        ("LabelField(source='reviews', many=True, read_only=True)", None),
        ("FilteredTagSerializer(source='tags', many=True)", ["tags?"]),
        ("SlicedTagSerializer(source='tags', many=True)", ["tags*", "tags__group"]),
        ("WithCompany(source='*')", ["author", "author__company"]),
        ("serializers.ListField(source='tags.all', child=serializers.CharField())", ["tags*"]),
    ],
)
def test_declared_field(declaration: str, wanted: list[str] | None) -> None:
    found = reads(with_field(declaration))
    # A label's company is that of an author; a review has none, so nothing is known of it.
    assert lookups(found) == (["reviews*"] if wanted is None else wanted)
    assert not found.unclear


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        ('["title", "author", "editor"]', []),
        ('["tags"]', ["tags*"]),
        ('["reviews"]', ["reviews*"]),
        ('["detail"]', ["detail"]),
        ('["author_company"]', ["author", "author__company"]),
        ('["first_tags"]', []),
        ('"__all__"', ["tags*"]),
    ],
)
def test_fields_of_the_model(names: str, wanted: list[str]) -> None:
    found = reads(f"class Meta:\n    model = Book\n    fields = {names}\n")
    assert lookups(found) == wanted


def test_excluded_relation_is_not_read() -> None:
    assert not reads('class Meta:\n    model = Book\n    exclude = ["tags", "notes"]\n').touches


def test_depth_nests_foreign_keys_and_what_they_point_at() -> None:
    one = reads('class Meta:\n    model = Book\n    fields = "__all__"\n    depth = 1\n')
    assert lookups(one) == ["author", "category", "editor", "tags*"]
    two = reads('class Meta:\n    model = Book\n    fields = "__all__"\n    depth = 2\n')
    assert lookups(two) == [
        *("author", "author__boss", "author__company", "category"),
        *("editor", "editor__boss", "editor__company", "tags*", "tags__group"),
    ]


def test_declared_field_overrides_depth() -> None:
    found = reads(
        """
        author = serializers.PrimaryKeyRelatedField(read_only=True)

        class Meta:
            model = Book
            fields = ["author"]
            depth = 1
        """
    )
    assert not found.touches


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        pytest.param("return obj.author.name", ["author"], id="chain"),
        pytest.param("return obj.author_id", [], id="column"),
        pytest.param("return obj.author.id", ["author"], id="key_behind_the_object"),
        pytest.param("return str(obj.category)", ["category"], id="text"),
        pytest.param(
            "return AuthorSerializer(obj.author, context=self.context).data",
            ["author", "author__company"],
            id="serializer_inside",
        ),
        pytest.param(
            "return TagSerializer(obj.tags.all(), many=True).data",
            ["tags*", "tags__group"],
            id="list_serializer_inside",
        ),
        pytest.param(
            "return TagSerializer(obj.tags.filter(name='x'), many=True).data",
            ["tags?"],
            id="filtered_list_inside",
        ),
        pytest.param(
            "return AuthorSerializer().to_representation(obj.author)",
            ["author", "author__company"],
            id="to_representation_inside",
        ),
        pytest.param(
            "return [r.user.name for r in obj.reviews.all()]",
            ["reviews*", "reviews__user"],
            id="comprehension",
        ),
        pytest.param("return obj.reviews.order_by('pk').first()", ["reviews?"], id="ordered_again"),
        pytest.param("return self.helper(obj)", ["author"], id="helper_of_the_serializer"),
    ],
)
def test_method_field(body: str, wanted: list[str]) -> None:
    found = reads(
        f"""
        field = serializers.SerializerMethodField(method_name="shown")

        def shown(self, obj):
            {body}

        def helper(self, thing):
            return thing.author.name

        class Meta:
            model = Book
            fields = ["field"]
        """
    )
    assert lookups(found) == wanted
    assert not found.unclear


def test_own_to_representation_adds_to_the_fields() -> None:
    found = reads(
        """
        category = serializers.StringRelatedField()

        def to_representation(self, instance):
            data = super().to_representation(instance)
            data["author"] = instance.author.name
            return data

        class Meta:
            model = Book
            fields = ["category"]
        """
    )
    assert lookups(found) == ["author", "category"]


def test_own_to_representation_without_super_reads_no_field() -> None:
    found = reads(
        """
        category = serializers.StringRelatedField()

        def to_representation(self, instance):
            return {"author": instance.author.name}

        class Meta:
            model = Book
            fields = ["category"]
        """
    )
    assert lookups(found) == ["author"]


def test_inherited_method_field_of_a_mixin() -> None:
    found = reads("pass", "WithCompany")
    assert lookups(found) == ["author", "author__company"]


def test_serializer_that_nests_itself_is_circular_behind_its_first_turn() -> None:
    found = reads("pass", "NodeSerializer", "Author")
    assert not found.touches
    assert [touch.lookup for touch in found.circular] == ["boss"]
    assert [each.reason.name for each in found.unclear] == ["recursive"]


def test_evidence_names_the_field_first() -> None:
    found = reads(with_field("serializers.CharField(source='house.name')"))
    assert [line.text for line in found.touches[0].evidence] == [
        'BookSerializer.field is rendered from "house.name"',
        "Book.house reads self.author",
    ]


def test_unknown_serializer_is_named() -> None:
    found = reads("pass", "Missing")
    assert not found.touches
    assert [each.reason.name for each in found.unclear] == ["unknown-serializer"]


def ring(size: int) -> Accesses:
    """Serializers that build the next one inside a method; the last builds the first again."""
    models, serializers = (
        ["from django.db import models\n"],
        ["from rest_framework import serializers\nfrom shop import models\n"],
    )
    for number in range(size):
        following = (number + 1) % size
        models.append(
            f"class Part{number}(models.Model):\n"
            f'    next = models.ForeignKey("shop.Part{following}", models.CASCADE)\n'
        )
        serializers.append(
            f"class Part{number}Serializer(serializers.ModelSerializer):\n"
            "    following = serializers.SerializerMethodField()\n"
            "    class Meta:\n"
            f"        model = models.Part{number}\n"
            '        fields = ["following"]\n'
            "    def get_following(self, part):\n"
            f"        return Part{following}Serializer(part.next).data\n"
        )
    files = {
        "settings.py": 'INSTALLED_APPS = ["shop"]\nDATABASES = {}\nSECRET_KEY = "s"\n',
        "shop/__init__.py": "",
        "shop/models.py": "".join(models),
        "shop/serializers.py": "".join(serializers),
    }
    return Project(Files.of(files)).shared(Accesses)


@pytest.mark.parametrize("size", [12, 40])
def test_in_a_ring_each_serializer_names_the_relations_of_its_own_paths(size: int) -> None:
    accesses = ring(size)
    for number in range(size):
        key = Rendered(f"shop.serializers.Part{number}Serializer", f"shop.models.Part{number}")
        summary = accesses.summary(key)
        hops = {hop for found in summary.found for hop in found.path}
        assert summary.circular == hops
        assert len(hops) == 8


@pytest.mark.parametrize("first", [0, 5, 11])
def test_in_a_ring_it_does_not_matter_which_serializer_is_asked_for_first(first: int) -> None:
    def answers(accesses: Accesses, numbers: list[int]) -> dict[int, Reads]:
        return {
            number: accesses.serializer(
                f"shop.serializers.Part{number}Serializer", f"shop.models.Part{number}"
            )
            for number in numbers
        }

    numbers = [*range(first, 12), *range(first)]
    assert answers(ring(12), numbers) == answers(ring(12), list(reversed(range(12))))
