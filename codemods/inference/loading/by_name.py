"""What code outside of a view does with the queryset of its class, by any name of that.

`OrderView.queryset.only(...)`, the same of an alias, of what a loop, a decorator or a registry
hands out, and of an object of the class, also by its `get_queryset()`. Files are told from their
bytes.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from djfix.codemods.inference.loading import hazards
from djfix.codemods.inference.loading.held import (
    Held,
    are_rows,
    copied,
    copied_by,
    is_kept_in,
    queryset_owner,
)
from djfix.codemods.inference.loading.memory import Memory
from djfix.codemods.inference.loading.refinements import (
    in_called,
    in_function,
    in_nodes,
    is_whole,
    renders_in,
)
from djfix.codemods.inference.loading.values import Hazard
from djfix.codemods.project.known_order import known_order
from djfix.codemods.project.test_files import is_named_as_test
from djfix.codemods.source.chains import dotted_name
from djfix.codemods.source.definitions import functions_in
from djfix.codemods.source.walking import children, walk

if TYPE_CHECKING:
    from djfix.codemods.inference.expressions import Function
    from djfix.codemods.project.project import Project
    from djfix.codemods.source.document import Document

_PREFETCHING = "prefetch_related_objects"
# Patterns that begin with certain bytes are searched for several times as fast.
_QUERYSET = re.compile(rb"queryset\b")
_LEADING = re.compile(rb"([.\"'])(?:get_)?\Z")
_CALLED = re.compile(
    rb"get_queryset(?:\((?<!self\.get_queryset\()(?<!super\(\)\.get_queryset\()"
    rb"(?<!objects\.get_queryset\()(?<!_manager\.get_queryset\()(?<=\.get_queryset\()"
    rb"|[\"'](?<=[\"']get_queryset.))"
)
"""`get_queryset()` of something else than `self` and managers: nearly all of it is of views."""
_MANAGERS = re.compile(r"objects|manager\Z")
_NAMED = (
    *(b".queryset", b'"queryset"', b"'queryset'"),
    *(b".get_queryset(", b'"get_queryset"', b"'get_queryset'"),
)
_ITS_OWN = re.compile(rb"(?<![\w.])(?:self|super\(\))\Z")
_FARTHEST = 80
"""How far before it what has a queryset is looked for, in bytes."""

_NARROWING = re.compile(
    rb"\.\s*(?:only|defer|a?iterator|extra|select_for_update|union|intersection|difference)\b"
    rb"|_related\s*\(\s*None|\bPrefetch\b|\bRawSQL\b"
)
_HANDED = re.compile(rb"\.queryset(?:\s*[,)]|\.(?!all\b|filter\b|model\b)\w+\()")
_ONLY_WHERE_CERTAIN = frozenset({"handed-on", "iterated-besides", "unreadable-prefetch"})
"""What is done to rows of many kinds: nothing to go by where the class is not known."""


def by_name(project: Project, view: str) -> Iterator[Hazard]:
    """The hazards of what other code does with the queryset of a view's class."""
    memory = project.shared(Memory)
    yield from _by_its_own(memory, view)
    found = project.shared(_Others).found
    if found:
        family = {*known_order(project, view), *project.subclasses(view)}
        yield from (each.hazard for each in found if not each.owner or each.owner in family)


def _by_its_own(memory: Memory, view: str) -> Iterator[Hazard]:
    """What other code does with `TheView.queryset`, and with `TheView().queryset`."""
    for cls in known_order(memory.project, view):
        info = memory.project.class_named(cls)
        if info is None or info.path is None or "queryset" not in info.binds():
            continue
        own = cls.rpartition(".")[2]
        spelled, made = f"{own}.queryset", f"{own}("
        for path in memory.project.files.containing(spelled.encode(), made.encode()):
            document = memory.document(path) if path.endswith(".py") else None
            if document is None:
                continue
            held = Held(frozenset({spelled}), of_view=False)
            near = list(document.statements_near(document.lines_holding((own, _PREFETCHING))))
            for function in functions_in(near):
                yield from in_function(memory, document, function, copied(function, held))
            outside = list(_outside(near))
            held = copied_by(outside, held)
            yield from in_nodes(memory, document, outside, held, renders=True)


def _outside(statements: Iterable[ast.stmt]) -> Iterator[ast.AST]:
    """Their nodes that stand in no function: `queryset = TheView.queryset.only("id")`."""
    waiting: list[ast.AST] = [*statements]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            waiting.extend(children(node))


