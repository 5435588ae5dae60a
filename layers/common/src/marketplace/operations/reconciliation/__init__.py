"""The audit of commissions: every confirmed booking has its one right record."""
