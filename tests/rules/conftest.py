"""The fixtures of the rules' tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pytest
from rule_bench import Bench

from djfix.codemods.rule import Rule


@pytest.fixture
def bench_of() -> Callable[[Rule, str, Mapping[str, str] | Sequence[tuple[str, str]]], Bench]:
    """Makes the bench of a rule, a path and the project's other files."""
    return lambda rule, path, files: Bench(rule, path, dict(files))
