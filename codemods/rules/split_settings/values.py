"""What each environment's module says beyond the base, and why a value is left as it is.

An override comes after all of the base. So a name is overridden only where the base certainly sets
it once, nothing unseen can set it afterwards, and nothing in the base was made of it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason
from djfix.codemods.project.databases import SQLITE
from djfix.codemods.project.deployment import bound_names

if TYPE_CHECKING:
    from djfix.codemods.source.document import Document

MAIL = "django.core.mail.backends.locmem.EmailBackend"
HASHER = "django.contrib.auth.hashers.MD5PasswordHasher"


@dataclass(frozen=True, slots=True)
class Overrides:
    """Lines of each environment's module below its imports. `base`: the names of the base that the
    test module uses; `private`: settings that `import *` does not bring, since they begin with an
    underscore; `differs`: by environment, the settings that are not as today's."""

    lines: dict[str, tuple[str, ...]]
    base: tuple[str, ...]
    globals_used: bool
    differs: dict[str, tuple[str, ...]]
    private: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()


def overrides_of(document: Document) -> Overrides:
    """What the modules override of the settings in this file."""
    debug = own_value(document, "DEBUG")
    literal = debug.value if isinstance(debug, ast.Constant) else None
    kept = list(_debug_kept(document, debug)) if literal is not False else []
    development: tuple[str, ...] = ()
    production: tuple[str, ...] = ()
    differs: dict[str, tuple[str, ...]] = {"development": (), "production": (), "test": ()}
    reasons = [*kept]
    if literal is True and not kept:
        development, production = ("DEBUG = True",), ("DEBUG = False",)
        differs["production"] = ("DEBUG",)
        reasons.append(_off(document))
    elif literal is False:
        production = ("DEBUG = False",)
    test, base, uses_globals, names = _test(document)
    differs["test"] = names
    reasons.append(Reason("test-values", f"settings.test has its own {', '.join(names)}"))
    lines = {"development": development, "production": production, "test": test}
    private = tuple(sorted(private_settings(document)))
    return Overrides(lines, base, uses_globals, differs, private, tuple(reasons))


def _off(document: Document) -> Reason:
    hosts = own_value(document, "ALLOWED_HOSTS")
    text = "DEBUG, which is True today, is False there: errors show no code and queries are let go"
    if isinstance(hosts, ast.List | ast.Tuple) and not hosts.elts:
        text += "; ALLOWED_HOSTS is empty: name the hosts first, or every request is refused"
    return Reason("debug-off-in-production", text)


def _debug_kept(document: Document, debug: ast.expr | None) -> Iterator[Reason]:
    """Why no module can say what DEBUG is, where one should."""
    lines = _lines_binding(document, "DEBUG")
    if debug is None and lines:
        text = f"what sets DEBUG at line {lines[-1]} is not the last word; production keeps it"
        yield Reason("debug-kept", text)
    elif isinstance(debug, ast.Constant):
        reads = [node.lineno for node in _names(document, "DEBUG", ast.Load)]
        if reads:
            text = f"line {min(reads)} is made of DEBUG, so that production keeps today's"
            yield Reason("debug-kept", text)


def own_value(document: Document, name: str) -> ast.expr | None:
    """The expression that certainly gives a setting its value when the file is done."""
    lines = _lines_binding(document, name)
    if len(lines) != 1 or any(each.lineno > lines[0] for each in unseen_in(document)):
        return None
    for node in document.tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and name in bound_names(node):
            return node.value
    return None


def _lines_binding(document: Document, name: str) -> list[int]:
    """The lines that bind or delete a name, by whatever statement, in functions as well."""
    found = [node for context in (ast.Store, ast.Del) for node in _names(document, name, context)]
    lines = [node.lineno for node in found]
    for node in ast.walk(document.tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            lines += [node.lineno for each in node.names if (each.asname or each.name) == name]
    return sorted(lines)


def private_settings(document: Document) -> frozenset[str]:
    """The names with an underscore that Django takes for settings: all in capitals, it says."""
    bound = {name for node in document.tree.body for name in bound_names(node)}
    return frozenset(name for name in bound if name.startswith("_") and name.isupper())


def unseen_in(document: Document) -> list[ast.stmt | ast.expr]:
    """The nodes by which any name may get any value: star imports, `globals()`, `exec`."""
    found: list[ast.stmt | ast.expr] = []
    for node in ast.walk(document.tree):
        is_star = isinstance(node, ast.ImportFrom) and node.names[0].name == "*"
        if is_star or (isinstance(node, ast.Name) and node.id in _NAMESPACES):
            assert isinstance(node, ast.ImportFrom | ast.Name)
            found.append(node)
    return found


_NAMESPACES = frozenset({"globals", "locals", "vars", "exec", "execfile", "setattr"})


def _names(document: Document, name: str, context: type[ast.expr_context]) -> list[ast.Name]:
    nodes = (node for node in ast.walk(document.tree) if isinstance(node, ast.Name))
    return [node for node in nodes if node.id == name and isinstance(node.ctx, context)]


def _test(document: Document) -> tuple[tuple[str, ...], tuple[str, ...], bool, tuple[str, ...]]:
    """The test module's lines, what it takes of the base by name and of Django, what differs."""
    lines: list[str] = []
    base: list[str] = []
    if _is_sqlite(document):
        base.append("DATABASES")
        value = '{**DATABASES["default"], "NAME": ":memory:"}'
        lines.append(f'DATABASES = {{**DATABASES, "default": {value}}}')
    lines.append(f'EMAIL_BACKEND = "{MAIL}"')
    hashers, uses_globals = _hashers(document)
    if hashers:
        lines += ["PASSWORD_HASHERS = [", f'    "{HASHER}",', f"    *{hashers},", "]"]
    if hashers and not uses_globals:
        base.append("PASSWORD_HASHERS")
    names = [line.partition(" ")[0] for line in lines if line[0].isupper()]
    return tuple(lines), tuple(base), uses_globals, tuple(names)


def _hashers(document: Document) -> tuple[str, bool]:
    """What stands behind the fast hasher: passwords of fixtures are still to be checked."""
    if not _lines_binding(document, "PASSWORD_HASHERS") and not unseen_in(document):
        return "global_settings.PASSWORD_HASHERS", True
    own = own_value(document, "PASSWORD_HASHERS")
    return ("PASSWORD_HASHERS", False) if isinstance(own, ast.List | ast.Tuple) else ("", False)


def _is_sqlite(document: Document) -> bool:
    """Whether the default database is SQLite for certain: no other takes ":memory:"."""
    value = own_value(document, "DATABASES")
    if not isinstance(value, ast.Dict) or _names(document, "DATABASES", ast.Load):
        return False
    default = _entry(value, "default")
    engine = _entry(default, "ENGINE") if isinstance(default, ast.Dict) else None
    return isinstance(engine, ast.Constant) and engine.value == SQLITE


def _entry(node: ast.Dict, name: str) -> ast.expr | None:
    keys = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
    return node.values[keys.index(name)] if name in keys and None not in keys else None