# -- by other names -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Done:
    """Something that is done with the queryset of `owner`, a class; "" for one not known."""

    owner: str
    hazard: Hazard


class _Others:
    """What the project does with querysets that are reached by a variable, an alias, a call;
    `project.shared(_Others)` keeps one."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._memory = project.shared(Memory)

    @cached_property
    def found(self) -> tuple[_Done, ...]:
        """All of it, in the order of the files."""
        paths = self._project.files.containing(*_NAMED)
        return tuple(
            each
            for path in paths
            if not is_named_as_test(path) and self._may_narrow(path)
            for each in self._in_file(path)
        )

    def _may_narrow(self, path: str) -> bool:
        data = self._project.files.read(path)
        asked = (_CALLED, _HANDED, _NARROWING)
        return _is_of_another(data) and any(each.search(data) is not None for each in asked)

    def _in_file(self, path: str) -> Iterator[_Done]:
        document = self._memory.document(path)
        if document is None:
            return
        lines = [each for each in document.lines_holding(("queryset",)) if _is_line(document, each)]
        near = list(document.statements_near(lines))
        for function in functions_in(near):
            if any(function.lineno <= line <= (function.end_lineno or 0) for line in lines):
                yield from self._in(document, function, list(walk(function)))
        yield from self._in(document, None, list(_outside(near)))

    def _in(
        self, document: Document, function: Function | None, nodes: list[ast.AST]
    ) -> Iterator[_Done]:
        spelled = {ast.unparse(each): each for node in nodes for each in queryset_owner(node)}
        for text, owner in sorted(spelled.items(), key=lambda item: item[0]):
            cls = self._class_of(document, function, owner)
            if cls is None:
                continue
            held = copied_by(nodes, Held(frozenset(), of_view=False, owner=text))
            rendered = renders_in(nodes)
            done = [*in_nodes(self._memory, document, nodes, held, renders=rendered)]
            done += in_called(self._memory, None, document, function, nodes, held)
            done += _given_away(document, nodes, held)
            for hazard in done:
                if cls or hazard.reason.name not in _ONLY_WHERE_CERTAIN:
                    yield _Done(cls, hazard if cls else _perhaps(hazard))

    def _class_of(
        self, document: Document, function: Function | None, owner: ast.expr
    ) -> str | None:
        """The class that an expression names, or makes an object of; "" if it is not known; None
        for what is looked at elsewhere, and for what is no view of the project."""
        inference = self._memory.inference(document, function)
        definitions = inference.definitions(owner) if isinstance(owner, ast.Name) else ()
        value = definitions[0].value if len(definitions) == 1 else None
        owner = value if isinstance(value, ast.Call) else owner
        made = owner.func if isinstance(owner, ast.Call) else owner
        dotted = dotted_name(made)
        if dotted is None:
            return ""
        if dotted in {"self", "super"} or _MANAGERS.search(dotted):
            return None
        resolved = inference.resolve(made)
        if resolved is None:
            return ""
        if self._project.class_named(resolved) is not None:
            return resolved
        if self._project.model(resolved.rpartition(".")[0]) is not None:
            return None
        return None if resolved.startswith(("django.", "rest_framework.")) else ""


def _given_away(document: Document, nodes: Iterable[ast.AST], held: Held) -> Iterator[Hazard]:
    """Rows that other code gets: they are kept, or given to who calls the function."""
    for node in nodes:
        returned = node.value if isinstance(node, ast.Return) else None
        is_given = returned is not None and are_rows(returned, held) and is_whole(returned, held)
        if isinstance(node, ast.expr | ast.stmt) and (is_given or is_kept_in(node, held)):
            yield hazards.hazard("handed-on", hazards.evidence_of(document, node))


def _is_line(document: Document, line: int) -> bool:
    # Where a chain goes on in the next line, what it is of stands before.
    return document.line_text(line).lstrip().startswith(".") or _is_of_another(
        document.line_text(line).encode()
    )


def _is_of_another(data: bytes) -> bool:
    """Whether bytes read the queryset of anything but `self`."""
    for found in _QUERYSET.finditer(data):
        before = data[max(0, found.start() - _FARTHEST) : found.start()]
        leading = _LEADING.search(before)
        if leading is None:
            continue
        before = before[: leading.start()]
        if _ITS_OWN.search(before) is None if leading[1] == b"." else b"getattr" in before:
            return True
    return False


def _perhaps(hazard: Hazard) -> Hazard:
    """The same, of rows that may be those of a view, or others."""
    return hazards.hazard("narrowed-elsewhere", hazard.evidence)
