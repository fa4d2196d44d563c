"""What a serializer's own code does to its set of fields, by a quick look at a few methods."""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass, field

from djfix.codemods.project.expressions import expression_facts
from djfix.codemods.project.facts import ExpressionFacts
from djfix.codemods.source.chains import dotted_name, last_name
from djfix.codemods.source.document import Document
from djfix.codemods.source.walking import children, walk

LOOKED_AT = ("get_fields", "__init__", "to_representation")
"""In the order in which they run: `self.fields` asks `get_fields` when it is first read."""

_BEFORE_ROWS = frozenset({"get_fields", "__init__"})
"""Those that are through before the first row is rendered."""


@dataclass
class Dynamic:
    """`removed`: names that may be taken out; `gone`: of these, the ones that always are, before a
    row is rendered. `added`: name, value, and whether only sometimes.
    `unclear`: what could not be read, in words. `loops`: the texts that the name of a loop of the
    method stands for (`for name in ("a", "b")`)."""

    removed: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    added: list[tuple[str, ExpressionFacts, bool]] = field(default_factory=list)
    unclear: str | None = None
    loops: dict[str, tuple[str, ...]] = field(default_factory=dict)


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
    found.loops = _loops_over_texts(node)
    _statements(node.body, names, False, found)
    if node.name in _BEFORE_ROWS:
        _always_taken_out(node.body, names - {"self._declared_fields"}, found)


def _loops_over_texts(node: ast.FunctionDef) -> dict[str, tuple[str, ...]]:
    """The names that loops over written texts bind, and nothing else does."""
    found: dict[str, tuple[str, ...]] = {}
    bound: Counter[str] = Counter(
        each.id for each in walk(node) if isinstance(each, ast.Name) and not _is_load(each)
    )
    for each in walk(node):
        match each:
            case ast.For(
                target=ast.Name(id=name), iter=ast.Tuple(elts=items) | ast.List(elts=items)
            ):
                texts = tuple(filter(None, map(_text, items)))
                if texts and len(texts) == len(items) and bound[name] == 1:
                    found[name] = texts
    return found


def _is_load(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Load)


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _keys(key: ast.expr, found: Dynamic) -> tuple[str, ...]:
    """The names of fields that a key stands for; none where it is worked out."""
    if isinstance(key, ast.Name):
        return found.loops.get(key.id, ())
    text = _text(key)
    return () if text is None else (text,)


def _always_taken_out(body: list[ast.stmt], names: set[str], found: Dynamic) -> None:
    """The fields that statements of the method itself take out, before it may return."""
    for statement in body:
        if any(isinstance(each, ast.Return | ast.Break | ast.Continue) for each in walk(statement)):
            return
        if isinstance(statement, ast.For) and _keys(statement.target, found):
            _always_taken_out(statement.body, names, found)
        key = _key_taken_out(statement, names)
        if key is not None:
            found.gone.update(_keys(key, found))


def _key_taken_out(statement: ast.stmt, names: set[str]) -> ast.expr | None:
    """`del fields["x"]`, `fields.pop("x")`, `fields["x"].write_only = True`"""
    match statement:
        case ast.Delete(targets=[ast.Subscript(value=owner, slice=key)]):
            return key if dotted_name(owner) in names else None
        case (
            ast.Expr(value=ast.Call(func=ast.Attribute(value=owner, attr="pop"), args=[key, *_]))
            | ast.Assign(
                value=ast.Call(func=ast.Attribute(value=owner, attr="pop"), args=[key, *_])
            )
            | ast.Assign(
                targets=[
                    ast.Attribute(value=ast.Subscript(value=owner, slice=key), attr="write_only")
                ],
                value=ast.Constant(value=True),
            )
        ):
            return key if dotted_name(owner) in names else None
    return None


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
        keys = _keys(target.slice, found)
        if not keys:
            found.unclear = "fields are put in or taken out by names that are worked out"
        elif isinstance(statement, ast.Assign):
            value = expression_facts(statement.value, _no_text)
            found.added.extend((name, value, branch) for name in keys)
        else:
            found.removed.update(keys)


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
    keys = _keys(key, found)
    found.removed.update(keys)
    if not keys:
        found.unclear = "fields are taken out by names that are worked out"
