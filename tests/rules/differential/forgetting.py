"""Takes care out of a rule, to see whether the harness notices that it is gone."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import Any

import pytest

from djfix.codemods.findings import Reason
from djfix.codemods.inference import saving


def forget(rule: ModuleType, names: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes reasons out of the rule, and of what it shares with others, wherever given."""
    mutants: dict[object, object] = {}
    every = [*modules(saving), *modules(rule)]
    for module in every:
        for value in vars(module).values():
            if inspect.isgeneratorfunction(value) and _is_of(value, rule):
                mutants.setdefault(value, dropping(value, names))
    for module in every:
        for name, value in list(vars(module).items()):
            if isinstance(value, tuple) and any(inspect.isfunction(each) for each in value):
                mutated = tuple(mutants.get(each, each) for each in value)
                monkeypatch.setattr(module, name, mutated)
            elif inspect.isfunction(value) and value in mutants:
                monkeypatch.setattr(module, name, mutants[value])


def _is_of(function: Callable[..., Any], rule: ModuleType) -> bool:
    return function.__module__.startswith((rule.__name__, saving.__name__))


def dropping(guard: Callable[..., Iterator[Any]], names: Sequence[str]) -> Callable[..., Any]:
    def mutated(*arguments: Any, **options: Any) -> Iterator[Any]:
        for each in guard(*arguments, **options):
            if not (isinstance(each, Reason) and each.name in names):
                yield each

    return mutated


def replace_function(
    rule: ModuleType, name: str, careless: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Puts another function in the place of one, in every module of the rule that has it."""
    having = [module for module in modules(rule) if hasattr(module, name)]
    assert having, f"the rule has no {name} any more"
    for module in having:
        monkeypatch.setattr(module, name, careless)


def modules(rule: ModuleType) -> list[ModuleType]:
    """The rule's own modules."""
    found = pkgutil.iter_modules(rule.__path__, f"{rule.__name__}.")
    return [importlib.import_module(each.name) for each in found]
