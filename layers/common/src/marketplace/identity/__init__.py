"""Who calls: tokens, tickets, sign-outs, limits."""
