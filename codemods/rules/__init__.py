"""The rules, one module each; a rule never imports a rule."""
