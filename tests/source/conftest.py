"""Real source to try things on: a sample of the installed Django."""

from __future__ import annotations

import random
from pathlib import Path

import django
import pytest

from djfix.codemods.source.document import Document
from djfix.codemods.source.files import Files, list_files


@pytest.fixture(scope="session")
def sample_of_django() -> list[Document]:
    """Some 150 files, always the same of one Django version."""
    root = Path(django.__file__).parent
    files = Files(root, list_files(root))
    modules = [path for path in files.paths if path.endswith(".py")]
    return [files.document(path) for path in random.Random(7).sample(modules, 150)]
