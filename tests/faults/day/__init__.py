"""The chapters of a busy day."""
