"""The docs say what the code does: links lead somewhere, and no rule, reason or key goes unsaid."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs", "examples")
REASON = re.compile(r'Reason\(\s*"([a-z-]+)"')
NAMED = re.compile(r'^NEW_TABLE = "([a-z-]+)"', re.MULTILINE)
KIND = re.compile(r'(?:kind|reason) = "([a-z-]+)" if .* else "([a-z-]+)"')


def pages(root: Path) -> list[Path]:
    tops = [root / name for name in PAGES]
    return sorted(page for top in tops for page in ([top] if top.is_file() else top.rglob("*.md")))


def test_every_link_leads_somewhere(project_root: Path) -> None:
    missing = [
        f"{page.relative_to(project_root)}: {target}"
        for page in pages(project_root)
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text())
        if not (page.parent / target).exists()
    ]
    assert missing == []


def test_every_rule_has_its_page(project_root: Path) -> None:
    from djfix.codemods.engine.registry import REGISTRY

    written = {page.stem for page in (project_root / "docs" / "rules").glob("*.md")}
    assert written == {entry.name for entry in REGISTRY}


def test_guide_names_every_rule_and_no_other(project_root: Path) -> None:
    from djfix.codemods.engine.registry import REGISTRY

    text = (project_root / "docs" / "guide.md").read_text()
    linked = re.findall(r"\[`([a-z-]+)`\]\(rules/([a-z-]+)\.md\)", text)
    assert {name for name, page in linked if name == page} == {each.name for each in REGISTRY}
    assert [pair for pair in linked if pair[0] != pair[1]] == []


def test_guide_marks_the_rules_that_only_run_when_they_are_named(project_root: Path) -> None:
    from djfix.codemods.engine.registry import REGISTRY

    text = (project_root / "docs" / "guide.md").read_text()
    marked = set(re.findall(r"\[`([a-z-]+)`\]\(rules/[a-z-]+\.md\) ※", text))
    assert marked == {each.name for each in REGISTRY if each.only_when_named}


def test_guide_says_why_of_all_that_no_rule_automates(project_root: Path) -> None:
    text = (project_root / "docs" / "guide.md").read_text()
    rows = text.partition("## What no rule automates")[2].strip().splitlines()[2:]
    cells = [row.split("|")[1:3] for row in rows]
    assert len(cells) > 10
    assert [what for what, why in cells if not what.strip() or len(why.split()) < 5] == []


def test_every_key_of_the_configuration_is_explained(project_root: Path) -> None:
    from djfix.codemods.engine.configuration import KEYS

    text = (project_root / "docs" / "configuration.md").read_text()
    assert [key for key in KEYS if not re.search(rf"`{key}`|tool\.djfix\.{key}\.", text)] == []


@pytest.mark.parametrize("rule", ["f-expressions", "update-fields"])
def test_every_reason_of_a_rule_about_saves_is_explained_and_no_other(
    project_root: Path, rule: str
) -> None:
    folders = (f"rules/{rule.replace('-', '_')}", "inference/saving")
    files = [path for each in folders for path in (project_root / "codemods" / each).glob("*.py")]
    code = "\n".join(path.read_text() for path in files)
    given = set(REASON.findall(code)) | {name for pair in KIND.findall(code) for name in pair}
    page = (project_root / "docs" / "rules" / f"{rule}.md").read_text()
    names = set(re.findall(r"`([a-z-]+)`", page.partition("## Reasons")[2]))
    assert names - {"defaults", "f-expressions"} == given


FLOORS = {
    "conn-max-age": ("rules/conn_max_age",),
    "debug-setting": ("rules/debug_setting",),
    "celery-settings": ("rules/celery_settings", "project/celery*.py"),
    "split-settings": ("rules/split_settings",),
    "deploy-files": ("rules/deploy_files",),
    "celery-imports": ("rules/celery_imports",),
    "bulk-create": ("rules/bulk_create", "inference/saving/models.py"),
    "exists": ("rules/exists",),
    "on-commit": ("rules/on_commit", "project/tasks.py"),
    "celery-limits": ("rules/celery_limits", "project/tasks.py", "project/celery*.py"),
    "celery-retries": ("rules/celery_retries", "inference/bodies", "project/tasks.py"),
    "task-queues": (
        "rules/task_queues",
        "project/task_routes.py",
        "project/tasks.py",
        "project/celery*.py",
    ),
}
"""Where the reasons of a rule come from, beside its own package."""


@pytest.mark.parametrize("rule", sorted(FLOORS))
def test_every_reason_of_a_rule_is_explained_and_no_other(project_root: Path, rule: str) -> None:
    root = project_root / "codemods"
    found = [path for each in FLOORS[rule] for path in root.glob(each)]
    files = [each for path in found for each in ([path] if path.is_file() else path.glob("*.py"))]
    code = "\n".join(path.read_text() for path in files)
    given = {*REASON.findall(code), *(name for pair in KIND.findall(code) for name in pair)}
    page = (project_root / "docs" / "rules" / f"{rule}.md").read_text()
    cells = re.findall(r"^\| (`[^|]*) \|", page.partition("## Reasons")[2], re.MULTILINE)
    assert {name for cell in cells for name in re.findall(r"`([a-z-]+)`", cell)} == given


@pytest.mark.parametrize("rule", ["concurrent-index", "batched-migration"])
def test_every_reason_of_a_rule_about_migrations_is_explained_and_no_other(
    project_root: Path, rule: str
) -> None:
    folder = project_root / "codemods" / "rules" / rule.replace("-", "_")
    files = [*folder.glob("*.py")]
    if rule == "concurrent-index":
        files.append(project_root / "codemods" / "project" / "migrations.py")
    given = {name for path in files for name in REASON.findall(path.read_text())}
    given |= {name for path in files for name in NAMED.findall(path.read_text())}
    text = (project_root / "docs" / "rules" / f"{rule}.md").read_text()
    page = text.partition("## Reasons")[2]
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    names = {name for row in rows for name in re.findall(r"`([a-z-]+)`", row)}
    assert names == given


def test_every_reason_of_n_plus_one_is_explained_and_no_other(project_root: Path) -> None:
    from djfix.codemods.findings import SUPPRESSED
    from djfix.codemods.inference.access.values import CONDITIONAL_FIELD, PATH_BY_NAME
    from djfix.codemods.inference.loading import hazards
    from djfix.codemods.inference.views import views

    folders = ("rules/n_plus_one", "inference/loading", "inference/views")
    files = [path for each in folders for path in (project_root / "codemods" / each).glob("*.py")]
    given = {name for path in files for name in REASON.findall(path.read_text())}
    given |= {*hazards._TEXTS, *views._TEXTS, SUPPRESSED, CONDITIONAL_FIELD, PATH_BY_NAME}
    page = (project_root / "docs" / "rules" / "n-plus-one.md").read_text()
    reasons = page.partition("## Reasons")[2].partition("\n## ")[0]
    explained = set(re.findall(r"`([a-z]+(?:-[a-z]+)*)`", reasons))
    assert explained == given


def test_every_reason_of_thin_views_is_explained_and_no_other(project_root: Path) -> None:
    folders = ("rules/thin_views", "inference/extraction")
    files = [path for each in folders for path in (project_root / "codemods" / each).glob("*.py")]
    given = {name for path in files for name in REASON.findall(path.read_text())}
    page = (project_root / "docs" / "rules" / "thin-views.md").read_text()
    reasons = page.partition("## Reasons")[2]
    rows = [line.split("|")[1] for line in reasons.splitlines() if line.startswith("| `")]
    explained = {name for row in rows for name in re.findall(r"`([a-z-]+)`", row)}
    assert explained == given - {"writes"}
    selectors = (project_root / "docs" / "rules" / "thin-views-selectors.md").read_text()
    assert "`writes`" in selectors.partition("## Reasons")[2]


@pytest.mark.parametrize("word", ["/root/", "/home/", "https?://"])
def test_nothing_names_a_machine_or_a_host(project_root: Path, word: str) -> None:
    found = [
        page.name
        for page in [*pages(project_root), project_root / "Makefile", project_root / ".ci" / "run"]
        if re.search(word, page.read_text())
    ]
    assert found == []


def test_difference_that_the_readme_shows_is_what_djfix_makes(project_root: Path) -> None:
    readme = (project_root / "README.md").read_text()
    books, charge = re.findall(r"```diff\n(.*?)```", readme, re.DOTALL)
    after = "".join(line[1:] for line in books.splitlines(keepends=True) if line[0] != "-")
    assert after in fixed_shop(project_root, {})["apps/books/views.py"]
    lines = charge.splitlines(keepends=True)
    before = "".join(line[1:] for line in lines if not line.startswith("+"))
    after = "".join(line[1:] for line in lines if not line.startswith("-"))
    services = "apps/accounts/services.py"
    head = "from decimal import Decimal\n\nfrom apps.accounts.models import User\n\n\n"
    made = fixed_shop(project_root, {services: head + before})[services]
    assert made.endswith(f"\n\n\n{after}")
    assert "\nfrom django.db.models import F\n" in made


def fixed_shop(project_root: Path, replaced: Mapping[str, str]) -> Mapping[str, str]:
    """What `djfix apply` makes of the shop, with some files replaced, in memory."""
    from djfix.codemods.engine.configuration import parse_configuration
    from djfix.codemods.engine.run import run
    from djfix.codemods.engine.values import Request
    from djfix.codemods.rules.f_expressions import FExpressions
    from djfix.codemods.rules.n_plus_one import NPlusOne
    from djfix.codemods.source.files import Files

    shop = project_root / "examples" / "shop"
    paths = [path for path in shop.rglob("*.py") if "__pycache__" not in path.parts]
    contents = {path.relative_to(shop).as_posix(): path.read_text() for path in paths}
    rules = (FExpressions(), NPlusOne())
    request = Request(shop, rules, parse_configuration(None), apply=True)
    result = run(request, files=Files.of({**contents, **replaced}))
    return {change.path: change.after.decode() for change in result.changes}
