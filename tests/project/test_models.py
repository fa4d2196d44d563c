"""What models say beyond Django's `_meta`: managers, field classes, overrides, doubts."""

import pytest

from djfix.codemods.project.project import Field, Manager, Model, Project
from djfix.codemods.source.files import Files

HEAD = "from django.db import models\n"
SETTINGS = "INSTALLED_APPS = ['django.contrib.auth', 'shop']\nAUTH_USER_MODEL = 'auth.User'\n"


def project_of(models: str, files: dict[str, str] | None = None) -> Project:
    return Project(
        Files.of(
            {
                "manage.py": "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'config.settings')",
                "config/settings.py": SETTINGS,
                "shop/__init__.py": "",
                "shop/models.py": HEAD + models,
                **(files or {}),
            }
        )
    )


def order_of(models: str, files: dict[str, str] | None = None) -> Model:
    model = project_of(models, files).model("shop.models.Order")
    assert model is not None
    return model


def field_of(field: str, before: str = "", files: dict[str, str] | None = None) -> Field:
    return order_of(f"{before}class Order(models.Model):\n    f = {field}\n", files).fields["f"]


def manager_of(manager: str, before: str = "") -> Manager:
    return order_of(
        f"{before}class Order(models.Model):\n    objects = {manager}\n"
    ).default_manager


class TestFields:
    @pytest.mark.parametrize(
        ("field", "kind"),
        [
            ("models.PositiveSmallIntegerField()", "integer"),
            ("models.BigAutoField(primary_key=True)", "integer"),
            ("models.DecimalField(max_digits=3, decimal_places=1)", "decimal"),
            ("models.FloatField()", "float"),
            ("models.DurationField()", "duration"),
            ("models.SlugField()", "char"),
            ("models.DateField()", "date"),
            ("models.DateTimeField()", "datetime"),
            ("models.BooleanField()", "boolean"),
            ("models.JSONField()", "json"),
            ("models.UUIDField()", "other"),
            ("models.TimeField()", "other"),
            ("models.FileField()", "other"),
            ("models.OneToOneField('self', models.CASCADE)", "relation"),
        ],
    )
    def test_djangos_own_have_a_kind(self, field: str, kind: str) -> None:
        found = field_of(field)
        assert (found.kind, found.is_django_own, found.has_pre_save) == (kind, True, False)

    def test_a_subclass_that_is_read_and_adds_nothing(self) -> None:
        found = field_of("Count()", "class Count(models.IntegerField):\n    description = 'x'\n")
        assert found.class_name == "shop.models.Count"
        assert (found.kind, found.is_django_own, found.has_pre_save) == ("integer", False, False)
        assert found.overrides == {"description"}

    @pytest.mark.parametrize("hook", ["pre_save", "get_prep_value", "from_db_value", "to_python"])
    def test_a_subclass_that_takes_part_in_writing(self, hook: str) -> None:
        text = (
            f"class Base(models.IntegerField):\n    def {hook}(self, *a): ...\n"
            "class Count(Base): ...\n"
        )
        found = field_of("Count()", text)
        assert (found.has_pre_save, found.overrides) == (True, {hook})

    def test_a_mixin_outside_of_fields_counts_too(self) -> None:
        text = (
            "class Mixin:\n    def pre_save(self, *a): ...\n"
            "class C(Mixin, models.IntegerField): ...\n"
        )
        assert field_of("C()", text).has_pre_save is True

    def test_a_class_of_another_package_is_unknown(self) -> None:
        found = field_of("MoneyField()", "from x.models.fields import MoneyField\n")
        assert found.class_name == "x.models.fields.MoneyField"
        assert (found.kind, found.is_django_own, found.has_pre_save) == ("other", False, None)

    def test_a_subclass_of_another_packages_class_is_unknown(self) -> None:
        text = "from x import Base\nclass C(Base, models.IntegerField): ...\n"
        found = field_of("C()", text)
        assert (found.kind, found.is_django_own, found.has_pre_save) == ("integer", False, None)

    def test_another_packages_relation_still_leads_somewhere(self) -> None:
        text = "from x.models import TreeForeignKey\n"
        found = field_of("TreeForeignKey('self', models.CASCADE, null=True)", text)
        assert found.attname == "f_id"
        assert found.relation is not None
        assert (found.relation.target, found.relation.kind) == ("shop.models.Order", "foreign-key")
        assert (found.is_django_own, found.has_pre_save) == (False, None)

    def test_options_of_a_named_dict_are_read(self) -> None:
        before = "NULLABLE = {'null': True}\nOTHER = dict(unique=True)\n"
        found = field_of("models.IntegerField(**NULLABLE, **OTHER)", before)
        assert (found.null, found.unique, found.unclear) == (True, True, False)

    def test_options_that_cannot_be_read_are_doubted(self) -> None:
        found = field_of("models.IntegerField(**options())")
        assert (found.null, found.auto_now, found.unclear) == (True, True, True)
        assert (found.kind, found.is_django_own, found.has_pre_save) == ("other", False, None)

    def test_a_flag_that_cannot_be_read_is_doubted(self) -> None:
        assert field_of("models.IntegerField(null=is_null())").null is True
        assert field_of("models.IntegerField(null=FLAG)", "FLAG = False\n").null is False

    def test_options_that_init_may_set_are_doubted(self) -> None:
        text = (
            "class C(models.IntegerField):\n"
            "    def __init__(self, *a, **k):\n        k.setdefault('null', True)\n"
        )
        assert field_of("C()", text).null is True
        assert field_of("C(null=False)", text).null is False

    def test_positional_arguments_have_names(self) -> None:
        assert field_of("models.DateTimeField('when', None, True)").auto_now is True
        assert field_of("models.IntegerField('n', 'n', False, None, True)").unique is True

    def test_a_conditional_field_is_there_and_doubted(self) -> None:
        text = "class Order(models.Model):\n    if X:\n        f = models.IntegerField()\n"
        found = order_of(text).fields["f"]
        assert (found.unclear, found.is_django_own, found.has_pre_save) == (True, False, None)

    def test_positions_of_an_own_init_are_doubted(self) -> None:
        text = "class C(models.IntegerField):\n    def __init__(self, {}, **k): ...\n"
        assert field_of("C(1)", text.format("size")).unclear
        assert not field_of("C('name')", text.format("*a")).unclear
        assert not field_of("C(size=1)", text.format("size")).unclear

    def test_an_attribute_that_is_no_field_is_none(self) -> None:
        text = "class Order(models.Model):\n    f = models.IntegerField()\n    f = 3\n"
        assert "f" not in order_of(text).fields

    def test_fields_go_by_attname_and_pk(self) -> None:
        model = order_of(
            "class Order(models.Model):\n    o = models.ForeignKey('self', models.CASCADE)\n"
        )
        assert model.field("o_id") is model.fields["o"]
        assert model.field("pk") is model.fields["id"]
        assert model.field("o_pk") is None


