"""SQLite in memory, or the PostgreSQL that the environment names."""

import os

SECRET_KEY = "a-test-holds-no-secrets"
DEBUG = False
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "rest_framework",
    "people",
    "catalog",
]
ROOT_URLCONF = "config.urls"
AUTH_USER_MODEL = "people.User"
MIGRATION_MODULES = {"auth": None, "contenttypes": None}

if "TEST_DATABASE" in os.environ:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": os.environ["TEST_DATABASE"],
            "HOST": os.environ.get("TEST_HOST", ""),
            "PORT": os.environ.get("TEST_PORT", ""),
            "USER": "postgres",
        }
    }
else:
    DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "UNAUTHENTICATED_USER": None,
}
