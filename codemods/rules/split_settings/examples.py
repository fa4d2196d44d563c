"""The rule's examples: they feed its tests, `djfix explain split-settings` and its docs page."""

from djfix.codemods.rule import Example

PATH = "config/settings.py"
MANAGE = """\
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
"""
SETTINGS = """\
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
DEBUG = True
ALLOWED_HOSTS = ["shop.example"]
INSTALLED_APPS = ["shop"]
ROOT_URLCONF = "config.urls"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3"}}
"""
FILES = (
    ("config/__init__.py", ""),
    ("config/wsgi.py", MANAGE),
    ("shop/__init__.py", ""),
    (PATH, SETTINGS),
)
SPLIT = "config/settings/base.py"

EXAMPLES = (
    Example(
        "The start script gets its own module; the settings move (for review)",
        MANAGE,
        MANAGE.replace("config.settings", "config.settings.development"),
        "manage.py",
        FILES,
    ),
    Example(
        "A package is left alone",
        SETTINGS.replace(".parent.parent", ".parent.parent.parent"),
        SETTINGS.replace(".parent.parent", ".parent.parent.parent"),
        SPLIT,
        (
            ("config/__init__.py", ""),
            ("config/settings/__init__.py", ""),
            ("manage.py", MANAGE.replace("settings", "settings.base", 1)),
        ),
    ),
)
