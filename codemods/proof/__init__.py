"""What runs the project's own code, where a command says so: comparing before and after."""
