"""How the cost of the rules grows with the depth of what they follow."""
