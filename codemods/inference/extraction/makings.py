"""Annotations by how a value is made: literals, texts of a query string, fields of a serializer."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from djfix.codemods.flow.names import Definition
from djfix.codemods.inference.extraction.annotations import (
    ANY,
    NONE,
    Annotation,
    of_field,
    optional,
)
from djfix.codemods.inference.extraction.inputs import is_request
from djfix.codemods.inference.extraction.regions import Region
from djfix.codemods.inference.extraction.views import View
from djfix.codemods.project.serializer_inputs import taken_in
from djfix.codemods.source.walking import walk

_OF_TEXTS = frozenset({"POST", "GET", "query_params", "COOKIES", "headers"})
"""Mappings of a request whose values are texts."""


def of_making(region: Region, name: str, at: ast.AST) -> Annotation:
    """What a variable is by all the statements that may have given it its value."""
    view = region.view
    found = joined(_of_definition(view, each) for each in view.inference.flow.reaching(name, at))
    if found.text.startswith("Optional[") and _is_refused(region, name):
        return Annotation(found.text.removeprefix("Optional[")[:-1], found.imports[1:])
    return found


def is_none_at_times(region: Region, name: str, at: ast.AST) -> bool:
    """Whether a statement that gives the variable its value there gives it None."""
    view = region.view
    reaching = view.inference.flow.reaching(name, at)
    return any(_of_definition(view, each) == NONE for each in reaching)


def _of_definition(view: View, definition: Definition) -> Annotation:
    if definition.kind == "parameter":
        return _of_default(view, definition.name)
    parent = view.inference.flow.parents.get(definition.node)
    node = definition.node if isinstance(definition.node, ast.Assign) else parent
    match node:
        case ast.Assign(targets=[ast.Name()], value=value):
            return of_expression(view, value)
    return ANY


def _of_default(view: View, name: str) -> Annotation:
    """`unhold=False` of a view's own arguments: an address gives texts, `True` a line of urls."""
    arguments = view.function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    last = positional[len(positional) - len(arguments.defaults) :]
    for argument, value in zip(last, arguments.defaults, strict=True):
        if argument.arg == name and isinstance(value, ast.Constant):
            return Annotation("bool") if isinstance(value.value, bool) else ANY
    return ANY


def joined(found: Iterable[Annotation]) -> Annotation:
    """What all of these are; `Optional` where some are None."""
    every = list(dict.fromkeys(found))
    rest = [each for each in every if each != NONE]
    bare = {each.text.removeprefix("Optional[").removesuffix("]") for each in rest}
    if not rest or any(each.text == "Any" for each in rest):
        return ANY
    if len(rest) == 1:
        return optional(rest[0]) if len(every) > 1 else rest[0]
    longest = max(rest, key=lambda each: len(each.text))
    is_same = bare == {longest.text.removeprefix("Optional[").removesuffix("]")}
    return longest if is_same and longest.text.startswith("Optional[") else ANY


def of_expression(view: View, node: ast.expr) -> Annotation:
    """What an expression gives by its form alone."""
    match node:
        case ast.Constant(value=None):
            return NONE
        case ast.Constant(value=bool()) | ast.Compare() | ast.UnaryOp(op=ast.Not()):
            return Annotation("bool")
        case ast.Constant(value=str()) | ast.JoinedStr():
            return Annotation("str")
        case ast.Constant(value=int()):
            return Annotation("int")
        case ast.Dict(keys=keys) if keys and all(_is_text(each) for each in keys):
            return Annotation("dict[str, Any]", ANY.imports)
        case ast.Attribute(value=ast.Name(id=name), attr="cleaned_data" | "validated_data"):
            is_filled = name in view.filled
            return Annotation("dict[str, Any]", ANY.imports) if is_filled else ANY
        case ast.List() | ast.ListComp():
            return Annotation("list[Any]", ANY.imports)
        case ast.IfExp(body=body, orelse=other):
            return joined([of_expression(view, body), of_expression(view, other)])
        case ast.Subscript(value=base, slice=ast.Constant(value=str(key))):
            return _of_key(view, base, key, may_miss=False)
        case ast.Call(func=ast.Attribute(value=base, attr="get"), args=[ast.Constant(), *more]):
            return _of_get(view, node, base, more)
        case ast.Call(func=ast.Attribute(value=base, attr="getlist")) if _of_request(view, base):
            return Annotation("list[str]")
        case ast.Call(func=ast.Name()) if view.inference.resolve(node.func) in {"list", "sorted"}:
            return Annotation("list[Any]", ANY.imports)
    return ANY


def _is_text(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _of_get(view: View, call: ast.Call, base: ast.expr, more: list[ast.expr]) -> Annotation:
    key = call.args[0]
    if not isinstance(key, ast.Constant) or not isinstance(key.value, str) or len(more) > 1:
        return ANY
    found = _of_key(view, base, key.value, may_miss=not more)
    if not more or found.text == "Any":
        return found
    return joined([found, of_expression(view, more[0])])


def _of_key(view: View, base: ast.expr, key: str, *, may_miss: bool) -> Annotation:
    if _of_request(view, base):
        return optional(Annotation("str")) if may_miss else Annotation("str")
    match base:
        case ast.Attribute(value=ast.Name(id=name), attr="validated_data"):
            return _of_serializer(view, name, key, may_miss=may_miss)
    return ANY


def _of_request(view: View, base: ast.expr) -> bool:
    is_mapping = isinstance(base, ast.Attribute) and base.attr in _OF_TEXTS
    return is_mapping and isinstance(base, ast.Attribute) and is_request(view, base.value)


def _of_serializer(view: View, name: str, key: str, *, may_miss: bool) -> Annotation:
    """The field of a serializer that the view has made itself."""
    made = [
        node.value
        for node in walk(view.function)
        if isinstance(node, ast.Assign)
        and any(isinstance(each, ast.Name) and each.id == name for each in node.targets)
    ]
    if len(made) != 1 or not isinstance(made[0], ast.Call):
        return ANY
    dotted = view.inference.resolve(made[0].func)
    found = view.project.serializer(dotted) if dotted is not None else None
    fields = (taken_in(view.project, found) if found is not None else None) or ()
    field = next((each for each in fields if each.name == key), None)
    if field is None:
        return ANY
    return of_field(field, may_miss=may_miss and not field.required and field.default is None)


def _is_refused(region: Region, name: str) -> bool:
    """Whether the view was left before the run where the variable is None."""
    wanted = {f"{name} is None", f"not {name}"}
    for node in walk(region.view.function):
        if not isinstance(node, ast.If) or node.lineno >= region.statements[0].lineno:
            continue
        leaves = isinstance(node.body[-1], ast.Return | ast.Raise)
        if leaves and ast.unparse(node.test) in wanted:
            return True
    return False
