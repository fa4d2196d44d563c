"""What known libraries do when they are called, and the exceptions by which it fails.

Names are as `Things` makes them: `requests.Session().get` is "requests.Session.get"; what a
library's call returns goes by the call's own name, so `boto3.client("s3").put_object` is
"boto3.client.put_object". A pattern ends in `*`; the longest that fits holds.
"""

from __future__ import annotations

import builtins
import sys
from dataclasses import dataclass
from fnmatch import fnmatchcase

from djfix.codemods.inference.bodies.values import ActKind

REQUESTS = ("requests.exceptions.ConnectionError", "requests.exceptions.Timeout")
"""https://requests.readthedocs.io/en/latest/user/quickstart/#errors-and-exceptions: all others but
HTTPError are mistakes of the caller, which no second try mends."""
HTTPX = ("httpx.TransportError",)
"""https://www.python-httpx.org/exceptions/: what fails on the way, timeouts included."""
URLLIB = ("urllib.error.URLError", "TimeoutError")
"""https://docs.python.org/3/library/urllib.request.html#urllib.request.urlopen; a timeout while the
answer is read is the socket's own (since 3.10 the builtin TimeoutError)."""
URLLIB3 = ("urllib3.exceptions.HTTPError",)
BOTO = ("botocore.exceptions.BotoCoreError", "botocore.exceptions.ClientError")
"""https://boto3.amazonaws.com/v1/documentation/api/latest/guide/error-handling.html: two trees."""
SMTP = ("smtplib.SMTPException", "ConnectionError", "TimeoutError")
"""https://docs.python.org/3/library/smtplib.html; what the socket raises passes through."""
REDIS = ("redis.exceptions.ConnectionError", "redis.exceptions.TimeoutError")
"""https://redis.readthedocs.io/en/stable/exceptions.html"""
FTP = ("ftplib.Error", "ConnectionError", "TimeoutError")
PARAMIKO = ("paramiko.SSHException", "ConnectionError", "TimeoutError")
ELASTIC = ("elasticsearch.ConnectionError", "elasticsearch.ConnectionTimeout")
GOOGLE = ("google.api_core.exceptions.GoogleAPICallError",)
MONGO = ("pymongo.errors.ConnectionFailure",)
LDAP = ("ldap.SERVER_DOWN",)
SLACK = ("slack_sdk.errors.SlackApiError",)
TWILIO = ("twilio.base.exceptions.TwilioException",)
SOCKET = ("ConnectionError", "TimeoutError")

BASES: dict[str, tuple[str, ...]] = {
    "requests.exceptions.RequestException": ("OSError",),
    "requests.exceptions.HTTPError": ("requests.exceptions.RequestException",),
    "requests.exceptions.ConnectionError": ("requests.exceptions.RequestException",),
    "requests.exceptions.Timeout": ("requests.exceptions.RequestException",),
    "httpx.TransportError": ("httpx.RequestError",),
    "httpx.HTTPStatusError": ("httpx.HTTPError",),
    "httpx.RequestError": ("httpx.HTTPError",),
    "httpx.HTTPError": ("Exception",),
    "urllib.error.URLError": ("OSError",),
    "urllib.error.HTTPError": ("urllib.error.URLError",),
    "urllib3.exceptions.HTTPError": ("Exception",),
    "botocore.exceptions.BotoCoreError": ("Exception",),
    "botocore.exceptions.ClientError": ("Exception",),
    "ftplib.Error": ("Exception",),
    "smtplib.SMTPException": ("OSError",),
    "redis.exceptions.ConnectionError": ("redis.exceptions.RedisError",),
    "redis.exceptions.TimeoutError": ("redis.exceptions.RedisError",),
    "redis.exceptions.RedisError": ("Exception",),
    "ConnectionError": ("OSError",),
    "TimeoutError": ("OSError",),
    "OSError": ("Exception",),
    "Exception": ("BaseException",),
    "google.api_core.exceptions.GoogleAPICallError": ("Exception",),
    "elasticsearch.ConnectionTimeout": ("Exception",),
    "elasticsearch.ConnectionError": ("Exception",),
    "paramiko.SSHException": ("Exception",),
    "pymongo.errors.ConnectionFailure": ("pymongo.errors.PyMongoError",),
    "pymongo.errors.PyMongoError": ("Exception",),
    "slack_sdk.errors.SlackApiError": ("Exception",),
    "twilio.base.exceptions.TwilioException": ("Exception",),
    "ldap.SERVER_DOWN": ("ldap.LDAPError",),
    "ldap.LDAPError": ("Exception",),
}
"""The direct bases of the exceptions above, as their libraries declare them."""

