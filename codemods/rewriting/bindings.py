"""What each name of a file is bound to and where it is used, by scope: enough for its imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True, slots=True)
class ImportedName:
    """One name that an import statement binds.

    `target` is the dotted name it stands for: `django.db.models.F`, or the module; for
    `import a.b` that is `a.b` although the bound name is `a`. Empty where a relative import
    cannot be resolved. `certain`: the statement stands directly in its module or function body.
    """

    bound: str
    target: str
    statement: ast.Import | ast.ImportFrom
    alias: ast.alias
    certain: bool

    @property
    def is_plain_module(self) -> bool:
        """`import a.b` without an alias: binds `a`, is used as `a.b`."""
        return isinstance(self.statement, ast.Import) and self.alias.asname is None


@dataclass(slots=True)
class Scope:
    """One scope: what it binds and which names stand in it, in the order of the file.

    `name` is the dotted path of scopes, made unique by an ordinal; the module's is empty.
    """

    name: str
    node: ast.AST
    parent: Scope | None
    bound: dict[str, int] = field(default_factory=dict)
    imports: list[ImportedName] = field(default_factory=list)
    uses: list[ast.Name] = field(default_factory=list)
    outer: set[str] = field(default_factory=set)
    children: list[Scope] = field(default_factory=list)

    @property
    def is_class(self) -> bool:
        """Whether nested functions pass over this scope."""
        return isinstance(self.node, ast.ClassDef)

    @property
    def is_function(self) -> bool:
        """Whether this is the body of a function or lambda, run later than its surroundings."""
        return isinstance(self.node, FunctionNode)

    def owner(self, name: str) -> Scope:
        """The scope whose binding a use of `name` in this scope sees; the module if none binds."""
        scope: Scope = self
        while scope.parent is not None:
            visible = scope is self or not scope.is_class
            if visible and name in scope.bound and name not in scope.outer:
                return scope
            scope = scope.parent
        return scope

    def walk(self) -> Iterator[Scope]:
        """This scope and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()


def scopes_of(tree: ast.Module, package: str | None = None) -> Scope:
    """The module's scope with all others below. `package` is what relative imports start from."""
    builder = _Builder(package)
    module = Scope("", tree, None)
    builder.body(tree.body, module, certain=True)
    return module


def resolved_module(statement: ast.ImportFrom, package: str | None) -> str | None:
    """The absolute module of a from-import, or None where its package is unknown."""
    if not statement.level:
        return statement.module
    parts = package.split(".") if package else []
    if statement.level > len(parts):
        return None
    base = parts[: len(parts) - statement.level + 1]
    return ".".join([*base, *([statement.module] if statement.module else [])])


