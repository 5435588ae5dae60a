"""The long run under faults: the people who come, and what must hold all the time."""
