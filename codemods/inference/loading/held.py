"""Which expressions of a function stand for rows: the names that hold a queryset."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from djfix.codemods.inference.expressions import Function
from djfix.codemods.inference.loading.chains import ENDING
from djfix.codemods.source.chains import last_name
from djfix.codemods.source.walking import blocks_in

_GIVING = frozenset({"get_queryset", "filter_queryset"})


@dataclass(frozen=True, slots=True)
class Held:
    """The names that stand for rows, by their spelling ("queryset", "TheView.queryset").

    `of_view`: what the view gives (`self.queryset`, `self.get_queryset()`) stands for them, too.
    `is_use`: which uses of a name do, where it is bound to something else besides. `calls`: the
    functions, methods and properties that give them. `owner`: the spelling of what has the rows
    as its `queryset`, any expression.
    """

    names: frozenset[str]
    of_view: bool = True
    is_use: Callable[[ast.Name], bool] | None = None
    calls: frozenset[str] = frozenset()
    owner: str = ""

    def has(self, expression: ast.expr) -> bool:
        """Whether a chain of calls begins at the rows."""
        node: ast.AST = expression
        while True:
            if self.owner and any(ast.unparse(each) == self.owner for each in queryset_owner(node)):
                return True
            match node:
                case ast.Name():
                    return node.id in self.names and (self.is_use is None or self.is_use(node))
                case ast.Attribute(value=value, attr=attr) if attr in self.calls:
                    return is_self_or_super(value)
                case ast.Call(func=ast.Name(id=name)):
                    return name in self.calls
                case ast.Call(func=ast.Attribute(attr=attr) as called) if attr in self.calls:
                    node = called
                case ast.Attribute(value=ast.Name(id="self" | "view"), attr="queryset"):
                    return self.of_view
                case ast.Attribute(value=ast.Name(id=owner), attr="queryset"):
                    return f"{owner}.queryset" in self.names
                case ast.Attribute(value=ast.Call(func=ast.Name(id=owner)), attr="queryset"):
                    return f"{owner}.queryset" in self.names
                case ast.BinOp(left=one, right=other) | ast.IfExp(body=one, orelse=other):
                    return self.has(one) or self.has(other)
                case ast.BoolOp(values=values):
                    return any(self.has(each) for each in values)
                case ast.NamedExpr(value=value) | ast.Await(value=value):
                    node = value
                case ast.Call(func=ast.Attribute(value=value, attr=attr)) if attr in _GIVING:
                    if is_self_or_super(value) or _is_view(value):
                        return self.of_view
                    node = value
                case ast.Call(func=ast.Attribute(value=value)):
                    node = value
                case ast.Subscript(value=value):
                    node = value
                case _:
                    return False


def queryset_owner(node: ast.AST) -> tuple[ast.expr, ...]:
    """What `x.queryset`, `x.get_queryset()`, `x.filter_queryset(rows)`, or the same by `getattr`,
    reads the queryset of; empty for others.

    What is called with more than that, `model_admin.get_queryset(request)`, is of no view, but for
    a class and what is made of one.
    """
    match node:
        case ast.Attribute(value=value, attr="queryset", ctx=ast.Load()):
            return (value,)
        case ast.Call(func=ast.Name(id="getattr"), args=[value, ast.Constant("queryset"), *_]):
            return (value,)
        case ast.Call(func=function, args=args, keywords=keywords):
            owner, name = _method_called(function)
            expected = 1 if name == "filter_queryset" else 0
            if owner is not None and name in _GIVING:
                given = len(args) + len(keywords)
                return (owner,) if given == expected or _names_class(owner) else ()
    return ()


def _method_called(function: ast.expr) -> tuple[ast.expr | None, str]:
    """What a method is called of, and its name."""
    match function:
        case ast.Attribute(value=owner, attr=name):
            return owner, name
        case ast.Call(func=ast.Name(id="getattr"), args=[owner, ast.Constant(str(name)), *_]):
            return owner, name
    return None, ""


def _names_class(owner: ast.expr) -> bool:
    name = last_name(owner.func if isinstance(owner, ast.Call) else owner)
    return name[:1].isupper()


def is_kept_in(node: ast.AST, held: Held) -> bool:
    """Whether rows are put where other code finds them: `self.rows = orders`, `{"rows": orders}`,
    `[orders]`. What is asked of them there and then (`orders.count()`) is not."""
    match node:
        case ast.Assign(targets=targets, value=value):
            return any(map(_is_elsewhere, targets)) and are_rows(value, held)
        case ast.AnnAssign(target=ast.Attribute() | ast.Subscript(), value=ast.expr() as value):
            return are_rows(value, held)
        case ast.Dict(values=values) | ast.List(elts=values) | ast.Set(elts=values):
            return any(are_rows(each, held) for each in values)
        case ast.Tuple(elts=values, ctx=ast.Load()):
            return any(are_rows(each, held) for each in values)
        case ast.Yield(value=ast.expr() as value) | ast.Lambda(body=value):
            return are_rows(value, held)
    return False


def _is_elsewhere(target: ast.expr) -> bool:
    """Not the view's own `self.queryset`, whose uses are looked at."""
    match target:
        case ast.Attribute(value=ast.Name(id="self"), attr="queryset"):
            return False
    return isinstance(target, ast.Attribute | ast.Subscript)


def are_rows(expression: ast.expr, held: Held) -> bool:
    """Whether an expression is made of the rows, and no answer about them, as a count is."""
    called = expression.func if isinstance(expression, ast.Call) else None
    is_answer = isinstance(called, ast.Attribute) and called.attr.removeprefix("a") in ENDING
    return not is_answer and held.has(expression)


def parameters_of(function: Function) -> tuple[str, ...]:
    """The names of all parameters."""
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
    return tuple(each.arg for each in every)


def of_view(function: Function) -> Held:
    """The local names that stand for the view's queryset, and the parameter of filter_queryset."""
    names = {"queryset", "qs"} & {each.arg for each in function.args.args}
    if function.name in {"filter_queryset", "paginate_queryset"}:
        names |= {each.arg for each in function.args.args[1:]} - {"request", "view"}
    return with_copies(function, names)


def with_copies(function: Function, names: Iterable[str]) -> Held:
    """These names, and those that are bound to what is made of them."""
    return copied(function, Held(frozenset(names)))


def copied(function: Function, held: Held) -> Held:
    """The same, with the names of a function that are bound to what is made of it."""
    return copied_by(blocks_in([function]), held)


def copied_by(nodes: Iterable[ast.AST], held: Held) -> Held:
    """The same, with the names that these nodes bind to what is made of it."""
    found = held
    assigned = [node for node in nodes if isinstance(node, ast.Assign)]
    for node in (*assigned, *assigned):
        if found.has(_listed(node.value)):
            names = {each.id for each in node.targets if isinstance(each, ast.Name)}
            found = replace(found, names=found.names | names)
    return found


def _listed(expression: ast.expr) -> ast.expr:
    """What `list()` is made of."""
    match expression:
        case ast.Call(func=ast.Name(id="list" | "tuple"), args=[source]):
            return source
    return expression


def _is_view(expression: ast.expr) -> bool:
    """The view as REST framework hands it to filters, permissions and paginations."""
    return isinstance(expression, ast.Name) and expression.id == "view"


def is_self_or_super(expression: ast.expr) -> bool:
    match expression:
        case ast.Name(id="self") | ast.Call(func=ast.Name(id="super")):
            return True
    return False
