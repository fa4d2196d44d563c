"""Taking a run of statements out of a view, into a function of its own."""
