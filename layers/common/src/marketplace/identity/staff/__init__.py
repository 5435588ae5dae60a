"""Staff of the operator and their duties."""
