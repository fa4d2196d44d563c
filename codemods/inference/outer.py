"""Names that a function takes from around it: variables of other functions, and of modules."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from djfix.codemods.flow.scopes import bound_by, names_of, own_nodes, parameters_of
from djfix.codemods.inference.values import ModelClass, Number, Plain, Value
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.inference.expressions import Function, Inference
    from djfix.codemods.project.facts import AssignmentFacts, ModuleFacts
    from djfix.codemods.source.document import Document

_EMPTY = "def outside(): pass"


def hidden_names(document: Document, function: Function) -> frozenset[str]:
    """The variables of the functions around this one, which hide the module's names.

    Those that only imports bind are left out: the project resolves them itself.
    """
    hidden: set[str] = set()
    for node in document.around(function):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            hidden |= names_of(node).bound - _only_imported(node)
    return frozenset(hidden)


def _only_imported(function: Function) -> set[str]:
    imported, others = set[str](), set(parameters_of(function))
    for node in own_nodes(function):
        (imported if isinstance(node, ast.alias) else others).update(bound_by(node))
    return imported - others


def module_variable(inference: Inference, resolved: str) -> Value | None:
    """What a module's variable is that is bound once: a model, a number, a text.

    An instance or a list is not followed: any code may have changed it since the import.
    """
    module, _, name = resolved.rpartition(".")
    path = inference.project.path_of(module)
    facts = inference.project.module(path) if path is not None else None
    assignment = _only_binding(facts, name) if facts is not None else None
    if path is None or assignment is None:
        return None
    document = inference.project.files.document(path)
    expression = _assigned_at(document, assignment.line, name)
    if _is_declared_global(document, name):
        return None
    value = value_outside(inference, document, expression) if expression is not None else None
    return value if isinstance(value, ModelClass | Number | Plain) else None


def value_outside(inference: Inference, document: Document, expression: ast.expr) -> Value | None:
    """The value of an expression of a module or class body; None if followed deep enough."""
    shell = ast.parse(_EMPTY).body[0]
    assert isinstance(shell, ast.FunctionDef)
    helper = inference.helper(document, shell)
    return helper.value(expression) if helper is not None else None


def _only_binding(facts: ModuleFacts, name: str) -> AssignmentFacts | None:
    """The assignment that alone binds a name of the module, `global` ones in functions counted."""
    found = [each for each in facts.assignments if each.target == name and each.value is not None]
    if len(found) != 1 or found[0].operator or found[0].condition:
        return None
    named = {binding for binding, _ in facts.other_bindings}
    named |= {each.name for each in facts.classes} | {each.name for each in facts.functions}
    imports = [each for each in facts.imports if not each.scope]
    named |= {each.bound for each in imports}
    is_starred = any(each.name == "*" and each.line > found[0].line for each in imports)
    return None if name in named or is_starred else found[0]


def _is_declared_global(document: Document, name: str) -> bool:
    """Whether some function may bind the module's name."""
    if b"global" not in document.data:
        return False
    nodes = walk(document.tree)
    return any(isinstance(node, ast.Global) and name in node.names for node in nodes)


def _assigned_at(document: Document, line: int, name: str) -> ast.expr | None:
    for statement in document.tree.body:
        if statement.lineno == line and isinstance(statement, ast.Assign | ast.AnnAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            if any(isinstance(item, ast.Name) and item.id == name for item in targets):
                return statement.value
    return None
