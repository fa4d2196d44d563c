"""`celery-settings`: what workers are given, where it is written, and what is left alone."""

from __future__ import annotations

import pytest

from djfix.codemods.rules.celery_settings import CelerySettings
from djfix.codemods.rules.celery_settings.examples import EXAMPLES


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_example(bench_of, example):
    bench = bench_of(CelerySettings(), example.path, example.files)
    if example.before == example.after:
        assert not bench.run(example.before, unsafe=True).changes
        return
    assert bench.after(example.before).decode() == example.before
    bench.fixes(example.before, example.after, unsafe=True)