class TestRelations:
    @pytest.mark.parametrize(
        ("target", "wanted"),
        [
            ("'self'", "shop.models.Order"),
            ("'Order'", "shop.models.Order"),
            ("'shop.Order'", "shop.models.Order"),
            ("'shop.order'", "shop.models.Order"),
            ("to='Later'", "shop.models.Later"),
            ("settings.AUTH_USER_MODEL", "django.contrib.auth.models.User"),
            ("USER", "django.contrib.auth.models.User"),
            ("User", "django.contrib.auth.models.User"),
            ("get_user_model()", "django.contrib.auth.models.User"),
            (
                "getattr(settings, 'AUTH_USER_MODEL', 'auth.User')",
                "django.contrib.auth.models.User",
            ),
            ("getattr(settings, 'SHOP_MODEL', 'shop.Later')", "shop.models.Later"),
            ("'missing.Model'", None),
            ("'Missing'", None),
            ("choose()", None),
            ("f'{app}.Order'", None),
            ("settings.OTHER_MODEL", None),
        ],
    )
    def test_targets(self, target: str, wanted: str | None) -> None:
        before = (
            "from django.conf import settings\nfrom django.contrib.auth import get_user_model\n"
            "USER = settings.AUTH_USER_MODEL\nUser = get_user_model()\n"
            "class Later(models.Model): ...\n"
        )
        comma = f"{target}, " if not target.startswith("to=") else ""
        keyword = f", {target}" if target.startswith("to=") else ""
        found = field_of(f"models.ForeignKey({comma}on_delete=models.CASCADE{keyword})", before)
        assert found.relation is not None
        assert found.relation.target == wanted

    def test_two_models_of_one_label_are_no_target(self) -> None:
        twin = f"{HEAD}class Twin(models.Model):\n    class Meta:\n        app_label = 'shop'\n"
        files = {"shop/twins.py": twin, "shop/more.py": twin}
        found = field_of("models.ForeignKey('Twin', models.CASCADE)", files=files)
        assert found.relation is not None
        assert found.relation.target is None

    def test_reverse_accessors_come_from_abstract_bases_in_other_files(self) -> None:
        base = (
            "from django.db import models\n"
            "class Owned(models.Model):\n"
            "    owner = models.ForeignKey('shop.Order', models.CASCADE,\n"
            "        related_name='%(class)ss')\n"
            "    class Meta:\n        abstract = True\n"
        )
        note = "from .base import Owned\nclass Note(Owned): ...\nclass Memo(Owned): ...\n"
        model = order_of(
            "class Order(models.Model): ...\n", {"shop/base.py": base, "shop/notes.py": note}
        )
        assert {key: each.model for key, each in model.reverse.items()} == {
            "memos": "shop.notes.Memo",
            "notes": "shop.notes.Note",
        }

    def test_reverse_of_a_projects_own_relation_class(self) -> None:
        text = (
            "class Link(models.ForeignKey): ...\n"
            "class Order(models.Model): ...\n"
            "class Line(models.Model):\n    order = Link(Order, models.CASCADE)\n"
        )
        assert set(order_of(text).reverse) == {"line_set"}

    def test_reverse_of_models_of_a_library_that_is_not_read(self) -> None:
        text = (
            "from mptt.models import MPTTModel\n"
            "class Order(models.Model): ...\n"
            "class Line(MPTTModel):\n    order = models.ForeignKey(Order, models.CASCADE)\n"
        )
        order = order_of(text)
        assert {key: each.model for key, each in order.reverse.items()} == {
            "line_set": "shop.models.Line"
        }
        assert order_of(text).reverse_named("line_set") == order.reverse["line_set"]

    def test_reverse_of_what_only_has_foreign_keys_is_no_model(self) -> None:
        text = (
            "class Order(models.Model): ...\n"
            "class Form:\n    order = models.ForeignKey(Order, models.CASCADE)\n"
        )
        assert set(order_of(text).reverse) == set()

    def test_djangos_models_point_back_only_if_installed(self) -> None:
        user = project_of("class Order(models.Model): ...\n").user_model()
        assert user is not None
        assert set(user.reverse) == set()


