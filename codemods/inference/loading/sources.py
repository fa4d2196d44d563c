"""The expressions that a queryset comes from, as places at which more can be added to it.

`sources_of_view` for a view class, `sources_of_expression` for what a function hands to a
serializer or a paginator.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from djfix.codemods.findings import Evidence, NodeReference, Reason
from djfix.codemods.inference.expressions import Function
from djfix.codemods.inference.loading import methods, views
from djfix.codemods.inference.loading.besides import is_read_besides
from djfix.codemods.inference.loading.carried import carried_rows
from djfix.codemods.inference.loading.chains import (
    NO_QUERYSET,
    Chain,
    either,
    with_hazards,
)
from djfix.codemods.inference.loading.hazards import hazard, without_repetition
from djfix.codemods.inference.loading.hooks import is_empty_list, sets_queryset
from djfix.codemods.inference.loading.later import later_uses, root_of
from djfix.codemods.inference.loading.memory import Memory
from djfix.codemods.inference.loading.places import place_of
from djfix.codemods.inference.loading.reading import UNKNOWN, Reader, Receiver, reader_of
from djfix.codemods.inference.loading.values import QuerySource, Setting
from djfix.codemods.project.classes import MethodInfo
from djfix.codemods.project.project import Project
from djfix.codemods.source.definitions import DEFINITIONS
from djfix.codemods.source.document import Document

Sources = tuple[tuple[QuerySource, ...], tuple[Reason, ...]]

_UNREADABLE = Reason("unreadable-view", "the view's code cannot be read")


@dataclass(frozen=True, slots=True)
class _Found:
    """Where the view's queryset comes from, before it is a source."""

    sources: tuple[QuerySource, ...] = ()
    reasons: tuple[Reason, ...] = ()


def sources_of_view(project: Project, view: str) -> Sources:
    """Every expression that the queryset of a view class may come from, and why some are unknown.

    A `return` of rows that are never any (`none()`) is left out where there are others.
    """
    memory = project.shared(Memory)
    info = project.class_named(view)
    if info is None or info.path is None or memory.document(info.path) is None:
        return (), (_UNREADABLE,)
    getter = views.next_method(project, info.name, "get_queryset", None)
    if getter is None or (getter.path is None and views.is_known(project, getter.cls)):
        by_property = views.next_method(project, info.name, "queryset", None)
        getter = by_property if by_property is not None and by_property.path is not None else None
    if getter is not None:
        found = _of_method(memory, info.name, getter)
    else:
        found = _of_attribute(memory, info.name)
    if not found.sources and not found.reasons:
        found = _Found(reasons=(NO_QUERYSET,))
    if found.reasons and found.reasons[0] == NO_QUERYSET and project.unknown_bases(info.name):
        return found.sources, (views.UNKNOWN_BASE,)
    return found.sources, found.reasons


def _of_attribute(memory: Memory, view: str) -> _Found:
    """The class attribute `queryset`; for Django's own views `model` alone will do."""
    assigned = views.assigned(memory, view, "queryset")
    if assigned is not None and not methods.is_none(assigned.value):
        return _of_assigned(memory, assigned, None)
    model = views.assigned(memory, view, "model")
    if model is None or not views.is_django_view(memory.project, view):
        return _Found(reasons=(NO_QUERYSET,))
    reader = _reader(memory, model.path, None, None)
    chain = views.stock(reader, view) if reader is not None else NO_QUERYSET
    if isinstance(chain, Reason):
        return _Found(reasons=(chain,))
    chain = replace(chain, hazards=(*chain.hazards, hazard("model-instead-of-queryset")))
    return _Found((_source(chain, model.path, model.value, model.line, model.cls, "queryset"),))


def _of_assigned(
    memory: Memory, assigned: views.Assigned, whole: Chain | None, setting: Setting = "queryset"
) -> _Found:
    """The attribute's expression; `whole`: the queryset that `get_queryset` makes of it."""
    reader = _reader(memory, assigned.path, None, None)
    if reader is None:
        return _Found(reasons=(_UNREADABLE,))
    own = reader.read(assigned.value)
    if isinstance(own, Reason):
        return _Found(reasons=(own,))
    chain = whole if whole is not None else own
    if own.is_lone_model:
        chain = replace(chain, hazards=(*chain.hazards, hazard("model-instead-of-queryset")))
    place = (assigned.path, assigned.value, assigned.line, assigned.cls)
    return _Found((_source(chain, *place, setting),))


