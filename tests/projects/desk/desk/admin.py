from django.contrib import admin

from desk.models import (
    Callable,
    Everything,
    JoinedQueryset,
    Listed,
    Managed,
    Many,
    ManyOnTop,
    Mixed,
    Note,
    NullableColumn,
    OwnQueryset,
    Person,
    Plain,
    Property,
    SwitchedOff,
)


@admin.register(Plain)
class PlainAdmin(admin.ModelAdmin):
    list_display = ("title", "queue")


@admin.register(NullableColumn)
class NullableColumnAdmin(admin.ModelAdmin):
    list_display = ("title", "helper")


@admin.register(Mixed)
class MixedAdmin(admin.ModelAdmin):
    list_display = ("title", "queue", "author", "owner")

    def owner(self, obj):
        return obj.queue.owner


@admin.register(Callable)
class CallableAdmin(admin.ModelAdmin):
    list_display = ("title", "place")

    @admin.display(description="Where")
    def place(self, obj):
        return f"{obj.queue.name} / {obj.author.company.name}"


class PropertyAdmin(admin.ModelAdmin):
    list_display = ["title", "company_name"]


admin.site.register(Property, PropertyAdmin)


@admin.register(SwitchedOff)
class SwitchedOffAdmin(admin.ModelAdmin):
    list_display = ("title", "queue")
    list_select_related = ()


@admin.register(Listed)
class ListedAdmin(admin.ModelAdmin):
    list_display = ("title", "queue", "helper")
    list_select_related = [
        "author",  # for the title
    ]


@admin.register(Everything)
class EverythingAdmin(admin.ModelAdmin):
    list_display = ("title", "queue", "helper")
    list_select_related = True


@admin.register(OwnQueryset)
class OwnQuerysetAdmin(admin.ModelAdmin):
    list_display = ("title", "helper")

    def get_queryset(self, request):
        return super().get_queryset(request).exclude(title="")


@admin.register(JoinedQueryset)
class JoinedQuerysetAdmin(admin.ModelAdmin):
    list_display = ("title", "queue", "author")
    list_select_related = ("queue",)

    def get_queryset(self, request):
        queryset = super().get_queryset(request)
        return queryset.select_related("helper")


@admin.register(Many)
class ManyAdmin(admin.ModelAdmin):
    list_display = ("title", "helper", "label_names")

    def label_names(self, obj):
        return ", ".join(f"{label} ({label.company})" for label in obj.labels.all())


@admin.register(ManyOnTop)
class ManyOnTopAdmin(admin.ModelAdmin):
    list_display = ("title", "colleagues")

    def get_queryset(self, request):
        return super().get_queryset(request).exclude(title="")

    def colleagues(self, obj):
        return ", ".join(person.name for person in obj.author.company.people.all())


@admin.register(Managed)
class ManagedAdmin(admin.ModelAdmin):
    list_display = ("title", "queue", "author")


@admin.register(Note)
class NoteAdmin(admin.ModelAdmin):
    pass


@admin.register(Person)
class PersonAdmin(admin.ModelAdmin):
    list_display = ("name", "company")