class TestManagers:
    @pytest.mark.parametrize(
        "manager",
        [
            "models.Manager()",
            "models.QuerySet.as_manager()",
            "models.Manager.from_queryset(models.QuerySet)()",
        ],
    )
    def test_djangos_own_are_plain(self, manager: str) -> None:
        found = manager_of(manager)
        assert (found.is_plain, found.filters, found.overrides) == (True, False, frozenset())

    def test_new_methods_leave_a_manager_plain(self) -> None:
        text = (
            "class Q(models.QuerySet):\n    def published(self): ...\n"
            "class M(models.Manager.from_queryset(Q)):\n    def latest_one(self): ...\n"
        )
        found = manager_of("M()", text)
        assert (found.is_plain, found.queryset_class) == (True, "shop.models.Q")
        assert found.class_name == "shop.models.M"

    @pytest.mark.parametrize("name", ["update", "filter", "get", "_update", "get_or_create"])
    def test_an_override_in_the_queryset_is_seen(self, name: str) -> None:
        text = f"class Q(models.QuerySet):\n    def {name}(self, *a): ...\n"
        for manager in ("Q.as_manager()", "models.Manager.from_queryset(Q)()"):
            found = manager_of(manager, text)
            assert (found.is_plain, found.filters, found.overrides) == (False, False, {name})

    def test_a_filtering_get_queryset(self) -> None:
        text = (
            "class M(models.Manager):\n    def get_queryset(self):\n"
            "        return super().get_queryset().filter(live=True)\n"
        )
        found = manager_of("M()", text)
        assert (found.is_plain, found.filters, found.overrides) == (False, True, {"get_queryset"})

    @pytest.mark.parametrize(
        "body",
        [
            "return Q(self.model, using=self._db)",
            "return Q(self.model, self._db)",
            "return super().get_queryset().select_related('a').order_by('b')",
            "return super(M, self).get_queryset()",
        ],
    )
    def test_a_get_queryset_that_keeps_all_rows(self, body: str) -> None:
        text = (
            "class Q(models.QuerySet): ...\n"
            f"class M(models.Manager):\n    def get_queryset(self):\n        {body}\n"
        )
        found = manager_of("M()", text)
        assert (found.is_plain, found.filters) == (False, False)

    @pytest.mark.parametrize(
        "body",
        [
            "return Q(self.model, using=self._db).filter(a=1)",
            "return Q(self.model, hints=self.hints)",
            "return other().get_queryset()",
            "qs = super().get_queryset()\n        return qs",
            "return super().get_queryset().distinct()",
        ],
    )
    def test_a_get_queryset_that_is_not_understood_may_filter(self, body: str) -> None:
        text = (
            "class Q(models.QuerySet): ...\n"
            f"class M(models.Manager):\n    def get_queryset(self):\n        {body}\n"
        )
        assert manager_of("M()", text).filters is True

    def test_another_packages_manager_is_unknown(self) -> None:
        found = manager_of("TreeManager()", "from x.managers import TreeManager\n")
        assert (found.is_plain, found.filters, found.overrides) == (False, None, None)
        assert found.class_name == "x.managers.TreeManager"

    def test_the_user_manager_is_plain(self) -> None:
        user = project_of("class Order(models.Model): ...\n").user_model()
        assert user is not None
        assert user.default_manager.class_name == "django.contrib.auth.models.UserManager"
        assert user.default_manager.is_plain


