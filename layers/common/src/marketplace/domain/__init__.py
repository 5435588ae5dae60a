"""The rules of the marketplace: standard library only, no input or output, no clock, no logging."""
