"""The LibCST trees of the files that edits are made for: nodes by reference, names by meaning."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, cast

from djfix.codemods.findings import NodeReference
from djfix.codemods.rewriting.joining import IslandTree
from djfix.codemods.rewriting.names import bound_name
from djfix.codemods.rewriting.values import BoundName, NotJoined
from djfix.codemods.source.document import Document
from djfix.codemods.source.files import Files
from djfix.codemods.source.islands import Island, island_at, islands, parse_island

if TYPE_CHECKING:
    import libcst as cst

ModuleOf = Callable[[str], str | None]
"""The dotted module of a path, or None where it is not known."""


class Trees:
    """Island trees of one state of the files, made on demand; nodes keep their identity in it.

    `module_of` answers relative imports; without it a path's folders from the root are taken for
    its package.
    """

    def __init__(self, files: Files, *, module_of: ModuleOf | None = None) -> None:
        self.files = files
        self.module_of = module_of or module_by_folders
        self._islands: dict[str, tuple[Island, ...]] = {}
        self._trees: dict[tuple[str, int], IslandTree | None] = {}
        self._whole: dict[str, IslandTree] = {}

    def node(self, path: str, reference: NodeReference) -> cst.CSTNode:
        """The node joined by type and span. Raises NotJoined, Unreadable and OSError."""
        found = self.island(path, reference).node(reference)
        if found is None:
            raise NotJoined(path, reference)
        return found

    def statement(
        self, path: str, reference: NodeReference
    ) -> cst.BaseStatement | cst.BaseSmallStatement:
        """The line or compound statement of an `ast` statement.

        The small statement itself where it shares its line with others or with `if x:`.
        Raises NotJoined for what is no statement in a block (an `elif`, an expression).
        """
        tree = self.island(path, reference)
        found = handle(tree, self.node(path, reference))
        if found is None:
            raise NotJoined(path, reference)
        return found

    def code(self, path: str, node: cst.CSTNode) -> str:
        """The text of a node, new or old, in the style of the file."""
        import libcst as cst

        document = self.files.document(path)
        style = cst.Module(
            [], default_indent=document.indentation, default_newline=document.newline
        )
        return style.code_for_node(node)

    def name(
        self, path: str, module: str, name: str, line: int, *, same: Collection[str] = ()
    ) -> BoundName:
        """How `module.name` can be spelled at a line of the file (from 1).

        By an import or alias that is bound there for certain; else by a new import; else, where
        the plain name means anything else in the file, through an imported module or an alias.
        An empty `name` is for `import module`. `same`: further dotted names of the same object
        (`django.db.models.expressions.F`). Raises Unreadable and OSError.
        """
        document = self.files.document(path)
        return bound_name(document, self.package_of(path), module, name, line, same)

    def package_of(self, path: str) -> str | None:
        """The dotted package that relative imports of this file start from."""
        module = self.module_of(path)
        if module is None:
            return None
        return module if path.endswith("/__init__.py") else module.rpartition(".")[0]

    def island(self, path: str, reference: NodeReference) -> IslandTree:
        """The tree of the island that holds a reference. Raises NotJoined where none does."""
        document = self.files.document(path)
        if path not in self._islands:
            self._islands[path] = islands(document)
        try:
            place = island_at(document, reference.line, self._islands[path])
        except LookupError:
            raise NotJoined(path, reference) from None
        key = (path, place.first_line)
        if key not in self._trees:
            self._trees[key] = self._parsed(document, place)
        tree = self._trees[key]
        if tree is None:
            raise NotJoined(path, reference)
        return tree

    def _parsed(self, document: Document, place: Island) -> IslandTree | None:
        parsed = parse_island(document, place)
        if parsed is None:
            return None
        if parsed.island == place:
            return IslandTree(document, parsed)
        # Islands that LibCST does not give back share one tree of the whole file.
        return self._whole.setdefault(document.path, IslandTree(document, parsed))


def handle(
    tree: IslandTree, node: cst.CSTNode
) -> cst.BaseStatement | cst.BaseSmallStatement | None:
    """What a statement's edits take hold of: its line, or itself where it shares the line."""
    import libcst as cst

    container = tree.containers.get(id(node))
    if isinstance(container, cst.SimpleStatementLine) and len(container.body) == 1:
        return container
    if container is None:
        return None
    return cast("cst.BaseStatement | cst.BaseSmallStatement", node)


def module_by_folders(path: str) -> str | None:
    """The module that a path would be with the project's root on the path."""
    if not path.endswith(".py"):
        return None
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
