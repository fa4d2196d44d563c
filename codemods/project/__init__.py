"""The linked picture of a Django project: names, classes, models, signals, settings, versions."""
