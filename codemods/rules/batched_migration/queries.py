"""What a data migration's function does to which rows: chains of queryset calls on a model."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from djfix.codemods.source.walking import children, walk

Reach = Literal["all", "unset", "some"]
"""Every row; every row in which some fields have no value yet; what a filter picks."""

WIDE = frozenset(
    {"all", "using", "order_by", "select_related", "prefetch_related", "only", "defer", "iterator"}
    | {"annotate", "values", "values_list", "distinct", "reverse", "get_queryset"}
)
"""Calls that leave the number of rows as it is."""

MANAGERS = frozenset({"objects", "_default_manager", "_base_manager"})
UNSET = ("isnull", "exact", "iexact")


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a model, by its label, that an expression stands for. `unset`: the fields that
    have no value in them."""

    model: str
    reach: Reach
    unset: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Touch:
    """One place of a function that changes rows. `kind`: "update", "delete" or "loop"."""

    kind: Literal["update", "delete", "loop"]
    rows: Rows
    line: int
    is_batched: bool


Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Reader:
    """Reads one function. `models`: what its names stand for outside of it, by name."""

    function: Function
    models: Mapping[str, str]

    def touches(self) -> Iterator[Touch]:
        """Every place that changes rows, in the order of the text."""
        names = _assignments(self.function)
        for statement, inside in _statements(self.function.body, False):
            if isinstance(statement, (ast.For, ast.AsyncFor)):
                rows = self.rows(statement.iter, names)
                if rows is not None and _saves(statement):
                    yield Touch("loop", rows, statement.lineno, inside)
            for call in _calls(statement):
                yield from self._changing(call, names, inside)

    def _changing(
        self, call: ast.Call, names: Mapping[str, ast.expr], inside: bool
    ) -> Iterator[Touch]:
        function = call.func
        if not isinstance(function, ast.Attribute) or function.attr not in ("update", "delete"):
            return
        rows = self.rows(function.value, names)
        if rows is not None:
            kind: Literal["update", "delete"] = "update" if function.attr == "update" else "delete"
            yield Touch(kind, rows, call.lineno, inside)

    def rows(self, node: ast.expr, names: Mapping[str, ast.expr], depth: int = 0) -> Rows | None:
        """The rows that an expression stands for; None where it is no queryset of a model."""
        if depth > 8:
            return None
        if isinstance(node, ast.Name):
            value = names.get(node.id)
            return None if value is None else self.rows(value, names, depth + 1)
        if isinstance(node, ast.Subscript):
            inner = self.rows(node.value, names, depth + 1)
            return None if inner is None else Rows(inner.model, "some")
        if isinstance(node, ast.Attribute) and node.attr in MANAGERS:
            model = self._model(node.value, names)
            return None if model is None else Rows(model, "all")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            inner = self.rows(node.func.value, names, depth + 1)
            return None if inner is None else _after(inner, node.func.attr, node)
        return None

    def _model(self, node: ast.expr, names: Mapping[str, ast.expr]) -> str | None:
        if isinstance(node, ast.Name):
            value = names.get(node.id)
            return self.models.get(node.id) if value is None else self._model(value, {})
        return self._historical(node)

    def _historical(self, node: ast.expr) -> str | None:
        """The label that `apps.get_model("shop", "Order")` or `("shop.Order")` names."""
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            return None
        first = self.function.args.args[:1]
        holder = node.func.value
        is_it = first and isinstance(holder, ast.Name) and holder.id == first[0].arg
        if node.func.attr != "get_model" or not is_it:
            return None
        given = [*node.args, *(each.value for each in node.keywords)]
        texts = [each.value for each in given if isinstance(each, ast.Constant)]
        label = ".".join(each for each in texts if isinstance(each, str))
        return label if label.count(".") == 1 else None


def _after(rows: Rows, method: str, call: ast.Call) -> Rows | None:
    if method in WIDE:
        return rows
    is_unset = method == "filter" and not call.args and all(map(_asks_unset, call.keywords))
    if is_unset and rows.reach != "some":
        names = tuple((each.arg or "").partition("__")[0] for each in call.keywords)
        return Rows(rows.model, "unset" if names or rows.unset else "all", (*rows.unset, *names))
    return Rows(rows.model, "some")


def _asks_unset(given: ast.keyword) -> bool:
    if given.arg is None or not isinstance(given.value, ast.Constant):
        return False
    lookup = given.arg.rpartition("__")[2]
    if lookup == "isnull":
        return given.value.value is True
    return ("__" not in given.arg or lookup in UNSET) and given.value.value in (None, "")


def _assignments(function: Function) -> dict[str, ast.expr]:
    """The names that the function assigns to exactly once, and what."""
    found: dict[str, list[ast.expr | None]] = {}
    for node in walk(function):
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
            if isinstance(target, ast.Name):
                found.setdefault(target.id, []).append(node.value)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.setdefault(node.id, [])
    stores = [
        node.id
        for node in walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]
    return {
        name: values[0]
        for name, values in found.items()
        if len(values) == 1 and values[0] is not None and stores.count(name) == 1
    }


def _statements(body: list[ast.stmt], inside: bool) -> Iterator[tuple[ast.stmt, bool]]:
    """Every statement with whether it stands in a loop over batches."""
    for statement in body:
        yield statement, inside
        deeper = inside or _is_batching(statement)
        for name in ("body", "orelse", "finalbody"):
            yield from _statements(getattr(statement, name, []), deeper)
        for handler in getattr(statement, "handlers", []):
            yield from _statements(handler.body, deeper)


def _is_batching(statement: ast.stmt) -> bool:
    """A `while`, or a `for` over ranges, pages, chunks: what it does, it does to a part."""
    if isinstance(statement, ast.While):
        return True
    if not isinstance(statement, (ast.For, ast.AsyncFor)):
        return False
    text = f"{ast.unparse(statement.target)} {ast.unparse(statement.iter)}".lower()
    return any(word in text for word in ("range(", "batch", "chunk", "page", "slice", "[:"))


def _calls(statement: ast.stmt) -> Iterator[ast.Call]:
    """The calls of a statement itself, not of the statements in it."""
    inner = [
        child
        for name in ("body", "orelse", "finalbody", "handlers")
        for child in getattr(statement, name, [])
    ]
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Call):
            yield node
        waiting += [each for each in children(node) if each not in inner]


def _saves(loop: ast.For | ast.AsyncFor) -> bool:
    """Whether the loop saves or deletes the very object that it goes over."""
    if not isinstance(loop.target, ast.Name):
        return False
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("save", "delete")
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == loop.target.id
        for statement in loop.body
        for node in walk(statement)
    )
