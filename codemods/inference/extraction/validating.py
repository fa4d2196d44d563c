"""Input through a serializer: `serializer.validated_data["items"]` for `request.data["items"]`."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from djfix.codemods.findings import Reason, Span
from djfix.codemods.inference.extraction.annotations import Annotation, of_field
from djfix.codemods.inference.extraction.body_reads import BodyReads, Read, body_reads
from djfix.codemods.inference.extraction.fitting import fitting_serializer
from djfix.codemods.inference.extraction.hoisting import Hoist
from djfix.codemods.inference.extraction.inputs import comes_first, input_at
from djfix.codemods.inference.extraction.modules import Imports, Target
from djfix.codemods.inference.extraction.names import Needed
from djfix.codemods.inference.extraction.patches import names_in_file
from djfix.codemods.inference.extraction.regions import Region
from djfix.codemods.inference.extraction.text import Cut, Lines, lines_of, spliced, stretch
from djfix.codemods.inference.extraction.variables import Variables
from djfix.codemods.inference.extraction.views import View
from djfix.codemods.inference.extraction.writing import Design
from djfix.codemods.project.serializer_inputs import taken_in
from djfix.codemods.project.serializer_values import Serializer
from djfix.codemods.source.walking import walk


@dataclass(frozen=True, slots=True, eq=False)
class Validation:
    """How a view asks a serializer. `spelled`: the class as the view calls it, `imported` where it
    has to import it. `before`: the statement that reads the body first; None: the call does.
    `inlined`: variables that nothing but the call uses, and the statements that bound them."""

    serializer: Serializer
    spelled: str
    imported: Needed | None
    variable: str
    body: BodyReads
    before: ast.stmt | None
    inlined: Mapping[str, ast.Assign] = field(default_factory=dict)

    @property
    def reason(self) -> Reason:
        """What changes for clients."""
        name = self.serializer.name.rpartition(".")[2]
        return Reason(
            "validates-input",
            f"what {name} refuses is answered 400 with its errors, before anything else is done; "
            "values get the types of its fields, texts are trimmed, keys that it does not know "
            "are dropped",
        )


def validation_of(
    region: Region, target: Target, function: str, variables: Variables
) -> Validation | Reason | None:
    """How the input of a run is validated, or why it is not; None where there is none to be."""
    view = region.view
    body = body_reads(view)
    if view.filled or body is None or isinstance(body, Reason):
        return body if isinstance(body, Reason) and not view.filled else None
    first = body.mappings[0]
    if first.lineno > max(each.end_lineno or 0 for each in region.statements):
        return None
    before = None if first in region.nodes else _top(view, first)
    late = _late(region, body, before)
    if late is not None:
        return late
    found = fitting_serializer(view, target, function, body)
    if isinstance(found, Reason):
        return found
    spelled = _spelled(view, found)
    if isinstance(spelled, Reason):
        return spelled
    name, imported = spelled
    made = Validation(found, name, imported, _variable(view), body, before)
    return replace(made, inlined=_inlined(region, variables, body))


def _top(view: View, node: ast.AST) -> ast.stmt:
    """The statement of the function's own block that holds a node."""
    parents = view.inference.flow.parents
    while parents.get(node) is not view.function:
        node = parents[node]
    assert isinstance(node, ast.stmt)
    return node


def _late(region: Region, body: BodyReads, before: ast.stmt | None) -> Reason | None:
    """Why the body cannot be validated where it is first read."""
    view, first = region.view, body.mappings[0]
    text = f"line {first.lineno} reads `{ast.unparse(first)}`"
    if before is not None:
        if lines_of(view.document, [before]) is None or not comes_first([], before, first):
            return Reason("late-input", f"{text} where something comes before it, or not always")
        return None
    outside = any(each not in region.nodes for each in body.mappings)
    in_branch = region.block is not view.function.body
    if first in region.exit_nodes or (outside and in_branch):
        return Reason("late-input", f"{text} for some requests only")
    if _is_caught(view, region.statements[0]):
        return Reason("late-input", f"{text} inside of a block that may catch what is raised")
    return None


def _is_caught(view: View, statement: ast.stmt) -> bool:
    """Whether a `try` or a `with` but `atomic()` stands around a statement."""
    parents = view.inference.flow.parents
    node: ast.AST | None = statement
    while node is not None and node is not view.function:
        node = parents.get(node)
        if isinstance(node, ast.Try | ast.TryStar | ast.AsyncWith):
            return True
        if isinstance(node, ast.With):
            managers = [each.context_expr for each in node.items]
            called = [each.func if isinstance(each, ast.Call) else each for each in managers]
            resolved = {view.inference.resolve(each) for each in called}
            if resolved != {"django.db.transaction.atomic"}:
                return True
    return False


def _spelled(view: View, found: Serializer) -> tuple[str, Needed | None] | Reason:
    """How the view names the class, and what it imports for it."""
    project, path = view.project, view.document.path
    module, _, name = found.name.rpartition(".")
    if module == project.module_of(path):
        return name, None
    facts = project.module(path)
    plain = [
        each
        for each in (facts.imports if facts is not None else ())
        if not (each.scope or each.condition) and each.name != "*"
    ]
    for each in plain:
        for spelled in (each.bound, f"{each.bound}.{name}"):
            if project.resolve(path, spelled) == found.name:
                return spelled, None
    if name in names_in_file(view.document):
        return Reason("name-taken", f"`{name}` is something else among the views")
    own = project.module_of(path) or ""
    if project.shared(Imports).reaches(module, own) is not None:
        return Reason("circular-import", f"{module} imports the views")
    return name, Needed(module, name, name)


