"""Joins the two trees of a file: from `ast` type and span to the one LibCST node there."""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, cast

from djfix.codemods.findings import NodeReference
from djfix.codemods.source.document import Document
from djfix.codemods.source.islands import ParsedIsland

if TYPE_CHECKING:
    import libcst as cst

Place = tuple[int, int, int, int]
"""Line from 1 and column from 0 in code points, twice: start and exclusive end, in an island."""

JOINED: Mapping[str, tuple[str, ...]] = {
    "FunctionDef": ("FunctionDef",),
    "AsyncFunctionDef": ("FunctionDef",),
    "ClassDef": ("ClassDef",),
    "If": ("If",),
    "For": ("For",),
    "AsyncFor": ("For",),
    "While": ("While",),
    "With": ("With",),
    "AsyncWith": ("With",),
    "Try": ("Try",),
    "TryStar": ("TryStar",),
    "Match": ("Match",),
    "Return": ("Return",),
    "Delete": ("Del",),
    "Assign": ("Assign",),
    "AugAssign": ("AugAssign",),
    "AnnAssign": ("AnnAssign",),
    "TypeAlias": ("TypeAlias",),
    "Raise": ("Raise",),
    "Assert": ("Assert",),
    "Import": ("Import",),
    "ImportFrom": ("ImportFrom",),
    "Global": ("Global",),
    "Nonlocal": ("Nonlocal",),
    "Expr": ("Expr",),
    "Pass": ("Pass",),
    "Break": ("Break",),
    "Continue": ("Continue",),
    "ExceptHandler": ("ExceptHandler", "ExceptStarHandler"),
    "Name": ("Name",),
    "Constant": (
        "SimpleString",
        "Integer",
        "Name",
        "ConcatenatedString",
        "Float",
        "Imaginary",
        "Ellipsis",
    ),
    "Attribute": ("Attribute",),
    "Call": ("Call",),
    "Subscript": ("Subscript",),
    "Slice": ("Slice",),
    "BinOp": ("BinaryOperation",),
    "BoolOp": ("BooleanOperation",),
    "Compare": ("Comparison",),
    "UnaryOp": ("UnaryOperation",),
    "Lambda": ("Lambda",),
    "IfExp": ("IfExp",),
    "NamedExpr": ("NamedExpr",),
    "Dict": ("Dict",),
    "Set": ("Set",),
    "List": ("List",),
    "Tuple": ("Tuple",),
    "ListComp": ("ListComp",),
    "SetComp": ("SetComp",),
    "DictComp": ("DictComp",),
    "GeneratorExp": ("GeneratorExp",),
    "Await": ("Await",),
    "Yield": ("Yield",),
    "YieldFrom": ("Yield",),
    "JoinedStr": ("FormattedString", "ConcatenatedString"),
    "Starred": ("StarredElement", "Arg"),
    "keyword": ("Arg",),
    "alias": ("ImportAlias",),
}
"""Which LibCST types stand for an `ast` type. Not here: types whose spans cannot be compared."""

HOLDS_ITS_PARENTHESES = frozenset({"Tuple", "GeneratorExp"})
HAS_STATEMENTS = frozenset(
    {"Module", "IndentedBlock", "SimpleStatementSuite", "SimpleStatementLine"}
)


