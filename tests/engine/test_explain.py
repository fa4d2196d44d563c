"""Why there is, or is not, a finding on a line."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from renaming_rules import RenameFoo

from djfix.codemods.engine.configuration import Configuration
from djfix.codemods.engine.explain import Verdict, explain_at
from djfix.codemods.engine.mistakes import UserError
from djfix.codemods.engine.values import Request
from djfix.codemods.project.project import Project
from djfix.codemods.source.document import Document
from djfix.codemods.source.files import Files

TEXT = """\
from shop.helpers import bar, foo


def view():
    foo(1)
    foo(
        review,
    )
    foo(report)
    foo(unknown)
    foo(2)  # djfix: ignore[rename-foo] -- as agreed
    return None
"""

FILES: dict[str, str | bytes] = {
    "shop/helpers.py": "def foo(*v): ...\ndef bar(*v): ...\n",
    "shop/views.py": TEXT,
    "shop/other.py": "x = 1\n",
    "shop/broken.py": "foo(\n",
    "notes.txt": "foo(1)\n",
}


class Explaining(RenameFoo):
    """Says which lines it was asked about."""

    def explain(self, document: Document, project: Project, lines: range) -> Iterable[str]:
        yield f"{document.path} has {len(lines)} lines here, from {lines.start}"


def verdict(line: int, path: str = "shop/views.py", **settings: object) -> Verdict:
    configuration = Configuration(**settings)  # type: ignore[arg-type]
    request = Request(Path("/nonexistent"), (RenameFoo(),), configuration)
    (only,) = explain_at(request, path, line, files=Files.of(FILES)).verdicts
    return only


def test_says_what_the_rule_saw_at_the_whole_statement() -> None:
    request = Request(Path("/nonexistent"), (Explaining(),), Configuration())
    (only,) = explain_at(request, "shop/views.py", 7, files=Files.of(FILES)).verdicts
    assert only.seen == ("shop/views.py has 3 lines here, from 6",)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        pytest.param(5, "fixable", id="found"),
        pytest.param(7, "needs-review", id="inside_a_finding_of_several_lines"),
        pytest.param(9, "reported", id="reported"),
        pytest.param(10, "declined: the anti-pattern is not proven here", id="declined"),
        pytest.param(11, "suppressed", id="suppressed"),
        pytest.param(12, "nothing on this line", id="nothing"),
    ],
)
def test_says_what_is_on_the_line(line: int, text: str) -> None:
    assert verdict(line).text == text


def test_a_finding_comes_with_its_fingerprint_and_edits() -> None:
    (finding,) = verdict(5).findings
    assert (len(finding.fingerprint), finding.edits != ()) == (16, True)


def test_a_declined_place_comes_with_its_reason() -> None:
    (declined,) = verdict(10).declined
    assert str(declined.reason) == "unknown-helper: `foo` is not known here"


def test_nothing_names_the_lines_that_have_something() -> None:
    assert verdict(12).nearby == (5, 6, 9, 10, 11)


def test_a_line_that_a_finding_rests_on_names_the_finding() -> None:
    # Evidence in a file of its own is said where the finding is, not where the evidence is.
    assert verdict(1, "shop/helpers.py").findings == ()


def test_a_file_without_the_pattern_is_told_from_one_without_findings() -> None:
    assert verdict(1, "shop/other.py").text == (
        "no mention of this rule's pattern: the file holds no `foo(`"
    )


def test_a_file_without_the_pattern_is_explained_from_where_it_is_seen() -> None:
    request = Request(Path("/nonexistent"), (Explaining(),), Configuration())
    (only,) = explain_at(request, "shop/other.py", 1, files=Files.of(FILES)).verdicts
    assert only.text == "nothing on this line"
    assert only.seen == ("shop/other.py has 1 lines here, from 1",)


def test_a_path_that_is_left_alone_names_the_pattern() -> None:
    told = verdict(
        5, per_path_ignores=(("*other.py", ("rename-foo",)), ("shop/v*", ("rename-foo",)))
    )
    assert told.text == (
        "left alone: per-path-ignores take `shop/v*` out for rename-foo; "
        "without that there would be a finding"
    )


def test_a_path_that_is_left_alone_for_another_rule_is_not() -> None:
    assert verdict(5, per_path_ignores=(("shop/v*", ("orm",)),)).text == "fixable"


def test_a_rule_that_looks_at_other_files_is_asked_about_them_alone() -> None:
    from djfix.codemods.rules.deploy_files import DeployFiles

    texts = {"Dockerfile": "FROM x\nRUN pip install x\n", "a.py": "b\n", "notes.txt": "c\n"}
    request = Request(Path("/nowhere"), (DeployFiles(),), Configuration())
    files = Files.of(texts)
    told = explain_at(request, "Dockerfile", 2, files=files)
    assert [each.text for each in told.verdicts] == ["needs-review"]
    told = explain_at(request, "a.py", 1, files=files)
    assert [each.text for each in told.verdicts] == ["this rule looks at files of another kind"]
    with pytest.raises(UserError, match="not a Python file"):
        explain_at(request, "notes.txt", 1, files=files)


@pytest.mark.parametrize(
    ("path", "line", "message"),
    [
        ("shop/views.py", 99, "shop/views.py has 12 lines, so there is no line 99"),
        ("shop/nowhere.py", 1, "there is no file shop/nowhere.py"),
        ("notes.txt", 1, "notes.txt is not a Python file, so no rule looks at it"),
        (
            "shop/broken.py",
            1,
            "shop/broken.py:1: '(' was never closed; so no rule looks at this file",
        ),
    ],
)
def test_a_line_that_cannot_be_explained_is_an_error(path: str, line: int, message: str) -> None:
    with pytest.raises(UserError) as raised:
        verdict(line, path)
    assert str(raised.value) == message
