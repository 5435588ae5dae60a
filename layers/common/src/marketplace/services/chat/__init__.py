"""Use cases of rooms: write and read messages, share files, report and block."""
