"""On a real PostgreSQL: how many connections requests open, before `conn-max-age` and after it.

Each request goes through Django's WSGI handler, and says which process of the server answered it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

pytest.importorskip("psycopg_pool")

SETTINGS = """\
import os

SECRET_KEY = "a-test-holds-no-secrets"
DEBUG = False
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = []
MIDDLEWARE = []
ROOT_URLCONF = "urls"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": os.environ["TEST_DATABASE"],
        "HOST": os.environ["TEST_HOST"],
        "PORT": os.environ["TEST_PORT"],
        "USER": "postgres",
    }
}
"""

URLS = """\
from django.db import connection
from django.http import HttpResponse
from django.urls import path


def which(request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return HttpResponse(str(cursor.fetchone()[0]))


urlpatterns = [path("", which)]
"""

SERVING = """\
import json
import os
import sys
import threading

import django
import psycopg

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
django.setup()

from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory

handler = WSGIHandler()
seen = []


def request():
    response = handler(RequestFactory().get("/").environ, lambda status, headers: None)
    assert response.status_code == 200, response.content
    seen.append(int(response.content))
    response.close()


def requests(count):
    for _ in range(count):
        request()


threads, count = json.loads(sys.argv[1])
running = [threading.Thread(target=requests, args=(count,)) for _ in range(threads)]
for each in running:
    each.start()
for each in running:
    each.join()
# What is asked now is asked by another connection, while those of the requests are as they were.
environ = os.environ
with psycopg.connect(
    dbname=environ["TEST_DATABASE"], host=environ["TEST_HOST"], port=environ["TEST_PORT"] or None,
    user="postgres",
) as other:
    open_now = other.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE pid = ANY(%s)", [seen]
    ).fetchone()[0]
print(json.dumps([len(seen), len(set(seen)), open_now]), flush=True)
os._exit(0)
"""

FORMS = {
    "before": (),
    "kept": ("--set", "conn-max-age.max-connections-checked=true"),
    "pool": ("--set", "conn-max-age.pool=true"),
}


@dataclass(frozen=True)
class Counted:
    """Requests that were answered, connections that answered them, and those that are open yet."""

    requests: int
    connections: int
    left_open: int


@pytest.fixture
def counted(
    tmp_path: Path, new_database: Callable[[], dict[str, str]]
) -> Callable[[str, int, int], Counted]:
    """Serves so many requests in each of so many threads, with the settings of a form."""

    def count(form: str, threads: int, requests: int) -> Counted:
        texts = {
            "settings.py": SETTINGS,
            "urls.py": URLS,
            "serving.py": SERVING,
            "requirements.txt": "Django==5.2.1\n",
            "manage.py": 'import os\n\nos.environ["DJANGO_SETTINGS_MODULE"] = "settings"\n',
        }
        for name, text in texts.items():
            (tmp_path / name).write_text(text)
        if FORMS[form]:
            command = [sys.executable, "-m", "djfix", "apply", "--no-stage", "--unsafe"]
            run(tmp_path, [*command, "-r", "conn-max-age", *FORMS[form]], {})
            assert (tmp_path / "settings.py").read_text() != SETTINGS
        arguments = json.dumps([threads, requests])
        command = [sys.executable, "-B", "serving.py", arguments]
        return Counted(*json.loads(run(tmp_path, command, new_database())))

    return count


def run(folder: Path, command: list[str], more: dict[str, str]) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **more},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_each_request_opens_a_connection_before(counted: Callable[..., Counted]) -> None:
    found = counted("before", 1, 20)
    assert (found.requests, found.connections) == (20, 20)


def test_kept_connection_answers_all_requests_of_a_thread(counted: Callable[..., Counted]) -> None:
    assert counted("kept", 1, 20) == Counted(20, 1, 1)


def test_pool_answers_all_requests_by_few_connections(counted: Callable[..., Counted]) -> None:
    found = counted("pool", 1, 20)
    assert found.requests == 20
    assert found.connections <= 4


def test_each_thread_keeps_a_connection_of_its_own(counted: Callable[..., Counted]) -> None:
    kept = counted("kept", 12, 4)
    assert (kept.requests, kept.connections) == (48, 12)


def test_pool_serves_many_threads_by_four_connections(counted: Callable[..., Counted]) -> None:
    found = counted("pool", 12, 4)
    assert found.requests == 48
    assert found.left_open <= 4
    assert found.connections <= 4
