"""The files that say how processes are started, each kind read by a parser of its format."""
