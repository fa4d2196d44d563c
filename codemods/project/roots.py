"""Which dotted name each file is imported by: source roots, and modules found under them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from djfix.codemods.project.packaging import packaged_roots
from djfix.codemods.source.files import Files

NEVER_OF_THE_PROJECT = frozenset({"django", "rest_framework", "celery"})
"""Top-level names that always mean the installed package, whatever folders the project has."""


@dataclass(frozen=True, slots=True)
class Root:
    """A folder ("" is the project's own) whose contents are imported as `prefix` + path.

    `sure`: on `sys.path` when the project runs (it holds manage.py or packaging configuration, is
    named there, or was configured); the others only hold packages, found by their `__init__.py`.
    """

    folder: str
    prefix: str = ""
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Roots:
    """The modules of a project. `found` maps a module to the paths it may mean, sure ones only
    where there is one; `names` maps a path to its names, the likeliest first."""

    roots: tuple[Root, ...]
    found: Mapping[str, tuple[str, ...]]
    names: Mapping[str, tuple[str, ...]]
    folders: Mapping[str, frozenset[str]] = field(default_factory=dict)
    all_folders: frozenset[str] = frozenset()
    sure: frozenset[str] = frozenset()
    _above: dict[str, str | None] = field(default_factory=dict, compare=False, repr=False)
    _modules: dict[str, str | None] = field(default_factory=dict, compare=False, repr=False)

    def path_of(self, module: str) -> str | None:
        """The file of a module; None if there is none or more than one."""
        paths = self.found.get(module, ())
        return paths[0] if len(paths) == 1 else None

    def path_for(self, module: str, importer: str) -> str | None:
        """As `path_of`, but of several the one under the importing file's own source root."""
        paths = self.found.get(module, ())
        if len(paths) == 1:
            return paths[0]
        own = self.sure_root(importer)
        near = [path for path in paths if own is not None and self.sure_root(path) == own]
        return near[0] if len(near) == 1 else None

    def module_of(self, path: str) -> str | None:
        """The name by which a file is imported: the likeliest that means no other file."""
        if path not in self._modules:
            names = self.names.get(path, ())
            self._modules[path] = next((each for each in names if self.path_of(each) == path), None)
        return self._modules[path]

    def sure_root(self, path: str) -> str | None:
        """The innermost sure source root above a file."""
        folder = path.rpartition("/")[0]
        if folder not in self._above:
            self._above[folder] = next((each for each in parents(path) if each in self.sure), None)
        return self._above[folder]

    def folder_for(self, module: str) -> str | None:
        """The folder of a package without `__init__.py`; None if there is none or several."""
        folders = self.folders.get(module, frozenset())
        return next(iter(folders)) if len(folders) == 1 else None

    def module_in(self, folder: str, name: str) -> str | None:
        """The file or, for a package without `__init__.py`, the folder `name` in a folder."""
        base = f"{folder}/{name}" if folder else name
        for path in (f"{base}/__init__.py", f"{base}.py"):
            if path in self.names:
                return path
        return base if base in self.all_folders else None


def find_roots(files: Files, configured: Sequence[str] = ()) -> Roots:
    """The modules of all Python files. Only packaging files are read."""
    paths = [path for path in files.paths if path.endswith(".py")]
    roots = {
        root.folder + "\0" + root.prefix: root for root in _all_roots(files, paths, configured)
    }
    by_folder: dict[str, list[Root]] = {}
    for root in roots.values():
        by_folder.setdefault(root.folder, []).append(root)
    listed = frozenset(paths)
    names = {path: _names(path, by_folder, listed) for path in paths}
    folders = _namespace_folders(names, listed)
    return Roots(
        roots=tuple(roots.values()),
        sure=frozenset(root.folder for root in roots.values() if root.sure),
        found=_found(names),
        names={path: tuple(name for name, _ in each) for path, each in names.items()},
        folders=folders,
        all_folders=frozenset().union(*folders.values()),
    )


def parents(path: str) -> Iterator[str]:
    """The folders above a path, innermost first, the last one ""."""
    while path:
        path = path.rpartition("/")[0]
        yield path


def _all_roots(files: Files, paths: Sequence[str], configured: Sequence[str]) -> Iterator[Root]:
    """Weak ones first, so that a sure root of the same folder replaces them."""
    listed = frozenset(paths)
    for path in paths:
        if path.endswith("/__init__.py"):
            package = path.rpartition("/")[0]
            folder = package.rpartition("/")[0]
            if _join(folder, "__init__.py") not in listed:
                yield Root(folder, sure=False)
    for path in files.paths:
        folder, _, name = path.rpartition("/")
        if name == "manage.py":
            yield Root(folder)
        elif name in {"pyproject.toml", "setup.cfg", "setup.py"}:
            yield from (Root(*each) for each in packaged_roots(files, path))
    if any(path.startswith("src/") for path in paths):
        yield Root("src")
    if "__init__.py" in listed and files.root.name:
        yield Root("", files.root.name, sure=False)
    yield from (Root(folder.strip("/").removeprefix("./").strip(".")) for folder in configured)


def _names(
    path: str, by_folder: Mapping[str, list[Root]], listed: frozenset[str]
) -> tuple[tuple[str, bool], ...]:
    """The names of a file with whether they are sure, those of the innermost sure root first."""
    found: list[tuple[str, bool]] = []
    for folder in parents(path):
        for root in by_folder.get(folder, ()):
            name = _name_under(root, path, listed)
            if name:
                found.append((name, root.sure))
    return tuple(sorted(found, key=lambda each: not each[1]))


def _name_under(root: Root, path: str, listed: frozenset[str]) -> str | None:
    inside = path[len(root.folder) + 1 :] if root.folder else path
    parts = inside.removesuffix(".py").split("/")
    if any("." in part for part in parts):
        return None
    if not root.sure and not root.prefix and not _is_package_under(root, parts, listed):
        return None
    if parts[-1] == "__init__":
        parts.pop()
    name = ".".join([root.prefix, *parts] if root.prefix else parts)
    return None if name.partition(".")[0] in NEVER_OF_THE_PROJECT else name


def _is_package_under(root: Root, parts: list[str], listed: frozenset[str]) -> bool:
    """A weak root gives names to its packages only, and none that hide the standard library."""
    if len(parts) < 2 or parts[0] in sys.stdlib_module_names:
        return False
    return _join(root.folder, parts[0] + "/__init__.py") in listed


def _found(names: Mapping[str, tuple[tuple[str, bool], ...]]) -> dict[str, tuple[str, ...]]:
    sure: dict[str, list[str]] = {}
    weak: dict[str, list[str]] = {}
    for path, each in names.items():
        for name, is_sure in each:
            paths = (sure if is_sure else weak).setdefault(name, [])
            if path not in paths:
                paths.append(path)
    return {name: tuple(paths) for name, paths in {**weak, **sure}.items()}


def _namespace_folders(
    names: Mapping[str, tuple[tuple[str, bool], ...]], listed: frozenset[str]
) -> dict[str, frozenset[str]]:
    """Packages without `__init__.py`: module -> folders."""
    found: dict[str, set[str]] = {}
    for path, each in names.items():
        folder = path.rpartition("/")[0]
        if path.endswith("/__init__.py"):
            folder = folder.rpartition("/")[0]
        for name, _ in each:
            _note_folders(name, folder, listed, found)
    return {name: frozenset(folders) for name, folders in found.items()}


def _note_folders(
    name: str, folder: str, listed: frozenset[str], found: dict[str, set[str]]
) -> None:
    package = name.rpartition(".")[0]
    while package and folder:
        if (
            folder in found.get(package, ())
            or folder.rpartition("/")[2] != package.rpartition(".")[2]
        ):
            return
        if _join(folder, "__init__.py") not in listed:
            found.setdefault(package, set()).add(folder)
        package = package.rpartition(".")[0]
        folder = folder.rpartition("/")[0]


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