class _Builder:
    def __init__(self, package: str | None) -> None:
        self.package = package

    def body(self, statements: Sequence[ast.stmt], scope: Scope, *, certain: bool) -> None:
        for statement in statements:
            if isinstance(statement, (ast.Import, ast.ImportFrom)):
                self._imported(statement, scope, certain=certain)
            else:
                self.visit(statement, scope)

    def visit(self, node: ast.AST, scope: Scope) -> None:
        if isinstance(node, ast.Name):
            _name(node, scope)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self._function(node, scope)
        elif isinstance(node, ast.ClassDef):
            self._class(node, scope)
        elif isinstance(node, ast.Lambda):
            self._lambda(node, scope)
        elif isinstance(node, COMPREHENSIONS):
            self._comprehension(node, scope)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            self._imported(node, scope, certain=False)
        else:
            _other_bindings(node, scope)
            self._children(node, scope)

    def _children(self, node: ast.AST, scope: Scope) -> None:
        for child in ast.iter_child_nodes(node):
            self.visit(child, scope)

    def _imported(
        self, statement: ast.Import | ast.ImportFrom, scope: Scope, *, certain: bool
    ) -> None:
        for alias in statement.names:
            bound = alias.asname or _bound_by(statement, alias)
            _bind(scope, bound)
            target = self._target(statement, alias)
            scope.imports.append(ImportedName(bound, target, statement, alias, certain))

    def _target(self, statement: ast.Import | ast.ImportFrom, alias: ast.alias) -> str:
        if isinstance(statement, ast.Import):
            return alias.name
        module = resolved_module(statement, self.package)
        return f"{module}.{alias.name}" if module else ""

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> None:
        _bind(scope, node.name)
        inner = _below(scope, node, node.name)
        for decorator in node.decorator_list:
            self.visit(decorator, scope)
        for parameter in getattr(node, "type_params", ()):
            self.visit(parameter, inner)
        self._arguments(node.args, scope, inner)
        if node.returns is not None:
            self.visit(node.returns, scope)
        self.body(node.body, inner, certain=True)

    def _lambda(self, node: ast.Lambda, scope: Scope) -> None:
        inner = _below(scope, node, "<lambda>")
        self._arguments(node.args, scope, inner)
        self.visit(node.body, inner)

    def _arguments(self, arguments: ast.arguments, scope: Scope, inner: Scope) -> None:
        for default in [*arguments.defaults, *filter(None, arguments.kw_defaults)]:
            self.visit(default, scope)
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        for argument in [*every, *filter(None, (arguments.vararg, arguments.kwarg))]:
            _bind(inner, argument.arg)
            if argument.annotation is not None:
                self.visit(argument.annotation, scope)

    def _class(self, node: ast.ClassDef, scope: Scope) -> None:
        _bind(scope, node.name)
        inner = _below(scope, node, node.name)
        for expression in [*node.decorator_list, *node.bases, *node.keywords]:
            self.visit(expression, scope)
        for parameter in getattr(node, "type_params", ()):
            self.visit(parameter, inner)
        self.body(node.body, inner, certain=True)

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, scope: Scope
    ) -> None:
        inner = _below(scope, node, "<comprehension>")
        self.visit(node.generators[0].iter, scope)
        for number, generator in enumerate(node.generators):
            self.visit(generator.target, inner)
            for expression in [*([generator.iter] if number else []), *generator.ifs]:
                self.visit(expression, inner)
        results = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        for result in results:
            self.visit(result, inner)


def _bound_by(statement: ast.Import | ast.ImportFrom, alias: ast.alias) -> str:
    return alias.name.partition(".")[0] if isinstance(statement, ast.Import) else alias.name


def _below(scope: Scope, node: ast.AST, name: str) -> Scope:
    path = f"{scope.name}.{name}" if scope.name else name
    ordinal = sum(child.name.partition("#")[0] == path for child in scope.children)
    inner = Scope(f"{path}#{ordinal}" if ordinal else path, node, scope)
    scope.children.append(inner)
    return inner


def _name(node: ast.Name, scope: Scope) -> None:
    if isinstance(node.ctx, ast.Load):
        scope.uses.append(node)
    else:
        _bind(scope, node.id)


def _bind(scope: Scope, name: str) -> None:
    scope.bound[name] = scope.bound.get(name, 0) + 1


def _other_bindings(node: ast.AST, scope: Scope) -> None:
    """Names that are bound without a Name node, and names that are declared to be an outer's."""
    if isinstance(node, (ast.Global, ast.Nonlocal)):
        scope.outer.update(node.names)
        for name in node.names:
            _bind(scope, name)
    elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
        _bind(scope, node.name)
    elif isinstance(node, ast.MatchMapping) and node.rest:
        _bind(scope, node.rest)
    elif isinstance(node, ast.NamedExpr):
        _bind(_outside_comprehensions(scope), node.target.id)
    elif type(node).__name__ in ("TypeVar", "ParamSpec", "TypeVarTuple"):
        _bind(scope, node.name)  # type: ignore[attr-defined]


def _outside_comprehensions(scope: Scope) -> Scope:
    while isinstance(scope.node, COMPREHENSIONS) and scope.parent is not None:
        scope = scope.parent
    return scope
