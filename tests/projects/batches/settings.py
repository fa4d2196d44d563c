"""One PostgreSQL, named by the environment."""

import os

SECRET_KEY = "a-test-holds-no-secrets"
INSTALLED_APPS = ["batches"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": os.environ.get("TEST_DATABASE", "batches"),
        "HOST": os.environ.get("TEST_HOST", ""),
        "PORT": os.environ.get("TEST_PORT", ""),
        "USER": "postgres",
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
