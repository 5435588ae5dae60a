"""Webhooks: endpoints of others, what they are told, and how often it was tried."""
