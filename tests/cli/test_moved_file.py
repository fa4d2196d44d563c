"""A file that moves, as each command tells it: in JSON, from the cache, by several processes."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from shop_project import Shop

SPLIT = ("-r", "split-settings")
MOVED = {"path": "shop/settings.py", "move_to": "shop/settings/base.py"}


def test_json_has_the_move_as_its_schema_says(shop: Shop, project_root: Path) -> None:
    printed = shop.json("check", *SPLIT)
    schema = json.loads((project_root / "schema" / "findings-1.json").read_text())
    jsonschema.validate(printed, schema)
    (finding,) = printed["findings"]
    assert MOVED in finding["edits"]
    assert finding["outcome"] == "needs-review"


@pytest.mark.parametrize("more", [(), ("-j", "2")], ids=["from_the_cache", "two_processes"])
def test_it_is_told_alike_each_time(shop: Shop, more: tuple[str, ...]) -> None:
    alone = shop.run("apply", *SPLIT, "--unsafe", "-n", "--no-cache")
    assert "rename from shop/settings.py\nrename to shop/settings/base.py\n" in alone.out
    for _ in range(2):
        assert shop.run("apply", *SPLIT, "--unsafe", "-n", *more).out == alone.out


def test_rules_after_it_look_at_the_file_where_it_is_now(shop: Shop) -> None:
    rules = (
        "-r",
        "split-settings",
        "-r",
        "debug-setting",
        "-r",
        "conn-max-age",
        "-r",
        "f-expressions",
    )
    ended = shop.run("apply", *rules, "--unsafe")
    assert ended.code == 0, ended.err
    assert "F(" in shop.read("shop/services.py")
    assert not (shop.root / "shop/settings.py").exists()
    assert shop.git("status", "--short").count("R  shop/settings.py -> shop/settings/base.py") == 1


def test_one_finding_by_its_fingerprint(shop: Shop) -> None:
    name = shop.json("check", *SPLIT)["findings"][0]["fingerprint"]
    ended = shop.run("apply", *SPLIT, "--only", name)
    assert ended.code == 0
    assert shop.json("check", *SPLIT)["findings"] == []


def test_no_secret_stands_in_any_output(shop: Shop) -> None:
    settings = shop.read("shop/settings.py").replace(
        'os.environ["SECRET_KEY"]', '"canary-of-a-key"'
    )
    shop.write(
        "shop/settings.py", f"{settings}# far\n# from\n# it\nPATH = os.path.dirname(__file__)\n"
    )
    shop.commit()
    for form in ("full", "json", "diff"):
        ended = shop.run("apply", *SPLIT, "--unsafe", "-n", "--compare-settings", "-o", form)
        assert ended.code == 1
        assert "canary" not in ended.out + ended.err