_SAME = {
    "IOError": "OSError",
    "EnvironmentError": "OSError",
    "socket.error": "OSError",
    "socket.timeout": "TimeoutError",
    "paramiko.ssh_exception.SSHException": "paramiko.SSHException",
    "urllib.error.ContentTooShortError": "urllib.error.URLError",
    "elasticsearch.exceptions.ConnectionError": "elasticsearch.ConnectionError",
    "elasticsearch.exceptions.ConnectionTimeout": "elasticsearch.ConnectionTimeout",
    "botocore.errorfactory.ClientError": "botocore.exceptions.ClientError",
    "celery.exceptions.SoftTimeLimitExceeded": "billiard.exceptions.SoftTimeLimitExceeded",
}

SOFT_TIME_LIMIT = "billiard.exceptions.SoftTimeLimitExceeded"


def canonical_exception(name: str) -> str:
    """One name for an exception that goes by several."""
    bare = name.removeprefix("builtins.")
    if bare in _SAME:
        return _SAME[bare]
    package, _, last = bare.rpartition(".")
    if package in {"requests", "redis", "requests.models", "redis.client"}:
        return f"{package.partition('.')[0]}.exceptions.{last}"
    if package.startswith("httpx."):
        return f"httpx.{last}"
    return bare


@dataclass(frozen=True, slots=True)
class Known:
    """What a call of a library does. `timeout`: "keyword" where one may be given and none holds by
    itself, "default" where the library has its own, "" where none can be given."""

    kind: ActKind
    exceptions: tuple[str, ...] = ()
    timeout: str = ""
    repeatable: bool | None = None


_GET = Known("network", REQUESTS, "keyword", True)
_SEND = Known("network", REQUESTS, "keyword", False)
_HTTPX_GET = Known("network", HTTPX, "default", True)
_HTTPX_SEND = Known("network", HTTPX, "default", False)
_MAIL = Known("mail", SMTP, repeatable=False)
_PAYMENT = Known("payment", repeatable=False)
_PROCESS = Known("process")

_REPEATED = ("get", "head", "options", "put", "delete")
"""https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2: what may be sent again."""


def _http(prefixes: tuple[str, ...], safe: Known, other: Known) -> dict[str, Known]:
    found = {f"{prefix}.{verb}": safe for prefix in prefixes for verb in _REPEATED}
    found |= {f"{prefix}.{verb}": other for prefix in prefixes for verb in ("post", "patch")}
    return found | {f"{prefix}.request": other for prefix in prefixes}


