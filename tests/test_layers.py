"""The floors of docs/architecture.md, read from the imports: none points up, none sideways."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pytest

FLOORS = (
    "findings",
    "source",
    "rewriting",
    "flow",
    "project",
    "inference",
    "rule",
    "rules",
    "engine",
    "staging",
    "proof",
    "cli",
)
"""Lowest first; a floor imports from those before it."""

NARROW = {"staging": frozenset({"findings", "source"}), "findings": frozenset[str]()}
"""Floors that may import less than all that lies below them."""

HEAVY = {
    "libcst": frozenset({"rewriting"}),
    **{
        name: frozenset[str]()
        for name in ("rich", "git", "dockerfile_parse", "ruamel", "tree_sitter", "tree_sitter_bash")
    },
}
"""Slow modules, and the floors that may import them at module level."""

FOLDERS = {"src/djfix": "djfix", "codemods": "djfix.codemods", "cli": "djfix.cli"}


def test_no_import_of_the_tree_breaks_the_floors(project_root: Path) -> None:
    assert list(violations(project_root)) == []


def test_every_module_stands_on_a_known_floor(project_root: Path) -> None:
    modules = [module_name(project_root, path) for path in source_files(project_root)]
    assert [name for name in modules if floor_of(name) is None and not is_frame(name)] == []
    assert len(modules) > 10


@pytest.mark.parametrize(
    ("path", "text", "complaint"),
    [
        pytest.param(
            "codemods/source/files.py",
            "from djfix.codemods.engine.run import run",
            "codemods/source/files.py:1: source imports engine",
            id="points_up",
        ),
        pytest.param(
            "codemods/project/project.py",
            "def link():\n    import djfix.codemods.inference.values",
            "codemods/project/project.py:2: project imports inference",
            id="points_up_inside_a_function",
        ),
        pytest.param(
            "codemods/findings.py",
            "from djfix.codemods import rule",
            "codemods/findings.py:1: findings imports rule",
            id="points_up_by_importing_a_floor_from_the_package",
        ),
        pytest.param(
            "codemods/rules/update_fields.py",
            "from djfix.codemods.rules.f_expressions import plans",
            "codemods/rules/update_fields.py:1: a rule imports the rule f_expressions",
            id="rule_imports_a_rule",
        ),
        pytest.param(
            "codemods/rules/update_fields.py",
            "from djfix.codemods.rules import f_expressions",
            "codemods/rules/update_fields.py:1: a rule imports the rule f_expressions",
            id="rule_imports_a_rule_from_the_package",
        ),
        pytest.param(
            "codemods/staging/journal.py",
            "from djfix.codemods.engine import run",
            "codemods/staging/journal.py:1: staging imports engine",
            id="staging_knows_nothing_of_the_engine",
        ),
        pytest.param(
            "codemods/flow/graph.py",
            "import codemods.findings",
            "codemods/flow/graph.py:1: imports codemods by its bare name",
            id="bare_name",
        ),
        pytest.param(
            "codemods/flow/graph.py",
            "from .names import Flow",
            "codemods/flow/graph.py:1: relative import",
            id="relative",
        ),
        pytest.param(
            "codemods/engine/run.py",
            "import libcst.matchers",
            "codemods/engine/run.py:1: imports libcst at module level",
            id="libcst_at_module_level",
        ),
        pytest.param(
            "cli/tables.py",
            "try:\n    from rich.table import Table\nexcept ImportError:\n    pass",
            "cli/tables.py:2: imports rich at module level",
            id="rich_at_module_level_inside_a_try",
        ),
        pytest.param(
            "codemods/staging/index.py",
            "class Index:\n    import git",
            "codemods/staging/index.py:2: imports git at module level",
            id="git_in_a_class_body",
        ),
    ],
)
def test_reports_the_import_of_a_bad_tree(
    tmp_path: Path, path: str, text: str, complaint: str
) -> None:
    write_tree(tmp_path, path, text)
    assert list(violations(tmp_path)) == [complaint]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param(
            "codemods/engine/run.py", "from djfix.codemods.rules import RULES", id="registry"
        ),
        pytest.param(
            "codemods/rules/__init__.py",
            "from djfix.codemods.rules.f_expressions import FExpressions",
            id="registry_names_its_rules",
        ),
        pytest.param(
            "codemods/rules/f_expressions/guards.py",
            "from djfix.codemods.rules.f_expressions.plans import Plan",
            id="module_of_the_same_rule",
        ),
        pytest.param(
            "codemods/rules/f_expressions/rewrite.py",
            "def edit():\n    import libcst",
            id="libcst_where_it_is_used",
        ),
        pytest.param(
            "codemods/rules/f_expressions/rewrite.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import libcst",
            id="libcst_for_the_type_checker",
        ),
        pytest.param("codemods/rewriting/trees.py", "import libcst as cst", id="rewriting"),
        pytest.param(
            "codemods/staging/journal.py",
            "from djfix.codemods.source.files import Files",
            id="staging_reads_files",
        ),
        pytest.param("cli/main.py", "import richness, gitlab", id="other_names_alike"),
    ],
)
def test_leaves_a_good_tree_alone(tmp_path: Path, path: str, text: str) -> None:
    write_tree(tmp_path, path, text)
    assert list(violations(tmp_path)) == []


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_first_answers_import_no_heavy_module(option: str) -> None:
    program = (
        "import sys; from djfix.cli.main import main; sys.argv = ['djfix', sys.argv[1]]\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print([name for name in ('libcst', 'git') if name in sys.modules], file=sys.stderr)"
    )
    command = [sys.executable, "-c", program, option]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stderr == "[]\n"


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name: `target` is the dotted module or member, `lazy` if not run on import."""

    target: str
    line: int
    lazy: bool


