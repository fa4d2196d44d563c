"""From a plan to text: options in the decorator, and in the form bind a `try` in the body."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.rewriting.decorators import DecoratorPlace, with_keywords
from djfix.codemods.rules.celery_retries.exceptions import SOFT_TIME_LIMIT, spelled
from djfix.codemods.rules.celery_retries.placing import Parameter, Wrapped
from djfix.codemods.source.line_length import line_length

if TYPE_CHECKING:
    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees
    from djfix.codemods.source.document import Document


@dataclass(frozen=True, slots=True)
class Plan:
    """What a task gets. `options`: literal values by name, in their order. `exceptions`: canonical
    names for `autoretry_for`; empty in the form bind, which has `wrapped` instead."""

    place: DecoratorPlace
    options: tuple[tuple[str, str], ...]
    exceptions: tuple[str, ...] = ()
    excludes_soft_limit: bool = False
    parameter: Parameter | None = None
    wrapped: tuple[Wrapped, ...] = ()
    caught_as: str = "exc"


def edits_of(plan: Plan, path: str, trees: Trees) -> Iterator[Edit]:
    """All edits of one task."""
    from djfix.codemods.rewriting.edits import ReplaceText

    document = trees.files.document(path)
    width = line_length(trees.files, path)
    keywords = list(plan.options)
    if plan.exceptions:
        names = spelled(trees, path, plan.exceptions, plan.place.whole.line)
        yield from names.edits
        keywords.insert(0, ("autoretry_for", _tuple(document, plan, names.names, width)))
    if plan.excludes_soft_limit:
        names = spelled(trees, path, [SOFT_TIME_LIMIT], plan.place.whole.line)
        yield from names.edits
        late = ("acks_late", "reject_on_worker_lost")
        first = next((at for at, (name, _) in enumerate(keywords) if name in late), len(keywords))
        keywords.insert(first, ("dont_autoretry_for", f"({names.names[0]},)"))
    yield with_keywords(document, plan.place, keywords, width=width)
    if plan.parameter is not None and plan.parameter.place is not None:
        yield ReplaceText(path, plan.parameter.place, plan.parameter.text)
    for each in plan.wrapped:
        names = spelled(trees, path, each.exceptions, each.span.line)
        yield from names.edits
        yield ReplaceText(path, each.span, _try(document, plan, each, names.names, width))


def _tuple(document: Document, plan: Plan, names: Sequence[str], width: int) -> str:
    """A tuple, over several lines where one is too long for it."""
    flat = f"({names[0]},)" if len(names) == 1 else f"({', '.join(names)})"
    lead = document.margin(plan.place.whole.line) + document.indentation
    if len(f"{lead}autoretry_for={flat},") <= width:
        return flat
    newline = document.newline
    inner = "".join(f"{newline}{lead}{document.indentation}{name}," for name in names)
    return f"({inner}{newline}{lead})"


def _try(document: Document, plan: Plan, each: Wrapped, names: Sequence[str], width: int) -> str:
    newline, step = document.newline, document.indentation
    lead = document.margin(each.span.line)
    body = [
        text if number in each.kept or not text.strip() else f"{step}{text}"
        for number, text in (
            (number, document.line_text(number))
            for number in range(each.span.line, each.span.end_line + 1)
        )
    ]
    lines = ["try:", *body, *_except(lead, step, names, plan.caught_as, width)]
    lines += _raise(f"{lead}{step}", step, plan, width)
    return newline.join(lines)


def _except(lead: str, step: str, names: Sequence[str], caught_as: str, width: int) -> list[str]:
    caught = names[0] if len(names) == 1 else f"({', '.join(names)})"
    flat = f"{lead}except {caught} as {caught_as}:"
    if len(flat) <= width or len(names) == 1:
        return [flat]
    inner = [f"{lead}{step}{name}," for name in names]
    return [f"{lead}except (", *inner, f"{lead}) as {caught_as}:"]


def _raise(lead: str, step: str, plan: Plan, width: int) -> list[str]:
    assert plan.parameter is not None
    task = plan.parameter.name
    countdown = f"{task}.default_retry_delay * 2**{task}.request.retries"
    arguments = [f"exc={plan.caught_as}", f"countdown={countdown}"]
    flat = f"{lead}raise {task}.retry({', '.join(arguments)})"
    if len(flat) <= width:
        return [flat]
    joined = f"{lead}{step}{', '.join(arguments)}"
    inner = [joined] if len(joined) <= width else [f"{lead}{step}{each}," for each in arguments]
    return [f"{lead}raise {task}.retry(", *inner, f"{lead})"]
