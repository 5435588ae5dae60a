"""What those who run the marketplace need: health, reconciliation, invariants, errors, test bookings, privacy."""
