"""One run: select and order rules, scan, cache, apply to a fixpoint."""
