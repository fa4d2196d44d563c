"""Where a function is called and what its parameters are given there, if all calls are known."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.findings import NodeReference
from djfix.codemods.inference.values import Instance, Value
from djfix.codemods.source.definitions import function_around
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.inference.expressions import Function, Inference
    from djfix.codemods.project.callers import Call

_MOST_FILES = 12
"""A function whose name is called in more files than this (`get`, `process`) is not followed."""

_MOST_CALLS = 20
"""A function that is called more often than this is not followed to its callers."""


@dataclass(frozen=True, slots=True, eq=False)
class CallSite:
    """One call: the inference of the function that it stands in, and what is given."""

    inference: Inference
    call: ast.Call
    argument: ast.expr

    @property
    def value(self) -> Value:
        return self.inference.value(self.argument)


def call_sites(inference: Inference, parameter: str) -> tuple[CallSite, ...] | None:
    """Every call of the inference's function, with the argument for `parameter`.

    None where a call may be missing, stands outside of a function, or its argument is not clear;
    then nothing is known. Calls of another class's method of the same name are left out.
    """
    module = inference.project.module_of(inference.document.path)
    if module is None:
        return None
    name = inference.scope[-1].encode()
    if inference.project.files.is_widespread(name + b"(", name, _MOST_FILES):
        return None
    calls = inference.project.all_calls(".".join((module, *inference.scope)), _MOST_CALLS)
    sites: list[CallSite] = []
    for call in calls or ():
        site = _site(inference, call, parameter)
        if site is None:
            return None
        if not _is_another(inference, call, site):
            sites.append(site)
    return tuple(sites) or None


def _site(inference: Inference, call: Call, parameter: str) -> CallSite | None:
    document = inference.project.files.document(call.path)
    around = function_around(document.statements_near([call.line]), call.line)
    if around is None:
        return None
    caller = inference.helper(document, around)
    node = _call_at(around, call.reference)
    if caller is None or node is None:
        return None
    argument = _argument(inference, node, parameter, through_class=call.through_class)
    return CallSite(caller, node, argument) if argument is not None else None


def _call_at(function: Function, reference: NodeReference) -> ast.Call | None:
    for node in walk(function):
        if not isinstance(node, ast.Call) or node.lineno != reference.line:
            continue
        if NodeReference.of(node) == reference:
            return node
    return None


def _argument(
    inference: Inference, call: ast.Call, parameter: str, *, through_class: bool
) -> ast.expr | None:
    """The expression bound to the parameter; None if it is left to a default or unpacked."""
    if any(isinstance(item, ast.Starred) for item in call.args):
        return None
    if any(item.arg is None for item in call.keywords):
        return None
    arguments = inference.function.args
    names = [item.arg for item in (*arguments.posonlyargs, *arguments.args)]
    given: list[ast.expr] = list(call.args)
    if inference.owner is not None and not through_class:
        if not isinstance(call.func, ast.Attribute):
            return None
        given.insert(0, call.func.value)
    bound = dict(zip(names, given, strict=False))
    bound |= {item.arg: item.value for item in call.keywords if item.arg is not None}
    return bound.get(parameter)


def _is_another(inference: Inference, call: Call, site: CallSite) -> bool:
    """Whether a call by name alone is certainly that of a model which has another such method."""
    if call.is_certain or not isinstance(site.call.func, ast.Attribute):
        return False
    receiver = site.inference.value(site.call.func.value)
    module = inference.project.module_of(inference.document.path)
    own = ".".join((module or "", *inference.scope[:-1]))
    if not isinstance(receiver, Instance):
        return False
    return inference.project.is_subclass(receiver.model, own) is False
