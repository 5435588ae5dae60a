"""Revenue by day, therapist and source."""
