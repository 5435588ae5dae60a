"""Places and hotels: where visits take place, and their time zones."""
