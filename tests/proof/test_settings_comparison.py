"""Settings before and after a split, by Django itself, and as `--compare-settings` has them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sites import Site

from djfix.codemods.engine.mistakes import VerificationError
from djfix.codemods.findings import Change, Finding, Safety, Span
from djfix.codemods.proof.loading import _described
from djfix.codemods.proof.settings import compare

SETTINGS = "config/settings.py"
NAMES = {"SETTINGS_MODULE"}
TESTED = {"DATABASES", "EMAIL_BACKEND", "PASSWORD_HASHERS"}


def differing(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def with_celery(site: Site) -> None:
    """As cookiecutters make it: the package loads Celery, a hook for each machine, pytest."""
    head = (site.root / "manage.py").read_text().partition("def main")[0]
    name = 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")\n'
    site.write("config/celery.py", f"{head}{name}\napp = object()\n")
    site.write("config/__init__.py", "from .celery import app\n")
    site.write("pytest.ini", "[pytest]\nDJANGO_SETTINGS_MODULE = config.settings\n")
    site.append(
        SETTINGS, "\ntry:\n    from .local_settings import *\nexcept ImportError:\n    pass\n"
    )
    site.commit()


def as_of_old(site: Site) -> None:
    """Paths by os.path, CRLF."""
    text = (site.root / SETTINGS).read_text()
    text = text.replace(
        "BASE_DIR = Path(__file__).resolve().parent.parent",
        "import os\nROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))\n"
        "BASE_DIR = Path(ROOT)",
    )
    site.write(SETTINGS, text.replace("\n", "\r\n"))
    site.commit()


@pytest.mark.parametrize("change", [None, as_of_old], ids=["startproject", "os_path_and_crlf"])
def test_every_entry_has_its_values(site: Site, change: object) -> None:
    if callable(change):
        change(site)
    entries = ("manage.py", "config.wsgi", "config.asgi", "config.settings")
    before = {entry: site.settings(entry) for entry in entries}
    ended = site.split("--compare-settings")
    assert ended.returncode == 0, ended.stderr
    after = {entry: site.settings(entry) for entry in entries}
    found = {entry: differing(before[entry], after[entry]) for entry in entries}
    assert found == {
        "manage.py": NAMES,
        "config.wsgi": NAMES | {"DEBUG"},
        "config.asgi": NAMES | {"DEBUG"},
        "config.settings": set(),
    }
    tested = site.settings("config.settings.test")
    assert differing(before["manage.py"], tested) == NAMES | TESTED
    assert ":memory:" in tested["DATABASES"]
    for settings in (None, "config.settings", "config.settings.test"):
        site.python("manage.py", "check", settings=settings)
        assert "\nOK\n" in site.python("manage.py", "test", settings=settings)


def test_a_package_that_loads_celery_and_a_hook(site: Site) -> None:
    with_celery(site)
    (site.root / ".git/info/exclude").write_text("local_settings.py\n")
    site.write("config/local_settings.py", 'DEBUG = False\nALLOWED_HOSTS = ["shop.example"]\n')
    entries = ("manage.py", "config.wsgi", "config.celery", "config.settings")
    before = {entry: site.settings(entry) for entry in entries}
    assert before["manage.py"]["DEBUG"] == "False"
    ended = site.split("--compare-settings")
    assert ended.returncode == 0, ended.stderr
    after = {entry: site.settings(entry) for entry in entries}
    assert differing(before["config.settings"], after["config.settings"]) == set()
    for entry in entries[:3]:
        assert differing(before[entry], after[entry]) == NAMES
    assert after["config.wsgi"]["SETTINGS_MODULE"] == "'config.settings.production'"
    assert after["config.celery"]["SETTINGS_MODULE"] == "'config.settings.production'"
    assert "config.settings.test" in (site.root / "pytest.ini").read_text()


def test_undo_gives_the_tree_back(site: Site) -> None:
    before = site.tree()
    site.split("--compare-settings")
    assert SETTINGS not in site.tree()
    assert site.git("status", "--short").count("R  config/settings.py") == 1
    site.djfix("undo")
    assert site.tree() == before
    assert site.git("status", "--short") == ""


def test_patch_is_one_that_git_takes(site: Site) -> None:
    ended = site.split("--patch", "../the.patch")
    assert ended.returncode == 0
    site.git("apply", "--check", "../the.patch")
    site.git("apply", "--index", "../the.patch")
    staged = site.git("diff", "--cached")
    site.git("reset", "--quiet", "--hard")
    site.split()
    assert site.git("diff", "--cached") == staged


def test_the_shop_passes_its_tests_with_the_settings_for_tests(
    tmp_path: Path, project_root: Path
) -> None:
    site = Site(tmp_path / "shop")
    skipped = shutil.ignore_patterns("__pycache__", "*.sqlite3")
    shutil.copytree(project_root / "examples" / "shop", site.root, ignore=skipped)
    site.git("init", "--quiet")
    site.commit()
    before = site.tree()
    ended = site.split("--compare-settings")
    assert ended.returncode == 0, ended.stderr
    for settings in (None, "config.settings.test"):
        assert "\nOK\n" in site.python("manage.py", "test", settings=settings)
    site.djfix("undo")
    assert site.tree() == before


# -- what runs, and when ---------------------------------------------------------------------------

CANARY = '\nfrom pathlib import Path as P\n(P(BASE_DIR) / "ran").write_text("x")\n'


def test_nothing_of_the_project_runs_without_the_flag(site: Site) -> None:
    site.append(SETTINGS, CANARY)
    site.write("pyproject.toml", '[tool.djfix]\nselect = ["split-settings"]\n')
    site.commit()
    site.djfix("check", "--no-cache")
    site.djfix("explain", "--at", f"{SETTINGS}:13", "-r", "split-settings")
    site.split("--dry-run")
    assert site.split().returncode == 0
    assert not (site.root / "ran").exists()
    site.djfix("undo")
    site.split("--dry-run", "--compare-settings")
    assert (site.root / "ran").exists()


def test_no_configuration_can_make_it_run(site: Site) -> None:
    site.append(SETTINGS, CANARY)
    site.write("pyproject.toml", "[tool.djfix]\ncompare-settings = true\n")
    site.commit()
    ended = site.split("--dry-run")
    assert ended.returncode == 2
    assert "compare-settings" in ended.stderr
    assert not (site.root / "ran").exists()


def test_it_is_for_the_one_rule(site: Site) -> None:
    ended = site.djfix("apply", "-r", "exists", "--compare-settings")
    assert ended.returncode == 2
    assert site.split("--python", "python").returncode == 2


def test_nothing_is_compiled_to_the_disk(site: Site) -> None:
    site.split("--dry-run", "--compare-settings")
    assert not list(site.root.rglob("*.pyc"))


# -- where it is not the same ----------------------------------------------------------------------

LOOKS = """\
import sys


