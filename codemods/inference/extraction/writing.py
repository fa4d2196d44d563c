"""The text of a new function and of the call that takes its place."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from djfix.codemods.inference.extraction.annotations import Annotation
from djfix.codemods.inference.extraction.exits import Exit
from djfix.codemods.inference.extraction.hoisting import Hoist
from djfix.codemods.inference.extraction.naming import message_of
from djfix.codemods.inference.extraction.regions import Region
from djfix.codemods.inference.extraction.text import (
    Cut,
    Lines,
    call_text,
    head_text,
    indented,
    lines_of,
    offsets,
    spliced,
    stretch,
)
from djfix.codemods.source.walking import walk


@dataclass(frozen=True, slots=True, eq=False)
class Refusal:
    """An early response as an exception: its class, and the values that travel on it."""

    leaving: Exit
    name: str
    values: tuple[tuple[str, Annotation], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """All that the text of one extraction needs.

    `prefix` is what the view puts before the new names ("services." or nothing). `local_imports`
    are lines. `atomic`: these statements of the run go into a transaction. `view_cuts`: what of
    the view's text is something else now; `inlined`: variables that the call reads in their place;
    `asking`: lines before it.
    """

    region: Region
    lines: Lines
    name: str
    hoists: tuple[Hoist, ...]
    parameters: tuple[tuple[str, Annotation], ...]
    results: tuple[tuple[str, Annotation], ...]
    refusals: tuple[Refusal, ...]
    summary: str
    prefix: str = ""
    local_imports: tuple[str, ...] = ()
    result_class: str = ""
    atomic: tuple[int, int] | None = None
    width: int = 88
    view_cuts: tuple[Cut, ...] = ()
    inlined: Mapping[str, ast.expr] = field(default_factory=dict)
    asking: tuple[str, ...] = ()


def service_text(design: Design) -> str:
    """The exceptions, the class of several results, and the function."""
    unit = design.lines.document.indentation
    blocks = [_error_text(each, unit) for each in design.refusals]
    if design.result_class:
        blocks.append(_result_text(design, unit))
    blocks.append("\n".join(_function(design, unit)))
    return "\n\n\n".join(blocks) + "\n"


def _error_text(refusal: Refusal, unit: str) -> str:
    message = message_of(refusal.leaving)
    text = _plain(message) if message else ""
    text = text[:1].upper() + text[1:]
    lines = [f"class {refusal.name}(Exception):"]
    sentence = f"{text.rstrip('.')}." if text else _said_by(refusal.name)
    lines.append(f'{unit}"""{sentence}"""')
    if refusal.values:
        parameters = [f"{name}: {found.text}" for name, found in refusal.values]
        lines.append("")
        head = head_text("__init__", ["self"], "None", unit, 1000)
        head = head.replace("*, self", ", ".join(["self", "*", *parameters]))
        lines.append(f"{unit}{head}")
        lines.append(f'{unit}{unit}super().__init__("{sentence.rstrip(".")}")')
        lines += [f"{unit}{unit}self.{name} = {name}" for name, _ in refusal.values]
    return "\n".join(lines)


def _plain(text: str) -> str:
    """The first sentence of a message; nothing where that is long or full of gaps."""
    words = " ".join(text.replace("\\", " ").replace('"', "'").split())
    sentence = words.partition(". ")[0]
    return "" if len(sentence) > 72 or "{" in sentence or "%" in sentence else sentence


def _said_by(name: str) -> str:
    from djfix.codemods.inference.extraction.naming import snake

    words = snake(name.removesuffix("Error"))
    return f"{' '.join(words).capitalize()}."


def _result_text(design: Design, unit: str) -> str:
    rows = [f"{unit}{name}: {found.text}" for name, found in design.results]
    title = f'{unit}"""What {design.name}() gives back."""'
    return "\n".join(["@dataclass(frozen=True)", f"class {design.result_class}:", title, "", *rows])


def _function(design: Design, unit: str) -> Iterator[str]:
    parameters = [f"{name}: {found.text}" for name, found in design.parameters]
    yield head_text(design.name, parameters, _result_annotation(design), unit, design.width)
    yield from _docstring(design, unit)
    if design.local_imports:
        yield from (f"{unit}{line}" for line in design.local_imports)
        yield ""
    yield from _body(design, unit)
    names = [name for name, _ in design.results]
    if len(names) == 1:
        yield f"{unit}return {names[0]}"
    elif names:
        items = [f"{name}={name}" for name in names]
        yield call_text(f"return {design.result_class}", items, unit, unit, design.width)


def _body(design: Design, unit: str) -> Iterator[str]:
    cuts = list(_hoist_cuts(design))
    if design.atomic is None:
        yield indented(design.lines, unit, [*cuts, *_raise_cuts(design, unit)])
        return
    before, inside, after = _parts(design, *design.atomic)
    if before is not None:
        yield indented(before, unit, [*cuts, *_raise_cuts(design, unit)])
    yield f"{unit}with transaction.atomic():"
    yield indented(inside, unit * 2, [*cuts, *_raise_cuts(design, unit * 2)])
    if after is not None:
        yield indented(after, unit, [*cuts, *_raise_cuts(design, unit)])


def _parts(design: Design, first: int, last: int) -> tuple[Lines | None, Lines, Lines | None]:
    """The lines before, within and behind some of the statements."""
    lines, statements = design.lines, design.region.statements
    within = lines_of(lines.document, statements[first:last])
    assert within is not None
    start = max(within.first, lines.first)
    inside = Lines(lines.document, start, within.last, lines.lead)
    before = Lines(lines.document, lines.first, start - 1, lines.lead) if first else None
    behind = last < len(statements)
    after = Lines(lines.document, within.last + 1, lines.last, lines.lead) if behind else None
    return before, inside, after


def _result_annotation(design: Design) -> str:
    if design.result_class:
        return design.result_class
    return design.results[0][1].text if design.results else "None"


def _docstring(design: Design, unit: str) -> Iterator[str]:
    words = design.name.replace("_", " ").capitalize()
    if not design.refusals and not design.summary:
        yield f'{unit}"""{words}."""'
        return
    yield f'{unit}"""{words}.'
    yield ""
    parts = [design.summary] if design.summary else []
    if design.refusals:
        parts.append(f"Raises {_listed([each.name for each in design.refusals])}.")
    width = min(design.width, 100)
    yield from textwrap.wrap(
        " ".join(parts),
        width,
        initial_indent=unit,
        subsequent_indent=unit,
        break_long_words=False,
        break_on_hyphens=False,
    )
    yield f'{unit}"""'


