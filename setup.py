"""What pyproject.toml cannot say: a wheel is built from the tree, never from a leftover `build/`.

Setuptools copies modules into `build/lib` and packs whatever stands there, so that a module deleted
since the last build would ship. All else about the package is in pyproject.toml.
"""

import shutil

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildFromTheTree(build_py):
    """Empties `build/lib` before the modules are copied into it."""

    def run(self) -> None:
        if not self.editable_mode:
            shutil.rmtree(self.build_lib, ignore_errors=True)
        super().run()


setup(cmdclass={"build_py": BuildFromTheTree})
