"""Which comments suppress which lines."""

from __future__ import annotations

import pytest

from djfix.codemods.source.document import Document
from djfix.codemods.source.suppressions import Malformed, suppressions


def at(text: str, line: int, rule: str = "f-expressions") -> int | None:
    """The line of the comment that suppresses a line; None where none does."""
    document = Document("shop/views.py", text.encode())
    found = suppressions(document).at(document, rule, line)
    return None if found is None else found.line


IGNORE = "# djfix: ignore[f-expressions]"


@pytest.mark.parametrize(
    ("text", "line", "comment"),
    [
        pytest.param(f"{IGNORE}\nRUN a\n", 2, 1, id="above"),
        pytest.param(f"{IGNORE}\n# b\nRUN a\n", 3, 1, id="above_a_comment"),
        pytest.param(f"RUN a {IGNORE}\n", 1, 1, id="on_line"),
        pytest.param(f"RUN a \\\n  {IGNORE}\n  b\n", 1, 2, id="among_joined_lines"),
        pytest.param(f"RUN a \\\n  b \\\n{IGNORE}\n  c\n", 1, 3, id="far_among_joined_lines"),
        pytest.param(f"{IGNORE}\nRUN a `\n  b\n", 3, 1, id="above_with_a_backtick"),
        pytest.param("# djfix: ignore-file[f-expressions]\n\n\nRUN a\n", 4, 1, id="whole_file"),
        pytest.param(f"{IGNORE}\n\nRUN a\n", 3, None, id="too_far"),
        pytest.param(f"RUN a\n{IGNORE}\nRUN b\n", 1, None, id="below"),
        pytest.param(f"{IGNORE} x\nRUN a \\\n  b\nRUN c\n", 4, None, id="another_instruction"),
        pytest.param("RUN a#djfix: ignore[f-expressions]\n", 1, None, id="no_comment"),
        pytest.param("# djfix: ignore[other]\nRUN a\n", 2, None, id="another_rule"),
    ],
)
def test_comment_in_a_file_that_is_not_python(text: str, line: int, comment: int | None) -> None:
    document = Document("Dockerfile", text.encode())
    found = suppressions(document).at(document, "f-expressions", line)
    assert (None if found is None else found.line) == comment


@pytest.mark.parametrize(
    ("text", "line", "comment"),
    [
        pytest.param("x = 1  # djfix: ignore[f-expressions] -- counted once\n", 1, 1, id="on_line"),
        pytest.param("x = 1  # djfix: ignore[f-expressions]\n", 1, 1, id="without_a_reason"),
        pytest.param("x = 1  # djfix:ignore[ f-expressions ]\n", 1, 1, id="other_spaces"),
        pytest.param("x = 1  # djfix: ignore[a, f-expressions]\n", 1, 1, id="several_rules"),
        pytest.param("x = 1  # noqa  # djfix: ignore[f-expressions]\n", 1, 1, id="after_noqa"),
        pytest.param("# djfix: ignore[f-expressions]\nx = 1\n", 2, 1, id="above"),
        pytest.param(
            "# djfix: ignore[f-expressions]\n# and why\nx = 1\n", 3, 1, id="above_a_comment"
        ),
        pytest.param(
            "x = call(\n    1,\n)  # djfix: ignore[f-expressions]\n", 1, 3, id="end_of_statement"
        ),
        pytest.param(
            "if x:\n    # djfix: ignore[f-expressions]\n    y = 1\n", 3, 2, id="above_in_a_block"
        ),
        pytest.param(
            "# djfix: ignore[f-expressions]\n@one\n@two\ndef f():\n    pass\n",
            4,
            1,
            id="above_the_first_decorator",
        ),
        pytest.param(
            "class A:  # djfix: ignore[f-expressions]\n    x = 1\n", 1, 1, id="head_of_a_class"
        ),
        pytest.param(
            "x = 1\ny = 2\n# djfix: ignore-file[f-expressions] -- old\n", 1, 3, id="whole_file"
        ),
        pytest.param("x = 1  # djfix: ignore[f-expressions]\r\ny = 2\r\n", 1, 1, id="crlf"),
        pytest.param("y = 2\rx = 1  # djfix: ignore[f-expressions]\r", 2, 2, id="lone_cr"),
    ],
)
def test_suppresses(text: str, line: int, comment: int) -> None:
    assert at(text, line) == comment


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("x = 1  # djfix: ignore[other]\n", 1, id="another_rule"),
        pytest.param('x = "# djfix: ignore[f-expressions]"\n', 1, id="in_a_string"),
        pytest.param('"""\n# djfix: ignore[f-expressions]\n"""\nx = 1\n', 4, id="in_a_docstring"),
        pytest.param("# djfix: ignore[f-expressions]\n\nx = 1\n", 3, id="blank_line_between"),
        pytest.param("# djfix: ignore[f-expressions]\ny = 1\nx = 1\n", 3, id="code_between"),
        pytest.param("x = 1\n# djfix: ignore[f-expressions]\n", 1, id="below"),
        pytest.param("y = 1  # djfix: ignore[f-expressions]\nx = 1\n", 2, id="trailing_above"),
        pytest.param(
            "class A:\n    x = 1  # djfix: ignore[f-expressions]\n", 1, id="in_the_body_of_a_class"
        ),
        pytest.param(
            "@one\n# djfix: ignore[f-expressions]\n@two\ndef f():\n    pass\n",
            4,
            id="between_decorators",
        ),
        pytest.param("x = 1  # djfix: ignored[f-expressions]\n", 1, id="another_word"),
        pytest.param("x = 1  # please djfix\n", 1, id="no_directive"),
    ],
)
def test_leaves_alone(text: str, line: int) -> None:
    assert at(text, line) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "x = 1  # djfix: ignore\n",
            "`# djfix: ignore` names no rule; write `# djfix: ignore[rule] -- reason`",
        ),
        (
            "x = 1  # djfix: ignore -- because\n",
            "`# djfix: ignore` names no rule; write `# djfix: ignore[rule] -- reason`",
        ),
        (
            "x = 1  # djfix: ignore[]\n",
            "`# djfix: ignore[]` names no rule; write `# djfix: ignore[rule] -- reason`",
        ),
        (
            "# djfix: ignore-file\n",
            "`# djfix: ignore-file` names no rule; write `# djfix: ignore-file[rule] -- reason`",
        ),
    ],
)
def test_a_comment_without_a_rule_is_an_error_that_names_the_form(text: str, message: str) -> None:
    read = suppressions(Document("a.py", text.encode()))
    assert read.malformed == (Malformed(1, message),)
    assert read.comments == ()


def test_an_evidence_line_can_be_suppressed_too() -> None:
    comment = "# djfix: ignore[n-plus-one] -- one row"
    text = f"class S:\n    email = Field()  {comment}\n    name = Field()\n"
    assert at(text, 2, "n-plus-one") == 2
    assert at(text, 3, "n-plus-one") is None


def test_the_reason_is_read() -> None:
    document = Document("a.py", b"x = 1  # djfix: ignore[a] -- it is locked above\n")
    assert suppressions(document).comments[0].reason == "it is locked above"
