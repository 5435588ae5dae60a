"""What is answered about bookings, by reader."""