class IslandTree:
    """One parsed island, with the place of each of its nodes."""

    def __init__(self, document: Document, parsed: ParsedIsland) -> None:
        self.document = document
        self.island = parsed.island
        self.module = parsed.module

    def node(self, reference: NodeReference) -> cst.CSTNode | None:
        """The only node of that kind at that span, else None."""
        if reference in self._misplaced:
            return None
        place = self.place(reference)
        found = [node for node in self._at(reference.kind, place) if _fits(node, reference.kind)]
        return found[0] if len(found) == 1 else None

    def place(self, reference: NodeReference) -> Place:
        """The reference's span in the island's own lines and in code points."""
        before = self.island.first_line - 1
        return (
            reference.line - before,
            self.document.column(reference.line, reference.column) - 1,
            reference.end_line - before,
            self.document.column(reference.end_line, reference.end_column) - 1,
        )

    def place_of(self, node: cst.CSTNode) -> Place:
        """Where a node of this island stands, without its parentheses and outer whitespace."""
        found = self._positions[node]
        return (found.start.line, found.start.column, found.end.line, found.end.column)

    def lines_of(self, nodes: Collection[int]) -> frozenset[int]:
        """The lines of the island on which nodes begin, given by their `id`."""
        return frozenset(self.place_of(node)[0] for node in self._positions if id(node) in nodes)

    def has_any(self, node: cst.CSTNode, lines: Collection[int]) -> bool:
        """Whether a node stands on one of these lines of the island."""
        place = self.place_of(node)
        return any(place[0] <= line <= place[2] for line in lines)

    @cached_property
    def containers(self) -> Mapping[int, cst.CSTNode]:
        """By `id` of each statement, the block, suite, line or module whose `body` holds it."""
        return {
            id(statement): node
            for node in self._positions
            if type(node).__name__ in HAS_STATEMENTS
            for statement in cast("cst.Module", node).body
        }

    @cached_property
    def _positions(self) -> Mapping[cst.CSTNode, cst.metadata.CodeRange]:
        from libcst.metadata import MetadataWrapper, PositionProvider

        # The copy that the wrapper makes by default costs more than the parse.
        wrapper = MetadataWrapper(self.module, unsafe_skip_copy=True)
        return cast(
            "Mapping[cst.CSTNode, cst.metadata.CodeRange]", wrapper.resolve(PositionProvider)
        )

    @cached_property
    def _by_place(self) -> Mapping[Place, list[cst.CSTNode]]:
        places: dict[Place, list[cst.CSTNode]] = {}
        for node in self._positions:
            places.setdefault(self.place_of(node), []).append(node)
        return places

    def _at(self, kind: str, place: Place) -> list[cst.CSTNode]:
        if kind in HOLDS_ITS_PARENTHESES:
            return [node for node in self._of_type(kind) if self._outer_place(node) == place] or [
                call.args[0].value
                for call in cast("Iterator[cst.Call]", self._of_type("Call"))
                if kind == "GeneratorExp" and self._is_sole_argument(call, place)
            ]
        names = JOINED.get(kind, ())
        return [node for node in self._by_place.get(place, ()) if type(node).__name__ in names]

    def _of_type(self, name: str) -> Iterator[cst.CSTNode]:
        return (node for node in self._positions if type(node).__name__ == name)

    def _outer_place(self, node: cst.CSTNode) -> Place:
        """The place with the innermost parentheses, which `ast` counts to a tuple or generator."""
        expression = cast("cst.Tuple", node)
        if not expression.lpar:
            return self.place_of(node)
        start, end = self.place_of(expression.lpar[-1]), self.place_of(expression.rpar[0])
        return (*start[:2], *end[2:])

    def _is_sole_argument(self, call: cst.Call, place: Place) -> bool:
        """`ast` gives the call's own parentheses to a generator that is its only argument."""
        if len(call.args) != 1 or type(call.args[0].value).__name__ != "GeneratorExp":
            return False
        generator = self.place_of(call.args[0].value)
        return self.place_of(call)[2:] == place[2:] and place[:2] <= generator[:2] <= place[2:]

    @cached_property
    def _misplaced(self) -> frozenset[NodeReference]:
        """Expressions inside f-strings, whose `ast` places are wrong before Python 3.12."""
        if sys.version_info >= (3, 12):
            return frozenset()
        return frozenset(
            NodeReference.of(node)
            for string in self._formatted_strings()
            for node in ast.walk(string)
            if node is not string and isinstance(node, ast.expr)
        )

    def _formatted_strings(self) -> Iterator[ast.JoinedStr]:
        for statement in self.document.tree.body:
            if self.island.first_line <= statement.lineno <= self.island.last_line:
                for node in ast.walk(statement):
                    if isinstance(node, ast.JoinedStr):
                        yield node


def _fits(node: cst.CSTNode, kind: str) -> bool:
    """Whether a node whose type stands for several `ast` types is of this one."""
    if type(node).__name__ == "Arg":
        argument = cast("cst.Arg", node)
        if kind == "Starred":
            return argument.star == "*"
        return argument.keyword is not None or argument.star == "**"
    if kind == "Constant" and type(node).__name__ == "Name":
        return cast("cst.Name", node).value in ("True", "False", "None")
    return True
