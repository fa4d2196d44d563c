"""Takes secrets out of what is shown: `<redacted>` in data, messages and evidence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from djfix.codemods.findings import REDACTED, Declined, Evidence, Failure, Finding, Plain, Reason

_SECRET = (
    r"secret|passw(?:or)?d|passphrase|token|(?:\b|_)dsn(?:\b|_)|api_?key|private_?key|access_?key"
    r"|signing_?key|encryption_?key|credential"
)
SECRET_NAME = re.compile(_SECRET, re.IGNORECASE)
"""Names whose value is not shown. Generous: a value shown too little costs nothing."""

_ASSIGNED = re.compile(
    rf"""(?<![\w.\-])(?=[\w.\-]*?(?:{_SECRET}))(?P<name>[A-Za-z_][\w.\-]*)(?P<close>["']?\]?)
        (?P<sign>\s*=(?!=)\s*|\s*:\s+|(?<=["'\]])\s*:\s*)
        (?P<prefix>[rRbBuUfF]{{0,2}})
        (?P<value>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s"',;)}}\]([{{]++)(?!\s*\()""",
    re.VERBOSE | re.IGNORECASE,
)
_TEXT = re.compile(r"(?P<quote>[\"'])(?:(?!(?P=quote))[^\\]|\\.)*(?P=quote)(?!\s*[:\]])")
_CREDENTIALS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.\-]*://)[^\s/@\"']+@")


def is_secret_name(name: str) -> bool:
    """Whether a setting or variable of this name holds what nobody should read in a report."""
    return SECRET_NAME.search(name) is not None


def redacted(text: str) -> str:
    """The text with the values of secret-looking names, and credentials in URLs, taken out."""
    text = _CREDENTIALS.sub(rf"\g<scheme>{REDACTED}@", text)
    return _ASSIGNED.sub(_without_value, text)


def redacted_code(line: str, statement: str = "") -> str:
    """A line of source without the texts that may be secret: all of them, but for keys, where it,
    or the statement that it belongs to, names a secret. One shown too little costs nothing."""
    line = redacted(line)
    if not is_secret_name(f"{line}{statement}"):
        return line
    return _TEXT.sub(rf"\g<quote>{REDACTED}\g<quote>", line)


def redacted_data(data: Mapping[str, Plain]) -> dict[str, Plain]:
    """A finding's data likewise; a `value` beside a secret-looking `setting` goes as well."""
    names = (data.get(key) for key in ("setting", "variable", "name"))
    hidden = any(isinstance(name, str) and is_secret_name(name) for name in names)
    return {
        key: REDACTED if _is_hidden(key, value, hidden) else _redacted_value(value)
        for key, value in data.items()
    }


def redacted_finding(finding: Finding) -> Finding:
    """The finding as it may be shown; its plan and anchor, which are not, stay."""
    return replace(
        finding,
        message=redacted(finding.message),
        reasons=tuple(_redacted_reason(each) for each in finding.reasons),
        evidence=tuple(
            Evidence(each.path, each.line, redacted(each.text)) for each in finding.evidence
        ),
        data=redacted_data(finding.data),
    )


def redacted_declined(declined: Declined) -> Declined:
    """A declined place as it may be shown."""
    return replace(declined, reason=_redacted_reason(declined.reason))


def redacted_failure(failure: Failure) -> Failure:
    """A failure as it may be shown: a traceback quotes messages, too."""
    return replace(failure, error=redacted(failure.error), traceback=redacted(failure.traceback))


def _redacted_reason(reason: Reason) -> Reason:
    return Reason(reason.name, redacted(reason.text))


def _is_hidden(key: str, value: Plain, beside_secret: bool) -> bool:
    if not isinstance(value, str):
        return False
    return is_secret_name(key) or (key == "value" and beside_secret)


def _redacted_value(value: Plain) -> Plain:
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, Mapping):
        return redacted_data(value)
    return tuple(map(_redacted_value, value)) if isinstance(value, tuple) else value


def _without_value(match: re.Match[str]) -> str:
    quote = match["value"][0] if match["value"][0] in "\"'" else ""
    kept = match["name"] + match["close"] + match["sign"] + match["prefix"]
    return f"{kept}{quote}{REDACTED}{quote}"
