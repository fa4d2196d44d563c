"""The arguments of calls, and what they make the parameters hold."""

from __future__ import annotations

import ast
from collections.abc import Mapping as Given

from djfix.codemods.inference.views.choices import (
    Mapping,
    Place,
    Sequence,
    Values,
)
from djfix.codemods.inference.views.evaluating import evaluate
from djfix.codemods.inference.views.running import (
    Environment,
    Run,
)


def given_to(
    run: Run, place: Place, node: ast.Call, environment: Environment
) -> tuple[list[Values], dict[str, Values]]:
    """The arguments of a call; `*args` and `**kwargs` are laid out where they are known."""
    arguments: list[Values] = []
    for each in node.args:
        values = evaluate(run, place, each, environment)
        is_laid_out = isinstance(each, ast.Starred) and len(values) == 1
        if is_laid_out and isinstance(values[0], Sequence):
            arguments += values[0].items
        else:
            arguments.append(values)
    keywords: dict[str, Values] = {}
    for keyword in node.keywords:
        values = evaluate(run, place, keyword.value, environment)
        first = values[0] if values else None
        if keyword.arg is not None:
            keywords[keyword.arg] = values
        elif isinstance(first, Mapping):
            keywords |= {key: found for key, found in first.entries if isinstance(key, str)}
    return arguments, keywords


def bound(
    place: Place, arguments: list[Values], keywords: Given[str, Values], *, skip: int
) -> dict[str, Values]:
    """What the parameters hold in a call; `skip` is 1 for a method, whose first is the view."""
    stated = place.function.args
    names = [each.arg for each in (*stated.posonlyargs, *stated.args)][skip:]
    given = dict(zip(names, arguments, strict=False))
    known = {*names, *(each.arg for each in stated.kwonlyargs)}
    given |= {name: values for name, values in keywords.items() if name in known}
    if stated.vararg is not None:
        given[stated.vararg.arg] = (Sequence(tuple(arguments[len(names) :])),)
    if stated.kwarg is not None:
        rest = [(name, values) for name, values in keywords.items() if name not in known]
        given[stated.kwarg.arg] = (Mapping(tuple(rest)),)
    return given
