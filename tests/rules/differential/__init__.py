"""Generated functions, run before and after djfix on the same data: nothing may differ."""
