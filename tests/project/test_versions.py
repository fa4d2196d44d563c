"""What a project's own files say about its versions, and what is assumed where they say nothing."""

import pytest

from djfix.codemods.project.specifiers import Range, hull, parse_range
from djfix.codemods.project.versions import versions_of
from djfix.codemods.source.files import Files


@pytest.mark.parametrize(
    ("text", "minimum", "maximum"),
    [
        (">=4.2,<6", (4, 2), (5,)),
        (">= 4.2 , < 5.3", (4, 2), (5, 2)),
        (">=4.2 <5", (4, 2), (4,)),
        ("~=4.2", (4, 2), (4,)),
        ("~=4.2.3", (4, 2, 3), (4, 2)),
        ("==5.2.*", (5, 2), (5, 2)),
        ("==4.2.16", (4, 2, 16), (4, 2, 16)),
        ("^4.2", (4, 2), (4,)),
        ("^0.3.1", (0, 3, 1), (0, 3)),
        ("~4.2", (4, 2), (4, 2)),
        ("^3.11 || ^4", (3, 11), (4,)),
        ("<5.2.3", (0,), (5, 2, 2)),
        (">=4.2,!=5.0.*,<6.1", (4, 2), (6, 0)),
        ("<6.0a1", (0,), (5,)),
        ("(>=4.2)", (4, 2), None),
    ],
)
def test_reads_specifiers(
    text: str, minimum: tuple[int, ...], maximum: tuple[int, ...] | None
) -> None:
    assert parse_range(text, "x") == Range(minimum, maximum, "x")


@pytest.mark.parametrize("text", ["", "*", "newest", "!=5.0", "${VERSION}"])
def test_says_nothing_of_a_specifier_without_bounds(text: str) -> None:
    assert parse_range(text, "x") is None


def test_a_line_holds_its_patch_releases() -> None:
    line = Range((4, 2), (5,), "x")
    assert line.may_reach(5, 2)
    assert not line.may_reach(6)
    assert line.may_be_below(5)
    assert not line.may_be_below(4, 2)
    assert line.is_at_least(4, 2, 0)
    assert not line.is_at_least(4, 2, 1)


def test_a_hull_is_open_where_one_of_its_parts_is() -> None:
    assert hull([Range((5,), (5, 2), "a"), Range((4, 2), None, "b")]) == Range((4, 2), None, "b")
    assert hull([Range((5,), (5, 2), "a"), Range((4, 2), (5,), "b")]) == Range((4, 2), (5,), "b")
    assert hull([]) is None


def django(files: dict[str, str], target: str | None = None) -> Range:
    return versions_of(Files.of(files), target).django


def test_assumes_the_oldest_where_nothing_is_stated() -> None:
    versions = versions_of(Files.of({"shop/models.py": ""}))
    assert versions.django == Range((4, 2), None, "")
    assert not versions.django.is_known
    assert versions.python.minimum == (3, 8)


def test_a_bound_from_above_alone_leaves_the_oldest_as_minimum() -> None:
    assert django({"requirements.txt": "django<6\n"}) == Range((4, 2), (5,), "requirements.txt")


def test_reads_requirement_files_with_what_they_include() -> None:
    files = {
        "requirements.txt": "-r requirements/base.txt\ncelery[redis]==5.4.0  # tasks\n",
        "requirements/base.txt": "-c limits.txt\nDjango>=4.2 ; python_version >= '3.8'\n",
        "requirements/limits.txt": "djangorestframework<3.17\n-r base.txt\n",
    }
    versions = versions_of(Files.of(files))
    assert versions.django == Range((4, 2), None, "requirements/base.txt")
    assert versions.celery == Range((5, 4, 0), (5, 4, 0), "requirements.txt")
    assert versions.djangorestframework == Range((3, 15), (3, 16), "requirements/limits.txt")


def test_an_exact_requirement_comes_before_a_range() -> None:
    files = {
        "requirements.in": "django>=4.2\n",
        "requirements.txt": "django==5.2.1 \\\n --hash=x\n",
    }
    assert django(files) == Range((5, 2, 1), (5, 2, 1), "requirements.txt")


def test_a_lock_file_comes_before_a_requirement() -> None:
    files = {
        "pyproject.toml": '[project]\nname = "shop"\ndependencies = ["django>=4.2"]\n',
        "uv.lock": 'version = 1\n\n[[package]]\nname = "django"\nversion = "6.0.1"\n',
    }
    assert django(files) == Range((6, 0, 1), (6, 0, 1), "uv.lock")


