"""Edits of expressions and statements: exact texts, layout and comments kept."""

from __future__ import annotations

import libcst as cst
import pytest

from djfix.codemods.findings import NodeReference, Span
from djfix.codemods.rewriting.edits import (
    AppendToFile,
    BrokenResult,
    Conflict,
    CreateFile,
    Edit,
    InsertAfter,
    InsertBefore,
    MoveFile,
    NotJoined,
    Replace,
    ReplaceStatements,
    ReplaceText,
    apply_edits,
    moves_of,
    statements_from,
)

PATH = "shop/views.py"


@pytest.mark.parametrize(
    ("before", "old", "new", "after"),
    [
        pytest.param("x = a.b\n", "a.b", "c - 1", "x = c - 1\n", id="assigned_value"),
        pytest.param("x = a * 2\n", "a", "c - 1", "x = (c - 1) * 2\n", id="looser_operand"),
        pytest.param("x = a - b\n", "b", "c - d", "x = a - (c - d)\n", id="right_operand"),
        pytest.param("x = a + b\n", "a", "c * d", "x = c * d + b\n", id="tighter_operand"),
        pytest.param("x = a * b + d\n", "a * b", "c * e", "x = c * e + d\n", id="same_precedence"),
        pytest.param("x = a - b\n", "a", "c - d", "x = c - d - b\n", id="left_operand"),
        pytest.param("x = a < b\n", "b", "c < d", "x = a < (c < d)\n", id="compared"),
        pytest.param("x = a or b\n", "b", "c or d", "x = a or c or d\n", id="same_word"),
        pytest.param("x = a and b\n", "a", "c or d", "x = (c or d) and b\n", id="looser_word"),
        pytest.param("x = a**b\n", "b", "c**d", "x = a**c**d\n", id="power_groups_right"),
        pytest.param("x = a.b\n", "a", "c - 1", "x = (c - 1).b\n", id="owner_of_an_attribute"),
        pytest.param("x = a.b\n", "a", "f(c)", "x = f(c).b\n", id="call_needs_no_parentheses"),
        pytest.param("x = (a)\n", "a", "c - 1", "x = (c - 1)\n", id="has_parentheses_already"),
        pytest.param("x = (a)\n", "a", "(c - 1)", "x = (c - 1)\n", id="brings_its_own"),
        pytest.param("f(a, b=d)\n", "d", "c - 1", "f(a, b=c - 1)\n", id="keyword_argument"),
        pytest.param(
            "f(a)\n", "a", "c if d else e", "f(c if d else e)\n", id="conditional_argument"
        ),
        pytest.param("x = not a\n", "a", "b or c", "x = not (b or c)\n", id="operand_of_not"),
        pytest.param("x[a]\n", "a", "b + 1", "x[b + 1]\n", id="subscript"),
        pytest.param("return_ = [a]\n", "a", "b + 1", "return_ = [b + 1]\n", id="element"),
        pytest.param("if a:\n    pass\n", "a", "not b", "if not b:\n    pass\n", id="test"),
        pytest.param("x = a ** 2\n", "a", "-b", "x = (-b) ** 2\n", id="base_of_a_power"),
        pytest.param("f(x for x in a)\n", "a", "b or c", "f(x for x in (b or c))\n", id="iterable"),
        pytest.param("assert(a)\n", "a", "b", "assert(b)\n", id="keyword_against_parenthesis"),
        pytest.param(
            "x = {\n    'a': a,  # one\n    'b': b,\n}\n",
            "a",
            "F('a') + 1",
            "x = {\n    'a': F('a') + 1,  # one\n    'b': b,\n}\n",
            id="comments_around_it_stay",
        ),
        pytest.param("é = 'ü' + a\r\n", "a", "b", "é = 'ü' + b\r\n", id="characters_of_two_bytes"),
    ],
)
def test_expression_is_replaced(workbench, before: str, old: str, new: str, after: str) -> None:
    bench = workbench(before)
    edit = Replace(PATH, bench.reference(old), cst.parse_expression(new))
    assert bench.applied([edit]) == after


