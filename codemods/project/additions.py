"""What code outside a class puts into it: `Model.add_to_class("x", ...)`, `Model.save = ...`,
`setattr(Model, "count", property(...))`. A constant is no code and left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from djfix.codemods.project.classes import Classes
from djfix.codemods.project.facts import CallFacts, ExpressionFacts, ModuleFacts
from djfix.codemods.project.names import Names
from djfix.codemods.project.test_files import is_named_as_test


def added_attributes(
    names: Names,
    classes: Classes,
    facts: Callable[[str], ModuleFacts | None],
    paths: Sequence[str],
    user_model: Callable[[], str | None],
) -> Mapping[str, frozenset[str]]:
    """Class -> names added, over the whole project; "*" stands for a name that is not literal."""
    found: dict[str, set[str]] = {}
    for path in (each for each in paths if not is_named_as_test(each)):
        for owner, scope, name in _additions(facts(path), user_model):
            resolved = owner if scope is None else names.resolve(path, owner, scope)
            info = classes.class_named(resolved) if resolved is not None else None
            if info is not None:
                found.setdefault(info.name, set()).add(name)
    return {cls: frozenset(added) for cls, added in found.items()}


def _additions(
    facts: ModuleFacts | None, user_model: Callable[[], str | None]
) -> Iterator[tuple[str, tuple[str, ...] | None, str]]:
    """Owner as spelled, the scope to resolve it in (None: it is absolute), the added name."""
    if facts is None:
        return
    for each in facts.assignments:
        owner, _, name = each.target.rpartition(".")
        if owner and not (each.value is not None and each.value.kind == "constant"):
            yield owner, (), name
    for patch in facts.patches:
        owner, _, name = patch.target.rpartition(".")
        yield owner, patch.scope, name
    for call in facts.calls:
        yield from _of_call(call, user_model)


def _of_call(
    facts: CallFacts, user_model: Callable[[], str | None]
) -> Iterator[tuple[str, tuple[str, ...] | None, str]]:
    call = facts.call
    function = call.function
    assert function is not None
    owner, _, method = function.name.rpartition(".")
    first, second = call.argument(0, "name"), call.argument(1, "value")
    if method == "contribute_to_class" and first is not None and first.kind == "name":
        second = call.argument(1, "name")
        yield first.name, facts.scope, _literal(second)
    elif function.name == "setattr" and first is not None and first.kind == "name":
        yield first.name, facts.scope, _literal(call.argument(1, "name"))
    elif method == "add_to_class" and owner:
        yield owner, facts.scope, _literal(first)
    elif function.kind == "attribute" and function.name == "add_to_class":
        base = function.items[0]
        if base.kind == "call" and base.items[0].name.endswith("get_user_model"):
            user = user_model()
            if user is not None:
                yield user, None, _literal(first)


def _literal(value: ExpressionFacts | None) -> str:
    return (value.string if value is not None else None) or "*"
