"""What Django joins by itself for other code than the columns, and a list must not lose.

Without `list_select_related` Django (to 6.0) joins every required foreign key where one of them is
a column, and hands these rows to more than the columns: to actions, to what is asked before they
are deleted, to the forms of `list_editable`, to searches, templates and exports
(`ChangeList.apply_select_related`, `ModelAdmin.changelist_view`, `get_deleted_objects`). An
explicit list takes the place of that; so it keeps each key whose name such code reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.inference.access.values import Hop, Path
from djfix.codemods.inference.joins import lookup_of
from djfix.codemods.rules.admin_list.handed import Handed, handed_on, starts, text_at

if TYPE_CHECKING:
    from djfix.codemods.project.admin_values import AdminClass
    from djfix.codemods.project.models import Field, Model
    from djfix.codemods.project.project import Project

_DEEPEST = 5
"""How far a bare select_related() follows (django.db.models.sql.compiler)."""

_READ = re.compile(r"\.\s*([^\W\d]\w*)")
_NAMED = re.compile(r"[\"']([\w.]+)[\"']")
_RESOURCE = re.compile(r"(?:@.*\n)*class \w+\([^)]*Resource\b")

_DESCRIBING = frozenset({"descriptor_class", "contribute_to_class"})
"""What a field's class defines to read other attributes of the object."""

Named = tuple[frozenset[str] | None, frozenset[str]]
"""The names that code reads (None: any), and the paths that the columns read."""

_PAGES = ("change_list.html", "change_list_results.html")


def kept(project: Project, admin: AdminClass, model: str, read: frozenset[Path]) -> frozenset[Path]:
    """The required keys, as paths, that code reads which is handed the rows of the list; `read`:
    those that the columns read."""
    known = project.model(model, partial=True)
    if known is None or not any(map(_is_joined, known.fields.values())):
        return frozenset()
    related = dict(_related(project, known))
    handed = handed_on(project, admin, related.values(), starts(project, admin))
    words = _words(project, admin, related, handed)
    before = frozenset(lookup_of(path[:end]) for path in read for end in range(1, len(path) + 1))
    return frozenset(_paths(project, known, (words, before), ()))


def _is_joined(field: Field) -> bool:
    """Whether a bare select_related() follows it (`select_related_descend`)."""
    relation = field.relation
    if relation is None or not field.is_column or field.null or field.unclear:
        return False
    return relation.target is not None and not relation.parent_link and not field.auto_created


def _related(project: Project, model: Model) -> Iterator[tuple[str, Model]]:
    """The models that required keys lead to, this one too."""
    waiting, seen = [(model, 0)], set[str]()
    while waiting:
        each, deep = waiting.pop(0)
        if each.name in seen:
            continue
        seen.add(each.name)
        yield each.name, each
        if deep < _DEEPEST:
            targets = [_target(project, field) for field in each.fields.values()]
            waiting += [(target, deep + 1) for target in targets if target is not None]


def _target(project: Project, field: Field) -> Model | None:
    relation = field.relation
    if relation is None or relation.target is None or not _is_joined(field):
        return None
    return project.model(relation.target, partial=True)


def _paths(project: Project, model: Model, named: Named, before: Path) -> Iterator[Path]:
    """Each key that is named, and what is named behind it; all where nobody knows."""
    words, read = named
    may_be_any = words is None or _is_changed(model)
    for field in model.fields.values():
        target = _target(project, field)
        if target is None or any(hop.model == target.name for hop in before):
            continue
        relation = field.relation
        is_one = relation is not None and relation.kind == "one-to-one"
        back = (relation.accessor or "") if relation is not None and is_one else ""
        path = (*before, Hop(model.name, field.name, "one", target.name, back))
        is_named = may_be_any or (words is not None and field.name in words)
        if not is_named and lookup_of(path) not in read:
            continue
        yield path
        if len(path) < _DEEPEST:
            yield from _paths(project, target, named, path)


def _is_changed(model: Model) -> bool:
    """Whether other code may have given the class methods that nobody reads here."""
    own = any(not each.overrides.isdisjoint(_DESCRIBING) for each in model.fields.values())
    return own or bool(model.unknown_attributes or model.decorators)


# -- the code that is handed the rows --------------------------------------------------------------


def _words(
    project: Project, admin: AdminClass, related: dict[str, Model], handed: Handed
) -> frozenset[str] | None:
    """The names of attributes that such code reads; None where there is too much of it."""
    if not handed.is_whole:
        return None
    templates = _of_templates(project, admin, related)
    texts = [text_at(project, place) for place in handed.places]
    listed = {name for text in texts if _RESOURCE.match(text) for name in _exported(text)}
    return frozenset({*handed.words, *templates, *listed})


def _exported(text: str) -> set[str]:
    """The names that a resource of an export library lists: `fields = ("author__name",)`."""
    return {part for each in _NAMED.findall(text) for part in re.split(r"__|\.", each)}


def _of_templates(project: Project, admin: AdminClass, related: dict[str, Model]) -> Iterator[str]:
    """The attributes that the project's own templates of the list read."""
    label = next(iter(related.values())).label
    app, _, model = label.lower().partition(".")
    folders = ("admin", f"admin/{app}", f"admin/{app}/{model}")
    names = {f"{folder}/{page}" for folder in folders for page in _PAGES}
    setting = admin.settings.get("change_list_template")
    if setting is not None and setting.value.string is not None:
        names.add(setting.value.string)
    for folder in project.shared(_template_folders):
        for name in sorted(names):
            path = f"{folder}{name}"
            if project.files.exists(path):
                text = project.files.read(path).decode(errors="replace")
                yield from _READ.findall(text)


def _template_folders(project: Project) -> tuple[str, ...]:
    """Where templates may lie: in a folder of that name beside any Python file, or above it."""
    parts = {path.rpartition("/")[0] for path in project.files.paths if path.endswith(".py")}
    above = {parent for each in parts for parent in _with_parents(each)}
    found = {"/".join(filter(None, (each, "templates", ""))) for each in above}
    named = {
        f"{each.partition('/templates')[0]}/templates/" for each in above if "/templates" in each
    }
    folders = {each.rstrip("/") for each in found | named}
    return tuple(f"{each}/" for each in sorted(filter(project.files.has_folder, folders)))


def _with_parents(folder: str) -> Iterator[str]:
    yield folder
    while folder:
        folder = folder.rpartition("/")[0]
        yield folder