def test_small_statement_is_replaced_in_its_line(workbench) -> None:
    bench = workbench("a = 1; b = 2  # two\n")
    new = cst.parse_statement("b += 1\n").body[0]  # type: ignore[union-attr]
    edit = Replace(PATH, bench.reference("b = 2"), new)
    assert bench.applied([edit]) == "a = 1; b += 1  # two\n"


def replaced(workbench, before: str, old: tuple[str, ...], new: str) -> str:
    bench = workbench(before)
    statements = statements_from(new) if new else ()
    return bench.applied([ReplaceStatements(PATH, bench.statements(*old), statements)])


@pytest.mark.parametrize(
    ("before", "old", "new", "after"),
    [
        pytest.param("a\nb\nc\n", ("b",), "x\ny", "a\nx\ny\nc\n", id="one_for_two"),
        pytest.param(
            "def f():\n    a\n    b\n    c\n",
            ("a", "b"),
            "x",
            "def f():\n    x\n    c\n",
            id="two_for_one",
        ),
        pytest.param(
            "def f():\n    # why\n    a  # one\n    # more\n    b  # two\n    c\n",
            ("a", "b"),
            "x",
            "def f():\n    # why\n    # one\n    # more\n    # two\n    x\n    c\n",
            id="comments_go_above_the_first_new_statement",
        ),
        pytest.param(
            "def f():\n    a  # one\n    c\n",
            ("a",),
            "x",
            "def f():\n    x  # one\n    c\n",
            id="line_for_line_keeps_its_comment",
        ),
        pytest.param(
            "def f():\n    a  # one\n    c\n",
            ("a",),
            "x  # own",
            "def f():\n    # one\n    x  # own\n    c\n",
            id="new_line_has_a_comment_of_its_own",
        ),
        pytest.param(
            "def f():\n    a  # noqa: E501\n    b\n",
            ("a", "b"),
            "x",
            "def f():\n    x  # noqa: E501\n",
            id="pragma_stays_at_the_end_of_a_line",
        ),
        pytest.param(
            "def f():\n    a(\n        1,  # one\n    )\n    b\n",
            ("a(\n        1,  # one\n    )", "b"),
            "x",
            "def f():\n    # one\n    x\n",
            id="comment_inside_is_kept",
        ),
        pytest.param(
            "def f():\n    a\n\n    b\n    c\n",
            ("b",),
            "# note\nx",
            "def f():\n    a\n\n    # note\n    x\n    c\n",
            id="blank_line_above_stays_and_text_brings_its_comment",
        ),
        pytest.param(
            "def f():\n    a\n\n\n    b\n\n    c\n",
            ("b",),
            "",
            "def f():\n    a\n\n\n    c\n",
            id="removal_does_not_heap_blank_lines",
        ),
        pytest.param(
            "def f():\n    a\n    # about b\n    b  # end\n    c\n",
            ("b",),
            "",
            "def f():\n    a\n    # about b\n    # end\n    c\n",
            id="removal_keeps_comments_above_the_next",
        ),
        pytest.param(
            "def f():\n    a\n    # about b\n    b  # end\n\n\nc\n",
            ("b",),
            "",
            "def f():\n    a\n    # about b\n    # end\n\n\nc\n",
            id="removal_keeps_comments_at_the_end_of_the_block",
        ),
        pytest.param(
            "def f():\n    # why\n    a\n",
            ("a",),
            "",
            "def f():\n    # why\n    pass\n",
            id="empty_block",
        ),
        pytest.param(
            "if x:\n    a\nelse:\n    b\n", ("b",), "", "if x:\n    a\nelse:\n    pass\n", id="else"
        ),
        pytest.param("if x: a\n", ("a",), "", "if x: pass\n", id="empty_suite"),
        pytest.param(
            "def f():\n    if x:\n        # one\n        a\n    else:  # two\n        b\n    c\n",
            ("if x:\n        # one\n        a\n    else:  # two\n        b",),
            "",
            "def f():\n    # one\n    # two\n    c\n",
            id="comments_below_a_removed_compound",
        ),
        pytest.param("if x: a\n", ("a",), "y", "if x: y\n", id="suite_stays_a_suite"),
        pytest.param(
            "if x: a  # note\n",
            ("a",),
            "y\nz",
            "if x:  # note\n    y\n    z\n",
            id="suite_becomes_a_block",
        ),
        pytest.param(
            "if x: a; b\n",
            ("a",),
            "if y:\n    z",
            "if x:\n    if y:\n        z\n    b\n",
            id="suite_takes_a_compound_statement",
        ),
        pytest.param("a; b; c\n", ("b",), "x", "a; x; c\n", id="shared_line"),
        pytest.param("a; b; c\n", ("b",), "", "a; c\n", id="shared_line_loses_one"),
        pytest.param("a; b\n", ("b",), "", "a\n", id="shared_line_loses_its_last"),
        pytest.param("a; b  # end\n", ("a",), "", "b  # end\n", id="shared_line_loses_its_first"),
        pytest.param("a; b\nc\n", ("a", "b"), "x", "x\nc\n", id="whole_shared_line"),
        pytest.param(
            "def f():\n    # top\n    a; b; c  # end\n",
            ("b",),
            "with x:\n    y",
            "def f():\n    # top\n    a\n    with x:\n        y\n    c  # end\n",
            id="shared_line_comes_apart",
        ),
        pytest.param(
            "def f():\n    a; b\n    c\n",
            ("b", "c"),
            "x",
            "def f():\n    a\n    x\n",
            id="run_from_the_middle_of_a_line",
        ),
        pytest.param(
            "a\n\n\n# b's\nb\n\n\nc\n", ("a", "b"), "x", "x\n\n\n# b's\n\n\nc\n", id="top_level"
        ),
        pytest.param("a\nb", ("b",), "x\ny", "a\nx\ny", id="no_newline_at_the_end"),
        pytest.param(
            "if x:\r\n\ta\r\n",
            ("a",),
            "if y:\n    z",
            "if x:\r\n\tif y:\r\n\t\tz\r\n",
            id="windows_tabs",
        ),
        pytest.param(
            "class A:\n    a = 1\n    # last\n\nb = 1\n",
            ("a = 1",),
            "a = 2\nc = 3",
            "class A:\n    a = 2\n    c = 3\n    # last\n\nb = 1\n",
            id="comment_after_a_class_stays_after_it",
        ),
        pytest.param(
            "try:\n    a\nexcept E: b\nfinally:\n    c\n",
            ("b",),
            "x\nraise",
            "try:\n    a\nexcept E:\n    x\n    raise\nfinally:\n    c\n",
            id="handler",
        ),
    ],
)
def test_statements_are_replaced(
    workbench, before: str, old: tuple[str, ...], new: str, after: str
) -> None:
    assert replaced(workbench, before, old, new) == after


