"""No secret stands in what any rule says, in any format, wherever in a project secrets stand."""

from __future__ import annotations

from pathlib import Path

import pytest
from shop_project import Shop

SECRET = "canary"

FILES = {
    "config/settings.py": """\
from pathlib import Path
BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = "canaryKEYcanaryKEYcanaryKEYcanaryKEY"
DEBUG = True
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "shop"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "x",
        "USER": "u",
        "PASSWORD": "canaryPASS",
    }
}
CELERY_BROKER_URL = "redis://u:canaryBROKER@h:6379/0"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "redis://:canaryCACHE@h",
    }
}
AWS_SECRET_ACCESS_KEY = "canaryAWS"
SENTRY_DSN = "https://canaryDSN@sentry.io/1"
EMAIL_HOST_PASSWORD = "canaryMAIL"
""",
    "config/celery.py": """\
import os
from celery import Celery
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("config")
app.config_from_object("django.conf:settings", namespace="CELERY")
""",
    "config/wsgi.py": """\
import os
from django.core.wsgi import get_wsgi_application
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()
""",
    "manage.py": """\
import os, sys
def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line
    execute_from_command_line(sys.argv)
main()
""",
    "shop/tasks.py": """\
from celery import shared_task
@shared_task(acks_late=True)
def slow():
    pass
""",
    "requirements.txt": """\
--extra-index-url https://u:canaryINDEX@pypi.example.com/simple
django==5.2
pytest==8
celery
gunicorn
""",
    "Dockerfile": """\
FROM python:3.12-slim
WORKDIR /app
ENV SECRET_KEY=canaryENV DATABASE_URL=postgres://u:canaryURL@db/x
ARG PIP_EXTRA_INDEX_URL=https://u:canaryARG@pypi.example.com
COPY requirements.txt .
RUN pip install --extra-index-url https://u:canaryRUN@pypi.example.com/simple -r requirements.txt
COPY . .
CMD ["gunicorn", "config.wsgi:application"]
""",
    "docker-compose.yml": """\
services:
  worker:
    build: .
    environment:
      SECRET_KEY: canaryCOMP
    command: celery -A config worker -b redis://:canaryCMD@h/0
""",
    "run.sh": """\
export PASSWORD=canarySH
celery -A config worker -b redis://:canarySHB@h/0
""",
    "config/__init__.py": "",
    "shop/__init__.py": "",
}
NAMED = ("split-settings", "deploy-files", "thin-views", "celery-imports")
RULES = tuple(f"-r{name}" for name in ("guide", "orm", "celery", "deploy", *NAMED))


@pytest.fixture
def leaking(tmp_path: Path) -> Shop:
    shop = Shop.made(tmp_path / "leaking")
    shop.git("rm", "-rq", ".")
    for path, text in FILES.items():
        (shop.root / path).parent.mkdir(parents=True, exist_ok=True)
        (shop.root / path).write_text(text)
    shop.git("add", "-A")
    shop.git("commit", "-q", "-m", "Secrets everywhere")
    return shop


@pytest.mark.parametrize("form", ["full", "json"])
def test_a_check_shows_none(leaking: Shop, form: str) -> None:
    ended = leaking.run("check", *RULES, "-o", form, "--show-declined", "--no-cache")
    assert "deploy-files" in ended.out
    assert "split-settings" in ended.out
    assert SECRET not in ended.out + ended.err


def test_an_apply_tells_none(leaking: Shop) -> None:
    ended = leaking.run("apply", *RULES, "--unsafe")
    assert ended.code == 0
    assert "deploy-files" in ended.out + ended.err
    assert SECRET not in ended.out + ended.err


def test_no_explanation_of_a_line_holds_one(leaking: Shop) -> None:
    for path, text in FILES.items():
        for number, line in enumerate(text.splitlines(), 1):
            if SECRET in line:
                ended = leaking.run("explain", "--at", f"{path}:{number}", *RULES)
                assert SECRET not in ended.out + ended.err
