"""What the names of a settings module hold at one point, and after branches that may be taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from djfix.codemods.project.setting_expressions import Bound, Imported, Namespace
from djfix.codemods.project.setting_values import ABSENT, UNKNOWN, Value, join, of_constant


@dataclass
class Scope:
    """What the names of a module hold at one point. `complete` False: others may be bound."""

    names: dict[str, Bound] = field(default_factory=dict)
    complete: bool = True
    outer: Scope | None = None
    read: Callable[[Imported], Bound | None] = lambda imported: None

    def lookup(self, name: str) -> Bound | None:
        """The value of a name; of a dotted one, the module or class that it names."""
        found = self._plain(name)
        if found is None and "." in name:
            head, _, rest = name.partition(".")
            found = self._plain(head)
            for part in rest.split(".") if isinstance(found, Namespace) else ():
                inner = found.values.get(part) if isinstance(found, Namespace) else None
                found = self.read(inner) if isinstance(inner, Imported) else inner
        return found

    def _plain(self, name: str) -> Bound | None:
        found = self.names.get(name)
        if found is None and self.outer is not None:
            return self.outer.lookup(name)
        return self.read(found) if isinstance(found, Imported) else found

    def copy(self) -> Scope:
        return Scope(dict(self.names), self.complete, self.outer, self.read)

    def become(self, scopes: list[Scope]) -> None:
        """What holds after branches of which any may have been taken."""
        keys = dict.fromkeys(key for each in scopes for key in each.names)
        self.names = {key: self._joined(key, scopes) for key in keys}
        self.complete = all(each.complete for each in scopes)

    def _joined(self, name: str, scopes: list[Scope]) -> Bound:
        first = scopes[0].names.get(name)
        if first is not None and all(each.names.get(name) is first for each in scopes):
            return first
        values = [each.lookup(name) for each in scopes]
        namespace = next((each for each in values if isinstance(each, Namespace)), None)
        if namespace is not None:
            return namespace if all(each in (namespace, None) for each in values) else UNKNOWN
        return join(each if isinstance(each, Value) else of_constant(ABSENT) for each in values)
