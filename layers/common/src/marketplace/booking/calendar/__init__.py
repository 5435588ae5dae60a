"""When a therapist can be visited, and visits as calendars show them."""
