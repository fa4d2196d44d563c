"""The views of a file, and the views that a file's querysets serve.

A queryset that an action (or a function view, or a method of an APIView) makes itself is a view
of its own here, named by that function: its serializer says nothing about the class's queryset.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

from djfix.codemods.findings import Reason
from djfix.codemods.inference.loading.values import Hazard, QuerySource
from djfix.codemods.inference.views.actions import (
    Action,
    actions_of,
    is_generic,
    run_action,
)
from djfix.codemods.inference.views.ancestry import is_view, member
from djfix.codemods.inference.views.choices import Rows
from djfix.codemods.inference.views.files import has_views
from djfix.codemods.inference.views.functions import function_runs
from djfix.codemods.inference.views.knowledge import HARMLESS_BASES
from djfix.codemods.inference.views.ordering import is_ordered
from djfix.codemods.inference.views.querysets import (
    loaded_where_handed,
    refinements_by,
    refinements_of,
    source_of_rows,
    sources_of,
)
from djfix.codemods.inference.views.renderings import (
    Answered,
    Rendered,
    reasons_of,
    rendered_by,
)
from djfix.codemods.inference.views.running import Event, Run
from djfix.codemods.inference.views.stale import (
    behind_back,
    is_sure,
    stale_by_permissions,
    stale_by_rendering,
    stale_by_saving,
    stale_rows,
)
from djfix.codemods.inference.views.values import Rendering, View
from djfix.codemods.project.classes import ClassInfo
from djfix.codemods.project.facts import ClassFacts
from djfix.codemods.project.project import Project
from djfix.codemods.source.document import Document

_TEXTS = {
    "too-much-code": "an action runs more code than is followed",
    "unknown-object": "the view's own get_object() cannot be followed",
}


class Views:
    """All views that were asked for, by the class's or function's dotted name."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._of_classes: dict[str, tuple[View, ...]] = {}
        self._of_files: dict[str, tuple[View, ...]] = {}

    def of_class(self, dotted: str) -> tuple[View, ...]:
        """The view that a class is, then those of its actions' own querysets."""
        if dotted not in self._of_classes:
            self._of_classes[dotted] = tuple(_views_of_class(self._project, dotted))
        return self._of_classes[dotted]

    def of_functions(self, path: str) -> tuple[View, ...]:
        """The function views of a file."""
        if path not in self._of_files:
            self._of_files[path] = tuple(_views_of_functions(self._project, path))
        return self._of_files[path]


def views_of(project: Project, document: Document) -> tuple[View, ...]:
    """Every REST framework view that the file defines, by line and name. Raises Unreadable."""
    if not has_views(project, document.path):
        return ()
    _check_readable(project, document)
    views = project.shared(Views)
    found = [view for info in _classes(project, document.path) for view in views.of_class(info)]
    return _sorted([*found, *views.of_functions(document.path)])


def views_served(project: Project, document: Document) -> tuple[View, ...]:
    """The views, of any file, that read a queryset whose expression stands in this file.

    Raises Unreadable.
    """
    if not has_views(project, document.path):
        return ()
    _check_readable(project, document)
    views = project.shared(Views)
    names = dict.fromkeys(_classes(project, document.path))
    for info in _in_file(project, document.path):
        if info.name in names or _holds_queryset(info):
            names |= dict.fromkeys(project.subclasses(info.name))
    found = [view for name in names for view in views.of_class(name)]
    found += views.of_functions(document.path)
    return _sorted(
        each for each in found if any(source.path == document.path for source in each.sources)
    )


def _check_readable(project: Project, document: Document) -> None:
    """Raises Unreadable: a file that may define a view is not passed over in silence."""
    if project.module(document.path) is None:
        document.tree  # noqa: B018 - raises, and names the line


def _sorted(views: Iterable[View]) -> tuple[View, ...]:
    def place(view: View) -> tuple[str, int, str]:
        return (view.path, view.line, view.name)

    return tuple(sorted(views, key=place))


def _classes(project: Project, path: str) -> list[str]:
    return [info.name for info in _in_file(project, path) if is_view(project, info.name)]


def _in_file(project: Project, path: str) -> tuple[ClassInfo, ...]:
    facts = project.module(path)
    module = project.module_of(path)
    if facts is None or module is None:
        return ()
    found = [project.class_named(name) for name in _names_of(module, facts.classes)]
    return tuple(info for info in found if info is not None and info.path == path)


def _names_of(owner: str, classes: Iterable[ClassFacts]) -> Iterator[str]:
    """The classes of a body, and those inside of them."""
    for each in classes:
        name = f"{owner}.{each.name}"
        yield name
        yield from _names_of(name, each.classes)


def _holds_queryset(info: ClassInfo) -> bool:
    """A mixin whose own body has to do with querysets."""
    return any("queryset" in name for name in info.binds())


def _views_of_class(project: Project, dotted: str) -> Iterator[View]:
    info = project.class_named(dotted)
    if info is None or info.path is None or not is_view(project, info.name):
        return
    runs = _runs(project, info.name)
    rendered = [
        (each, run)
        for action, run in runs
        for each in rendered_by(run, _answered(action, info), info.path, info.line)
    ]
    if is_generic(project, info.name):
        own = [_with_loaded(project, info, each) for each, _ in rendered if each.rows.is_view]
        yield _class_view(project, info, runs, own)
    for each, run in rendered:
        if not each.rows.is_view:
            yield from _own_view(project, each, run, info.name)


