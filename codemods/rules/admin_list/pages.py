"""What the rule does only where its options ask for it: long pages, totals, selects of all rows.

Each changes what people see, so each is for review at most. What is a big table no source code
says: the option names the models.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from djfix.codemods.findings import Evidence, Finding, Plain, Reason, Safety
from djfix.codemods.project.admin import admin_order, hooks_of_admin, settings_of_admin
from djfix.codemods.project.admin_registrations import model_of_expression
from djfix.codemods.project.admin_values import AdminClass, AdminSetting
from djfix.codemods.project.facts import ExpressionFacts
from djfix.codemods.project.models import Field, Model
from djfix.codemods.rules.admin_list.needs import RULE
from djfix.codemods.rules.admin_list.places import (
    assignment,
    attribute_plan,
    class_node,
    span_of,
)
from djfix.codemods.rules.admin_list.plans import Plan, SetAttribute
from djfix.codemods.source.document import Document

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.rules.admin_list import AdminListOptions

DEFAULT_PAGE = 100
"""`ModelAdmin.list_per_page`."""

_OTHER_WIDGETS = ("raw_id_fields", "autocomplete_fields", "readonly_fields", "exclude")
_OWN_FORMS = frozenset(
    {
        *("get_form", "get_fields", "get_fieldsets", "get_exclude", "get_readonly_fields"),
        *("formfield_for_foreignkey", "formfield_for_dbfield", "get_autocomplete_fields"),
    }
)


def findings_of_pages(
    document: Document, project: Project, options: AdminListOptions
) -> Iterator[Finding]:
    """The findings that the options ask for."""
    big = frozenset(label.lower() for label in options.big_tables)
    if not big and not options.list_per_page:
        return
    for admin in project.admin_classes(document.path):
        models = [project.model(each, partial=True) for each in admin.models]
        known = [each for each in models if each is not None]
        if options.list_per_page and known:
            yield from _long_page(document, admin, known[0], options.list_per_page)
        if any(each.label.lower() in big for each in known):
            yield from _total(document, admin, known[0])
        if known and big:
            yield from _selects(document, project, admin, known[0], big)


# -- the list --------------------------------------------------------------------------------------


def _long_page(
    document: Document, admin: AdminClass, model: Model, longest: int
) -> Iterator[Finding]:
    setting = admin.settings.get("list_per_page")
    rows = DEFAULT_PAGE if setting is None else setting.value.value
    if not isinstance(rows, int) or rows <= longest:
        return
    plan = _attribute(document, admin, "list_per_page", str(longest))
    reason = Reason("visible", f"a page of the list has {longest} rows instead of {rows}")
    message = f"{_short(admin.name)}: a page of the list has {rows} rows"
    yield _finding(document, admin, model, message, reason, plan, {"list_per_page": longest})


def _total(document: Document, admin: AdminClass, model: Model) -> Iterator[Finding]:
    setting = admin.settings.get("show_full_result_count")
    if setting is not None and not setting.value.is_constant(True):
        return
    plan = _attribute(document, admin, "show_full_result_count", "False")
    reason = Reason("visible", "a filtered list no longer says how many rows there are in all")
    message = f"{_short(admin.name)}: each page counts all rows of {model.label} a second time"
    data: dict[str, Plain] = {"show_full_result_count": False}
    yield _finding(document, admin, model, message, reason, plan, data)


def _attribute(document: Document, admin: AdminClass, name: str, constant: str) -> Plan | None:
    from djfix.codemods.findings import NodeReference

    node = class_node(document, admin)
    setting = admin.settings.get(name)
    if setting is None or setting.cls != admin.name:
        return attribute_plan(document, node, name, constant=constant)
    own = assignment(node, name)
    if own is None or own.value is None or not setting.is_plain:
        return None
    reference = NodeReference.of(own.value)
    return SetAttribute(document.path, name, (), reference, None, False, constant)


# -- the form --------------------------------------------------------------------------------------


def _selects(
    document: Document, project: Project, admin: AdminClass, model: Model, big: frozenset[str]
) -> Iterator[Finding]:
    """The form, and the forms of its inlines, render every row of a big table as an option."""
    found: list[tuple[str, Field]] = []
    own = _rendered(project, model, admin.settings, frozenset(admin.hooks), big)
    found += [(_short(admin.name), each) for each in own]
    for name in admin.inlines:
        order = admin_order(project, name)
        settings = settings_of_admin(project, order)
        given = settings.get("model")
        other = model_of_expression(project, given.path, given.value) if given else None
        if other is not None:
            hooks = frozenset(hooks_of_admin(project, order))
            rendered = _rendered(project, other, settings, hooks, big)
            leading = [each for each in rendered if not _leads_to(each, model)]
            found += [(_short(name), each) for each in leading]
    if found:
        fields = tuple(sorted(f"{form}.{field.name}" for form, field in found))
        text = f"{', '.join(fields)}: use raw_id_fields or autocomplete_fields"
        message = f"{_short(admin.name)}: the form has every row of a big table in a select"
        yield _finding(
            document,
            admin,
            model,
            message,
            Reason("select-of-all-rows", text),
            None,
            {"fields": fields},
            tuple(
                Evidence(field.path, field.line, f"{form} renders {field.name}")
                for form, field in found
                if field.path is not None
            ),
        )


def _leads_to(field: Field, model: Model) -> bool:
    """The inline's own link to the row that the form is of."""
    return field.relation is not None and field.relation.target in {model.name, *model.parents}


def _rendered(
    project: Project,
    model: Model,
    settings: Mapping[str, AdminSetting],
    hooks: frozenset[str],
    big: frozenset[str],
) -> list[Field]:
    """The relations to big tables that a form renders as a select."""
    if "form" in settings or hooks & _OWN_FORMS:
        return []
    other = {name for key in _OTHER_WIDGETS for name in _names_in(settings.get(key))}
    shown = [settings[key] for key in ("fields", "fieldsets") if key in settings]
    listed = {name for each in shown for name in _names_in(each)}
    return [
        field
        for field in model.fields.values()
        if _is_select(project, field, big)
        and field.name not in other
        and (not shown or field.name in listed)
    ]


def _is_select(project: Project, field: Field, big: frozenset[str]) -> bool:
    relation = field.relation
    if relation is None or relation.target is None or relation.parent_link or field.auto_created:
        return False
    editable = field.options.get("editable")
    target = project.model(relation.target, partial=True)
    is_big = target is not None and target.label.lower() in big
    return is_big and not (editable is not None and editable.is_constant(False))


def _names_in(setting: AdminSetting | None) -> set[str]:
    value: ExpressionFacts | None = setting.value if setting is not None else None
    return set() if value is None else {each.string for each in value.walk() if each.string}


# -- findings --------------------------------------------------------------------------------------


def _finding(
    document: Document,
    admin: AdminClass,
    model: Model,
    message: str,
    reason: Reason,
    plan: Plan | None,
    data: dict[str, Plain],
    evidence: tuple[Evidence, ...] = (),
) -> Finding:
    node = class_node(document, admin)
    return Finding(
        rule=RULE,
        path=document.path,
        span=span_of(document, node),
        symbol=admin.name,
        message=message,
        safety=Safety.REPORT if plan is None else Safety.REVIEW,
        anchor=f"class {node.name}",
        reasons=(reason,),
        evidence=evidence,
        data={"kind": "admin", "view": _short(admin.name), "model": model.label, **data},
        plan=plan,
    )


def _short(dotted: str) -> str:
    return dotted.rpartition(".")[2]
