"""Replaces, removes and inserts statements in one block, and keeps its layout and comments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import TYPE_CHECKING, Literal, cast

from djfix.codemods.rewriting.comments import (
    PRAGMA,
    blank_prefix,
    comment_lines,
    comments_within,
    joined_lines,
    lines_of,
    with_trailing,
)

if TYPE_CHECKING:
    import libcst as cst

    from djfix.codemods.rewriting.values import Statement

    Block = cst.Module | cst.IndentedBlock | cst.SimpleStatementSuite
    SharedLine = cst.SimpleStatementLine | cst.SimpleStatementSuite


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive statements of a block and what comes in their place, before, or after them.

    `alive` holds the `id` of every node that lives on in the new code, here or in another island.
    """

    handles: tuple[Statement, ...]
    statements: tuple[Statement, ...]
    where: Literal["instead", "before", "after"]
    alive: frozenset[int] = frozenset()


@dataclass(slots=True)
class Piece:
    """One statement of a block.

    `original` is None for a new one; `line` is the line or suite that a small one shares with
    others; `above` holds comments that go above that line.
    """

    node: Statement
    original: Statement | None = None
    line: SharedLine | None = None
    above: list[cst.EmptyLine] = field(default_factory=list)

    @property
    def lines_above(self) -> list[cst.EmptyLine]:
        """The blank and comment lines above a statement that has its own line."""
        return [] if self.line is not None else list(getattr(self.node, "leading_lines", ()))

    def put_below(self, lines: Sequence[cst.EmptyLine]) -> None:
        """Give the statement these lines above it instead of its own."""
        self.node = cast("cst.SimpleStatementLine", self.node).with_changes(leading_lines=lines)


def rebuilt(original: Block, updated: Block, runs: Sequence[Run]) -> Block:
    """The block after its runs; `updated` is the block with its expressions rewritten.

    Raises LookupError where the statements of a run do not follow each other in this block.
    """
    import libcst as cst

    ordered = _in_order([_with_whole_lines(run, original) for run in runs])
    pieces = list(_pieces(original, updated, ordered))
    lines = {id(piece.line): piece.line for piece in pieces if piece.line is not None}
    pending: list[cst.EmptyLine] = []
    for run in ordered:
        pieces = _after_run(pieces, run, pending)
    if isinstance(updated, cst.SimpleStatementSuite):
        return _suite(updated, pieces, pending)
    left = {id(piece.line) for piece in pieces}
    for key, line in lines.items():
        if key not in left:
            pending.extend(lines_of(comments_within(line, frozenset())))
    return _with_body(updated, list(_laid_out(pieces)), pending)


def _in_order(runs: Sequence[Run]) -> list[Run]:
    """Insertions first, while what they stand beside is there, and as given for one place."""
    after = [run for run in runs if run.where == "after"]
    before = [run for run in runs if run.where == "before"]
    return [*reversed(after), *before, *(run for run in runs if run.where == "instead")]


def _with_whole_lines(run: Run, block: Block) -> Run:
    """The run with a line in place of its statements, where it takes all of a line's."""
    import libcst as cst

    handles = list(run.handles)
    for line in block.body:
        smalls = list(line.body) if isinstance(line, cst.SimpleStatementLine) else []
        numbers = [_position(handles, small) for small in smalls]
        if run.where == "instead" and smalls and None not in numbers:
            start = cast("int", numbers[0])
            handles[start : start + len(smalls)] = [line]
    return replace(run, handles=tuple(handles))


def _position(handles: Sequence[Statement], wanted: object) -> int | None:
    return next((number for number, handle in enumerate(handles) if handle is wanted), None)


def _pieces(original: Block, updated: Block, runs: Sequence[Run]) -> Iterator[Piece]:
    """The statements of a block; a shared line comes apart only where a run parts it."""
    import libcst as cst

    handled = {id(handle) for run in runs for handle in run.handles}
    both = zip(original.body, updated.body, strict=True)
    for before, after in cast("Iterable[tuple[Statement, Statement]]", both):
        if isinstance(original, cst.SimpleStatementSuite):
            yield Piece(after, before, original)
        elif isinstance(before, cst.SimpleStatementLine) and _is_parted(before, handled):
            changed = cast("cst.SimpleStatementLine", after)
            for small, new in zip(before.body, changed.body, strict=True):
                yield Piece(new, small, before)
        else:
            yield Piece(after, before)


def _is_parted(line: cst.SimpleStatementLine, handled: set[int]) -> bool:
    return any(id(small) in handled for small in line.body)


def _after_run(pieces: list[Piece], run: Run, pending: list[cst.EmptyLine]) -> list[Piece]:
    start, end = _bounds(pieces, run.handles)
    if run.where == "after":
        return [*pieces[:end], *_inserted(pieces[end - 1], run.statements), *pieces[end:]]
    if run.where == "before":
        return [*pieces[:start], *_before(pieces[start], run.statements), *pieces[start:]]
    if run.statements:
        return [*pieces[:start], *_instead(pieces[start:end], run), *pieces[end:]]
    return _removed(pieces, start, end, run.alive, pending)


