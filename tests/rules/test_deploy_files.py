"""`deploy-files`: images, servers and workers as the guide has them, and what is left as it is."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rule_bench import Bench, crlf, with_bom, without_last_newline

from djfix.codemods.engine.values import Result
from djfix.codemods.rules.deploy_files import DeployFiles
from djfix.codemods.rules.deploy_files.examples import EXAMPLES
from djfix.codemods.rules.deploy_files.options import DeployFilesOptions
from djfix.codemods.source.formats.dockerfile import dockerfile_of
from djfix.codemods.source.formats.scalars import documents_of

OPTIONS = "--workers 4 --threads 2 --timeout 30"
GUNICORN = "gunicorn config.wsgi --bind 0.0.0.0:8000"
LIMIT = "--max-tasks-per-child 1000"
WORKER = "celery -A config worker -Q default --concurrency 4"
PLAIN = EXAMPLES[0].before
REQUIREMENTS = dict(EXAMPLES[0].files)
Make = Callable[..., Bench]


@pytest.fixture
def at(bench_of) -> Make:
    """The bench for a file of this name, with other options and other files of the project."""

    def make(path: str, options: DeployFilesOptions | None = None, **files: str) -> Bench:
        return bench_of(DeployFiles(options), path, files)

    return make


def check_fixes(bench: Bench, before: str, after: str) -> None:
    """`before` becomes exactly `after` with what needs review, in every spelling of a file."""
    assert bench.after(before).decode() == before
    for spelled in (str.encode, crlf, with_bom, without_last_newline):
        assert bench.after(spelled(before), unsafe=True) == spelled(after), spelled.__name__
    assert bench.after(after, unsafe=True).decode() == after
    check_parses(bench.path, after)


def check_parses(path: str, text: str) -> None:
    if "ocker" in path and not path.endswith("ml"):
        assert dockerfile_of(text) is not None
    elif path.endswith("ml"):
        assert documents_of(text) is not None


def problems(result: Result, outcome: str = "needs-review") -> list[str]:
    return [
        str(each.finding.data["problem"])
        for each in result.findings
        if each.outcome.value == outcome
    ]


def declined(result: Result) -> list[str]:
    return [each.reason.name for each in result.declined]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_example(at: Make, example) -> None:
    check_fixes(at(example.path, **dict(example.files)), example.before, example.after)


# -- the guide -----------------------------------------------------------------------------------

GUIDE = """\
FROM python:3.12-slim AS builder
WORKDIR /app
RUN pip install --no-cache-dir uv
COPY requirements/prod.txt .
RUN uv pip install --system --no-cache -r prod.txt

