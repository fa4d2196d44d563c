"""From a plan to edits: a value read from the environment, and the import that it needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.rules.debug_setting.truths import TRUE_WORDS

if TYPE_CHECKING:
    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees
    from djfix.codemods.rules.debug_setting.judging import Plan


def edits_of(plan: Plan, path: str, trees: Trees) -> Iterator[Edit]:
    """The value's replacement, and `import os` where the file has none."""
    from djfix.codemods.rewriting.edits import ReplaceText

    os = trees.name(path, "os", "", plan.line)
    yield from os.edits
    environ = f"{os.expression}.environ"
    variable = f"{plan.quote}{plan.variable}{plan.quote}"
    if plan.default is None:
        yield ReplaceText(path, plan.span, f"{environ}[{variable}]")
        return
    words = ", ".join(f"{plan.quote}{each}{plan.quote}" for each in TRUE_WORDS)
    default = f"{plan.quote}{plan.default}{plan.quote}"
    text = f"{environ}.get({variable}, {default}).lower() in {{{words}}}"
    yield ReplaceText(path, plan.span, text)