def violations(root: Path) -> Iterator[str]:
    """One sentence for each import that the floors forbid, in the order of the files."""
    for path in source_files(root):
        place = path.relative_to(root).as_posix()
        module = module_name(root, path)
        for found in imports_of(ast.parse(path.read_text(encoding="utf-8"))):
            complaint = judge(module, found)
            if complaint:
                yield f"{place}:{found.line}: {complaint}"


def judge(module: str, found: Import) -> str | None:
    """Why `module` may not import this; None if it may."""
    top = found.target.partition(".")[0]
    if not top:
        return "relative import"
    if top in ("codemods", "cli"):
        return f"imports {top} by its bare name"
    floor = floor_of(module)
    if top in HEAVY and not found.lazy and floor not in HEAVY[top]:
        return f"imports {top} at module level"
    target = floor_of(found.target)
    if floor is None or target is None:
        return None
    if target == floor:
        return judge_rules(module, found.target)
    allowed = NARROW.get(floor, frozenset(FLOORS[: FLOORS.index(floor)]))
    return None if target in allowed else f"{floor} imports {target}"


def judge_rules(module: str, target: str) -> str | None:
    rule, other = rule_of(module), rule_of(target)
    return f"a rule imports the rule {other}" if rule and other and rule != other else None


def floor_of(dotted: str) -> str | None:
    """The floor a dotted name of djfix stands on; None for anything else, and for the frame."""
    parts = dotted.split(".")
    if parts[:2] == ["djfix", "cli"]:
        return "cli"
    if parts[:2] == ["djfix", "codemods"] and len(parts) > 2 and parts[2] in FLOORS:
        return parts[2]
    return None


def is_frame(module: str) -> bool:
    """The package's own `__init__`s and `__main__`, which hold no floor."""
    return module in ("djfix", "djfix.__main__", "djfix.codemods")


def rule_of(dotted: str) -> str | None:
    """The rule that a module below `rules` belongs to; members of the registry are no rules."""
    parts = dotted.split(".")
    if parts[:3] != ["djfix", "codemods", "rules"] or len(parts) < 4:
        return None
    return parts[3] if parts[3].islower() else None


def imports_of(tree: ast.AST, *, lazy: bool = False) -> Iterator[Import]:
    """Every import below `tree`, at any depth."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno, lazy) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from imported_members(node, lazy)
        else:
            deferred = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from imports_of(node, lazy=lazy or deferred or is_type_checking(node))


def imported_members(node: ast.ImportFrom, lazy: bool) -> Iterator[Import]:
    """The members of a from-import; those of one module that say the same count once."""
    base = "." if node.level else ""
    module = base + (node.module or "")
    if module in ("djfix", "djfix.codemods", "djfix.codemods.rules"):
        yield from (Import(f"{module}.{alias.name}", node.lineno, lazy) for alias in node.names)
    else:
        yield Import(module, node.lineno, lazy)


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def source_files(root: Path) -> list[Path]:
    return sorted(path for folder in FOLDERS for path in (root / folder).rglob("*.py"))


def module_name(root: Path, path: Path) -> str:
    place = path.relative_to(root).as_posix()
    (folder,) = (folder for folder in FOLDERS if place.startswith(f"{folder}/"))
    parts = PurePosixPath(place).relative_to(folder).with_suffix("").parts
    return ".".join((FOLDERS[folder], *(part for part in parts if part != "__init__")))


def write_tree(root: Path, path: str, text: str) -> None:
    target = root / path
    target.parent.mkdir(parents=True)
    target.write_text(f"{text}\n")
