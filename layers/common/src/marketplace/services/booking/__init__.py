"""Use cases of bookings: open, answer, move, cancel, review and rescue a visit."""
