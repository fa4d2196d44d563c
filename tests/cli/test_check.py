"""`djfix check`: exact text, exit codes, formats."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from shop_project import FIXED, REVIEWED, SERVICES, Shop


def test_prints_findings_then_a_summary_and_the_next_command(shop: Shop) -> None:
    ended = shop.run("check")
    name = shop.fingerprint()
    assert ended.code == 1
    first, *_ = ended.out.splitlines()
    assert first.startswith("shop/services.py:6:5 f-expressions ")
    assert first.endswith(f"[fixable {name}]")
    assert ended.err == ("f-expressions: 1 fixable\n5 files, 2 parsed\nnext: djfix apply\n")


def test_the_next_command_asks_the_same_question(shop: Shop) -> None:
    ended = shop.run("check", "-r", "orm", "--set", "f-expressions.missing-row=ignore", "shop")
    assert ended.err.splitlines()[-1] == (
        "next: djfix apply --rule orm --set f-expressions.missing-row=ignore shop"
    )


def test_a_clean_project_is_clean(shop: Shop) -> None:
    shop.write("shop/services.py", FIXED)
    ended = shop.run("check")
    assert (ended.code, ended.out) == (0, "")
    assert ended.err == "nothing found\n5 files, 2 parsed\n"


def test_writes_nothing(shop: Shop) -> None:
    shop.run("check")
    assert shop.git("status", "--short") == ""
    assert shop.read("shop/services.py") == SERVICES


def test_the_diff_is_what_git_takes(shop: Shop) -> None:
    ended = shop.run("check", "-o", "diff")
    assert ended.out.startswith("diff --git a/shop/services.py b/shop/services.py\n")
    shop.git("apply", "--check", data=ended.out.encode())
    shop.git("apply", data=ended.out.encode())
    assert shop.read("shop/services.py") == FIXED


def test_json_is_as_the_schema_says(shop: Shop, project_root: Path) -> None:
    shop.write("shop/review.py", REVIEWED)
    shop.write("shop/broken.py", "def (:\n    x.a += 1\n    x.save()\n")
    printed = json.loads(shop.run("check", "-o", "json", "--show-declined").out)
    schema = json.loads((project_root / "schema/findings-1.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(printed, schema)
    assert printed["root"] == str(shop.root)
    assert printed["files"]["found"] == 7
    assert [each["path"] for each in printed["files"]["failed"]] == ["shop/broken.py"]
    outcomes = {each["path"]: each["outcome"] for each in printed["findings"]}
    assert outcomes["shop/services.py"] == "fixable"
    assert printed["rules"]["f-expressions"]["fixable"] == 1


def test_the_schema_refuses_what_is_not_promised(shop: Shop, project_root: Path) -> None:
    printed = shop.json("check")
    schema = json.loads((project_root / "schema/findings-1.json").read_text())
    printed["findings"][0]["outcome"] = "perhaps"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(printed, schema)


def test_edits_in_the_data_make_the_fixed_text(shop: Shop) -> None:
    (finding,) = shop.json("check")["findings"]
    lines = SERVICES.splitlines(keepends=True)
    for edit in reversed(finding["edits"]):
        first, last = edit["line"] - 1, edit["end_line"] - 1
        tail = lines[last][edit["end_column"] - 1 :] if last < len(lines) else ""
        head = lines[first][: edit["column"] - 1] if first < len(lines) else ""
        lines[first : last + 1] = [head + edit["replacement"] + tail]
        lines = "".join(lines).splitlines(keepends=True)
    assert "".join(lines) == FIXED


class TestExitCodes:
    """1 for findings, as far as asked; 3 for failures, whatever was found."""

    @pytest.mark.parametrize(
        ("fail_on", "code"), [("fixable", 0), ("needs-review", 1), ("reported", 1)]
    )
    def test_what_needs_review_fails_from_needs_review_on(
        self, shop: Shop, fail_on: str, code: int
    ) -> None:
        shop.write("shop/services.py", FIXED)
        shop.write("shop/review.py", REVIEWED)
        assert shop.run("check", "--fail-on", fail_on).code == code

    def test_a_file_that_does_not_parse_is_3_and_the_others_are_done(self, shop: Shop) -> None:
        shop.write("shop/broken.py", "def (:\n    x.a += 1\n    x.save()\n")
        ended = shop.run("check")
        assert ended.code == 3
        assert "shop/services.py:6:5 f-expressions " in ended.out
        assert ended.err.startswith("failed shop/broken.py: line 1: invalid syntax (read as Python")

    @pytest.mark.parametrize("form", ["full", "diff", "json"])
    def test_failures_are_told_in_every_format(self, shop: Shop, form: str) -> None:
        shop.write("shop/broken.py", "def (:\n    x.a += 1\n    x.save()\n")
        ended = shop.run("check", "-o", form)
        assert ended.code == 3
        assert "failed shop/broken.py: line 1: invalid syntax" in ended.err

    def test_python_that_is_too_new_is_told_with_the_version_it_was_read_as(
        self, shop: Shop
    ) -> None:
        shop.write("shop/new.py", "x = $'template'\nx.a += 1\nx.save()\n")
        ended = shop.run("check")
        assert ended.code == 3
        assert "(read as Python 3." in ended.err

    def test_a_suppressed_finding_is_clean(self, shop: Shop) -> None:
        comment = "  # djfix: ignore[f-expressions] -- one writer"
        shop.write("shop/services.py", SERVICES.replace("-= 5", "-= 5" + comment))
        ended = shop.run("check", "-r", "f-expressions")
        assert (ended.code, ended.out) == (0, "")
        assert ended.err.startswith("f-expressions: 1 suppressed\n")

    def test_an_unused_suppression_is_told_and_no_failure(self, shop: Shop) -> None:
        shop.write("shop/other.py", "x = 1  # djfix: ignore[f-expressions]\n")
        shop.write("shop/services.py", FIXED)
        ended = shop.run("check")
        assert ended.code == 0
        assert ended.err.startswith(
            "shop/other.py:1: unused suppression `# djfix: ignore[f-expressions]`: "
            "suppresses nothing\n"
        )

    def test_a_suppression_without_a_rule_is_3(self, shop: Shop) -> None:
        shop.write("shop/other.py", "x = 1  # djfix: ignore\n")
        ended = shop.run("check")
        assert ended.code == 3
        assert ended.err.startswith(
            "failed shop/other.py: line 1: `# djfix: ignore` names no rule; "
            "write `# djfix: ignore[rule] -- reason`\n"
        )


def test_tests_and_migrations_are_left_alone_and_the_summary_says_so(shop: Shop) -> None:
    shop.write("shop/tests/test_services.py", SERVICES)
    shop.write("shop/migrations/0002_data.py", SERVICES)
    ended = shop.run("check")
    assert "tests/" not in ended.out
    assert ended.err.splitlines()[1] == (
        "left alone by per-path-ignores (by default, tests and migrations): "
        "2 files for f-expressions, 2 files for update-fields"
    )


def test_declined_places_are_listed_when_asked_for(shop: Shop) -> None:
    shop.write("shop/services.py", "def f(thing):\n    thing.count += 1\n    thing.save()\n")
    assert shop.run("check").out == ""
    ended = shop.run("check", "--show-declined", "--statistics")
    assert ended.code == 0
    assert ended.out.startswith("shop/services.py:2 f-expressions declined  ")
    assert any(": declined 1 times: " in line for line in ended.err.splitlines())


def test_paths_are_seen_from_the_current_folder(shop: Shop) -> None:
    inside = shop.run("check", "services.py", cwd=shop.root / "shop")
    assert inside.out == shop.run("check").out
    assert shop.run("check", "shop/models.py").out == ""


def test_the_same_comes_out_with_any_number_of_jobs_and_from_the_cache(shop: Shop) -> None:
    for number in range(6):
        shop.write(f"shop/part_{number}.py", SERVICES)
    outputs = {
        shop.run("check", "-o", "json", *options)
        .out.replace('"cached": 8', '"cached": 0')
        .replace('"parsed": 0', '"parsed": 8')
        for options in (["--no-cache"], ["-j", "1"], ["-j", "2", "--no-cache"], ["-j", "auto"])
    }
    assert len(outputs) == 1


def test_a_second_check_is_answered_from_the_cache(shop: Shop) -> None:
    first = shop.json("check")
    second = shop.json("check")
    assert (first["files"]["parsed"], first["files"]["cached"]) == (2, 0)
    assert (second["files"]["parsed"], second["files"]["cached"]) == (0, 2)
    assert second["findings"] == first["findings"]


def test_a_changed_file_is_never_answered_from_the_cache(shop: Shop) -> None:
    shop.json("check")
    shop.json("check")
    shop.write("shop/services.py", SERVICES.replace("-= 5", "-= 6"))
    assert "balance - 6" in shop.json("check")["findings"][0]["edits"][-1]["replacement"] or (
        "- 6" in json.dumps(shop.json("check")["findings"][0]["edits"])
    )
