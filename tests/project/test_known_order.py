"""The order of a class and its ancestors where some of them cannot be read."""

from __future__ import annotations

import pytest

from djfix.codemods.project.known_order import known_order, unknown_bases
from djfix.codemods.project.project import Project
from djfix.codemods.source.files import Files

CASES = {
    "all_known": ("class A: pass\nclass X(A): pass\n", "X A"),
    "unknown_base": ("from away import Base\nclass X(Base): pass\n", "X"),
    "known_behind_an_unknown_one": (
        "from away import Base\nclass A: pass\nclass X(Base, A): pass\n",
        "X A",
    ),
    "shared_by_two_stands_behind_both": (
        "from a import A\nclass B(A): ...\nclass C(B): ...\nclass D(B): ...\nclass X(C, D): ...\n",
        "X C D B",
    ),
    "each_extends_the_other": ("class X(A): pass\nclass A(X): pass\n", "X A"),
    "extends_itself": ("class X(X): pass\n", "X"),
    "no_class": ("X = 1\n", ""),
}


def project_of(text: str) -> Project:
    return Project(Files.of({"shop/__init__.py": "", "shop/x.py": text}))


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_each_class_stands_behind_all_that_extend_it(text: str, expected: str) -> None:
    order = known_order(project_of(text), "shop.x.X")
    assert " ".join(each.rpartition(".")[2] for each in order) == expected


def test_class_of_a_library_is_the_one_that_it_stands_for() -> None:
    project = project_of(
        "from away import Base, Mixin\nclass A: pass\nclass X(Mixin, Base): pass\n"
    )
    order = known_order(project, "shop.x.X", {"away.Base": "shop.x.A", "away.Mixin": ""})
    assert order == ("shop.x.X", "shop.x.A")


def test_bases_that_are_stood_in_for_are_not_unknown() -> None:
    project = project_of("from away import Base, Other\nclass X(Base, Other): pass\n")
    assert unknown_bases(project, ("shop.x.X",), {"away.Base": ""}) == ("away.Other",)
