"""Asks git which files are new since the base branch, in a way that runs nothing of the repository.

A migration that the base branch does not have has been applied nowhere but on its author's own
machine; everything else must be taken for applied. Only plumbing is called (merge-base, ls-tree,
rev-list, rev-parse): `git log` would start the configured `gpg.program` under `log.showSignature`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from djfix.codemods.source.git import attempt_git, has_repository

BRANCH = re.compile(r"(?!-)[\w./@+-]+")
"""What a branch may be called in the configuration: nothing that git would take for an option."""

_PATHS_AT_ONCE = 200


def new_since_base(root: Path, paths: Collection[str], base_branch: str = "") -> frozenset[str]:
    """Those of the paths (from `root`) that neither the merge base with the base branch has, nor
    any tag that the merge base does not reach. Raises LookupError where git cannot tell."""
    if not has_repository(root):
        raise LookupError("there is no git repository")
    if _line(root, "rev-parse", "--is-shallow-repository") != "false":
        raise LookupError("the clone is shallow, or git cannot read it")
    base = _merge_base(root, base_branch)
    known = _at(root, base)
    missing = sorted(path for path in paths if path not in known)
    return frozenset(_untagged(root, base, missing))


def _merge_base(root: Path, base_branch: str) -> str:
    """The commit where HEAD left the base branch: the configured one, else the usual ones."""
    names = [base_branch, f"origin/{base_branch}"] if base_branch else []
    for name in names or ["origin/HEAD", "main", "master"]:
        tip = BRANCH.fullmatch(name) and _line(
            root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"
        )
        base = _line(root, "merge-base", "HEAD", tip) if tip else ""
        if base:
            return base
    raise LookupError("there is no base branch to compare with")


def _at(root: Path, commit: str) -> frozenset[str]:
    """The paths below `root` that a commit has."""
    status, output = attempt_git(root, "ls-tree", "-r", "-z", "--name-only", commit)
    if status:
        raise LookupError("git cannot read the base branch")
    return frozenset(filter(None, os.fsdecode(output).split("\0")))


def _untagged(root: Path, base: str, paths: list[str]) -> Iterator[str]:
    """The paths that no commit on the way from the base to a tag has touched."""
    for start in range(0, len(paths), _PATHS_AT_ONCE):
        portion = paths[start : start + _PATHS_AT_ONCE]
        if not _tagged(root, base, portion):
            yield from portion
        else:
            yield from (path for path in portion if not _tagged(root, base, [path]))


def _tagged(root: Path, base: str, paths: list[str]) -> bool:
    arguments = ("rev-list", "--max-count=1", "--tags", f"^{base}", "--", *paths)
    status, output = attempt_git(root, "--literal-pathspecs", *arguments)
    if status:
        raise LookupError("git cannot read the tags")
    return bool(output.strip())


def _line(root: Path, *arguments: str) -> str:
    """The one line that git answers; "" where it fails."""
    status, output = attempt_git(root, *arguments)
    return "" if status else os.fsdecode(output).strip()