def _bounds(pieces: Sequence[Piece], handles: Sequence[Statement]) -> tuple[int, int]:
    originals = [piece.original for piece in pieces]
    start = next((n for n, original in enumerate(originals) if original is handles[0]), None)
    if start is None:
        raise LookupError("the statement does not stand in this block")
    end = start + len(handles)
    found = originals[start:end]
    if len(found) < len(handles) or any(a is not b for a, b in zip(found, handles, strict=True)):
        raise LookupError("the statements do not follow each other in this block")
    return start, end


def _inserted(beside: Piece, statements: Sequence[Statement]) -> list[Piece]:
    """New statements; plain ones join a line that is shared already."""
    smalls = [_plain_small(statement) for statement in statements]
    if beside.line is not None and None not in smalls:
        return [Piece(cast("Statement", small), None, beside.line) for small in smalls]
    return [Piece(_as_line(statement)) for statement in statements]


def _before(beside: Piece, statements: Sequence[Statement]) -> list[Piece]:
    """New statements, which take the blank lines above `beside` but not its comments."""
    new = _inserted(beside, statements)
    lines = beside.lines_above
    blank = blank_prefix(lines)
    if blank and new[0].line is None:
        own = new[0].lines_above
        new[0].put_below([*lines[:blank], *own[blank_prefix(own) :]])
        beside.put_below(lines[blank:])
    if beside.line is None and _wants_distance(new[-1].node, beside.node):
        beside.put_below([_blank_line(), *beside.lines_above])
    return new


def _instead(replaced: Sequence[Piece], run: Run) -> list[Piece]:
    """New statements for old ones, with the comments of those that do not live on in them."""
    kept = run.alive
    comments = list(_hoisted(replaced, kept))
    above = replaced[0].lines_above
    statements = _without_lines_above(run.statements, replaced[0], kept)
    is_shared = all(piece.line is replaced[0].line for piece in replaced)
    if is_shared and replaced[0].line is not None:
        new = _inserted(replaced[0], statements)
    else:
        new = [Piece(_as_line(statement)) for statement in statements]
    if new[0].line is not None:
        new[0].above.extend(lines_of(comments))
        return new
    comments = _kept_at_end(replaced, new, comments)
    new[0].put_below([*above, *lines_of(comments), *new[0].lines_above])
    return new


def _kept_at_end(
    replaced: Sequence[Piece], new: Sequence[Piece], comments: list[cst.Comment]
) -> list[cst.Comment]:
    """Leaves those comments at a line's end that belong there; gives back the others."""
    import libcst as cst

    line = new[0].node
    if not isinstance(line, cst.SimpleStatementLine):
        return comments
    old = getattr(replaced[0].node, "trailing_whitespace", None)
    is_free = line.trailing_whitespace.comment is None
    if len(replaced) == len(new) == 1 and old is not None and old.comment is not None and is_free:
        new[0].node = line.with_changes(trailing_whitespace=old)
        return [comment for comment in comments if comment.value != old.comment.value]
    pragmas = [comment for comment in comments if PRAGMA.match(comment.value)]
    new[0].node = with_trailing(line, pragmas)
    return [comment for comment in comments if comment not in pragmas]


def _removed(
    pieces: list[Piece],
    start: int,
    end: int,
    alive: frozenset[int],
    pending: list[cst.EmptyLine],
) -> list[Piece]:
    """The pieces without a run; its comments go to the next statement, or end the block."""
    gone, rest = pieces[start:end], pieces[end:]
    above = [*gone[0].lines_above, *lines_of(_hoisted(gone, alive))]
    if not rest:
        pending.extend(comment_lines(above))
    elif rest[0].line is not None:
        rest[0].above.extend(comment_lines(above))
    else:
        rest[0].put_below(joined_lines(above, rest[0].lines_above))
    return [*pieces[:start], *rest]


def _hoisted(pieces: Sequence[Piece], kept: frozenset[int]) -> Iterator[cst.Comment]:
    """The comments of statements that go, but for those above the first of them."""
    for number, piece in enumerate(pieces):
        if id(piece.original) in kept or piece.original is None:
            continue
        for line in comment_lines(piece.lines_above) if number else ():
            yield cast("cst.Comment", line.comment)
        yield from comments_within(piece.original, kept)


def ids_below(nodes: Iterable[cst.CSTNode]) -> Iterator[int]:
    """The `id` of each of the nodes and of all below them."""
    for node in nodes:
        yield id(node)
        yield from ids_below(node.children)


