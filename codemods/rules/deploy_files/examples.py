"""Before and after of `deploy-files`."""

from __future__ import annotations

from djfix.codemods.rule import Example

_REQUIREMENTS = (("requirements/prod.txt", "django==5.2\ngunicorn==23.0\n"),)

EXAMPLES = (
    Example(
        "an image of one stage",
        """\
FROM python:3.12-slim
WORKDIR /app
COPY requirements/prod.txt .
RUN pip install -r prod.txt
COPY . .
RUN python manage.py collectstatic --noinput
EXPOSE 8000
CMD ["gunicorn", "config.wsgi:application", "--bind", "0.0.0.0:8000"]
""",
        """\
FROM python:3.12-slim AS builder
WORKDIR /app
COPY requirements/prod.txt .
RUN pip install --no-cache-dir -r prod.txt

FROM python:3.12-slim
WORKDIR /app
COPY --from=builder /usr/local /usr/local
COPY . .
RUN python manage.py collectstatic --noinput
EXPOSE 8000
CMD ["gunicorn", "config.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "4", \
"--threads", "2", "--timeout", "30"]
""",
        path="Dockerfile",
        files=_REQUIREMENTS,
    ),
    Example(
        "a worker of Celery in a Procfile",
        """\
web: gunicorn config.wsgi --bind 0.0.0.0:$PORT
worker: celery -A config worker -Q payments --concurrency 2
""",
        """\
web: gunicorn config.wsgi --bind 0.0.0.0:$PORT --threads 2 --timeout 30
worker: celery -A config worker -Q payments --concurrency 2 --max-tasks-per-child 1000
""",
        path="Procfile",
    ),
    Example(
        "a file for development",
        """\
services:
  web:
    command: gunicorn config.wsgi --reload
""",
        """\
services:
  web:
    command: gunicorn config.wsgi --reload
""",
        path="compose.yaml",
    ),
)
