"""Receipts and invoices: gapless numbers, one drawing, kept for ever."""
