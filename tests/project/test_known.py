"""The tables of known classes, held against the Django and DRF that are installed here."""

import subprocess
import sys
import textwrap

import pytest

from djfix.codemods.project.known import (
    canonical,
    defines,
    exported_names,
    has_pre_save,
    is_known_subclass,
    known_class,
    known_models,
)

SPELLINGS = {
    "django.db.models.expressions.F": "django.db.models.F",
    "django.db.models.fields.DecimalField": "django.db.models.DecimalField",
    "django.db.models.fields.related.ForeignKey": "django.db.models.ForeignKey",
    "django.db.models.query.QuerySet": "django.db.models.QuerySet",
    "django.db.models.base.Model": "django.db.models.Model",
    "django.db.models.base.post_save": "django.db.models.signals.post_save",
    "django.contrib.gis.db.models.CharField": "django.db.models.CharField",
    "django.contrib.auth.base_user.AbstractBaseUser": "django.contrib.auth.models.AbstractBaseUser",
    "django.contrib.postgres.fields.jsonb.JSONField": "django.contrib.postgres.fields.JSONField",
    "django.db.utils.IntegrityError": "django.db.IntegrityError",
    "django.http.response.Http404": "django.http.Http404",
    "django.forms.ValidationError": "django.core.exceptions.ValidationError",
    "rest_framework.fields.CharField": "rest_framework.serializers.CharField",
    "rest_framework.serializers.ValidationError": "rest_framework.exceptions.ValidationError",
    "celery.app.shared_task": "celery.shared_task",
    "celery.app.task.Task": "celery.Task",
}


@pytest.mark.parametrize(("spelled", "name"), sorted(SPELLINGS.items()))
def test_every_spelling_has_one_name(spelled: str, name: str) -> None:
    assert canonical(spelled) == name
    assert canonical(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "shop.models.Order",
        "django.contrib.auth.models.User",
        "django.shortcuts.get_object_or_404",
        "rest_framework.generics.get_object_or_404",
        "django.no_such_module.Thing",
        "django.urls.reverse_lazy",
        "django.utils.translation.gettext_lazy",
        "django.conf.settings",
        "django",
        "",
    ],
)
def test_leaves_a_name_that_is_already_the_only_one(name: str) -> None:
    assert canonical(name) == name


def test_keeps_what_follows_the_known_part() -> None:
    assert canonical("django.db.models.base.Model.save") == "django.db.models.Model.save"
    assert canonical("django.db.models.query.QuerySet.as_manager") == (
        "django.db.models.QuerySet.as_manager"
    )


def test_a_class_of_the_project_is_not_known() -> None:
    assert known_class("shop.models.Order") is None
    assert known_class("django.shortcuts.get_object_or_404") is None


def test_every_resolution_order_ends_in_object() -> None:
    for name in ("celery.Task", "django.db.models.TextChoices", "django.forms.ModelForm"):
        known = known_class(name)
        assert known is not None
        assert known.resolution_order[-1] == "builtins.object"


def test_kinds_say_what_a_class_is() -> None:
    kinds = {
        "django.db.models.Model": "model",
        "django.contrib.auth.models.UserManager": "manager",
        "django.db.models.QuerySet": "queryset",
        "django.db.models.DateField": "field",
        "django.views.generic.ListView": "view",
        "rest_framework.viewsets.ModelViewSet": "viewset",
        "rest_framework.serializers.ModelSerializer": "serializer",
        "rest_framework.serializers.IntegerField": "serializer-field",
        "rest_framework.permissions.IsAdminUser": "permission",
        "django.forms.ModelForm": "form",
        "django.contrib.admin.ModelAdmin": "admin",
        "django.core.management.BaseCommand": "command",
        "celery.Task": "task",
        "builtins.object": "external",
    }
    found = {}
    for name in kinds:
        known = known_class(name)
        found[name] = known and known.kind
    assert found == kinds


def test_only_fields_that_change_their_value_have_pre_save() -> None:
    names = ("DateField", "DateTimeField", "TimeField", "FileField", "IntegerField", "JSONField")
    assert {name: has_pre_save(f"django.db.models.{name}") for name in names} == {
        "DateField": True,
        "DateTimeField": True,
        "TimeField": True,
        "FileField": True,
        "IntegerField": False,
        "JSONField": False,
    }


def test_pre_save_of_what_is_no_known_field_is_unknown() -> None:
    assert has_pre_save("shop.fields.Counter") is None
    assert has_pre_save("django.db.models.Model") is None


def test_finds_the_class_that_defines_a_member() -> None:
    assert defines("django.contrib.auth.models.User", "save") == (
        "django.contrib.auth.models.AbstractBaseUser"
    )
    assert defines("django.contrib.auth.models.Group", "save") == "django.db.models.Model"
    assert defines("django.contrib.auth.models.Group", "no_such_method") is None


def test_subclasses_are_known_by_any_spelling() -> None:
    assert is_known_subclass("django.db.models.fields.BigIntegerField", "django.db.models.Field")
    assert not is_known_subclass("django.db.models.Field", "django.db.models.BigIntegerField")
    assert not is_known_subclass("shop.models.Order", "django.db.models.Model")


def test_a_member_that_some_releases_lack_is_marked() -> None:
    known = known_class("django.contrib.auth.models.AbstractBaseUser")
    assert known is not None
    assert "acheck_password" in known.methods
    assert "acheck_password" in known.sometimes
    assert "set_password" not in known.sometimes