def _of_method(memory: Memory, view: str, getter: MethodInfo) -> _Found:
    """Each `return` of the nearest get_queryset; where that is a base's, and builds on the view's
    own attribute, the attribute, which is this view's alone."""
    if getter.path is None:
        return _Found(reasons=(_UNREADABLE,))
    function = memory.function_at(getter.path, getter.line)
    reader = _reader(memory, getter.path, function, Receiver(getter.cls, view=view))
    if function is None or reader is None:
        return _Found(reasons=(_UNREADABLE,))
    found = [(each, reader.read(each)) for each in _branches(function)]
    own = views.assigned(memory, view, "queryset")
    chains = [chain for _, chain in found if isinstance(chain, Chain)]
    if getter.cls != view and own is not None and own.cls == view and len(chains) == len(found):
        whole = either(chains) if chains and all(each.of_attribute for each in chains) else None
        if isinstance(whole, Chain):
            return _of_assigned(memory, own, whole)
    if getter.cls != view and sets_queryset(function):
        # What it returns is what it has put there: nothing to add to, and each view has its own.
        return _of_hook(reader, view, [bound for value, bound in found if not is_empty_list(value)])
    owner = f"{getter.cls}.{getter.name}"
    return _of_returns(reader, owner, found)


def _of_hook(reader: Reader, view: str, bounds: list[Chain | Reason]) -> _Found:
    """The member that a base's `get_queryset` takes the rows from; `bounds`: what it makes of them,
    but for an empty list, of a view that only describes itself."""
    whole = either(bounds)
    hook = whole.hook if isinstance(whole, Chain) else None
    if isinstance(whole, Reason) or hook is None:
        return _Found(reasons=(whole if isinstance(whole, Reason) else UNKNOWN,))
    line = reader.inference.function.lineno
    text = reader.document.line_text(line).strip()
    whole = with_hazards(whole, hazard("through-hook", Evidence(reader.document.path, line, text)))
    member = views.next_method(reader.memory.project, view, hook.name, None)
    if member is not None and member.path is not None:
        return _of_hook_method(reader.memory, view, member, whole)
    assigned = views.assigned(reader.memory, view, hook.name)
    if assigned is None:
        return _Found(reasons=(UNKNOWN,))
    return _of_assigned(reader.memory, assigned, whole, "argument")


def _of_hook_method(memory: Memory, view: str, member: MethodInfo, whole: Chain) -> _Found:
    """Each `return` of the method; of several, each with what the base does to all of them."""
    assert member.path is not None
    function = memory.function_at(member.path, member.line)
    reader = _reader(memory, member.path, function, Receiver(member.cls, view=view))
    if function is None or reader is None:
        return _Found(reasons=(_UNREADABLE,))
    found = [(each, reader.read(each)) for each in _branches(function)]
    own = either(bound for _, bound in found)
    if len(found) == 1 or isinstance(own, Reason) or own.loaded != whole.loaded:
        made = [(value, _unless_unknown(bound, whole)) for value, bound in found]
    else:
        made = [(value, _as_in(bound, whole)) for value, bound in found]
    return _of_returns(reader, f"{member.cls}.{member.name}", made, "argument")


def _unless_unknown(bound: Chain | Reason, whole: Chain) -> Chain | Reason:
    return whole if isinstance(bound, Chain) else bound


def _as_in(bound: Chain | Reason, whole: Chain) -> Chain | Reason:
    """A branch with the order, the end and the hazards of what is made of it."""
    if isinstance(bound, Reason):
        return bound
    return replace(
        with_hazards(bound, *whole.hazards),
        order=whole.order,
        ordered_by=whole.ordered_by,
        sliced=whole.sliced,
    )


def _of_returns(
    reader: Reader,
    owner: str,
    found: list[tuple[ast.expr, Chain | Reason]],
    setting: Setting = "return",
) -> _Found:
    reasons = tuple(dict.fromkeys(each for _, each in found if isinstance(each, Reason)))
    pairs = [(value, each) for value, each in found if isinstance(each, Chain)]
    filled = [pair for pair in pairs if not pair[1].is_empty] or pairs
    sources = tuple(
        _source(
            _carrying(reader, _usable(chain), value),
            reader.document.path,
            value,
            _line_of(value, reader.document),
            owner,
            setting,
        )
        for value, chain in filled
    )
    return _Found(sources, reasons)


