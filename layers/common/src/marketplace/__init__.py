"""The marketplace for massage bookings: its rules, its store, and its words to the outside."""

from marketplace.cold_start import shorten

shorten()
