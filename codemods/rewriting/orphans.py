"""Removes imports whose last use the edits of a file took."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from djfix.codemods.rewriting.bindings import ImportedName, Scope, scopes_of
from djfix.codemods.rewriting.import_removal import without_import
from djfix.codemods.rewriting.import_style import HANDS_OFF
from djfix.codemods.rewriting.trees import Trees
from djfix.codemods.source.chains import dotted_name
from djfix.codemods.source.document import Document
from djfix.codemods.source.walking import walk

LONGEST_EXPRESSION = 200

UsedElsewhere = Callable[[str, str], bool]
Use = tuple[str, str]
"""The name of the scope that owns a name, and the name, or a dotted chain that starts with it."""


def without_orphans(
    before: Document, after: Document, trees: Trees, used_elsewhere: UsedElsewhere
) -> str:
    """The text of `after` without the imports that are used in `before` and no longer.

    They stay in `__init__.py`, under a condition, with a pragma, as `import x as x`, where the
    name stands in a string or doctest, and where `used_elsewhere` says so of a module's name.
    """
    if after.path.endswith("__init__.py"):
        return after.text
    package = trees.package_of(after.path)
    used = _uses(scopes_of(before.tree, package), before.tree)
    for _ in range(len(used)):
        orphan = _next_orphan(after, package, used, used_elsewhere)
        if orphan is None:
            break
        text = without_import(after, orphan.statement, orphan.alias)
        after = Document(after.path, after.encode(text))
    return after.text


def _next_orphan(
    document: Document, package: str | None, used: frozenset[Use], used_elsewhere: UsedElsewhere
) -> ImportedName | None:
    root = scopes_of(document.tree, package)
    left = _uses(root, document.tree)
    for scope in root.walk():
        for found in scope.imports:
            use = (scope.name, found.target if found.is_plain_module else found.bound)
            if use not in used or use in left or not _is_removable(document, scope, found):
                continue
            if _is_still_needed(scope, found, left) or _is_spoken(document, found.bound):
                continue
            if scope is not root or not used_elsewhere(document.path, found.bound):
                return found
    return None


def _uses(root: Scope, tree: ast.Module) -> frozenset[Use]:
    """Every name that is read, by the scope that owns it, and every chain that starts with it."""
    chains = _chains_by_name(tree)
    return frozenset(
        (scope.owner(use.id).name, chain)
        for scope in root.walk()
        for use in scope.uses
        for chain in _prefixes(chains.get(id(use), use.id))
    )


def _chains_by_name(tree: ast.Module) -> dict[int, str]:
    """The longest dotted chain that starts at each name, by the `id` of its node."""
    chains: dict[int, str] = {}
    for node in walk(tree):
        spelled = dotted_name(node) if isinstance(node, ast.Attribute) else None
        if spelled is not None:
            key = id(_root(node))
            chains[key] = max(chains.get(key, ""), spelled, key=len)
    return chains


def _root(node: ast.AST) -> ast.AST:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node


def _prefixes(chain: str) -> Iterator[str]:
    parts = chain.split(".")
    return (".".join(parts[: count + 1]) for count in range(len(parts)))


def _is_removable(document: Document, scope: Scope, found: ImportedName) -> bool:
    """Whether the import is a plain one that binds its name alone, and nobody asks to keep it."""
    if scope.is_class or not found.certain or found.alias.asname == found.alias.name:
        return False
    if isinstance(found.statement, ast.ImportFrom) and found.statement.module == "__future__":
        return False
    alike = [other for other in scope.imports if other.bound == found.bound]
    if scope.bound.get(found.bound, 0) != len(alike):
        return False
    if len(alike) > 1 and not all(other.is_plain_module for other in alike):
        return False
    body = getattr(scope.node, "body", ())
    return (scope.parent is None or len(body) > 1) and not _has_pragma(document, found)


def _has_pragma(document: Document, found: ImportedName) -> bool:
    statement = found.statement
    lines = {statement.lineno, found.alias.lineno, statement.end_lineno or statement.lineno}
    return any(HANDS_OFF.search(document.line_text(line)) for line in lines)


def _is_still_needed(scope: Scope, found: ImportedName, left: frozenset[Use]) -> bool:
    """Whether `import a.b` still gives somebody the `a` that no like import would."""
    if not found.is_plain_module or (scope.name, found.bound) not in left:
        return False
    others = [
        other.target
        for other in scope.imports
        if other.bound == found.bound and other.target != found.target
    ]
    return not any((scope.name, other) in left for other in others)


def _is_spoken(document: Document, name: str) -> bool:
    """Whether the name stands in an annotation, `__all__`, or doctest that is a string."""
    word = re.compile(rf"\b{re.escape(name)}\b")
    if any(word.search(line) for line in document.lines if re.search(r"#\s*type:", line)):
        return True
    nodes = list(walk(document.tree))
    keys = {id(key) for node in nodes if isinstance(node, ast.Dict) for key in node.keys}
    return any(
        _says(node.value, name, word)
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in keys
    )


def _says(text: str, name: str, word: re.Pattern[str]) -> bool:
    if not word.search(text):
        return False
    if any(word.search(line) for line in text.splitlines() if line.lstrip().startswith(">>>")):
        return True
    if len(text) > LONGEST_EXPRESSION:
        return False
    try:
        expression = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return any(isinstance(node, ast.Name) and node.id == name for node in walk(expression))
