"""The files of a run and what they mean together, at one state of the run."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project, ProjectConfiguration
    from djfix.codemods.source.cache import Cache
    from djfix.codemods.source.files import Files


class World:
    """The files and the linked project at one state of a run; `changed` gives the next state."""

    def __init__(
        self,
        files: Files,
        configuration: ProjectConfiguration,
        cache: Cache | None = None,
    ) -> None:
        self.files = files
        self.configuration = configuration
        self.cache = cache

    @cached_property
    def project(self) -> Project:
        """All facts, linked; made when first asked for."""
        from djfix.codemods.project.project import Project

        return Project(self.files, cache=self.cache, configuration=self.configuration)

    def changed(self, contents: Mapping[str, bytes]) -> World:
        """The state after these files have new contents; what the others say is not read again.

        The picture of this state is let go: it is made anew if it should be asked for once more.
        """
        known: Project | None = self.__dict__.pop("project", None)
        if known is None:
            return World(self.files.replaced(contents), self.configuration, self.cache)
        project = known.replaced(contents)
        world = World(project.files, self.configuration, self.cache)
        world.__dict__["project"] = project
        return world

    def used_elsewhere(self, path: str, name: str) -> bool:
        """Whether anything outside a file imports a name from it, or patches it there."""
        return bool(self.project.importers(path, name))
