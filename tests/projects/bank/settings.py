"""One PostgreSQL, named by the environment."""

import os

SECRET_KEY = "a-test-holds-no-secrets"
INSTALLED_APPS = ["bank"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": os.environ.get("BANK_DATABASE", "bank"),
        "HOST": os.environ.get("BANK_HOST", ""),
        "PORT": os.environ.get("BANK_PORT", ""),
        "USER": "postgres",
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
