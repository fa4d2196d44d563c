"""What a function does besides with a queryset that it makes: under its names, before and after."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from djfix.codemods.flow.names import Definition
from djfix.codemods.inference.loading.chains import RETURNING_QUERYSETS
from djfix.codemods.inference.loading.hazards import evidence_of, hazard
from djfix.codemods.inference.loading.held import Held, copied
from djfix.codemods.inference.loading.memory import Memory
from djfix.codemods.inference.loading.methods import returns_of
from djfix.codemods.inference.loading.reading import Reader
from djfix.codemods.inference.loading.refinements import done_with
from djfix.codemods.inference.loading.values import Hazard
from djfix.codemods.inference.orders import is_total
from djfix.codemods.project.known_order import known_order
from djfix.codemods.source.walking import walk

_PAGING = frozenset({"paginate_queryset", "filter_queryset"})
_ORDERING = frozenset({"order_by", "latest", "earliest", "alatest", "aearliest"})


def root_of(reader: Reader, expression: ast.expr) -> ast.expr:
    """The expression on which one is built through names: of `orders = orders.filter(...)` what
    `orders` was before, where that is one expression."""
    roots = _roots(reader, expression, set())
    return roots.pop() if len(roots) == 1 else expression


def _roots(reader: Reader, expression: ast.expr, seen: set[int]) -> set[ast.expr]:
    if id(expression) in seen:
        return set()
    seen.add(id(expression))
    base = expression
    while isinstance(base, ast.Call) and isinstance(base.func, ast.Attribute):
        if base.func.attr not in RETURNING_QUERYSETS:
            return {expression}
        base = base.func.value
    definitions = reader.inference.definitions(base) if isinstance(base, ast.Name) else ()
    if not definitions or any(each.kind != "assign" or not each.value for each in definitions):
        return {expression}
    values = [each.value for each in definitions if each.value is not None]
    return set[ast.expr]().union(*(_roots(reader, each, seen) for each in values))


def later_uses(reader: Reader, expression: ast.expr, model: str) -> tuple[Hazard, ...]:
    """The hazards of what the function does elsewhere with the queryset that an expression makes:
    under the name that it is bound to, and under names for what is built on it."""
    function = reader.inference.function
    made = _Made(reader, expression)
    names = made.names()
    cls = reader.receiver.view or reader.receiver.cls if reader.receiver is not None else None
    found: list[Hazard] = []
    if names:
        held = Held(names, of_view=False, is_use=made.is_use)
        found += done_with(reader.memory, cls, reader.document, function, held)
        found += _reordered(reader, held, model)
    around = next(reader.document.above(expression), None)
    if isinstance(around, ast.Assign) and not all(_is_name(each) for each in around.targets):
        found.append(hazard("handed-on", evidence_of(reader.document, around)))
    if cls is not None and made.is_returned():
        found += _uses_of_result(reader.memory, cls, function.name)
    return tuple(found)


def _is_name(target: ast.expr) -> bool:
    return isinstance(target, ast.Name)


def _reordered(reader: Reader, held: Held, model: str) -> Iterator[Hazard]:
    """Later orders in which rows may tie: a join may then change which of them come first."""
    for node in walk(reader.inference.function):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr not in _ORDERING or not held.has(node.func.value):
            continue
        names = [each.value for each in node.args if isinstance(each, ast.Constant)]
        texts = tuple(each for each in names if isinstance(each, str))
        is_read = len(texts) == len(node.args) and not node.keywords
        if not is_read or not is_total(reader.memory.project, model, texts):
            yield hazard("reordered-later", evidence_of(reader.document, node))


def _uses_of_result(memory: Memory, view: str, name: str) -> Iterator[Hazard]:
    """What the methods of a view do with what one of them, or a property, gives."""
    held = Held(frozenset(), of_view=False, calls=frozenset({name}))
    for cls in (*known_order(memory.project, view), *memory.project.subclasses(view)):
        for document, function in memory.methods(cls):
            yield from done_with(memory, cls, document, function, copied(function, held))


@dataclass(frozen=True)
class _Made:
    """Tells the uses of what one expression makes from those of other values of the same names."""

    reader: Reader
    expression: ast.expr
    known: dict[int, bool] = field(default_factory=dict)

    def names(self) -> frozenset[str]:
        """The local names that are bound to it, or to what is built on it."""
        found: set[str] = set()
        for node in walk(self.reader.inference.function):
            match node:
                case ast.Assign(targets=targets, value=value) if self._is_made(value):
                    inner = [each for target in targets for each in walk(target)]
                    found |= {each.id for each in inner if isinstance(each, ast.Name)}
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value) if (
                    self._is_made(value)
                ):
                    found.add(name)
                case ast.NamedExpr(target=ast.Name(id=name), value=value) if self._is_made(value):
                    found.add(name)
        return frozenset(found)

    def is_returned(self) -> bool:
        """Whether the function gives it to who calls it."""
        values = [each.value for each in returns_of(self.reader.inference.function)]
        return any(self._is_made(each) for each in values if each is not None)

    def is_use(self, name: ast.Name) -> bool:
        """Whether a name may stand for it here; inside of an inner function any name may."""
        if id(name) not in self.known:
            self.known[id(name)] = False
            definitions = self.reader.inference.definitions(name)
            inner = not definitions and self._is_inner(name)
            self.known[id(name)] = inner or any(self._is_made_by(each) for each in definitions)
        return self.known[id(name)]

    def _is_made_by(self, definition: Definition) -> bool:
        if definition.value is not None:
            return definition.kind != "for" and self._is_made(definition.value)
        # A part of what is unpacked.
        statement = definition.point.node
        return isinstance(statement, ast.Assign) and self._is_made(statement.value)

    def _is_inner(self, name: ast.Name) -> bool:
        scopes = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.comprehension
        for node in self.reader.document.above(name):
            if node is self.reader.inference.function:
                return False
            if isinstance(node, scopes | ast.GeneratorExp | ast.ListComp | ast.SetComp):
                return True
        return False

    def _is_made(self, value: ast.expr) -> bool:
        """Whether a value is it, or a chain of calls on it, or chosen or listed from it."""
        if value is self.expression:
            return True
        match value:
            case ast.Name():
                return self.is_use(value)
            case ast.Call(func=ast.Attribute(attr=attr)) if attr in _PAGING:
                return False
            case ast.Call(func=ast.Attribute(value=inner)) | ast.Subscript(value=inner):
                return self._is_made(inner)
            case ast.Call(func=ast.Name(id=name), args=args):
                is_class = name[:1].isupper()
                return not is_class and any(self._is_made(each) for each in args)
            case ast.Await(value=inner) | ast.NamedExpr(value=inner):
                return self._is_made(inner)
            case ast.IfExp(body=body, orelse=orelse):
                return self._is_made(body) or self._is_made(orelse)
            case ast.BoolOp(values=values) | ast.Dict(values=values):
                return any(self._is_made(each) for each in values)
            case ast.Tuple(elts=values) | ast.List(elts=values) | ast.Set(elts=values):
                return any(self._is_made(each) for each in values)
            case ast.BinOp(left=left, right=right):
                return self._is_made(left) or self._is_made(right)
        return False
