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

    lines = tree.lines_of(replacements)

    class Pass(cst.CSTTransformer):
        def __init__(self) -> None:
            super().__init__()
            self.above: list[cst.CSTNode] = []

        def on_visit(self, node: cst.CSTNode) -> bool:
            self.above.append(node)
            # LibCST makes each node anew that it goes through.
            is_apart = isinstance(node, cst.SimpleStatementLine) and not tree.has_any(node, lines)
            return not is_apart and id(node) not in replacements

        def on_leave(self, original_node: cst.CSTNodeT, updated_node: cst.CSTNodeT) -> cst.CSTNodeT:
            self.above.pop()
            new = replacements.get(id(original_node))
            if new is not None:
                parent = self.above[-1] if self.above else None
                return cast("cst.CSTNodeT", in_place_of(original_node, new, parent))
            if id(original_node) not in runs:
                return updated_node
            blocks = cast("tuple[Block, Block]", (original_node, updated_node))
            return cast("cst.CSTNodeT", rebuilt(*blocks, runs[id(original_node)]))

    try:
        module = tree.module.visit(Pass())
    except cst.CSTValidationError as error:
        raise ValueError(str(error)) from error
    # LibCST gives an empty module a newline of its own.
    return module.code if module.body or module.header or module.footer else ""
