"""Proofs of the books: what they held each night, in a chain that is signed."""
