"""What is read of expressions, against what Django makes of the same ones on real tables."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path as FilePath

HERE = FilePath(__file__).parent
ROOT = HERE.parents[2]

EXPRESSIONS = """
Book.objects.all()
Book.objects.select_related("author")
Book.objects.select_related("author__country")
Book.objects.select_related("author").select_related("editor")
Book.objects.select_related("author", "detail")
Book.objects.select_related()
Book.objects.select_related().select_related("author")
Book.objects.select_related("editor").select_related()
Book.objects.select_related("author").select_related(None)
Book.objects.select_related(*JOINS)
Book.objects.select_related(NAME)
Book.objects.select_related("detail").filter(title="b1")
Book.objects.prefetch_related("tags")
Book.objects.prefetch_related("tags__country")
Book.objects.prefetch_related("tags").prefetch_related("reviews")
Book.objects.prefetch_related("tags").prefetch_related(None)
Book.objects.prefetch_related("reviews")
Book.objects.prefetch_related("reviews__user__country")
Book.objects.prefetch_related(*PREFETCHES)
Book.objects.prefetch_related(Prefetch("reviews", Review.objects.select_related("user")))
Book.objects.prefetch_related(Prefetch("reviews", queryset=Review.objects.all()))
Book.objects.prefetch_related(Prefetch("tags", to_attr="labels"))
Book.objects.prefetch_related(Prefetch("author", Author.objects.select_related("country")))
Book.objects.prefetch_related(Prefetch("tags", Tag.objects.prefetch_related("country")))
Book.objects.prefetch_related("author__mentor")
Book.objects.select_related("author").prefetch_related("author__books")
Book.objects.prefetch_related("author", "editor__country", "detail")
Book.objects.with_related()
Book.objects.with_related().with_tags()
Book.objects.visible().select_related("editor__mentor")
Book.objects.newest().with_related()
Book.loading.all()
Book.loading.filter(pk__gt=0).select_related("editor")
Book.sets.all()
Book.sets.with_tags() if hasattr(Book.sets, "with_tags") else Book.sets.all()
Book.as_manager.with_related().order_by()
Book._default_manager.select_related("author")
Book.objects.order_by("title")
Book.objects.order_by()
Book.objects.order_by("pk").order_by()
Book.objects.reverse()
Book.objects.annotate(n=Count("reviews"))
Book.objects.annotate(n=Count("reviews")).order_by("n")
Book.objects.annotate(n=F("pk"))
Book.objects.order_by("pk").annotate(n=Max("reviews"))
Book.objects.select_related("author").filter(Q(pk=1) | Q(pk=2)).distinct()
Book.objects.select_related("author") | Book.objects.select_related("editor")
Book.objects.select_related("author")[:3]
Book.objects.defer("title").select_related("author")
Book.objects.only("title", "author").select_related("author")
Review.objects.select_related("book__author")
Author.objects.get(name="a1").books.select_related("author")
Author.objects.get(name="a1").books.all()
Review.objects.all()
"""

PATHS = """
author author__country author__mentor author__books editor editor__country editor__mentor
tags tags__country detail detail__book reviews reviews__user reviews__user__country
reviews__book reviews__book__author
"""

CHILD = """
import sys
sys.path.insert(0, {root!r})
from tests.inference.loading import shelf
from pathlib import Path
models = shelf.real_models(Path({folder!r}))
from tests.inference.loading.test_against_django import compare_all
compare_all(models)
print("compared")
"""


def test_each_expression_loads_orders_and_covers_what_django_does(
    tmp_path: FilePath,
) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    child = subprocess.run(
        [sys.executable, "-c", CHILD.format(root=str(ROOT), folder=str(tmp_path))],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env=environment,
        cwd=ROOT,
    )
    assert (child.returncode, child.stdout.strip()[-3000:]) == (0, "compared"), child.stderr[-3000:]


def compare_all(models: object) -> None:
    """Every expression in this process, in which Django is set up."""
    from tests.inference.loading import shelf

    namespace = dict(vars(models))
    exec(shelf.HEAD, namespace)
    differences = []
    for expression in EXPRESSIONS.strip().splitlines():
        queryset = eval(expression, namespace)
        source = shelf.loaded_by(expression)
        expected = (*_joins(queryset), _lookups(queryset), _order(queryset))
        found = (*_said_joins(source), _said_lookups(source), source.order)
        if expected != found:
            differences.append(f"{expression}: Django {expected}, djfix {found}")
        if queryset.model.__name__ == "Book" and expression.startswith("Book"):
            differences += _compare_paths(expression, namespace, source)
    assert not differences, "\n".join(differences)


def _joins(queryset) -> tuple[object, object]:  # type: ignore[no-untyped-def]
    given = queryset.query.select_related
    if isinstance(given, bool):
        return given, ()
    return False, tuple(sorted(_paths(given)))


def _paths(tree: dict, before: str = "") -> list[str]:  # type: ignore[type-arg]
    found = []
    for name, inner in tree.items():
        found += [before + name, *_paths(inner, before + name + "__")]
    return found


def _lookups(queryset) -> list[str]:  # type: ignore[no-untyped-def]
    return [
        each if isinstance(each, str) else each.prefetch_to
        for each in queryset._prefetch_related_lookups
    ]


def _order(queryset) -> str:  # type: ignore[no-untyped-def]
    return "explicit" if " ORDER BY " in str(queryset.query) else "none"


def _said_joins(source) -> tuple[object, object]:  # type: ignore[no-untyped-def]
    return source.loaded.joins_all, tuple(sorted(source.loaded.joined))


def _said_lookups(source) -> list[str]:  # type: ignore[no-untyped-def]
    return list(source.loaded.prefetched)


def _compare_paths(expression, namespace, source) -> list[str]:  # type: ignore[no-untyped-def]
    from djfix.codemods.inference.loading.missing import covered
    from tests.inference.loading import shelf

    project = shelf.project_of({})
    differences = []
    for lookup in PATHS.split():
        asks = _asks_for_each_row(eval(expression, namespace), lookup)
        said = covered(source.loaded, shelf.path_of(lookup), project)
        if asks == said:
            differences.append(f"{expression}: {lookup} asks {asks}, covered {said}")
    return differences


def _asks_for_each_row(queryset, lookup: str) -> bool:  # type: ignore[no-untyped-def]
    """Whether the rows, once fetched, ask for more while the path is read."""
    from tests.inference.loading import shelf

    rows = list(queryset)
    assert rows
    with shelf.counted() as queries:
        for row in rows:
            _read(row, lookup.split("__"))
    return queries[0] > 0


def _read(row, names) -> None:  # type: ignore[no-untyped-def]
    if not names:
        return
    found = getattr(row, names[0])
    for each in found.all() if hasattr(found, "all") else [found]:
        _read(each, names[1:])
