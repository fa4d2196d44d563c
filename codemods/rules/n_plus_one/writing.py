"""From a plan to edits: the only module of the rule that touches LibCST."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.rewriting.chains import MethodCall, with_calls
from djfix.codemods.rewriting.layout import Room, laid_out
from djfix.codemods.rewriting.members import member_beside
from djfix.codemods.rewriting.quoting import quote_at
from djfix.codemods.rules.n_plus_one.plans import Inner, Plan
from djfix.codemods.source.line_length import line_length

if TYPE_CHECKING:
    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees

PASSED = frozenset(
    {
        "alias",
        "all",
        "annotate",
        "distinct",
        "exclude",
        "filter",
        "order_by",
        "prefetch_related",
        "reverse",
        "select_related",
    }
)
"""Methods of Django's querysets behind which a lookup means what it means before them."""


def edits_of(plan: Plan, trees: Trees) -> Iterator[Edit]:
    """What the plan does to its file."""
    width = line_length(trees.files, plan.path)
    calls, edits = _calls(plan, trees)
    yield from edits
    if plan.place == "append":
        yield from with_calls(trees, plan.path, plan.reference, calls, width=width)
    elif plan.place == "subclass-attribute":
        text = _laid_out(plan, trees, "queryset = ", f"{plan.base}.queryset", calls, width)
        yield member_beside(trees, plan.path, plan.reference, text)
    else:
        yield _method(plan, trees, calls, width)


def _method(plan: Plan, trees: Trees, calls: list[MethodCall], width: int) -> Edit:
    indent = trees.files.document(plan.path).indentation
    room = width - len(indent)
    body = _laid_out(plan, trees, "return ", "super().get_queryset()", calls, room)
    moved = body.replace("\n", f"\n{indent}")
    text = f"def get_queryset(self):\n{indent}{moved}"
    return member_beside(trees, plan.path, plan.reference, text)


def _laid_out(
    plan: Plan, trees: Trees, before: str, base: str, calls: list[MethodCall], width: int
) -> str:
    """A new statement of the class's body, as if it began at the margin."""
    document = trees.files.document(plan.path)
    line = document.line_text(plan.reference.line)
    margin = len(line) - len(line.lstrip())
    # A class on one line gets its body below it.
    margin += 0 if plan.reference.column == margin else len(document.indentation)
    room = Room(width - margin, document.indentation, before=len(before))
    return before + laid_out(base + "".join(call.code for call in calls), room)


def _calls(plan: Plan, trees: Trees) -> tuple[list[MethodCall], list[Edit]]:
    """The calls to add, in the guide's order, and the imports that they need."""
    additions = plan.additions
    quote = quote_at(trees.files.document(plan.path), plan.reference)
    edits: list[Edit] = []
    calls: list[MethodCall] = []
    if additions.peers:
        models = trees.name(plan.path, "django.db", "models", plan.reference.line)
        edits += models.edits
        calls.append(MethodCall("fetch_mode", (f"{models.expression}.FETCH_PEERS",)))
    if additions.joined:
        calls.append(MethodCall("select_related", _quoted(additions.joined, quote), PASSED))
    arguments = [*_quoted(additions.prefetched, quote)]
    for inner in additions.inner:
        text, needed = _prefetch(inner, plan, trees, quote)
        arguments.append(text)
        edits += needed
    if arguments:
        calls.append(MethodCall("prefetch_related", tuple(arguments), PASSED))
    return calls, edits


def _prefetch(inner: Inner, plan: Plan, trees: Trees, quote: str) -> tuple[str, list[Edit]]:
    line = plan.reference.line
    prefetch = trees.name(plan.path, "django.db.models", "Prefetch", line)
    model = trees.name(plan.path, inner.module, inner.model, line)
    joined = ", ".join(_quoted(inner.joined, quote))
    queryset = f"{model.expression}.{inner.manager}.select_related({joined})"
    text = f"{prefetch.expression}({quote}{inner.lookup}{quote}, queryset={queryset})"
    return text, [*prefetch.edits, *model.edits]


def _quoted(lookups: tuple[str, ...], quote: str) -> tuple[str, ...]:
    return tuple(f"{quote}{lookup}{quote}" for lookup in lookups)
