"""Annotations for the parameters and results of a new function, from what is known of them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from djfix.codemods.inference.extraction.names import Needed, needed_of
from djfix.codemods.inference.extraction.regions import Region
from djfix.codemods.inference.values import (
    Instance,
    Number,
    Plain,
    QuerySet,
    Value,
    if_true,
)
from djfix.codemods.project.project import Project
from djfix.codemods.project.serializer_inputs import NESTED, InputField
from djfix.codemods.source.walking import walk

_NUMBERS = {"int": "int", "float": "float", "bool": "bool"}
_TYPING = "typing"


@dataclass(frozen=True, slots=True)
class Annotation:
    """The text of one, and the imports that it needs."""

    text: str
    imports: tuple[Needed, ...] = ()


ANY = Annotation("Any", (Needed(_TYPING, "Any", "Any"),))
NONE = Annotation("None")


def of_value(region: Region, value: Value) -> Annotation:
    """What a value is annotated as; `Any` where too little is known."""
    match value:
        case Instance():
            found = _model(region, value.model)
            is_user = value.origin == "request-user"
            return optional(found) if value.optional and not is_user else found
        case QuerySet():
            model = _model(region, value.model)
            needed = Needed("django.db.models", "QuerySet", "QuerySet")
            return Annotation(f"QuerySet[{model.text}]", (needed, *model.imports))
        case Number():
            return _number(value)
        case Plain(kind="str"):
            return Annotation("str")
        case Plain(kind="date" | "datetime" as kind):
            return Annotation(kind, (Needed("datetime", kind, kind),))
    return ANY


_OF_FIELDS = {
    **dict.fromkeys(
        ("CharField", "EmailField", "SlugField", "URLField", "RegexField", "IPAddressField"),
        Annotation("str"),
    ),
    "IntegerField": Annotation("int"),
    "FloatField": Annotation("float"),
    "BooleanField": Annotation("bool"),
    "DecimalField": Annotation("Decimal", (Needed("decimal", "Decimal", "Decimal"),)),
    "DateField": Annotation("date", (Needed("datetime", "date", "date"),)),
    "DateTimeField": Annotation("datetime", (Needed("datetime", "datetime", "datetime"),)),
    "TimeField": Annotation("time", (Needed("datetime", "time", "time"),)),
    "DurationField": Annotation("timedelta", (Needed("datetime", "timedelta", "timedelta"),)),
    "UUIDField": Annotation("UUID", (Needed("uuid", "UUID", "UUID"),)),
    "DictField": Annotation("dict[str, Any]", ANY.imports),
    NESTED: Annotation("dict[str, Any]", ANY.imports),
}
"""What REST framework's fields give (`to_internal_value`)."""


def of_field(field: InputField, *, may_miss: bool = False) -> Annotation:
    """What a serializer's field gives; `may_miss`: None where the key is missing."""
    found = _OF_FIELDS.get(field.kind, ANY)
    if field.many:
        inner = found.text if field.kind == NESTED else "Any"
        found = Annotation(f"list[{inner}]", ANY.imports)
    is_none = may_miss or field.allows_null
    return optional(found) if is_none and found.text != "Any" else found


def _number(value: Number) -> Annotation:
    if value.kind in _NUMBERS:
        found = Annotation(_NUMBERS[value.kind])
    elif value.kind == "timedelta":
        found = Annotation("timedelta", (Needed("datetime", "timedelta", "timedelta"),))
    elif value.kind == "decimal":
        found = Annotation("Decimal", (Needed("decimal", "Decimal", "Decimal"),))
    else:
        return ANY
    return optional(found) if value.optional else found


def optional(found: Annotation) -> Annotation:
    """The annotation of what may be None besides."""
    if found.text.startswith("Optional[") or found.text == "Any":
        return found
    needed = Needed(_TYPING, "Optional", "Optional")
    return Annotation(f"Optional[{found.text}]", (needed, *found.imports))


def _model(region: Region, dotted: str) -> Annotation:
    """The model's class as the views spell it, if they do."""
    project, path = region.view.project, region.view.document.path
    module, _, name = dotted.rpartition(".")
    facts = project.module(path)
    plain = [
        each
        for each in (facts.imports if facts is not None else ())
        if not (each.scope or each.condition) and each.name not in (None, "*")
    ]
    for each in plain:
        if each.name == each.bound == name and project.resolve(path, name) == dotted:
            return Annotation(name, (needed_of(region.view, each),))
    for each in plain:
        spelled = f"{each.bound}.{name}"
        if each.bound == "models" and project.resolve(path, spelled) == dotted:
            return Annotation(spelled, (needed_of(region.view, each),))
    if not _is_importable(project, dotted):
        return ANY
    return Annotation(name, (Needed(module, name, name),))


