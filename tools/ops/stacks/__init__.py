"""Stacks on AWS: their environments and parameters."""
