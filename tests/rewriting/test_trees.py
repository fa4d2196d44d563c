"""Joining the two trees: every kind of node at its place, and nothing at the wrong one."""

from __future__ import annotations

import ast
import random
import sys
from pathlib import Path

import django
import libcst as cst
import pytest

from djfix.codemods.findings import NodeReference
from djfix.codemods.rewriting.edits import NotJoined
from djfix.codemods.rewriting.trees import Trees
from djfix.codemods.source.files import Files, list_files

PATH = "a.py"


def joined(text: str, node: ast.AST) -> cst.CSTNode:
    assert isinstance(node, (ast.stmt, ast.expr))
    return Trees(Files.of({PATH: text})).node(PATH, NodeReference.of(node))


def outermost(text: str, kind: type[ast.AST]) -> ast.AST:
    return next(node for node in ast.walk(ast.parse(text)) if isinstance(node, kind))


@pytest.mark.parametrize(
    ("text", "kind", "code"),
    [
        pytest.param("x = (1, 2)\n", ast.Tuple, "(1, 2)", id="tuple_with_its_parentheses"),
        pytest.param("x = ((1, 2))\n", ast.Tuple, "((1, 2))", id="tuple_in_two_pairs"),
        pytest.param("a, b = c\n", ast.Tuple, "a, b", id="bare_tuple"),
        pytest.param("f( x for x in y )\n", ast.GeneratorExp, "x for x in y", id="sole_argument"),
        pytest.param("f((x for x in y), 1)\n", ast.GeneratorExp, "(x for x in y)", id="generator"),
        pytest.param("f(*a)\n", ast.Starred, "*a", id="starred_argument"),
        pytest.param("[*a]\n", ast.Starred, "*a", id="starred_element"),
        pytest.param("x = ((a + b))\n", ast.BinOp, "((a + b))", id="parentheses_lie_outside"),
        pytest.param("a or b or c\n", ast.BoolOp, "a or b or c", id="flat_in_ast_nested_in_cst"),
        pytest.param("'é' + ü.x\n", ast.Attribute, "ü.x", id="bytes_against_code_points"),
        pytest.param("x = 'a' 'b'\n", ast.Constant, "'a' 'b'", id="strings_side_by_side"),
        pytest.param("x = True\n", ast.Constant, "True", id="true_is_a_name_to_libcst"),
        pytest.param("x = f'{a}' 'b'\n", ast.JoinedStr, "f'{a}' 'b'", id="formatted_string"),
        pytest.param("if a: b\nelif c: d\n", ast.If, "if a: b\nelif c: d\n", id="if_with_elif"),
        pytest.param("@a\ndef f(): pass\n", ast.FunctionDef, "@a\ndef f(): pass\n", id="decorated"),
        pytest.param(
            "async def f(): pass\n", ast.AsyncFunctionDef, "async def f(): pass\n", id="async"
        ),
        pytest.param("x = a; y = b\n", ast.Assign, "x = a; ", id="small_statement"),
        pytest.param("x[1:2]\n", ast.Slice, "1:2", id="slice"),
        pytest.param("x = y = (yield)\n", ast.Yield, "(yield)", id="yield"),
    ],
)
def test_node_is_found_by_type_and_span(text: str, kind: type[ast.AST], code: str) -> None:
    node = joined(text, outermost(text, kind))
    assert cst.Module([]).code_for_node(node) == code


def test_elif_is_found_where_it_begins() -> None:
    text = "if a: b\nelif c: d\n"
    inner = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.If)][1]
    node = joined(text, inner)
    assert isinstance(node, cst.If)
    assert isinstance(node.test, cst.Name)
    assert node.test.value == "c"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        pytest.param("x = f'a{b}'\n", ast.Constant, id="text_inside_a_formatted_string"),
        pytest.param("x[a, b]\n", ast.Tuple, id="tuple_that_is_a_subscript"),
        pytest.param("def f(a=1): pass\n", ast.arg, id="parameter_whose_spans_differ"),
    ],
)
def test_what_cannot_be_joined_is_refused(text: str, kind: type[ast.AST]) -> None:
    node = outermost(text, kind)
    reference = NodeReference(
        kind.__name__,
        node.lineno,
        node.col_offset,
        node.end_lineno,
        node.end_col_offset,  # type: ignore[attr-defined]
    )
    with pytest.raises(NotJoined):
        Trees(Files.of({PATH: text})).node(PATH, reference)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="places are right from 3.12 on")
