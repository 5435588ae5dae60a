"""Outside event to our words, our refusals to problems and frames."""