def test_original_nodes_may_live_on_in_the_new_ones(workbench) -> None:
    call = "a = g(\n        1,  # one\n    )"
    above, below = "def f():\n    x\n\n    # fetch\n", "    y\n"
    bench = workbench(f"{above}    {call}  # end\n\n    # write\n    a.save()\n{below}")
    references = bench.statements(call, "a.save()")
    block = cst.IndentedBlock([bench.trees.statement(PATH, found) for found in references])
    (wrapper,) = statements_from("with transaction.atomic():\n    pass")
    edit = ReplaceStatements(PATH, references, [wrapper.with_changes(body=block)])
    assert bench.applied([edit]) == (
        f"{above}    with transaction.atomic():\n"
        "        a = g(\n            1,  # one\n        )  # end\n"
        f"\n        # write\n        a.save()\n{below}"
    )


def test_top_level_originals_move_into_one_statement_with_their_comments(workbench) -> None:
    bench = workbench("a  # one\n\nb  # two\nc\n")
    references = bench.statements("a", "b")
    block = cst.IndentedBlock([bench.trees.statement(PATH, found) for found in references])
    (wrapper,) = statements_from("with x:\n    pass")
    edit = ReplaceStatements(PATH, references, [wrapper.with_changes(body=block)])
    assert bench.applied([edit]) == "with x:\n    a  # one\n    b  # two\n\nc\n"


