"""How long those who are reached wait for each other."""
