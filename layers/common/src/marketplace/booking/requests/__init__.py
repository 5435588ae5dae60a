"""What callers may ask of bookings, as it arrives."""
