"""What names a settings module: start scripts, the configuration of pytest, and all the rest."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.findings import Evidence, Span
from djfix.codemods.project.deployment import readable
from djfix.codemods.rules.split_settings.plan import TextChange
from djfix.codemods.source.document import Unreadable

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

VARIABLE = "DJANGO_SETTINGS_MODULE"
PRODUCTION = frozenset({"wsgi.py", "asgi.py", "celery.py", "celery_app.py", "celeryapp.py"})
PYTEST = {
    "pytest.ini": "pytest",
    "tox.ini": "pytest",
    "setup.cfg": "tool:pytest",
    "pyproject.toml": "tool.pytest.ini_options",
}
"""The section of each file that is pytest's."""

_SECTION = re.compile(r"\s*\[([^\[\]]+)\]")
_PYTEST_NAME = re.compile(rf"""(?:^\s*{VARIABLE}\s*=|--ds[ =])\s*["']?([\w.]+)""")


@dataclass(frozen=True, slots=True)
class Naming:
    """A place that names the settings module, as `environment`'s own from now on."""

    environment: str
    change: TextChange


def starters_of(project: Project, settings: str) -> tuple[Naming, ...]:
    """The start scripts and the pytest configuration that name the settings at this path."""
    found: list[Naming] = []
    for path in (*project.files.paths, *_configuration_beside(project)):
        name = path.rpartition("/")[2]
        if name == "manage.py" or name in PRODUCTION:
            environment = "development" if name == "manage.py" else "production"
            found += _in_script(project, path, settings, environment)
        elif name in PYTEST:
            found += _in_configuration(project, path, settings, PYTEST[name])
    return tuple(dict.fromkeys(found))


def _configuration_beside(project: Project) -> Iterator[str]:
    known = set(project.files.paths)
    yield from (name for name in PYTEST if name not in known and project.files.exists(name))


def _in_script(project: Project, path: str, settings: str, environment: str) -> Iterator[Naming]:
    document = readable(project, path)
    if document is None:
        return
    for node in _named_in(document.tree):
        text = document.segment(node)
        value = str(node.value)
        if project.roots.path_for(value, path) == settings and text[1:-1] == value:
            new = f"{text[0]}{value}.{environment}{text[-1]}"
            yield Naming(environment, TextChange(path, document.span(node), new))


def _named_in(tree: ast.Module) -> Iterator[ast.Constant]:
    """The texts that `os.environ.setdefault(VARIABLE, ...)` and an assignment of it give."""
    for node in ast.walk(tree):
        value: ast.expr | None = None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            is_default = node.func.attr == "setdefault" and len(node.args) == 2
            value = node.args[1] if is_default and _is_variable(node.args[0]) else None
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            value = node.value if _is_variable(node.targets[0].slice) else None
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield value


def _is_variable(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == VARIABLE


def _in_configuration(project: Project, path: str, settings: str, wanted: str) -> Iterator[Naming]:
    section = ""
    for number, line in enumerate(_lines(project, path), 1):
        head = _SECTION.match(line)
        section = head[1].strip() if head else section
        if section != wanted:
            continue
        for found in _PYTEST_NAME.finditer(line):
            if project.roots.path_for(found[1], path) == settings:
                span = Span(number, found.start(1) + 1, number, found.end(1) + 1)
                yield Naming("test", TextChange(path, span, f"{found[1]}.test"))


def still_naming(
    project: Project, settings: str, module: str, changed: frozenset[tuple[str, int]]
) -> Iterator[Evidence]:
    """The lines of other files that name the module, and will find today's values there."""
    pattern = re.compile(rf"(?<![\w.]){re.escape(module)}(?![\w.])")
    for path in project.files.paths:
        if path == settings or ("." not in module and path.endswith(".py")):
            continue
        for number, line in enumerate(_lines(project, path), 1):
            is_named = "." in module or "SETTINGS" in line
            if is_named and (path, number) not in changed and pattern.search(line):
                yield Evidence(path, number, f"names {module}")


def naming_file(project: Project, settings: str) -> Iterator[Evidence]:
    """The lines of files that are not Python and name the settings' file."""
    folder, _, name = settings.rpartition("/")
    known = f"{folder.rpartition('/')[2]}/{name}" if folder else name
    pattern = re.compile(rf"(?<![\w.-]){re.escape(known)}(?![\w.-])")
    for path in project.files.paths:
        if path.endswith((".py", ".md", ".rst")):
            continue
        for number, line in enumerate(_lines(project, path), 1):
            if pattern.search(line):
                yield Evidence(path, number, f"names {known}")


def readers_of_name(project: Project) -> Iterator[Evidence]:
    """The lines of code that ask which settings module is used."""
    for path in project.files.containing(b"SETTINGS_MODULE"):
        document = readable(project, path)
        nodes = [] if document is None else list(ast.walk(document.tree))
        for node in nodes:
            if _asks_for_name(node):
                assert isinstance(node, ast.expr)
                yield Evidence(path, node.lineno, "asks which settings module is used")


def _asks_for_name(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr == "SETTINGS_MODULE" and isinstance(node.ctx, ast.Load)
    if isinstance(node, ast.Subscript):
        return isinstance(node.ctx, ast.Load) and _is_variable(node.slice)
    if isinstance(node, ast.Call) and node.args and _is_variable(node.args[0]):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        return name in ("get", "getenv")
    return False


def _lines(project: Project, path: str) -> tuple[str, ...]:
    try:
        return project.files.document(path).lines
    except (OSError, Unreadable):
        return ()
