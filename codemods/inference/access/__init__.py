"""What code touches on a model instance: relations, how they are read, and why."""
