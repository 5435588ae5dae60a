"""When a therapist was last seen, through which sockets they are here, what they missed; for admins to watch.

Kept beside the therapist's own row without moving its version, so that it gets in the way of no change of theirs.
A socket that was never seen to close is forgotten by whoever reads, once it is older than any can be.
"""

from datetime import datetime
from typing import final

from marketplace.catalogue.repository import therapist_key
from marketplace.platform.caller import Caller, Role
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.actions import ConditionRefused, Update, present
from marketplace.platform.dynamodb.store import Store


@final
class Presence:
    """Who of the therapists is here."""

    def __init__(self, store: Store) -> None:
        """Note it in ``store``."""
        self._store = store

    def arrived(self, caller: Caller, connection_id: str, now: datetime) -> None:
        """Note a socket of a therapist that has opened."""
        self._note(caller, connection_id, now, is_here=True)

    def left(self, caller: Caller, connection_id: str, now: datetime) -> None:
        """Note a socket of a therapist that has closed."""
        self._note(caller, connection_id, now, is_here=False)

    def missed_offer(self, therapist_id: str) -> None:
        """Count an offer that a therapist let run out of time."""
        table, key = therapist_key(therapist_id)
        try:
            self._store.write(
                Update(label="missed", table=table, key=key, condition=present("therapistId"), add={"missedOffers": 1})
            )
        except ConditionRefused:
            return

    def _note(self, caller: Caller, connection_id: str, now: datetime, *, is_here: bool) -> None:
        if caller.role is not Role.THERAPIST:
            return
        table, key = therapist_key(caller.user_id)
        change = {"connections": frozenset({connection_id})}
        try:
            self._store.write(
                Update(
                    label="presence",
                    table=table,
                    key=key,
                    condition=present("therapistId"),
                    assign={"lastSeenAt": format_utc(now)},
                    add=change if is_here else {},
                    delete={} if is_here else change,
                )
            )
        except ConditionRefused:
            return
