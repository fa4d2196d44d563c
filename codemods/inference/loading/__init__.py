"""What a queryset loads along with its rows, where it is written, and what may be added to it."""
