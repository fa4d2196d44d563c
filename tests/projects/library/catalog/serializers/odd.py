"""Rows that are hidden or gone, and rows that contain rows of their own kind."""

from rest_framework import serializers

from catalog.models import Book, Category, Record, Subscription


class ArchiveSerializer(serializers.ModelSerializer):
    archive = serializers.CharField(source="archive.name", default=None)

    class Meta:
        model = Record
        fields = ("id", "title", "archive")


class CodeSerializer(serializers.ModelSerializer):
    code = serializers.SlugRelatedField(slug_field="name", read_only=True)
    next_code = serializers.SlugRelatedField(slug_field="name", read_only=True)

    class Meta:
        model = Record
        fields = ("id", "code", "next_code")


class NestedCategorySerializer(serializers.ModelSerializer):
    class Meta:
        model = Category
        fields = ("id", "name", "children")

    def get_fields(self):
        fields = super().get_fields()
        fields["children"] = NestedCategorySerializer(many=True)
        return fields


class SubscriptionSerializer(serializers.ModelSerializer):
    author = serializers.CharField(source="author.name")

    class Meta:
        model = Subscription
        fields = ("id", "author")


class EagerSerializer(serializers.ModelSerializer):
    author = serializers.CharField(source="author.name")

    class Meta:
        model = Book
        fields = ("id", "author")

    @staticmethod
    def setup_eager_loading(queryset):
        return queryset.select_related("author")
