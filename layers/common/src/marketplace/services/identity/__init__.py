"""Use cases of who somebody is: sessions, codes of guests, staff and their duties."""
