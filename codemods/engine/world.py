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
        """The state after these files have new contents."""
        files = self.files.replaced(contents)
        return World(files, self.configuration, self.cache)

    def used_elsewhere(self, path: str, name: str) -> bool:
        """Whether anything outside a file imports a name from it, or patches it there."""
        return bool(self.project.importers(path, name))
