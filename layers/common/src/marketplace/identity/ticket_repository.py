"""Tickets for the WebSocket are sealed, not stored; stored is only that one has been used."""

from datetime import datetime, timedelta
from typing import Final, final

from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.actions import ConditionRefused, Put, absent
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.refusals import Unauthenticated

REMEMBERED_FOR: Final = timedelta(hours=1)


@final
class UsedTickets:
    """The tickets that have let somebody in."""

    def __init__(self, store: Store) -> None:
        """Remember used tickets in ``store``."""
        self._store = store

    def use(self, ticket_id: str, *, now: datetime) -> None:
        """Use a ticket up.

        Raises:
            Unauthenticated: it has been used before.
        """
        try:
            self._store.write(
                Put(
                    label="ticket",
                    table="claims",
                    item={
                        "claimKey": f"ticket#{ticket_id}",
                        "claimId": "used",
                        "usedAt": format_utc(now),
                        "expiresAtEpoch": int((now + REMEMBERED_FOR).timestamp()),
                    },
                    condition=absent("claimKey"),
                )
            )
        except ConditionRefused:
            raise Unauthenticated from None
