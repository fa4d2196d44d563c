"""Whether a project that `thin-views` was applied to can still be imported."""