def _listed(names: Sequence[str]) -> str:
    names = list(dict.fromkeys(names))
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _hoist_cuts(design: Design) -> Iterator[Cut]:
    document = design.lines.document
    for each in design.hoists:
        for node in each.nodes:
            yield (*stretch(document, node), each.name)
        if each.dropped is not None:
            starts, line = offsets(document), each.dropped.lineno
            above = starts[line - 2] + len(document.line_text(line - 1))
            yield above, starts[line - 1] + len(document.line_text(line)), ""


def _raise_cuts(design: Design, lead: str) -> Iterator[Cut]:
    document, unit = design.lines.document, design.lines.document.indentation
    for each in design.refusals:
        statements = each.leaving.statements
        own = document.line_text(statements[0].lineno)
        margin = own[: len(own) - len(own.lstrip())].removeprefix(design.lines.lead)
        items = [f"{name}={name}" for name, _ in each.values]
        handler = each.leaving.handler
        cause = f" from {handler.name or None}" if handler is not None else ""
        prefix = f"raise {each.name}"
        room = design.width - len(cause)
        text = call_text(prefix, items, lead + margin, unit, room).lstrip()
        text = text if items else prefix
        shares_line = own.strip() != "" and not own.lstrip().startswith(
            document.segment(statements[0])[:5]
        )
        if shares_line and "\n" in text:
            text = f"{prefix}({', '.join(items)})"
        yield (*stretch(document, statements[0], statements[-1]), f"{text}{cause}")


def view_text(design: Design) -> str:
    """The call, with what is bound before it and the answers to what it raises."""
    lead, unit = design.lines.lead, design.lines.document.indentation
    rows = [f"{lead}{line}" for line in design.asking]
    rows += [
        f"{lead}{each.name} = {_source(design, each.expression)}"
        for each in design.hoists
        if not (each.bound or each.total)
    ]
    if not design.refusals:
        rows += _call(design, lead, unit)
        return "\n".join(rows)
    rows.append(f"{lead}try:")
    rows += _call(design, lead + unit, unit)[:1]
    for each in design.refusals:
        rows += _answer(design, each, lead, unit)
    rows += _unpacked(design, lead)
    return "\n".join(rows)


def _source(design: Design, node: ast.expr) -> str:
    document = design.lines.document
    return spliced(document, *stretch(document, node), design.view_cuts)


