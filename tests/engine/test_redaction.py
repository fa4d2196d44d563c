"""What is taken out of what is shown."""

from __future__ import annotations

import pytest

from djfix.codemods.engine.redaction import redacted, redacted_data


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('SECRET_KEY = "abc"', 'SECRET_KEY = "<redacted>"'),
        ("SECRET_KEY='it\\'s'", "SECRET_KEY='<redacted>'"),
        ('"PASSWORD": "hunter2",', '"PASSWORD": "<redacted>",'),
        ("os.environ['API_KEY'] = r'x'", "os.environ['API_KEY'] = r'<redacted>'"),
        ("AUTH_TOKEN=abc123 set", "AUTH_TOKEN=<redacted> set"),
        ("SENTRY_DSN = 'https://a@b/1'", "SENTRY_DSN = '<redacted>'"),
        ("uses postgres://user:pw@host/db here", "uses postgres://<redacted>@host/db here"),
        (
            "the value of `DATABASES['default']['PASSWORD'] = 'x'`",
            "the value of `DATABASES['default']['PASSWORD'] = '<redacted>'`",
        ),
    ],
)
def test_takes_out(text: str, shown: str) -> None:
    assert redacted(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "`password` is compared after the save",
        "if token == other:",
        "SECRET_KEY = get_secret()",
        "see https://docs.djangoproject.com/en/5.2/",
        "DEBUG = True",
        'reads source="user.email"',
        "shop/tokens.py:12: def token(): ...",
        "order.total -= amount",
    ],
)
def test_leaves_alone(text: str) -> None:
    assert redacted(text) == text


def test_data_of_a_secret_setting_loses_its_value() -> None:
    data = {"setting": "EMAIL_HOST_PASSWORD", "value": "hunter2", "line": 3}
    expected = {"setting": "EMAIL_HOST_PASSWORD", "value": "<redacted>", "line": 3}
    assert redacted_data(data) == expected


def test_data_under_a_secret_key_loses_its_value() -> None:
    assert redacted_data({"api_key": "x", "names": ("a", "postgres://u:p@h")}) == {
        "api_key": "<redacted>",
        "names": ("a", "postgres://<redacted>@h"),
    }


def test_data_of_another_setting_keeps_its_value() -> None:
    data = {"setting": "DEBUG", "value": "True", "guard": True}
    assert redacted_data(data) == data
