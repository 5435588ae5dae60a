"""Use cases of the operator's desk: what is sold, by whom, and under which policy."""
