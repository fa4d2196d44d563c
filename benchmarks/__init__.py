"""Measurements on real projects: what djfix does (`corpus`) and what it costs (`speed`)."""
