"""From changed bytes to the working tree, the git index, patches and undo; no rules here."""