def test_expression_inside_a_formatted_string_is_refused_where_its_place_is_wrong() -> None:
    text = "x = f'{a.b}'\n"
    with pytest.raises(NotJoined):
        joined(text, outermost(text, ast.Attribute))


@pytest.mark.parametrize(
    "reference",
    [
        pytest.param(NodeReference("Name", 2, 0, 2, 1), id="blank_line"),
        pytest.param(NodeReference("Call", 1, 0, 1, 1), id="other_type"),
        pytest.param(NodeReference("Name", 1, 0, 1, 3), id="other_span"),
        pytest.param(NodeReference("Name", 99, 0, 99, 1), id="after_the_end"),
        pytest.param(NodeReference("Nonsense", 1, 0, 1, 1), id="unknown_type"),
    ],
)
def test_stale_reference_is_refused(reference: NodeReference) -> None:
    with pytest.raises(NotJoined, match=r"a\.py"):
        Trees(Files.of({PATH: "x = 1\n\ny = 2\n"})).node(PATH, reference)


def test_nodes_keep_their_identity() -> None:
    text = "x = 1\ny = 2\n"
    trees = Trees(Files.of({PATH: text}))
    reference = NodeReference.of(ast.parse(text).body[1])
    assert trees.node(PATH, reference) is trees.node(PATH, reference)


def test_statement_is_the_line_unless_it_is_shared() -> None:
    text = "x = 1\ny = 2; z = 3\nif x: y\nif x:\n    z\n"
    tree = ast.parse(text)
    trees = Trees(Files.of({PATH: text}))
    kinds = [type(trees.statement(PATH, NodeReference.of(node))).__name__ for node in tree.body]
    assert kinds == ["SimpleStatementLine", "Assign", "Assign", "If", "If"]
    suite = tree.body[3].body[0]  # type: ignore[attr-defined]
    block = tree.body[4].body[0]  # type: ignore[attr-defined]
    assert isinstance(trees.statement(PATH, NodeReference.of(suite)), cst.Expr)
    assert isinstance(trees.statement(PATH, NodeReference.of(block)), cst.SimpleStatementLine)


def test_elif_and_expressions_are_no_statements() -> None:
    text = "if a: b\nelif c: d\n"
    trees = Trees(Files.of({PATH: text}))
    elif_ = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.If)][1]
    name = outermost(text, ast.Name)
    for node in (elif_, name):
        assert isinstance(node, (ast.stmt, ast.expr))
        with pytest.raises(NotJoined):
            trees.statement(PATH, NodeReference.of(node))


def test_form_feed_before_code_cannot_be_rewritten() -> None:
    text = "x = 1\n\x0cy = 2\n"
    trees = Trees(Files.of({PATH: text}))
    with pytest.raises(NotJoined):
        trees.node(PATH, NodeReference.of(ast.parse(text).body[1]))


def test_code_is_in_the_style_of_the_file() -> None:
    trees = Trees(Files.of({PATH: "if x:\r\n\ty\r\n"}))
    assert trees.code(PATH, cst.parse_statement("if a:\n    b\n")) == "if a:\r\n\tb\r\n"


def test_nodes_of_real_files_are_joined() -> None:
    root = Path(django.__file__).parent
    files = Files(root, list_files(root))
    modules = [path for path in files.paths if path.endswith(".py")]
    count = 0
    for path in random.Random(5).sample(modules, 25):
        document, trees = files.document(path), Trees(files)
        inside = {
            id(node)
            for string in ast.walk(document.tree)
            if isinstance(string, ast.JoinedStr)
            for node in ast.walk(string)
        }
        for node in ast.walk(document.tree):
            if (
                isinstance(node, (ast.Call, ast.Name, ast.Attribute, ast.stmt))
                and id(node) not in inside
            ):
                found = trees.node(path, NodeReference.of(node))
                if isinstance(node, ast.expr) and not getattr(found, "lpar", ()):
                    # The margin of further lines is their block's, not the node's.
                    code, segment = trees.code(path, found), document.segment(node)
                    assert "".join(code.split()) == "".join(segment.split())
                count += 1
    assert count > 3000
