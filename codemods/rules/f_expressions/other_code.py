"""What other code of the project replaces, or would meet: query methods, columns, the name `F`."""

from __future__ import annotations

from collections.abc import Iterator

from djfix.codemods.findings import Reason
from djfix.codemods.inference.names_from_outside import answered_by_code, set_from_outside
from djfix.codemods.inference.patches import Patches
from djfix.codemods.inference.put_over import put_over_reasons
from djfix.codemods.inference.starred import meets_another
from djfix.codemods.rules.f_expressions.situation import Situation

_F = frozenset({"django.db.models.F", "django.db.models.expressions.F"})


def is_patched(situation: Situation) -> Iterator[Reason]:
    """The project puts methods of its own over those of Django's querysets, while it runs."""
    where = situation.inference.project.shared(Patches).of_queries
    if where:
        yield Reason("patched-query", f"{where}: Django's own query methods are replaced")


def hides_another_name(situation: Situation) -> Iterator[Reason]:
    """A module that takes everything of this one (`import *`) gets an `F` that was not there."""
    path = situation.inference.document.path
    user = meets_another(situation.inference.project, path, "F", _F)
    if user:
        yield Reason("another-name", f"{user} takes all names of {path}, and has another `F`")


def is_name_of_other_code(situation: Situation) -> Iterator[Reason]:
    """`F` is set in this module by another, or a `__getattr__` answers for it."""
    path, project = situation.inference.document.path, situation.inference.project
    found = answered_by_code(project, path, "F")
    if found:
        yield Reason("another-name", f"the __getattr__ of {found} answers for a name `F`")
        return
    setting = set_from_outside(project, path, "F")
    if setting:
        yield Reason("another-name", f"{setting} may set another `F` in {path}")


def is_put_over(situation: Situation) -> Iterator[Reason]:
    """Code puts something over the column, or over `save()`, of a model that a variable holds."""
    model, columns = situation.model, [*situation.changed, *situation.stored]
    yield from put_over_reasons(situation.inference.project, model, columns)