def _without_lines_above(
    statements: Sequence[Statement], first: Piece, kept: frozenset[int]
) -> list[Statement]:
    """The statements; the old first one, where it lives on in them, leaves its lines above."""
    original = first.original
    if original is None or id(original) not in kept or not first.lines_above:
        return list(statements)
    bare = cast("cst.SimpleStatementLine", original).with_changes(leading_lines=())
    return [cast("Statement", node.deep_replace(original, bare)) for node in statements]


def _plain_small(statement: Statement) -> cst.BaseSmallStatement | None:
    """The small statement of a line that holds nothing else, not even a comment."""
    import libcst as cst

    if isinstance(statement, cst.BaseSmallStatement):
        return statement
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return None
    has_comment = statement.trailing_whitespace.comment or comment_lines(statement.leading_lines)
    return None if has_comment else statement.body[0]


def _as_line(statement: Statement) -> cst.BaseStatement:
    import libcst as cst

    if isinstance(statement, cst.BaseSmallStatement):
        return cst.SimpleStatementLine([_last(statement)])
    return statement


def _last(small: cst.BaseSmallStatement) -> cst.BaseSmallStatement:
    """The statement without a semicolon after it."""
    import libcst as cst

    return small.with_changes(semicolon=cst.MaybeSentinel.DEFAULT)


def _suite(
    suite: cst.SimpleStatementSuite, pieces: Sequence[Piece], pending: list[cst.EmptyLine]
) -> cst.SimpleStatementSuite | cst.IndentedBlock:
    """A one-line suite, laid out as a block once it holds more than it did."""
    import libcst as cst

    above = [line for piece in pieces for line in piece.above] + pending
    fits = all(piece.line is not None for piece in pieces) and len(pieces) <= len(suite.body)
    if fits and not above:
        smalls = [cast("cst.BaseSmallStatement", piece.node) for piece in pieces] or [cst.Pass()]
        return suite.with_changes(body=[*smalls[:-1], _last(smalls[-1])])
    body = [_as_line(piece.node) for piece in pieces] or [cst.SimpleStatementLine([cst.Pass()])]
    first = cast("cst.SimpleStatementLine", body[0])
    body[0] = first.with_changes(leading_lines=[*above, *first.leading_lines])
    for number in range(1, len(body)):
        if _is_import(body[number - 1]) and not _is_import(body[number]):
            line = cast("cst.SimpleStatementLine", body[number])
            body[number] = line.with_changes(leading_lines=[_blank_line(), *line.leading_lines])
    return cst.IndentedBlock(body, header=suite.trailing_whitespace)


def _is_import(statement: cst.CSTNode) -> bool:
    import libcst as cst

    if not isinstance(statement, cst.SimpleStatementLine):
        return False
    return isinstance(statement.body[0], (cst.Import, cst.ImportFrom))


def _wants_distance(before: cst.CSTNode, after: cst.CSTNode) -> bool:
    """Whether a blank line stands between two statements, as black has it."""
    import libcst as cst

    definitions = cst.FunctionDef | cst.ClassDef
    if _is_import(before):
        return not _is_import(after)
    return isinstance(after, definitions) and not isinstance(before, definitions)


def _blank_line() -> cst.EmptyLine:
    import libcst as cst

    return cst.EmptyLine(indent=False)


def _laid_out(pieces: Sequence[Piece]) -> Iterator[cst.BaseStatement]:
    """The lines of a block; what is left of a shared line stays on one line."""
    groups = [list(group) for _, group in groupby(pieces, key=lambda piece: id(piece.line))]
    firsts: set[int] = set()
    for number, group in enumerate(groups):
        line = group[0].line
        if line is None:
            yield from (cast("cst.BaseStatement", piece.node) for piece in group)
            continue
        is_last = not any(other[0].line is line for other in groups[number + 1 :])
        yield _shared_line(line, group, is_first=id(line) not in firsts, is_last=is_last)
        firsts.add(id(line))


def _shared_line(
    line: SharedLine, group: Sequence[Piece], *, is_first: bool, is_last: bool
) -> cst.SimpleStatementLine:
    import libcst as cst

    smalls = [cast("cst.BaseSmallStatement", piece.node) for piece in group]
    above = list(getattr(line, "leading_lines", ())) if is_first else []
    return cst.SimpleStatementLine(
        [*smalls[:-1], _last(smalls[-1])],
        leading_lines=[*above, *(empty for piece in group for empty in piece.above)],
        trailing_whitespace=line.trailing_whitespace if is_last else cst.TrailingWhitespace(),
    )


def _with_body(
    block: cst.Module | cst.IndentedBlock,
    body: list[cst.BaseStatement],
    pending: Sequence[cst.EmptyLine],
) -> cst.Module | cst.IndentedBlock:
    import libcst as cst

    if not body and isinstance(block, cst.IndentedBlock):
        body = [cst.SimpleStatementLine([cst.Pass()], leading_lines=pending)]
        return block.with_changes(body=body)
    return block.with_changes(body=body, footer=[*pending, *block.footer])
