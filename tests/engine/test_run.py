"""One run from bytes to findings and changes, with the test rules and no disk."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from renaming_rules import LocalOnly, RenameBar, RenameFoo, RenamingOptions, Restless

from djfix.codemods.engine.configuration import Configuration
from djfix.codemods.engine.mistakes import NothingToApplyError, UnknownFingerprintError
from djfix.codemods.engine.run import run
from djfix.codemods.engine.values import Progress, Reported, Request, Result, Unused
from djfix.codemods.findings import Failure, Outcome, TextEdit
from djfix.codemods.rule import Rule
from djfix.codemods.source.files import Files

HELPERS = "def foo(*values): ...\ndef bar(*values): ...\ndef baz(*values): ...\ndef more(*v): ...\n"
IMPORT = "from shop.helpers import bar, baz, foo, more\n"


def ran(
    files: dict[str, str | bytes], *rules: Rule, configuration: Configuration | None = None,
    **options: Any,
) -> Result:  # fmt: skip
    """The result of a run over files in memory; every file sees the helpers."""
    request = Request(
        root=Path("/nonexistent"),
        rules=rules or (RenameFoo(),),
        configuration=configuration or Configuration(),
        **options,
    )
    return run(
        request, files=Files.of({"shop/helpers.py": HELPERS, "shop/__init__.py": "", **files})
    )


def after(result: Result) -> dict[str, str]:
    return {change.path: change.after.decode() for change in result.changes}


def brief(findings: tuple[Reported, ...]) -> list[tuple[str, int, str, str]]:
    return [
        (each.finding.path, each.finding.span.line, each.finding.rule, each.outcome.value)
        for each in findings
    ]


def test_a_safe_finding_is_fixable_and_its_change_made_in_memory() -> None:
    result = ran({"shop/views.py": IMPORT + "foo(1)\n"})
    assert brief(result.findings) == [("shop/views.py", 2, "rename-foo", "fixable")]
    assert after(result) == {"shop/views.py": "from shop.helpers import bar, baz, more\nbar(1)\n"}
    assert result.changes[0].fingerprints == (result.findings[0].fingerprint,)
    assert result.changes[0].rule == "rename-foo"


def test_the_same_run_for_apply_differs_by_nothing_but_the_outcome() -> None:
    files: dict[str, str | bytes] = {"shop/views.py": IMPORT + "foo(1)\nfoo(review)\n"}
    dry, real = ran(files), ran(files, apply=True)
    assert [each.outcome for each in real.findings] == [Outcome.FIXED, Outcome.NEEDS_REVIEW]
    assert dry.changes == real.changes
    assert [each.fingerprint for each in dry.findings] == [
        each.fingerprint for each in real.findings
    ]


def test_edits_of_a_finding_are_those_of_applying_it_alone() -> None:
    result = ran({"shop/views.py": "from shop.helpers import bar, foo\nfoo(1)\nfoo(2)\n"})
    ((path, line),) = {(edit.path, edit.span.line) for edit in result.findings[1].edits
                       if edit.span}  # fmt: skip
    assert (path, line) == ("shop/views.py", 3)
    assert all(isinstance(edit, TextEdit) for edit in result.findings[0].edits)


def test_what_needs_review_is_left_unless_asked_for() -> None:
    files: dict[str, str | bytes] = {"shop/views.py": IMPORT + "foo(review)\n"}
    result = ran(files)
    assert brief(result.findings) == [("shop/views.py", 2, "rename-foo", "needs-review")]
    assert result.findings[0].edits != ()
    assert result.changes == ()
    unsafe = ran(files, unsafe=True, apply=True)
    assert unsafe.findings[0].outcome is Outcome.FIXED
    assert after(unsafe)["shop/views.py"].endswith("bar(review)\n")


def test_what_is_only_reported_has_no_edits_and_is_never_changed() -> None:
    result = ran({"shop/views.py": IMPORT + "foo(report)\n"}, unsafe=True)
    assert brief(result.findings) == [("shop/views.py", 2, "rename-foo", "reported")]
    assert (result.findings[0].edits, result.changes) == ((), ())


def test_what_is_declined_is_no_finding() -> None:
    result = ran({"shop/views.py": IMPORT + "foo(unknown)\n"})
    assert result.findings == ()
    assert [str(each.reason) for each in result.declined] == [
        "unknown-helper: `foo` is not known here"
    ]
    assert result.counts()["rename-foo"]["declined"] == 1


def test_a_file_without_the_pattern_is_not_parsed() -> None:
    result = ran({"shop/broken.py": "def (:\n", "shop/views.py": IMPORT + "foo(1)\n"})
    # The helpers hold `foo(` as well.
    assert (result.files_found, result.files_parsed, result.failures) == (4, 2, ())


def test_unfiltered_every_file_is_parsed_for_every_rule() -> None:
    result = ran({"shop/views.py": IMPORT + "x = 1\n"}, filtered=False)
    assert (result.files_found, result.files_parsed) == (3, 3)


def test_paths_say_where_findings_are_anchored_and_nothing_else() -> None:
    files: dict[str, str | bytes] = {
        "shop/a.py": IMPORT + "foo(1)\n",
        "shop/sub/b.py": IMPORT + "foo(1)\n",
        "shop/subway.py": IMPORT + "foo(1)\n",
    }
    result = ran(files, paths=("shop/sub",))
    assert [each.finding.path for each in result.findings] == ["shop/sub/b.py"]


class TestFailures:
    """One file or rule can fail; the run cannot."""

    def test_a_file_that_does_not_parse_fails_and_the_others_are_done(self) -> None:
        result = ran({"shop/a.py": "foo(\n", "shop/b.py": IMPORT + "foo(1)\n"})
        (failure,) = result.failures
        assert (failure.path, failure.rule, failure.traceback) == ("shop/a.py", None, "")
        assert failure.error.startswith("line 1: '(' was never closed (read as Python 3.")
        assert list(after(result)) == ["shop/b.py"]

    def test_a_file_that_two_rules_cannot_read_fails_once(self) -> None:
        result = ran({"shop/a.py": "foo(bar(\n"}, RenameFoo(), RenameBar())
        assert [failure.path for failure in result.failures] == ["shop/a.py"]

    def test_a_rule_that_crashes_is_named_with_its_traceback_and_no_secrets(self) -> None:
        result = ran({"shop/a.py": IMPORT + "foo(crash)\n", "shop/b.py": IMPORT + "foo(1)\n"})
        (failure,) = result.failures
        assert (failure.path, failure.rule) == ("shop/a.py", "rename-foo")
        assert failure.error == (
            "rename-foo failed: RuntimeError: the rule gives up: password='<redacted>'"
        )
        assert "in find" in failure.traceback
        assert "RuntimeError: the rule gives up: password='<redacted>'" in failure.traceback
        assert list(after(result)) == ["shop/b.py"]

    def test_an_edit_that_crashes_fails_its_finding_alone(self) -> None:
        result = ran({"shop/a.py": IMPORT + "foo(bad_edit)\nfoo(1)\n"})
        assert [each.outcome for each in result.findings] == [Outcome.FAILED, Outcome.FIXABLE]
        assert result.findings[0].error == (
            "line 2: rename-foo failed: RuntimeError: the edit gives up"
        )
        assert [failure.error for failure in result.failures] == [result.findings[0].error]
        assert after(result)["shop/a.py"] == IMPORT + "foo(bad_edit)\nbar(1)\n"

    def test_a_name_that_the_files_encoding_lacks_fails_the_finding_by_name(self) -> None:
        text = "# -*- coding: latin-1 -*-\n" + IMPORT + "x = 'é'\nfoo(1)\n"
        rule = RenameFoo(RenamingOptions(suffix="_β"))
        result = ran({"shop/a.py": text.encode("latin-1")}, rule)
        assert [each.outcome for each in result.findings] == [Outcome.FAILED]
        assert result.findings[0].error == ("line 4: 'β' cannot be written (encoding latin-1)")
        assert result.failures[0].traceback == ""
        assert result.changes == ()

    def test_bytes_that_are_no_text_fail_with_their_line(self) -> None:
        result = ran({"shop/a.py": b"x = 1\nfoo('\xff')\n"})
        assert result.failures[0].path == "shop/a.py"
        assert result.failures[0].error.startswith("line 2: 'utf-8' codec can't decode")

    def test_a_rule_that_never_settles_is_named(self) -> None:
        result = ran({"shop/a.py": IMPORT + "more()\n"}, Restless())
        assert result.unsettled == ("restless",)
        assert result.failures == (
            Failure("shop/a.py", "restless still finds what to fix after 10 passes", "restless"),
        )


class TestFixpoint:
    """Each rule alone, until nothing is left."""

    def test_findings_that_overlap_are_applied_one_pass_after_the_other(self) -> None:
        result = ran({"shop/a.py": IMPORT + "foo(foo(1), 2)\n"}, apply=True)
        assert after(result)["shop/a.py"].endswith("bar(bar(1), 2)\n")
        assert [each.outcome for each in result.findings] == [Outcome.FIXED] * 2
        assert [each.after for each in result.findings] == [None, None]

    def test_a_second_run_changes_nothing(self) -> None:
        files: dict[str, str | bytes] = {
            "shop/a.py": IMPORT + "foo(foo(1), 2)\nfoo(review)\n",
            "shop/b.py": IMPORT + "bar(foo(1))\n",
        }
        rules = (RenameFoo(), RenameBar())
        first = ran(files, *rules)
        second = ran({**files, **after(first)}, *rules)
        assert second.changes == ()
        assert [each.outcome for each in second.findings] == [Outcome.NEEDS_REVIEW]

    def test_the_first_before_and_the_last_after_make_the_change(self) -> None:
        text = IMPORT + "foo(1)\n"
        result = ran({"shop/a.py": text}, RenameFoo(), RenameBar())
        (change,) = result.changes
        assert change.before == text.encode()
        assert change.after == b"from shop.helpers import baz, more\nbaz(1)\n"
        assert change.rule == "rename-foo,rename-bar"

    def test_a_finding_of_another_rules_fix_says_after_which(self) -> None:
        result = ran({"shop/a.py": IMPORT + "x = 1\nfoo(1)\n"}, RenameFoo(), RenameBar())
        first, second = result.findings
        assert (second.finding.rule, second.after) == ("rename-bar", first.fingerprint)

    def test_a_finding_of_a_changed_file_is_reported_as_the_untouched_file_has_it(self) -> None:
        text = (
            "from shop.helpers import foo\nfrom shop.helpers import bar as bar\n\nbar(2)\nfoo(1)\n"
        )
        result = ran({"shop/a.py": text}, RenameFoo(), RenameBar())
        found = {(each.finding.rule, each.finding.span.line, each.after is None)
                 for each in result.findings}  # fmt: skip
        assert ("rename-bar", 4, True) in found

    def test_a_fix_back_to_the_start_is_no_change(self) -> None:
        class Back(RenameBar):
            name = "rename-back"
            old, new = "bar", "foo"

        text = "from shop.helpers import foo\nfoo(1)\n"
        result = ran({"shop/a.py": text}, RenameFoo(), Back())
        assert result.changes == ()


class TestFingerprints:
    """What `--only` names."""

    TEXT = IMPORT + "def view():\n    foo(1)\n    foo(1)\n    foo(2)\n\ndef other():\n    foo(1)\n"

    def test_equal_findings_of_one_symbol_have_names_of_their_own(self) -> None:
        result = ran({"shop/a.py": self.TEXT})
        assert len({each.fingerprint for each in result.findings}) == 4

    def test_names_survive_moved_lines_and_other_text(self) -> None:
        moved = "# one\n# two\n" + self.TEXT.replace("foo(2)", "foo(2)  # why")
        first, second = ran({"shop/a.py": self.TEXT}), ran({"shop/a.py": moved})
        assert [each.fingerprint for each in first.findings] == [
            each.fingerprint for each in second.findings
        ]

    @pytest.mark.parametrize("size", [1, 2, 3])
    def test_any_subset_is_applied_and_the_others_keep_their_names(self, size: int) -> None:
        names = [each.fingerprint for each in ran({"shop/a.py": self.TEXT}).findings]
        lines = [3, 4, 5, 8]
        for subset in itertools.combinations(range(4), size):
            only = frozenset(names[place] for place in subset)
            result = ran({"shop/a.py": self.TEXT}, only=only, apply=True)
            text = after(result)["shop/a.py"].splitlines()
            fixed = [line for line in lines if "bar(" in text[line - 1]]
            assert fixed == [lines[place] for place in subset]
            assert [each.fingerprint for each in result.findings] == names
            assert {each.fingerprint for each in result.with_outcome(Outcome.FIXED)} == only

    def test_only_takes_what_needs_review_without_unsafe(self) -> None:
        files: dict[str, str | bytes] = {"shop/a.py": IMPORT + "foo(review)\nfoo(1)\n"}
        name = ran(files).findings[0].fingerprint
        result = ran(files, only=frozenset({name}))
        assert after(result)["shop/a.py"].endswith("bar(review)\nfoo(1)\n")

    def test_only_of_a_later_rules_finding_takes_the_one_before_as_well(self) -> None:
        files: dict[str, str | bytes] = {"shop/a.py": IMPORT + "foo(1)\n"}
        rules = (RenameFoo(), RenameBar())
        names = [each.fingerprint for each in ran(files, *rules).findings]
        result = ran(files, *rules, only=frozenset(names))
        assert after(result)["shop/a.py"].endswith("baz(1)\n")

    def test_an_unknown_name_is_an_error(self) -> None:
        with pytest.raises(UnknownFingerprintError) as raised:
            ran({"shop/a.py": self.TEXT}, only=frozenset({"0123456789abcdef"}))
        assert str(raised.value) == "no finding has the fingerprint `0123456789abcdef`"

    def test_a_name_without_a_fix_is_an_error_that_says_why(self) -> None:
        files: dict[str, str | bytes] = {"shop/a.py": IMPORT + "foo(report)\n"}
        name = ran(files).findings[0].fingerprint
        with pytest.raises(NothingToApplyError) as raised:
            ran(files, only=frozenset({name}))
        assert str(raised.value) == f"{name} (shop/a.py:2) has no fix: argument-report: as asked"

    def test_a_suppressed_name_is_an_error_that_says_where(self) -> None:
        files: dict[str, str | bytes] = {
            "shop/a.py": IMPORT + "foo(1)  # djfix: ignore[rename-foo]\n"
        }
        name = ran(files).findings[0].fingerprint
        with pytest.raises(NothingToApplyError) as raised:
            ran(files, only=frozenset({name}))
        assert str(raised.value) == (f"{name} (shop/a.py:2) is suppressed by the comment on line 2")


class TestSuppressions:
    """Fixes obey the comments, and unused ones are told."""

    def test_a_suppressed_finding_is_counted_and_not_fixed(self) -> None:
        text = IMPORT + "foo(1)  # djfix: ignore[rename-foo] -- agreed\n"
        result = ran({"shop/a.py": text}, unsafe=True)
        assert [each.outcome for each in result.findings] == [Outcome.SUPPRESSED]
        assert (result.changes, result.unused) == ((), ())

    def test_an_unused_comment_of_a_rule_that_ran_is_told(self) -> None:
        text = IMPORT + "baz(1)  # djfix: ignore[rename-foo]\n"
        assert ran({"shop/a.py": text}).unused == (
            Unused("shop/a.py", 2, "rename-foo", "suppresses nothing"),
        )

    def test_a_comment_of_a_rule_that_did_not_run_is_nobodys_business(self) -> None:
        text = IMPORT + "foo(1)  # djfix: ignore[f-expressions]\n"
        assert ran({"shop/a.py": text}).unused == ()

    def test_a_comment_of_no_rule_at_all_names_the_nearest(self) -> None:
        text = IMPORT + "foo(1)  # djfix: ignore[rename-fo]\n"
        assert ran({"shop/a.py": text}).unused == (
            Unused("shop/a.py", 2, "rename-fo", "unknown rule `rename-fo`; did you mean "
                   "`rename-foo`?"),
        )  # fmt: skip

    def test_a_comment_without_a_rule_is_a_failure_that_names_the_form(self) -> None:
        result = ran({"shop/a.py": IMPORT + "foo(1)  # djfix: ignore\n"})
        assert result.failures == (
            Failure(
                "shop/a.py",
                "line 2: `# djfix: ignore` names no rule; write `# djfix: ignore[rule] -- reason`",
            ),
        )
        assert [each.outcome for each in result.findings] == [Outcome.FIXABLE]


def test_per_path_ignores_leave_files_alone_and_are_counted() -> None:
    from djfix.codemods.engine.registry import REGISTRY

    assert any(entry.name == "f-expressions" for entry in REGISTRY)

    class Local(LocalOnly):
        name = "f-expressions"

    files: dict[str, str | bytes] = {"shop/tests/test_a.py": "one(1)\n", "shop/a.py": "one(1)\n"}
    result = ran(files, Local())
    assert [each.path for each in result.declined] == ["shop/a.py"]
    assert result.left_alone == {"f-expressions": 1}


def test_progress_ends_with_all_files_of_a_rule() -> None:
    seen: list[Progress] = []
    request = Request(Path("/nonexistent"), (RenameFoo(),), Configuration())
    run(request, files=Files.of({"a.py": "foo(1)\n", "b.py": "foo(1)\n"}), progress=seen.append)
    assert seen[-1] == Progress("rename-foo", 2, 2)