def _is_importable(project: Project, dotted: str) -> bool:
    """Whether importing a model is sure to work: a stock user only where its app is installed."""
    if project.class_named(dotted) is None or not dotted.rpartition(".")[2].isidentifier():
        return False
    if not dotted.startswith("django.contrib."):
        return project.path_of(dotted.rpartition(".")[0]) is not None
    installed = project.settings.installed_apps
    return installed is not None and dotted.rpartition(".models.")[0] in installed


def of_variable(region: Region, name: str) -> Annotation:
    """What a variable is that the run takes, where it first reads it."""
    nodes = [node for node in region.moved if isinstance(node, ast.Name) and node.id == name]
    loads = [node for node in nodes if isinstance(node.ctx, ast.Load)]
    first = min(loads, key=lambda node: (node.lineno, node.col_offset), default=None)
    if first is not None:
        found = of_value(region, region.view.inference.value(first))
        if found is not ANY:
            return found
    return by_use(region, [*loads])


def of_result(region: Region, name: str) -> Annotation:
    """What a variable is that the run gives back, where the view first reads it."""
    function = region.view.function
    loads = [
        node
        for node in walk(function)
        if isinstance(node, ast.Name)
        and node.id == name
        and node not in region.nodes
        and isinstance(node.ctx, ast.Load)
        and node.lineno >= region.statements[0].lineno
    ]
    first = min(loads, key=lambda node: (node.lineno, node.col_offset), default=None)
    if first is None:
        return ANY
    value = region.view.inference.value(first)
    if isinstance(value, Instance | Number) and _is_refused_as_none(region, name):
        value = if_true(value)
    return of_value(region, value)


def _is_refused_as_none(region: Region, name: str) -> bool:
    """Whether the run is left, or the variable bound anew, where it is None."""
    wanted = {f"{name} is None", f"not {name}"}
    if any(ast.unparse(test) in wanted for each in region.exits for test in each.tests[-1:]):
        return True
    return any(
        isinstance(node, ast.If) and ast.unparse(node.test) in wanted and _gives(node.body, name)
        for statement in region.statements
        for node in walk(statement)
    )


def _gives(block: Sequence[ast.stmt], name: str) -> bool:
    """Whether a block is left, or gives a variable a value of its own."""
    if isinstance(block[-1], ast.Return | ast.Raise):
        return True
    for statement in block:
        match statement:
            case ast.Assign(targets=[ast.Name(id=bound)], value=value) if bound == name:
                return not (isinstance(value, ast.Constant) and value.value is None)
    return False


def by_use(region: Region, nodes: Iterable[ast.expr]) -> Annotation:
    """What an unknown value must be by the way that it is used: a mapping, or a list of them."""
    parents = region.view.inference.flow.parents
    for node in nodes:
        parent = parents.get(node)
        if _is_mapping(parent, node):
            return Annotation("dict[str, Any]", ANY.imports)
        if isinstance(parent, ast.For | ast.comprehension) and parent.iter is node:
            return _items(region, parent)
        if isinstance(parent, ast.Attribute) and parent.attr in {"items", "keys"}:
            return Annotation("dict[Any, Any]", ANY.imports)
    return ANY


def _is_mapping(parent: ast.AST | None, node: ast.AST) -> bool:
    if isinstance(parent, ast.keyword):
        return parent.arg is None
    if isinstance(parent, ast.Subscript) and parent.value is node:
        return isinstance(parent.slice, ast.Constant) and isinstance(parent.slice.value, str)
    return False


def _items(region: Region, loop: ast.For | ast.comprehension) -> Annotation:
    if not isinstance(loop.target, ast.Name):
        return Annotation("list[Any]", ANY.imports)
    parents = region.view.inference.flow.parents
    scope = loop if isinstance(loop, ast.For) else parents.get(loop)
    inside = walk(scope) if scope is not None else ()
    for node in inside:
        is_item = isinstance(node, ast.Name) and node.id == loop.target.id
        if is_item and _is_mapping(parents.get(node), node):
            return Annotation("list[dict[str, Any]]", ANY.imports)
    return Annotation("list[Any]", ANY.imports)
