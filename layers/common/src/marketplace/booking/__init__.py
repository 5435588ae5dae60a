"""A booking: its states and commands, the time it holds, how it is stored and shown."""
