"""The models as linked, compared with what Django itself makes of the same project."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from djfix.codemods.project.known.classes import canonical
from djfix.codemods.project.project import Field, Model, Project
from djfix.codemods.source.files import Files
from tests.project.oracle import ask_django
from tests.project.sample import FILES

KINDS = {
    "foreign-key": "many_to_one",
    "one-to-one": "one_to_one",
    "many-to-many": "many_to_many",
    "generic": "one_to_many",
    "generic-foreign-key": "many_to_one",
}


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    folder: Path = tmp_path_factory.mktemp("shop")
    for path, text in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return ask_django(folder)


@pytest.fixture(scope="module")
def project() -> Project:
    return Project(Files.of(FILES))


def own(real: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {
        name: facts
        for name, facts in real.items()
        if not name.startswith("django.") and "_" not in name.rpartition(".")[2]
    }


def linked(project: Project, name: str) -> Model:
    model = project.model(name)
    assert model is not None, (name, project.unknown_bases(name))
    return model


def test_all_models_are_found(real: dict[str, dict[str, Any]], project: Project) -> None:
    found = [
        name
        for name in project.subclasses("django.db.models.Model")
        if (model := project.model(name)) is not None and not model.abstract
    ]
    assert found == sorted(own(real))
    assert len(found) > 15


def test_fields_are_those_of_django(real: dict[str, dict[str, Any]], project: Project) -> None:
    for name, facts in own(real).items():
        model = linked(project, name)
        found = {each.name: field_facts(each) for each in model.fields.values()}
        wanted = {each: django_field(value) for each, value in facts["fields"].items()}
        assert found == wanted, name


def test_reverse_relations_are_those_of_django(
    real: dict[str, dict[str, Any]], project: Project
) -> None:
    for name, facts in own(real).items():
        found = {
            accessor: (each.model, each.field, KINDS[each.kind], each.query_name)
            for accessor, each in linked(project, name).reverse.items()
        }
        mirrored = {"one_to_many": "many_to_one"}
        wanted = {
            accessor: (
                canonical(each["model"]),
                each["field"],
                mirrored.get(each["kind"], each["kind"]),
                each["query_name"],
            )
            for accessor, each in facts["reverse"].items()
            if not accessor.endswith("+") and is_declared(each["model"])
        }
        assert found == wanted, name


def test_one_reverse_relation_is_found_as_among_all(
    real: dict[str, dict[str, Any]], project: Project
) -> None:
    for name in own(real):
        model, apart = linked(project, name), linked(Project(project.files), name)
        assert {each: apart.reverse_named(each) for each in model.reverse} == dict(model.reverse)
        assert apart.reverse_named("nothing_set") is None


def test_options_are_those_of_django(real: dict[str, dict[str, Any]], project: Project) -> None:
    for name, facts in own(real).items():
        model = linked(project, name)
        found = {
            "label": model.label,
            "proxy": model.proxy,
            "managed": model.managed,
            "pk": model.pk.name if model.pk is not None else None,
            "mro": list(model.ancestors),
            "ordering": list(model.ordering),
            "unique_together": [list(each) for each in model.unique_together],
        }
        wanted = {key: facts[key] for key in found}
        wanted["mro"] = [canonical(each) for each in wanted["mro"]]
        assert found == wanted, name


def test_managers_are_those_of_django(real: dict[str, dict[str, Any]], project: Project) -> None:
    for name, facts in own(real).items():
        model = linked(project, name)
        default, base = facts["default_manager"], facts["base_manager"]
        assert list(model.managers) == facts["managers"], name
        assert model.default_manager.name == default[0], name
        assert model.base_manager.name == base[0], name
        if "FromQuerySet" not in default[1] and "From" not in default[1]:
            assert model.default_manager.class_name == canonical(default[1]), name


def field_facts(field: Field) -> dict[str, Any]:
    relation = field.relation
    return {
        "attname": field.attname,
        "class": field.class_name,
        "model": field.model,
        "null": field.null,
        "unique": field.unique,
        "primary_key": field.primary_key,
        "auto_now": field.auto_now,
        "kind": KINDS[relation.kind] if relation is not None else None,
        "remote": relation.target if relation is not None else None,
        "parent_link": relation is not None and relation.parent_link,
    }


def django_field(facts: dict[str, Any]) -> dict[str, Any]:
    remote = canonical(facts["remote"]) if facts["remote"] else None
    return {
        **facts,
        "class": canonical(facts["class"]),
        "model": canonical(facts["model"]),
        "remote": remote,
    }


def is_declared(name: str) -> bool:
    """Not a through model that Django makes by itself."""
    return "_" not in name.rpartition(".")[2]
