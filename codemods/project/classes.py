"""Classes linked: bases resolved, method resolution order, members, subclasses."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

from djfix.codemods.project.class_order import (
    OBJECT,
    STANDARD_BASES,
    from_queryset_call,
    linearised,
    may_extend,
    only_class,
    qualnames,
    spelled,
)
from djfix.codemods.project.facts import (
    AssignmentFacts,
    ClassFacts,
    ExpressionFacts,
    FunctionFacts,
    ModuleFacts,
)
from djfix.codemods.project.known.classes import (
    KnownClass,
    canonical,
    known_class,
    known_subclasses,
)
from djfix.codemods.project.names import Names, NameTarget

UNREAD_MODELS = frozenset({"mptt.models.MPTTModel"})
"""Classes of libraries that are models, and of which nothing else is believed: this one's metaclass
gives fields and a manager to what extends it. That is a model with an unknown base."""


@dataclass(frozen=True, slots=True)
class ClassInfo:
    """A class by its canonical name: of the project (`path`, `facts`), or known (`known`).

    `bases` are canonical names, `unresolved` the text of bases that resolve to no class.
    `queryset`: for what `Manager.from_queryset(...)` makes, the queryset's class.
    """

    name: str
    bases: tuple[str, ...]
    unresolved: tuple[str, ...] = ()
    path: str | None = None
    line: int = 0
    facts: ClassFacts | None = None
    known: KnownClass | None = None
    queryset: str | None = None
    qualname: tuple[str, ...] = ()

    def binds(self) -> frozenset[str]:
        """The names in the class's own body (for a known class, of any supported release)."""
        if self.facts is not None:
            return self.facts.binds()
        return self.known.members if self.known is not None else frozenset()

    def defines(self, name: str) -> bool:
        """Whether the class's own body binds a name; asked of every class of an order."""
        own = self.facts or self.known
        return own is not None and own.defines(name)


@dataclass(frozen=True, slots=True)
class MethodInfo:
    """A method and the class that defines it. `path` is None, and `line` 0, outside the project;
    `facts` is None there, and where the name is bound by an assignment."""

    cls: str
    name: str
    path: str | None
    line: int
    facts: FunctionFacts | None


