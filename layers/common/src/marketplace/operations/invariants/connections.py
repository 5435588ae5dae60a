"""Invariants of open sockets: each ends by itself, and belongs to somebody."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from marketplace.operations.invariants import Check, Tables, Violation
from marketplace.operations.invariants.rows import by_key, rows, text, whole
from marketplace.platform.caller import Role
from marketplace.platform.dynamodb.lenient_rows import instant

KEPT_AT_MOST: Final = timedelta(hours=2, minutes=5)


def sockets_end_and_belong_to_somebody(tables: Tables) -> list[Violation]:
    """Check I21: a connection's row goes two hours and five minutes after it opened at the latest, and has an owner."""
    found: list[Violation] = []
    therapists = by_key(tables, "therapists", "therapistId")
    for row in rows(tables, "connections"):
        connection_id, connected_at = text(row, "connectionId"), instant(row, "connectedAt")
        if connected_at is None:
            found.append(Violation("I21", connection_id, "it does not say since when it is open"))
        elif not 0 < whole(row, "expiresAtEpoch") <= (connected_at + KEPT_AT_MOST).timestamp():
            found.append(Violation("I21", connection_id, "its row outlives the socket"))
        owner = text(row, "ownerId")
        if not owner:
            found.append(Violation("I21", connection_id, "it belongs to nobody"))
        elif "therapists" in tables and row.get("role") == Role.THERAPIST.value and owner not in therapists:
            found.append(Violation("I21", connection_id, f"there is no therapist {owner}"))
    return found


CHECKS: Final[Mapping[str, Check]] = {"I21": sockets_end_and_belong_to_somebody}
"""Every invariant of this module, by its number."""
