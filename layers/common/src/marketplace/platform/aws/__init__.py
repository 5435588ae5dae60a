"""Services of AWS beside the tables: sockets, alarms, dead letters, calls to others."""
