import os

WORK = os.environ.get("WORK_FOLDER", ".")

SECRET_KEY = "only-for-tests"
INSTALLED_APPS = ["shop"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{WORK}/db.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True

CELERY_BROKER_URL = "filesystem://"
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "data_folder_in": f"{WORK}/messages",
    "data_folder_out": f"{WORK}/messages",
    "control_folder": f"{WORK}/control",
    "polling_interval": 0.1,
}
CELERY_RESULT_BACKEND = f"file://{WORK}/results"
CELERY_TASK_TRACK_STARTED = True
