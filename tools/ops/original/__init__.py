"""The original system's exported collections, and how their documents become rows here."""
