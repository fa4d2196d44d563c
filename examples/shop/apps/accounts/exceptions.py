class InsufficientFundsError(Exception):
    """The balance does not cover the amount."""