def _carrying(reader: Reader, chain: Chain, value: ast.expr) -> Chain:
    usable = _usable(chain)
    return replace(usable, hazards=(*usable.hazards, *carried_rows(reader, value)))


def _usable(chain: Chain) -> Chain:
    if not chain.is_lone_model:
        return chain
    return replace(chain, hazards=(*chain.hazards, hazard("model-instead-of-queryset")))


def _branches(function: Function) -> list[ast.expr]:
    """The returned expressions, those of a conditional one each for itself."""
    found: list[ast.expr] = []
    waiting = [each.value for each in methods.returns_of(function) if each.value is not None]
    while waiting:
        value = waiting.pop(0)
        if isinstance(value, ast.IfExp):
            waiting = [value.body, value.orelse, *waiting]
        elif not methods.is_none(value):
            found.append(value)
    return found


def _source(
    chain: Chain, path: str, value: ast.expr, line: int, owner: str, setting: Setting
) -> QuerySource:
    return QuerySource(
        path=path,
        reference=NodeReference.of(value),
        anchor_line=line,
        owner=owner,
        setting=setting,
        model=chain.model,
        methods=chain.methods,
        loaded=chain.loaded,
        order=chain.order,
        ordered_by=chain.ordered_by,
        sliced=chain.sliced,
        hazards=without_repetition(chain.hazards),
    )


def _reader(
    memory: Memory, path: str, function: Function | None, receiver: Receiver | None
) -> Reader | None:
    document = memory.document(path)
    return reader_of(memory, document, function, receiver) if document is not None else None


def sources_of_expression(
    project: Project,
    document: Document,
    function: Function | None,
    owner: ast.ClassDef | None,
    expression: ast.expr,
    *,
    view: str | None = None,
    is_handed: bool = False,
    is_rooted: bool = False,
) -> QuerySource | Reason:
    """Where the queryset comes from that an expression of a function gives, or makes a page of.

    `view`: the class that `self` is, if it is not the class around the function. `is_handed`: what
    is added at a name that the expression leads to makes a queryset of its own there, which asks
    again; so the name must not be one whose rows are read elsewhere. `is_rooted`: what it is built
    on through names, for all that is built on that.
    """
    memory = project.shared(Memory)
    cls = _class_name(project, document, owner)
    receiver = Receiver(cls, view=view or cls) if cls is not None else None
    reader = reader_of(memory, document, function, receiver)
    place = place_of(reader, root_of(reader, expression) if is_rooted else expression)
    if isinstance(place, Reason):
        return place
    if is_handed and is_read_besides(reader, place.expression):
        return UNKNOWN
    chain = reader.read(place.expression)
    if isinstance(chain, Reason):
        return chain
    chain = _usable(chain)
    chain = replace(
        chain,
        methods=(*chain.methods, *place.methods),
        hazards=(
            *chain.hazards,
            *place.hazards,
            *carried_rows(reader, place.expression),
            *later_uses(reader, place.expression, chain.model),
        ),
        sliced=chain.sliced or place.sliced,
    )
    named = _owner_name(project, document, function, cls)
    line = _line_of(place.expression, document)
    return _source(chain, document.path, place.expression, line, named, "argument")


def _class_name(project: Project, document: Document, owner: ast.ClassDef | None) -> str | None:
    if owner is None:
        return None
    module = project.module_of(document.path) or ""
    return ".".join([module, *_scope(document, owner), owner.name])


def _owner_name(
    project: Project, document: Document, function: Function | None, cls: str | None
) -> str:
    around = cls or project.module_of(document.path) or document.path
    return around if function is None else f"{around}.{function.name}"


def _scope(document: Document, node: ast.stmt) -> list[str]:
    around = document.around(node)
    return [each.name for each in around if isinstance(each, DEFINITIONS)][::-1]


def _line_of(value: ast.expr, document: Document) -> int:
    """The line of the statement that holds an expression."""
    holding = (each for each in document.above(value) if isinstance(each, ast.stmt))
    return next(holding, value).lineno
