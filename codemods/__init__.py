"""The refactoring machinery of djfix; see docs/architecture.md for its floors."""
