"""LibCST only, no Django: trees, edits, imports, and the text that they leave."""
