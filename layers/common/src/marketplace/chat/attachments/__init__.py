"""Files in rooms: what may be sent, how it is cleaned, where it lies."""
