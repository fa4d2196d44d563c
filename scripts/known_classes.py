"""Writes the tables of what Django's, DRF's and Celery's own classes are and define.

Usage, once per new Django release line (each environment has Django, djangorestframework and
celery of that line installed; psycopg for the PostgreSQL fields):

    python scripts/known_classes.py ENVIRONMENT/bin/python [ENVIRONMENT/bin/python ...]

Each interpreter imports its own packages and describes them (`described_classes.py`); the
descriptions are merged into `classes.json`, `names.json`, `models.json` and `contrib.json` in
`codemods/project/known/`. What differs between the versions is marked as differing there, so that
a rule never trusts the behaviour of one version.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

KNOWN = Path(__file__).resolve().parent.parent / "codemods" / "project" / "known"
DESCRIBING = Path(__file__).with_name("described_classes.py")

Description = dict[str, Any]


def merge(descriptions: list[Description]) -> dict[str, Any]:
    """One table that holds for all versions; newest description first where they differ."""
    ordered = sorted(descriptions, key=lambda each: version_key(each["version"]), reverse=True)
    versions = [each["version"] for each in ordered]
    return {
        "names": merged_names(ordered),
        "classes": {
            "versions": versions[::-1],
            "modules": by_module(
                {
                    name: merged_class([each["classes"].get(name) for each in ordered])
                    for name in sorted({name for each in ordered for name in each["classes"]})
                }
            ),
        },
        "models": {
            name: merged_model([each["models"].get(name) for each in ordered])
            for name in sorted({name for each in ordered for name in each["models"]})
        },
        "contrib": merged_apps(ordered),
    }


def version_key(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def merged_names(ordered: list[Description]) -> dict[str, dict[str, str]]:
    """module -> canonical module -> names there, "Name" or "Name=OtherName"."""
    found: dict[str, dict[str, str]] = {}
    for each in reversed(ordered):
        for module, names in each["names"].items():
            found.setdefault(module, {}).update(names)
    newest = ordered[0]["names"]
    return {
        module: grouped(
            {name: newest_target(target, newest) for name, target in sorted(names.items())}
        )
        for module, names in sorted(found.items())
    }


def newest_target(target: str, newest: dict[str, dict[str, str]]) -> str:
    """A canonical name of an older version, as the newest one calls it."""
    module, _, name = target.rpartition(".")
    return newest.get(module, {}).get(name, target)


def grouped(names: dict[str, str]) -> dict[str, str]:
    groups: dict[str, list[str]] = {}
    for name, target in names.items():
        module, _, own = target.rpartition(".")
        groups.setdefault(module, []).append(name if own == name else f"{name}={own}")
    return {module: " ".join(sorted(own)) for module, own in sorted(groups.items())}


def merged_class(each: list[Description | None]) -> list[Any]:
    """[kind, bases, methods, properties, attributes, differing, versions that have it].

    Names are joined by spaces; bases are the newest version's, members the union of all.
    """
    present = [one for one in each if one is not None]
    differing = [
        part
        for part in ("kind", "bases", "methods", "properties", "attributes")
        if any(one[part] != present[0][part] for one in present)
    ]
    span = "" if len(present) == len(each) else presence(each)
    return [
        present[0]["kind"],
        " ".join(present[0]["bases"]),
        *(union(present, part) for part in ("methods", "properties", "attributes")),
        " ".join(differing),
        span,
    ]


def presence(each: list[Description | None]) -> str:
    """Which versions have the class, oldest first, as 0 and 1."""
    return "".join("0" if one is None else "1" for one in reversed(each))


def union(present: list[Description], part: str) -> str:
    """All members; those that some versions lack end in `?`."""
    sets = [set(one[part]) for one in present]
    certain = set.intersection(*sets)
    return " ".join(name if name in certain else name + "?" for name in sorted(set.union(*sets)))


def by_module(classes: dict[str, list[Any]]) -> dict[str, dict[str, list[Any]]]:
    modules: dict[str, dict[str, list[Any]]] = {}
    for name, row in classes.items():
        module, _, own = name.rpartition(".")
        while row and row[-1] == "":
            row = row[:-1]
        modules.setdefault(module, {})[own] = row
    return modules


def merged_model(each: list[Description | None]) -> Description:
    present = [one for one in each if one is not None]
    usual = {"managed": True}
    result = {
        key: value
        for key, value in present[0].items()
        if value != usual.get(key) and (key in usual or value not in (None, False, 0, [], {}))
    }
    differing = sorted(
        key for key in present[0] if any(one[key] != present[0][key] for one in present)
    )
    if differing:
        result["differing"] = differing
    return result


def merged_apps(ordered: list[Description]) -> dict[str, Description]:
    apps: dict[str, Description] = {}
    for each in ordered:
        for app in each["apps"]:
            known = apps.setdefault(app["name"], {"label": app["label"], "receivers": []})
            known["receivers"] = sorted([*known["receivers"], *(
                receiver for receiver in app["receivers"] if receiver not in known["receivers"]
            )])  # fmt: skip
    return apps


def write(tables: dict[str, Any]) -> None:
    for name, table in tables.items():
        text = json.dumps(table, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
        path = KNOWN / f"{name}.json"
        path.write_text(text + "\n", encoding="utf-8")
        print(f"{path.name}: {len(text) // 1000} kB")


def main(arguments: list[str]) -> None:
    if not arguments:
        sys.exit(__doc__)
    descriptions = []
    for interpreter in arguments:
        done = subprocess.run([interpreter, str(DESCRIBING)], stdout=subprocess.PIPE, check=True)
        descriptions.append(json.loads(done.stdout))
    write(merge(descriptions))


if __name__ == "__main__":
    main(sys.argv[1:])
