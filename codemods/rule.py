"""The contract of a rule: recognise on `ast`, rewrite on LibCST."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from djfix.codemods.findings import Declined, Finding

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees
    from djfix.codemods.source.document import Document


@dataclass(frozen=True, slots=True)
class Example:
    """One before and after of a rule: feeds its tests, `djfix explain` and its docs page.

    `files` are the other files of the small project that the example stands in.
    `after` equal to `before` shows code that is left alone.
    """

    title: str
    before: str
    after: str
    path: str = "shop/services.py"
    files: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class NoOptions:
    """The options of a rule that has none."""


class Rule(ABC):
    """One anti-pattern and its correct form.

    The subclass's docstring is the rule's page. `mentions`: a file whose bytes hold none of them
    is not parsed for this rule. `before`: names of rules that run after this one.
    `stays_in_its_files`: a fix settles nothing but findings of the files that it changes, so that
    only these are looked at again.
    `looks_at`: the kinds of file that it finds in; Python, unless it says otherwise.
    `options` is an instance of a frozen dataclass with a default for every field; each field's
    `metadata["help"]` is its help, `metadata["choices"]` its allowed values, if any.
    """

    name: ClassVar[str]
    guide: ClassVar[str]
    summary: ClassVar[str]
    sets: ClassVar[tuple[str, ...]]
    mentions: ClassVar[tuple[bytes, ...]]
    safety: ClassVar[str]
    before: ClassVar[tuple[str, ...]] = ()
    examples: ClassVar[tuple[Example, ...]] = ()
    only_when_named: ClassVar[bool] = False
    stays_in_its_files: ClassVar[bool] = False
    option_type: ClassVar[type[Any]] = NoOptions

    def __init__(self, options: Any = None) -> None:
        self.options = self.option_type() if options is None else options

    def mentioned(self, data: bytes) -> bool:
        """Whether a file with these bytes may hold a finding; must never be wrongly False."""
        return any(word in data for word in self.mentions)

    def looks_at(self, path: str) -> bool:
        """Whether files of this name are its kind at all; asked before their bytes are."""
        return path.endswith(".py")

    @abstractmethod
    def find(self, document: Document, project: Project) -> Iterator[Finding | Declined]:
        """Proven places and declined ones of this file, in the order of the file."""

    def explain(self, document: Document, project: Project, lines: range) -> Iterable[str]:
        """What the rule saw at these lines (of one statement), beyond its findings, in words.

        For `djfix explain --at`, so that a person can check the reasoning; nothing by default.
        """
        return ()

    def followed_by(self) -> tuple[str, ...]:
        """The rules, by name, that run on what this one's fixes have made, and on nothing else."""
        return ()

    def made_by(self, finding: Finding) -> tuple[str, ...]:
        """The dotted names of the functions that a finding's fix makes, for those rules."""
        return ()

    @abstractmethod
    def edit(self, finding: Finding, trees: Trees) -> Iterable[Edit]:
        """What the finding's fix does to any files; trusts the guards of `find`."""
