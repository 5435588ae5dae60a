"""The whole system on one machine: the emulator, the stack, demo data, a demo, a soak."""
