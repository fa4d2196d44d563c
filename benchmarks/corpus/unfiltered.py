"""Child process: every rule on every file of a folder, without the prefilter, in plain JSON.

The command line has no such switch, because nobody needs one; so this asks the engine.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from djfix.codemods.engine.invocation import (
    Invocation,
    configuration_of,
    listed_files,
    new_files_of,
    request_of,
)
from djfix.codemods.engine.run import run
from djfix.codemods.engine.values import Result


def main(root: Path) -> None:
    project = root / "pyproject.toml"
    text = project.read_text(encoding="utf-8") if project.is_file() else None
    invocation = Invocation(root, configuration=text, jobs=1, cache=False)
    configuration = configuration_of(invocation)
    files = listed_files(invocation, configuration)
    new_files = new_files_of(invocation, configuration, files)
    request = replace(request_of(invocation, configuration, new_files), filtered=False)
    print(json.dumps(summary(run(request, files=files))))


def summary(result: Result) -> dict[str, Any]:
    """What must be equal with and without the prefilter."""
    findings = [
        [each.fingerprint, each.finding.path, each.finding.span.line, str(each.outcome)]
        for each in result.findings
    ]
    declined = [[each.path, each.line, each.reason.name] for each in result.declined]
    return {"findings": sorted(findings), "declined": sorted(declined)}


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
