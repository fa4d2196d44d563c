"""The entry point of the `djfix` command."""


def main() -> None:
    """Run the command line."""
