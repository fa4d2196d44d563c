"""djfix beside its peers: processor time, wall time and peak memory, in ratios."""
