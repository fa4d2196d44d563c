"""Shipped tables of what Django's and other packages' own classes and apps do."""