TABLE: dict[str, Known] = {
    **_http(("requests", "requests.Session", "requests.session"), _GET, _SEND),
    **_http(("requests.sessions.Session", "requests.api"), _GET, _SEND),
    "requests.Session.send": _SEND,
    **_http(("httpx", "httpx.Client"), _HTTPX_GET, _HTTPX_SEND),
    "httpx.stream": _HTTPX_SEND,
    "httpx.Client.stream": _HTTPX_SEND,
    "urllib.request.urlopen": Known("network", URLLIB, "keyword"),
    "urllib.request.urlretrieve": Known("network", URLLIB, "", True),
    "urllib3.PoolManager.request": Known("network", URLLIB3, "keyword"),
    "urllib3.request": Known("network", URLLIB3, "keyword"),
    "boto3.client.get_*": Known("network", BOTO, "default", True),
    "boto3.client.list_*": Known("network", BOTO, "default", True),
    "boto3.client.head_*": Known("network", BOTO, "default", True),
    "boto3.client.describe_*": Known("network", BOTO, "default", True),
    "boto3.client.put_object": Known("network", BOTO, "default", True),
    "boto3.client.upload_*": Known("network", BOTO, "default", True),
    "boto3.client.download_*": Known("network", BOTO, "default", True),
    "boto3.client.delete_*": Known("network", BOTO, "default", True),
    "boto3.client.copy*": Known("network", BOTO, "default", True),
    "boto3.client.send_*": Known("mail", BOTO, "default", False),
    "boto3.client.publish": Known("mail", BOTO, "default", False),
    "boto3.client.*": Known("network", BOTO, "default"),
    "boto3.resource.*": Known("network", BOTO, "default"),
    "boto3.Session.*": Known("network", BOTO, "default"),
    "smtplib.SMTP": Known("network", SMTP, "keyword", True),
    "smtplib.SMTP_SSL": Known("network", SMTP, "keyword", True),
    "smtplib.SMTP.send*": _MAIL,
    "smtplib.SMTP_SSL.send*": _MAIL,
    "django.core.mail.send_mail": _MAIL,
    "django.core.mail.send_mass_mail": _MAIL,
    "django.core.mail.mail_admins": _MAIL,
    "django.core.mail.mail_managers": _MAIL,
    "django.core.mail.EmailMessage.send": _MAIL,
    "django.core.mail.EmailMultiAlternatives.send": _MAIL,
    "django.core.mail.message.EmailMessage.send": _MAIL,
    "django.core.mail.message.EmailMultiAlternatives.send": _MAIL,
    "django.core.mail.get_connection.send_messages": _MAIL,
    "post_office.mail.send": _MAIL,
    "templated_email.send_templated_mail": _MAIL,
    "anymail.message.AnymailMessage.send": _MAIL,
    "twilio.rest.Client.*": Known("mail", TWILIO, repeatable=False),
    "twilio.rest.TwilioRestClient.*": Known("mail", TWILIO, repeatable=False),
    "sendgrid.SendGridAPIClient.*": Known("mail", repeatable=False),
    "slack_sdk.WebClient.chat_*": Known("mail", SLACK, repeatable=False),
    "slack_sdk.WebClient.*": Known("network", SLACK),
    "slack_sdk.web.client.WebClient.chat_*": Known("mail", SLACK, repeatable=False),
    "firebase_admin.messaging.*": Known("mail", repeatable=False),
    "pywebpush.webpush": Known("mail", repeatable=False),
    "telegram.Bot.send_*": Known("mail", repeatable=False),
    "stripe.*.retrieve": Known("network", (), "default", True),
    "stripe.*.list": Known("network", (), "default", True),
    "stripe.*.search": Known("network", (), "default", True),
    "stripe.*": _PAYMENT,
    "braintree.*": _PAYMENT,
    "paypalrestsdk.*": _PAYMENT,
    "razorpay.*": _PAYMENT,
    "adyen.*": _PAYMENT,
    "Adyen.*": _PAYMENT,
    "mollie.*": _PAYMENT,
    "square.*": _PAYMENT,
    "payments.*": _PAYMENT,
    "redis.Redis.incr*": Known("delta", REDIS, repeatable=False),
    "redis.Redis.decr*": Known("delta", REDIS, repeatable=False),
    "redis.Redis.hincr*": Known("delta", REDIS, repeatable=False),
    "redis.Redis.?push*": Known("create", REDIS, repeatable=False),
    "redis.Redis.publish": Known("create", REDIS, repeatable=False),
    "redis.Redis.xadd": Known("create", REDIS, repeatable=False),
    "redis.Redis.lock": Known("lock", REDIS),
    "redis.Redis.*": Known("network", REDIS, repeatable=True),
    "ftplib.FTP": Known("network", FTP, "keyword", True),
    "ftplib.FTP.*": Known("network", FTP),
    "ftplib.FTP_TLS.*": Known("network", FTP),
    "paramiko.SSHClient.connect": Known("network", PARAMIKO, "keyword", True),
    "paramiko.*": Known("network", PARAMIKO),
    "pysftp.*": Known("network", PARAMIKO),
    "elasticsearch.Elasticsearch.*": Known("network", ELASTIC, "default"),
    "elasticsearch.helpers.*": Known("network", ELASTIC, "default"),
    "opensearchpy.*": Known("network"),
    "google.cloud.*": Known("network", GOOGLE),
    "googleapiclient.*": Known("network"),
    "pymongo.MongoClient.*": Known("network", MONGO),
    "ldap.initialize.*": Known("network", LDAP),
    "ldap3.*": Known("network"),
    "azure.*": Known("network"),
    "openai.*": Known("network"),
    "anthropic.*": Known("network"),
    "docker.*": Known("network"),
    "kubernetes.*": Known("network"),
    "hvac.*": Known("network"),
    "github.*": Known("network"),
    "gitlab.*": Known("network"),
    "feedparser.parse": Known("network", (), "", True),
    "zeep.*": Known("network"),
    "suds.*": Known("network"),
    "xmlrpc.client.*": Known("network", SOCKET),
    "socket.create_connection": Known("network", SOCKET, "keyword"),
    "socket.create_connection.*": Known("network", SOCKET),
    "socket.socket.*": Known("network", SOCKET),
    "imaplib.*": Known("network", SOCKET),
    "poplib.*": Known("network", SOCKET),
    "kombu.*": Known("network"),
    "subprocess.*": _PROCESS,
    "os.system": _PROCESS,
    "os.popen": _PROCESS,
    "django.core.management.call_command": _PROCESS,
    "time.sleep": Known("sleep", repeatable=True),
    "asyncio.sleep": Known("sleep", repeatable=True),
    "gevent.sleep": Known("sleep", repeatable=True),
    "eventlet.sleep": Known("sleep", repeatable=True),
    "django.core.cache.cache.lock": Known("lock"),
    "django.core.cache.cache.add": Known("lock", repeatable=True),
    "django.core.cache.cache.delete*": Known("write", repeatable=True),
    "django.core.cache.cache.incr": Known("delta", repeatable=False),
    "django.core.cache.cache.decr": Known("delta", repeatable=False),
    "redis.lock.Lock": Known("lock"),
    "os.remove": Known("delete", repeatable=None),
    "os.unlink": Known("delete", repeatable=None),
    "os.rename": Known("file", repeatable=None),
    "os.makedirs": Known("file", repeatable=None),
    "shutil.rmtree": Known("delete", repeatable=None),
    "shutil.move": Known("file", repeatable=None),
    "shutil.copy*": Known("file", repeatable=True),
}
"""Calls by name. Timeouts:
https://requests.readthedocs.io/en/latest/user/quickstart/#timeouts (none unless given),
https://www.python-httpx.org/advanced/timeouts/ (5 s), botocore's Config (60 s), the client of
https://docs.stripe.com/api (80 s), smtplib and urllib (the socket's)."""

