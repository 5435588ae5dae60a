"""The demo city: who can be booked there, and their pictures."""
