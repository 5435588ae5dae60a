"""Discount codes: what they take off, until when and how often."""
