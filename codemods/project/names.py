"""What a dotted name in a module means: through imports, aliases, re-exports and star imports.

Follows the language's own rules (https://docs.python.org/3/reference/import.html); a name that
may mean two things means nothing here.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from djfix.codemods.project.bindings import (
    Binding,
    ModuleIndex,
    Scope,
    bound_before,
    effective,
    indexed,
    is_aliasing,
)
from djfix.codemods.project.facts import (
    AssignmentFacts,
    ClassFacts,
    FunctionFacts,
    ImportFacts,
    ModuleFacts,
)
from djfix.codemods.project.known.classes import canonical, exported_names, is_known_package
from djfix.codemods.project.roots import Roots

GET_USER_MODEL = "django.contrib.auth.get_user_model"

BUILTINS = frozenset(dir(builtins))


@dataclass(frozen=True, slots=True)
class ModuleTarget:
    """A module of the project: its file, or the folder of a package without `__init__.py`."""

    path: str


@dataclass(frozen=True, slots=True)
class NameTarget:
    """What a name stands for: something defined in the project (`path`), or outside (None)."""

    dotted: str
    path: str | None = None


Target = ModuleTarget | NameTarget


@dataclass
class Names:
    """Resolves names. Remembers only what does not depend on who asked first."""

    roots: Roots
    facts: Callable[[str], ModuleFacts | None]
    user_model: Callable[[], str | None]
    _indexes: dict[str, ModuleIndex | None] = field(default_factory=dict)
    _resolved: dict[tuple[str, str, Scope, int | None], str | None] = field(default_factory=dict)
    _asking_user_model: bool = False

    def resolve(
        self, path: str, dotted: str, scope: Scope = (), line: int | None = None
    ) -> str | None:
        """The canonical dotted name of `dotted` as it is spelled in this file.

        `scope`: names of the enclosing classes and functions, for imports inside functions.
        `line`: where the name is used in code that runs at import; later bindings do not count.
        """
        key = (path, dotted, scope, line)
        if key in self._resolved:
            return self._resolved[key]
        result = self._spelled(self.target(path, dotted, scope, line))
        if not self._asking_user_model:
            self._resolved[key] = result
        return result

    def target(
        self, path: str, dotted: str, scope: Scope = (), line: int | None = None
    ) -> Target | None:
        """As `resolve`, but tells a module's file from a name."""
        head, _, rest = dotted.partition(".")
        found = self._head(path, head, scope, line)
        return self._attributes(found, rest)

    def target_of(self, dotted: str) -> Target | None:
        """What an absolute dotted name (a module, or a name in one) stands for."""
        head, _, rest = dotted.partition(".")
        return self._attributes(self._absolute(head, "", frozenset()), rest)

    def imported_module(self, path: str, statement: ImportFacts) -> Target | None:
        """The module that an import statement of this file names before `import`."""
        return self._module_of_import(path, statement, frozenset())

    def index(self, path: str) -> ModuleIndex | None:
        """The bindings of a module; None if it cannot be read."""
        if path not in self._indexes:
            facts = self.facts(path)
            self._indexes[path] = None if facts is None else indexed(facts)
        return self._indexes[path]

    # -- the first name of a chain ----------------------------------------------------------

    def _head(self, path: str, name: str, scope: Scope, line: int | None) -> Target | None:
        index = self.index(path)
        if index is None:
            return None
        seen = frozenset({(path, name)})
        own = self._in_class_body(path, name, scope)
        if own is not None:
            return own
        for length in range(len(scope), 0, -1):
            local = index.scoped.get((scope[:length], name))
            if local and (length == len(scope) or not self._is_class(path, scope[:length])):
                return _agreed([self._of_import(path, each, seen) for each in local])
        found, is_bound = self._in_module(path, name, line, seen)
        if is_bound:
            return found
        return NameTarget(f"builtins.{name}") if name in BUILTINS else None

    def _in_class_body(self, path: str, name: str, scope: Scope) -> Target | None:
        """A name of the class whose body `scope` is; methods do not see their class's names."""
        facts = self.facts(path) if scope else None
        cls = facts.class_at(scope) if facts is not None else None
        if cls is None or name not in cls.binds():
            return None
        return self._own(path, ".".join([*scope, name]))

    def _is_class(self, path: str, scope: Scope) -> bool:
        facts = self.facts(path)
        return facts is not None and facts.class_at(scope) is not None

    def _in_module(
        self, path: str, name: str, line: int | None, seen: frozenset[tuple[str, str]]
    ) -> tuple[Target | None, bool]:
        """What a module-level name stands for, and whether the module binds it at all."""
        index = self.index(path)
        if index is None:
            return None, True
        if name in index.unclear and is_aliasing(index.names.get(name, ())):
            return None, True
        bindings = bound_before(index.names.get(name, []), line)
        stars = bound_before(index.stars, line)
        if not bindings:
            return self._through_stars(path, name, stars, seen)
        later = [each for each in stars if each.line > bindings[-1].line]
        targets = [self._of_binding(path, each, seen) for each in effective(bindings)]
        from_stars, is_bound = self._through_stars(path, name, later, seen, certain=True)
        return _agreed([*targets, from_stars] if is_bound else targets), True

    def _through_stars(
        self,
        path: str,
        name: str,
        stars: Iterable[ImportFacts],
        seen: frozenset[tuple[str, str]],
        *,
        certain: bool = False,
    ) -> tuple[Target | None, bool]:
        """`certain`: only count packages outside the project that are known to have the name."""
        found: list[Target | None] = []
        is_unclear = False
        for star in stars:
            module = self._module_of_import(path, star, seen)
            if isinstance(module, ModuleTarget):
                exported = self._exported(module.path, name, seen)
                found += exported
            elif module is not None and is_known_package(module.dotted):
                known = exported_names(module.dotted).get(name)
                found += [NameTarget(known)] if known else []
            else:
                is_unclear = True
        if found:
            # A later star import overrides an earlier one; two that differ are left open.
            return _agreed(found), True
        return None, is_unclear and not certain and name not in BUILTINS

    def _exported(
        self, path: str, name: str, seen: frozenset[tuple[str, str]]
    ) -> list[Target | None]:
        """What `from module import *` gives for a name: nothing, or one target."""
        facts = self.facts(path)
        if facts is None:
            return [None]
        if (path, name) in seen or (name.startswith("_") and facts.exports is None):
            return []
        if facts.exports is not None and name not in facts.exports and not facts.exports_unclear:
            return []
        found, is_bound = self._in_module(path, name, None, seen | {(path, name)})
        if not is_bound:
            return []
        return [found]

    # -- what one binding binds the name to ----------------------------------------------------

    def _of_binding(
        self, path: str, binding: Binding, seen: frozenset[tuple[str, str]]
    ) -> Target | None:
        match binding:
            case ImportFacts():
                return self._of_import(path, binding, seen)
            case ClassFacts() | FunctionFacts():
                return self._own(path, binding.name)
            case _:
                return self._of_assignment(path, binding, seen)

    def _of_assignment(
        self, path: str, binding: AssignmentFacts, seen: frozenset[tuple[str, str]]
    ) -> Target | None:
        value = binding.value
        if value is not None and not binding.operator:
            # `Base = Manager["Order"]` is Manager to everything but a type checker.
            aliased = value.items[0] if value.kind == "subscript" else value
            if aliased.kind == "name" and binding.annotation is None:
                return self._alias(path, binding.target, aliased.name, binding.line, seen)
            function = value.function
            if function is not None and function.kind == "name" and len(value.items) == 1:
                called = self._alias(path, "", function.name, binding.line, seen)
                if called == NameTarget(GET_USER_MODEL):
                    return self._user_model()
        return self._own(path, binding.target)

    def _alias(
        self, path: str, name: str, dotted: str, line: int, seen: frozenset[tuple[str, str]]
    ) -> Target | None:
        """What `name = dotted` makes of `name`; the variable itself if `dotted` is unknown."""
        head, _, rest = dotted.partition(".")
        if (path, f"={dotted}@{line}") in seen:
            return None
        inner = seen | {(path, f"={dotted}@{line}")}
        found, is_bound = self._in_module(path, head, line, inner)
        if not is_bound:
            found = NameTarget(f"builtins.{head}") if head in BUILTINS else None
        target = self._attributes(found, rest, inner)
        return self._own(path, name) if target is None and name else target

    def _user_model(self) -> Target | None:
        if self._asking_user_model:
            return None
        self._asking_user_model = True
        try:
            name = self.user_model()
        finally:
            self._asking_user_model = False
        return None if name is None else self.target_of(name)

    def _own(self, path: str, name: str) -> Target | None:
        module = self.roots.module_of(path)
        return None if module is None else NameTarget(f"{module}.{name}", path)

    def _of_import(
        self, path: str, statement: ImportFacts, seen: frozenset[tuple[str, str]]
    ) -> Target | None:
        if statement.name is None:
            return self._absolute(statement.module.partition(".")[0], path, seen)
        module = self._module_of_import(path, statement, seen)
        return self._member(module, statement.name, seen)

    def _module_of_import(
        self, path: str, statement: ImportFacts, seen: frozenset[tuple[str, str]]
    ) -> Target | None:
        if not statement.level:
            return self._absolute(statement.module, path, seen)
        folder = path.rpartition("/")[0]
        for _ in range(statement.level - 1):
            if not folder:
                return None
            folder = folder.rpartition("/")[0]
        return self._folder_module(folder, [part for part in statement.module.split(".") if part])

    def _folder_module(self, folder: str, parts: list[str]) -> Target | None:
        if not parts:
            package = f"{folder}/__init__.py" if folder else "__init__.py"
            return ModuleTarget(package if package in self.roots.names else folder)
        place: str | None = folder
        for part in parts:
            if place is None or (place.endswith(".py") and not place.endswith("__init__.py")):
                return None
            place = self.roots.module_in(_folder(place), part)
        return None if place is None else ModuleTarget(place)

    def _absolute(
        self, module: str, importer: str, seen: frozenset[tuple[str, str]]
    ) -> Target | None:
        path = self.roots.path_for(module, importer)
        if path is not None:
            return ModuleTarget(path)
        if module in self.roots.found:
            return None
        folder = self.roots.folder_for(module)
        if folder is not None:
            return ModuleTarget(folder)
        package, _, last = module.rpartition(".")
        if not package:
            return NameTarget(module)
        parent = self._absolute(package, importer, seen)
        if isinstance(parent, ModuleTarget):
            return self._member(parent, last, seen)
        return None if parent is None else NameTarget(canonical(module))

    # -- attributes ----------------------------------------------------------------------------

    def _attributes(
        self,
        target: Target | None,
        rest: str,
        seen: frozenset[tuple[str, str]] = frozenset(),
    ) -> Target | None:
        for name in rest.split(".") if rest else ():
            target = self._member(target, name, seen)
        return target

    def _member(
        self, target: Target | None, name: str, seen: frozenset[tuple[str, str]]
    ) -> Target | None:
        if target is None:
            return None
        if isinstance(target, NameTarget):
            dotted = f"{target.dotted}.{name}"
            return NameTarget(dotted if target.path else canonical(dotted), target.path)
        path = target.path
        if path.endswith(".py") and (path, name) not in seen:
            found, is_bound = self._in_module(path, name, None, seen | {(path, name)})
            if is_bound and (found is not None or name in self._bound_names(path)):
                return found
        if path.endswith(".py") and not path.endswith("__init__.py"):
            return None
        place = self.roots.module_in(_folder(path), name)
        return None if place is None else ModuleTarget(place)

    def _bound_names(self, path: str) -> Iterable[str]:
        index = self.index(path)
        return () if index is None else index.names

    def _spelled(self, target: Target | None) -> str | None:
        if target is None:
            return None
        if isinstance(target, NameTarget):
            return target.dotted
        path = target.path
        if path.endswith(".py"):
            return self.roots.module_of(path)
        names = [name for name, folders in self.roots.folders.items() if folders == {path}]
        return min(names, key=len, default=None)


def _folder(path: str) -> str:
    return path.rpartition("/")[0] if path.endswith(".py") else path


def _agreed(targets: list[Target | None]) -> Target | None:
    """The one target that all give, else None."""
    first = targets[0] if targets else None
    return first if all(each == first for each in targets) else None