def test_part_of_the_originals_may_live_on(workbench) -> None:
    bench = workbench("def f():\n    a  # one\n    b  # two\n")
    references = bench.statements("a", "b")
    kept = bench.trees.statement(PATH, references[1])
    new = [*statements_from("x"), kept]
    assert bench.applied([ReplaceStatements(PATH, references, new)]) == (
        "def f():\n    # one\n    x\n    b  # two\n"
    )


def test_original_expression_may_live_on(workbench) -> None:
    bench = workbench("def f():\n    a = g(\n        1,  # one\n    )\n    b\n")
    call = bench.trees.node(PATH, bench.reference("g(\n        1,  # one\n    )"))
    new = cst.SimpleStatementLine([cst.Return(call)])
    references = bench.statements("a = g(\n        1,  # one\n    )", "b")
    assert bench.applied([ReplaceStatements(PATH, references, [new])]) == (
        "def f():\n    return g(\n        1,  # one\n    )\n"
    )


@pytest.mark.parametrize(
    ("before", "place", "after"),
    [
        pytest.param("a\nb\n", "a", "a\nx\nb\n", id="top_level"),
        pytest.param(
            "def f():\n    a  # one\n\n    b\n",
            "a",
            "def f():\n    a  # one\n    x\n\n    b\n",
            id="in_a_block",
        ),
        pytest.param("if a: b\n", "b", "if a:\n    b\n    x\n", id="one_line_suite"),
        pytest.param("a; b\n", "a", "a; x; b\n", id="shared_line"),
        pytest.param("a; b  # end\n", "b", "a; b; x  # end\n", id="end_of_a_shared_line"),
        pytest.param(
            "if a:\n    b\nc\n", "if a:\n    b", "if a:\n    b\nx\nc\n", id="after_a_compound"
        ),
        pytest.param(
            "class A: pass\n", "pass", "class A:\n    pass\n    x\n", id="class_on_one_line"
        ),
        pytest.param("a", "a", "a\nx", id="no_newline_at_the_end"),
        pytest.param("a;\n", "a", "a;\nx\n", id="needless_semicolon"),
    ],
)
def test_insertion_after(workbench, before: str, place: str, after: str) -> None:
    bench = workbench(before)
    assert (
        bench.applied([InsertAfter(PATH, bench.statements(place)[0], statements_from("x"))])
        == after
    )


@pytest.mark.parametrize(
    ("before", "place", "after"),
    [
        pytest.param("a\nb\n", "b", "a\nx\nb\n", id="top_level"),
        pytest.param(
            "def f():\n    a\n\n    # about b\n    b\n",
            "b",
            "def f():\n    a\n\n    x\n    # about b\n    b\n",
            id="comment_stays_with_its_statement",
        ),
        pytest.param("if a: b\n", "b", "if a:\n    x\n    b\n", id="one_line_suite"),
        pytest.param("a; b\n", "b", "a; x; b\n", id="shared_line"),
        pytest.param(
            "@d\ndef f(): pass\n",
            "def f(): pass",
            "x\n\n@d\ndef f(): pass\n",
            id="before_the_decorators",
        ),
        pytest.param(
            "if a:\n    b\nelse:\n    # c\n    c\n",
            "c",
            "if a:\n    b\nelse:\n    x\n    # c\n    c\n",
            id="in_an_else",
        ),
    ],
)
def test_insertion_before(workbench, before: str, place: str, after: str) -> None:
    bench = workbench(before)
    assert (
        bench.applied([InsertBefore(PATH, bench.statements(place)[0], statements_from("x"))])
        == after
    )


