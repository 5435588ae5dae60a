"""The ledger: double entries that are only ever added."""