class TestMembers:
    def test_a_save_of_the_project_is_an_override(self) -> None:
        model = order_of(
            "class Base(models.Model):\n    class Meta:\n        abstract = True\n"
            "    def save(self, *a, **k): ...\n"
            "class Mixin:\n    def refresh_from_db(self): ...\n"
            "class Order(Mixin, Base):\n    def total(self): ...\n"
        )
        assert model.save_override is not None
        assert (model.save_override.cls, model.save_override.line) == ("shop.models.Base", 5)
        assert set(model.overrides) == {"save", "refresh_from_db"}
        assert set(model.methods) == {"save", "refresh_from_db", "total"}

    def test_a_plain_model_overrides_nothing(self) -> None:
        model = order_of("class Order(models.Model):\n    def __str__(self): ...\n")
        assert model.overrides == {}
        assert model.class_attributes == {}
        assert model.unknown_attributes == frozenset()

    def test_the_save_of_abstract_base_user_is_an_override(self) -> None:
        user = project_of("").user_model()
        assert user is not None
        assert user.save_override is not None
        assert user.save_override.cls == "django.contrib.auth.models.AbstractBaseUser"
        assert user.save_override.path is None

    def test_properties_with_and_without_setters(self) -> None:
        model = order_of(
            "class Order(models.Model):\n"
            "    @property\n    def a(self): ...\n    @a.setter\n    def a(self, v): ...\n"
            "    @property\n    def b(self): ...\n"
            "    def get_c(self): ...\n    c = property(get_c)\n    d = property(get_c, get_c)\n"
        )
        own = {name: each.has_setter for name, each in model.properties.items() if each.path}
        assert own == {"a": True, "b": False, "c": False, "d": True}

    def test_a_property_hides_the_field_of_an_abstract_base(self) -> None:
        model = order_of(
            "class Base(models.Model):\n    a = models.IntegerField()\n"
            "    class Meta:\n        abstract = True\n"
            "class Order(Base):\n    @property\n    def a(self): ...\n"
        )
        assert "a" not in model.fields
        assert "a" in model.properties

    def test_trackers_are_attributes_and_constants_are_not(self) -> None:
        model = order_of(
            "import re\nfrom decimal import Decimal\nfrom model_utils import FieldTracker\n"
            "from django.utils.translation import gettext_lazy as _\n"
            "class Order(models.Model):\n"
            "    tracker = FieldTracker()\n    history = make()\n"
            "    CHOICES = [(1, _('one'))]\n    LIMIT = Decimal('1')\n"
            "    PATTERN = re.compile('x')\n"
            "    NAME = 'x'\n    class Kind(models.TextChoices):\n        A = 'a'\n"
        )
        assert {name: each.value_class for name, each in model.class_attributes.items()} == {
            "tracker": "model_utils.FieldTracker",
            "history": None,
        }

    def test_what_is_added_from_outside_is_known_by_name(self) -> None:
        files = {
            "shop/patches.py": (
                "from django.contrib.auth import get_user_model\nfrom shop.models import Order\n"
                "from django.db import models\n"
                "Order.add_to_class('extra', models.IntegerField())\n"
                "def ready():\n    get_user_model().add_to_class('nick', models.CharField())\n"
                "    models.IntegerField().contribute_to_class(Order, 'late')\n"
                "Order.save = lambda self: None\nOrder.colour = 'red'\n"
            )
        }
        project = project_of("class Order(models.Model): ...\n", files)
        model, user = project.model("shop.models.Order"), project.user_model()
        assert model is not None
        assert model.unknown_attributes == {"extra", "late", "save"}
        assert user is not None
        assert user.unknown_attributes == {"nick"}

    @pytest.mark.parametrize(
        "patch",
        [
            "Order.count = property(count_of)\n",
            "setattr(Order, 'count', property(count_of))\n",
            "def ready():\n    Order.count = property(count_of)\n",
            "class Config:\n    def ready(self):\n        if x:\n            Order.count = f\n",
            "def ready():\n    setattr(Order, 'count', f)\n",
            "from shop import models as m\nm.Order.count = property(count_of)\n",
        ],
    )
    def test_what_is_put_over_a_member_from_outside_is_known_by_name(self, patch: str) -> None:
        files = {"shop/patches.py": f"from shop.models import Order\n{patch}"}
        model = project_of("class Order(models.Model): ...\n", files).model("shop.models.Order")
        assert model is not None
        assert model.unknown_attributes == {"count"}

    @pytest.mark.parametrize(
        "patch",
        [
            "Order.count = 5\n",
            "def f(self):\n    Order.count == 5\n",
            "order = Order()\norder.count = f()\n",
            "def f():\n    setattr(self, 'count', 5)\n",
            "def f(Order):\n    monkeypatch.setattr(Order, 'count', 5)\n",
        ],
    )
    def test_constants_and_objects_put_no_code_into_a_class(self, patch: str) -> None:
        files = {"shop/patches.py": f"from shop.models import Order\n{patch}"}
        model = project_of("class Order(models.Model): ...\n", files).model("shop.models.Order")
        assert model is not None
        assert not model.unknown_attributes

    def test_what_tests_put_into_a_class_is_theirs(self) -> None:
        patch = "from shop.models import Order\ndef test():\n    Order.save = boom\n"
        project = project_of("class Order(models.Model): ...\n", {"shop/tests/test_a.py": patch})
        model = project.model("shop.models.Order")
        assert model is not None
        assert not model.unknown_attributes

    def test_a_class_body_that_binds_in_a_loop_may_have_any_attribute(self) -> None:
        model = order_of("class Order(models.Model):\n    for n in x:\n        locals()[n] = f()\n")
        assert model.unknown_attributes == {"*"}

    def test_decorators_are_resolved(self) -> None:
        model = order_of(
            "from reversion import register as r\n@r(follow=['x'])\n@made()[0]\n"
            "class Order(models.Model): ...\n"
        )
        assert model.decorators == ("reversion.register", "subscript")

    def test_a_foreign_metaclass_is_named(self) -> None:
        text = "from poly import Meta\nclass Order(models.Model, metaclass=Meta): ...\n"
        assert order_of(text).metaclass == "poly.Meta"


