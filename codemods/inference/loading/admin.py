"""The rows of an admin's list before its own code: `ModelAdmin.get_queryset`.

It takes the model's default manager (`BaseModelAdmin.get_queryset`); what that loads is loaded.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from djfix.codemods.inference.loading.chains import Chain
from djfix.codemods.inference.loading.managers import of_model
from djfix.codemods.inference.loading.memory import Memory
from djfix.codemods.project.admin import admin_order
from djfix.codemods.project.admin_registrations import MODEL_ADMIN, AdminRegistrations

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project


def admin_rows(project: Project, model: str) -> Chain | None:
    """The queryset that Django's own method gives for a model."""
    found = project.model(model, partial=True)
    if found is None:
        return None
    chain = of_model(project.shared(Memory), found)
    return replace(chain, is_manager=False, manager_class=None, methods=(*chain.methods, "all"))


def rows_of_admin_class(project: Project, cls: str) -> Chain | None:
    """As `admin_rows`, for a class that is registered for one model; None for any other class."""
    if MODEL_ADMIN not in admin_order(project, cls):
        return None
    models = {each.model for each in project.shared(AdminRegistrations).of(cls)}
    model = next(iter(models)) if len(models) == 1 else None
    return None if model is None else admin_rows(project, model)
