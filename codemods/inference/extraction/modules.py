"""The module that a view's statements move to: `services.py` of its app, or one of its package."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from posixpath import basename, dirname, join

from djfix.codemods.project.facts import ImportFacts
from djfix.codemods.project.project import Project

_MARKS = ("models.py", "models/__init__.py", "apps.py")


@dataclass(frozen=True, slots=True)
class Target:
    """Where the new function goes. `module` is its dotted name."""

    path: str
    module: str
    exists: bool


def target_of(project: Project, view_path: str, kind: str) -> Target | None:
    """The module of this kind ("services", "selectors") for the views of a file.

    The nearest that is there, else a new one beside the app's models; in a package of the kind,
    the module that goes by the name of the views' file, or of the app. None where the view's own
    module has no name, and where an app of the project goes by the name of the kind.
    """
    module = project.module_of(view_path)
    if module is None:
        return None
    folders = list(_folders(view_path, module))
    for folder, package in folders:
        if project.files.exists(join(folder, f"{kind}.py")):
            return Target(join(folder, f"{kind}.py"), _dotted(package, kind), exists=True)
        if project.files.exists(join(folder, kind, "__init__.py")):
            if _is_app(project, join(folder, kind)):
                return None
            return _in_package(project, view_path, join(folder, kind), _dotted(package, kind))
        if _is_app(project, folder):
            return Target(join(folder, f"{kind}.py"), _dotted(package, kind), exists=False)
    folder, package = _home(folders)
    return Target(join(folder, f"{kind}.py"), _dotted(package, kind), exists=False)


def _is_app(project: Project, folder: str) -> bool:
    return any(project.files.exists(join(folder, mark)) for mark in _MARKS)


def _folders(path: str, module: str) -> Iterator[tuple[str, str]]:
    """The folders from the view's own up to its app's, with their packages."""
    package = module if basename(path) == "__init__.py" else module.rpartition(".")[0]
    folder = dirname(path)
    yield folder, package
    while package and folder and package.rpartition(".")[2] == basename(folder):
        folder, package = dirname(folder), package.rpartition(".")[0]
        if not package:
            return
        yield folder, package


def _home(folders: list[tuple[str, str]]) -> tuple[str, str]:
    first = folders[0]
    in_package = basename(first[0]) in {"views", "viewsets", "api"} and len(folders) > 1
    return folders[1] if in_package else first


def _in_package(project: Project, view_path: str, folder: str, package: str) -> Target:
    stem = basename(view_path).removesuffix(".py")
    general = {"views", "viewsets", "api", "endpoints", "__init__"}
    name = basename(dirname(folder)) if stem in general else stem
    path = join(folder, f"{name}.py")
    return Target(path, _dotted(package, name), exists=project.files.exists(path))


def _dotted(package: str, name: str) -> str:
    return f"{package}.{name}" if package else name


class Imports:
    """What modules import when they are imported; one for a project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._direct: dict[str, tuple[str, ...]] = {}

    def reaches(self, start: str, wanted: str) -> tuple[str, ...] | None:
        """The chain of modules by which importing one imports another; None if it does not."""
        waiting: list[tuple[str, ...]] = [(start,)]
        seen = {start}
        while waiting:
            chain = waiting.pop(0)
            if chain[-1] == wanted:
                return chain
            for following in self.direct(chain[-1]):
                if following not in seen:
                    seen.add(following)
                    waiting.append((*chain, following))
        return None

    def direct(self, module: str) -> tuple[str, ...]:
        """The project's modules that one imports at its top, packages around them included."""
        if module not in self._direct:
            self._direct[module] = tuple(dict.fromkeys(self._imported(module)))
        return self._direct[module]

    def _imported(self, module: str) -> Iterator[str]:
        path = self.project.path_of(module)
        facts = self.project.module(path) if path is not None else None
        if path is None or facts is None:
            return
        is_package = basename(path) == "__init__.py"
        for each in facts.imports:
            if each.scope or each.condition == "type-checking":
                continue
            base = absolute_module(each, module, is_package=is_package)
            for name in (base, f"{base}.{each.name}" if each.name else base):
                yield from self._with_packages(name)

    def _with_packages(self, name: str) -> Iterator[str]:
        while name:
            if self.project.path_of(name) is not None:
                yield name
            name = name.rpartition(".")[0]


def absolute_module(found: ImportFacts, module: str, *, is_package: bool) -> str:
    """The dotted module that an import names."""
    if not found.level:
        return found.module
    parts = module.split(".") if is_package else module.split(".")[:-1]
    kept = parts[: len(parts) - (found.level - 1)]
    return ".".join([*kept, *([found.module] if found.module else [])])
