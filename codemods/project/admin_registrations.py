"""Which admin class is registered for which model, over the whole project.

`@admin.register(Model)` and `site.register(Model, AdminClass)` (`django.contrib.admin.sites`); a
call is known by its second argument, an admin class, whatever the site is called.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from djfix.codemods.project.facts import CallFacts, ClassFacts, ExpressionFacts

if TYPE_CHECKING:
    from djfix.codemods.project.models import Model
    from djfix.codemods.project.project import Project

MODEL_ADMIN = "django.contrib.admin.ModelAdmin"
DECORATOR = "django.contrib.admin.register"


@dataclass(frozen=True, slots=True)
class AdminRegistration:
    """One registration; `model` None: it cannot be read. `has_options`: Django makes a class of its
    own for it (`AdminSite.register(..., **options)`)."""

    admin: str
    model: str | None
    path: str
    line: int
    has_options: bool = False


class AdminRegistrations:
    """All registrations of a project by admin class; `project.shared(AdminRegistrations)`."""

    def __init__(self, project: Project) -> None:
        found: dict[str, list[AdminRegistration]] = {}
        for path in _candidates(project):
            for each in _of_file(project, path):
                found.setdefault(each.admin, []).append(each)
        self._by_admin = {name: tuple(sorted(each, key=_place)) for name, each in found.items()}

    def names(self) -> tuple[str, ...]:
        """All classes that are registered."""
        return tuple(self._by_admin)

    def of(self, admin: str) -> tuple[AdminRegistration, ...]:
        """The registrations of this class, in order of path and line."""
        return self._by_admin.get(admin, ())


def _place(each: AdminRegistration) -> tuple[str, int, str]:
    return each.path, each.line, each.model or ""


_ADMIN = (b"contrib.admin", b"contrib import admin", b"Admin)", b"Admin,", b"site.register")
"""What stands in a file that registers an admin class, however its site is called."""


def _candidates(project: Project) -> list[str]:
    registering = frozenset(project.files.containing(b"register"))
    return list(project.files.containing(*_ADMIN, among=registering))


def _of_file(project: Project, path: str) -> Iterator[AdminRegistration]:
    facts = project.module(path)
    module = project.module_of(path)
    if facts is None or module is None or _is_test(path):
        return
    for cls in facts.classes:
        yield from _of_decorators(project, path, f"{module}.{cls.name}", cls)
    for call in facts.calls:
        yield from _of_call(project, path, call)


def _is_test(path: str) -> bool:
    """Tests register on sites of their own."""
    *folders, name = path.split("/")
    return "tests" in folders or "migrations" in folders or name.startswith("test_")


def _of_decorators(
    project: Project, path: str, name: str, cls: ClassFacts
) -> Iterator[AdminRegistration]:
    for each in cls.decorators:
        function = each.function
        if function is None or function.kind != "name":
            continue
        if project.resolve(path, function.name, line=each.line) == DECORATOR:
            for argument in each.arguments:
                yield _registration(project, name, argument, path, ())


def _of_call(project: Project, path: str, facts: CallFacts) -> Iterator[AdminRegistration]:
    call = facts.call
    assert call.function is not None
    if call.function.name.rpartition(".")[2] != "register":
        return
    models = call.argument(0, "model_or_iterable")
    admin = call.argument(1, "admin_class")
    if models is None or admin is None or admin.kind != "name":
        return
    dotted = project.resolve(path, admin.name, facts.scope)
    info = project.class_named(dotted) if dotted is not None else None
    is_admin = False if info is None else project.is_subclass(info.name, MODEL_ADMIN)
    if info is None or info.path is None or is_admin is False:
        return
    for model in models.items if models.kind in {"list", "tuple", "set"} else (models,):
        found = _registration(project, info.name, model, path, facts.scope)
        # Routers register views, too: what an unknown base may be is told by the model.
        if is_admin or found.model is not None:
            yield replace(found, has_options=_has_options(call))


def _has_options(call: ExpressionFacts) -> bool:
    return any(name not in {"model_or_iterable", "admin_class"} for name, _ in call.keywords)


def _registration(
    project: Project, admin: str, value: ExpressionFacts, path: str, scope: tuple[str, ...]
) -> AdminRegistration:
    model = model_of_expression(project, path, value, scope)
    return AdminRegistration(admin, None if model is None else model.name, path, value.line)


def model_of_expression(
    project: Project, path: str, value: ExpressionFacts, scope: tuple[str, ...] = (), deep: int = 0
) -> Model | None:
    """The model that an expression names: by its class, `get_user_model()`, `get_model(...)`, or
    a module's variable that is bound once to such a thing."""
    if value.kind == "call":
        return _called_model(project, value)
    if value.kind != "name" or deep > 5:
        return None
    dotted = project.resolve(path, value.name, scope)
    model = None if dotted is None else project.model(dotted, partial=True)
    if model is not None:
        return model
    named = project.value_of(path, value.name)
    place = _home(project, path, dotted)
    return None if named is None else model_of_expression(project, place, named, (), deep + 1)


def _home(project: Project, path: str, dotted: str | None) -> str:
    """The file of a module's variable."""
    module = "" if dotted is None else dotted.rpartition(".")[0]
    return (project.path_of(module) if module else None) or path


def _called_model(project: Project, value: ExpressionFacts) -> Model | None:
    last = "" if value.function is None else value.function.name.rpartition(".")[2]
    if last == "get_user_model" and not value.arguments:
        return project.user_model(partial=True)
    names = [each.string for each in value.arguments]
    if last == "get_model" and names and None not in names:
        return project.model_by_label(".".join(each or "" for each in names), partial=True)
    return None
