"""Reads settings modules of a project: what each name may hold when the module is done.

`from .base import *` and `split_settings.include` are followed; nothing is run.
"""

from __future__ import annotations

import ast
import fnmatch
import posixpath
from dataclasses import dataclass, field

from djfix.codemods.project.roots import Roots
from djfix.codemods.project.setting_expressions import Bound, Imported, Namespace
from djfix.codemods.project.setting_scopes import Scope
from djfix.codemods.project.setting_statements import Execution
from djfix.codemods.project.setting_values import UNKNOWN, Value, incomplete
from djfix.codemods.source.files import Files
from djfix.codemods.source.readable import tree_of


@dataclass
class SettingsReader:
    """Reads modules of one project; each is read once."""

    files: Files
    roots: Roots
    stars: dict[str, set[str]] = field(default_factory=dict)
    """Which files each module takes everything from."""
    _read: dict[str, Namespace | None] = field(default_factory=dict)

    def module(self, path: str) -> Namespace | None:
        """What the module at this path binds; None if it cannot be read or imports itself."""
        if path not in self._read:
            self._read[path] = None
            self._read[path] = self._module(path)
        return self._read[path]

    def _module(self, path: str) -> Namespace | None:
        scope = Scope(read=self.read)
        if not self._execute_file(path, scope):
            return None
        return Namespace(scope.names, scope.complete)

    def read(self, imported: Imported) -> Bound | None:
        """What an imported name holds: a value, a class of settings, or a submodule."""
        namespace = self.module(imported.path)
        if not imported.name:
            return namespace
        bound = namespace.values.get(imported.name) if namespace else None
        if isinstance(bound, Imported):
            return None if bound == imported else self.read(bound)
        inner = self.submodule(imported.path, imported.name) if bound is None else None
        return self.module(inner) if inner else bound

    def _execute_file(self, path: str, scope: Scope) -> bool:
        tree = tree_of(self.files, path)
        if tree is None:
            return False
        Execution(self, path).block(tree.body, scope)
        return True

    def included(self, path: str, pattern: str, scope: Scope) -> bool:
        """Runs the files that a `split_settings.include` names in the including scope."""
        wanted = posixpath.normpath(posixpath.join(posixpath.dirname(path), pattern))
        found = [each for each in self.files.paths if fnmatch.fnmatchcase(each, wanted)]
        for each in found:
            if each.endswith(".py") and each != path:
                self._execute_file(each, scope)
        return bool(found)

    def imported(self, path: str, node: ast.ImportFrom) -> str | None:
        """The file of the module that a `from ... import` names."""
        found = self._imported(path, node)
        if found is not None and node.names[0].name == "*":
            self.stars.setdefault(path, set()).add(found)
        return found

    def _imported(self, path: str, node: ast.ImportFrom) -> str | None:
        if not node.level:
            return self.roots.path_for(node.module or "", path)
        folder = posixpath.dirname(path)
        for _ in range(node.level - 1):
            folder = posixpath.dirname(folder)
        return self._file(posixpath.join(folder, (node.module or "").replace(".", "/")))

    def imported_whole(self, path: str, module: str) -> str | None:
        """The file of the module that `import module` names."""
        return self.roots.path_for(module, path)

    def _file(self, base: str) -> str | None:
        base = base.rstrip("/")
        for path in (f"{base}.py", f"{base}/__init__.py" if base else "__init__.py"):
            if self.files.exists(path):
                return path
        return None

    def submodule(self, path: str, name: str) -> str | None:
        """The file of `name` in the package whose `__init__.py` this is."""
        if not path.endswith("__init__.py"):
            return None
        return self._file(posixpath.join(posixpath.dirname(path), name))


def setting(namespace: Namespace, name: str) -> Value | None:
    """A setting of a read module: None if it certainly does not set it; unknown if it may."""
    found = namespace.values.get(name)
    if isinstance(found, Value) and not found.is_absent:
        return found if namespace.complete else incomplete(found)
    return None if namespace.complete else UNKNOWN


def text_of(value: Value) -> str | None:
    """The one string that a value certainly is."""
    constant = value.constant
    return constant if isinstance(constant, str) else None
