"""Method calls added to the end of an expression, laid out as black would.

On one line where the statement's line then fits; else in parentheses, one call a line. Code that
stands on several lines already keeps every line of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from djfix.codemods.findings import NodeReference
from djfix.codemods.rewriting.trees import Trees


def appended(
    trees: Trees, path: str, reference: NodeReference, calls: Sequence[str], *, width: int
) -> str:
    """The source of the expression with `.call(...)` after `.call(...)` behind it.

    Relative to the block that it stands in: its further lines lack the block's own indentation.
    """
    document = trees.files.document(path)
    code = trees.code(path, trees.node(path, reference)).replace("\r\n", "\n").replace("\r", "\n")
    line = document.line_text(reference.line)
    end = document.line_text(reference.end_line)
    indent = document.indentation
    if "\n" in code:
        tail = len(end) - len(end.lstrip())
        return _behind_lines(code, calls, room=width - tail, indent=indent)
    one_line = _tight(code) + "".join(calls)
    if len(line) - len(code) + len(one_line) <= width:
        return one_line
    return _column(code, calls, indent)


def _tight(code: str) -> str:
    """An expression to which a call can be added: in parentheses, unless it binds tight itself."""
    import libcst as cst

    node = cst.parse_expression(code)
    tight = cst.Name | cst.Attribute | cst.Call | cst.Subscript
    return code if isinstance(node, tight) or node.lpar else f"({code})"


def _column(code: str, calls: Sequence[str], indent: str) -> str:
    """One call a line, in parentheses; `Model.objects.all()` itself stays on its line."""
    lines = [_tight(code), *calls]
    return "(\n" + "".join(f"{indent}{line}\n" for line in lines) + ")"


def _behind_lines(code: str, calls: Sequence[str], *, room: int, indent: str) -> str:
    """Code of several lines: one more line in its parentheses, or behind its last bracket."""
    lines = code.split("\n")
    if code.startswith("(") and lines[-1].strip() == ")" and _is_chain(lines):
        inner = lines[-2][: len(lines[-2]) - len(lines[-2].lstrip())]
        return "\n".join([*lines[:-1], *(f"{inner}{call}" for call in calls), lines[-1]])
    tight = _tight(code)
    last = tight.split("\n")[-1]
    if len(last) + sum(map(len, calls)) <= room:
        return tight + "".join(calls)
    shifted = "\n".join(f"{indent}{line}" if line.strip() else line for line in tight.split("\n"))
    return "(\n" + "\n".join([shifted, *(f"{indent}{call}" for call in calls)]) + "\n)"


def _is_chain(lines: Sequence[str]) -> bool:
    """Whether parentheses hold a chain that goes on line by line, at one depth."""
    import libcst as cst

    node = cst.parse_expression("\n".join(lines))
    if not isinstance(node, cst.Call | cst.Attribute) or not node.lpar:
        return False
    last = lines[-2]
    own = last[: len(last) - len(last.lstrip())]
    first = lines[1][: len(lines[1]) - len(lines[1].lstrip())]
    closes_bracket = last.lstrip().startswith((")", "]", "}"))
    return own == first or closes_bracket or last.lstrip().startswith(".")
