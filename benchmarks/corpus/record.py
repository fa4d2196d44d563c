"""All findings of a run as one readable text, and what changed between two such texts."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.corpus.examine import Examined

CONTEXT = 8
HEADING = re.compile(
    r"^### (?P<project>\S+) (?P<place>.+) (?P<outcome>\S+) (?P<rule>\S+) (?P<fingerprint>\S+)$"
)


def written(examined: Sequence[Examined]) -> str:
    """Markdown: each finding with its reasons, evidence and own diff; then the declined places."""
    parts = ["# Findings", ""]
    for each in examined:
        parts += [f"## {each.project}", ""]
        for finding in each.said.findings:
            parts += finding_text(each.project, each.folder, finding)
        parts += declined_text(each)
        parts += [
            f"- failed: {failure['path']}: {failure['error']}" for failure in each.said.failed
        ]
        parts += [f"- wrong: {problem}" for problem in each.problems]
        parts.append("")
    return "\n".join(parts)


def finding_text(project: str, folder: Path, finding: Mapping[str, Any]) -> Iterator[str]:
    place = f"{finding['path']}:{finding['line']}"
    name = f"{finding['outcome']} {finding['rule']} {finding['fingerprint']}"
    yield from (f"### {project} {place} {name}", "", finding["message"], "")
    yield f"- in `{finding['symbol']}`; data: `{finding['data']}`"
    yield from (f"- because {reason}" for reason in finding["reasons"])
    yield from (f"- see {e['path']}:{e['line']}: {e['text']}" for e in finding["evidence"])
    if finding["after"]:
        yield f"- only after the fix of {finding['after']}"
    yield from ("", "```diff" if finding["edits"] else "```python")
    yield from difference(folder, finding) if finding["edits"] else around(folder, finding)
    yield from ("```", "")


def around(folder: Path, finding: Mapping[str, Any]) -> Iterator[str]:
    lines = text_of(folder / finding["path"]).split("\n")
    first = max(0, finding["line"] - 1 - CONTEXT)
    yield from lines[first : finding["end_line"] + CONTEXT]


def difference(folder: Path, finding: Mapping[str, Any]) -> Iterator[str]:
    """The finding's edits alone; where they need another's fix first, just the replacements."""
    for path in dict.fromkeys(edit["path"] for edit in finding["edits"]):
        edits = [edit for edit in finding["edits"] if edit["path"] == path]
        if finding["after"] or any(edit.get("create") for edit in edits):
            yield from (f"+ {path}:{edit.get('line')}: {edit['replacement']!r}" for edit in edits)
            continue
        before = text_of(folder / path)
        after = edited(before, edits)
        yield from difflib.unified_diff(
            before.split("\n"), after.split("\n"), path, path, n=CONTEXT, lineterm=""
        )


def text_of(path: Path) -> str:
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def edited(text: str, edits: Sequence[Mapping[str, Any]]) -> str:
    """The text with all replacements made; lines end where Python's tokenizer ends them."""
    starts = [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", text))]

    def offset(line: int, column: int) -> int:
        return starts[line - 1] + column - 1

    for edit in sorted(edits, key=lambda each: (each["line"], each["column"]), reverse=True):
        start = offset(edit["line"], edit["column"])
        end = offset(edit["end_line"], edit["end_column"])
        text = text[:start] + edit["replacement"] + text[end:]
    return text


def declined_text(each: Examined) -> Iterator[str]:
    if each.said.declined:
        yield f"### Declined in {each.project}"
        yield ""
    for place in each.said.declined:
        yield f"- {place['path']}:{place['line']}: {place['reason']}"


def compared(old: str, new: str) -> str:
    """What came, went, or changed its outcome or text, finding by finding."""
    before, after = sections(old), sections(new)
    lines = [f"new:     {after[key][0]}" for key in after if key not in before]
    lines += [f"gone:    {before[key][0]}" for key in before if key not in after]
    for key in before.keys() & after.keys():
        if before[key] != after[key]:
            same = before[key][0] == after[key][0]
            to = "other reasons, evidence or edits" if same else after[key][0]
            lines += [f"changed: {before[key][0]}", f"     to: {to}"]
    lines += declined_changes(old, new)
    return "\n".join(lines) if lines else "The findings are the same."


def sections(text: str) -> dict[tuple[str, str], tuple[str, str]]:
    """Each finding's heading and body, by project and fingerprint."""
    found = {}
    for part in re.split(r"^(?=##+ )", text, flags=re.MULTILINE):
        heading, _, body = part.partition("\n")
        match = HEADING.match(heading)
        if match:
            key = (match["project"], match["fingerprint"])
            found[key] = (heading.removeprefix("### "), body.strip())
    return found


def declined_changes(old: str, new: str) -> list[str]:
    before, after = (set(re.findall(r"^- \S+:\d+: .+$", text, re.MULTILINE)) for text in (old, new))
    gone = [f"no longer declined: {line[2:]}" for line in sorted(before - after)]
    return [*gone, *(f"declined: {line[2:]}" for line in sorted(after - before))]
