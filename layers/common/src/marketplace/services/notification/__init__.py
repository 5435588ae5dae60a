"""Use cases of reaching people: what is said to whom, when, and by which channel."""
