"""How an object of another module can be spelled at some line of a file."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from djfix.codemods.rewriting.bindings import COMPREHENSIONS, ImportedName, Scope, scopes_of
from djfix.codemods.rewriting.values import AddImport, BoundName
from djfix.codemods.source.chains import dotted_name
from djfix.codemods.source.document import Document
from djfix.codemods.source.walking import walk


def bound_name(
    document: Document,
    package: str | None,
    module: str,
    name: str,
    line: int,
    same: Collection[str] = (),
) -> BoundName:
    """The spelling of `module.name` at a line, in this order of preference.

    An import that binds it there; an imported module through which the file reaches it already;
    a new import; any imported module; a new import under an alias that the file does not use.
    """
    root = scopes_of(document.tree, package)
    wanted = {f"{module}.{name}" if name else module, *same}
    reached = [
        (spelled, found)
        for found in usable_imports(root, line)
        for spelled in _spellings(found, wanted)
    ]
    direct = [spelled for spelled, found in reached if not _is_dotted(spelled)]
    if direct:
        return BoundName(direct[0])
    through = [spelled for spelled, _ in reached]
    in_use = [spelled for spelled in through if spelled in set(_chains(document.tree))]
    if in_use:
        return BoundName(in_use[0])
    here = scope_at(root, line)
    before = 0 if here.is_function else line
    plain = AddImport(document.path, module, name, before=before)
    if not name and "." in module:
        return BoundName(module, (plain,))
    if here.owner(plain.bound) is root and is_free(root, plain.bound, wanted):
        return BoundName(plain.bound, (plain,))
    if through:
        return BoundName(through[0])
    alias = _free_alias(root, module, name)
    return BoundName(alias, (AddImport(document.path, module, name, alias, before=before),))


def usable_imports(root: Scope, line: int) -> Iterator[ImportedName]:
    """The imports that are bound for certain where code of this line runs, innermost first."""
    here = scope_at(root, line)
    scope: Scope | None = here
    while scope is not None:
        later = scope is not here and here.is_function
        for found in scope.imports:
            if here.owner(found.bound) is not scope or _is_hidden(root, found.bound, line):
                continue
            if _is_sure(root, scope, found) and (later or found.statement.lineno < line):
                yield found
        scope = scope.parent


def scope_at(root: Scope, line: int) -> Scope:
    """The innermost function or class whose body holds a line, else the module."""
    here = root
    for scope in root.walk():
        if scope is not root and _body_holds(scope.node, line):
            here = scope
    return here


def is_free(root: Scope, name: str, wanted: Collection[str]) -> bool:
    """Whether `name` can be bound at the top: nothing in the file means anything else by it."""
    for scope in root.walk():
        imported = [found for found in scope.imports if found.bound == name]
        if scope.bound.get(name, 0) > len(imported):
            return False
        if any(found.target not in wanted for found in imported):
            return False
    return not _is_used_unbound(root, name)


def _is_used_unbound(root: Scope, name: str) -> bool:
    """A use that no binding explains: a builtin, or a name from a star import."""
    return any(
        use.id == name and name not in scope.owner(name).bound
        for scope in root.walk()
        for use in scope.uses
    )


def _is_sure(root: Scope, scope: Scope, found: ImportedName) -> bool:
    """Whether nothing but this import, or a like one, ever binds the name in its scope."""
    if not found.certain or not found.target:
        return False
    alike = [
        other
        for other in scope.imports
        if other.bound == found.bound
        and (other.target == found.target or (other.is_plain_module and found.is_plain_module))
    ]
    return scope.bound.get(found.bound, 0) == len(alike) and not any(
        found.bound in other.outer for other in root.walk()
    )


def _is_hidden(root: Scope, name: str, line: int) -> bool:
    """Whether a comprehension or lambda on this line binds the name for itself."""
    return any(
        name in scope.bound and scope.node.lineno <= line <= (scope.node.end_lineno or 0)
        for scope in root.walk()
        if isinstance(scope.node, (*COMPREHENSIONS, ast.Lambda))
    )


def _spellings(found: ImportedName, wanted: Collection[str]) -> Iterator[str]:
    for target in sorted(wanted):
        if found.is_plain_module:
            if target == found.target or target.startswith(found.target + "."):
                yield target
        elif target == found.target:
            yield found.bound
        elif target.startswith(found.target + "."):
            yield found.bound + target[len(found.target) :]


def _is_dotted(spelled: str) -> bool:
    return "." in spelled


def _body_holds(node: ast.AST, line: int) -> bool:
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return False
    return node.body[0].lineno <= line <= (node.end_lineno or node.lineno)


def _chains(tree: ast.Module) -> Iterator[str]:
    """Every dotted chain of a name and its attributes that the file spells."""
    for node in walk(tree):
        if isinstance(node, ast.Attribute):
            spelled = dotted_name(node)
            if spelled is not None:
                yield spelled


def _free_alias(root: Scope, module: str, name: str) -> str:
    taken = {word for scope in root.walk() for word in scope.bound}
    taken |= {use.id for scope in root.walk() for use in scope.uses}
    parts = [part for part in module.split(".") if part]
    base = "_".join([parts[0] if name else "imported", name or parts[-1]])
    candidates = (base if number == 1 else f"{base}_{number}" for number in range(1, 1000))
    return next(candidate for candidate in candidates if candidate not in taken)
