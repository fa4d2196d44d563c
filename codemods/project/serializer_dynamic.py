"""What a serializer's own code does to its set of fields, by a quick look at a few methods."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from djfix.codemods.project.expressions import expression_facts
from djfix.codemods.project.facts import ExpressionFacts
from djfix.codemods.source.chains import dotted_name, last_name
from djfix.codemods.source.document import Document
from djfix.codemods.source.walking import children, walk

LOOKED_AT = ("__init__", "get_fields", "to_representation")


@dataclass
class Dynamic:
    """`removed`: names that may be taken out. `added`: name, value, and whether only sometimes.
    `unclear`: what could not be read, in words."""

    removed: set[str] = field(default_factory=set)
    added: list[tuple[str, ExpressionFacts, bool]] = field(default_factory=list)
    unclear: str | None = None


def method_node(document: Document, line: int) -> ast.FunctionDef | None:
    """The method whose `def` stands on this line."""
    found = document.function_at(line)
    return found if isinstance(found, ast.FunctionDef) else None


def look_at(node: ast.FunctionDef, found: Dynamic) -> None:
    """Adds what this method does to the fields."""
    names = {"self.fields", "self._declared_fields"} | _locals(node)
    if node.name == "get_fields" and not _asks_super(node):
        found.unclear = "get_fields makes its own fields"
    elif node.name == "get_fields" and not all(_is_mapping(each, names) for each in _given(node)):
        found.unclear = "get_fields gives other fields than it was given"
    _statements(node.body, names, False, found)


def _no_text(node: ast.AST) -> str:
    """The text of what is no plain expression; nothing here reads it."""
    return ""


def _asks_super(node: ast.FunctionDef) -> bool:
    return any(
        isinstance(each, ast.Call)
        and isinstance(each.func, ast.Attribute)
        and each.func.attr == "get_fields"
        for each in walk(node)
    )


def _given(node: ast.FunctionDef) -> list[ast.expr]:
    """What a method returns, and what it binds to the names of the mapping."""
    names = _locals(node)
    found = [each.value for each in walk(node) if isinstance(each, ast.Return) and each.value]
    for each in walk(node):
        match each:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in names:
                found.append(value)
    return found


def _is_mapping(value: ast.expr, names: set[str]) -> bool:
    """Whether this is the mapping of fields itself."""
    is_super = isinstance(value, ast.Call) and _called(value) == "get_fields"
    return is_super or dotted_name(value) in names


def helpers_called(node: ast.FunctionDef) -> tuple[str, ...]:
    """The names of the methods that a method calls on its own object."""
    calls = (each.func for each in walk(node) if isinstance(each, ast.Call))
    spelled = (dotted_name(each) or "" for each in calls)
    own = {each.removeprefix("self.") for each in spelled if each.startswith("self.")}
    return tuple(sorted(each for each in own if "." not in each))


def _locals(node: ast.FunctionDef) -> set[str]:
    """Local names of the mapping of fields: `fields = super().get_fields()`, `= self.fields`."""
    found = set()
    for each in walk(node):
        if isinstance(each, ast.Assign) and isinstance(each.targets[0], ast.Name):
            value = each.value
            is_super = isinstance(value, ast.Call) and _called(value) == "get_fields"
            if is_super or dotted_name(value) == "self.fields":
                found.add(each.targets[0].id)
    return found


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _statements(body: list[ast.stmt], names: set[str], branch: bool, found: Dynamic) -> None:
    for statement in body:
        inside = branch or isinstance(statement, ast.If | ast.Try | ast.For | ast.While | ast.With)
        blocks = [getattr(statement, each, []) for each in ("body", "orelse", "finalbody")]
        blocks += [handler.body for handler in getattr(statement, "handlers", [])]
        if any(blocks):
            for block in blocks:
                _statements(block, names, inside, found)
            _calls(_heads(statement), names, found)
            # After an early return the rest runs only sometimes.
            branch = branch or any(isinstance(each, ast.Return) for each in walk(statement))
            continue
        _assigned(statement, names, branch, found)
        _calls([statement], names, found)


def _is_of_another(target: ast.expr, names: set[str]) -> bool:
    """`child.fields["x"]`"""
    owner = target.value if isinstance(target, ast.Subscript) else target
    return last_name(owner) == "fields" and dotted_name(owner) not in names


def _heads(statement: ast.stmt) -> list[ast.AST]:
    """The expressions of a compound statement itself."""
    return [each for each in children(statement) if isinstance(each, ast.expr)]


def _assigned(statement: ast.stmt, names: set[str], branch: bool, found: Dynamic) -> None:
    targets: list[ast.expr] = []
    if isinstance(statement, ast.Assign | ast.Delete):
        targets = statement.targets
    for target in targets:
        if dotted_name(target) in {"self.fields", "self._declared_fields"}:
            found.unclear = "the fields are replaced"
        if isinstance(target, ast.Attribute) and target.attr == "write_only":
            target = target.value
            if isinstance(target, ast.Subscript) and dotted_name(target.value) in names:
                _taken_out(target.slice, found)
            continue
        if isinstance(statement, ast.Delete) and _is_of_another(target, names):
            found.unclear = "fields of another serializer are taken out"
        if not isinstance(target, ast.Subscript) or dotted_name(target.value) not in names:
            continue
        name = target.slice.value if isinstance(target.slice, ast.Constant) else None
        if not isinstance(name, str):
            found.unclear = "fields are put in or taken out by names that are worked out"
        elif isinstance(statement, ast.Assign):
            found.added.append((name, expression_facts(statement.value, _no_text), branch))
        else:
            found.removed.add(name)


def _calls(nodes: list[ast.AST] | list[ast.stmt], names: set[str], found: Dynamic) -> None:
    for start in nodes:
        for each in walk(start):
            if not isinstance(each, ast.Call):
                continue
            is_given = any(dotted_name(given) in names for given in each.args)
            if is_given and not _is_reading(each):
                found.unclear = "the fields are handed to other code"
            if not isinstance(each.func, ast.Attribute):
                continue
            if dotted_name(each.func.value) in names:
                _call(each, each.func.attr, found)
            elif each.func.attr == "pop" and last_name(each.func.value) == "fields":
                found.unclear = "fields of another serializer are taken out"


def _call(call: ast.Call, method: str, found: Dynamic) -> None:
    if method in {"update", "clear", "popitem", "setdefault", "__setitem__", "__delitem__"}:
        found.unclear = f"the fields are changed by {method}()"
    if method != "pop" or not call.args:
        return
    _taken_out(call.args[0], found)


_READING = frozenset({"list", "tuple", "set", "frozenset", "sorted", "len", "iter", "enumerate"})


def _is_reading(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id in _READING


def _taken_out(key: ast.expr, found: Dynamic) -> None:
    name = key.value if isinstance(key, ast.Constant) else None
    if isinstance(name, str):
        found.removed.add(name)
    else:
        found.unclear = "fields are taken out by names that are worked out"
