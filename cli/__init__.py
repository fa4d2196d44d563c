"""What the user types and sees; no refactoring logic."""