FROM python:3.12-slim
WORKDIR /app
COPY --from=builder /usr/local/lib/python3.12 /usr/local/lib/python3.12
COPY --from=builder /usr/local/bin /usr/local/bin
COPY . .
RUN python manage.py collectstatic --noinput
EXPOSE 8000
CMD ["gunicorn", "config.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "4", \
"--threads", "2", "--timeout", "30"]
"""


def test_the_guides_image_is_left_as_it_is(at: Make) -> None:
    result = at("Dockerfile", **dict(EXAMPLES[0].files)).run(GUIDE, unsafe=True)
    assert not result.changes
    assert problems(result, "reported") == ["root-user"]
    assert not result.declined


@pytest.mark.parametrize(
    "command",
    [
        "celery -A config worker -Q default,email --concurrency 4",
        "celery -A config worker -Q payments --concurrency 2",
    ],
)
def test_the_guides_workers_get_its_limit(at: Make, command: str) -> None:
    check_fixes(at("Procfile"), f"w: {command}\n", f"w: {command} --max-tasks-per-child 1000\n")


def test_the_page_shows_what_is_made(at: Make, project_root: Path) -> None:
    page = (project_root / "docs" / "rules" / "deploy-files.md").read_text()
    before, after = re.findall(r"```dockerfile\n(.*?)```", page, re.DOTALL)
    check_fixes(at("Dockerfile", **dict(EXAMPLES[0].files)), before, after)


def test_what_is_made_can_be_read_by_buildkit(at: Make) -> None:
    dockerfile = pytest.importorskip("dockerfile")
    result = at("Dockerfile", **dict(EXAMPLES[0].files)).after(EXAMPLES[0].before, unsafe=True)
    found = [each.cmd for each in dockerfile.parse_string(result.decode())]
    assert " ".join(found) == ("FROM WORKDIR COPY RUN FROM WORKDIR COPY COPY RUN EXPOSE CMD")


# -- pip -----------------------------------------------------------------------------------------

IMAGE = "FROM python:3.12-slim\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("RUN pip install x", "RUN pip install --no-cache-dir x"),
        ("RUN pip install x --upgrade", "RUN pip install --no-cache-dir x --upgrade"),
        ("RUN pip3 install -r a.txt", "RUN pip3 install --no-cache-dir -r a.txt"),
        ("RUN /venv/bin/pip install x", "RUN /venv/bin/pip install --no-cache-dir x"),
        ("RUN python -m pip install x", "RUN python -m pip install --no-cache-dir x"),
        ("RUN pip --quiet install x", "RUN pip --quiet install --no-cache-dir x"),
        ("RUN pip --proxy p install x", "RUN pip --proxy p install --no-cache-dir x"),
        ('RUN ["pip", "install", "x"]', 'RUN ["pip", "install", "--no-cache-dir", "x"]'),
        (
            'RUN pip install a && pip install "b==$V"',
            'RUN pip install --no-cache-dir a && pip install --no-cache-dir "b==$V"',
        ),
        ("RUN sh -c 'pip install x'", "RUN sh -c 'pip install --no-cache-dir x'"),
        ("RUN if x; then pip install y; fi", "RUN if x; then pip install --no-cache-dir y; fi"),
        ("RUN <<EOF\npip install x\nEOF", "RUN <<EOF\npip install --no-cache-dir x\nEOF"),
        (
            "RUN apt-get update \\\n # é\n\n && pip install \\\n    x",
            "RUN apt-get update \\\n # é\n\n && pip install --no-cache-dir \\\n    x",
        ),
        ("ONBUILD RUN pip install x", "ONBUILD RUN pip install --no-cache-dir x"),
        (
            "ENV PIP_NO_CACHE_DIR=\nRUN pip install x",
            "ENV PIP_NO_CACHE_DIR=\nRUN pip install --no-cache-dir x",
        ),
        (
            "RUN --mount=type=cache,target=/var/cache/apt x && pip install y",
            "RUN --mount=type=cache,target=/var/cache/apt x && pip install --no-cache-dir y",
        ),
        ("RUN uv pip install --system x", "RUN uv pip install --no-cache --system x"),
    ],
)
def test_pip_leaves_no_downloads(at: Make, before: str, after: str) -> None:
    check_fixes(at("Dockerfile"), f"{IMAGE}{before}\n", f"{IMAGE}{after}\n")


def test_pip_under_another_escape(at: Make) -> None:
    before = f"# escape=`\n{IMAGE}RUN pip install `\n  x\n"
    check_fixes(
        at("app.Dockerfile"), before, before.replace("install `", "install --no-cache-dir `")
    )


@pytest.mark.parametrize("name", ["Containerfile", "Dockerfile.web", "docker/Dockerfile-web"])
def test_files_by_other_names(at: Make, name: str) -> None:
    found = at(name).run(f"{IMAGE}RUN pip install x\n")
    assert problems(found) == ["pip-cache"]


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        ("RUN pip install --no-cache-dir x", []),
        ("RUN pip --no-cache-dir install x", []),
        ("RUN pip install --cache-dir /c x", []),
        ("RUN pip download x && echo pip install y && apt-get install python3-pip", []),
        ("RUN uv pip install -n x", []),
        ("RUN PIP_NO_CACHE_DIR=1 pip install x", ["cache-is-off"]),
        ("ENV A=b PIP_NO_CACHE_DIR=off\nRUN pip install x", ["cache-is-off"]),
        ("ENV PIP_NO_CACHE_DIR 1\nRUN pip install x", ["cache-is-off"]),
        ("ARG PIP_NO_CACHE_DIR\nRUN pip install x", ["cache-is-off"]),
        ("RUN --mount=type=cache,target=/root/.cache pip install x", ["cache-is-mounted"]),
        ("RUN pip install x && rm -rf ~/.cache", ["cache-is-removed"]),
        ("RUN pip install x && pip cache purge", ["cache-is-removed"]),
        ("COPY pip.conf /etc/pip.conf\nRUN pip install x", ["configured-elsewhere"]),
        ("RUN pip install $OPTIONS x", ["unread-arguments"]),
        ('SHELL ["powershell"]\nRUN pip install x', []),
        ("RUN python <<EOF\nprint('pip install x')\nEOF", []),
        ("RUN pip install 'x", []),
        ("CMD pip install x", []),
        ("# RUN pip install x", []),
        ("FRUN pip install x", ["unread-file"]),
    ],
)
def test_pip_is_left_alone(at: Make, text: str, reasons: list[str]) -> None:
    result = at("Dockerfile").run(f"{IMAGE}{text}\n", unsafe=True)
    assert not result.changes
    assert declined(result) == reasons


def test_a_variable_of_an_earlier_stage_holds_for_what_is_made_from_it(at: Make) -> None:
    text = "FROM python:3.12 AS Base\nENV PIP_NO_CACHE_DIR=1\nFROM base\nRUN pip install x\n"
    assert declined(at("Dockerfile").run(text)) == ["cache-is-off"]


def test_reasons_of_an_earlier_stage_and_an_unknown_image(at: Make) -> None:
    text = "FROM registry/x AS a\nRUN pip install x\nFROM python:3.12\nCOPY --from=a /v /v\n"
    assert at("Dockerfile").reasons(text) == [
        "layers-are-built-anew",
        "earlier-stage",
        "unknown-image",
    ]


# -- gunicorn ------------------------------------------------------------------------------------


def test_gunicorn_in_each_kind_of_file(at: Make) -> None:
    for path, text in (
        ("Dockerfile", "FROM x\nCMD {}\n"),
        ("Dockerfile", "FROM x\nCMD exec {} >> log 2>&1\n"),
        ("Dockerfile", "FROM x\nCMD python manage.py migrate && \\\n  {}\n"),
        ("compose.yaml", "services:\n  web:\n    command: {}\n"),
        ("docker-compose.yml", 'services:\n  web:\n    command: sh -c "a && {}"  # é\n'),
        ("docker-compose.yml", "services:\n  web:\n    command: >\n      {}\n    ports: []\n"),
        ("docker-compose.yml", "services:\n  web:\n    command: |\n      {}\n"),
        ("web.service", "[Service]\nUser=www\nExecStart=-/venv/bin/{}\nRestart=always\n"),
    ):
        after = text.replace("{}", f"{GUNICORN} {OPTIONS}")
        check_fixes(at(path), text.replace("{}", GUNICORN), after)


def test_gunicorn_as_an_array_and_as_lists(at: Make) -> None:
    words = [f'"{each}"' for each in GUNICORN.split()]
    added = [f'"{each}"' for each in OPTIONS.split()]
    for path, head, between, tail in (
        ("Dockerfile", "FROM x\nCMD [", ", ", "]\n"),
        ("Dockerfile", "FROM x\nCMD [", ",", "]\n"),
        ("compose.yaml", "services:\n  web:\n    command: [", ", ", "]\n"),
        ("compose.yaml", "services:\n  web:\n    command:\n      - ", "\n      - ", "\n"),
    ):
        before = f"{head}{between.join(words)}{tail}"
        check_fixes(at(path), before, f"{head}{between.join([*words, *added])}{tail}")


def test_a_unit_with_continued_lines(at: Make) -> None:
    before = "[Service]\nUser=w\nExecStart=/v/gunicorn a.wsgi \\\n  # why\n  --bind :80\n"
    check_fixes(at("a.service"), before, before.replace(":80", f":80 {OPTIONS}"))


def test_the_last_words_of_a_list_keep_their_style(at: Make) -> None:
    before = "services:\n  w:\n    command:\n      - gunicorn\n      - 'a.wsgi'  # kept\n"
    lines = "".join(f"\n      - '{each}'" for each in OPTIONS.split())
    check_fixes(at("compose.yaml"), before, before.replace("'a.wsgi'", f"'a.wsgi'{lines}"))


@pytest.mark.parametrize(
    ("command", "added"),
    [
        ("gunicorn a -w 3", "--threads 2 --timeout 30"),
        ("gunicorn a --workers=$W", "--threads 2 --timeout 30"),
        ("gunicorn a --workers 3 --threads 8", "--timeout 30"),
        ("gunicorn a -w3 --thread 8", "--timeout 30"),
        ("gunicorn a -t 5 -w 2", "--threads 2"),
        ("gunicorn a -k gthread", OPTIONS),
        ("gunicorn a -k uvicorn.workers.UvicornWorker", "--workers 4 --timeout 30"),
        ("gunicorn a --worker-class=gevent", "--workers 4 --timeout 30"),
        ("gunicorn a.asgi:application", "--workers 4 --timeout 30"),
        ("gunicorn a -k $KIND", "--workers 4 --timeout 30"),
        ("gunicorn a --bind $HOST:$PORT --log-level $LEVEL", OPTIONS),
        ("gunicorn a --preload", OPTIONS),
        ("gunicorn --access-logfile -", OPTIONS),
        ("python -m gunicorn a", OPTIONS),
        ("poetry run gunicorn a", OPTIONS),
        ("newrelic-admin run-program gunicorn a", OPTIONS),
        ("/entrypoint.sh gunicorn a", OPTIONS),
        ("WEB_CONCURRENCY=3 gunicorn a", "--threads 2 --timeout 30"),
    ],
)
def test_only_what_is_missing_is_added(at: Make, command: str, added: str) -> None:
    check_fixes(at("Dockerfile"), f"FROM x\nCMD {command}\n", f"FROM x\nCMD {command} {added}\n")


@pytest.mark.parametrize(
    ("command", "reasons"),
    [
        ("gunicorn a -w 2 --threads 2 --timeout 9", []),
        ("gunicorn --version", []),
        ("gunicorn", []),
        ("echo gunicorn a", []),
        ("pkill gunicorn a", []),
        ("uvicorn a", []),
        ("gunicorn a -c conf.py", ["configured-elsewhere"]),
        ("gunicorn a --config=python:a.b", ["configured-elsewhere"]),
        ("gunicorn a --reload", ["development"]),
        ("gunicorn a $GUNICORN_OPTIONS", ["unread-arguments"]),
        ('gunicorn a "$@"', ["unread-arguments"]),
        ("gunicorn a --log-file", ["unread-arguments"]),
        ("gunicorn a --bind", ["unread-arguments"]),
        ("GUNICORN_CMD_ARGS=-w3 gunicorn a", ["configured-elsewhere"]),
    ],
)
def test_gunicorn_is_left_alone(at: Make, command: str, reasons: list[str]) -> None:
    result = at("Dockerfile").run(f"FROM x\nCMD {command}\n", unsafe=True)
    assert not result.changes
    assert [each for each in declined(result) if each != "unknown-image"] == reasons


@pytest.mark.parametrize(
    "files",
    [
        {"gunicorn.conf.py": "workers = 3\n"},
        {"src/gunicorn.conf.py": "workers = 3\n"},
        {"compose.yaml": "services:\n  a:\n    environment:\n      GUNICORN_CMD_ARGS: -w 3\n"},
    ],
)
def test_another_file_configures_gunicorn(at: Make, files: dict[str, str]) -> None:
    result = at("Dockerfile", **files).run("FROM x\nCMD gunicorn a\n", unsafe=True)
    assert not result.changes
    assert "configured-elsewhere" in declined(result)


def test_a_number_of_workers_in_the_environment_is_kept(at: Make) -> None:
    before = "services:\n  w:\n    command: gunicorn a\n    environment: [WEB_CONCURRENCY=3]\n"
    after = before.replace("gunicorn a", "gunicorn a --threads 2 --timeout 30")
    check_fixes(at("compose.yaml"), before, after)
    before = "FROM x\nENV WEB_CONCURRENCY=3\nCMD gunicorn a\n"
    check_fixes(
        at("Dockerfile"), before, before.replace("nicorn a", "nicorn a --threads 2 --timeout 30")
    )


def test_an_entrypoint_with_arguments_is_reported(at: Make) -> None:
    result = at("Dockerfile").run('FROM x\nENTRYPOINT ["gunicorn", "a"]\nCMD ["-w", "3"]\n')
    assert problems(result, "reported") == ["gunicorn-options"]
    assert result.findings[0].finding.reasons[0].name == "entrypoint-takes-more"


def test_a_script_is_reported(at: Make) -> None:
    text = "#!/bin/sh\nset -e\nif true; then\n  exec gunicorn a\nfi\ncelery -A a worker\n"
    for path in ("start.sh", "compose/web/start", "docker-entrypoint.sh"):
        result = at(path).run(text, unsafe=True)
        assert not result.changes
        assert problems(result, "reported") == ["gunicorn-options", "celery-children"]
        assert [each.finding.span.line for each in result.findings] == [4, 6]
        assert {r.name for each in result.findings for r in each.finding.reasons} == {
            "shell-script"
        }


def test_a_file_named_start_that_is_no_script(at: Make) -> None:
    assert not at("start").run("gunicorn a\n").findings


def test_numbers_are_the_users(at: Make) -> None:
    options = DeployFilesOptions(workers=9, threads=1, timeout=60, max_tasks_per_child=50)
    bench = at("Dockerfile", options)
    check_fixes(
        bench,
        "FROM x\nCMD gunicorn a\n",
        "FROM x\nCMD gunicorn a --workers 9 --threads 1 --timeout 60\n",
    )
    assert "timeout-changes" in bench.reasons("FROM x\nCMD gunicorn a\n")
    with pytest.raises(ValueError, match="at least 1"):
        DeployFilesOptions(workers=0)


# -- Celery --------------------------------------------------------------------------------------


def test_worker_in_each_kind_of_file(at: Make) -> None:
    for path, text in (
        ("Procfile", "worker: {}\n"),
        ("Dockerfile", "FROM x\nCMD {}\n"),
        ("compose.yaml", "services:\n  worker:\n    command: {}\n"),
        ("worker.service", "[Service]\nUser=w\nExecStart=/venv/bin/{}\n"),
    ):
        after = text.replace("{}", f"{WORKER} {LIMIT}")
        check_fixes(at(path), text.replace("{}", WORKER), after)


def test_what_several_services_share_is_fixed_once(at: Make) -> None:
    before = (
        "x-worker: &worker\n  command: celery -A a worker\nservices:\n"
        "  one:\n    <<: *worker\n  two:\n    <<: *worker\n"
    )
    check_fixes(at("compose.yaml"), before, before.replace("a worker\n", f"a worker {LIMIT}\n"))


@pytest.mark.parametrize("command", ["celery worker -A a", "celery -A worker worker -P prefork"])
def test_worker_in_other_spellings(at: Make, command: str) -> None:
    check_fixes(at("Procfile"), f"w: {command}\n", f"w: {command} {LIMIT}\n")


@pytest.mark.parametrize(
    ("command", "reasons"),
    [
        ("celery -A a worker --max-tasks-per-child=5", []),
        ("celery -A a worker --maxtasksperchild 5", []),
        ("celery -A a beat", []),
        ("celery -A worker beat", []),
        ("celery -A a inspect ping -d worker", []),
        ("celery -A a worker --help", []),
        ("celery -A a worker -P gevent", ["no-child-processes"]),
        ("celery -A a worker --pool=solo", ["no-child-processes"]),
        ("celery -A a worker -P $POOL", ["no-child-processes"]),
        ("celery -A a worker --max-memory-per-child 9", ["limited-elsewhere"]),
        ("celery -A a worker $OPTIONS", ["unread-arguments"]),
        ("watchmedo auto-restart -- celery -A a worker", []),
    ],
)
def test_worker_is_left_alone(at: Make, command: str, reasons: list[str]) -> None:
    result = at("Procfile").run(f"w: {command}\n", unsafe=True)
    assert not result.findings
    assert declined(result) == reasons


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("CELERY_WORKER_MAX_TASKS_PER_CHILD = 100\n", "limited-elsewhere"),
        ("CELERYD_MAX_TASKS_PER_CHILD = 100\n", "limited-elsewhere"),
        ("app.conf.worker_max_memory_per_child = 100\n", "limited-elsewhere"),
    ],
)
def test_settings_say_how_long_a_child_lives(at: Make, line: str, reason: str) -> None:
    result = at("Procfile", **{"config/settings.py": line}).run("w: celery -A a worker\n")
    assert not result.findings
    assert declined(result) == [reason]


def test_settings_choose_another_pool(at: Make) -> None:
    files = {
        "manage.py": 'import os\nos.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"\n',
        "config/__init__.py": "",
        "config/settings.py": 'INSTALLED_APPS = []\nCELERY_WORKER_POOL = "threads"\n',
        "config/celery.py": (
            "from celery import Celery\napp = Celery('a')\n"
            "app.config_from_object('django.conf:settings', namespace='CELERY')\n"
        ),
    }
    result = at("Procfile", **files).run("w: celery -A a worker\n")
    assert declined(result) == ["no-child-processes"]


def test_celery_multi_is_reported(at: Make) -> None:
    start, stop = "/v/celery -A a multi start w1 w2", "/v/celery multi stop w1"
    text = f"[Service]\nUser=w\nExecStart={start}\nExecStop={stop}\n"
    result = at("celery.service").run(text, unsafe=True)
    assert problems(result, "reported") == ["celery-children"]


# -- development ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "Dockerfile.dev",
        "dev/Dockerfile",
        "docker-compose.test.yml",
        "compose.override.yaml",
        "Procfile.local",
    ],
)
def test_files_for_development_are_left_alone(at: Make, path: str) -> None:
    text = {"c": "services:\n  w:\n    command: gunicorn a\n", "P": "w: gunicorn a\n"}
    name = path.rpartition("/")[2]
    result = at(path).run(text.get(name.replace("docker-c", "c")[0], "FROM x\nCMD gunicorn a\n"))
    assert not result.findings
    assert "development" in declined(result)


def test_stages_and_services_for_development_are_left_alone(at: Make) -> None:
    result = at("Dockerfile").run("FROM x AS dev\nCMD gunicorn a\nFROM x\nUSER y\nCMD b\n")
    assert declined(result) == ["development"]
    result = at("compose.yaml").run("services:\n  test:\n    command: gunicorn a\n")
    assert declined(result) == ["development"]


# -- who runs it ---------------------------------------------------------------------------------


def root(at: Make, text: str, **files: str) -> tuple[list[str], list[str]]:
    result = at("Dockerfile", **files).run(text)
    found = [each for each in problems(result, "reported") if each == "root-user"]
    return found, declined(result)


SERVED = "CMD python manage.py check\n"


@pytest.mark.parametrize(
    "text",
    [
        f"{IMAGE}{SERVED}",
        f"{IMAGE}USER me\nRUN x\nUSER root\n{SERVED}",
        f"{IMAGE}USER 0:0\n{SERVED}",
        f"FROM debian AS a\nFROM a\n{SERVED}",
        f"FROM python:${{V}}\n{SERVED}",
        f"FROM docker.io/library/python:3.12 AS a\nUSER me\nFROM python:3.12\n{SERVED}",
    ],
)
def test_an_image_that_runs_as_root(at: Make, text: str) -> None:
    assert root(at, text)[0] == ["root-user"]


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        (f"{IMAGE}USER me\n{SERVED}", []),
        (f"{IMAGE}USER $NAME\n{SERVED}", []),
        (f"FROM python:3.12 AS a\nUSER me\nFROM a\n{SERVED}", []),
        (f"FROM registry/base\n{SERVED}", ["unknown-image"]),
        (f"FROM $BASE\n{SERVED}", ["unknown-image"]),
        (f"{IMAGE}RUN apt-get install gosu\n{SERVED}", ["drops-root"]),
        (f"{IMAGE}RUN pip install --no-cache-dir x\n", []),
        ("FROM nginx\nCMD nginx\n", []),
    ],
)
def test_an_image_that_does_not_or_may_not_run_as_root(
    at: Make, text: str, reasons: list[str]
) -> None:
    assert root(at, text) == ([], reasons)


def test_another_file_says_who_runs_it(at: Make) -> None:
    script = {"docker/entrypoint.sh": '#!/bin/sh\nexec gosu app "$@"\n'}
    assert root(at, f"{IMAGE}{SERVED}", **script) == ([], ["drops-root"])
    service = {"compose.yaml": "services:\n  w:\n    build: .\n    user: '1000'\n"}
    assert root(at, f"{IMAGE}{SERVED}", **service) == ([], ["drops-root"])


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ("ExecStart=/v/gunicorn a -w 1 --threads 1 -t 9", ["root-user"]),
        ("User=root\nExecStart=/v/gunicorn a -w 1 --threads 1 -t 9", ["root-user"]),
        ("User=www\nExecStart=/v/gunicorn a -w 1 --threads 1 -t 9", []),
        ("DynamicUser=yes\nExecStart=/v/gunicorn a -w 1 --threads 1 -t 9", []),
        ("ExecStart=/v/gunicorn a -w 1 --threads 1 -t 9 --user www", []),
        ("ExecStart=/usr/sbin/nginx # gunicorn", []),
        ("ExecStart=/v/gunicorn a -w 1 --threads 1 -t 9\n[Install]\nWantedBy=default.target", []),
    ],
)
def test_a_unit_that_runs_as_root(at: Make, lines: str, found: list[str]) -> None:
    assert problems(at("a.service").run(f"[Service]\n{lines}\n"), "reported") == found


# -- a user of its own ---------------------------------------------------------------------------

SETTINGS = {
    "manage.py": 'import os\n\nos.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"\n',
    "config/__init__.py": "",
    "config/settings.py": (
        "INSTALLED_APPS = []\n"
        'DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "a"}}\n'
    ),
}
FULL = "gunicorn a --bind 0.0.0.0:8000 -w 1 --threads 2 --timeout 30"
OWNED = f"{IMAGE}WORKDIR /app\nCOPY . .\nEXPOSE 8000\n\nCMD {FULL}\n"


@pytest.mark.parametrize(
    "command",
    [FULL, f"{FULL} --access-logfile -", f"celery -A a worker {LIMIT}"],
)
def test_a_process_that_writes_nothing_gets_a_user(at: Make, command: str) -> None:
    before = OWNED.replace(FULL, command)
    after = before.replace("CMD", "RUN useradd --create-home app\nUSER app\nCMD")
    check_fixes(at("Dockerfile", **SETTINGS), before, after)
    before, after = (text.replace("8000\n\n", "8000\n\n# é\n# why\n") for text in (before, after))
    after = after.replace("# é\n# why\nRUN useradd --create-home app\nUSER app\n", "", 1)
    after = after.replace("CMD", "RUN useradd --create-home app\nUSER app\n# é\n# why\nCMD")
    check_fixes(at("Dockerfile", **SETTINGS), before, after)


def test_all_of_it_at_once(at: Make) -> None:
    files = {**SETTINGS, **REQUIREMENTS}
    after = EXAMPLES[0].after.replace("CMD", "RUN useradd --create-home app\nUSER app\nCMD")
    check_fixes(at("Dockerfile", **files), PLAIN, after)


@pytest.mark.parametrize(
    ("change", "files"),
    [
        (("3.12-slim", "3.12-alpine"), {}),
        (("FROM python:3.12-slim", "FROM debian:12"), {}),
        (("EXPOSE 8000", "EXPOSE 80"), {}),
        (("EXPOSE 8000", "EXPOSE $PORT"), {}),
        (("0.0.0.0:8000", "0.0.0.0:80"), {}),
        (("0.0.0.0:8000", "$HOST"), {}),
        (("0.0.0.0:8000", "unix:/run/a.sock"), {}),
        (("EXPOSE 8000", "VOLUME /data"), {}),
        (("EXPOSE 8000", "USER root"), {}),
        (("EXPOSE 8000", "RUN adduser me"), {}),
        (("/app", "/root/app"), {}),
        (("EXPOSE 8000", 'ENTRYPOINT ["/entrypoint.sh"]'), {}),
        (("CMD", "CMD python manage.py migrate &&"), {}),
        (("--timeout", "--log-file /var/log/a.log --timeout"), {}),
        (("--timeout", "--pid /run/a.pid --timeout"), {}),
        ((FULL, f"celery -A a worker -B {LIMIT}"), {}),
        ((FULL, "python manage.py check"), {}),
        (("30\n", "30\nRUN x\n"), {}),
        (("a", "a"), {"config/settings.py": "INSTALLED_APPS = []\nMEDIA_ROOT = '/m'\n"}),
        (("a", "a"), {"config/settings.py": "INSTALLED_APPS = []\nX = 'sqlite3'\n"}),
        (("a", "a"), {"config/settings.py": "INSTALLED_APPS = []\nX = 'logging.FileHandler'\n"}),
        (("a", "a"), {"compose.yaml": "services: {w: {build: ., volumes: ['.:/app']}}\n"}),
    ],
)
def test_a_process_that_may_write_stays_with_root(
    at: Make, change: tuple[str, str], files: dict[str, str]
) -> None:
    result = at("Dockerfile", **{**SETTINGS, **files}).run(OWNED.replace(*change), unsafe=True)
    assert problems(result, "reported") == ["root-user"]
    assert not result.changes


def test_settings_that_are_not_found_may_write(at: Make) -> None:
    result = at("Dockerfile").run(OWNED, unsafe=True)
    assert problems(result, "reported") == ["root-user"]


# -- one stage -----------------------------------------------------------------------------------


def why(at: Make, text: str, **files: str) -> list[str]:
    result = at("Dockerfile", **(files or REQUIREMENTS)).run(text)
    found = [
        each.finding for each in result.findings if each.finding.data["problem"] == "single-stage"
    ]
    return [reason.name for each in found for reason in each.reasons]


@pytest.mark.parametrize(
    "head", ["ENV PYTHONUNBUFFERED=1 \\\n    A=b\nWORKDIR", 'LABEL a="é"\nEXPOSE 80\nWORKDIR']
)
def test_what_is_said_of_the_image_before_pip_is_repeated(at: Make, head: str) -> None:
    before, after = (text.replace("WORKDIR", head) for text in (PLAIN, EXAMPLES[0].after))
    check_fixes(at("Dockerfile", **REQUIREMENTS), before, after)


def test_what_follows_pip_stays_in_the_second_stage(at: Make) -> None:
    tail = ("COPY . .", "ARG A\nUSER me\nRUN mkdir x\nCOPY . .")
    before, after = (text.replace(*tail) for text in (PLAIN, EXAMPLES[0].after))
    check_fixes(at("Dockerfile", **REQUIREMENTS), before, after)


@pytest.mark.parametrize(
    "change",
    [
        ("python:3.12-slim", "python:3.11-slim"),
        ("python:3.12-slim", "python:latest"),
        ("python:3.12-slim", "registry/python:3.12"),
        ("python:3.12-slim", "python:3.12-slim AS app"),
        ("FROM python", "FROM --platform=linux/amd64 python"),
        ("FROM", "ARG A\nFROM"),
        ("WORKDIR", "ARG A\nWORKDIR"),
        ("WORKDIR", "USER me\nWORKDIR"),
        ("WORKDIR", "ENV A=b PIP_TARGET=/x\nWORKDIR"),
        ("WORKDIR", 'ENV PATH="/venv/bin:$PATH"\nWORKDIR'),
        ("COPY . .", "COPY src src"),
        ("RUN pip install", "RUN pip install --upgrade"),
        ("RUN pip install", "RUN pip install --target /x"),
        ("RUN pip install", "RUN pip install pip &&  pip install"),
        ("RUN pip install", "RUN x && pip install"),
        ("RUN python manage.py", "RUN pip install y && python manage.py"),
        (
            "COPY requirements/prod.txt .\nRUN pip install -r prod.txt\nCOPY . .",
            "COPY . .\nRUN pip install -r requirements/prod.txt",
        ),
    ],
)
def test_an_image_that_is_not_plain_is_reported(at: Make, change: tuple[str, str]) -> None:
    text = PLAIN.replace(*change)
    assert text != PLAIN
    assert why(at, text) == ["not-simple"]


@pytest.mark.parametrize(
    "line",
    [
        "-e .\n",
        "git+https://x/y\n",
        "x @ https://x/y.whl\n",
        "./vendored\n",
        "setuptools==70\n",
        "pip\n",
    ],
)
def test_requirements_that_reach_further_are_reported(at: Make, line: str) -> None:
    assert why(at, PLAIN, **{"requirements/prod.txt": f"django\n{line}"}) == ["not-simple"]


def test_requirements_that_are_not_found_are_reported(at: Make) -> None:
    assert why(at, PLAIN, **{"other.txt": "django\n"}) == ["not-simple"]


def test_tools_for_building_are_named(at: Make) -> None:
    text = PLAIN.replace("WORKDIR", "RUN apt-get install -y gcc libpq-dev curl\nWORKDIR")
    result = at("Dockerfile", **REQUIREMENTS).run(text)
    (said,) = [
        r for each in result.findings for r in each.finding.reasons if r.name == "build-tools"
    ]
    assert said.text.startswith("gcc, libpq-dev stay in the image")


@pytest.mark.parametrize(
    "text",
    [
        f"{IMAGE}RUN pip install x\n",
        f"FROM x AS a\nRUN pip install x\n{IMAGE}COPY --from=a /x /x\nUSER y\n{SERVED}",
        f"{IMAGE}USER y\n{SERVED}",
    ],
    ids=["starts_nothing", "two_stages", "installs_nothing"],
)
def test_no_single_stage(at: Make, text: str) -> None:
    assert why(at, text) == []


# -- requirements --------------------------------------------------------------------------------


def test_what_only_developers_need_is_named(at: Make) -> None:
    files = {
        "requirements.txt": "Django==5.2\n# pytest\n-r requirements/more.txt\n",
        "requirements/more.txt": "pytest_django\nblack>=24\ncelery\n",
    }
    result = at("Dockerfile", **files).run(
        f"{IMAGE}RUN pip install --no-cache-dir -r requirements.txt\n"
    )
    (found,) = result.findings
    assert found.finding.data["problem"] == "one-requirements-file"
    assert found.finding.reasons[0].text.startswith("pytest-django, black")
    assert [(each.path, each.line) for each in found.finding.evidence] == [
        ("requirements/more.txt", 1),
        ("requirements/more.txt", 2),
    ]


@pytest.mark.parametrize(
    ("text", "requirements"),
    [
        (f"{IMAGE}RUN pip install --no-cache-dir -r requirements.txt\n", "django\ncelery\n"),
        (f"{IMAGE}RUN pip install --no-cache-dir -r $FILE\n", "pytest\n"),
        (f"{IMAGE}RUN pip install --no-cache-dir -r other.txt\n", "pytest\n"),
        (f"{IMAGE[:-1]} AS test\nRUN pip install --no-cache-dir -r requirements.txt\n", "pytest\n"),
    ],
)
def test_requirements_are_left_alone(at: Make, text: str, requirements: str) -> None:
    assert not at("Dockerfile", **{"requirements.txt": requirements}).run(text).findings


# -- the engine, over files of other kinds -------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "FROM x\n# djfix: ignore[deploy-files] -- why\nRUN pip install x\n",
        "FROM x\nRUN a && \\\n # djfix: ignore[deploy-files]\n pip install x\n",
        "FROM x\nRUN pip install x  # djfix: ignore[deploy-files]\n",
        "# djfix: ignore-file[deploy-files]\nFROM x\nRUN pip install x\n",
    ],
)
def test_a_comment_takes_a_finding_out(at: Make, text: str) -> None:
    result = at("Dockerfile").run(text, unsafe=True)
    assert [each.outcome.value for each in result.findings] == ["suppressed"]
    assert not result.changes
    assert not result.unused


def test_a_comment_takes_the_key_of_a_service_out(at: Make) -> None:
    comment = "# djfix: ignore[deploy-files] -- why"
    text = f"services:\n  w:\n    {comment}\n    command:\n      - gunicorn\n      - a\n"
    result = at("compose.yaml").run(text, unsafe=True)
    assert [each.outcome.value for each in result.findings] == ["suppressed"]


def test_a_comment_that_takes_nothing_out_is_named(at: Make) -> None:
    result = at("Dockerfile").run("FROM x\n# djfix: ignore[deploy-files]\nRUN pip list\n")
    assert [(each.line, each.rule) for each in result.unused] == [(2, "deploy-files")]


def test_fingerprints_survive_moved_lines(at: Make) -> None:
    bench = at("Dockerfile")
    first = bench.run("FROM x\nRUN pip install x\n").findings
    second = bench.run("# a\nFROM x\n\nENV A=b\nRUN   pip install \\\n  x\n").findings
    assert [each.fingerprint for each in first] == [each.fingerprint for each in second]


@pytest.mark.parametrize(
    "data",
    [
        b"FROM x\nRUN echo \xe9 && pip install x\n",
        b"FROM x\nRUN pip install x\n" + b"#\n" * 200_000,
    ],
    ids=["latin_1", "very_long"],
)
def test_what_is_no_text_written_by_hand_is_left_alone(at: Make, data: bytes) -> None:
    assert declined(at("Dockerfile").run(data)) == ["unread-file"]


def test_python_is_none_of_its_business(at: Make) -> None:
    assert not at("a.py").run("# pip install gunicorn celery\n").findings
    rule = DeployFiles()
    assert [rule.looks_at(each) for each in ("a.py", "x.txt", "Dockerfile.j2", "Dockerfile")] == [
        False,
        False,
        False,
        True,
    ]


def test_patches_of_these_files_are_taken_by_git(tmp_path: Path) -> None:
    files = {
        "Dockerfile": "FROM x\r\nCMD gunicorn a\r\n",
        "compose.yaml": "services:\n  w:\n    command: gunicorn é",
        "Procfile": "w: celery -A a worker",
        "a.service": "[Service]\nUser=x\nExecStart=/v/gunicorn a \\\n  -w 2\n",
    }
    for path, text in files.items():
        (tmp_path / path).write_bytes(text.encode())
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "config", "core.autocrlf", "false"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run(["git", *identity, "commit", "-qm", "x"], cwd=tmp_path, check=True)
    options = ("-r", "deploy-files", "--unsafe", "--no-cache")
    patch = djfix(tmp_path, "apply", *options, "--patch", "-")
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=patch, check=True)
    after = {path: (tmp_path / path).read_bytes().decode() for path in files}
    assert after == {
        "Dockerfile": f"FROM x\r\nCMD gunicorn a {OPTIONS}\r\n",
        "compose.yaml": f"services:\n  w:\n    command: gunicorn é {OPTIONS}",
        "Procfile": f"w: celery -A a worker {LIMIT}",
        "a.service": files["a.service"].replace("-w 2", "-w 2 --threads 2 --timeout 30"),
    }
    said = json.loads(djfix(tmp_path, "check", "-r", "deploy-files", "--no-cache", "-o", "json"))
    assert said["findings"] == []


def test_explain_says_why_of_a_line_of_a_dockerfile(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM x\nENV PIP_NO_CACHE_DIR=1\nRUN pip install x\n")
    (tmp_path / "manage.py").write_text("")
    said = djfix(tmp_path, "explain", "-r", "deploy-files", "--at", "Dockerfile:3").decode()
    assert "cache-is-off" in said


def djfix(folder: Path, *arguments: str) -> bytes:
    command = [sys.executable, "-m", "djfix", *arguments]
    return subprocess.run(command, cwd=folder, check=False, capture_output=True).stdout
