"""The only modules that push outwards: sockets, the event bus, uploads."""
