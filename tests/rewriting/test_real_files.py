"""Edits at random places of real files: nothing is lost, nothing else moves."""

from __future__ import annotations

import ast
import random
import tokenize
from collections import Counter
from io import StringIO
from pathlib import Path

import django
import pytest

from djfix.codemods.findings import NodeReference
from djfix.codemods.rewriting.difference import applied, text_edits
from djfix.codemods.rewriting.edits import (
    Edit,
    InsertAfter,
    InsertBefore,
    ReplaceStatements,
    apply_edits,
    statements_from,
)
from djfix.codemods.rewriting.trees import Trees
from djfix.codemods.source.files import Files, list_files

ROUNDS = 40


def comments(text: str) -> Counter[str]:
    lines = StringIO(text.replace("\r\n", "\n")).readline
    return Counter(
        part.strip(" #")
        for token in tokenize.generate_tokens(lines)
        if token.type == tokenize.COMMENT
        for part in token.string.split("  #")
    )


def some_block(chance: random.Random, tree: ast.Module) -> list[ast.stmt]:
    blocks = [
        node.body
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.If, ast.For, ast.With, ast.Try))
    ]
    return chance.choice(blocks)


def some_edit(chance: random.Random, path: str, block: list[ast.stmt]) -> Edit:
    start = chance.randrange(len(block))
    run = tuple(NodeReference.of(node) for node in block[start : start + chance.randint(1, 3)])
    new = statements_from("zzz = 1")
    choices: list[Edit] = [
        ReplaceStatements(path, run, new),
        ReplaceStatements(path, run, ()),
        ReplaceStatements(path, run, statements_from("if zzz:\n    yyy = 1")),
        InsertBefore(path, run[0], new),
        InsertAfter(path, run[0], new),
    ]
    return chance.choice(choices)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_random_edits_of_real_files(newline: str) -> None:
    chance = random.Random(len(newline))
    root = Path(django.__file__).parent
    installed = Files(root, list_files(root))
    modules = [path for path in installed.containing(b"def ") if len(installed.read(path)) < 20_000]
    for path in chance.sample(modules, ROUNDS):
        text = installed.document(path).text.replace("\n", newline)
        files = Files.of({path: text})
        edit = some_edit(chance, path, some_block(chance, files.document(path).tree))
        result = apply_edits(
            files, [edit], trees=Trees(files), used_elsewhere=lambda path, name: True
        )
        after = result.get(path, text)
        assert comments(after) == comments(text)
        assert after.count("\n") == after.count(newline)
        differences = text_edits(path, text, after)
        assert applied(text, differences) == after
        references = edit.references if isinstance(edit, ReplaceStatements) else (edit.reference,)
        for difference in differences:
            assert difference.span is not None
            assert difference.span.line >= references[0].line - 12
            assert difference.span.end_line <= references[-1].end_line + 3
