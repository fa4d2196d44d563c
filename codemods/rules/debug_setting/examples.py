"""The rule's examples: they feed its tests, `djfix explain debug-setting` and its docs page."""

from djfix.codemods.rule import Example

PATH = "config/settings/production.py"

BASE = """\
INSTALLED_APPS = ["shop"]
ROOT_URLCONF = "config.urls"
MIDDLEWARE = []
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

DEBUG = """\
import os

from .base import *

DEBUG = True
ALLOWED_HOSTS = os.environ["ALLOWED_HOSTS"].split(",")
"""

READ = 'os.environ.get("DJANGO_DEBUG", "True").lower() in {"1", "true", "yes", "on"}'

PARSED = """\
import os

from .base import *

DEBUG = bool(os.environ.get("DEBUG", False))
"""

SECRET = """\
from .base import *

SECRET_KEY = "an-example-holds-no-secrets"
"""

EXAMPLES = (
    Example(
        "DEBUG from the environment",
        DEBUG,
        DEBUG.replace("DEBUG = True", f"DEBUG = {READ}"),
        PATH,
        FILES,
    ),
    Example(
        'A variable that is true when it holds "False" (for review)',
        PARSED,
        PARSED.replace(
            'bool(os.environ.get("DEBUG", False))',
            'os.environ.get("DEBUG", "False").lower() in {"1", "true", "yes", "on"}',
        ),
        PATH,
        FILES,
    ),
    Example("A key in the source (reported)", SECRET, SECRET, PATH, FILES),
)
