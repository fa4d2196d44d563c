"""What code puts over a column, or the `save()`, of a model that it holds in a variable.

`for model in (Order, Item): setattr(model, "stock", Descriptor())`, `track(Order)`, a model that
the app registry gives. What names the model itself (`Order.stock = ...`) is in `project.additions`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason
from djfix.codemods.inference.holders import Holders, Sought
from djfix.codemods.inference.kept import takes
from djfix.codemods.project.importers import nodes_near
from djfix.codemods.project.known_order import known_order
from djfix.codemods.project.test_files import is_named_as_test
from djfix.codemods.source.chains import dotted_name, last_name
from djfix.codemods.source.document import Unreadable
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.project.facts import ClassFacts, ModuleFacts
    from djfix.codemods.project.models import Model
    from djfix.codemods.project.project import Project

SAVING = frozenset({"save", "asave", "save_base", "_save_table", "_do_update", "__init__"})
"""Methods of a model that a save calls, and code may put another over."""

_SETTING = ("setattr", "__setattr__", "add_to_class", "contribute_to_class")
_OBJECTS = frozenset({"self", "instance"})
"""Names of objects, by Django's and REST framework's own custom: nobody calls a class so."""

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_GIVING = frozenset({"get_models", "model_class", "__subclasses__", "get_user_model"})
_BY_NAME = frozenset({"get_model", "import_string"})
_ANY = frozenset({"__class__", "model", "related_model", "concrete_model"})
"""Calls that give, and attributes that are, classes of models; which ones is not said."""

_CONTAINERS = frozenset(
    {"list", "tuple", "set", "sorted", "reversed", "enumerate", "zip", "chain", "iter", "next"}
)
_ENTRIES = frozenset({"items", "keys", "values", "copy"})


@dataclass(frozen=True, slots=True)
class _Store:
    """An attribute that is set to what may be a descriptor or function; `name` is None where it is
    computed."""

    path: str
    line: int
    owner: ast.expr
    name: str | None


class PutOver:
    """What the project puts over members of models; `project.shared(PutOver)` keeps one."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def of(self, model: Model, columns: Collection[str]) -> str:
        """The first place, "path:line", that puts something over one of these columns of a model,
        or over what saves it; "" if none does."""
        names = frozenset({*columns, *SAVING})
        every = {*names, *(field.name for field in model.fields.values())}
        held = _Held(self._project, model)
        named = (each for each in self._by_name if each.name is None or each.name in every)
        for store in (*named, *self._assigned(names)):
            if held.may_be(store):
                return f"{store.path}:{store.line}"
        return ""

    @cached_property
    def _by_name(self) -> tuple[_Store, ...]:
        """All `setattr(model, name, value)` and their like, in the order of the files."""
        paths = self._project.files.containing(*(each.encode() for each in _SETTING))
        return tuple(
            store
            for path in paths
            if not is_named_as_test(path)
            for node in nodes_near(self._project.files, path, *_SETTING)
            for store in _set_by_name(path, node)
        )

    def _assigned(self, names: Iterable[str]) -> Iterator[_Store]:
        """All `model.name = value`."""
        for name in sorted(names):
            spelled = (f".{name} =", f".{name}=", f".{name}:")
            for path in self._project.files.containing(*(each.encode() for each in spelled)):
                if is_named_as_test(path):
                    continue
                for node in nodes_near(self._project.files, path, name):
                    yield from _assigned_to(path, node, name)


def put_over_reasons(
    project: Project, model: Model, columns: Collection[str] = ()
) -> Iterator[Reason]:
    """Why a save may run, or write, something else than the model says."""
    where = project.shared(PutOver).of(model, columns)
    if where:
        text = f"{where} may put code over a member of {model.label}, which a variable holds"
        yield Reason("unknown-attribute", text)


def _set_by_name(path: str, node: ast.AST) -> Iterator[_Store]:
    match node:
        case ast.Call(func=ast.Name(id="setattr"), args=[owner, named, value]):
            found = (owner, named, value)
        case ast.Call(func=ast.Attribute(attr="__setattr__"), args=[owner, named, value]):
            found = (owner, named, value)
        case ast.Call(func=ast.Attribute(value=owner, attr="add_to_class"), args=[named, value]):
            found = (owner, named, value)
        case ast.Call(
            func=ast.Attribute(value=value, attr="contribute_to_class"), args=[owner, named, *_]
        ):
            found = (owner, named, value)
        case ast.Call(args=[ast.Name(id="setattr"), owner, *_]):
            # `partial(setattr, model)`
            found = (owner, owner, owner)
        case _:
            return
    owner, named, value = found
    text = named.value if isinstance(named, ast.Constant) else None
    if _may_be_code(value):
        yield _Store(path, node.lineno, owner, text if isinstance(text, str) else None)


def _assigned_to(path: str, node: ast.AST, name: str) -> Iterator[_Store]:
    match node:
        case ast.Assign(targets=targets, value=value):
            pass
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            targets = [target]
        case _:
            return
    for part in (part for target in targets for part in walk(target)):
        if isinstance(part, ast.Attribute) and part.attr == name and _may_be_code(value):
            yield _Store(path, node.lineno, part.value, name)


def _may_be_code(value: ast.expr) -> bool:
    """Whether a value may be a descriptor or a function: no constant, no sum, no text."""
    return not isinstance(
        value, ast.Constant | ast.BinOp | ast.Compare | ast.JoinedStr | ast.UnaryOp
    )