def test_insertions_at_one_place_keep_their_order(workbench) -> None:
    bench = workbench("def f():\n    a\n    b\n")
    (place,) = bench.statements("a")
    edits: list[Edit] = [
        InsertAfter(PATH, place, statements_from("x")),
        InsertAfter(PATH, place, statements_from("y")),
        InsertBefore(PATH, place, statements_from("v")),
        InsertBefore(PATH, place, statements_from("w")),
    ]
    assert bench.applied(edits) == "def f():\n    v\n    w\n    a\n    x\n    y\n    b\n"


def test_many_edits_in_many_islands_at_once(workbench) -> None:
    bench = workbench("a = 1\n\n\ndef f():\n    b\n    c(d)\n\n\nclass A:\n    e = 1\n")
    edits: list[Edit] = [
        Replace(PATH, bench.reference("d"), cst.parse_expression("d + 1")),
        ReplaceStatements(PATH, bench.statements("b"), ()),
        InsertAfter(PATH, bench.statements("e = 1")[0], statements_from("g = 2")),
        Replace(PATH, bench.reference("1"), cst.Integer("7")),
    ]
    expected = "a = 7\n\n\ndef f():\n    c(d + 1)\n\n\nclass A:\n    e = 1\n    g = 2\n"
    assert bench.applied(edits) == expected


def test_equal_edits_count_once(workbench) -> None:
    bench = workbench("def f():\n    a\n")
    (place,) = bench.statements("a")
    edits: list[Edit] = [InsertAfter(PATH, place, statements_from("x")) for _ in range(2)]
    assert bench.applied(edits) == "def f():\n    a\n    x\n"


def conflicting(bench, kind: str) -> list[Edit]:
    run = bench.statements("b(c)", "d")
    inner = bench.reference("c")
    every = {
        "replaced_twice": [
            Replace(PATH, inner, cst.Name("x")),
            Replace(PATH, inner, cst.Name("y")),
        ],
        "inside_a_replaced_run": [
            ReplaceStatements(PATH, run, statements_from("x")),
            Replace(PATH, inner, cst.Name("y")),
        ],
        "runs_that_overlap": [
            ReplaceStatements(PATH, run, statements_from("x")),
            ReplaceStatements(PATH, run[1:], statements_from("y")),
        ],
        "run_replaced_twice": [
            ReplaceStatements(PATH, run, statements_from("x")),
            ReplaceStatements(PATH, run, statements_from("y")),
        ],
        "insertion_into_a_replaced_run": [
            ReplaceStatements(PATH, run, statements_from("x")),
            InsertAfter(PATH, run[0], statements_from("y")),
        ],
        "insertion_below_a_replaced_compound": [
            ReplaceStatements(PATH, (NodeReference.of(bench.document.tree.body[0]),), ()),
            InsertAfter(PATH, run[0], statements_from("y")),
        ],
        "text_over_nodes": [
            Replace(PATH, inner, cst.Name("x")),
            ReplaceText(PATH, Span(2, 5, 3, 6), "pass"),
        ],
        "text_in_an_island_that_is_rewritten": [
            Replace(PATH, inner, cst.Name("x")),
            ReplaceText(PATH, Span(4, 5, 4, 6), "pass"),
        ],
    }
    return every[kind]


