"""The shared harness of the rules' tests: exact text, through the function that users run."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path

from djfix.codemods.engine.configuration import Configuration
from djfix.codemods.engine.run import run
from djfix.codemods.engine.values import Request, Result
from djfix.codemods.rule import Rule
from djfix.codemods.source.files import Files

BOM = b"\xef\xbb\xbf"


class Bench:
    """One rule over small projects in memory. `files` are the other files of the project.

    `new_files`: those that the base branch does not have, None where git cannot tell.
    """

    def __init__(self, rule: Rule, path: str, files: Mapping[str, str]) -> None:
        self.rule = rule
        self.path = path
        self.files = dict(files)
        self.new_files: frozenset[str] | None = None

    def run(self, text: str | bytes, *, unsafe: bool = False) -> Result:
        data = text.encode() if isinstance(text, str) else text
        contents = {path: other.encode() for path, other in self.files.items()} | {self.path: data}
        request = Request(
            root=Path("/nowhere"),
            rules=(self.rule,),
            configuration=Configuration(),
            apply=True,
            unsafe=unsafe,
            cache=False,
            new_files=self.new_files,
        )
        result = run(request, files=Files.of(contents))
        assert not result.failures, result.failures
        assert not result.unsettled
        return result

    def after(self, text: str | bytes, *, unsafe: bool = False) -> bytes:
        data = text.encode() if isinstance(text, str) else text
        changes = {change.path: change.after for change in self.run(text, unsafe=unsafe).changes}
        return changes.get(self.path, data)

    def reasons(self, text: str) -> list[str]:
        """The names of all reasons given, of findings and of declined places."""
        result = self.run(text)
        found = [reason.name for item in result.findings for reason in item.finding.reasons]
        return found + [item.reason.name for item in result.declined]

    def fixes(self, before: str, after: str, *, unsafe: bool = False) -> None:
        """`before` becomes exactly `after`, in every spelling of a file, and that is the end."""
        result = self.after(before, unsafe=unsafe).decode()
        assert result == after
        ast.parse(result)
        again = self.after(result, unsafe=unsafe).decode()
        assert again == result, "a second run changes something"
        for spelled in (crlf, with_bom, without_last_newline, _with_comments):
            wanted = spelled(after)
            assert self.after(spelled(before), unsafe=unsafe) == wanted, spelled.__name__

    def reviews(self, before: str, after: str, *reasons: str) -> None:
        """Left alone by default, for these reasons; `after` with what needs review."""
        assert self.after(before).decode() == before
        assert sorted(set(self.reasons(before))) == sorted(reasons)
        self.fixes(before, after, unsafe=True)

    def reports(self, text: str, *reasons: str) -> None:
        """Found, and never rewritten, for these reasons."""
        result = self.run(text, unsafe=True)
        assert [item.outcome.value for item in result.findings] == ["reported"]
        names = [reason.name for reason in result.findings[0].finding.reasons]
        assert sorted(set(names)) == sorted(reasons)
        assert not result.changes

    def declines(self, text: str, reason: str) -> None:
        """No finding, for this reason."""
        result = self.run(text, unsafe=True)
        assert not result.findings
        assert [item.reason.name for item in result.declined] == [reason]

    def ignores(self, text: str) -> None:
        """Neither found nor declined: nothing here looks like it."""
        result = self.run(text, unsafe=True)
        assert not result.findings
        assert not result.declined


def crlf(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


def with_bom(text: str) -> bytes:
    return BOM + text.encode()


def without_last_newline(text: str) -> bytes:
    return text.rstrip("\n").encode()


def _with_comments(text: str) -> bytes:
    """Text around the code that nothing may touch."""
    return (f"# head: é, \x0c and  \n{text}\n\n# tail\n" + "NAMES = {'é':  1}  # kept\n").encode()
