"""What an entry of INSTALLED_APPS names: the app's module and its label.

https://docs.djangoproject.com/en/stable/ref/applications/: an entry is a module, or the dotted
path of an AppConfig class, whose `name` is the module and whose `label` defaults to its last part.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from djfix.codemods.project.roots import Roots
from djfix.codemods.source.files import Files
from djfix.codemods.source.readable import tree_of


@dataclass(frozen=True, slots=True)
class InstalledApp:
    """An installed app. `path`: the file of its module where its source lies in the project (the
    folder's `__init__.py`, or the folder itself where there is none)."""

    entry: str
    module: str
    label: str
    path: str | None = None
    config: str | None = None


def installed_app(entry: str, files: Files, roots: Roots) -> InstalledApp:
    """The app of an entry. What lies outside the project is taken by its name's look."""
    place = _place(entry, roots)
    if place is not None:
        return _of_module(entry, entry, place, files, roots)
    owner, _, last = entry.rpartition(".")
    config_path = roots.path_of(owner) if owner else None
    if config_path is not None:
        return _of_config(entry, owner, last, config_path, files, roots)
    module = _module_of_config(owner) if owner and last[:1].isupper() else entry
    return InstalledApp(
        entry, module, module.rpartition(".")[2], None, entry if owner != module else None
    )


def _place(module: str, roots: Roots) -> str | None:
    return roots.path_of(module) or roots.folder_for(module)


def _module_of_config(owner: str) -> str:
    """`shop.apps` (or `.app`, `.config`) of "shop.apps.ShopConfig" is a part of the app."""
    package, _, last = owner.rpartition(".")
    return (
        package
        if package and last in ("apps", "app", "app_config", "config", "appconfig")
        else owner
    )


def _of_module(entry: str, module: str, place: str, files: Files, roots: Roots) -> InstalledApp:
    """A module: its `apps.py` may hold one AppConfig, or one marked as default."""
    apps = roots.path_of(f"{module}.apps")
    configs = _configs(apps, files) if apps else []
    marked = [each for each in configs if each.get("default") == "True"]
    chosen = marked if marked else configs
    values = chosen[0] if len(chosen) == 1 else {}
    label = values.get("label") or module.rpartition(".")[2]
    config = f"{module}.apps.{values['class']}" if values else None
    return InstalledApp(entry, module, label, place, config)


def _of_config(
    entry: str, owner: str, name: str, path: str, files: Files, roots: Roots
) -> InstalledApp:
    values = next((each for each in _configs(path, files) if each["class"] == name), {})
    module = values.get("name") or _module_of_config(owner)
    label = values.get("label") or module.rpartition(".")[2]
    return InstalledApp(entry, module, label, _place(module, roots), entry)


def _configs(path: str, files: Files) -> list[dict[str, str]]:
    """The AppConfig classes of a module: their literal `name`, `label` and `default`, and `class`.

    A class counts whose body gives a `name`; what it inherits from elsewhere is not looked up.
    """
    tree = tree_of(files, path)
    body = tree.body if tree is not None else []
    found = [
        {"class": node.name, **dict(_literals(node))}
        for node in body
        if isinstance(node, ast.ClassDef)
    ]
    return [each for each in found if "name" in each]


def _literals(node: ast.ClassDef) -> list[tuple[str, str]]:
    return [
        (target.id, str(statement.value.value))
        for statement in node.body
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)
        for target in statement.targets
        if isinstance(target, ast.Name)
    ]
