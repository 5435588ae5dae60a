"""Payments of commissions through a provider: what was asked, what came in."""
