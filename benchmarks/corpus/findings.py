"""What one run of djfix said, read from its JSON: the contract of the command line."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Said:
    """One JSON report. `findings`, `declined` and `failed` are as the schema has them."""

    findings: tuple[Mapping[str, Any], ...]
    declined: tuple[Mapping[str, Any], ...]
    failed: tuple[Mapping[str, Any], ...]
    found: int
    parsed: int

    @property
    def outcomes(self) -> Counter[str]:
        """How many findings there are of each outcome."""
        return Counter(finding["outcome"] for finding in self.findings)

    @property
    def reasons(self) -> Counter[str]:
        """How many findings name each reason; one finding may name several."""
        names = (name_of(reason) for each in self.findings for reason in each["reasons"])
        return Counter(names)

    @property
    def declined_reasons(self) -> Counter[str]:
        """How many places were declined for each reason."""
        return Counter(name_of(each["reason"]) for each in self.declined)


def name_of(reason: str) -> str:
    """The stable name that a reason begins with."""
    return reason.partition(":")[0]


def read(output: bytes) -> Said:
    """Raises ValueError and KeyError where the output is not a report."""
    report = json.loads(output)
    files = report["files"]
    return Said(
        findings=tuple(report["findings"]),
        declined=tuple(report.get("declined", ())),
        failed=tuple(files["failed"]),
        found=files["found"],
        parsed=files["parsed"],
    )
