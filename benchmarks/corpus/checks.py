"""What must hold of djfix on any project; each check answers with what is wrong, or nothing."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.corpus.fetch import git
from benchmarks.corpus.findings import Said, name_of
from benchmarks.measuring import Measured, measure, program

DJFIX = program("djfix")
CLEAN, FOUND, FAILED = 0, 1, 3


def check_command(*, jobs: int = 1) -> list[str]:
    """The run that is measured: all rules, nothing remembered from an earlier one."""
    return [*DJFIX, "check", "-o", "json", "--show-declined", "--no-cache", "-j", str(jobs)]


def crashed(folder: Path, run: Measured, said: Said | None) -> Iterator[str]:
    """An exit code that the contract does not know, or a failure that is not the file's own."""
    if run.returncode not in {CLEAN, FOUND, FAILED}:
        last = run.stderr.decode(errors="replace").strip().splitlines()[-1:]
        yield f"exit code {run.returncode}: {' '.join(last)}"
    if said is None:
        yield "no JSON report"
        return
    for failure in said.failed:
        if not is_unreadable(folder / failure["path"]):
            yield f"failed on {failure['path']}: {failure['error']}"
    for finding in said.findings:
        if finding["outcome"] == "failed":
            yield f"no fix for {place(finding)}"


def is_unreadable(path: Path) -> bool:
    """Whether this interpreter cannot parse the file, so that nobody else can be blamed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(path.read_bytes())
    except (SyntaxError, ValueError, RecursionError, OSError):
        return True
    return False


def same_on_two_jobs(folder: Path, first: Measured) -> Iterator[str]:
    """`-j 2` prints the very bytes of `-j 1`."""
    second = measure(check_command(jobs=2), folder=folder)
    if second.stdout != first.stdout:
        yield "-j 2 differs from -j 1"


def same_unfiltered(folder: Path, said: Said) -> Iterator[str]:
    """The prefilter loses no finding and no declined place."""
    command = [sys.executable, "-m", "benchmarks.corpus.unfiltered", str(folder)]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        yield f"the unfiltered run failed: {' '.join(last)}"
        return
    unfiltered = json.loads(done.stdout)
    for kind, filtered in filtered_summary(said).items():
        only = [each for each in unfiltered[kind] if each not in filtered]
        lost = [each for each in filtered if each not in unfiltered[kind]]
        yield from (f"the prefilter loses {kind} {each}" for each in only)
        yield from (f"only with the prefilter: {kind} {each}" for each in lost)


def filtered_summary(said: Said) -> dict[str, list[list[Any]]]:
    findings = [[f["fingerprint"], f["path"], f["line"], f["outcome"]] for f in said.findings]
    declined = [[d["path"], d["line"], name_of(d["reason"])] for d in said.declined]
    return {"findings": findings, "declined": declined}


def patch_applies(folder: Path, *arguments: str) -> Iterator[str]:
    """`git apply --check` takes what `djfix apply --patch -` prints."""
    made = measure([*DJFIX, "apply", "--patch", "-", *arguments], folder=folder)
    if not made.stdout:
        yield f"`apply --patch - {' '.join(arguments)}` printed nothing"
        return
    check = ["git", "-C", str(folder), "apply", "--check", "-"]
    done = subprocess.run(check, input=made.stdout, capture_output=True, check=False)
    if done.returncode:
        yield f"git apply refuses the patch: {done.stderr.decode().strip()}"


def applied_is_sound(copy: Path, *arguments: str) -> Iterator[str]:
    """In a throwaway clone: what is staged compiles, a second run changes nothing, undo works."""
    apply = [*DJFIX, "apply", "--no-cache", "-o", "json", *arguments]
    first = measure(apply, folder=copy)
    if first.returncode not in {CLEAN, FAILED}:
        yield f"apply ended with {first.returncode}: {first.stderr.decode().strip()[-300:]}"
    changed = git(copy, "diff", "--cached", "--name-only", "-z").split("\0")[:-1]
    if not changed:
        yield "apply staged nothing"
    yield from (f"{path} does not compile" for path in changed if does_not_compile(copy / path))
    staged = git(copy, "diff", "--cached")
    if git(copy, "diff", "--name-only"):
        yield "the work tree differs from the index"
    measure(apply, folder=copy)
    if git(copy, "diff", "--cached") != staged:
        yield "a second run changes what the first one left"
    yield from undo_restores(copy)


def does_not_compile(path: Path) -> bool:
    if path.suffix != ".py" or not path.exists():
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
        except (SyntaxError, ValueError):
            return True
    return False


def undo_restores(copy: Path) -> Iterator[str]:
    # A second apply that had nothing to do leaves the first one as the last that can be undone.
    undone = measure([*DJFIX, "undo"], folder=copy)
    if undone.returncode or git(copy, "status", "--porcelain"):
        yield f"undo did not restore the tree: {undone.stderr.decode().strip()[-300:]}"


def clone(folder: Path, copy: Path) -> None:
    """A throwaway copy of the repository, which shares its objects. Raises FetchError."""
    git(folder, "clone", "-q", "--shared", "--no-tags", ".", str(copy))


def place(finding: Mapping[str, Any]) -> str:
    return f"{finding['path']}:{finding['line']}"