def _with_loaded(project: Project, info: ClassInfo, rendered: Rendered) -> Rendered:
    loaded = loaded_where_handed(project, rendered.rows, info.name)
    return replace(rendered, rendering=replace(rendered.rendering, loaded=loaded))


def _runs(project: Project, view: str) -> list[tuple[Action, Run]]:
    return [(action, run_action(project, view, action)) for action in actions_of(project, view)]


def _answered(action: Action, info: ClassInfo) -> Answered:
    found = action.found
    line = found.method.line if found.method is not None else info.line
    return Answered(action.name, action.method, action.stock is not None, found.cls.path, line)


def _class_view(
    project: Project,
    info: ClassInfo,
    runs: list[tuple[Action, Run]],
    rendered: list[Rendered],
) -> View:
    assert info.path is not None
    renderings = tuple(dict.fromkeys(each.rendering for each in rendered))
    sources, reasons = sources_of(project, info.name)
    is_abstract = _is_abstract(project, info, renderings, sources)
    unclear = [*reasons, *_unclear(project, info.name, runs), *reasons_of(renderings)]
    # Not the runs themselves: they lead to the trees of all that they went through.
    behind = [(action.method, behind_back(run.events, Rows())) for action, run in runs]
    return View(
        name=info.name,
        path=info.path,
        line=info.line,
        renderings=renderings,
        sources=sources,
        is_abstract=is_abstract,
        ordered=is_ordered(project, info.name),
        unclear=tuple(dict.fromkeys(unclear)),
        find_hazards=partial(_hazards, project, info.name, renderings, sources, behind),
    )


def _hazards(
    project: Project,
    view: str,
    renderings: tuple[Rendering, ...],
    sources: tuple[QuerySource, ...],
    behind: Iterable[tuple[str, tuple[tuple[Event, ...], ...]]],
) -> Iterator[Hazard]:
    """What a class's own code does to its queryset and to the objects that it renders."""
    yield from refinements_of(project, view)
    for method, events in behind:
        yield from _stale(project, method, events)
    yield from stale_by_permissions(project, view)
    shown = {each.serializer for each in renderings if each.serializer}
    yield from stale_by_rendering(project, sorted(shown))
    yield from refinements_by(project, sorted(shown))
    written = {each.serializer for each in renderings if each.kind == "write" and each.serializer}
    for model in dict.fromkeys(each.model for each in sources if written):
        yield from stale_by_saving(project, model, sorted(written))


def _stale(
    project: Project, method: str, behind: tuple[tuple[Event, ...], ...]
) -> Iterator[Hazard]:
    """What an action does to its rows before it renders them, as far as it is to blame for it."""
    found = stale_rows(project, behind)
    return (each for each in found if method != "GET" or is_sure(each))


def _unclear(project: Project, view: str, runs: list[tuple[Action, Run]]) -> Iterator[Reason]:
    unknown = [each for each in project.unknown_bases(view) if each not in HARMLESS_BASES]
    if unknown:
        yield Reason("unknown-base", f"a base class of the view is not known: {unknown[0]}")
    for name in dict.fromkeys(name for _, run in runs for name in run.unclear):
        yield Reason(name, _TEXTS[name])


def _is_abstract(
    project: Project,
    info: ClassInfo,
    renderings: tuple[Rendering, ...],
    sources: tuple[QuerySource, ...],
) -> bool:
    """Whether no route can serve the class itself: others extend it, and it has no serializer or
    no queryset (or says itself that it is a base)."""
    if not project.subclasses(info.name):
        return False
    has_serializer = any(each.serializer is not None for each in renderings)
    has_queryset = bool(sources) or any(
        (found := member(project, info.name, name)) is not None and found.is_own
        for name in ("queryset", "get_queryset", "get_object")
    )
    return not has_serializer or not has_queryset or _is_called_base(info.name)


def _is_called_base(dotted: str) -> bool:
    name = dotted.rpartition(".")[2]
    return name.startswith(("Base", "Abstract")) or name.endswith(("Base", "Mixin"))


def _own_view(project: Project, rendered: Rendered, run: Run, owner: str) -> Iterator[View]:
    """The view of a queryset that a body makes itself, where it can be followed."""
    source = source_of_rows(project, rendered.rows, run.view)
    if isinstance(source, Reason):
        return
    assert rendered.rows.place is not None
    place = rendered.rows.place
    rendering = rendered.rendering
    name = owner if run.view == "" else f"{owner}.{rendering.action}"
    stale = tuple(_stale(project, run.method, behind_back(run.events, rendered.rows)))
    shown = [rendering.serializer] if rendering.serializer is not None else []
    yield View(
        name=name,
        path=source.path,
        line=place.function.lineno,
        renderings=(rendering,),
        sources=(source,),
        find_hazards=lambda: (*stale, *refinements_by(project, shown)),
        unclear=reasons_of([rendering]),
    )


def _views_of_functions(project: Project, path: str) -> Iterator[View]:
    for name, function, run in function_runs(project, path):
        answered = Answered(run.method.lower(), run.method)
        for each in rendered_by(run, answered, path, function.line):
            if not each.rows.is_view:
                yield from _own_view(project, each, run, name)
