"""The installed package is one name, `djfix`, whole and with nothing stale in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath

import pytest

SOURCES = ("src", "codemods", "cli")
FRAME = ("pyproject.toml", "setup.py", "README.md", "LICENSE")
DATA = (".json", ".typed")

WORKERS = """
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from djfix.codemods.findings import Span

if __name__ == "__main__":
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        print(pool.submit(Span, 1, 2, 3, 4).result())
"""


def test_packages_list_equals_the_folders(project_root: Path) -> None:
    settings = read_settings(project_root)
    folders = dict(package_folders(project_root, settings["package-dir"]))
    assert sorted(settings["packages"]) == sorted(folders)


def test_folder_comparison_sees_a_new_subpackage(copied_tree: Path) -> None:
    settings = read_settings(copied_tree)
    (copied_tree / "codemods" / "rules" / "brand_new").mkdir()
    (copied_tree / "codemods" / "rules" / "brand_new" / "guards.py").write_text("")
    folders = dict(package_folders(copied_tree, settings["package-dir"]))
    assert set(folders) - set(settings["packages"]) == {"djfix.codemods.rules.brand_new"}


def test_wheel_holds_every_module_and_data_file(wheel: Path, project_root: Path) -> None:
    expected = shipped_files(project_root)
    assert packed_files(wheel) == expected
    assert "djfix/py.typed" in expected


def test_wheel_puts_one_name_into_site_packages(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {PurePosixPath(name).parts[0] for name in archive.namelist()}
    assert {name for name in names if not name.endswith(".dist-info")} == {"djfix"}
    assert len(names) == 2


def test_wheel_leaves_out_a_module_of_a_leftover_build(wheel: Path) -> None:
    assert "djfix/codemods/deleted.py" not in packed_files(wheel)


def test_installed_wheel_runs_as_command_and_module(installed: Callable[..., str]) -> None:
    version = installed("python", "-c", "import djfix; print(djfix.__version__)").strip()
    assert version in installed("djfix", "--version")
    assert version in installed("python", "-m", "djfix", "--version")


def test_installed_wheel_is_what_runs(installed: Callable[..., str], wheel_prefix: Path) -> None:
    place = installed("python", "-c", "import djfix.codemods as c; print(c.__file__)").strip()
    assert Path(place).is_relative_to(wheel_prefix)


def test_spawned_workers_find_the_installed_wheel(
    installed: Callable[..., str], tmp_path: Path
) -> None:
    script = tmp_path / "workers.py"
    script.write_text(WORKERS)
    expected = "Span(line=1, column=2, end_line=3, end_column=4)\n"
    assert installed("python", str(script)) == expected


def test_run_with_jobs_works_from_an_installed_wheel(
    installed: Callable[..., str], tmp_path: Path
) -> None:
    (tmp_path / "models.py").write_text("from django.db import models\n")
    (tmp_path / "services.py").write_text("def touch(order):\n    order.save()\n")
    installed("djfix", "check", "-j", "2", "--no-cache", str(tmp_path))


def test_editable_install_follows_the_tree(copied_tree: Path, tmp_path: Path) -> None:
    prefix = make_environment(tmp_path / "environment")
    pip(prefix, "install", "--ignore-installed", "--no-deps", "--quiet", "-e", str(copied_tree))
    (copied_tree / "codemods" / "added_later.py").write_text("WORD = 'seen'\n")
    program = "from djfix.codemods.added_later import WORD; print(WORD)"
    assert run(prefix, tmp_path, "python", "-c", program) == "seen\n"
    assert "0." in run(prefix, tmp_path, "djfix", "--version")


# Building and installing, once per session: each takes seconds.


@pytest.fixture(scope="session")
def wheel(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of this tree, built over the leftovers of an earlier build."""
    tree = copy_tree(project_root, tmp_path_factory.mktemp("wheel") / "tree")
    stale = tree / "build" / "lib" / "djfix" / "codemods" / "deleted.py"
    stale.parent.mkdir(parents=True)
    stale.write_text("STALE = True\n")
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(tree / "dist"), str(tree)]
    finish(subprocess.run(command, capture_output=True, text=True, check=False))
    (built,) = (tree / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="session")
def wheel_prefix(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment of its own that holds the wheel."""
    prefix = make_environment(tmp_path_factory.mktemp("installed") / "environment")
    pip(prefix, "install", "--ignore-installed", "--no-deps", "--quiet", str(wheel))
    return prefix


@pytest.fixture
def installed(wheel_prefix: Path, tmp_path: Path) -> Callable[..., str]:
    """Runs a program of the environment that holds the wheel, away from the tree."""

    def call(*command: str) -> str:
        return run(wheel_prefix, tmp_path, *command)

    return call


@pytest.fixture
def copied_tree(project_root: Path, tmp_path: Path) -> Path:
    return copy_tree(project_root, tmp_path / "tree")


def copy_tree(root: Path, target: Path) -> Path:
    target.mkdir(parents=True)
    for name in FRAME:
        shutil.copy2(root / name, target / name)
    for name in SOURCES:
        ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
        shutil.copytree(root / name, target / name, ignore=ignored)
    return target


def make_environment(prefix: Path) -> Path:
    """A virtual environment that sees this one's third-party packages, but its own djfix first."""
    command = [sys.executable, "-m", "venv", "--without-pip", str(prefix)]
    finish(subprocess.run(command, capture_output=True, text=True, check=False))
    (site_packages,) = (prefix / "lib").glob("python*/site-packages")
    (site_packages / "outer.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return prefix


def pip(prefix: Path, *arguments: str) -> None:
    """This environment's pip, working on another environment."""
    python = prefix / "bin" / "python"
    command = [sys.executable, "-m", "pip", "--python", str(python), *arguments]
    finish(subprocess.run(command, capture_output=True, text=True, check=False))


def run(prefix: Path, folder: Path, program: str, *arguments: str) -> str:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    command = [str(prefix / "bin" / program), *arguments]
    result = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return finish(result)


def finish(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


# What the tree and a wheel hold.


def read_settings(root: Path) -> Mapping[str, Mapping[str, str]]:
    settings = tomllib.loads((root / "pyproject.toml").read_text())
    return settings["tool"]["setuptools"]  # type: ignore[no-any-return]


def package_folders(root: Path, mapping: Mapping[str, str]) -> Iterator[tuple[str, Path]]:
    """Dotted name and folder of every folder that holds Python files."""
    for package, top in mapping.items():
        for folder in [root / top, *(root / top).rglob("*")]:
            if folder.is_dir() and any(folder.glob("*.py")):
                yield ".".join((package, *folder.relative_to(root / top).parts)), folder


def shipped_files(root: Path) -> set[str]:
    """The paths that a wheel of this tree must hold, without its metadata."""
    return {
        (PurePosixPath(package.replace(".", "/")) / file.relative_to(root / top)).as_posix()
        for package, top in read_settings(root)["package-dir"].items()
        for file in (root / top).rglob("*")
        if file.suffix == ".py" or file.name.endswith(DATA)
    }


def packed_files(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}