def here():
    return sys.modules["config.settings"].__file__ + sys._getframe(1).f_code.co_filename
"""


def refused(site: Site, *arguments: str) -> str:
    """What a refusal says; nothing is written."""
    site.commit()
    before = site.tree()
    ended = site.split("--compare-settings", *arguments)
    assert ended.returncode == 4, ended.stderr
    assert ended.stdout == ""
    assert site.tree() == before
    return ended.stderr


@pytest.mark.parametrize("form", [(), ("--dry-run",), ("--patch", "-")], ids=" ".join)
def test_values_that_differ(site: Site, form: tuple[str, ...]) -> None:
    site.write("shop/where.py", LOOKS)
    site.append(SETTINGS, "from shop.where import here\nWHERE = here()\n")
    said = refused(site, *form)
    assert said == "djfix: nothing was written: config.settings would not have today's WHERE\n"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import of_no_module", "ModuleNotFoundError (no of_no_module in this Python"),
        ("raise ValueError('canary')", "ValueError at config/settings.py:"),
        ("print('canary'); raise SystemExit('canary')", "SystemExit at config/settings.py:"),
        ("input('canary')", "EOFError at config/settings.py:"),
        ("import os; os.write(2, b'canary'); os._exit(7)", "ends the process that loads it"),
    ],
)
def test_settings_that_cannot_be_loaded(site: Site, code: str, said: str) -> None:
    site.append(SETTINGS, f"\n{code}\n")
    shown = refused(site)
    assert said in shown
    assert "canary" not in shown


def test_a_python_that_is_none(site: Site) -> None:
    assert "cannot be run" in refused(site, "--python", "./of-no-python")


def test_settings_that_ask_which_command_runs(site: Site) -> None:
    site.append(SETTINGS, "\nimport sys\nTESTING = sys.argv[1] == 'test'\n")
    site.commit()
    assert site.split("--compare-settings", "--dry-run").returncode == 1


def test_values_that_are_never_the_same_are_named(site: Site) -> None:
    site.append(SETTINGS, "\nimport time\nSTARTED = time.time_ns()\n")
    site.commit()
    ended = site.split("--compare-settings")
    assert ended.returncode == 0
    assert "never the same: STARTED" in ended.stderr


def test_settings_that_never_end(tmp_path: Path) -> None:
    (tmp_path / "settings.py").write_text("import subprocess\nwhile True:\n    pass\n")
    differs: dict[str, tuple[str, ...]] = {"production": ()}
    data = {"setting": "DJANGO_SETTINGS_MODULE", "value": "settings", "differs": differs}
    span = Span(1, 1, 1, 2)
    finding = Finding("a", "settings.py", span, "", "", Safety.REVIEW, "", data=data)
    changes = [Change("settings.py", b"", None)]
    with pytest.raises(VerificationError, match=r"was not loaded within 0\.5 seconds"):
        compare(tmp_path, finding, changes, timeout=0.5)


@pytest.mark.parametrize(
    ("one", "other"),
    [(True, 1), ([1], (1,)), ("a", b"a"), ({"a": 1, "b": 2}, {"b": 2, "a": 1}), (Path("a"), "a")],
)
def test_values_of_another_kind_or_order_differ(one: object, other: object) -> None:
    assert _described(one, "config.settings") != _described(other, "config.settings")


def test_equal_values_are_described_alike() -> None:
    from django.utils.translation import gettext_lazy

    class Thing:
        def __init__(self) -> None:
            self.name = {"a", "b"}
            self.own = self

    for make in (Thing, lambda: gettext_lazy("a"), lambda: lambda x: x + 1, object):
        assert _described(make(), "") == _described(make(), "")
    assert _described(gettext_lazy("a"), "") != _described(gettext_lazy("b"), "")
