"""Who uses a name of a module from outside: an inverse question, bytes first."""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence

from djfix.codemods.project.class_index import word_before
from djfix.codemods.project.facts import ImportFacts, ModuleFacts
from djfix.codemods.project.links import Links, has_word
from djfix.codemods.project.names import ModuleTarget
from djfix.codemods.source.chains import dotted_name
from djfix.codemods.source.document import Document, Unreadable
from djfix.codemods.source.files import Files
from djfix.codemods.source.walking import children


def importers_of(links: Links, path: str, name: str) -> tuple[tuple[str, int], ...]:
    """(path, line) of each use of `name` of the module at `path`, sorted.

    `from m import name`, also relative and through a package; `from m import *`; `m.name` of an
    imported module; a string that is "m.name" or goes on from it, in any of the module's names;
    a call that is given the module and the string "name" (`patch.object(m, "name")`, `getattr`).
    Where a package imports the name from the module, those who import it from there count too.
    """
    found: set[tuple[str, int]] = set()
    waiting = [(path, name)]
    seen: set[tuple[str, str]] = set()
    while waiting:
        place = waiting.pop()
        if place in seen:
            continue
        seen.add(place)
        for user, line, bound in _uses(links, *place):
            found.add((user, line))
            if bound is not None:
                waiting.append((user, bound))
    return tuple(sorted(found))


def _uses(links: Links, path: str, name: str) -> Iterator[tuple[str, int, str | None]]:
    """Path, line, and the name that a module-level import binds there, if any."""
    for user in _possible(links, path, name):
        facts = links.facts(user)
        if facts is None:
            continue
        yield from _imports(links, user, facts, path, name)
        if _may_mention(links, user, facts, path, name):
            for line in _mentions(links, user, path, name):
                yield user, line, None
    for user in links.class_index.files_importing_all():
        facts = links.facts(user)
        if facts is not None and user != path and _is_exported(links.facts(path), name):
            for each in facts.imports:
                if each.name == "*" and _is_of(links, user, each, path):
                    yield user, each.line, name


def _possible(links: Links, path: str, name: str) -> Iterator[str]:
    """The files whose bytes may use the name through the module, under any name of that.

    `word import`, `word.name` and a quoted name beside the word are all that there is; inside a
    package, `from . import name` needs no word.
    """
    folder, _, own = path.removesuffix(".py").rpartition("/")
    words = links.class_index.names_of(own if own != "__init__" else folder.rpartition("/")[2])
    spellings = frozenset(each.encode() for each in words)
    for user in links.files_with(name):
        if user == path:
            continue
        data = links.files.read(user)
        is_inside = own == "__init__" and user.startswith(f"{folder}/")
        if not is_inside and not any(each in data for each in spellings):
            continue
        if (
            is_inside
            or _is_attribute(data, name, spellings)
            or any(_may_list(each, name) for each in _imported_from(data, spellings))
            or _is_quoted_beside(data, name, words)
        ):
            yield user


def _is_attribute(data: bytes, name: str, words: Collection[bytes]) -> bool:
    """Whether `word.name` may stand there."""
    for found in re.finditer(name.encode() + rb"\b", data):
        before = data[max(0, found.start() - _FAR) : found.start()].rstrip()
        if before.endswith(b".") and _is_one_of(word_before(before, len(before) - 1), words):
            return True
    return False


def _imported_from(data: bytes, words: Collection[bytes]) -> Iterator[bytes]:
    """What stands behind each `word import`."""
    for found in _IMPORT.finditer(data):
        listed = _IMPORTED.match(data, found.end())
        if listed is not None and _is_one_of(word_before(data, found.start()), words):
            yield listed[1]


def _is_one_of(word: bytes, words: Collection[bytes]) -> bool:
    """Whether it is one of these words; where one is not of ASCII, it may be that one."""
    return word in words or (not word and not all(map(bytes.isascii, words)))


_FAR = 200
"""Bytes between the parts of one expression; nobody writes more."""

_IMPORT = re.compile(rb"import\b")
_IMPORTED = re.compile(rb"\s*(\([^)]*\)|(?:[^\\\n]|\\\r?\n|\\)*)")
"""What stands behind `import`, over several lines in parentheses or after a backslash."""


def _may_list(imported: bytes, name: str) -> bool:
    # A comment may hold the parenthesis at which the expression above stopped.
    return has_word(imported, name.encode()) or b"*" in imported or b"#" in imported


def _is_quoted_beside(data: bytes, name: str, words: Iterable[str]) -> bool:
    return _is_quoted(data, name) and any(has_word(data, each.encode()) for each in words)


def _imports(
    links: Links, user: str, facts: ModuleFacts, path: str, name: str
) -> Iterator[tuple[str, int, str | None]]:
    for each in facts.imports:
        if each.name == name and _is_of(links, user, each, path):
            yield user, each.line, None if each.scope else each.bound


