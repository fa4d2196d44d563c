"""The text of the migration that a split makes: the operations as they were written, and the
imports that they need."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterable, Iterator, Sequence

from djfix.codemods.project.migration_values import Key
from djfix.codemods.rules.concurrent_index.places import (
    UnusualLayout,
    lines_of,
    migration_class,
    operation_nodes,
)
from djfix.codemods.rules.concurrent_index.plans import CONCURRENT, MODULE, Split
from djfix.codemods.source.document import Document
from djfix.codemods.source.walking import walk

MIGRATIONS = ("django.db", "migrations")


class NotCopied(Exception):  # noqa: N818
    """An operation uses a name that the file itself makes: `name`."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def new_migration(plan: Split, document: Document) -> str:
    """The whole text, in the newlines and indentation of the file that it comes from.

    Raises UnusualLayout, and NotCopied.
    """
    step = document.indentation
    nodes = operation_nodes(document)
    moved: list[str] = []
    for place, kind, leftover in zip(plan.places, plan.kinds, plan.leftovers, strict=True):
        if leftover:
            lines = dropping_lines("migrations.RunSQL", leftover, step)
            moved += [f"{step * 2}{line}" for line in lines]
        moved += operation_lines(document, nodes[place], CONCURRENT[kind], step * 2)
    members = {MODULE: {CONCURRENT[each] for each in plan.kinds}}
    return migration_text(
        document, plan.key, moved, [nodes[place] for place in plan.places], members
    )


def migration_text(
    document: Document,
    key: Key,
    operations: list[str],
    nodes: Sequence[ast.expr],
    members: dict[str, set[str]],
) -> str:
    """A migration behind another one that holds these operations, with the imports that their
    nodes need and further `members` of modules. Raises NotCopied."""
    step = document.indentation
    lines = [
        *_imports(document, nodes, members),
        "",
        "",
        "class Migration(migrations.Migration):",
        f"{step}atomic = False",
        "",
        f"{step}dependencies = [",
        f'{step * 2}("{key[0]}", "{key[1]}"),',
        f"{step}]",
        "",
        f"{step}operations = [",
        *operations,
        f"{step}]",
    ]
    return document.newline.join([*lines, ""])


def dropping_lines(run_sql: str, index: str, step: str) -> list[str]:
    """The operation that drops an index if it is there, with nothing to undo."""
    name = index if index.isidentifier() and index.islower() else f'\\"{index}\\"'
    return [
        f"{run_sql}(",
        f'{step}"DROP INDEX CONCURRENTLY IF EXISTS {name}",',
        f"{step}{run_sql}.noop,",
        "),",
    ]


def operation_lines(document: Document, node: ast.expr, name: str, lead: str) -> list[str]:
    """The lines of one operation under another name, with its comments, behind this indentation.

    Raises UnusualLayout.
    """
    assert isinstance(node, ast.Call)
    place = lines_of(document, node)
    lines = [document.line_text(line) for line in range(place.first, place.end)]
    head = lines[place.code - place.first]
    function = document.span(node.func)
    if function.end_line != function.line:
        raise UnusualLayout
    start, end = function.column - 1, function.end_column - 1
    lines[place.code - place.first] = head[:start] + name + head[end:]
    last = document.span(node)
    tail = document.line_text(last.end_line)[last.end_column - 1 :]
    if not tail.lstrip().startswith(","):
        closed = lines[-1][: len(lines[-1]) - len(tail)]
        lines[-1] = f"{closed},{tail}"
    if head.startswith(lead) and head[len(lead) :][:1].strip():
        return lines
    if any(isinstance(each, ast.Constant) and _spans_lines(each) for each in walk(node)):
        raise UnusualLayout
    return textwrap.indent(textwrap.dedent("\n".join(lines)), lead).split("\n")


def _spans_lines(node: ast.Constant) -> bool:
    return node.end_lineno != node.lineno and isinstance(node.value, str)


def _imports(document: Document, nodes: Iterable[ast.expr], more: dict[str, set[str]]) -> list[str]:
    """The import lines that the moved operations need, in the order that isort has."""
    members = {module: set(names) for module, names in more.items()}
    members.setdefault(MIGRATIONS[0], set()).add(MIGRATIONS[1])
    whole: set[str] = set()
    for name in sorted({name for node in nodes for name in _names_in(node)}):
        for statement, alias in _importing(document, name):
            spelled = f"{alias.name} as {alias.asname}" if alias.asname else alias.name
            if isinstance(statement, ast.Import):
                whole.add(f"import {spelled}")
            else:
                module = "." * statement.level + (statement.module or "")
                members.setdefault(module, set()).add(spelled)
    lines = [f"from {each} import {', '.join(sorted(members[each]))}" for each in _sorted(members)]
    return _in_sections([*sorted(whole), *lines])


def _sorted(modules: Iterable[str]) -> list[str]:
    return sorted(modules, key=lambda each: (each.startswith("."), each))


def _in_sections(lines: list[str]) -> list[str]:
    """Django's imports first, a blank line, then the project's own."""
    django = [each for each in lines if _module(each).split(".")[0] == "django"]
    others = [each for each in lines if each not in django]
    return [*django, "", *others] if others else django


def _module(line: str) -> str:
    return line.split()[1]


def _names_in(call: ast.expr) -> Iterator[str]:
    """The names that an operation's arguments read, but for those that it binds itself."""
    assert isinstance(call, ast.Call)
    for part in [*call.args, *(each.value for each in call.keywords)]:
        for node in walk(part):
            if isinstance(node, (ast.Lambda, ast.NamedExpr, ast.comprehension)):
                raise NotCopied(ast.unparse(node))
            if isinstance(node, ast.Name):
                yield node.id


def _importing(
    document: Document, name: str
) -> list[tuple[ast.Import | ast.ImportFrom, ast.alias]]:
    """The imports at the top that bind a name. Raises NotCopied where anything else may."""
    found = [
        (statement, alias)
        for statement in document.tree.body
        if isinstance(statement, (ast.Import, ast.ImportFrom))
        for alias in statement.names
        if (alias.asname or alias.name.partition(".")[0]) == name
    ]
    is_whole = all(isinstance(statement, ast.Import) for statement, _ in found)
    if not found or (len(found) > 1 and not is_whole) or _is_bound_otherwise(document, name):
        raise NotCopied(name)
    return found


def _is_bound_otherwise(document: Document, name: str) -> bool:
    owner = migration_class(document)
    for node in walk(document.tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            if node.name == name and node is not owner:
                return True
        elif isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store):
            return True
    return False
