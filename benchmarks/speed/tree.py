"""One repository that holds the Python of the whole corpus, to be read in one job."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from benchmarks.corpus.fetch import git

KINDS = (
    *("*.py", "*pyproject.toml", "*setup.cfg", "*requirements*.txt"),
    *("*.lock", "*Pipfile.lock"),
)


def gather(projects: Sequence[Path], tree: Path) -> None:
    """Copies each project's tracked Python and packaging files and commits them."""
    for project in projects:
        names = git(project, "ls-files", "-z", "--", *KINDS).split("\0")[:-1]
        for name in names:
            target = tree / project.name / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(project / name, target)
    git(tree, "init", "-q", "-b", "main")
    git(tree, "add", "-A", "-f")
    git(tree, "commit", "-q", "-m", "The corpus")


def python_files(tree: Path) -> list[str]:
    """All tracked Python files, relative to the tree."""
    return git(tree, "ls-files", "-z", "*.py").split("\0")[:-1]


def changed_models(tree: Path) -> Path:
    """The largest models.py: the file whose change touches the most."""
    models = [tree / name for name in python_files(tree) if name.endswith("/models.py")]
    return max(models, key=lambda path: path.stat().st_size)
