"""The rule's examples: they feed its tests, `djfix explain conn-max-age` and its docs page."""

from djfix.codemods.rule import Example

PATH = "config/settings/production.py"

BASE = """\
INSTALLED_APPS = ["shop"]
ROOT_URLCONF = "config.urls"
SECRET_KEY = read_secret_key()
"""

FILES = (
    (
        "manage.py",
        'import os\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")\n',
    ),
    ("config/__init__.py", ""),
    ("config/settings/__init__.py", ""),
    ("config/settings/base.py", BASE),
    ("config/settings/dev.py", "from .base import *\n\nDEBUG = True\n"),
    ("shop/__init__.py", ""),
)

DICT = """\
import os

from .base import *

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "shop",
        "PASSWORD": os.environ["DATABASE_PASSWORD"],
    }
}
"""

URL = """\
import dj_database_url

from .base import *

DATABASES = {"default": dj_database_url.config(default="postgres:///shop")}
"""

READER = """\
import environ

from .base import *

env = environ.Env()
DATABASES = {"default": env.db("DATABASE_URL")}
"""

EXAMPLES = (
    Example(
        "A dict",
        DICT,
        DICT.replace(
            '_PASSWORD"],\n',
            '_PASSWORD"],\n        "CONN_MAX_AGE": 600,\n        "CONN_HEALTH_CHECKS": True,\n',
        ),
        PATH,
        FILES,
    ),
    Example(
        "A URL, read by dj_database_url",
        URL,
        URL.replace(
            'dj_database_url.config(default="postgres:///shop")}',
            (
                "dj_database_url.config(\n"
                '    default="postgres:///shop",\n'
                "    conn_max_age=600,\n"
                "    conn_health_checks=True,\n"
                ")}"
            ),
        ),
        PATH,
        FILES,
    ),
    Example(
        "A URL, read by django-environ",
        READER,
        READER
        + 'DATABASES["default"]["CONN_MAX_AGE"] = 600\n'
        + 'DATABASES["default"]["CONN_HEALTH_CHECKS"] = True\n',
        PATH,
        FILES,
    ),
    Example(
        "Behind PgBouncer (left alone)",
        DICT.replace('"NAME"', '"PORT": 6432,\n        "NAME"'),
        DICT.replace('"NAME"', '"PORT": 6432,\n        "NAME"'),
        PATH,
        FILES,
    ),
)
