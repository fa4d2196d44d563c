"""What in a settings file depends on where the file is: paths from `__file__`, relative imports.

One folder deeper, `__file__` needs one parent more and a relative import one dot more. Where that
cannot be written, or the code learns its own name or its caller's place, the problem is named.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason, Span
from djfix.codemods.rules.split_settings.plan import TextChange
from djfix.codemods.source.chains import dotted_name

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.source.document import Document

_SAME_FILE = frozenset(
    {
        *("os.path.abspath", "os.path.realpath", "os.path.normpath", "os.path.expanduser"),
        *("posixpath.abspath", "posixpath.realpath", "str", "os.fspath"),
        *("pathlib.Path", "pathlib.PurePath", "environ.Path", "unipath.Path", "path.Path"),
    }
)
"""Calls that give the path that they are given, in another form."""

_SAME_METHODS = frozenset({"resolve", "absolute", "expanduser", "abspath", "realpath"})
_OWN_NAMES = frozenset({"__name__", "__package__", "__spec__", "__loader__", "__cached__"})
_RUNNING = frozenset({"exec", "execfile"})
_LOOKING_AROUND = frozenset({"_getframe", "currentframe", "getfile", "getsourcefile", "run_path"})
"""Functions by which code that is not in the file sees where it is, or the file's own frame."""


def changes_in(document: Document, project: Project) -> Iterator[TextChange | Reason]:
    """The changes that a deeper folder asks for, and reasons why one is not known."""
    for node in ast.walk(document.tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            yield _dotted(document, node)
        elif isinstance(node, ast.Name) and node.id == "__file__":
            yield _parent(document, project, node)
        elif isinstance(node, ast.Name) and node.id in _OWN_NAMES:
            if not _is_harmless_name(document, node):
                text = f"line {node.lineno} depends on what the module is called ({node.id})"
                yield Reason("own-name", text)
        elif isinstance(node, ast.Call):
            yield from _looking(node)


def _looking(node: ast.Call) -> Iterator[Reason]:
    name = (dotted_name(node.func) or "").rpartition(".")[2]
    is_plain = isinstance(node.func, ast.Name)
    if name in _LOOKING_AROUND or (is_plain and name in _RUNNING):
        yield Reason("other-code", f"line {node.lineno} lets other code see where the file is")
    if name == "read_env" and not node.args and not node.keywords:
        # django-environ looks beside the file that calls it.
        text = f"line {node.lineno} reads a file that lies beside the settings"
        yield Reason("file-beside", text)


def _dotted(document: Document, node: ast.ImportFrom) -> TextChange | Reason:
    span = document.span(node)
    found = re.compile(r"from[ \t]*(?=\.)").match(document.line_text(span.line), span.column - 1)
    if found is None:
        return Reason("relative-import", f"line {span.line} holds a relative import in parts")
    column = found.end() + 1
    place = Span(span.line, column, span.line, column + 1)
    return TextChange(document.path, place, "..")


def _is_harmless_name(document: Document, node: ast.Name) -> bool:
    """A logger of this name hands on what the one above it did; the module finds itself."""
    parent = document.parents.get(node)
    if isinstance(parent, ast.Call):
        return (dotted_name(parent.func) or "").rpartition(".")[2] == "getLogger"
    return isinstance(parent, ast.Subscript) and dotted_name(parent.value) == "sys.modules"


def _parent(document: Document, project: Project, node: ast.Name) -> TextChange | Reason:
    """One more parent in the expression that `__file__` stands in."""
    unknown = Reason("file-path", f"line {node.lineno} makes a path of __file__ in another way")
    if any(isinstance(each, ast.JoinedStr) for each in _above(document, node)):
        return unknown  # Python 3.11 does not know the places of what stands in an f-string.
    current: ast.expr = node
    while True:
        parent = document.parents.get(current)
        if isinstance(parent, ast.Call) and parent.args == [current] and not parent.keywords:
            name = project.resolve(document.path, dotted_name(parent.func) or "")
            name = name or dotted_name(parent.func) or ""
            if name.endswith("path.dirname"):
                text = f"{document.segment(parent.func)}({document.segment(parent)})"
                return TextChange(document.path, document.span(parent), text)
            if name not in _SAME_FILE:
                return unknown
            current = parent
        elif isinstance(parent, ast.Attribute):
            whole = document.parents.get(parent)
            if parent.attr in _SAME_METHODS and isinstance(whole, ast.Call) and not whole.args:
                current = whole
                continue
            return _one_up(document, parent, whole) or unknown
        else:
            return _counted(document, current, parent) or unknown


def _above(document: Document, node: ast.AST) -> Iterator[ast.AST]:
    while (parent := document.parents.get(node)) is not None:
        yield parent
        node = parent


def _one_up(document: Document, node: ast.Attribute, whole: ast.AST | None) -> TextChange | None:
    """`.parent`, `.parents[1]` and `.ancestor(2)` of the file's path."""
    if node.attr == "parent":
        text = f"{document.segment(node)}.parent"
        return TextChange(document.path, document.span(node), text)
    if node.attr == "parents" and isinstance(whole, ast.Subscript):
        return _more(document, whole.slice)
    if node.attr == "ancestor" and isinstance(whole, ast.Call) and len(whole.args) == 1:
        return _more(document, whole.args[0])
    return None


def _counted(document: Document, path: ast.expr, parent: ast.AST | None) -> TextChange | None:
    """`environ.Path(__file__) - 2`."""
    is_difference = isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Sub)
    if not is_difference or not isinstance(path, ast.Call):
        return None
    assert isinstance(parent, ast.BinOp)
    return _more(document, parent.right) if parent.left is path else None


def _more(document: Document, node: ast.expr) -> TextChange | None:
    if not isinstance(node, ast.Constant) or type(node.value) is not int or node.value < 0:
        return None
    return TextChange(document.path, document.span(node), str(node.value + 1))
