"""Measurements of djfix on real projects: `benchmarks.corpus` for what it does, `benchmarks.speed` for what it costs."""
