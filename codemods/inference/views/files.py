"""Which files can have to do with REST framework's views: no other is read for them."""

from __future__ import annotations

from collections.abc import Iterator

from djfix.codemods.inference.views.ancestry import API_VIEW, ancestors
from djfix.codemods.project.known.classes import known_subclasses
from djfix.codemods.project.project import Project

FUNCTION_MARK = b"api_view"


class ViewFiles:
    """The files that define views, or what views inherit; worked out once for a project."""

    def __init__(self, project: Project) -> None:
        names = project.subclasses(API_VIEW)
        self.paths = frozenset(
            [
                *_defining(project, names),
                *_unreadable(project, names),
                *project.files.containing(FUNCTION_MARK, word=FUNCTION_MARK),
            ]
        )


def _defining(project: Project, names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        for each in ancestors(project, name):
            info = project.class_named(each)
            if info is not None and info.path is not None:
                yield info.path


def _unreadable(project: Project, names: tuple[str, ...]) -> Iterator[str]:
    """Files that may define a view and cannot be parsed: whoever looks at one is told so."""
    words = {each.rpartition(".")[2] for each in (API_VIEW, *known_subclasses(API_VIEW), *names)}
    for word in sorted(words):
        for path in project.files_naming_base(word):
            if project.module(path) is None:
                yield path


def has_views(project: Project, path: str) -> bool:
    """Whether a file may define a view, or what one inherits."""
    return path in project.shared(ViewFiles).paths
