"""The system on one machine: emulator, deployment, demo data and a tour of it; nothing here is shipped."""