def _variable(view: View) -> str:
    """A name for the serializer that means nothing else in the view."""
    used = {node.id for node in walk(view.function) if isinstance(node, ast.Name)}
    used |= {node.arg for node in walk(view.function) if isinstance(node, ast.arg)}
    wanted = ("serializer", "input_serializer", "body_serializer")
    return next((each for each in wanted if each not in used), "validating_serializer")


def _inlined(region: Region, variables: Variables, body: BodyReads) -> Mapping[str, ast.Assign]:
    found: dict[str, ast.Assign] = {}
    for name in variables.given:
        statement = _binding(region, name)
        if statement is not None and _is_movable(region, statement, body):
            found[name] = statement
    return found


def _binding(region: Region, name: str) -> ast.Assign | None:
    """The one statement before the run, of its block, that binds a variable for it alone."""
    view = region.view
    if len(view.inference.flow.definitions_of(name)) != 1:
        return None
    for statement in region.block[: region.first]:
        match statement:
            case ast.Assign(targets=[ast.Name(id=bound) as target]) if bound == name:
                others = (
                    node
                    for node in walk(view.function)
                    if isinstance(node, ast.Name) and node.id == name and node is not target
                )
                text = view.document.line_text(statement.lineno)
                alone = statement.lineno == statement.end_lineno and not {"#", ";"} & set(text)
                return statement if alone and all(e in region.moved for e in others) else None
    return None


def _is_movable(region: Region, statement: ast.Assign, body: BodyReads) -> bool:
    """Whether the value is the same in the call: what cannot fail, and keys that are validated."""
    if statement.value in body.mappings or _read_in(body, statement.value) is not None:
        return True
    found = input_at(region.view, statement.value)
    return found is not None and found.total


def _read_in(body: BodyReads, node: ast.expr) -> Read | None:
    return next((each for each in body.reads if each.node is node), None)


# -- the texts ----------------------------------------------------------------------------------


def validated(design: Design, made: Validation) -> Design:
    """The design with its input from the serializer."""
    body = made.body
    holders = set(body.mappings)
    hoists = tuple(_total(each, holders) for each in design.hoists)
    sources = {name: statement.value for name, statement in made.inlined.items()}
    types = dict(_types(design, made))
    parameters = tuple(
        (name, types.get(name, found) if found.text == "Any" else found)
        for name, found in design.parameters
    )
    lines = () if made.before is not None else tuple(_asking(made))
    return replace(
        design,
        hoists=hoists,
        parameters=parameters,
        view_cuts=tuple(_cuts(design.region.view, made)),
        inlined=sources,
        asking=lines,
    )


def _total(hoist: Hoist, holders: set[ast.Attribute]) -> Hoist:
    inside = any(node in holders for node in walk(hoist.expression))
    return replace(hoist, total=True) if inside else hoist


def _types(design: Design, made: Validation) -> Iterator[tuple[str, Annotation]]:
    """What the parameters are by the fields that they come from."""
    fields = taken_in(design.region.view.project, made.serializer) or ()
    by_name = {each.name: each for each in fields}
    for read in made.body.reads:
        parent = design.region.view.inference.flow.parents.get(read.node)
        if isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Name):
            yield parent.targets[0].id, of_field(by_name[read.key], may_miss=_may_miss(read))
        for each in design.hoists:
            if read.node in each.nodes:
                yield each.name, of_field(by_name[read.key], may_miss=_may_miss(read))


def _may_miss(read: Read) -> bool:
    return read.tolerant and read.default is None


def _asking(made: Validation) -> Iterator[str]:
    data = ast.unparse(made.body.mappings[0])
    yield f"{made.variable} = {made.spelled}(data={data})"
    yield f"{made.variable}.is_valid(raise_exception=True)"


def _cuts(view: View, made: Validation) -> Iterator[Cut]:
    for node in made.body.mappings:
        yield (*stretch(view.document, node), f"{made.variable}.validated_data")


def staying_edits(design: Design, made: Validation) -> Iterator[tuple[Span, str]]:
    """What changes of the view outside of the run and of what takes its place."""
    view = design.region.view
    document = view.document
    dropped = set(made.inlined.values())
    if made.before is not None:
        yield _asked_before(design, made, made.before, is_dropped=made.before in dropped)
    for statement in dropped - {made.before}:
        yield Span(statement.lineno, 1, statement.lineno + 1, 1), ""
    gone = {node for each in (*dropped, made.before) if each is not None for node in walk(each)}
    for node in made.body.mappings:
        if node not in gone and node not in design.region.nodes:
            yield document.span(node), f"{made.variable}.validated_data"


def _asked_before(
    design: Design, made: Validation, statement: ast.stmt, *, is_dropped: bool
) -> tuple[Span, str]:
    """The two statements, and behind them the one that read the body, if it stays."""
    view = design.region.view
    document = view.document
    text = document.line_text(statement.lineno)
    lead = text[: len(text) - len(text.lstrip())]
    rows = [f"{lead}{each}" for each in _asking(made)]
    end = statement.end_lineno or statement.lineno
    span = Lines(document, statement.lineno, end, lead).span
    if not is_dropped:
        begin, last = stretch(document, statement)
        kept = spliced(document, begin, last, _cuts(view, made))
        rest = document.line_text(end)[document.span(statement).end_column - 1 :].rstrip()
        rows.append(f"{lead}{kept}{rest}")
    return span, "\n".join(rows)
