"""Classes linked across files: order of resolution, members, unknown bases, subclasses."""

import pytest

from djfix.codemods.project.project import Project
from djfix.codemods.source.files import Files

MODEL = "django.db.models.Model"


def project_of(**files: str) -> Project:
    texts = {f"shop/{name}.py": text for name, text in files.items()}
    return Project(Files.of({"manage.py": "", "shop/__init__.py": "", **texts}))


def test_the_order_is_pythons_own() -> None:
    text = (
        "class A: ...\nclass B(A): ...\nclass C(A): ...\nclass D(B, C): ...\n"
        "class E(Exception, metaclass=M): ...\nclass F(object): ...\n"
        "class G(list[int], Generic[T]): ...\n"
    )
    project = project_of(a="from typing import Generic\n" + text)
    assert project.mro("shop.a.D") == ("shop.a.D", "shop.a.B", "shop.a.C", "shop.a.A")
    assert project.mro("shop.a.E") == (
        "shop.a.E",
        "builtins.Exception",
        "builtins.BaseException",
    )
    assert project.mro("shop.a.F") == ("shop.a.F",)
    assert project.mro("shop.a.G") == ("shop.a.G", "builtins.list", "typing.Generic")


def test_an_impossible_order_is_unknown() -> None:
    project = project_of(a="class A: ...\nclass B(A): ...\nclass C(A, B): ...\n")
    assert project.mro("shop.a.C") is None


def test_a_class_that_inherits_from_itself_is_unknown() -> None:
    project = project_of(
        a="from shop.b import B\nclass A(B): ...\n", b="from shop.a import *\nclass B(A): ...\n"
    )
    assert project.mro("shop.a.A") is None
    assert project.mro("shop.b.B") is None


def test_known_classes_stand_in_the_order_by_their_public_names() -> None:
    project = project_of(a="from django.db.models.base import Model\nclass A(Model): ...\n")
    order = project.mro("shop.a.A")
    assert order is not None
    assert order[:2] == ("shop.a.A", MODEL)
    assert project.is_subclass("shop.a.A", "django.db.models.base.Model") is True
    assert project.is_subclass("shop.a.A", "django.db.models.Manager") is False


def test_an_unknown_base_is_named_and_hides_the_answer() -> None:
    project = project_of(
        a="from outside import Thing\nclass A(Thing, made()): ...\nclass B(A): ...\n"
    )
    assert project.mro("shop.a.B") is None
    assert project.unknown_bases("shop.a.B") == ("made(...)", "outside.Thing")
    assert project.is_subclass("shop.a.B", MODEL) is None
    assert project.is_subclass("shop.a.B", "shop.a.A") is True


def test_a_class_defined_differently_in_two_branches_is_unknown() -> None:
    project = project_of(a="if X:\n    class A: ...\nelse:\n    class A(B): ...\nclass C(A): ...\n")
    assert project.class_named("shop.a.A") is None
    assert project.mro("shop.a.C") is None


def test_a_class_defined_again_is_the_last_one() -> None:
    project = project_of(a="class A:\n    x = 1\nclass A:\n    y = 1\n")
    info = project.class_named("shop.a.A")
    assert info is not None
    assert info.binds() == {"y"}


def test_a_class_goes_by_any_spelling() -> None:
    project = project_of(a="class A: ...\n", b="from .a import A as B\n")
    info = project.class_named("shop.b.B")
    assert info is not None
    assert info.name == "shop.a.A"


def test_a_base_rebound_later_is_the_one_before() -> None:
    project = project_of(a="from .b import A\nclass A(A): ...\n", b="class A: ...\n")
    assert project.mro("shop.a.A") == ("shop.a.A", "shop.b.A")


def test_with_metaclass_gives_its_base() -> None:
    text = "from six import with_metaclass\nclass A: ...\nclass B(with_metaclass(M, A)): ...\n"
    assert project_of(a=text).mro("shop.a.B") == ("shop.a.B", "shop.a.A")


def test_what_from_queryset_makes_is_a_class() -> None:
    project = project_of(
        a=(
            "from django.db import models\nclass Q(models.QuerySet): ...\n"
            "M = models.Manager.from_queryset(Q)\nclass N(M): ...\n"
        )
    )
    info = project.class_named("shop.a.M")
    assert info is not None
    assert (info.bases, info.queryset) == (("django.db.models.Manager",), "shop.a.Q")
    assert project.subclasses("django.db.models.Manager") == ("shop.a.M", "shop.a.N")


def test_a_method_is_found_along_the_order() -> None:
    project = project_of(
        a="class A:\n    def f(self): ...\n    g = f\n", b="from .a import A\nclass B(A): ...\n"
    )
    method = project.method("shop.b.B", "f")
    assert method is not None
    assert (method.cls, method.path, method.line) == ("shop.a.A", "shop/a.py", 2)
    assigned = project.method("shop.b.B", "g")
    assert assigned is not None
    assert assigned.facts is None
    assert project.method("shop.b.B", "h") is None


def test_a_method_behind_an_unknown_base_is_unknown() -> None:
    project = project_of(
        a="from o import T\nclass A:\n    def f(self): ...\nclass B(T, A):\n    def g(self): ...\n"
    )
    assert project.method("shop.a.B", "f") is None
    own = project.method("shop.a.B", "g")
    assert own is not None
    assert own.cls == "shop.a.B"


def test_a_known_method_lies_outside_the_project() -> None:
    project = project_of(a="from django.db.models import Model\nclass A(Model): ...\n")
    method = project.method("shop.a.A", "save")
    assert method is not None
    assert (method.cls, method.path, method.facts) == (MODEL, None, None)


@pytest.mark.parametrize(
    "text",
    [
        "from .a import A\nclass B(A): ...\n",
        "from . import a\nclass B(a.A): ...\n",
        "from .a import A as Z\nclass B(Z): ...\n",
        "from .a import (\n    A  as Z,\n)\nclass B(\n    Z,  # why (so):\n    object,\n): ...\n",
        "from .a import A\nZ = A\nclass B(Z): ...\n",
        "from .a import A\nX, Z = 1, A\nclass B(Z): ...\n",
        "from .a import A\nif X:\n    Z = A  # why\nclass B(Z): ...\n",
        "from .a import *\nclass B(A[int]): ...\n",
        "from .again import Y as Z\nclass B(Z): ...\n",
        "if X:\n    from .a import A\n    class B(A): ...\n",
        "from .a import A\nclass B(A, metaclass=f(x)): ...\n",
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_subclass_is_found_however_it_is_spelled(text: str, newline: str) -> None:
    text = text.replace("\n", newline)
    project = project_of(a="class A: ...\n", b=text, again="from .a import A as Y\n")
    assert project.subclasses("shop.a.A") == ("shop.b.B",)


def test_subclasses_of_known_classes_go_through_known_ones() -> None:
    project = project_of(
        a="from django.contrib.auth.models import AbstractUser\nclass U(AbstractUser): ...\n"
    )
    assert project.subclasses(MODEL) == ("shop.a.U",)


def test_a_class_of_the_same_name_is_no_subclass() -> None:
    project = project_of(a="class A: ...\n", b="from o import A\nclass B(A): ...\n")
    assert project.subclasses("shop.a.A") == ()


def test_nested_classes_have_qualified_names() -> None:
    project = project_of(a="class A:\n    class B: ...\n    class C(B): ...\nclass D(A.B): ...\n")
    assert project.mro("shop.a.D") == ("shop.a.D", "shop.a.A.B")
    assert project.mro("shop.a.A.C") == ("shop.a.A.C", "shop.a.A.B")
