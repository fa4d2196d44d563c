"""Serves a copy of `tests/projects/library` in a process of its own, and compares two of them.

The project's `serve.py` answers every request without rows, with a few, and with twice as many.
"""

from __future__ import annotations

import ast
import json
import os
import runpy
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

FIXED, PARTLY, REVIEW = "fixed", "partly", "review"
REPORTED, MISSED, LEFT = "reported", "missed", "left"


@dataclass(frozen=True, slots=True)
class Answer:
    """One request at one size: what the client sees, and what it cost."""

    status: int | str
    headers: tuple[tuple[str, str], ...]
    body: str
    queries: int
    reads: bool


@dataclass(frozen=True, slots=True)
class Served:
    """One tree: the answers by request and number of rows, and the text of each request's view.

    `wrong_paths`: what Django cannot resolve of all that a queryset was told to load.
    """

    answers: Mapping[str, Mapping[int, Answer]] = field(repr=False)
    sources: Mapping[str, str] = field(repr=False)
    wrong_paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A row of the project's own table."""

    name: str
    view: str
    state: str
    after: int | None
    ordered: bool
    requests: tuple[str, ...]


@cache
def endpoints(root: Path) -> tuple[Endpoint, ...]:
    table = runpy.run_path(str(root / "tests" / "projects" / "library" / "endpoints.py"))
    return tuple(
        Endpoint(row.name, view_of(row), row.state, row.after, row.ordered, requests_of(row))
        for row in table["ENDPOINTS"]
    )


def view_of(row: Any) -> str:
    """The name of the class or function; of a ViewSet it is the address, in a class's spelling."""
    return str(row.view.rpartition(".")[2] or row.name.title().replace("-", ""))


def requests_of(row: Any) -> tuple[str, ...]:
    return tuple(each.name for each in row.requests)


def copied(root: Path, folder: Path) -> Path:
    source = root / "tests" / "projects" / "library"
    ignored = shutil.ignore_patterns("__pycache__")
    return Path(shutil.copytree(source, folder / "library", ignore=ignored))


def rewritten(tree: Path, *options: str) -> Path:
    """djfix as a user calls it, on a folder that is no repository."""
    command = [sys.executable, "-m", "djfix", "apply", "--no-stage", "--rule", "n-plus-one"]
    result = call(tree, *command, *options)
    assert result.returncode == 0, result.stdout + result.stderr
    return tree


def texts(tree: Path) -> Mapping[Path, bytes]:
    """What stands in each module."""
    return {path: path.read_bytes() for path in sorted(tree.rglob("*.py"))}


def served(tree: Path, database: Mapping[str, str] | None = None) -> Served:
    result = call(tree, sys.executable, "-B", "serve.py", environment=database)
    assert result.returncode == 0, result.stderr
    data = json.loads(result.stdout)
    answers = {
        name: {int(size): answer_of(each) for size, each in sizes.items()}
        for name, sizes in data["served"].items()
    }
    sources = {name: view_text(tree, view) for name, view in data["views"].items()}
    wrong = tuple(" ".join(row) for row in data["paths"] if row[-1])
    return Served(answers, sources, wrong)


def answer_of(data: Mapping[str, Any]) -> Answer:
    headers = tuple(sorted(data["headers"].items()))
    return Answer(data["status"], headers, data["body"], data["queries"], data["reads"])


def view_text(tree: Path, view: str) -> str:
    """The class or function, without its blank lines and comments."""
    module, _, name = view.rpartition(".")
    path = tree / f"{module.replace('.', '/')}.py"
    nodes = [node for node in ast.parse(path.read_text()).body if is_named(node, name)]
    return "\n".join(ast.unparse(node) for node in nodes)


def is_named(node: ast.stmt, name: str) -> bool:
    return isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == name


