"""What an expression of one function is: the entry of this floor is `Inference.value`."""

from __future__ import annotations

import ast
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from djfix.codemods.flow.names import Definition, Flow
from djfix.codemods.flow.spelling import Spelling
from djfix.codemods.inference import numbers
from djfix.codemods.inference.attributes import attribute_of
from djfix.codemods.inference.calls import value_of_call
from djfix.codemods.inference.callsites import CallSite, call_sites
from djfix.codemods.inference.flows import Flows
from djfix.codemods.inference.lists import filled_lists
from djfix.codemods.inference.outer import hidden_names, module_variable
from djfix.codemods.inference.parameters import parameter_value
from djfix.codemods.inference.querysets import element, is_overridden
from djfix.codemods.inference.settling import Settling, joined_so_far
from djfix.codemods.inference.stores import Stores, stores_in
from djfix.codemods.inference.values import (
    Coroutine,
    Instance,
    Items,
    ModelClass,
    Named,
    Plain,
    QuerySet,
    Unknown,
    Value,
    if_true,
    joined,
)
from djfix.codemods.source.chains import dotted_name
from djfix.codemods.source.definitions import DEFINITIONS
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.source.document import Document

Function = ast.FunctionDef | ast.AsyncFunctionDef

_OTHERS = Unknown("other elements are put into the list")

_DEEPEST_HELPER = 3
"""How many helper functions are followed to find out what an expression is."""


