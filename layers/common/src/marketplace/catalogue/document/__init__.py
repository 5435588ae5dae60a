"""Documents that therapists show: what they are and until when they hold."""
