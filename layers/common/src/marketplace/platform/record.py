"""What a model that is stored has in common: frozen, and known on the wire and in the tables by camelCase names."""

from msgspec import Struct


class Record(Struct, frozen=True, kw_only=True, rename="camel"):
    """A model that is stored: ``customer_name`` is the attribute ``customerName`` of its row."""
