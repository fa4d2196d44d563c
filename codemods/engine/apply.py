"""From findings to new contents of files: one finding alone, or many at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.engine.failures import crash
from djfix.codemods.findings import Failure, Finding, TextEdit

if TYPE_CHECKING:
    from djfix.codemods.engine.world import World
    from djfix.codemods.rule import Rule

Contents = Mapping[str, bytes | None]
"""New contents of files by path; None: the file goes."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A finding with what applying it alone does, or why that fails.

    `suppressed_by` is the line of the comment that suppresses it.
    """

    finding: Finding
    edits: tuple[TextEdit, ...] = ()
    suppressed_by: int | None = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """A file's whole new text; `moved_to`: the path that it gets, None for the one it has."""

    text: str
    moved_to: str | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """New contents by path (None: the file goes), for the findings that made them; `deferred` must
    wait for a pass.

    Findings are named by their position in what `apply_all` was given.
    """

    contents: Contents
    makers: Mapping[str, tuple[int, ...]]
    deferred: tuple[int, ...] = ()


def solo_edits(rule: Rule, finding: Finding, world: World) -> tuple[TextEdit, ...] | Failure:
    """The minimal text edits of applying one finding alone, or why it cannot be applied."""
    try:
        texts = _texts(rule, [finding], world)
        edits = [edit for path in sorted(texts) for edit in _edits(path, texts[path], world)]
        _contents(texts, world)
    except Exception as error:  # noqa: BLE001 - the finding fails by name, the run goes on
        return _failure(rule, finding, error)
    if not edits:
        place = f"line {finding.span.line}"
        return Failure(finding.path, f"{place}: the fix changes nothing", rule.name)
    return tuple(edits)


def apply_all(rule: Rule, proposals: Sequence[Proposal], world: World) -> Applied:
    """Apply proposals together, each whole or not at all.

    Those that touch no file in common are applied apart from each other. Where some of a group
    cannot be applied together, as many of the first as can be are; the others are deferred.
    """
    contents: dict[str, bytes | None] = {}
    makers: dict[str, tuple[int, ...]] = {}
    deferred: list[int] = []
    for group in _groups(proposals):
        made, taken = _applied_group(rule, [(each, proposals[each]) for each in group], world)
        contents.update(made)
        deferred.extend(sorted(set(group) - set(taken)))
        for path in made:
            makers[path] = tuple(each for each in taken if path in _paths_of(proposals[each]))
    return Applied(contents, makers, tuple(sorted(deferred)))


def _applied_group(
    rule: Rule, group: Sequence[tuple[int, Proposal]], world: World
) -> tuple[Contents, list[int]]:
    whole = _try(rule, [proposal for _, proposal in group], world)
    if whole is not None:
        return whole, [place for place, _ in group]
    contents: Contents = {}
    taken: list[tuple[int, Proposal]] = []
    for candidate in group:
        made = _try(rule, [proposal for _, proposal in (*taken, candidate)], world)
        if made is not None:
            contents = made
            taken.append(candidate)
    return contents, [place for place, _ in taken]


def _try(rule: Rule, proposals: Sequence[Proposal], world: World) -> Contents | None:
    """The contents that some proposals make together; None where they are at odds."""
    if len(proposals) == 1:
        return _from_text_edits(proposals[0].edits, world)
    try:
        texts = _texts(rule, [proposal.finding for proposal in proposals], world)
        return _contents(texts, world)
    except Exception:  # noqa: BLE001 - each of them works alone, so none is to blame
        return None


def _contents(texts: Mapping[str, Text], world: World) -> Contents:
    """The bytes of new texts; a file that moves keeps its encoding."""
    contents: dict[str, bytes | None] = {}
    for path, text in texts.items():
        data = _encoded(path, text.text, world)
        contents |= {path: data} if text.moved_to is None else {path: None, text.moved_to: data}
    return contents


