"""Keyword arguments added to a decorator: exact layouts, which black leaves as they are."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from djfix.codemods.findings import Span
from djfix.codemods.rewriting.decorators import decorator_place, with_keywords
from djfix.codemods.source.document import Document

LIMITS = [("soft_time_limit", "30"), ("time_limit", "60")]
MANY = [(f"an_option_with_a_long_name_{number}", str(number)) for number in range(4)]


def added(head: str, keywords: list[tuple[str, str]] = LIMITS, *, width: int = 88) -> str:
    text = f"{head}\ndef work():\n    pass\n"
    document = Document("shop/tasks.py", text.encode())
    function = document.tree.body[0]
    assert isinstance(function, ast.FunctionDef)
    place = decorator_place(document, function.decorator_list[0])
    edit = with_keywords(document, place, keywords, width=width)
    after = replaced(document, edit.span, edit.replacement)
    ast.parse(after)
    return after.removesuffix("\ndef work():\n    pass\n")


def replaced(document: Document, span: Span, text: str) -> str:
    lines = list(document.lines)
    before = "".join(lines[: span.line - 1]) + lines[span.line - 1][: span.column - 1]
    after = lines[span.end_line - 1][span.end_column - 1 :] + "".join(lines[span.end_line :])
    return before + text + after


CASES = {
    "bare": ("@shared_task", "@shared_task(soft_time_limit=30, time_limit=60)"),
    "bare_attribute": ("@app.task", "@app.task(soft_time_limit=30, time_limit=60)"),
    "empty_call": ("@app.task()", "@app.task(soft_time_limit=30, time_limit=60)"),
    "behind_arguments": (
        "@shared_task(name='a')",
        "@shared_task(name='a', soft_time_limit=30, time_limit=60)",
    ),
    "behind_a_mapping": (
        "@shared_task(**OPTIONS)",
        "@shared_task(**OPTIONS, soft_time_limit=30, time_limit=60)",
    ),
    "behind_a_value_in_parentheses": (
        "@shared_task(a=(1))",
        "@shared_task(a=(1), soft_time_limit=30, time_limit=60)",
    ),
    "behind_a_comma": (
        "@shared_task(a=1,)",
        "@shared_task(a=1, soft_time_limit=30, time_limit=60)",
    ),
    "comment_behind": (
        "@shared_task  # nightly",
        "@shared_task(soft_time_limit=30, time_limit=60)  # nightly",
    ),
    "one_a_line": (
        "@shared_task(\n    bind=True,\n    name='a',\n)",
        (
            "@shared_task(\n    bind=True,\n    name='a',\n    soft_time_limit=30,\n"
            "    time_limit=60,\n)"
        ),
    ),
    "one_a_line_without_a_last_comma": (
        "@shared_task(\n    bind=True,\n    name='a'\n)",
        (
            "@shared_task(\n    bind=True,\n    name='a',\n    soft_time_limit=30,\n"
            "    time_limit=60,\n)"
        ),
    ),
    "comment_behind_the_last": (
        "@shared_task(\n    bind=True,  # why\n)",
        "@shared_task(\n    bind=True,  # why\n    soft_time_limit=30,\n    time_limit=60,\n)",
    ),
    "comment_behind_the_last_without_a_comma": (
        "@shared_task(\n    bind=True  # why\n)",
        "@shared_task(\n    bind=True,  # why\n    soft_time_limit=30,\n    time_limit=60,\n)",
    ),
    "comment_below_the_last": (
        "@shared_task(\n    bind=True,\n    # later: name\n)",
        (
            "@shared_task(\n    bind=True,\n    # later: name\n    soft_time_limit=30,\n"
            "    time_limit=60,\n)"
        ),
    ),
    "closed_on_the_last_line": (
        "@shared_task(bind=True,\n             name='a')",
        (
            "@shared_task(bind=True,\n             name='a',\n             soft_time_limit=30,\n"
            "             time_limit=60)"
        ),
    ),
    "value_of_several_lines_closed_with_the_call": (
        "@shared_task(autoretry_for=(\n    A,\n    B,\n))",
        "@shared_task(autoretry_for=(\n    A,\n    B,\n), soft_time_limit=30, time_limit=60)",
    ),
    "value_of_several_lines": (
        "@shared_task(\n    autoretry_for=(\n        A,\n        B,\n    ),\n)",
        (
            "@shared_task(\n    autoretry_for=(\n        A,\n        B,\n    ),\n"
            "    soft_time_limit=30,\n    time_limit=60,\n)"
        ),
    ),
    "comment_in_empty_parentheses": (
        "@shared_task(\n    # nothing yet\n)",
        "@shared_task(\n    # nothing yet\n    soft_time_limit=30,\n    time_limit=60,\n)",
    ),
}


@pytest.mark.parametrize(("before", "after"), CASES.values(), ids=CASES)
def test_adds(before: str, after: str) -> None:
    assert added(before) == after


LONG = "".join(f"    {name}={value},\n" for name, value in MANY)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("@shared_task", f"@shared_task(\n{LONG})"),
        ("@shared_task()  # why", f"@shared_task(\n{LONG})  # why"),
        ("@app.task(bind=True, a='é')", f"@app.task(\n    bind=True,\n    a='é',\n{LONG})"),
    ],
)
def test_one_a_line_where_they_do_not_fit(before: str, after: str) -> None:
    assert added(before, MANY) == after


def test_narrow_line() -> None:
    assert added("@shared_task", width=40) == (
        "@shared_task(\n    soft_time_limit=30,\n    time_limit=60,\n)"
    )


FORMATTED = [
    before
    for name, (before, _) in CASES.items()
    if name not in {"closed_on_the_last_line", "value_of_several_lines_closed_with_the_call"}
]


@pytest.mark.parametrize("before", FORMATTED)
def test_formatter_leaves_it_as_it_is(before: str) -> None:
    result = added(formatted(before))
    assert formatted(result) == result


def formatted(head: str) -> str:
    """What ruff makes of a decorator."""
    text = f"{head}\ndef work():\n    pass\n"
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "-"]
    ended = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    return ended.stdout.removesuffix("\ndef work():\n    pass\n")


def test_newlines_and_tabs_are_those_of_the_file() -> None:
    text = "@shared_task\r\ndef work():\r\n\tif x:\r\n\t\tpass\r\n"
    document = Document("shop/tasks.py", text.encode())
    function = document.tree.body[0]
    assert isinstance(function, ast.FunctionDef)
    place = decorator_place(document, function.decorator_list[0])
    edit = with_keywords(document, place, LIMITS, width=20)
    assert edit.replacement == "(\r\n\tsoft_time_limit=30,\r\n\ttime_limit=60,\r\n)"
