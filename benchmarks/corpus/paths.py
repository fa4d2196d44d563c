"""Every path that a finding proposes, walked over the models by itself: it resolves, and may stand
where the finding puts it. It knows nothing of how the rules come to their paths."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.corpus.findings import Said
from djfix.codemods.project.models import Model
from djfix.codemods.project.project import Project
from djfix.codemods.source.files import Files, list_files

RULES = frozenset({"n-plus-one", "admin-list"})
ONE = frozenset({"foreign-key", "one-to-one"})


def unsound_paths(folder: Path, said: Said) -> Iterator[str]:
    """What is wrong with the proposed paths of a project, in words."""
    proposals = [each for each in said.findings if each["rule"] in RULES]
    if not proposals:
        return
    project = Project(Files(folder, list_files(folder)))
    for finding in proposals:
        yield from _unsound(project, finding)


def _unsound(project: Project, finding: Mapping[str, Any]) -> Iterator[str]:
    place = f"{finding['path']}:{finding['line']}"
    data = finding["data"]
    model = project.model_by_label(data["model"], partial=True)
    if model is None:
        yield f"{place}: there is no model {data['model']}"
        return
    for kind in ("select_related", "prefetch_related"):
        for path in data.get(kind, ()):
            why = wrong_with(project, model, path, joined=kind == "select_related")
            if why:
                yield f"{place}: {kind}({path!r}) of {data['model']}: {why}"


def wrong_with(project: Project, model: Model, path: str, *, joined: bool) -> str:
    """Why Django would refuse a path; "" if it does not."""
    here: Model | None = model
    for part in path.split("__"):
        if here is None:
            return f"nothing is known behind {part}"
        step = _step(here, part, joined=joined)
        if step is None:
            return f"{here.label} has no relation {part}"
        kind, target = step
        if joined and kind not in ONE:
            return f"{part} leads to many rows, or to any model"
        here = project.model(target, partial=True) if target is not None else None
    return ""


def _step(model: Model, part: str, *, joined: bool) -> tuple[str, str | None] | None:
    """Where a name leads; a join goes by the query name of the other side, a prefetch by its
    accessor (`django.db.models.sql.compiler`, `prefetch_related_objects`)."""
    field = model.fields.get(part)
    if field is not None:
        relation = field.relation
        return None if relation is None else (relation.kind, relation.target)
    for reverse in model.reverse.values():
        if (reverse.query_name if joined else reverse.accessor) == part:
            kind = "one-to-one" if reverse.kind == "one-to-one" else "many"
            return kind, reverse.model
    return None
