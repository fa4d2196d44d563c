"""Tiny real rules for the engine's tests: calls of a helper of another file get a new name.

Each argument of the call picks what the rule makes of it: `foo()` is SAFE, `foo(review)` needs
review, `foo(report)` is only reported, `foo(unknown)` is declined, `foo(crash)` breaks the rule,
`foo(bad_edit)` breaks its edit.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from djfix.codemods.findings import Declined, Evidence, Finding, NodeReference, Reason, Safety
from djfix.codemods.rule import Rule

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees
    from djfix.codemods.source.document import Document

SAFETIES = {"review": Safety.REVIEW, "report": Safety.REPORT}


@dataclass(frozen=True)
class RenamingOptions:
    """What a test may set."""

    suffix: str = field(default="", metadata={"help": "Put after the new name."})
    style: str = field(default="plain", metadata={"help": "No use.", "choices": ("plain", "odd")})
    limit: int = 3
    loud: bool = False
    names: tuple[str, ...] = ()


class Renaming(Rule):
    """Calls `old` by its new name, where `old` is known to come from shop/helpers.py."""

    guide = "None"
    summary = "A call by an old name."
    sets = ("guide", "tests")
    safety = "SAFE"
    option_type = RenamingOptions
    old: ClassVar[str]
    new: ClassVar[str]

    def find(self, document: Document, project: Project) -> Iterator[Finding | Declined]:
        for symbol, call in calls(document.tree, self.old):
            argument = argument_of(call)
            if argument == "crash":
                raise RuntimeError("the rule gives up: password='hunter2'")
            if argument == "unknown" or project.resolve(document.path, self.old) is None:
                reason = Reason("unknown-helper", f"`{self.old}` is not known here")
                yield Declined(self.name, document.path, call.lineno, reason)
                continue
            yield self.finding(document, symbol, call, argument)

    def finding(self, document: Document, symbol: str, call: ast.Call, argument: str) -> Finding:
        safety = SAFETIES.get(argument, Safety.SAFE)
        reasons = () if safety is Safety.SAFE else (Reason(f"argument-{argument}", "as asked"),)
        return Finding(
            rule=self.name,
            path=document.path,
            span=document.span(call),
            symbol=symbol,
            message=f"`{self.old}` is called by its old name",
            safety=safety,
            anchor=ast.dump(call),
            reasons=reasons,
            evidence=(Evidence("shop/helpers.py", 1, f"def {self.old}"),),
            data={"name": self.old},
            plan=NodeReference.of(call),
        )

    def edit(self, finding: Finding, trees: Trees) -> Iterable[Edit]:
        import libcst as cst

        from djfix.codemods.rewriting.edits import AddImport, Replace

        assert isinstance(finding.plan, NodeReference)
        call = trees.node(finding.path, finding.plan)
        assert isinstance(call, cst.Call)
        if any(
            isinstance(each.value, cst.Name) and each.value.value == "bad_edit"
            for each in call.args
        ):
            raise RuntimeError("the edit gives up")
        new = self.new + self.options.suffix
        yield Replace(finding.path, finding.plan, call.with_changes(func=cst.Name(new)))
        yield AddImport(finding.path, "shop.helpers", new)


class RenameFoo(Renaming):
    """Calls foo as bar."""

    name = "rename-foo"
    mentions = (b"foo(",)
    old, new = "foo", "bar"
    before = ("rename-bar",)


class RenameBar(Renaming):
    """Calls bar as baz."""

    name = "rename-bar"
    mentions = (b"bar(",)
    old, new = "bar", "baz"


class Restless(Renaming):
    """Never has enough: the new name is the old one."""

    name = "restless"
    mentions = (b"more(",)
    old, new = "more", "more"

    def edit(self, finding: Finding, trees: Trees) -> Iterable[Edit]:
        import libcst as cst

        from djfix.codemods.rewriting.edits import Replace

        assert isinstance(finding.plan, NodeReference)
        call = trees.node(finding.path, finding.plan)
        assert isinstance(call, cst.Call)
        longer = [*call.args, cst.Arg(cst.Integer("1"))]
        yield Replace(finding.path, finding.plan, call.with_changes(args=longer))


class LocalOnly(Renaming):
    """Looks at nothing but the file: calls of `one` with a comment are none of its business."""

    name = "local-only"
    mentions = (b"one(",)
    old, new = "one", "two"

    def find(self, document: Document, project: Project) -> Iterator[Finding | Declined]:
        for _, call in calls(document.tree, self.old):
            reason = Reason("always", "never proven")
            yield Declined(self.name, document.path, call.lineno, reason)


class ReadsPages(Renaming):
    """Looks at files that no listing has."""

    name = "reads-pages"
    mentions = (b"foo(",)
    old, new = "foo", "bar"

    def find(self, document: Document, project: Project) -> Iterator[Finding | Declined]:
        for page in ("shop/templates/page.html", "shop/templates/new.html"):
            if project.files.exists(page):
                reason = Reason("shown", project.files.read(page).decode())
                yield Declined(self.name, document.path, 1, reason)


def calls(tree: ast.Module, name: str) -> Iterator[tuple[str, ast.Call]]:
    """Calls of a plain name, each with the function that holds it."""
    for statement in tree.body:
        symbol = getattr(statement, "name", "module")
        for node in ast.walk(statement):
            match node:
                case ast.Call(func=ast.Name(id=found)) if found == name:
                    yield symbol, node


def argument_of(call: ast.Call) -> str:
    first = call.args[0] if call.args else None
    return first.id if isinstance(first, ast.Name) else ""