def test_a_class_that_some_releases_lack_says_which_have_it() -> None:
    generated = known_class("django.db.models.GeneratedField")
    model = known_class("django.db.models.Model")
    assert generated is not None
    assert model is not None
    assert (4, 2) in model.releases
    assert (4, 2) not in generated.releases
    assert (5, 2) in generated.releases


def test_star_imports_can_be_listed() -> None:
    names = exported_names("django.db.models")
    assert names["F"] == "django.db.models.F"
    assert names["CASCADE"] == "django.db.models.CASCADE"
    assert exported_names("shop.models") == {}


def test_the_user_model_is_complete() -> None:
    fields = {}
    for name in ("AbstractBaseUser", "PermissionsMixin", "AbstractUser", "User"):
        known = known_class(f"django.contrib.auth.models.{name}")
        assert known is not None
        assert known.model is not None
        fields.update(known.model.fields)
    assert sorted(fields) == [
        *("date_joined", "email", "first_name", "groups", "id", "is_active", "is_staff"),
        *("is_superuser", "last_login", "last_name", "password", "user_permissions", "username"),
    ]
    assert fields["last_login"].null
    assert fields["username"].unique
    assert fields["id"].auto_created
    assert fields["groups"].relation is not None
    assert fields["groups"].relation.target == "django.contrib.auth.models.Group"
    assert fields["groups"].relation.related_name == "user_set"


def test_a_relation_to_the_user_names_the_setting() -> None:
    token = known_class("rest_framework.authtoken.models.Token")
    assert token is not None
    assert token.model is not None
    relation = token.model.fields["user"].relation
    assert relation is not None
    assert (relation.kind, relation.setting) == ("one-to-one", "AUTH_USER_MODEL")


def test_the_user_save_is_harmless_until_a_password_is_set() -> None:
    known = known_class("django.contrib.auth.models.AbstractBaseUser")
    assert known is not None
    assert known.model is not None
    save = known.model.overrides["save"]
    assert save.same
    assert save.unless_called == ("set_password",)
    assert known.model.overrides["clean"].same


def test_only_measured_overrides_stand_in_the_table() -> None:
    found = {
        name: sorted(known.model.overrides)
        for name in known_models()
        if (known := known_class(name)) and known.model and known.model.overrides
    }
    assert found == {
        "django.contrib.auth.models.AbstractBaseUser": ["clean", "save"],
        "django.contrib.auth.models.AbstractUser": ["clean"],
        "rest_framework.authtoken.models.Token": ["save"],
    }


def test_the_tables_agree_with_the_installed_release() -> None:
    """In a process of its own: setting Django up is for the whole process."""
    script = textwrap.dedent(
        """
        import django
        from django.conf import settings
        settings.configure(INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes"])
        django.setup()
        from django.db import models
        from djfix.codemods.project.known import known_class, has_pre_save
        for name, field in sorted(vars(models).items()):
            if isinstance(field, type) and issubclass(field, models.Field):
                known = known_class(f"django.db.models.{name}")
                assert known is not None, name
                assert has_pre_save(known.name) == (field.pre_save is not models.Field.pre_save)
        from django.contrib.auth.models import User, UserManager
        from rest_framework.viewsets import ModelViewSet
        for cls in (User, UserManager, models.ImageField, models.TextChoices, ModelViewSet):
            known = known_class(f"{cls.__module__}.{cls.__qualname__}")
            assert [each.rpartition(".")[2] for each in known.resolution_order] == [
                each.__name__ for each in cls.__mro__
            ], cls
        for field in User._meta.local_fields:
            owner = next(
                known.model.fields[field.name]
                for base in User.__mro__
                if (known := known_class(f"{base.__module__}.{base.__qualname__}"))
                and known.model and field.name in known.model.fields
            )
            assert (owner.null, owner.unique) == (field.null, field.unique), field.name
        print("agreed")
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.stdout == "agreed\n", done.stderr


# -- classes of other libraries -------------------------------------------------------------------


def test_a_librarys_class_is_known_by_every_spelling() -> None:
    assert canonical("django_extensions.db.models.ModificationDateTimeField") == (
        "django_extensions.db.fields.ModificationDateTimeField"
    )
    known = known_class("model_utils.models.TimeStampedModel")
    assert known is not None
    assert known.kind == "model"
    assert "save" in known.methods
    assert known.resolution_order[1] == "django.db.models.Model"


def test_a_librarys_field_says_whether_it_takes_part_in_saving() -> None:
    assert has_pre_save("model_utils.fields.AutoLastModifiedField")
    assert has_pre_save("phonenumber_field.modelfields.PhoneNumberField") is not None
    known = known_class("model_utils.models.TimeStampedModel")
    assert known is not None
    assert known.model is not None
    modified = known.model.fields["modified"]
    assert modified.class_name == "model_utils.fields.AutoLastModifiedField"
    assert modified.has_pre_save


def test_a_field_that_fills_in_options_itself_says_which() -> None:
    known = known_class("django_extensions.db.fields.ModificationDateTimeField")
    assert known is not None
    assert "auto_now" in known.init_mentions


def test_a_library_class_that_could_not_be_read_whole_is_left_out() -> None:
    assert known_class("polymorphic.models.PolymorphicModel") is None
    assert known_class("mptt.models.MPTTModel") is None


def test_the_tables_of_libraries_name_no_class_of_django() -> None:
    assert known_class("django.contrib.auth.models.User") is not None
    assert not any(name.startswith("model_utils") for name in known_models())