_ALIASES = {
    "redis.StrictRedis": "redis.Redis",
    "redis.client.Redis": "redis.Redis",
    "redis.from_url": "redis.Redis",
    "redis.Redis.from_url": "redis.Redis",
    "redis.StrictRedis.from_url": "redis.Redis",
    "django_redis.get_redis_connection": "redis.Redis",
    "requests.session": "requests.Session",
    "requests.sessions.Session": "requests.Session",
    "boto3.session.Session.client": "boto3.client",
    "boto3.Session.client": "boto3.client",
    "boto3.session.Session.resource": "boto3.resource",
    "boto3.Session.resource": "boto3.resource",
    "django.core.cache.caches": "django.core.cache.cache",
}

QUIET = frozenset(
    {
        *("django", "rest_framework.serializers", "rest_framework.renderers", "celery", "pytz"),
        *(
            "dateutil",
            "structlog",
            "sentry_sdk",
            "bs4",
            "lxml",
            "yaml",
            "PIL",
            "markdown",
            "jinja2",
        ),
        *("numpy", "pandas", "openpyxl", "xlrd", "xlsxwriter", "reportlab", "weasyprint", "jwt"),
        *("requests", "httpx", "boto3", "botocore", "redis", "urllib3", "cryptography", "tqdm"),
        *("slugify", "phonenumbers", "babel", "bleach", "isodate", "arrow", "pendulum", "attr"),
        *("pydantic", "newrelic", "opentelemetry", "prometheus_client", "statsd", "filelock"),
        *("django_redis",),
    }
)
"""Modules whose other calls neither reach out nor write: those that do are in the table above."""


_STANDARD = sys.stdlib_module_names - {"importlib", "multiprocessing", "subprocess", "asyncio"}
"""The standard library, of which what reaches out or writes is in the table."""


def known_call(name: str) -> Known | None:
    """What a library's call does; None if no table has it."""
    name = aliased(name)
    exact = TABLE.get(name)
    if exact is not None:
        return exact
    fitting = [key for key in TABLE if key[-1] == "*" and fnmatchcase(name, key)]
    fitting += [key for key in TABLE if ".*." in key and fnmatchcase(name, key)]
    best = max(fitting, key=len, default=None)
    return TABLE[best] if best is not None else None


def aliased(name: str) -> str:
    """The name by which the table has what goes by several."""
    head, _, last = name.rpartition(".")
    if name in _ALIASES:
        return _ALIASES[name]
    return f"{_ALIASES[head]}.{last}" if head in _ALIASES else name


def is_quiet(name: str) -> bool:
    """Whether a resolved name is a builtin, or of a module that neither reaches out nor writes."""
    parts = name.split(".")
    if len(parts) == 1 or parts[0] in _STANDARD or hasattr(builtins, parts[0]):
        return True
    return any(".".join(parts[:count]) in QUIET for count in range(1, len(parts)))
