"""Tools for a running stack, on a laptop or on AWS."""
