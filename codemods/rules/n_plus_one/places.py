"""Where additions are written: behind the expression, in a method, or in a subclass."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.findings import NodeReference, Reason
from djfix.codemods.inference.access.values import Hop, Path
from djfix.codemods.inference.joins import Loading, crosses_many, join_of, lookup_of
from djfix.codemods.inference.orders import is_total
from djfix.codemods.inference.views.values import View
from djfix.codemods.rules.n_plus_one.needs import Group
from djfix.codemods.rules.n_plus_one.plans import Additions, Inner, Plan
from djfix.codemods.source.definitions import before_methods
from djfix.codemods.source.document import Document
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.rules.n_plus_one import NPlusOneOptions

PEERS_SINCE = (6, 1)


@dataclass(frozen=True)
class Place:
    """A place that is known; the additions make it a plan."""

    plan: Callable[[Additions], Plan]


def place_of(
    document: Document,
    project: Project,
    group: Group,
    views: tuple[View, ...],
    subclass: bool,
    options: NPlusOneOptions,
) -> Place | Reason:
    """Where the additions of a finding go; a reason where there is no good place."""
    source = group.source
    if subclass:
        return _in_subclass(project, group, views[0])
    if options.form == "get_queryset" and source.setting == "queryset":
        method = _as_method(document, project, group)
        if method is not None:
            return method
    path, reference = source.path, source.reference
    return Place(lambda additions: Plan("append", path, reference, additions))


def _as_method(document: Document, project: Project, group: Group) -> Place | None:
    """A `get_queryset` of the class that has the attribute, unless other classes' rows would go
    through it: a subclass with a queryset of its own inherits the method."""
    owner = group.source.owner
    inheriting = [project.class_named(name) for name in project.subclasses(owner)]
    if any(info is None or "queryset" in info.binds() for info in inheriting):
        return None
    method = project.method(owner, "get_queryset")
    if method is not None and method.path is not None:
        return None
    last = _last_statement(document, group.source.owner, project)
    if last is None:
        return None
    path, reference = document.path, NodeReference.of(last)
    return Place(lambda additions: Plan("method", path, reference, additions))


def _class_at(project: Project, name: str) -> tuple[Document, ast.ClassDef] | None:
    info = project.class_named(name)
    if info is None or info.path is None:
        return None
    document = project.files.document(info.path)
    for node in walk(document.tree):
        if isinstance(node, ast.ClassDef) and node.lineno == info.line:
            return document, node
    return None


def _last_statement(document: Document, owner: str, project: Project) -> ast.stmt | None:
    found = _class_at(project, owner)
    return found[1].body[-1] if found is not None and found[0].path == document.path else None


def _in_subclass(project: Project, group: Group, view: View) -> Place | Reason:
    """`queryset = Base.queryset...` in the one class that needs more, or a `get_queryset`."""
    found = _class_at(project, view.name)
    if found is None:
        return Reason("no-place", f"the class {view.name} was not found")
    document, node = found
    path = document.path
    if group.source.setting == "return":
        reference = NodeReference.of(node.body[-1])
        return Place(lambda additions: Plan("subclass-method", path, reference, additions))
    base = _base_with(project, view, node, group.source.owner)
    if group.source.setting != "queryset" or base is None:
        return Reason("no-place", f"{view.name} has no name for the class that has the queryset")
    reference = NodeReference.of(before_methods(node))
    return Place(lambda additions: Plan("subclass-attribute", path, reference, additions, base))


def _base_with(project: Project, view: View, node: ast.ClassDef, owner: str) -> str | None:
    """The base, as the class spells it, through which it has the queryset of `owner`."""
    info = project.class_named(view.name)
    for base, name in zip(node.bases, info.bases if info is not None else (), strict=False):
        if project.is_subclass(name, owner) is True:
            return ast.unparse(base)
    return None


# -- what is written -------------------------------------------------------------------------------


def additions_of(
    project: Project, group: Group, loading: Loading, options: NPlusOneOptions
) -> Additions:
    """The arguments of the calls, by the options' form."""
    joined = tuple(join_of(project, path) for path in loading.joined)
    if options.fetch_peers and project.versions.django.minimum >= PEERS_SINCE:
        many = tuple(lookup_of(path) for path in loading.prefetched if crosses_many(path))
        has_ones = len(many) < len(loading.prefetched) or bool(joined)
        return Additions(prefetched=many, peers=has_ones)
    if options.prefetch_form == "string":
        return Additions(joined, tuple(lookup_of(path) for path in loading.prefetched))
    inner = _inner_prefetches(project, group, loading.prefetched)
    if options.prefetch_form == "fewest":
        safe = {path: each for path, each in inner.items() if _keeps_order(project, path[0])}
        inner = {path: each for path, each in safe.items() if _saved(path, safe) > 1}
    plain = [path for path in loading.prefetched if path not in inner]
    made = tuple(_merged(list(inner.values())))
    return Additions(joined, tuple(lookup_of(path) for path in plain), made)


def _inner_prefetches(project: Project, group: Group, paths: tuple[Path, ...]) -> dict[Path, Inner]:
    """The paths of one to-many hop and to-one hops behind it, as prefetches that join."""
    from djfix.codemods.inference.joins import against_join

    found: dict[Path, Inner] = {}
    for path in paths:
        many, ones = path[0], path[1:]
        if many.kind != "many" or not ones or any(hop.kind != "one" for hop in ones):
            continue
        target = project.model(many.target)
        if target is None or not target.default_manager.is_plain or against_join(project, ones):
            continue
        module, _, name = target.name.rpartition(".")
        manager = target.default_manager.name
        found[path] = Inner(many.name, module, name, manager, (join_of(project, ones),))
    # A plain lookup over the same relation would meet the other queryset.
    heads = [path[0].name for path in paths if path not in found]
    # So would one that is there: ValueError, "lookup was already seen with a different queryset".
    there = group.source.loaded.prefetched.values()
    heads += [each.lookup.partition("__")[0] for each in there if not each.to_attr]
    heads += [path.partition("__")[0] for path in group.source.loaded.sometimes]
    return {path: each for path, each in found.items() if path[0].name not in heads}


def _saved(path: Path, inner: dict[Path, Inner]) -> int:
    """How many queries the joins of one relation's prefetch save: one for each hop."""
    behind = [each[1:] for each in inner if each[0] == path[0]]
    return len({ones[:length] for ones in behind for length in range(1, len(ones) + 1)})


def _keeps_order(project: Project, many: Hop) -> bool:
    """Whether a join leaves the rows of each object in their order: no two of them tie in it."""
    target = project.model(many.target)
    if target is None:
        return False
    owner = project.model(many.model, partial=True)
    reverse = owner.reverse_named(many.name) if owner is not None else None
    back = target.fields.get(reverse.field) if reverse is not None else None
    shared = (back.attname,) if back is not None and not back.null and back.is_column else ()
    return is_total(project, target.name, (*target.ordering, *shared))


def _merged(inner: list[Inner]) -> list[Inner]:
    """One prefetch for each relation."""
    by_lookup: dict[str, Inner] = {}
    for each in inner:
        known = by_lookup.get(each.lookup)
        joined = each.joined if known is None else (*known.joined, *each.joined)
        by_lookup[each.lookup] = Inner(
            each.lookup, each.module, each.model, each.manager, tuple(dict.fromkeys(joined))
        )
    return list(by_lookup.values())
