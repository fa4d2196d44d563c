"""What the code that makes a Celery application says of its configuration, read from its file."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason
from djfix.codemods.project.celery_names import OLD_NAMES
from djfix.codemods.project.celery_values import CelerySetting
from djfix.codemods.project.facts import ExpressionFacts
from djfix.codemods.project.setting_expressions import evaluated
from djfix.codemods.project.setting_values import UNKNOWN, Value, of_constant
from djfix.codemods.project.task_decorators import is_application
from djfix.codemods.project.test_files import is_test
from djfix.codemods.source.chains import path_of
from djfix.codemods.source.readable import tree_of

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

DJANGO_SETTINGS = ("django.conf:settings", "django.conf.settings")


@dataclass
class Configured:
    """What was read of all applications: see `Celery` for the parts.

    `modules`: modules of settings other than Django's, with the namespace that they are read under.
    """

    applications: list[str] = field(default_factory=list)
    namespaces: dict[str, None] = field(default_factory=dict)
    modules: dict[tuple[str, str], None] = field(default_factory=dict)
    settings: list[CelerySetting] = field(default_factory=list)
    unclear: list[Reason] = field(default_factory=list)


def configured(project: Project) -> Configured:
    """What the files that make or configure an application say."""
    found = Configured()
    files = project.files
    making = {
        *files.containing(b"Celery", word=b"Celery"),
        *files.containing(b".config_from_object"),
    }
    tests = {each.path for each in project.settings.modules if each.kind == "test"}
    for path in sorted(each for each in making - tests if not is_test(project, each)):
        facts, module = project.module(path), project.module_of(path)
        for each in facts.assignments if facts is not None and module is not None else ():
            name = f"{module}.{each.target}"
            made = each.value
            if made is not None and made.kind == "call" and is_application(project, name):
                found.applications.append(name)
                _of_maker(path, made, found)
    if found.applications:
        for path in _configuring(project):
            _read(project, path, found)
    return found


_SOURCES = frozenset({"**", "changes", "config_source", "loader", "namespace"})
"""Arguments of `Celery(...)` that bring settings along, or change how they are read."""


def _of_maker(path: str, call: ExpressionFacts, found: Configured) -> None:
    """Settings that `Celery(...)` is made with: it takes them as keywords (seen with 5.7)."""
    for key, value in call.keywords:
        if key in _SOURCES:
            text = f"{path}:{call.line} makes the application with {key}, which was not read"
            found.unclear.append(Reason("celery-configuration", text))
        for name, old in OLD_NAMES.items():
            if key in (name, old):
                given = of_constant(value.value) if value.kind == "constant" else UNKNOWN
                found.settings.append(CelerySetting(name, key, given, path, value.line))


def _configuring(project: Project) -> tuple[str, ...]:
    """The files that set something on `app.conf`, or tell an application what to read."""
    files = project.files
    named = {
        *files.containing(b".config_from_", word=b""),
        *files.containing(b".conf.", word=b"conf"),
    }
    named |= {*files.containing(b".conf[", word=b"conf")}
    mentioning = {*files.containing(b"elery", word=b"")}
    return tuple(sorted(named & mentioning))


def _read(project: Project, path: str, found: Configured) -> None:
    tree = tree_of(project.files, path)
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            _of_call(project, path, node, node.func, found)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                found.settings += _of_target(project, path, target, node.value)


def _of_call(
    project: Project, path: str, call: ast.Call, method: ast.Attribute, found: Configured
) -> None:
    if method.attr == "config_from_object" and _is_app(project, path, method.value):
        _of_object(project, path, call, found)
    elif method.attr in {"config_from_envvar", "config_from_cmdline"}:
        if _is_app(project, path, method.value):
            text = f"{path}:{call.lineno} reads the configuration from the environment"
            found.unclear.append(Reason("celery-configuration", text))
    elif _is_update(project, path, method):
        found.settings += _of_update(path, call)
        found.unclear += _unread_in(path, call)


def _is_update(project: Project, path: str, method: ast.Attribute) -> bool:
    """`app.conf.update(...)`, `app.add_defaults(...)`."""
    if method.attr == "add_defaults":
        return _is_app(project, path, method.value)
    return method.attr == "update" and is_configuration(project, path, method.value)


def _unread_in(path: str, call: ast.Call) -> Iterator[Reason]:
    """An update with a mapping, or a part of one, that is not written there."""
    given = [*call.args, *(each.value for each in call.keywords if each.arg is None)]
    dicts = [each for each in given if isinstance(each, ast.Dict)]
    spread = any(_text(key) is None for each in dicts for key in each.keys)
    if spread or len(dicts) < len(given):
        text = f"{path}:{call.lineno} updates the configuration with what was not read"
        yield Reason("celery-configuration", text)


def _is_app(project: Project, path: str, node: ast.expr) -> bool:
    names = path_of(node)
    name = project.resolve(path, ".".join(names)) if names else None
    return name is not None and is_application(project, name)


def is_configuration(project: Project, path: str, node: ast.expr) -> bool:
    """Whether an expression is the `conf` of an application."""
    return (
        isinstance(node, ast.Attribute)
        and node.attr == "conf"
        and _is_app(project, path, node.value)
    )


def _of_object(project: Project, path: str, call: ast.Call, found: Configured) -> None:
    given = call.args[0] if call.args else _keyword(call, "obj")
    namespace = _keyword(call, "namespace")
    space = _text(namespace) if namespace is not None else ""
    name = _text(given) if isinstance(given, ast.Constant) else _resolved(project, path, given)
    module = (name or "").replace(":", ".")
    if name is None or space is None:
        text = f"{path}:{call.lineno} reads a configuration that could not be found"
        found.unclear.append(Reason("celery-configuration", text))
    elif name in DJANGO_SETTINGS or _is_settings(project, module):
        found.namespaces.setdefault(space)
    elif project.path_of(module) is not None:
        found.modules.setdefault((module, space))
    else:
        text = f"{path}:{call.lineno} reads {name}, which could not be found"
        found.unclear.append(Reason("celery-configuration", text))


def _keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((each.value for each in call.keywords if each.arg == name), None)


def _is_settings(project: Project, module: str) -> bool:
    return any(each.name == module for each in project.settings.modules)


def _text(node: ast.expr | None) -> str | None:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else "" if node.value is None else None
    return None


def _resolved(project: Project, path: str, node: ast.expr | None) -> str | None:
    names = path_of(node) if node is not None else None
    return project.resolve(path, ".".join(names)) if names else None


def _of_update(path: str, call: ast.Call) -> Iterator[CelerySetting]:
    for keyword in call.keywords:
        if keyword.arg is not None:
            yield from _setting(path, keyword.arg, keyword.value)
    for given in call.args:
        if isinstance(given, ast.Dict):
            for key, value in zip(given.keys, given.values, strict=True):
                name = _text(key)
                if name is not None:
                    yield from _setting(path, name, value)


def _of_target(
    project: Project, path: str, target: ast.expr, value: ast.expr
) -> Iterator[CelerySetting]:
    """`app.conf.name = value`, `app.conf["name"] = value`."""
    if isinstance(target, ast.Attribute) and is_configuration(project, path, target.value):
        yield from _setting(path, target.attr, value)
    elif isinstance(target, ast.Subscript) and is_configuration(project, path, target.value):
        name = _text(target.slice)
        yield from _setting(path, name, value) if name is not None else ()


def _setting(path: str, spelled: str, value: ast.expr) -> Iterator[CelerySetting]:
    for name, old in OLD_NAMES.items():
        if spelled in (name, old):
            yield CelerySetting(name, spelled, literal(value), path, value.lineno)


def literal(value: ast.expr) -> Value:
    """What an expression may be, where no name is known."""
    return evaluated(value, lambda name: None)