def test_two_versions_in_one_lock_file_are_both_possible() -> None:
    lock = "".join(f'[[package]]\nname = "django"\nversion = "{v}"\n\n' for v in ("5.2.1", "4.2.9"))
    assert django({"poetry.lock": lock}) == Range((4, 2, 9), (5, 2, 1), "poetry.lock")


def test_declared_support_widens_a_lock_file() -> None:
    files = {
        "pyproject.toml": '[project]\nclassifiers = ["Framework :: Django :: 4.2"]\n',
        "uv.lock": '[[package]]\nname = "django"\nversion = "6.0.1"\n',
    }
    assert django(files) == Range((4, 2), (6, 0, 1), "pyproject.toml")


def test_reads_poetry() -> None:
    text = """
    [tool.poetry.dependencies]
    python = "^3.11"
    Django = {version = "^5.1", extras = ["argon2"]}
    celery = [{version = "<5.4", python = "<3.12"}, {version = ">=5.4", python = ">=3.12"}]
    djangorestframework = {git = "https://example.org/drf.git"}
    """
    versions = versions_of(Files.of({"pyproject.toml": text}))
    assert versions.python == Range((3, 11), (3,), "pyproject.toml")
    assert versions.django == Range((5, 1), (5,), "pyproject.toml")
    assert versions.celery.maximum is None
    assert not versions.djangorestframework.is_known


def test_a_development_group_counts_only_where_nothing_else_does() -> None:
    text = '[dependency-groups]\ndev = ["django~=5.2.0", {include-group = "lint"}]\n'
    assert django({"pyproject.toml": text}) == Range((5, 2, 0), (5, 2), "pyproject.toml")
    assert django({"pyproject.toml": text, "setup.cfg": "[options]\ninstall_requires =\n  django\n"
                   "  Django>=4.2\n"}).minimum == (4, 2)  # fmt: skip


def test_reads_pipfile_lock() -> None:
    text = (
        '{"_meta": {"requires": {"python_version": "3.12"}},'
        ' "default": {"django": {"version": "==5.2.3"}}}'
    )
    versions = versions_of(Files.of({"Pipfile.lock": text}))
    assert versions.django == Range((5, 2, 3), (5, 2, 3), "Pipfile.lock")
    assert versions.python.minimum == (3, 12)


def test_reads_literal_lists_of_setup_py() -> None:
    text = """
from setuptools import setup
REQUIRED = ["Django>=4.2,<5.3", "requests"]
setup(name="shop", install_requires=REQUIRED, python_requires=">=3.10")
"""
    versions = versions_of(Files.of({"setup.py": text}))
    assert versions.django == Range((4, 2), (5, 2), "setup.py")
    assert versions.python == Range((3, 10), None, "setup.py")


def test_what_setup_py_computes_says_nothing() -> None:
    text = "from setuptools import setup\nsetup(install_requires=open('r.txt').read().split())\n"
    assert not django({"setup.py": text}).is_known


def test_several_projects_give_what_holds_for_all() -> None:
    files = {"a/requirements.txt": "django==4.2.1\n", "b/requirements.txt": "django==5.2.1\n"}
    assert django(files) == Range((4, 2, 1), (5, 2, 1), "a/requirements.txt")


def test_the_configuration_overrides_what_files_say() -> None:
    files = {"requirements.txt": "django==4.2.1\n"}
    assert django(files, "5.2") == Range((5, 2), (5, 2), "target-version")
    assert django(files, "auto") == Range((4, 2, 1), (4, 2, 1), "requirements.txt")


@pytest.mark.parametrize(
    "files",
    [
        {"pyproject.toml": "[project\n"},
        {"Pipfile.lock": "{"},
        {"setup.py": "def ("},
        {"setup.cfg": "no section\n"},
        {"docs/requirements.txt": "django==3.2\n"},
        {"requirements-docs.txt": "django==3.2\n"},
        {"requirements.txt": "django-filter==24.1\n# django==3.2\n-e .\n"},
        {"requirements.txt": "-r ../../outside.txt\n"},
    ],
)
def test_passes_over_what_says_nothing_of_the_project(files: dict[str, str]) -> None:
    assert not django(files).is_known
