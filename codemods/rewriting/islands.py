"""Carries out the edits of one island in one pass over its LibCST tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from djfix.codemods.rewriting.blocks import Run, rebuilt
from djfix.codemods.rewriting.joining import IslandTree
from djfix.codemods.rewriting.parentheses import in_place_of

if TYPE_CHECKING:
    import libcst as cst

    from djfix.codemods.rewriting.blocks import Block


def rewritten(
    tree: IslandTree,
    replacements: Mapping[int, cst.CSTNode],
    runs: Mapping[int, Sequence[Run]],
) -> str:
    """The island's text after its edits.

    `replacements` by `id` of the node that goes; `runs` by `id` of the block that holds them.
    Raises LookupError for a run that is none, and ValueError where LibCST refuses the outcome.
    """
    import libcst as cst

    class Pass(cst.CSTTransformer):
        """Is handed all that it needs: a class, and what it closes over, lives on for a while."""

        def __init__(
            self,
            tree: IslandTree,
            replacements: Mapping[int, cst.CSTNode],
            runs: Mapping[int, Sequence[Run]],
        ) -> None:
            super().__init__()
            self.above: list[cst.CSTNode] = []
            self.tree, self.replacements, self.runs = tree, replacements, runs
            self.lines = tree.lines_of(replacements)

        def on_visit(self, node: cst.CSTNode) -> bool:
            self.above.append(node)
            return id(node) not in self.replacements and not self.is_untouched(node)

        def is_untouched(self, node: cst.CSTNode) -> bool:
            """Whether nothing in it is replaced: LibCST makes each node anew that it enters."""
            is_line = isinstance(node, cst.SimpleStatementLine)
            return is_line and not self.tree.has_any(node, self.lines)

        def on_leave(self, original_node: cst.CSTNodeT, updated_node: cst.CSTNodeT) -> cst.CSTNodeT:
            self.above.pop()
            new = self.replacements.get(id(original_node))
            if new is not None:
                parent = self.above[-1] if self.above else None
                return cast("cst.CSTNodeT", in_place_of(original_node, new, parent))
            if id(original_node) not in self.runs:
                return updated_node
            blocks = cast("tuple[Block, Block]", (original_node, updated_node))
            return cast("cst.CSTNodeT", rebuilt(*blocks, self.runs[id(original_node)]))

    try:
        module = tree.module.visit(Pass(tree, replacements, runs))
    except cst.CSTValidationError as error:
        raise ValueError(str(error)) from error
    # LibCST gives an empty module a newline of its own.
    return module.code if module.body or module.header or module.footer else ""
