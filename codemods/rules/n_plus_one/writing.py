"""From a plan to edits: the only module of the rule that touches LibCST."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.rewriting.chains import MethodCall, appended, laid_out
from djfix.codemods.rules.n_plus_one.plans import Inner, Plan
from djfix.codemods.source.line_length import line_length

if TYPE_CHECKING:
    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees


def edits_of(plan: Plan, trees: Trees) -> Iterator[Edit]:
    """What the plan does to its file."""
    width = line_length(trees.files, plan.path)
    calls, edits = _calls(plan, trees)
    yield from edits
    if plan.place == "append":
        yield _appending(plan, trees, calls, width)
    elif plan.place == "subclass-attribute":
        yield _attribute(plan, calls, width)
    else:
        yield _method(plan, trees, calls, width)


def _appending(plan: Plan, trees: Trees, calls: list[MethodCall], width: int) -> Edit:
    import libcst as cst

    from djfix.codemods.rewriting.edits import Replace

    text = appended(trees, plan.path, plan.reference, calls, width=width)
    return Replace(plan.path, plan.reference, cst.parse_expression(text))


def _attribute(plan: Plan, calls: list[MethodCall], width: int) -> Edit:
    from djfix.codemods.rewriting.edits import InsertAfter, statements_from

    room = width - plan.reference.column - len("queryset = ")
    value = laid_out(f"{plan.base}.queryset", calls, room=room, indent="    ")
    return InsertAfter(plan.path, plan.reference, statements_from(f"queryset = {value}"))


def _method(plan: Plan, trees: Trees, calls: list[MethodCall], width: int) -> Edit:
    import libcst as cst

    from djfix.codemods.rewriting.edits import InsertAfter, statements_from

    indent = trees.files.document(plan.path).indentation
    room = width - plan.reference.column - len(indent)
    room -= len("return ")
    value = laid_out("super().get_queryset()", calls, room=room, indent=indent)
    body = f"return {value}".replace("\n", f"\n{indent}")
    method = statements_from(f"def get_queryset(self):\n{indent}{body}")[0]
    spaced = method.with_changes(leading_lines=[cst.EmptyLine(indent=False)])
    return InsertAfter(plan.path, plan.reference, (spaced,))


def _calls(plan: Plan, trees: Trees) -> tuple[list[MethodCall], list[Edit]]:
    """The calls to add, in the guide's order, and the imports that they need."""
    additions = plan.additions
    edits: list[Edit] = []
    calls: list[MethodCall] = []
    if additions.peers:
        models = trees.name(plan.path, "django.db", "models", plan.reference.line)
        edits += models.edits
        calls.append(MethodCall("fetch_mode", (f"{models.expression}.FETCH_PEERS",)))
    if additions.joined:
        calls.append(MethodCall("select_related", _quoted(additions.joined)))
    arguments = [*_quoted(additions.prefetched)]
    for inner in additions.inner:
        text, needed = _prefetch(inner, plan, trees)
        arguments.append(text)
        edits += needed
    if arguments:
        calls.append(MethodCall("prefetch_related", tuple(arguments)))
    return calls, edits


def _prefetch(inner: Inner, plan: Plan, trees: Trees) -> tuple[str, list[Edit]]:
    line = plan.reference.line
    prefetch = trees.name(plan.path, "django.db.models", "Prefetch", line)
    model = trees.name(plan.path, inner.module, inner.model, line)
    queryset = (
        f"{model.expression}.{inner.manager}.select_related({', '.join(_quoted(inner.joined))})"
    )
    text = f'{prefetch.expression}("{inner.lookup}", queryset={queryset})'
    return text, [*prefetch.edits, *model.edits]


def _quoted(lookups: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f'"{lookup}"' for lookup in lookups)
