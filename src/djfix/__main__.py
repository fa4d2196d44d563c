"""`python -m djfix`: the same program as the `djfix` command."""

from djfix.cli.main import main

if __name__ == "__main__":
    main()
