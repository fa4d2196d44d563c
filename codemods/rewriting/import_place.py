"""Where a new import line stands among those of a file."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from djfix.codemods.rewriting.bindings import resolved_module, scopes_of
from djfix.codemods.rewriting.import_style import ImportStatement, own_packages, section
from djfix.codemods.rewriting.trees import Trees
from djfix.codemods.rewriting.values import AddImport
from djfix.codemods.source.definitions import is_docstring
from djfix.codemods.source.document import Document
from djfix.codemods.source.islands import island_at
from djfix.codemods.source.readable import tree_of

COOKIE = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
Spelled = tuple[int, str, AddImport]
"""The level and module as the file is to spell them, and what is imported."""

Key = Callable[[int, str, bool], tuple[object, ...]]
ORDERS: tuple[Key, ...] = (
    lambda level, module, is_from: (is_from, -level, module.lower()),
    lambda level, module, is_from: (-level, module.lower(), is_from),
    lambda level, module, is_from: (is_from, level, module.lower()),
    lambda level, module, is_from: (level, module.lower(), is_from),
)
"""How sections are sorted: isort's and ruff's default, then sorted across both forms."""


@dataclass(frozen=True, slots=True)
class Place:
    """After which line (0: before the first), and how many blank lines go around."""

    line: int
    blank_before: int = 0
    blank_after: int = 0


def place_for(
    document: Document, statements: Sequence[ImportStatement], new: Spelled, trees: Trees
) -> Place:
    """The place of a new import beside its likes, in its section, or at the head of the file."""
    place = _natural_place(document, statements, new, trees)
    for statement in statements:
        end = island_at(document, statement.lineno).last_line
        if end > place.line and _may_bind(statement, new[2].bound, document.path, trees):
            # A star import that comes later could bind the name to something else.
            place = Place(end)
    return place


def _natural_place(
    document: Document, statements: Sequence[ImportStatement], new: Spelled, trees: Trees
) -> Place:
    if not statements:
        return _head(document)
    own = own_packages(trees.files)
    level, module, _ = new
    wanted = section(module, level, own)
    alike = [found for found in statements if section(*_spelled(found), own) == wanted]
    top = module.partition(".")[0]
    kin = [found for found in alike if _spelled(found)[0].partition(".")[0] == top]
    if alike:
        return _among(document, kin if kin and not level else alike, new)
    earlier = [found for found in statements if section(*_spelled(found), own) < wanted]
    return _new_section(document, statements, earlier, own)


def _spelled(statement: ImportStatement) -> tuple[str, int]:
    if isinstance(statement, ast.ImportFrom):
        return statement.module or "", statement.level
    return statement.names[0].name, 0


def _among(document: Document, alike: Sequence[ImportStatement], new: Spelled) -> Place:
    """In order among its likes if they have one, else after the nearest of them."""
    level, module, addition = new
    for key in ORDERS:
        keys = [_key_of(found, key) for found in alike]
        if keys == sorted(keys):
            wanted = key(level, module, bool(addition.name))
            before = [found for found, known in zip(alike, keys, strict=True) if known <= wanted]
            if not before:
                return Place(island_at(document, alike[0].lineno).first_line - 1)
            return Place(island_at(document, before[-1].lineno).last_line)
    nearest = max(alike, key=lambda found: (_shared(_spelled(found)[0], module), found.lineno))
    return Place(island_at(document, nearest.lineno).last_line)


def _key_of(statement: ImportStatement, key: Key) -> tuple[object, ...]:
    module, level = _spelled(statement)
    return key(level, module, isinstance(statement, ast.ImportFrom))


def _shared(first: str, second: str) -> int:
    """How many leading parts two modules have in common."""
    count = 0
    for one, other in zip(first.split("."), second.split("."), strict=False):
        if one != other:
            break
        count += 1
    return count


def _new_section(
    document: Document,
    statements: Sequence[ImportStatement],
    earlier: Sequence[ImportStatement],
    own: frozenset[str],
) -> Place:
    blank = int(_are_sections_apart(document, statements, own))
    if earlier:
        line = island_at(document, earlier[-1].lineno).last_line
        is_followed = line < len(document.lines) and document.line_text(line + 1).strip() != ""
        return Place(line, blank, blank if is_followed else 0)
    line = island_at(document, statements[0].lineno).first_line - 1
    top = line
    while top > 0 and document.line_text(top).startswith("#"):
        top -= 1
    is_heading = top > 0
    return Place(top if is_heading else line, 0, blank)


def _are_sections_apart(
    document: Document, statements: Sequence[ImportStatement], own: frozenset[str]
) -> bool:
    """Whether a blank line stands between sections; assumed where there is but one."""
    for one, other in pairwise(statements):
        if section(*_spelled(one), own) != section(*_spelled(other), own):
            between = range((one.end_lineno or one.lineno) + 1, other.lineno)
            if not any(document.line_text(line).strip() == "" for line in between):
                return False
    return True


def _head(document: Document) -> Place:
    """After docstring, `__future__` imports, or the comments that head the file."""
    body = document.tree.body
    last = 0
    if body and is_docstring(body[0]):
        last = 1
    while last < len(body) and _is_future(body[last]):
        last += 1
    if last:
        line = island_at(document, body[last - 1].lineno).last_line
        return Place(line, 1, _blank_needed(document, line))
    line = _heading_comments(document)
    is_hashbang = line > 0 and line == _fixed_lines(document)
    return Place(line, int(line > 0 and not is_hashbang), _blank_needed(document, line))


def _is_future(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__"


def _blank_needed(document: Document, line: int) -> int:
    """How many blank lines to add between the new import and what follows line `line`."""
    following = document.lines[line:]
    code = next((number for number, text in enumerate(following) if text.strip()), None)
    if code is None or code > 0:
        return 0
    return 2 if following[0].startswith(("def ", "class ", "@", "async ")) else 1


def _fixed_lines(document: Document) -> int:
    """How many lines at the top have to stay there: the interpreter's line and the cookie."""
    count = int(bool(document.lines) and document.lines[0].startswith("#!"))
    for number, line in enumerate(document.lines[:2], start=1):
        if line.startswith("#") and COOKIE.match(line):
            count = number
    return count


def _heading_comments(document: Document) -> int:
    """The last line of the comments at the top that stand apart from the code below."""
    fixed = _fixed_lines(document)
    line = fixed
    while line < len(document.lines) and document.lines[line].startswith("#"):
        line += 1
    is_apart = line == len(document.lines) or not document.lines[line].strip()
    return line if is_apart else fixed


def _may_bind(statement: ImportStatement, name: str, path: str, trees: Trees) -> bool:
    """Whether this is a star import that could bring in such a name, as far as files show."""
    if not isinstance(statement, ast.ImportFrom) or statement.names[0].name != "*":
        return False
    module = resolved_module(statement, trees.package_of(path))
    if module is None:
        return True
    bound = _names_of(module, trees)
    return bound is None or name in bound


def _names_of(module: str, trees: Trees) -> frozenset[str] | None:
    """What a module of the project binds; None where it is not found or has star imports itself."""
    stem = module.replace(".", "/")
    for path in (f"{stem}.py", f"{stem}/__init__.py"):
        if trees.files.exists(path):
            tree = tree_of(trees.files, path)
            if tree is None:
                return None
            names = scopes_of(tree).bound
            return None if "*" in names else frozenset(names)
    return None
