"""The use cases, a module a noun: each loads, decides through the models, and saves in one transaction."""
