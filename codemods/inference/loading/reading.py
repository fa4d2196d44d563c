"""What the queryset that an expression makes is: names, calls, helpers and branches followed."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from djfix.codemods.findings import Reason
from djfix.codemods.flow.names import Definition
from djfix.codemods.inference.expressions import Function, Inference
from djfix.codemods.inference.loading import calls, managers, methods, unread, views
from djfix.codemods.inference.loading.chains import NO_QUERYSET, Chain, either
from djfix.codemods.inference.loading.memory import Memory
from djfix.codemods.inference.parameters import parameter_value
from djfix.codemods.inference.values import Manager, ModelClass, QuerySet
from djfix.codemods.source.chains import dotted_name
from djfix.codemods.source.document import Document
from djfix.codemods.source.walking import walk

DEEPEST = 12
"""How many functions and names are followed into one another."""

DEEPEST_EXPRESSION = 60
MOST_EXPRESSIONS = 2000
"""How many expressions of one function are read for one question."""

Bound = Chain | Reason

UNKNOWN = Reason("unknown-queryset", "where the queryset comes from cannot be read")
TOO_DEEP = Reason("deep-queryset", "the queryset is made through too many functions")


@dataclass(frozen=True, slots=True)
class Receiver:
    """What `self` is: a view (its dotted name), or a manager or queryset (`rows`).

    `cls`: the class whose body holds the code, from which `super()` goes on.
    """

    cls: str
    view: str | None = None
    rows: Chain | None = None
    model: str | None = None


@dataclass
class _Progress:
    """What one reader has found; `cut`: expressions in reading that some answer had to leave out
    because they rest on themselves. Such an answer is not kept."""

    known: dict[int, Bound] = field(default_factory=dict)
    cut: set[int] = field(default_factory=set)
    asked: int = 0


@dataclass(frozen=True)
class Reader:
    """Reads the expressions of one function (or of a class body or module)."""

    memory: Memory
    document: Document
    inference: Inference
    receiver: Receiver | None = None
    arguments: Mapping[str, Bound] = field(default_factory=dict)
    depth: int = 0
    active: frozenset[int] = frozenset()
    progress: _Progress = field(default_factory=_Progress)

    def inner(
        self,
        path: str,
        function: Function | None,
        receiver: Receiver | None = None,
        arguments: Mapping[str, Bound] | None = None,
    ) -> Reader | None:
        """The reader of code that this one leads to; None where it is too deep."""
        document = self.memory.document(path)
        if document is None or self.depth >= DEEPEST:
            return None
        inference = self.memory.inference(document, function)
        return Reader(self.memory, document, inference, receiver, arguments or {}, self.depth + 1)

    def read(self, expression: ast.expr) -> Bound:
        """The queryset that the expression gives, or why that is not known."""
        key, progress = id(expression), self.progress
        if key in progress.known:
            return progress.known[key]
        if key in self.active:
            progress.cut.add(key)
            return UNKNOWN
        progress.asked += 1
        if progress.asked > MOST_EXPRESSIONS or len(self.active) > DEEPEST_EXPRESSION:
            return TOO_DEEP
        found = replace(self, active=self.active | {key})._read(expression)
        progress.cut.discard(key)
        if not progress.cut:
            progress.known[key] = found
        return found

    def _read(self, expression: ast.expr) -> Bound:
        match expression:
            case ast.Constant(value=None):
                return NO_QUERYSET
            case ast.Name():
                return self._name(expression)
            case ast.Attribute():
                return self._attribute(expression)
            case ast.Call():
                return calls.read_call(self, expression)
            case ast.NamedExpr() | ast.Await():
                return self.read(expression.value)
            case ast.IfExp():
                return either((self.read(expression.body), self.read(expression.orelse)))
            case ast.BoolOp(op=ast.Or()):
                return either(self.read(each) for each in expression.values)
            case ast.Subscript(slice=ast.Slice()):
                base = self.read(expression.value)
                return _sliced(base)
            case ast.BinOp(op=ast.BitOr() | ast.BitAnd() | ast.BitXor()):
                return self._operation(expression)
        return UNKNOWN

    def _operation(self, operation: ast.BinOp) -> Bound:
        """`a | b`: what the left operand loads; that of the right is dropped."""
        left, right = self.read(operation.left), self.read(operation.right)
        if isinstance(left, Reason) or isinstance(right, Reason):
            return left if isinstance(left, Reason) else right
        return replace(left, keeps_rows=False, is_empty=left.is_empty and right.is_empty)

    # -- names ----------------------------------------------------------------------------------

    def _name(self, name: ast.Name) -> Bound:
        if self.is_self(name) and self.receiver is not None and self.receiver.rows is not None:
            return self.receiver.rows
        definitions = self.inference.definitions(name)
        if not definitions or any(each.kind in {"global", "import"} for each in definitions):
            return self._outer(name) if len(definitions) < 2 else UNKNOWN
        found = [each for each in self._definitions(definitions) if each is not None]
        return either(found) if found else UNKNOWN

    def _definitions(self, definitions: tuple[Definition, ...]) -> Iterator[Bound | None]:
        """None for one that rests on the name itself, as in a loop."""
        for each in definitions:
            if each.kind == "parameter":
                yield self.arguments.get(each.name) or self._parameter(each)
            elif each.kind in {"assign", "walrus"} and each.value is not None:
                yield self._unless_open(each.value)
            elif each.kind == "augmented" and isinstance(each.point.node, ast.AugAssign):
                yield self._augmented(each)
            else:
                yield Reason("unknown-queryset", f"{each.name} is bound by {each.kind}")

    def _unless_open(self, value: ast.expr) -> Bound | None:
        if id(value) not in self.active:
            return self.read(value)
        self.progress.cut.add(id(value))
        return None

    def _augmented(self, definition: Definition) -> Bound | None:
        """`qs |= other`: as before."""
        statement = definition.point.node
        assert isinstance(statement, ast.AugAssign)
        if id(statement) in self.active:
            return None
        reader = replace(self, active=self.active | {id(statement)})
        before = self.inference.flow.reaching(definition.name, statement)
        kept = tuple(each for each in before if each.kind != "unbound")
        found = [each for each in reader._definitions(kept) if each is not None]
        base = either(found) if found else UNKNOWN
        return replace(base, keeps_rows=False) if isinstance(base, Chain) else base

    def _parameter(self, definition: Definition) -> Bound:
        value = parameter_value(self.inference, definition.name)
        if isinstance(value, Manager):
            return self.of_value(value)
        if _is_none_by_default(self.inference.function, definition.name):
            return NO_QUERYSET
        return Reason("parameter-queryset", f"{definition.name} is handed in by a caller")

    def _outer(self, name: ast.expr) -> Bound:
        resolved = self.inference.resolve(name)
        return self.named(resolved) if resolved is not None else UNKNOWN

    def named(self, resolved: str) -> Bound:
        """The model, or the module's variable, of this dotted name."""
        project = self.memory.project
        model = project.model(resolved, partial=True)
        if model is not None:
            return replace(managers.of_model(self.memory, model), is_lone_model=True)
        found = self._variable(resolved)
        return found[0].read(found[1]) if found is not None else UNKNOWN

    def _module_value(self, path: str, name: str) -> ast.expr | None:
        document = self.memory.document(path)
        found = [
            statement.value
            for statement in (document.tree.body if document is not None else ())
            if isinstance(statement, ast.Assign | ast.AnnAssign) and _assigns(statement, name)
        ]
        return found[0] if len(found) == 1 else None

    # -- attributes -----------------------------------------------------------------------------

    def is_self(self, expression: ast.expr) -> bool:
        """Whether this is the method's first parameter."""
        if not isinstance(expression, ast.Name) or self.receiver is None:
            return False
        function = self.inference.function
        arguments = [*function.args.posonlyargs, *function.args.args]
        if not arguments or arguments[0].arg != expression.id or self.inference.owner is None:
            return False
        kinds = {each.kind for each in self.inference.definitions(expression)}
        return kinds <= {"parameter"}

    def _attribute(self, attribute: ast.Attribute) -> Bound:
        if self.is_self(attribute.value):
            return self._own_attribute(attribute)
        model = self.model_of(attribute.value)
        if model is not None:
            return managers.named(self.memory, model, attribute.attr)
        value = self.inference.value(attribute)
        if isinstance(value, Manager) and value.related:
            return self._related(value, attribute.attr)
        if isinstance(value, Manager | QuerySet):
            return self.of_value(value)
        found = self._outer(attribute) if dotted_name(attribute) is not None else UNKNOWN
        if isinstance(found, Chain):
            return found
        return unread.of_attribute(self, attribute) or found

    def _related(self, manager: Manager, accessor: str) -> Bound:
        """The manager of an object's relation: over a foreign key, each of its rows holds the
        object itself (Django's `_known_related_objects`)."""
        chain = self.of_value(manager)
        owner = self.memory.project.model(manager.owner, partial=True)
        reverse = owner.reverse_named(accessor) if owner is not None else None
        if isinstance(chain, Reason) or reverse is None or reverse.kind != "foreign-key":
            return chain
        return replace(chain, loaded=replace(chain.loaded, known=reverse.field))

    def of_value(self, value: Manager | QuerySet) -> Bound:
        """A manager or queryset that the values of expressions know."""
        model = self.memory.project.model(value.model, partial=True)
        if model is None:
            return UNKNOWN
        if isinstance(value, Manager) and not value.related:
            return managers.named(self.memory, model, value.name)
        return managers.of_model(self.memory, model, related=value.related)

    def _own_attribute(self, attribute: ast.Attribute) -> Bound:
        assert self.receiver is not None
        if self.receiver.view is not None:
            return views.attribute(self, self.receiver.view, attribute.attr)
        model = self.receiver.model
        found = self.memory.project.model(model, partial=True) if model is not None else None
        if found is not None and attribute.attr == "model":
            return replace(managers.of_model(self.memory, found), is_lone_model=True)
        return UNKNOWN

    def model_of(self, expression: ast.expr) -> str | None:
        """The model that an expression stands for: its name, `get_user_model()`, `self.model`."""
        if isinstance(expression, ast.Attribute) and self.is_self(expression.value):
            return self._model_of_self(expression)
        if self.is_self(expression) and self.receiver is not None:
            return self.receiver.model
        value = self.inference.value(expression)
        if isinstance(value, ModelClass):
            return value.model
        resolved = self.inference.resolve(expression)
        if resolved is None and isinstance(expression, ast.Name):
            found = self.read(expression)
            return found.model if isinstance(found, Chain) and found.is_lone_model else None
        return self._variable_model(resolved) if resolved is not None else None

    def _variable_model(self, resolved: str) -> str | None:
        """`User = get_user_model()` at the top of a module, imported here."""
        if self.memory.project.model(resolved, partial=True) is not None:
            return resolved
        value = self._variable(resolved)
        if value is None or not isinstance(value[1], ast.Call | ast.Name):
            return None
        return value[0].model_of(value[1])

    def _variable(self, resolved: str) -> tuple[Reader, ast.expr] | None:
        """The value of a module's variable, or a class's attribute, that is bound once."""
        owner, _, name = resolved.rpartition(".")
        path = self.memory.project.path_of(owner)
        if path is not None:
            value = self._module_value(path, name)
            reader = self.inner(path, None)
            return (reader, value) if reader is not None and value is not None else None
        info = self.memory.project.class_named(owner) if owner else None
        found = views.assigned(self.memory, info.name, name) if info is not None else None
        reader = self.inner(found.path, None) if found is not None else None
        return (reader, found.value) if reader is not None and found is not None else None

    def followed(self, expression: ast.expr) -> tuple[Reader, ast.expr] | None:
        """What a name that is bound once is bound to, here or in another file."""
        if isinstance(expression, ast.Name):
            definitions = self.inference.definitions(expression)
            kinds = {each.kind for each in definitions}
            if kinds == {"assign"} and len(definitions) == 1:
                value = definitions[0].value
                changed = _is_changed(self.inference.function, expression.id)
                return None if value is None or changed else (self, value)
        if isinstance(expression, ast.Attribute) and self.is_self(expression.value):
            return self._followed_attribute(expression.attr)
        resolved = self.inference.resolve(expression)
        return self._variable(resolved) if resolved is not None else None

    def _followed_attribute(self, name: str) -> tuple[Reader, ast.expr] | None:
        assert self.receiver is not None
        cls = self.receiver.view or self.receiver.cls
        found = views.assigned(self.memory, cls, name)
        reader = self.inner(found.path, None) if found is not None else None
        return (reader, found.value) if reader is not None and found is not None else None

    def _model_of_self(self, expression: ast.expr) -> str | None:
        if not isinstance(expression, ast.Attribute) or expression.attr != "model":
            return None
        assert self.receiver is not None
        if self.receiver.model is not None:
            return self.receiver.model
        found = self._own_attribute(expression)
        return found.model if isinstance(found, Chain) and found.is_lone_model else None


def reader_of(
    memory: Memory, document: Document, function: Function | None, receiver: Receiver | None = None
) -> Reader:
    """The reader that a question starts with."""
    return Reader(memory, document, memory.inference(document, function), receiver)


def _assigns(statement: ast.Assign | ast.AnnAssign, name: str) -> bool:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return any(isinstance(each, ast.Name) and each.id == name for each in targets)


def _is_changed(function: Function, name: str) -> bool:
    """Whether a list under this name may be changed in place, anywhere in the function."""
    for node in walk(function):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=method)):
                if owner == name and method not in {"index", "count", "copy"}:
                    return True
            case ast.Subscript(value=ast.Name(id=owner), ctx=ast.Store() | ast.Del()):
                if owner == name:
                    return True
    return False


def _sliced(base: Bound) -> Bound:
    if isinstance(base, Reason):
        return base
    return replace(base, sliced=True, keeps_rows=False, is_manager=False)


def _is_none_by_default(function: Function, name: str) -> bool:
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    last = positional[len(positional) - len(arguments.defaults) :]
    pairs = [*zip(last, arguments.defaults, strict=True)]
    pairs += [
        (key, value)
        for key, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        if value is not None
    ]
    return any(key.arg == name and methods.is_none(value) for key, value in pairs)
