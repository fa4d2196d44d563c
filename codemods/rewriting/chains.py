"""Method calls added to the end of an expression; what stands there keeps its lines.

On one line where that fits the line length; else the chain in parentheses, one call a line, as
black lays it out. Code that stands on several lines, or inside brackets, is only added to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from djfix.codemods.findings import NodeReference
from djfix.codemods.rewriting.trees import Trees


@dataclass(frozen=True, slots=True)
class MethodCall:
    """`.name(arguments)`, each argument as source."""

    name: str
    arguments: tuple[str, ...]

    def on_one_line(self) -> str:
        return f".{self.name}({', '.join(self.arguments)})"

    def within(self, room: int, indent: str) -> str:
        """The call in the fewest lines that are no longer than `room`; further lines relative."""
        one_line = self.on_one_line()
        inner = ", ".join(self.arguments)
        if len(one_line) <= room or not self.arguments:
            return one_line
        if len(indent) + len(inner) <= room:
            return f".{self.name}(\n{indent}{inner}\n)"
        lines = "".join(f"{indent}{each},\n" for each in self.arguments)
        return f".{self.name}(\n{lines})"


def appended(
    trees: Trees, path: str, reference: NodeReference, calls: Sequence[MethodCall], *, width: int
) -> str:
    """The source of the expression with the calls behind it.

    Relative to the block that it stands in: its further lines lack the block's own indentation.
    """
    document = trees.files.document(path)
    code = trees.code(path, trees.node(path, reference)).replace("\r\n", "\n").replace("\r", "\n")
    end = document.line_text(reference.end_line)
    added = "".join(call.on_one_line() for call in calls)
    tight = _tight(code)
    if "\n" in code and _is_column(code):
        return _with_lines(code, calls, len(end) - len(end.lstrip()), width, document.indentation)
    if len(end) + len(tight) - len(code) + len(added) <= width:
        return tight + added
    start = document.line_text(reference.line)
    begins_line = not start.encode()[: reference.column].strip()
    if "\n" not in code and not begins_line and _is_whole_value(start, reference):
        return column(tight, calls, room=width - _margin(start), indent=document.indentation)
    own = tight.split("\n")[-1]
    margin = own[: len(own) - len(own.lstrip())] if "\n" in code else ""
    if begins_line and "\n" not in code:
        return _inside_brackets(tight, calls, margin_of_line(trees, path, reference))
    return tight + "".join(
        call.within(0, document.indentation).replace("\n", f"\n{margin}") for call in calls
    )


def column(base: str, calls: Sequence[MethodCall], *, room: int, indent: str) -> str:
    """One call a line, in parentheses; `room` is what a line has beside the block's margin."""
    added = [call.within(room - len(indent), indent) for call in calls]
    # A name alone does not take a line of its own.
    lines = [base, *added] if base.endswith(")") else [base + added[0], *added[1:]]
    inner = "\n".join(lines).replace("\n", f"\n{indent}")
    return f"(\n{indent}{inner}\n)"


def laid_out(base: str, calls: Sequence[MethodCall], *, room: int, indent: str) -> str:
    """A new chain: on one line where it has room, else in a column."""
    one_line = base + "".join(call.on_one_line() for call in calls)
    return one_line if len(one_line) <= room else column(base, calls, room=room, indent=indent)


def margin_of_line(trees: Trees, path: str, reference: NodeReference) -> str:
    """The space by which the expression's line stands further in than its statement."""
    document = trees.files.document(path)
    line = document.line_text(reference.line)
    own = line[: _margin(line)]
    for number in range(reference.line, 0, -1):
        text = document.line_text(number)
        if text.strip() and _margin(text) < len(own):
            return own[_margin(text) :]
    return ""


def _inside_brackets(code: str, calls: Sequence[MethodCall], margin: str) -> str:
    """Further lines of the same depth: inside brackets a chain may go on by itself."""
    return "".join([code, *(f"\n{margin}{call.on_one_line()}" for call in calls)])


def _with_lines(code: str, calls: Sequence[MethodCall], depth: int, width: int, indent: str) -> str:
    """More lines in the parentheses of a chain that stands in a column."""
    lines = code.split("\n")
    inner = lines[1][: _margin(lines[1])]
    room = width - depth - len(indent)
    added = [inner + call.within(room, indent).replace("\n", f"\n{inner}") for call in calls]
    return "\n".join([*lines[:-1], *added, lines[-1]])


def _is_column(code: str) -> bool:
    """Whether the code is a chain in parentheses of its own, which close on a line of their own."""
    import libcst as cst

    lines = code.split("\n")
    if not code.startswith("(") or lines[-1].strip() != ")" or lines[0].strip() != "(":
        return False
    node = cst.parse_expression(code)
    return isinstance(node, cst.Call | cst.Attribute) and len(node.lpar) == 1


def _is_whole_value(line: str, reference: NodeReference) -> bool:
    """Whether nothing stands behind the expression: then parentheses of its own read well."""
    return not line.encode()[reference.end_column :].strip()


def _tight(code: str) -> str:
    """An expression to which a call can be added: in parentheses, unless it binds tight itself."""
    import libcst as cst

    node = cst.parse_expression(code)
    tight = cst.Name | cst.Attribute | cst.Call | cst.Subscript
    return code if isinstance(node, tight) or node.lpar else f"({code})"


def _margin(line: str) -> int:
    return len(line) - len(line.lstrip())
