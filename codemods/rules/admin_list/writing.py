"""From a plan to edits: the only module of the rule that touches LibCST."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.findings import NodeReference
from djfix.codemods.rewriting.chains import MethodCall, with_calls
from djfix.codemods.rewriting.layout import Room, laid_out
from djfix.codemods.rules.admin_list.plans import (
    AddMethod,
    Append,
    ExtendLiteral,
    Plan,
    SetAttribute,
)
from djfix.codemods.source.line_length import line_length

if TYPE_CHECKING:
    import libcst as cst

    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees


def edits_of(plan: Plan, trees: Trees) -> Iterator[Edit]:
    """What the plan does to its file."""
    width = line_length(trees.files, plan.path)
    match plan:
        case SetAttribute():
            yield _set_attribute(plan, trees, width)
        case ExtendLiteral():
            yield _extended(plan, trees, width)
        case Append():
            yield from _appended(plan, trees, width)
        case AddMethod():
            yield _method(plan, trees, width)


def _set_attribute(plan: SetAttribute, trees: Trees, width: int) -> Edit:
    import libcst as cst

    from djfix.codemods.rewriting.edits import Replace, statements_from

    indent = trees.files.document(plan.path).indentation
    if plan.value is not None:
        line = trees.files.document(plan.path).line_text(plan.value.line)
        column = len(line) - len(line.lstrip())
        text = plan.constant or _tuple(plan.names, width - column, plan.name, indent)
        return Replace(plan.path, plan.value, cst.parse_expression(text))
    assert plan.after is not None
    text = plan.constant or _tuple(plan.names, width - plan.after.column, plan.name, indent)
    statement = statements_from(f"{plan.name} = {text}")
    return _placed(plan.path, plan.after, statement, instead=plan.instead)


def _placed(
    path: str,
    after: NodeReference,
    statements: tuple[cst.BaseStatement, ...],
    *,
    instead: bool,
) -> Edit:
    from djfix.codemods.rewriting.edits import InsertAfter, ReplaceStatements

    if instead:
        return ReplaceStatements(path, (after,), statements)
    return InsertAfter(path, after, statements)


def _tuple(names: tuple[str, ...], room: int, name: str, indent: str) -> str:
    """A tuple of strings on one line, or one name a line where that would be too long."""
    quoted = [f'"{each}"' for each in names]
    one_line = f"({', '.join(quoted)}{',' if len(quoted) == 1 else ''})"
    if len(f"{name} = {one_line}") <= room:
        return one_line
    return "(\n" + "".join(f"{indent}{each},\n" for each in quoted) + ")"


def _extended(plan: ExtendLiteral, trees: Trees, width: int) -> Edit:
    """The literal with more elements, in the way of the last one."""
    import libcst as cst

    from djfix.codemods.rewriting.edits import Replace

    node = trees.node(plan.path, plan.value)
    assert isinstance(node, cst.Tuple | cst.List)
    is_several_lines = plan.value.line != plan.value.end_line
    quote = _quote(trees.code(plan.path, node))
    added = [cst.Element(cst.SimpleString(f"{quote}{each}{quote}")) for each in plan.names]
    elements = [*node.elements]
    comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    if not elements or not is_several_lines:
        line = trees.files.document(plan.path).line_text(plan.value.line)
        grown = len(line.rstrip()) + sum(len(each) + 4 for each in plan.names)
        if grown > width and elements:
            return Replace(plan.path, plan.value, _broken(trees, plan, node, added))
        parts = [each.with_changes(comma=comma) for each in (*elements, *added)]
        is_single = len(parts) == 1 and isinstance(node, cst.Tuple)
        last = parts[-1].with_changes(comma=cst.Comma() if is_single else cst.MaybeSentinel.DEFAULT)
        return Replace(plan.path, plan.value, node.with_changes(elements=[*parts[:-1], last]))
    return Replace(plan.path, plan.value, _on_lines(node, elements, added))


def _broken(
    trees: Trees, plan: ExtendLiteral, node: cst.Tuple | cst.List, added: list[cst.Element]
) -> cst.BaseExpression:
    """The literal with each element on a line of its own."""
    import libcst as cst

    indent = trees.files.document(plan.path).indentation
    each = [trees.code(plan.path, one.value) for one in (*node.elements, *added)]
    lines = "".join(f"{indent}{text},\n" for text in each)
    opening, closing = ("[", "]") if isinstance(node, cst.List) else ("(", ")")
    return cst.parse_expression(f"{opening}\n{lines}{closing}")


def _on_lines(
    node: cst.Tuple | cst.List, elements: list[cst.BaseElement], added: list[cst.Element]
) -> cst.Tuple | cst.List:
    """The new elements behind the last one, on lines like those before; its comment stays."""
    import libcst as cst

    last = elements[-1]
    inner = elements[-2].comma if len(elements) > 1 else None
    between = inner if isinstance(inner, cst.Comma) else _comma_of_bracket(node)
    closing = _closing(node)
    has_comma = isinstance(last.comma, cst.Comma)
    parts: list[cst.BaseElement] = [
        *elements[:-1],
        last.with_changes(comma=_with_comment(between, closing)),
    ]
    plain = _with_comment(between, None)
    parts += [each.with_changes(comma=plain) for each in added[:-1]]
    comma = cst.Comma() if has_comma else cst.MaybeSentinel.DEFAULT
    parts.append(added[-1].with_changes(comma=comma))
    return _with_closing(node.with_changes(elements=parts), _uncommented(closing))


def _comma_of_bracket(node: cst.Tuple | cst.List) -> cst.Comma:
    """A comma with the line break that follows the opening bracket."""
    import libcst as cst

    if isinstance(node, cst.List):
        return cst.Comma(whitespace_after=node.lbracket.whitespace_after)
    space = node.lpar[-1].whitespace_after if node.lpar else cst.SimpleWhitespace(" ")
    return cst.Comma(whitespace_after=space)


def _closing(node: cst.Tuple | cst.List) -> cst.BaseParenthesizableWhitespace:
    """What stands before the closing bracket, with the last element's comment."""
    import libcst as cst

    if isinstance(node, cst.List):
        return node.rbracket.whitespace_before
    return node.rpar[0].whitespace_before if node.rpar else cst.SimpleWhitespace("")


