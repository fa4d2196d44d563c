"""Control flow and data flow of one function; knows nothing of Django."""
