"""The seven checks over real rows."""
