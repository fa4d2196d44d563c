"""Methods of managers and querysets: Django's own by their meaning, the project's by their code."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason
from djfix.codemods.inference.loading.chains import (
    ENDING,
    RETURNING_QUERYSETS,
    Chain,
    either,
    with_hazards,
    with_methods,
)
from djfix.codemods.inference.loading.django_methods import after_call
from djfix.codemods.inference.loading.hazards import evidence_of, hazard
from djfix.codemods.inference.loading.hooks import never_run
from djfix.codemods.project.classes import MethodInfo
from djfix.codemods.source.walking import children

if TYPE_CHECKING:
    from djfix.codemods.inference.loading.memory import Memory
    from djfix.codemods.inference.loading.reading import Reader


def of_call(reader: Reader, chain: Chain, call: ast.Call, method: str) -> Chain | Reason:
    """The queryset after `chain.method(...)`."""
    info = _own_method(reader.memory, chain, method)
    if info is not None and method in RETURNING_QUERYSETS and _passes_all_on(info):
        after = after_call(reader, chain, call, method)
        own = hazard("unknown-queryset-method", evidence_of(reader.document, call))
        return with_hazards(after, own) if isinstance(after, Chain) else after
    if info is not None:
        return _of_own(reader, chain, call, info)
    if method in RETURNING_QUERYSETS:
        return after_call(reader, chain, call, method)
    if method in ENDING or method.removeprefix("a") in ENDING:
        return Reason("no-queryset", f"{method}() gives no queryset")
    if method == "select_subclasses":
        return with_hazards(with_methods(chain, method), hazard("inheritance-manager"))
    return _unreadable(reader, chain, call, method)


def _unreadable(reader: Reader, chain: Chain, call: ast.Call, method: str) -> Chain:
    where = evidence_of(reader.document, call)
    hidden = hazard("unknown-queryset-method", where)
    return replace(
        with_hazards(with_methods(chain, method), hidden), order="unknown", ordered_by=()
    )


def _own_method(memory: Memory, chain: Chain, method: str) -> MethodInfo | None:
    """The method of a class of the project: the manager's own first, then the queryset's."""
    for name in (chain.manager_class if chain.is_manager else None, chain.queryset_class):
        info = memory.project.method(name, method) if name is not None else None
        if info is not None and info.path is not None and info.facts is not None:
            return info
    return None


def _passes_all_on(info: MethodInfo) -> bool:
    """An override of a method of Django's (`def select_related(self, *fields)`): its arguments
    mean what they mean there, and what else it does counts as not known."""
    assert info.facts is not None
    return any(each.kind == "*" for each in info.facts.parameters)


def _of_own(reader: Reader, chain: Chain, call: ast.Call, info: MethodInfo) -> Chain | Reason:
    found = read_method(
        reader.memory,
        info,
        chain.model,
        rows=chain,
        arguments=arguments_of(reader, call, info),
        depth=reader.depth,
    )
    if isinstance(found, Chain):
        return (
            with_methods(found, info.name)
            if found is chain
            else replace(
                found, methods=(*found.methods, info.name), is_manager=False, keeps_rows=False
            )
        )
    if found.name == "no-queryset":
        return found
    if found.name in {"unknown-queryset", "deep-queryset", "parameter-queryset"}:
        return _unreadable(reader, chain, call, info.name)
    return found


def arguments_of(reader: Reader, call: ast.Call, info: MethodInfo) -> Mapping[str, Chain | Reason]:
    """The querysets among a call's arguments, by the parameters that take them."""
    assert info.facts is not None
    parameters = [each.name for each in info.facts.parameters][1:]
    found: dict[str, Chain | Reason] = {}
    for name, argument in zip(parameters, call.args, strict=False):
        found[name] = reader.read(argument)
    for keyword in call.keywords:
        if keyword.arg is not None:
            found[keyword.arg] = reader.read(keyword.value)
    return found


def read_method(
    memory: Memory,
    info: MethodInfo,
    model: str,
    *,
    rows: Chain,
    arguments: Mapping[str, Chain | Reason] | None = None,
    depth: int = 0,
) -> Chain | Reason:
    """What a manager's or queryset's method returns, `self` being `rows`."""
    from djfix.codemods.inference.loading.reading import Receiver, reader_of

    document = memory.document(info.path) if info.path is not None else None
    function = memory.function_at(info.path, info.line) if info.path is not None else None
    if document is None or function is None or depth > 8:
        return Reason("unknown-queryset", f"the code of {info.name}() cannot be read")
    receiver = Receiver(info.cls, rows=rows, model=model)
    reader = reader_of(memory, document, function, receiver)
    return returned(replace(reader, arguments=arguments or {}, depth=depth + 1), function)


def returned(reader: Reader, function: ast.FunctionDef | ast.AsyncFunctionDef) -> Chain | Reason:
    """The queryset that a function returns, whichever `return` ends it."""
    values = [each.value for each in returns_of(function, reader) if each.value is not None]
    given = [each for each in values if not is_none(each)]
    if not given:
        return Reason("no-queryset", f"{function.name}() returns no queryset")
    return either(reader.read(each) for each in given)


def is_none(expression: ast.expr) -> bool:
    return isinstance(expression, ast.Constant) and expression.value is None


def returns_of(
    function: ast.FunctionDef | ast.AsyncFunctionDef, reader: Reader | None = None
) -> list[ast.Return]:
    """The function's own `return` statements, in the order of the text; with the reader of a
    view's method not those that this view never comes to."""
    found: list[ast.Return] = []
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Return):
            found.append(node)
        inner = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef | ast.expr
        if not isinstance(node, inner):
            never = never_run(reader, node) if reader is not None else ()
            waiting.extend(each for each in children(node) if each not in never)
    return sorted(found, key=lambda each: each.lineno)
