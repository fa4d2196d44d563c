"""What a fix does to files, as values; the errors of applying them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from djfix.codemods.findings import NodeReference, Span

if TYPE_CHECKING:
    import libcst as cst

    Statement = cst.BaseStatement | cst.BaseSmallStatement


@dataclass(frozen=True, slots=True)
class Replace:
    """An expression or a small statement becomes another node.

    Parentheses are added where the new expression would otherwise bind differently; comments and
    whitespace inside `node` are the caller's.
    """

    path: str
    reference: NodeReference
    node: cst.CSTNode


@dataclass(frozen=True, slots=True)
class ReplaceStatements:
    """A run of consecutive statements of one block becomes other statements; none removes it.

    Comments of the replaced lines stay: those above where they are, all others above the first
    new statement (one line for one line keeps its comment in place). `statements` may hold the
    replaced nodes themselves, as when they move into a `with`; these keep their own comments.
    """

    path: str
    references: tuple[NodeReference, ...]
    statements: Sequence[Statement]


@dataclass(frozen=True, slots=True)
class InsertAfter:
    """New statements after a statement, in its block."""

    path: str
    reference: NodeReference
    statements: Sequence[Statement]


@dataclass(frozen=True, slots=True)
class InsertBefore:
    """New statements before a statement, in its block; comments above it stay with it."""

    path: str
    reference: NodeReference
    statements: Sequence[Statement]


@dataclass(frozen=True, slots=True)
class AddImport:
    """`from module import name [as alias]`, or `import module [as alias]` for an empty name.

    Stands among the file's imports in their own style, and nowhere twice. With `inside`, the
    reference of a function, it stands at the head of that function's body. `before`: a line that
    uses it while the module is loaded, and so comes after it; 0 for code that runs later.
    """

    path: str
    module: str
    name: str
    alias: str | None = None
    inside: NodeReference | None = None
    before: int = field(default=0, compare=False)

    @property
    def bound(self) -> str:
        """The name that the file gets."""
        return self.alias or self.name or self.module.partition(".")[0]


@dataclass(frozen=True, slots=True)
class CreateFile:
    """A new file. Conflicts with another content for the path."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class AppendToFile:
    """Text after the last line of a file, which is made if there is none."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class MoveFile:
    """A file, as its other edits leave it, gets another path, at which there must be none."""

    path: str
    target: str


@dataclass(frozen=True, slots=True)
class ReplaceText:
    """Text of a file, of any kind, by its place."""

    path: str
    span: Span
    replacement: str


Edit = (
    Replace
    | ReplaceStatements
    | InsertAfter
    | InsertBefore
    | AddImport
    | CreateFile
    | AppendToFile
    | MoveFile
    | ReplaceText
)


@dataclass(frozen=True, slots=True)
class BoundName:
    """How to spell a name at some line, and the edits (an import, or none) that make it so."""

    expression: str
    edits: tuple[Edit, ...] = ()


class NotJoined(Exception):  # noqa: N818
    """No LibCST node, or more than one, stands where the reference says."""

    def __init__(self, path: str, reference: NodeReference) -> None:
        super().__init__(path, reference)
        self.path = path
        self.reference = reference

    def __str__(self) -> str:
        return f"{self.path}:{self.reference.line}: no single {self.reference.kind} to rewrite here"


class Conflict(Exception):  # noqa: N818
    """Two edits want to change the same text in different ways."""

    def __init__(self, path: str, reference: NodeReference | Span | None) -> None:
        super().__init__(path, reference)
        self.path = path
        self.reference = reference

    def __str__(self) -> str:
        place = "" if self.reference is None else f":{self.reference.line}"
        return f"{self.path}{place}: two edits overlap"


class BrokenResult(Exception):  # noqa: N818
    """The edits would leave a file that does not parse, or changed more than they may."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(path, message)
        self.path = path
        self.message = message

    def __str__(self) -> str:
        return f"{self.path}: the edits would break the file: {self.message}"