def call(
    folder: Path, *command: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    surroundings = {
        **os.environ,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        **(environment or {}),
    }
    return subprocess.run(
        command, cwd=folder, env=surroundings, capture_output=True, text=True, check=False
    )


# What is wrong with a tree after, in words; nothing where it is as it should be.


def complaints(
    before: Served, after: Served, endpoint: Endpoint, *, unsafe: bool = False
) -> list[str]:
    """All that is wrong with one endpoint after the default run, or the one with --unsafe.

    What is for review is promised for its list only: an action that a person has to look at may
    answer with what it has read before.
    """
    is_reviewed = endpoint.state == REVIEW and unsafe
    shown = replace(endpoint, requests=endpoint.requests[:1]) if is_reviewed else endpoint
    judge = not_fixed if endpoint.state == FIXED or is_reviewed else changed
    judge = not_partly_fixed if endpoint.state == PARTLY else judge
    return [
        *different_answers(before, after, shown),
        *more_queries(before, after, shown),
        *judge(before, after, endpoint),
    ]


def different_answers(before: Served, after: Served, endpoint: Endpoint) -> list[str]:
    """Requests that a client would see the difference of."""
    return [
        f"{name} with {size} rows: {' became '.join(difference(seen(old), seen(new)))}"
        for name, size, old, new in pairs(before, after, endpoint)
        if seen(old) != seen(new)
    ]


def seen(answer: Answer) -> str:
    return f"{answer.status} {answer.headers} {answer.body}"


def difference(old: str, new: str) -> tuple[str, str]:
    """Where two texts part, with a little of what is around."""
    same = next((at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), 0)
    start = max(same - 20, 0)
    return old[start : start + 120], new[start : start + 120]


def more_queries(before: Served, after: Served, endpoint: Endpoint) -> list[str]:
    """Requests that read, and cost more than before where there are rows."""
    return [
        f"{name} with {size} rows: {old.queries} queries became {new.queries}"
        for name, size, old, new in pairs(before, after, endpoint)
        if new.queries > old.queries and old.reads
    ]


def pairs(
    before: Served, after: Served, endpoint: Endpoint
) -> Iterator[tuple[str, int, Answer, Answer]]:
    for name in endpoint.requests:
        for size, old in before.answers[name].items():
            yield name, size, old, after.answers[name][size]


def not_fixed(before: Served, after: Served, endpoint: Endpoint) -> list[str]:
    """Why an endpoint that should be fixed is not."""
    found = []
    if growth(before, endpoint.name) <= 0:
        found.append(f"{endpoint.name}: nothing was wrong with it before")
    if more := growth(after, endpoint.name):
        found.append(f"{endpoint.name}: twice the rows cost {more} queries more")
    return found


def not_partly_fixed(before: Served, after: Served, endpoint: Endpoint) -> list[str]:
    """Why an endpoint that should cost less does not."""
    less, more = growth(after, endpoint.name), growth(before, endpoint.name)
    return [] if less < more else [f"{endpoint.name}: it still costs what it did"]


def changed(before: Served, after: Served, endpoint: Endpoint) -> list[str]:
    """Why an endpoint that should be left alone is not."""
    found = [
        f"{name} with {size} rows: {old.queries} queries became {new.queries}"
        for name, size, old, new in pairs(before, after, endpoint)
        if old.queries != new.queries
    ]
    if before.sources[endpoint.name] != after.sources[endpoint.name]:
        found.append(f"{endpoint.name}: its view was rewritten")
    return found


def growth(tree: Served, name: str) -> int:
    """By how many queries twice the rows cost more."""
    few, many = sorted(size for size in tree.answers[name] if size)
    return tree.answers[name][many].queries - tree.answers[name][few].queries


def most_queries(tree: Served, name: str) -> int:
    return max(answer.queries for answer in tree.answers[name].values())


def in_any_order(tree: Served, name: str) -> Served:
    """The answers to one request with the rows of their lists sorted."""
    sorted_answers = {
        size: replace(answer, body=json.dumps(sorted_rows(json.loads(answer.body))))
        for size, answer in tree.answers[name].items()
    }
    return replace(tree, answers={**tree.answers, name: sorted_answers})


def sorted_rows(value: Any) -> Any:
    return sorted(value, key=json.dumps) if isinstance(value, list) else value