def _call(design: Design, lead: str, unit: str) -> list[str]:
    read = {
        each.name: _source(design, each.expression)
        for each in design.hoists
        if each.total and not each.bound
    }
    read |= {name: _source(design, node) for name, node in design.inlined.items()}
    items = [f"{name}={read.get(name, name)}" for name, _ in design.parameters]
    called = f"{design.prefix}{design.name}"
    if len(design.results) == 1:
        called = f"{design.results[0][0]} = {called}"
    elif design.results:
        called = f"{_holder(design)} = {called}"
    return [call_text(called, items, lead, unit, design.width), *_unpacked(design, lead)]


def _unpacked(design: Design, lead: str) -> list[str]:
    if len(design.results) < 2:
        return []
    holder = _holder(design)
    return [f"{lead}{name} = {holder}.{name}" for name, _ in design.results]


def _holder(design: Design) -> str:
    return free_name(design, "result")


def free_name(design: Design, wanted: str) -> str:
    """A variable's name that the view does not use."""
    nodes = [*walk(design.region.view.function)]
    used = {each.id for each in nodes if isinstance(each, ast.Name)}
    used |= {each.arg for each in nodes if isinstance(each, ast.arg)}
    used |= {each.name for each in design.hoists}
    used |= {each.name for each in nodes if isinstance(each, ast.ExceptHandler) and each.name}
    candidates = [wanted, f"service_{wanted}", *(f"{wanted}_{each}" for each in range(2, 100))]
    return next(each for each in candidates if each not in used)


def _answer(design: Design, refusal: Refusal, lead: str, unit: str) -> Iterator[str]:
    statements = refusal.leaving.statements
    carried = {name for name, _ in refusal.values}
    variable = free_name(design, "exc")
    bound = f" as {variable}" if carried else ""
    yield f"{lead}except {design.prefix}{refusal.name}{bound}:"
    direct, rebound = _uses(statements, carried)
    text = _answered(design, statements, lead + unit, variable, direct)
    if direct and max(map(len, text.split("\n"))) > design.width:
        rebound = carried
        text = _answered(design, statements, lead + unit, variable, [])
    yield from (f"{lead}{unit}{name} = {variable}.{name}" for name in sorted(rebound))
    yield text


def _answered(
    design: Design,
    statements: Sequence[ast.stmt],
    lead: str,
    variable: str,
    direct: Sequence[ast.Name],
) -> str:
    document = design.lines.document
    cuts = [(*stretch(document, node), f"{variable}.{node.id}") for node in direct]
    cuts += design.view_cuts
    own = document.line_text(statements[0].lineno)
    margin = own[: len(own) - len(own.lstrip())]
    last = statements[-1].end_lineno or statements[-1].lineno
    lines = Lines(document, statements[0].lineno, last, margin)
    return _between(lines, statements, lead, cuts)


def _between(lines: Lines, statements: Sequence[ast.stmt], lead: str, cuts: list[Cut]) -> str:
    """The statements alone, without what stands around them on their lines."""
    document = lines.document
    begin, end = stretch(document, statements[0], statements[-1])
    start, _ = stretch(document, statements[0])
    line_start = start - (document.column(statements[0].lineno, statements[0].col_offset) - 1)
    behind = end + len(document.text[end:].partition("\n")[0].rstrip("\r"))
    outside: list[Cut] = [(line_start, begin, lead), (end, behind, "")]
    if document.text[line_start:begin] == lines.lead:
        outside = [(end, behind, "")]
    return indented(lines, lead, [*cuts, *outside])


def _uses(statements: Sequence[ast.stmt], carried: set[str]) -> tuple[list[ast.Name], set[str]]:
    """The names to be replaced in place, and those that f-strings hold, which are bound before."""
    direct: list[ast.Name] = []
    rebound: set[str] = set()
    for statement in statements:
        quoted = {
            id(node)
            for top in walk(statement)
            if isinstance(top, ast.JoinedStr)
            for node in walk(top)
        }
        rebound |= carried & set(_bound_within(statement))
        for node in walk(statement):
            if isinstance(node, ast.Name) and node.id in carried:
                if id(node) in quoted:
                    rebound.add(node.id)
                else:
                    direct.append(node)
    return [node for node in direct if node.id not in rebound], rebound


def _bound_within(statement: ast.stmt) -> Iterator[str]:
    """Names that a comprehension or lambda of a statement has for itself."""
    for node in walk(statement):
        if isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
