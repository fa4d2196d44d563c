"""The shop on a server: a real database in place of the file."""

import os

from config.settings import *

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "shop",
        "HOST": os.environ.get("SHOP_DATABASE", "localhost"),
        "USER": os.environ.get("SHOP_DATABASE_USER", "shop"),
        "PASSWORD": os.environ.get("SHOP_DATABASE_PASSWORD"),
    }
}
