"""What bodies of model methods and properties touch, and what cannot be known of them."""

from __future__ import annotations

import textwrap

import pytest

from djfix.codemods.inference.access.reading import Accesses
from djfix.codemods.inference.access.values import Reads
from djfix.codemods.project.project import Project
from djfix.codemods.source.files import Files

MODELS = """\
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.functional import cached_property

from shop.helpers import first_two, label_of, narrowed, owner_name
from somewhere import unknown_code


class Country(models.Model):
    name = models.CharField(max_length=9)


class Publisher(models.Model):
    name = models.CharField(max_length=9)
    country = models.ForeignKey(Country, on_delete=models.CASCADE)

    def __str__(self):
        return f"{self.name} ({self.country.name})"


class Author(models.Model):
    name = models.CharField(max_length=9)
    publisher = models.ForeignKey(Publisher, on_delete=models.CASCADE)

    @property
    def house(self):
        return self.publisher

    def greeting(self, other):
        return other.publisher.name

    def __str__(self):
        return self.name


class TagQuerySet(models.QuerySet):
    def visible(self):
        return self.filter(name="x")

    def everything(self):
        return self.all()


class Tag(models.Model):
    name = models.CharField(max_length=9)
    group = models.ForeignKey("self", null=True, on_delete=models.CASCADE)
    objects = TagQuerySet.as_manager()

    class Meta:
        ordering = ["name"]


class Base(models.Model):
    editor = models.ForeignKey(Author, related_name="edited_%(class)ss", on_delete=models.CASCADE)

    class Meta:
        abstract = True

    def credit(self):
        return self.editor.name


class Note(models.Model):
    text = models.CharField(max_length=9)
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.IntegerField()
    about = GenericForeignKey()


class Book(Base):
    author = models.ForeignKey(Author, related_name="books", on_delete=models.CASCADE)
    tags = models.ManyToManyField(Tag)
    notes = GenericRelation(Note)

    def credit(self):
        return super().credit() + self.author.name

    def asked(self):
BODY


class Cover(models.Model):
    book = models.OneToOneField(Book, on_delete=models.CASCADE)
    artist = models.ForeignKey(Author, on_delete=models.CASCADE)


class Chapter(models.Model):
    book = models.ForeignKey(Book, on_delete=models.CASCADE)
    reviser = models.ForeignKey(Author, null=True, on_delete=models.CASCADE)
"""

HELPERS = """\
def owner_name(book):
    return book.author.house.name


def label_of(thing, extra=None):
    return str(thing)


def first_two(rows):
    return [row for row in rows[:2]]


def narrowed(rows):
    return rows.exclude(pk=1)
"""


def reads(body: str) -> Reads:
    text = MODELS.replace("BODY", textwrap.indent(textwrap.dedent(body).strip("\n"), " " * 8))
    files = {"manage.py": "", "shop/__init__.py": "", "shop/models.py": text}
    project = Project(Files.of({**files, "shop/helpers.py": HELPERS}))
    return project.shared(Accesses).attribute("shop.models.Book", "asked")


