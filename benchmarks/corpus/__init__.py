"""Every rule on public Django projects, pinned by version and hash, with checks and a table."""