class Inference:
    """Values of the expressions of one function.

    `depth` counts the helper functions followed so far; the results do not depend on the order in
    which they are asked for. `asks_callers` False: parameters are what their signature says, and
    no caller is looked for, which costs a search through all files.
    """

    def __init__(
        self,
        project: Project,
        document: Document,
        function: Function,
        *,
        depth: int = 0,
        asks_callers: bool = True,
    ) -> None:
        self.project = project
        self.document = document
        self.function = function
        self.depth = depth
        self.asks_callers = asks_callers
        self.owner = owner_of(document, function)
        self.scope = scope_of(document, function)
        self.hidden = hidden_names(document, function)
        self._values = Settling(self._value)
        self._sites: dict[str, tuple[CallSite, ...] | None] = {}

    @property
    def symbol(self) -> str:
        """The dotted name of the function, by which findings name their place."""
        path = self.document.path
        return ".".join((self.project.module_of(path) or path, *self.scope))

    @cached_property
    def flow(self) -> Flow:
        """Control and data flow; what can be told without is told sooner."""
        return self.project.shared(Flows).of(self.document, self.function, self.scope)

    @cached_property
    def _spelling(self) -> Spelling:
        return self.project.shared(Flows).spelling(self.function)

    def value(self, expression: ast.expr) -> Value:
        """What `expression` is where it stands; Unknown with the reason in words otherwise."""
        return self._values.value(expression)

    def call_sites(self, parameter: str) -> tuple[CallSite, ...] | None:
        """As `call_sites` has them; looked for once."""
        if parameter not in self._sites:
            self._sites[parameter] = call_sites(self, parameter)
        return self._sites[parameter]

    @cached_property
    def stores(self) -> Stores:
        """The places at which the function assigns to attributes, by the attribute's name."""
        return stores_in(self.function)

    def resolve(self, expression: ast.expr) -> str | None:
        """The canonical dotted name of a name or attribute chain that is no local variable.

        Builtins, where nothing hides them, have their bare name.
        """
        dotted = dotted_name(expression)
        if dotted is None:
            return None
        root = expression
        while isinstance(root, ast.Attribute):
            root = root.value
        assert isinstance(root, ast.Name)
        if not self._is_of_module(root):
            return None
        resolved = self.project.resolve(self.document.path, dotted, self.scope)
        return resolved.removeprefix("builtins.") if resolved is not None else None

    def _is_of_module(self, name: ast.Name) -> bool:
        """Whether a name means what the module has, or an import of the function's."""
        if self._spelling.is_parameter(name):
            return False
        if self._spelling.is_free(name.id):
            return name.id not in self.hidden
        kinds = {item.kind for item in self._reaching(name)}
        is_imported = kinds - {"unbound", "del"} == {"import"}
        return is_imported or (kinds <= {"global"} and name.id not in self.hidden)

    def definitions(self, name: ast.Name) -> tuple[Definition, ...]:
        """The bindings that a name may have; none outside of the function's body."""
        return tuple(item for item in self._reaching(name) if item.kind not in {"unbound", "del"})

    def _reaching(self, name: ast.Name) -> tuple[Definition, ...]:
        try:
            return self.flow.reaching(name.id, name)
        except LookupError:
            return ()

    def helper(self, document: Document, function: Function) -> Inference | None:
        """The inference of a function that this one calls; None when followed deep enough."""
        if self.depth >= _DEEPEST_HELPER:
            return None
        return Inference(
            self.project,
            document,
            function,
            depth=self.depth + 1,
            asks_callers=self.asks_callers,
        )

    def _value(self, expression: ast.AST) -> Value:
        match expression:
            case ast.AugAssign(target=ast.Name() as target):
                return self._augmented(target, expression)
            case ast.Constant(value=None):
                return Plain("none")
            case ast.Constant(value=str()) | ast.JoinedStr():
                return Plain("str")
            case ast.Constant():
                return numbers.of_constant(expression.value)
            case ast.Name():
                return self._name(expression)
            case ast.Attribute():
                return self._attribute(expression)
            case ast.Call():
                return value_of_call(self, expression)
            case ast.Await():
                awaited = self.value(expression.value)
                return awaited.value if isinstance(awaited, Coroutine) else awaited
            case ast.NamedExpr():
                return self.value(expression.value)
            case ast.IfExp():
                return joined((self.value(expression.body), self.value(expression.orelse)))
            case ast.BoolOp(op=ast.Or()):
                *firsts, last = (self.value(item) for item in expression.values)
                return joined((*map(if_true, firsts), last))
            case ast.Subscript():
                return self._subscript(expression)
            case ast.BinOp():
                left, right = self.value(expression.left), self.value(expression.right)
                return numbers.of_operation(expression.op, left, right)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd()):
                return numbers.of_sign(self.value(expression.operand))
            case ast.Tuple():
                return Items(tuple(self.value(item) for item in expression.elts))
            case ast.List(elts=[_, *_]):
                return Items(element=joined(self.value(item) for item in expression.elts))
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                return Items(element=self.value(expression.elt))
        return Unknown()

    def _name(self, name: ast.Name) -> Value:
        if self._spelling.is_free(name.id):
            return self._outer_name(name)
        if self._spelling.is_parameter(name):
            given = joined_so_far([partial(parameter_value, self, name.id)])
            return self._perhaps_filled(name, given)
        definitions = self.definitions(name)
        if any(item.kind == "global" for item in definitions):
            return self._outer_name(name) if len(definitions) == 1 else Unknown()
        if not definitions and self.flow.is_local(name.id):
            return Unknown(f"no assignment of {name.id} reaches this line")
        if not definitions:
            return self._outer_name(name)
        return self._perhaps_filled(name, self._any_of(definitions))

    def _perhaps_filled(self, name: ast.Name, value: Value) -> Value:
        """A list is not known by what it was made of where others are put into it."""
        is_list = isinstance(value, Items) and value.element is not None
        return Items(element=_OTHERS) if is_list and name.id in self._filled_lists else value

    @cached_property
    def _filled_lists(self) -> frozenset[str]:
        return filled_lists(self.function)

    def _outer_name(self, name: ast.Name) -> Value:
        resolved = self.project.resolve(self.document.path, name.id, self.scope)
        if name.id in self.hidden:
            return Unknown(f"{name.id} belongs to the function around")
        return self._named(resolved) if resolved is not None else Unknown()

    def _named(self, resolved: str) -> Value:
        if self.project.model(resolved, partial=True) is not None:
            return ModelClass(resolved)
        return module_variable(self, resolved) or Named(resolved)

    def _any_of(self, definitions: tuple[Definition, ...]) -> Value:
        return joined_so_far([partial(self._definition, item) for item in definitions])

    def _definition(self, definition: Definition) -> Value:
        match definition.kind:
            case "parameter":
                return parameter_value(self, definition.name)
            case "import":
                resolved = self.project.resolve(self.document.path, definition.name, self.scope)
                return self._named(resolved) if resolved is not None else Unknown()
            case "assign" | "walrus" if definition.value is not None:
                return self.value(definition.value)
            case "for" if definition.value is not None:
                return self.element_of(definition.value)
            case "assign" | "for":
                return self._unpacked(definition)
            case "augmented" if isinstance(definition.point.node, ast.AugAssign):
                return self._values.value(definition.point.node)
            case "inner":
                return self._of_comprehension(definition)
        return Unknown(f"{definition.name} is bound by {definition.kind}")

    def _augmented(self, target: ast.Name, statement: ast.AugAssign) -> Value:
        before = self.flow.reaching(target.id, statement)
        left = self._any_of(tuple(item for item in before if item.kind != "unbound"))
        return numbers.of_operation(statement.op, left, self.value(statement.value))

    def _unpacked(self, definition: Definition) -> Value:
        """The part that a name takes of a value: `order, created = ...`."""
        statement = definition.point.node
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            value = self.value(statement.value)
            return _part(statement.targets[0], definition.name, value)
        if isinstance(statement, ast.For | ast.AsyncFor):
            return _part(statement.target, definition.name, self.element_of(statement.iter))
        return Unknown(f"{definition.name} is one of several values")

    def _of_comprehension(self, definition: Definition) -> Value:
        generators = getattr(definition.node, "generators", ())
        binding = [item for item in generators if _binds(item.target, definition.name)]
        if len(binding) != 1:
            return Unknown(f"{definition.name} belongs to an inner scope")
        element = self.element_of(binding[0].iter)
        return _part(binding[0].target, definition.name, element)

    def _attribute(self, attribute: ast.Attribute) -> Value:
        resolved = self.resolve(attribute)
        if resolved is not None:
            named = self._named(resolved)
            if not isinstance(named, Named):
                return named
        base = self.value(attribute.value)
        if isinstance(base, Unknown | Named):
            return Named(resolved) if resolved is not None else base
        return attribute_of(self, base, attribute)

    def _subscript(self, subscript: ast.Subscript) -> Value:
        base = self.value(subscript.value)
        if isinstance(base, QuerySet):
            if is_overridden(self.project, base, "__getitem__", "_fetch_all"):
                return Unknown("[] is overridden by the project's own queryset")
            held = not isinstance(subscript.value, ast.Call)
            if isinstance(subscript.slice, ast.Slice) and subscript.slice.step is not None:
                # A slice with a step is fetched at once, and is a list.
                return Items(element=element(base, "iteration", outlives=held))
            if isinstance(subscript.slice, ast.Slice):
                return replace(base, sliced=True)
            return element(base, "index", outlives=held)
        if isinstance(base, Items) and base.element is not None:
            return _held(base.element) if not isinstance(subscript.slice, ast.Slice) else base
        if isinstance(base, Items) and isinstance(subscript.slice, ast.Constant):
            return _item(base.values, subscript.slice.value)
        return Unknown()

    def element_of(self, iterable: ast.expr) -> Value:
        """What one turn of a loop over `iterable` gives."""
        value = self.value(iterable)
        if isinstance(value, QuerySet):
            if is_overridden(self.project, value, "__iter__", "_fetch_all"):
                return Unknown("iteration is overridden by the project's own queryset")
            return element(value, "iteration", outlives=not isinstance(iterable, ast.Call))
        if isinstance(value, Items):
            inner = value.element if value.element is not None else joined(value.values)
            return _held(inner) if not isinstance(iterable, ast.Call) else inner
        return Unknown("what the loop runs over is not known")


