"""Which dotted name a file has: source roots, and modules that may mean two files."""

import pytest

from djfix.codemods.project.roots import find_roots
from djfix.codemods.source.files import Files


def module_of(files: dict[str, str], path: str, configured: tuple[str, ...] = ()) -> str | None:
    return find_roots(Files.of({path: "", **files}), configured).module_of(path)


@pytest.mark.parametrize(
    ("files", "path", "module"),
    [
        ({"manage.py": ""}, "shop/models.py", "shop.models"),
        ({"backend/manage.py": ""}, "backend/shop/models.py", "shop.models"),
        ({"manage.py": "", "apps/__init__.py": ""}, "apps/users/models.py", "apps.users.models"),
        ({"src/shop/__init__.py": ""}, "src/shop/models.py", "shop.models"),
        ({"shop/__init__.py": ""}, "shop/models.py", "shop.models"),
        ({"shop/__init__.py": ""}, "shop/__init__.py", "shop"),
        ({"lib/a/shop/__init__.py": ""}, "lib/a/shop/models.py", "shop.models"),
        ({"pyproject.toml": "[project]\nname = 'x'\n"}, "tool.py", "tool"),
        (
            {"pyproject.toml": "[tool.setuptools.packages.find]\nwhere = ['python']\n"},
            "python/shop/models.py",
            "shop.models",
        ),
        (
            {"pyproject.toml": "[tool.setuptools]\npackage-dir = {'x.y' = 'code'}\n"},
            "code/shop.py",
            "x.y.shop",
        ),
        (
            {"pyproject.toml": "[tool.poetry]\npackages = [{include='s', from='lib'}]\n"},
            "lib/s/models.py",
            "s.models",
        ),
        ({"setup.cfg": "[options]\npackage_dir =\n    = lib\n"}, "lib/shop/a.py", "shop.a"),
        ({"setup.py": "setup(package_dir={'': 'lib'})"}, "lib/shop/a.py", "shop.a"),
        ({"setup.py": "setup(packages=find_packages('lib'))"}, "lib/shop/a.py", "shop.a"),
        ({"a/setup.py": "setup(packages=find_packages(where='lib'))"}, "a/lib/s/a.py", "s.a"),
    ],
)
def test_the_name_is_the_path_below_the_source_root(
    files: dict[str, str], path: str, module: str
) -> None:
    assert module_of(files, path) == module


def test_a_configured_root_is_one() -> None:
    assert module_of({}, "code/py/shop/models.py", ("./code/py/",)) == "shop.models"


def test_a_script_outside_any_root_has_no_name() -> None:
    assert module_of({"a/__init__.py": ""}, "tools/release.py") is None


def test_no_name_for_a_file_that_cannot_be_imported() -> None:
    assert module_of({"manage.py": ""}, "conf/gunicorn.conf.py") is None


def test_a_linters_configuration_makes_no_root() -> None:
    files = {
        "manage.py": "",
        "shop/__init__.py": "",
        "shop/sub/pyproject.toml": "[tool.ruff]\nextend='../x'\n",
    }
    assert module_of(files, "shop/sub/a.py") == "shop.sub.a"


def test_damaged_packaging_is_passed_over() -> None:
    files = {"pyproject.toml": "[[[", "setup.cfg": "x", "setup.py": "def", "manage.py": ""}
    assert module_of(files, "shop/models.py") == "shop.models"


def test_a_module_found_twice_is_unknown() -> None:
    files = Files.of({"a/manage.py": "", "b/manage.py": "", "a/core/m.py": "", "b/core/m.py": ""})
    roots = find_roots(files)
    assert roots.path_of("core.m") is None
    assert roots.module_of("a/core/m.py") is None


def test_each_service_of_a_monorepo_means_its_own_module() -> None:
    files = Files.of({"a/manage.py": "", "b/manage.py": "", "a/core/m.py": "", "b/core/m.py": ""})
    roots = find_roots(files)
    assert roots.path_for("core.m", "a/views.py") == "a/core/m.py"
    assert roots.path_for("core.m", "b/views.py") == "b/core/m.py"
    assert roots.path_for("core.m", "c/views.py") is None


def test_a_folder_never_hides_django() -> None:
    files = Files.of({"tests/django/__init__.py": "", "manage.py": "", "django/x.py": ""})
    roots = find_roots(files)
    assert roots.path_of("django") is None
    assert roots.path_of("django.x") is None


def test_a_package_found_by_its_looks_never_hides_the_standard_library() -> None:
    files = Files.of({"tests/logging/__init__.py": ""})
    assert find_roots(files).path_of("logging") is None


def test_a_package_without_init_is_a_folder() -> None:
    roots = find_roots(Files.of({"manage.py": "", "apps/users/models.py": ""}))
    assert roots.folder_for("apps") == "apps"
    assert roots.folder_for("apps.users") == "apps/users"
    assert roots.folder_for("users") is None
