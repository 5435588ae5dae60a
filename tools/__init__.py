"""Command-line tools of the project; nothing of it ships."""
