"""djfix: finds Django anti-patterns and rewrites them into their correct form."""

__version__ = "0.1.0"
