"""What is known of a model instance from its load to its save."""