def lookups(found: Reads) -> list[str]:
    """The paths; "*" marks rows, "+" a part of them, "?" what no prefetch serves."""
    ends = {"object": "", "rows": "*", "part": "+", "query": "?"}
    return [touch.lookup + ends[touch.use] for touch in found.touches]


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        pytest.param("return self.author.name", ["author"], id="foreign_key"),
        pytest.param("return self.author_id", [], id="the_column_costs_nothing"),
        pytest.param("return self.pk", [], id="the_key_costs_nothing"),
        pytest.param("return self.annotated", [], id="an_annotation_is_no_relation"),
        pytest.param("return self.author.pk", ["author"], id="a_key_behind_an_object_loads_it"),
        pytest.param(
            "return self.cover.artist", ["cover", "cover__artist"], id="reverse_one_to_one"
        ),
        pytest.param("return hasattr(self, 'cover')", ["cover"], id="hasattr_asks"),
        pytest.param("return self.cover.book.pk", ["cover"], id="back_reference_is_there"),
        pytest.param(
            "return [c.book.author_id for c in self.chapter_set.all()]",
            ["chapter_set*"],
            id="back_reference_of_rows_is_there",
        ),
        pytest.param("return self.about", [], id="not_a_relation_of_this_model"),
        pytest.param(
            "return [n.about for n in self.notes.all()]",
            ["notes*", "notes__about"],
            id="generic_relation_and_its_target",
        ),
        pytest.param(
            "return self.author.house.country",
            ["author", "author__publisher", "author__publisher__country"],
            id="property_of_the_second_model",
        ),
        pytest.param("return self.credit()", ["author", "editor"], id="super_of_an_abstract_base"),
        pytest.param(
            "return owner_name(self)", ["author", "author__publisher"], id="helper_of_another_file"
        ),
        pytest.param(
            "return Tag.objects.filter(pk__in=self.tags.values('pk'))",
            [],
            id="a_subquery_asks_for_nothing",
        ),
        pytest.param(
            "return Tag.objects.filter(pk__in=self.tags.values('pk')).order_by('pk').first()",
            ["tags?"],
            id="what_has_a_subquery_is_read",
        ),
        pytest.param(
            "return [tag.name for tag in Tag.objects.exclude(pk__in=self.tags.all())]",
            ["tags?"],
            id="what_has_a_subquery_is_gone_through",
        ),
        pytest.param(
            "return Tag.objects.get(pk__in=self.tags.only('pk'))",
            ["tags?"],
            id="get_reads_a_subquery",
        ),
        pytest.param(
            "return Tag.objects.filter(pk__in=list(self.tags.all())).count()",
            ["tags*"],
            id="a_list_is_no_subquery",
        ),
        pytest.param(
            "return Tag.objects.filter(pk__in=self.tags.visible().values('pk'))",
            ["tags?"],
            id="a_method_of_the_project_may_ask",
        ),
        pytest.param(
            "return self.chapter_set.filter(reviser__in=self.tags.values('pk')).count()",
            ["chapter_set?"],
            id="a_subquery_of_related_rows",
        ),
        pytest.param(
            "rows = Tag.objects.filter(models.Q(pk__in=self.tags.values('pk')))\n"
            "return rows.exists()",
            ["tags?"],
            id="a_subquery_in_a_condition",
        ),
        pytest.param(
            "return Tag.objects.filter(models.Exists(self.tags.filter(pk=1)))",
            [],
            id="a_subquery_by_exists_asks_for_nothing",
        ),
        pytest.param(
            "return unknown_code(pk__in=self.tags.values('pk'))",
            ["tags?"],
            id="other_code_may_read_a_subquery",
        ),
        pytest.param(
            "return label_of(self.author.publisher)",
            ["author", "author__publisher", "author__publisher__country"],
            id="text_in_a_helper",
        ),
        pytest.param(
            "return label_of(None, extra=self.author)",
            ["author"],
            id="an_argument_that_is_not_read",
        ),
        pytest.param(
            "return f'{self.author.publisher}'",
            ["author", "author__publisher", "author__publisher__country"],
            id="text_in_an_f_string",
        ),
        pytest.param(
            "return '%s of %s' % (self.pk, self.author.publisher)",
            ["author", "author__publisher", "author__publisher__country"],
            id="text_by_percent",
        ),
        pytest.param("return f'{self.author}'", ["author"], id="text_that_touches_nothing"),
        pytest.param(
            "return self.author.greeting(self.editor)",
            ["author", "editor", "editor__publisher"],
            id="handed_to_a_method_of_another_model",
        ),
        pytest.param("return getattr(self, 'author').name", ["author"], id="getattr_by_a_literal"),
        pytest.param(
            """
            for chapter in self.chapter_set.all():
                if chapter.reviser:
                    return chapter.reviser.publisher
            return None
            """,
            ["chapter_set*", "chapter_set__reviser", "chapter_set__reviser__publisher"],
            id="loop_with_early_return",
        ),
        pytest.param(
            """
            if self.pk:
                return None
                return self.author
            """,
            [],
            id="code_behind_a_return_is_dead",
        ),
        pytest.param(
            """
            thing = self.author
            thing = None
            return thing.publisher
            """,
            ["author"],
            id="a_name_that_is_given_another_value",
        ),
        pytest.param(
            """
            thing = self.author if self.pk else self.editor
            return thing.publisher
            """,
            ["author", "author__publisher", "editor", "editor__publisher"],
            id="conditional_expression",
        ),
        pytest.param(
            "return (a := self.author) and a.publisher",
            ["author", "author__publisher"],
            id="walrus",
        ),
        pytest.param(
            "return sorted(self.chapter_set.all(), key=lambda c: c.reviser.name)",
            ["chapter_set*", "chapter_set__reviser"],
            id="lambda_as_key",
        ),
        pytest.param(
            "return max((c.reviser for c in self.chapter_set.all()), default=None).publisher",
            ["chapter_set*", "chapter_set__reviser", "chapter_set__reviser__publisher"],
            id="what_max_picks",
        ),
        pytest.param(
            "return {t.pk: t for _, t in enumerate(self.tags.all())}.values()",
            ["tags*"],
            id="enumerate_unpacked",
        ),
        pytest.param("return self.tags.count()", ["tags+"], id="count_is_served"),
        pytest.param("return len(self.tags.all())", ["tags*"], id="len_is_served"),
        pytest.param("return self.tags.all()[0].group", ["tags+", "tags__group"], id="index"),
        pytest.param("return self.tags.exists()", ["tags+"], id="exists_is_served"),
        pytest.param("return bool(self.tags.all())", ["tags*"], id="truth_is_served"),
        pytest.param("return self.pk in self.tags.all()", ["tags*"], id="membership_is_served"),
        pytest.param("return self.tags", [], id="a_manager_loads_nothing"),
        pytest.param("return self.tags.all()", [], id="a_queryset_that_nobody_reads"),
        pytest.param("return self.tags.first()", ["tags+"], id="first_of_an_ordered_model"),
        pytest.param("return self.chapter_set.first()", ["chapter_set?"], id="first_without_order"),
        pytest.param("return self.tags.last()", ["tags?"], id="last_asks_again"),
        pytest.param("return self.tags.filter(name='x')", ["tags?"], id="filter_asks_again"),
        pytest.param(
            "return self.tags.all().values_list('name')", ["tags?"], id="values_list_asks_again"
        ),
        pytest.param("return self.tags.visible()", ["tags?"], id="own_method_that_filters"),
        pytest.param(
            "return [t.group for t in self.tags.everything()]",
            ["tags*", "tags__group"],
            id="own_method_that_hands_out_all",
        ),
        pytest.param(
            "return [t.group for t in first_two(self.tags.all())]",
            ["tags+", "tags__group"],
            id="rows_handed_to_a_helper",
        ),
        pytest.param("return narrowed(self.tags)", ["tags?"], id="manager_narrowed_by_a_helper"),
        pytest.param("return self.pk", [], id="key_reads_nothing"),
        pytest.param(
            """
            def named(chapter):
                return chapter.reviser
            return [named(c) for c in self.chapter_set.all()]
            """,
            ["chapter_set*", "chapter_set__reviser"],
            id="function_inside",
        ),
        pytest.param(
            """
            try:
                found = self.cover
            except Cover.DoesNotExist:
                found = None
            return found and found.artist
            """,
            ["cover", "cover__artist"],
            id="try_and_except",
        ),
        pytest.param(
            """
            rows = []
            for chapter in self.chapter_set.all():
                rows.append(chapter)
            return [row.reviser for row in rows]
            """,
            ["chapter_set*", "chapter_set__reviser"],
            id="list_that_is_filled",
        ),
    ],
)
def test_touches(body: str, wanted: list[str]) -> None:
    found = reads(body)
    assert lookups(found) == wanted
    assert not found.unclear


