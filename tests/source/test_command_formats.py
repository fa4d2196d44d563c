"""Shell, compose files, units and Procfiles: commands and where their words stand."""

from __future__ import annotations

import pytest

from djfix.codemods.source.formats.compose import services_of
from djfix.codemods.source.formats.placed import Command, Placed
from djfix.codemods.source.formats.procfiles import processes_of
from djfix.codemods.source.formats.shell import commands_in
from djfix.codemods.source.formats.units import entries_of


def shell(text: str) -> tuple[Command, ...]:
    found = commands_in(Placed.of(text))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("gunicorn a.b -w 3", [("gunicorn", "a.b", "-w", "3")]),
        ("a && b || c; d | e", [("a",), ("b",), ("c",), ("d",), ("e",)]),
        ("if a; then b 'c d'; fi", [("a",), ("b", "c d")]),
        ('x "a b"c\\ d', [("x", "a bc d")]),
        ("x y > out 2>&1", [("x", "y")]),
        ("A=1 B=2 x y", [("x", "y")]),
        ("x $(y z)", [("x", ""), ("y", "z")]),
        ("sh -c 'a b && c'", [("sh", "-c", "a b && c"), ("a", "b"), ("c",)]),
        ('bash -lc "a \\"b c\\""', [("bash", "-lc", 'a "b c"'), ("a", "b c")]),
        ("exec sh -c 'a'", [("exec", "sh", "-c", "a"), ("a",)]),
        ("x é 'ü' y", [("x", "é", "ü", "y")]),
        ("x # y", [("x",)]),
        ("x \\\n  y", [("x", "y")]),
    ],
)
def test_commands_of_a_script(text: str, commands: list[tuple[str, ...]]) -> None:
    assert [each.values for each in shell(text)] == commands


def test_words_say_where_they_stand_and_what_is_not_known_of_them() -> None:
    text = "x é $A \"$B\" --w=${C:-3} 'd'"
    words = shell(text)[0].words
    assert [text[each.start : each.end] for each in words] == text.split()
    assert [each.is_opaque for each in words] == [False, False, True, True, False, False]
    assert [each.is_whole for each in words] == [True, True, False, False, False, True]


@pytest.mark.parametrize("text", ["if x", "x 'y", "x && && y", "x > out y"])
def test_what_a_shell_cannot_read(text: str) -> None:
    assert commands_in(Placed.of(text)) is None


COMPOSE = {
    "plain": ("gunicorn a:b", ["a:b"]),
    "quoted": ("'it is ''x'' y'", ["y"]),
    "double": ('"a \\"b c\\" d"', ["d"]),
    "two_lines": ("a b\n      c", ["c"]),
    "folded": (">\n      a b\n      c\n", ["c"]),
    "folded_without_end": (">-\n      a b\n      c", ["c"]),
    "literal": ("|\n      a b\n      c é\n", ["é"]),
    "flow_list": ("[\"a\", 'b', c]", ["c"]),
    "block_list": ('\n      - a\n      - "b c"', ['"b c"']),
    "tagged": ("!!str a b", ["b"]),
    "anchored": ("&x a b", ["b"]),
}


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(("value", "last"), COMPOSE.values(), ids=COMPOSE)
def test_commands_of_services(value: str, last: list[str], newline: str) -> None:
    text = f"services:\n  web:\n    command: {value}\n".replace("\n", newline)
    services = services_of(text)
    assert services is not None
    run = services[0].runs[0]
    assert run.commands is not None
    word = run.commands[0].words[-1]
    assert [text[word.start : word.end]] == last
    assert text[run.start :].startswith("command:")


def test_what_services_share_is_there_once() -> None:
    text = (
        "x-worker: &worker\n  command: celery worker\nservices:\n  a:\n    <<: *worker\n"
        "  b:\n    <<: *worker\n    environment: {X: 1}\n    user: me\n"
    )
    services = services_of(text)
    assert services is not None
    assert [len(each.runs) for each in services] == [1, 0]
    assert services[1].variables == {"X"}
    assert services[1].has_user


def test_anchors_that_hold_themselves_or_each_other_end() -> None:
    lines = [f"x{n}: &x{n}\n  <<: [*x{n - 1}, *x{n - 1}]\n" for n in range(1, 60)]
    head = "x0: &x0\n  command: gunicorn a\n"
    text = f"{head}{''.join(lines)}services: &s\n  <<: *s\n  web:\n    <<: *x59\n"
    services = services_of(text)
    assert services is not None
    assert [(each.name, len(each.runs)) for each in services] == [("web", 1)]


@pytest.mark.parametrize("text", ["services: [", "a: b: c", "services:\n\t- x\n"])
def test_what_is_no_yaml(text: str) -> None:
    assert services_of(text) is None


@pytest.mark.parametrize(
    "text", ["", "- a\n", "services:\n", "services:\n  web:\n", "version: 3\n"]
)
def test_a_file_without_commands(text: str) -> None:
    assert [each for each in services_of(text) or () if each.runs] == []


def test_entries_of_a_unit() -> None:
    text = (
        "; head\n[Service]\nUser = me\nExecStart=/bin/a \\\n# why\n  --b\nExecStart=\n"
        "[Install]\nWantedBy=x"
    )
    found = [
        (each.section, each.key, " ".join(each.value.text.split())) for each in entries_of(text)
    ]
    assert found == [
        ("Service", "User", "me"),
        ("Service", "ExecStart", "/bin/a --b"),
        ("Service", "ExecStart", ""),
        ("Install", "WantedBy", "x"),
    ]
    entry = entries_of(text)[1]
    assert text[entry.start : entry.end] == "ExecStart=/bin/a \\\n# why\n  --b"


def test_processes_of_a_procfile() -> None:
    text = "# w: x\nweb: gunicorn a --bind=:$PORT \r\n\r\nbad line\nworker:celery worker"
    found = processes_of(text)
    assert [(each.name, each.command.text) for each in found] == [
        ("web", "gunicorn a --bind=:$PORT"),
        ("worker", "celery worker"),
    ]
    assert text[found[0].start : found[0].end] == "web: gunicorn a --bind=:$PORT"