@dataclass
class Classes:
    """All questions about classes. `files_naming_base(word)`: files that may inherit from it;
    `names_of(word)`: what else it may be called there."""

    names: Names
    facts: Callable[[str], ModuleFacts | None]
    files_naming_base: Callable[[str], Sequence[str]]
    names_of: Callable[[str], Collection[str]]
    _infos: dict[str, ClassInfo | None] = field(default_factory=dict)
    _orders: dict[str, tuple[str, ...] | None] = field(default_factory=dict)
    _direct: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _in_files: dict[str, tuple[ClassInfo, ...]] = field(default_factory=dict)

    def class_named(self, dotted: str) -> ClassInfo | None:
        """The class that this absolute name stands for, in any spelling."""
        if dotted not in self._infos:
            self._infos[dotted] = self._find(dotted)
        return self._infos[dotted]

    def mro(self, dotted: str) -> tuple[str, ...] | None:
        """The C3 order without `object`; None if the class or any base is unknown."""
        if dotted in self._orders:
            return self._orders[dotted]
        order = self._order(dotted, frozenset())
        self._orders[dotted] = order
        return order

    def ancestors(self, dotted: str) -> tuple[str, ...]:
        """The MRO, or where a base is unknown: the class and its known ancestors, depth first."""
        order = self.mro(dotted)
        if order is not None:
            return order
        found: dict[str, None] = {}
        self._collect_ancestors(dotted, found)
        return tuple(found)

    def unknown_bases(self, dotted: str) -> tuple[str, ...]:
        """The bases, direct or not, that stand for no known class; the name itself if it is one."""
        info = self.class_named(dotted)
        if info is None:
            return (dotted,)
        found: dict[str, None] = {}
        for name in self.ancestors(info.name):
            ancestor = self.class_named(name)
            if ancestor is None:
                continue
            found.update(dict.fromkeys(ancestor.unresolved))
            found.update({base: None for base in ancestor.bases if self.class_named(base) is None})
        return tuple(found)

    def is_subclass(self, dotted: str, base: str) -> bool | None:
        """Whether a class is, or inherits from, another; None if an unknown base hides it."""
        wanted = canonical(base)
        if wanted in self.ancestors(dotted):
            return True
        return False if self.mro(dotted) is not None else None

    def method(self, dotted: str, name: str) -> MethodInfo | None:
        """The member of this name along the MRO; None if none, or if an unknown base may have it
        first. Also finds attributes that are assigned in a body (`facts` None)."""
        info = self.class_named(dotted)
        if info is None:
            return None
        for ancestor in self.mro(info.name) or (info.name,):
            found = self.own_method(ancestor, name)
            if found is not None:
                return found
        return None

    def own_method(self, dotted: str, name: str) -> MethodInfo | None:
        """The member of this name in the class's own body."""
        info = self.class_named(dotted)
        if info is None or not info.defines(name):
            return None
        if info.facts is None:
            return MethodInfo(info.name, name, None, 0, None)
        facts = info.facts.method(name)
        assigned = info.facts.assignment(name)
        line = facts.line if facts else assigned.line if assigned else info.line
        return MethodInfo(info.name, name, info.path, line, facts)

    def subclasses(self, dotted: str) -> tuple[str, ...]:
        """All classes of the project that inherit from this one, sorted."""
        info = self.class_named(dotted)
        start = info.name if info else canonical(dotted)
        waiting = [start, *sorted(known_subclasses(start))]
        found: set[str] = set()
        while waiting:
            for name in self.direct_subclasses(waiting.pop()):
                if name not in found:
                    found.add(name)
                    waiting.append(name)
        return tuple(sorted(found))

    def direct_subclasses(self, dotted: str) -> tuple[str, ...]:
        """The project's classes that name this one as a base."""
        if dotted not in self._direct:
            word = dotted.rpartition(".")[2]
            names = self.names_of(word)
            found = {
                info.name
                for path in self.files_naming_base(word)
                for info in self._defined_in(path, names)
                if dotted in info.bases
            }
            self._direct[dotted] = tuple(sorted(found))
        return self._direct[dotted]

    def in_file(self, path: str) -> tuple[ClassInfo, ...]:
        """The classes that a file defines, nested ones too, where each name means one class."""
        if path not in self._in_files:
            self._in_files[path] = tuple(self._defined_in(path))
        return self._in_files[path]

    def _defined_in(self, path: str, bases: Collection[str] | None = None) -> Iterator[ClassInfo]:
        """The classes of a file; with `bases`, of those that are told before they are linked to
        extend nothing that goes by one of these names, none."""
        facts = self.facts(path)
        module = self.names.roots.module_of(path)
        if facts is None or module is None:
            return
        # A variable may stand for any class.
        known = None if bases is None else {*bases, *(each.target for each in facts.assignments)}
        for qualname in qualnames(facts.classes, ()):
            found = only_class(facts, qualname)
            if found is None or (known is not None and not may_extend(found, qualname, known)):
                continue
            info = self.class_named(".".join([module, *qualname]))
            if info is not None and info.path == path and info.qualname == qualname:
                yield info
        for each in facts.assignments:
            if "." in each.target or not each.may_spell("from_queryset"):
                continue
            if each.value is not None and from_queryset_call(each.value):
                info = self.class_named(f"{module}.{each.target}")
                if info is not None and info.path == path:
                    yield info

    # -- finding --------------------------------------------------------------------------------

    def _find(self, dotted: str) -> ClassInfo | None:
        target = self.names.target_of(dotted)
        if not isinstance(target, NameTarget):
            return None
        if target.dotted != dotted:
            # Where a package's attribute hides its submodule of the same name, every resolution
            # makes the name longer: what does not stand for itself then is no class.
            is_settled = self.names.target_of(target.dotted) == target
            return self.class_named(target.dotted) if is_settled else None
        if target.path is not None:
            return self._project_class(dotted, target.path)
        known = known_class(dotted)
        if known is not None:
            bases = tuple(base for base in known.bases if base != OBJECT)
            return ClassInfo(known.name, bases, known=known)
        if dotted in STANDARD_BASES:
            return ClassInfo(dotted, STANDARD_BASES[dotted])
        return None

    def _project_class(self, dotted: str, path: str) -> ClassInfo | None:
        module = self.names.roots.module_of(path)
        facts = self.facts(path)
        if module is None or facts is None or not dotted.startswith(module + "."):
            return None
        qualname = tuple(dotted[len(module) + 1 :].split("."))
        found = only_class(facts, qualname)
        if found is not None:
            return self._linked(dotted, path, qualname, found)
        if len(qualname) == 1:
            return self._derived_manager(dotted, path, facts, qualname[0])
        return None

    def _linked(
        self, dotted: str, path: str, qualname: tuple[str, ...], facts: ClassFacts
    ) -> ClassInfo:
        bases: list[str] = []
        unresolved: list[str] = []
        for base in facts.bases:
            name = self.base_name(path, base, qualname[:-1], facts.line)
            if name is None:
                unresolved.append(spelled(base))
            elif name != OBJECT:
                bases.append(name)
        return ClassInfo(
            name=dotted,
            bases=tuple(bases),
            unresolved=tuple(unresolved),
            path=path,
            line=facts.line,
            facts=facts,
            qualname=qualname,
            queryset=self._queryset_of_bases(path, facts, qualname[:-1]),
        )

    def base_name(
        self, path: str, base: ExpressionFacts, scope: tuple[str, ...], line: int
    ) -> str | None:
        """The class that a base expression stands for: a name, `Name[...]`,
        `Manager.from_queryset(...)` (the manager), `with_metaclass(Meta, Base)`."""
        if base.kind == "subscript":
            return self.base_name(path, base.items[0], scope, line)
        if base.kind == "name":
            return self.names.resolve(path, base.name, scope, line)
        derived = from_queryset_call(base)
        if derived is not None:
            return self.names.resolve(path, derived[0], scope, line)
        if base.function is not None and base.function.kind == "name":
            last = base.function.name.rpartition(".")[2]
            if last == "with_metaclass" and len(base.arguments) == 2:
                return self.base_name(path, base.arguments[1], scope, line)
            if last == "get_user_model" and not base.arguments:
                return self.names.user_model()
        return None

    def _queryset_of_bases(
        self, path: str, facts: ClassFacts, scope: tuple[str, ...]
    ) -> str | None:
        for base in facts.bases:
            derived = from_queryset_call(base)
            if derived is not None:
                return self.base_name(path, derived[1], scope, facts.line)
        return None

    def _derived_manager(
        self, dotted: str, path: str, facts: ModuleFacts, name: str
    ) -> ClassInfo | None:
        """`name = Manager.from_queryset(QuerySet)` makes a class."""
        assigned = [each for each in facts.assignments if each.target == name]
        if len(assigned) != 1 or assigned[0].value is None:
            return None
        return self.derived_from(dotted, path, assigned[0])

    def derived_from(self, dotted: str, path: str, assigned: AssignmentFacts) -> ClassInfo | None:
        """The class that an assigned `Manager.from_queryset(QuerySet)` makes."""
        derived = None if assigned.value is None else from_queryset_call(assigned.value)
        if derived is None:
            return None
        manager = self.names.resolve(path, derived[0], (), assigned.line)
        queryset = self.base_name(path, derived[1], (), assigned.line)
        bases = () if manager is None else (manager,)
        unresolved = (derived[0],) if manager is None else ()
        return ClassInfo(dotted, bases, unresolved, path, assigned.line, queryset=queryset)

    # -- order ----------------------------------------------------------------------------------

    def _order(self, dotted: str, seen: frozenset[str]) -> tuple[str, ...] | None:
        if dotted in self._orders:
            return self._orders[dotted]
        info = self.class_named(dotted)
        if info is None or info.unresolved or info.name in seen:
            return None
        if info.known is not None and info.name == dotted:
            return tuple(name for name in info.known.resolution_order if name != OBJECT)
        if info.name != dotted:
            return self._order(info.name, seen)
        sequences: list[list[str]] = []
        for base in info.bases:
            order = self._order(base, seen | {dotted})
            if order is None:
                return None
            sequences.append(list(order))
        bases = [sequence[0] for sequence in sequences]
        return linearised(dotted, [*sequences, bases])

    def _collect_ancestors(self, dotted: str, found: dict[str, None]) -> None:
        info = self.class_named(dotted)
        if info is None and dotted in UNREAD_MODELS:
            self._collect_ancestors("django.db.models.Model", found)
        if info is None or info.name in found:
            return
        found[info.name] = None
        for base in info.bases:
            self._collect_ancestors(base, found)
