import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent

SECRET_KEY = "an-example-holds-no-secrets"
DEBUG = True
ALLOWED_HOSTS = ["*"]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "rest_framework",
    "apps.accounts",
    "apps.books",
    "apps.inventory",
    "apps.orders",
    "apps.wallet",
]

MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
ROOT_URLCONF = "config.urls"
AUTH_USER_MODEL = "accounts.User"

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": BASE_DIR / "db.sqlite3",
    }
}
if "SHOP_DATABASE" in os.environ:
    DATABASES["default"] = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "shop",
        "HOST": os.environ["SHOP_DATABASE"],
        "USER": "shop",
        "PASSWORD": os.environ.get("SHOP_DATABASE_PASSWORD"),
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True

# Without a broker, tasks run where they are sent.
CELERY_BROKER_URL = os.environ.get("SHOP_BROKER", "memory://")
CELERY_TASK_ALWAYS_EAGER = "SHOP_BROKER" not in os.environ
CELERY_TASK_EAGER_PROPAGATES = True

PAYMENT_GATEWAY = os.environ.get("PAYMENT_GATEWAY", "http://localhost:9000/charges")
CATALOGUE = os.environ.get("CATALOGUE", "http://localhost:9000/books")
