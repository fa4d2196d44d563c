"""Finding files; one file's text and trees; the cache."""