def _is_of(links: Links, user: str, statement: ImportFacts, path: str) -> bool:
    return links.names.imported_module(user, statement) == ModuleTarget(path)


def _is_exported(facts: ModuleFacts | None, name: str) -> bool:
    if facts is None or facts.exports_unclear:
        return True
    return name in facts.exports if facts.exports is not None else not name.startswith("_")


def _may_mention(links: Links, user: str, facts: ModuleFacts, path: str, name: str) -> bool:
    """Whether a file may hold `module.name`, in code or in a string; a look at its imports and
    bytes, since the syntax trees of all files that hold a common name cost much."""
    data = links.files.read(user)
    spellings = [f"{module}.{name}".encode() for module in links.roots.names.get(path, ())]
    if any(each in data for each in spellings):
        return True
    if f".{name}".encode() not in data and not _is_quoted(data, name):
        return False
    return any(_leads_to(links, user, each, path) for each in facts.imports)


def _is_quoted(data: bytes, name: str) -> bool:
    return any(f"{quote}{name}{quote}".encode() in data for quote in ("'", '"'))


def _leads_to(links: Links, user: str, statement: ImportFacts, path: str) -> bool:
    """Whether an import binds the module, or a package through which it can be reached."""
    if statement.name == "*":
        return True
    target = links.names.target(user, statement.bound, statement.scope)
    if not isinstance(target, ModuleTarget):
        # An ambiguous name may be the module as well.
        return target is None
    package = target.path.removesuffix("__init__.py").rstrip("/")
    return target.path == path or path.startswith(f"{package}/")


def _mentions(links: Links, user: str, path: str, name: str) -> Iterator[int]:
    try:
        placed = list(placed_nodes(links.document(user), (name,)))
    except (Unreadable, OSError):
        return
    modules = links.roots.names.get(path, ())
    for node, scope, _ in placed:
        if isinstance(node, ast.Attribute) and node.attr == name:
            if _is_module(links, user, node.value, scope, path):
                yield node.lineno
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            wanted = [f"{module}.{name}" for module in modules]
            if any(node.value == each or node.value.startswith(each + ".") for each in wanted):
                yield node.lineno
        elif isinstance(node, ast.Call) and _is_given(links, user, node, scope, path, name):
            yield node.lineno


def _is_given(
    links: Links, user: str, call: ast.Call, scope: tuple[str, ...], path: str, name: str
) -> bool:
    """Whether a call is given the module and the name as a string."""
    if not any(isinstance(each, ast.Constant) and each.value == name for each in call.args):
        return False
    return any(_is_module(links, user, each, scope, path) for each in call.args)


def _is_module(links: Links, user: str, node: ast.expr, scope: tuple[str, ...], path: str) -> bool:
    dotted = dotted_name(node)
    return dotted is not None and links.names.target(user, dotted, scope) == ModuleTarget(path)


def placed_nodes(
    document: Document, names: Collection[str]
) -> Iterator[tuple[ast.AST, tuple[str, ...], ast.AST]]:
    """The nodes of a file on whose lines one of the names is spelled: each with the names of the
    classes and functions around it, and with the node that holds it. Raises Unreadable."""
    lines = _lines_with(document, names)
    near = ast.Module(list(document.statements_near(lines)), [])
    waiting: list[tuple[ast.AST, tuple[str, ...], bool]] = [(near, (), False)]
    while waiting:
        current, around, is_placeless = waiting.pop()
        inner = around
        # Before Python 3.12 what stands in an f-string may claim another line.
        is_placeless = is_placeless or isinstance(current, ast.JoinedStr)
        if isinstance(current, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inner = (*around, current.name)
        for child in children(current):
            if is_placeless or _is_on(child, lines):
                yield child, inner, current
                waiting.append((child, inner, is_placeless))


def nodes_near(files: Files, path: str, *words: str) -> list[ast.AST]:
    """The nodes of a file on whose lines one of these words is spelled; none of a file that cannot
    be read."""
    try:
        return [node for node, _, _ in placed_nodes(files.document(path), words)]
    except (Unreadable, OSError, RecursionError):
        return []


def _lines_with(document: Document, names: Collection[str]) -> Sequence[int]:
    """The lines that spell a name, in order; letters of other scripts may spell it as well."""
    word = re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})\b")
    spelled = (
        number
        for number in document.lines_holding(names)
        if word.search(document.lines[number - 1])
    )
    return sorted({*spelled, *document.lines_beyond_ascii})


def _is_on(node: ast.AST, lines: Sequence[int]) -> bool:
    """Whether a node, its decorators included, stands on one of the lines; so do those that have
    no place of their own."""
    first, last = getattr(node, "lineno", None), getattr(node, "end_lineno", None)
    if first is None or last is None:
        return True
    decorators = getattr(node, "decorator_list", ())
    first = min([first, *(each.lineno for each in decorators)])
    place = bisect_left(lines, first)
    return place < len(lines) and lines[place] <= last