class _Held:
    """Whether what has an attribute set may be one model, or a class that it inherits from."""

    def __init__(self, project: Project, model: Model) -> None:
        self._project = project
        self._order = frozenset(known_order(project, model.name))
        own = (project.class_named(each) for each in self._order)
        paths = {info.name for info in own if info is not None and info.path is not None}
        self._words = frozenset(each.rpartition(".")[2] for each in paths)
        spelled = "|".join(
            (*map(re.escape, sorted(self._words)), *sorted(_GIVING), *sorted(_BY_NAME))
        )
        pattern = re.compile(rf"\b(?:{spelled})\b".encode())
        self._holders = Holders(project, Sought(self._names, self._is_one, pattern))

    def may_be(self, store: _Store) -> bool:
        """Whether the attribute is one of the model's."""
        owner = store.owner
        if isinstance(owner, ast.Name) and owner.id in _OBJECTS:
            return False
        return self._names(store.path, owner) or self._is_held(store)

    def _is_held(self, store: _Store) -> bool:
        try:
            document = self._project.files.document(store.path)
            tree = [*walk(document.tree)]
        except (Unreadable, OSError, RecursionError):
            return False
        if isinstance(store.owner, ast.Name):
            found = self._is_handed_by_django(store, store.owner.id, tree)
            if found is not None:
                return found
        return self._holders.may_hold(store.path, store.owner, tree)

    def _is_handed_by_django(
        self, store: _Store, name: str, tree: Iterable[ast.AST]
    ) -> bool | None:
        """Whether the function is a hook that gets the class; None if it is none.

        `class_prepared` and `contribute_to_class()` know any model. A field puts itself in under
        its own name, which is what a computed one is there: such fields are told by their class.
        """
        around = [
            each for each in tree if isinstance(each, _FUNCTIONS) and _is_in(each, store.line)
        ]
        takers = [each for each in around if takes(each, name)]
        if not takers:
            return None
        taker = takers[-1]
        arguments = [*taker.args.posonlyargs, *taker.args.args]
        if name == "sender":
            return True
        if taker.name == "contribute_to_class":
            return store.name is not None
        if name in {"cls", "klass"} and arguments and arguments[0].arg == name:
            return self._is_around(store.path, store.line)
        return None

    def _is_around(self, path: str, line: int) -> bool | None:
        """Whether a line stands in one of the classes; None if it stands in none at all."""
        facts = self._project.module(path)
        around = [each for each in _classes(facts) if each.line <= line <= each.end_line]
        return any(each.name in self._words for each in around) if around else None

    def _is_one(self, _: str, statement: ast.ClassDef) -> bool:
        return statement.name in self._words

    def _names(self, path: str, expression: ast.expr) -> bool:
        """Whether an expression names such a class, or holds it, or gives any model."""
        match expression:
            case ast.Attribute(value=ast.Name(id="self"), attr="__class__"):
                return bool(self._is_around(path, expression.lineno))
            case ast.Attribute(attr=name) if name in _ANY:
                return True
            case ast.Name() | ast.Attribute():
                resolved = [*self._resolved(path, expression)]
                return not self._order.isdisjoint(resolved) or (
                    not resolved and last_name(expression) in self._words
                )
            case ast.Call():
                return self._is_given(path, expression)
        return any(self._names(path, each) for each in _parts(expression))

    def _resolved(self, path: str, expression: ast.expr) -> Iterator[str]:
        """What a name may be, in the module or in a function that imports it."""
        dotted, facts = dotted_name(expression), self._project.module(path)
        if dotted is None or facts is None:
            return
        head = dotted.partition(".")[0]
        for scope in dict.fromkeys([(), *(e.scope for e in facts.imports if e.bound == head)]):
            resolved = self._project.resolve(path, dotted, scope)
            if resolved is not None:
                yield resolved

    def _is_given(self, path: str, call: ast.Call) -> bool:
        """Whether a call gives such a class."""
        name = last_name(call.func)
        if name in _BY_NAME or (name == "getattr" and self._is_module(path, call.args[:1])):
            texts = [each.value for each in call.args if isinstance(each, ast.Constant)]
            wanted = {each.lower() for each in self._words}
            return not texts or str(texts[-1]).rpartition(".")[2].lower() in wanted
        if name == "type" and len(call.args) == 1:
            of_self = isinstance(call.args[0], ast.Name) and call.args[0].id == "self"
            return bool(self._is_around(path, call.lineno)) if of_self else True
        if name in _ENTRIES and isinstance(call.func, ast.Attribute):
            return self._names(path, call.func.value)
        if name in _CONTAINERS:
            return any(self._names(path, each) for each in call.args)
        return name in _GIVING

    def _is_module(self, path: str, given: list[ast.expr]) -> bool:
        """Whether what is given is a module that has such a class, or may be."""
        if given and isinstance(given[0], ast.Call):
            return last_name(given[0].func) == "import_module"
        found = {name for each in given for name in self._resolved(path, each)}
        return any(each.rpartition(".")[0] in found for each in self._order)


def _parts(expression: ast.expr) -> Iterator[ast.expr]:
    """The values that an expression holds together, or of which it gives one."""
    match expression:
        case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
            yield from parts
        case ast.BoolOp(values=parts):
            yield from parts
        case ast.Dict(keys=keys, values=values):
            yield from (*(each for each in keys if each is not None), *values)
        case ast.IfExp(body=one, orelse=other):
            yield from (one, other)
        case ast.Starred(value=value) | ast.NamedExpr(value=value) | ast.Subscript(value=value):
            yield value
        case ast.ListComp(elt=value) | ast.GeneratorExp(elt=value) | ast.SetComp(elt=value):
            yield value


def _classes(facts: ModuleFacts | ClassFacts | None) -> Iterator[ClassFacts]:
    for each in facts.classes if facts is not None else ():
        yield each
        yield from _classes(each)


def _is_in(function: ast.stmt, line: int) -> bool:
    return function.lineno <= line <= (function.end_lineno or function.lineno)