@pytest.mark.parametrize(
    "kind",
    [
        "replaced_twice",
        "inside_a_replaced_run",
        "runs_that_overlap",
        "run_replaced_twice",
        "insertion_into_a_replaced_run",
        "insertion_below_a_replaced_compound",
        "text_over_nodes",
        "text_in_an_island_that_is_rewritten",
    ],
)
def test_edits_that_overlap_conflict(workbench, kind: str) -> None:
    bench = workbench("def f():\n    b(c)\n    d\n    e\n")
    with pytest.raises(Conflict, match=r"shop/views\.py"):
        bench.applied(conflicting(bench, kind))
    with pytest.raises(Conflict):
        bench.applied(conflicting(bench, kind)[::-1])


def test_insertions_at_the_edges_of_a_run_do_not_conflict(workbench) -> None:
    bench = workbench("def f():\n    a\n    b\n    c\n")
    run = bench.statements("a", "b")
    edits: list[Edit] = [
        ReplaceStatements(PATH, run, statements_from("x")),
        InsertBefore(PATH, run[0], statements_from("v")),
        InsertAfter(PATH, run[1], statements_from("w")),
    ]
    assert bench.applied(edits) == "def f():\n    v\n    x\n    w\n    c\n"


def test_statements_that_do_not_follow_each_other_are_refused(workbench) -> None:
    bench = workbench("def f():\n    a\n    b\n    c\n")
    with pytest.raises(BrokenResult, match="follow"):
        bench.applied([ReplaceStatements(PATH, bench.statements("a", "c"), statements_from("x"))])


def test_result_that_does_not_parse_is_refused(workbench) -> None:
    bench = workbench("a = b\n")
    with pytest.raises(BrokenResult):
        bench.applied([Replace(PATH, bench.reference("a"), cst.parse_expression("f()"))])
    with pytest.raises(BrokenResult):
        bench.applied([ReplaceText(PATH, Span(1, 1, 1, 2), "(")])


@pytest.mark.parametrize(
    ("path", "text", "span", "replacement"),
    [
        ("Dockerfile", "FROM a\nRUN b\n", Span(2, 1, 2, 4), "RUNS"),
        ("compose.yaml", "a: [b]\n", Span(1, 6, 1, 7), ""),
        ("start.sh", "a 'b'\n", Span(1, 5, 1, 6), ""),
    ],
)
def test_another_file_that_cannot_be_read_any_more_is_refused(
    workbench, path: str, text: str, span: Span, replacement: str
) -> None:
    bench = workbench("a\n", {path: text})
    with pytest.raises(BrokenResult, match="can no longer be read"):
        bench.applied([ReplaceText(path, span, replacement)])


def test_result_that_does_not_compile_is_refused(workbench) -> None:
    bench = workbench("def f():\n    a\n")
    with pytest.raises(BrokenResult, match="await"):
        bench.applied([ReplaceStatements(PATH, bench.statements("a"), statements_from("await b"))])


def test_file_that_never_compiled_may_still_be_edited(workbench) -> None:
    bench = workbench("return a\n")
    edit = Replace(PATH, bench.reference("a"), cst.Name("b"))
    assert bench.applied([edit]) == "return b\n"


def test_character_that_the_encoding_lacks_is_refused(workbench) -> None:
    bench = workbench(b"# coding: latin-1\nx = '\xe9'\n")
    edit = Replace(PATH, bench.reference("'é'"), cst.SimpleString("'€'"))
    with pytest.raises(BrokenResult, match="latin"):
        bench.applied([edit])


def test_latin_1_file_is_edited_in_its_encoding(workbench) -> None:
    bench = workbench(b"# coding: latin-1\nx = '\xe9' + a\n")
    edit = Replace(PATH, bench.reference("a"), cst.Name("b"))
    assert bench.applied([edit]) == "# coding: latin-1\nx = 'é' + b\n"


def test_stale_reference_is_not_joined(workbench) -> None:
    bench = workbench("a\n")
    with pytest.raises(NotJoined):
        bench.applied([ReplaceStatements(PATH, (NodeReference("Expr", 5, 0, 5, 1),), ())])