@pytest.mark.parametrize(
    ("body", "wanted", "reason"),
    [
        pytest.param("return getattr(self, self.pk)", [], "dynamic-attribute", id="computed_name"),
        pytest.param("return self._state.fields_cache", [], "looks-into-cache", id="cache"),
        pytest.param("return self.__dict__", [], "goes-through-object", id="dictionary"),
        pytest.param("return vars(self)", [], "goes-through-object", id="variables"),
        pytest.param(
            "return unknown_code(self.author)", ["author"], "handed-to-unknown-code", id="handed_on"
        ),
        pytest.param(
            """
            found = self.tags.all()[0]
            while found.group:
                found = found.group
            return found
            """,
            ["tags+"],
            "recursive",
            id="loop_that_follows_a_relation_of_itself",
        ),
        pytest.param(
            "return len(getattr(self, 'loaded_tags', self.tags.all()))",
            [],
            "falls-back",
            id="getattr_with_the_relation_as_default",
        ),
        pytest.param(
            """
            if hasattr(self, "tag_count"):
                return self.tag_count
            return self.tags.count()
            """,
            [],
            "falls-back",
            id="hasattr_of_an_annotation",
        ),
        pytest.param(
            "return self.tag_count if hasattr(self, 'tag_count') else self.tags.count()",
            [],
            "falls-back",
            id="conditional_on_an_annotation",
        ),
        pytest.param(
            """
            try:
                return self.tag_count
            except AttributeError:
                return self.tags.count()
            """,
            [],
            "falls-back",
            id="missing_annotation_is_caught",
        ),
        pytest.param(
            """
            if not hasattr(self, "_artist"):
                self._artist = self.cover.artist
            return self._artist
            """,
            ["cover", "cover__artist"],
            None,
            id="what_the_code_remembers_itself_is_no_fallback",
        ),
        pytest.param(
            """
            if hasattr(self, "cover"):
                return self.cover.artist
            return None
            """,
            ["cover", "cover__artist"],
            None,
            id="hasattr_of_a_relation_is_no_fallback",
        ),
        pytest.param("return self.asked()", [], None, id="calls_itself_and_ends"),
    ],
)
def test_unclear(body: str, wanted: list[str], reason: str | None) -> None:
    found = reads(body)
    assert lookups(found) == wanted
    assert [each.reason.name for each in found.unclear] == ([reason] if reason else [])


def test_writing_reads_nothing_and_is_told_apart() -> None:
    found = reads("self.tags.add(self.pk)")
    assert (lookups(found), found.unclear) == ([], ())
    assert [each.reason.name for each in found.writing] == ["writes-rows"]


def test_evidence_leads_from_the_question_to_the_line_that_reads() -> None:
    found = reads("return owner_name(self)")
    deepest = max(found.touches, key=lambda touch: len(touch.path))
    assert [(line.path, line.text) for line in deepest.evidence] == [
        ("shop/models.py", "Book.asked is read"),
        ("shop/models.py", "Book.asked calls owner_name(self)"),
        ("shop/helpers.py", "owner_name reads book.author.house"),
        ("shop/models.py", "Author.house reads self.publisher"),
    ]
