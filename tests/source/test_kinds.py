"""Which kind a file is, by its name."""

from __future__ import annotations

import pytest

from djfix.codemods.source.kinds import kind_of


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("shop/views.py", "python"),
        ("Dockerfile", "dockerfile"),
        ("docker/web/Dockerfile.prod", "dockerfile"),
        ("Dockerfile-web", "dockerfile"),
        ("web.Dockerfile", "dockerfile"),
        ("web.dockerfile", "dockerfile"),
        ("Containerfile", "dockerfile"),
        ("docker-compose.yml", "compose"),
        ("compose.prod.yaml", "compose"),
        ("Procfile", "procfile"),
        ("Procfile.worker", "procfile"),
        ("deploy/web.service", "unit"),
        ("bin/run.sh", "shell"),
        ("compose/web/start", "shell"),
        ("docker-entrypoint", "shell"),
        ("Dockerfile.dockerignore", None),
        ("Dockerfile.j2", None),
        ("docker-compose.yml.template", None),
        ("ComposeEmail.vue", None),
        ("start.txt", None),
        ("requirements.txt", None),
        ("Dockerfile/readme", None),
    ],
)
def test_kind(path: str, kind: str | None) -> None:
    assert kind_of(path) == kind