def _texts(rule: Rule, findings: Iterable[Finding], world: World) -> Mapping[str, Text]:
    from djfix.codemods.rewriting.edits import apply_edits, moves_of
    from djfix.codemods.rewriting.trees import Trees

    trees = Trees(world.files, module_of=world.project.module_of)
    edits = [edit for finding in findings for edit in rule.edit(finding, trees)]
    texts = apply_edits(world.files, edits, trees=trees, used_elsewhere=world.used_elsewhere)
    moves = moves_of(edits)
    moved = {path: Text(text, moves.get(path)) for path, text in texts.items()}
    return {path: text for path, text in moved.items() if _differs(path, text, world)}


def _from_text_edits(edits: Iterable[TextEdit], world: World) -> Contents:
    by_path: dict[str, list[TextEdit]] = {}
    for edit in edits:
        by_path.setdefault(edit.path, []).append(edit)
    return _contents({path: _text(path, mine, world) for path, mine in by_path.items()}, world)


def _text(path: str, edits: Sequence[TextEdit], world: World) -> Text:
    if edits[0].create:
        return Text(edits[0].replacement)
    moved_to = next((edit.move_to for edit in edits if edit.move_to), None)
    replacing = [edit for edit in edits if not edit.move_to]
    return Text(spliced(world.files.document(path).lines, replacing), moved_to)


def spliced(lines: Sequence[str], edits: Iterable[TextEdit]) -> str:
    """The text of these lines (with their ends) after replacements that do not overlap."""
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    text = "".join(lines)
    pieces: list[str] = []
    position = 0
    for edit in sorted(edits, key=lambda each: (each.span is None, each.span)):
        assert edit.span is not None
        start = starts[edit.span.line - 1] + edit.span.column - 1
        pieces += [text[position:start], edit.replacement]
        position = starts[edit.span.end_line - 1] + edit.span.end_column - 1
    return "".join([*pieces, text[position:]])


def _groups(proposals: Sequence[Proposal]) -> list[list[int]]:
    """Positions of proposals that are tied to each other by files, in the order they come."""
    group_of: dict[str, list[int]] = {}
    groups: list[list[int]] = []
    for place, proposal in enumerate(proposals):
        paths = _paths_of(proposal)
        tied = [group for group in groups if any(group_of.get(path) is group for path in paths)]
        merged = [*sorted(each for group in tied for each in group), place]
        groups = [group for group in groups if group not in tied] + [merged]
        members = {path for each in merged for path in _paths_of(proposals[each])}
        group_of.update(dict.fromkeys(members, merged))
    return sorted(groups)


def _paths_of(proposal: Proposal) -> set[str]:
    """The files that a proposal changes; one that moves counts at both its paths."""
    edits = proposal.edits
    return {edit.path for edit in edits} | {edit.move_to for edit in edits if edit.move_to}


def _differs(path: str, text: Text, world: World) -> bool:
    is_known = text.moved_to is None and world.files.exists(path)
    return not is_known or world.files.document(path).text != text.text


def _edits(path: str, text: Text, world: World) -> tuple[TextEdit, ...]:
    from djfix.codemods.rewriting.difference import text_edits

    if not world.files.exists(path):
        return (TextEdit(path, None, text.text, create=True),)
    document = world.files.document(path)
    edits = text_edits(path, document.text, text.text)
    if spliced(document.lines, edits) != text.text:
        raise ValueError(f"the text edits of {path} do not give its new text")
    move = () if text.moved_to is None else (TextEdit(path, None, "", move_to=text.moved_to),)
    return (*edits, *move)


def _encoded(path: str, text: str, world: World) -> bytes:
    if not world.files.exists(path):
        return text.encode()
    return world.files.document(path).encode(text)


def _failure(rule: Rule, finding: Finding, error: Exception) -> Failure:
    """Why a finding's edit failed; only a defect brings its traceback."""
    cause = error if isinstance(error, UnicodeEncodeError) else error.__cause__
    if isinstance(cause, UnicodeEncodeError):
        missing = cause.object[cause.start : cause.end]
        why = f"{missing!r} cannot be written" if len(missing) < 20 else cause.reason
        text = f"line {finding.span.line}: {why} (encoding {cause.encoding})"
        return Failure(finding.path, text, rule.name)
    return crash(finding.path, rule.name, error, line=finding.span.line)