class TestLinking:
    def test_a_model_with_an_unknown_base_is_only_given_when_asked_for(self) -> None:
        project = project_of(
            "from outside import Tracked\n"
            "class Order(Tracked, models.Model):\n    a = models.IntegerField()\n"
        )
        assert project.model("shop.models.Order") is None
        assert project.model_by_label("shop.Order") is None
        partial = project.model("shop.models.Order", partial=True)
        assert partial is not None
        assert partial.unknown_bases == ("outside.Tracked",)
        assert set(partial.fields) == {"id", "a"}

    def test_a_model_of_a_tree_is_one_with_an_unknown_base(self) -> None:
        project = project_of(
            "from mptt.models import MPTTModel\n"
            "class Tree(MPTTModel):\n    class Meta:\n        abstract = True\n"
            "class Order(Tree):\n    a = models.TextField()\n"
            "class Part(MPTTModel):\n    objects = models.Manager()\n"
        )
        assert project.model("shop.models.Order") is None
        for name, is_plain in (("Order", False), ("Part", True)):
            partial = project.model(f"shop.models.{name}", partial=True)
            assert partial is not None
            assert partial.unknown_bases == ("mptt.models.MPTTModel",)
            assert (partial.default_manager.name, partial.default_manager.is_plain) == (
                "objects",
                is_plain,
            )

    def test_a_class_that_is_no_model_is_none(self) -> None:
        project = project_of("class Order: ...\nclass Manager(models.Manager): ...\n")
        assert project.model("shop.models.Order") is None
        assert project.model("shop.models.Manager") is None
        assert project.model("django.db.models.Model") is None

    def test_labels(self) -> None:
        project = project_of("class Order(models.Model): ...\n")
        assert project.model_by_label("shop.Order") is project.model_by_label("shop.order")
        assert project.model_by_label("other.Order") is None
        group = project.model_by_label("auth.Group")
        assert group is not None
        assert set(group.fields) == {"id", "name", "permissions"}

    @pytest.mark.parametrize(
        ("path", "apps", "label"),
        [
            ("crm/models.py", None, "crm"),
            ("crm/models/deal.py", None, "crm"),
            ("crm/deals.py", None, "crm"),
            ("apps/crm/models.py", None, "crm"),
            (
                "crm/models.py",
                "class C(AppConfig):\n    name = 'crm'\n    label = 'sales'\n",
                "sales",
            ),
            ("crm/sub/models.py", "class C(AppConfig):\n    name = 'crm'\n", "crm"),
        ],
    )
    def test_the_app_of_a_model_without_settings(
        self, path: str, apps: str | None, label: str
    ) -> None:
        files = {"manage.py": "", path: HEAD + "class Deal(models.Model): ...\n"}
        if apps is not None:
            files["crm/apps.py"] = apps
        module = path.removesuffix(".py").replace("/", ".")
        model = Project(Files.of(files)).model(f"{module}.Deal")
        assert model is not None
        assert model.label == f"{label}.Deal"

    def test_the_automatic_key_follows_the_settings(self) -> None:
        key = "DEFAULT_AUTO_FIELD = 'django.db.models.BigAutoField'\n"
        files = {"config/settings.py": SETTINGS + key}
        model = order_of("class Order(models.Model): ...\n", files)
        assert model.pk is not None
        assert model.pk.class_name == "django.db.models.BigAutoField"


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        ("class Migration(migrations.Migration):\n    name = 'lines'\n", None),
        (
            (
                "class Migration(migrations.Migration):\n    pass\n\n\n"
                "class Line(models.Model):\n"
                "    order = models.ForeignKey('shop.Order', models.CASCADE, 'lines')\n"
            ),
            "shop.migrations.0001.Line",
        ),
    ],
)
def test_a_model_beside_a_migration_gives_its_name_to_the_other_end(
    classes: str, expected: str | None
) -> None:
    migration = f"from django.db import migrations, models\n\n\n{classes}# ForeignKey 'lines'\n"
    files = {"shop/migrations/__init__.py": "", "shop/migrations/0001.py": migration}
    found = order_of("class Order(models.Model):\n    pass\n", files).reverse_named("lines")
    assert (found.model if found is not None else None) == expected
