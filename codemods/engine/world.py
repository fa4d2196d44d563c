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
        self._next: tuple[World, Mapping[str, bytes | None]] | None = None

    @cached_property
    def project(self) -> Project:
        """All facts, linked; made when first asked for."""
        from djfix.codemods.project.project import Project

        project = Project(self.files, cache=self.cache, configuration=self.configuration)
        if self._next is not None:
            world, contents = self._next
            project.take_facts(world.project, contents)
        return project

    def changed(self, contents: Mapping[str, bytes | None]) -> World:
        """The state after these files have new contents (None: they are gone); what the others
        say is not read again.

        The picture of this state is let go: it is made anew, of what the next state has read, if
        it should be asked for once more.
        """
        known: Project | None = self.__dict__.pop("project", None)
        if known is None:
            return World(self.files.replaced(contents), self.configuration, self.cache)
        project = known.replaced(contents)
        known.let_go()
        world = World(project.files, self.configuration, self.cache)
        world.__dict__["project"] = project
        self._next = (world, contents)
        return world

    def used_elsewhere(self, path: str, name: str) -> bool:
        """Whether anything outside a file imports a name from it, or patches it there."""
        return bool(self.project.importers(path, name))