def _with_closing(
    node: cst.Tuple | cst.List, space: cst.BaseParenthesizableWhitespace
) -> cst.Tuple | cst.List:
    import libcst as cst

    if isinstance(node, cst.List):
        return node.with_changes(rbracket=node.rbracket.with_changes(whitespace_before=space))
    if not node.rpar:
        return node
    first = node.rpar[0].with_changes(whitespace_before=space)
    return node.with_changes(rpar=[first, *node.rpar[1:]])


def _uncommented(
    space: cst.BaseParenthesizableWhitespace,
) -> cst.BaseParenthesizableWhitespace:
    import libcst as cst

    if not isinstance(space, cst.ParenthesizedWhitespace):
        return space
    line = cst.TrailingWhitespace(newline=space.first_line.newline)
    return space.with_changes(first_line=line)


def _with_comment(comma: cst.Comma, other: cst.BaseParenthesizableWhitespace | None) -> cst.Comma:
    """The comma's line break, with the comment of another one's line (None: with no comment)."""
    import libcst as cst

    space = _uncommented(comma.whitespace_after)
    if isinstance(space, cst.ParenthesizedWhitespace):
        space = space.with_changes(empty_lines=[])
        if isinstance(other, cst.ParenthesizedWhitespace):
            space = space.with_changes(first_line=other.first_line)
    return comma.with_changes(whitespace_after=space)


def _quote(code: str) -> str:
    return "'" if "'" in code and '"' not in code else '"'


def _calls(joined: tuple[str, ...], prefetched: tuple[str, ...]) -> list[MethodCall]:
    named = (("select_related", joined), ("prefetch_related", prefetched))
    return [
        MethodCall(method, tuple(f'"{each}"' for each in names)) for method, names in named if names
    ]


def _appended(plan: Append, trees: Trees, width: int) -> Iterator[Edit]:
    calls = _calls(plan.joined, plan.prefetched)
    for reference in plan.references:
        yield from with_calls(trees, plan.path, reference, calls, width=width)


def _method(plan: AddMethod, trees: Trees, width: int) -> Edit:
    import libcst as cst

    from djfix.codemods.rewriting.edits import statements_from

    indent = trees.files.document(plan.path).indentation
    room = Room(width - plan.after.column - len(indent), indent, before=len("return "))
    calls = "".join(call.code for call in _calls(plan.joined, plan.prefetched))
    value = laid_out(f"super().get_queryset(request){calls}", room)
    body = f"return {value}".replace("\n", f"\n{indent}")
    method = statements_from(f"def get_queryset(self, request):\n{indent}{body}")[0]
    above = () if plan.instead else (cst.EmptyLine(indent=False),)
    spaced = method.with_changes(leading_lines=above)
    return _placed(plan.path, plan.after, (spaced,), instead=plan.instead)