def test_what_stands_outside_islands_does_not_change(workbench) -> None:
    odd = "\x0c\n#\todd  \n\n \t\n# \u2028 \x85\r\n"
    bench = workbench(f"{odd}a\n{odd}b\r\n{odd}c\r{odd}")
    result = bench.applied([ReplaceStatements(PATH, bench.statements("b"), statements_from("x"))])
    assert result == f"{odd}a\n{odd}x\r\n{odd}c\r{odd}".replace("x\r\n", "x\n")


def test_new_file_is_created_and_added_to(workbench) -> None:
    bench = workbench("a\n")
    texts = apply_edits(
        bench.files,
        [CreateFile("shop/new.py", "x = 1\n"), AppendToFile("shop/new.py", "y = 2\n")],
        trees=bench.trees,
        used_elsewhere=lambda path, name: False,
    )
    assert texts == {"shop/new.py": "x = 1\ny = 2\n"}


def test_created_file_must_be_new(workbench) -> None:
    bench = workbench("a\n")
    with pytest.raises(Conflict):
        bench.applied([CreateFile(PATH, "x = 1\n")])
    with pytest.raises(Conflict):
        bench.applied([CreateFile("new.py", "x = 1\n"), CreateFile("new.py", "y = 1\n")])


def test_file_that_moves_is_edited_where_it_was(workbench) -> None:
    bench = workbench("a\n")
    edits: list[Edit] = [MoveFile(PATH, "shop/moved.py"), ReplaceText(PATH, Span(1, 1, 1, 2), "b")]
    assert bench.applied(edits) == "b\n"
    assert moves_of(edits) == {PATH: "shop/moved.py"}


@pytest.mark.parametrize(
    "edits",
    [
        [MoveFile(PATH, PATH)],
        [MoveFile(PATH, "a.py"), MoveFile(PATH, "b.py")],
        [MoveFile(PATH, "a.py"), CreateFile("a.py", "x = 1\n")],
        [MoveFile("of_none.py", "a.py")],
    ],
    ids=["onto_itself", "two_ways", "onto_a_new_file", "no_file"],
)
def test_file_moves_to_one_new_place(workbench, edits: list[Edit]) -> None:
    with pytest.raises(Conflict):
        workbench("a\n").applied(edits)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("a\n", "a\nx = 1\n", id="closed_last_line"),
        pytest.param("a", "a\nx = 1\n", id="open_last_line"),
        pytest.param("a\r\n", "a\r\nx = 1\r\n", id="windows"),
        pytest.param("", "x = 1\n", id="empty"),
    ],
)
def test_text_is_appended(workbench, before: str, after: str) -> None:
    assert workbench(before).applied([AppendToFile(PATH, "x = 1\n")]) == after


def test_text_of_other_files_is_replaced_by_place(workbench) -> None:
    bench = workbench("a\n", {"Dockerfile": "FROM é\nRUN b\n"})
    texts = apply_edits(
        bench.files,
        [
            ReplaceText("Dockerfile", Span(2, 5, 2, 6), "c"),
            ReplaceText("Dockerfile", Span(1, 6, 1, 7), "d"),
        ],
        trees=bench.trees,
        used_elsewhere=lambda path, name: False,
    )
    assert texts == {"Dockerfile": "FROM d\nRUN c\n"}


def test_nothing_to_do_changes_nothing(workbench) -> None:
    bench = workbench("a\n")
    assert bench.applied([]) == "a\n"


@pytest.mark.parametrize("text", ["x = (\n", "x\n# dangling\n", "# alone\n"])
def test_text_that_is_no_statements_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        statements_from(text)


def test_statements_take_on_indentation_as_a_whole() -> None:
    first, second = statements_from(
        "\n        # note\n        a\n        if b:\n            c\n    "
    )
    assert cst.Module([first, second]).code == "# note\na\nif b:\n    c\n"
