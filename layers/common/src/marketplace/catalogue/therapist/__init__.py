"""Therapists: who they are, where and when they work, and what they ask."""
