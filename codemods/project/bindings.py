"""What binds a name in a module, and which of several bindings hold when the module has run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import TypeVar

from djfix.codemods.project.facts import (
    AssignmentFacts,
    ClassFacts,
    FunctionFacts,
    ImportFacts,
    ModuleFacts,
)

Scope = tuple[str, ...]
"""The names of the enclosing classes and functions, outermost first."""

Binding = ImportFacts | AssignmentFacts | ClassFacts | FunctionFacts
AnyBinding = TypeVar("AnyBinding", bound=Binding)


@dataclass(frozen=True, slots=True)
class ModuleIndex:
    """The bindings of one module by name, in the order of the file."""

    names: Mapping[str, Sequence[Binding]]
    stars: tuple[ImportFacts, ...]
    scoped: Mapping[tuple[Scope, str], Sequence[ImportFacts]]
    unclear: dict[str, int]


def indexed(facts: ModuleFacts) -> ModuleIndex:
    """All bindings of a module."""
    names: dict[str, list[Binding]] = {}
    stars: list[ImportFacts] = []
    scoped: dict[tuple[Scope, str], list[ImportFacts]] = {}
    for binding in _all(facts):
        if isinstance(binding, ImportFacts):
            if binding.scope:
                scoped.setdefault((binding.scope, binding.bound), []).append(binding)
            elif binding.name == "*":
                stars.append(binding)
            else:
                names.setdefault(binding.bound, []).append(binding)
        elif isinstance(binding, AssignmentFacts):
            # `a.b = c` binds no name; `a: B` alone neither.
            if "." not in binding.target and binding.has_value:
                names.setdefault(binding.target, []).append(binding)
        else:
            names.setdefault(binding.name, []).append(binding)
    for several in names.values():
        if len(several) > 1:
            several.sort(key=_LINE)
    # A tuple of one takes half the room of a list, and most names are bound once.
    bound = {name: tuple(several) for name, several in names.items()}
    inside = {place: tuple(several) for place, several in scoped.items()}
    return ModuleIndex(bound, tuple(stars), inside, dict(facts.other_bindings))


def _all(facts: ModuleFacts) -> Iterator[Binding]:
    """Each kind in the order of the file."""
    yield from facts.imports
    yield from facts.assignments
    yield from facts.classes
    yield from facts.functions


_LINE = attrgetter("line")


def bound_before(bindings: Iterable[AnyBinding], line: int | None) -> list[AnyBinding]:
    """The bindings before a line, for code that runs at import; all of them for None."""
    every = list(bindings)
    if line is None:
        return every
    # `class User(User)`: the base is what was bound before the statement.
    return [each for each in every if each.line < line] or every


def effective(bindings: Sequence[Binding]) -> Sequence[Binding]:
    """The bindings that may hold when the module has run: the last sure one, and what follows.

    What stands under TYPE_CHECKING only counts where nothing else binds the name; a fallback to a
    plain constant (`X = None` where an import failed) not against the name's real meaning.
    """
    running = [each for each in bindings if each.condition != "type-checking"] or bindings
    start = max((i for i, each in enumerate(running) if not each.condition), default=0)
    kept = running[start:]
    real = [each for each in kept if not _is_stand_in(each)]
    return real or kept


def _is_stand_in(binding: Binding) -> bool:
    return (
        isinstance(binding, AssignmentFacts)
        and bool(binding.condition)
        and binding.value is not None
        and (binding.value.kind == "constant" or binding.value.name == "object")
    )


def is_aliasing(bindings: Iterable[Binding]) -> bool:
    """Whether the name stands for something else, so that another binding of it matters."""
    return any(
        isinstance(each, ImportFacts | ClassFacts)
        or (
            isinstance(each, AssignmentFacts)
            and each.value is not None
            and each.value.kind == "name"
        )
        for each in bindings
    )
