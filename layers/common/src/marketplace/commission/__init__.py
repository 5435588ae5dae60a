"""The platform's share of a confirmed booking, and the life of that debt."""