def owner_of(document: Document, function: Function) -> ast.ClassDef | None:
    """The class whose body holds the function, also under an `if` or `try` of that body."""
    for node in document.around(function):
        if not isinstance(node, ast.If | ast.Try | ast.With):
            return node if isinstance(node, ast.ClassDef) else None
    return None


def scope_of(document: Document, function: Function) -> tuple[str, ...]:
    """The names of the definitions around and including the function, outermost first."""
    around = [node.name for node in document.around(function) if isinstance(node, DEFINITIONS)]
    return (*reversed(around), function.name)


def _held(value: Value) -> Value:
    """An element of a list that somebody may look at again."""
    return replace(value, outlives=True) if isinstance(value, Instance) else value


def _binds(target: ast.expr, name: str) -> bool:
    return any(isinstance(node, ast.Name) and node.id == name for node in walk(target))


def _part(target: ast.expr, name: str, value: Value) -> Value:
    if isinstance(target, ast.Name):
        return value
    if not isinstance(target, ast.Tuple | ast.List) or not isinstance(value, Items):
        return Unknown()
    if any(isinstance(item, ast.Starred) for item in target.elts):
        return Unknown()
    if value.element is None and len(value.values) != len(target.elts):
        return Unknown("it is unpacked into another number of names")
    for index, item in enumerate(target.elts):
        if _binds(item, name):
            part = value.element if value.element is not None else _item(value.values, index)
            return _part(item, name, part)
    return Unknown()


def _item(values: tuple[Value, ...], index: object) -> Value:
    if isinstance(index, int) and -len(values) <= index < len(values):
        return values[index]
    return Unknown()
