"""Who of a room's parties is here right now, as far as they let it be seen."""

from typing import final

from msgspec import Struct

from marketplace.chat.model import Room
from marketplace.chat.responses import PartyPresenceView
from marketplace.identity.connections import Connections
from marketplace.notification.preferences import Preferences
from marketplace.platform.dynamodb.records import from_record
from marketplace.platform.dynamodb.store import Store


@final
class RoomPresence(Struct, frozen=True):
    """Looks at the sockets in the very moment, and at when a therapist was last seen."""

    store: Store
    connections: Connections

    def of(self, room: Room) -> dict[str, PartyPresenceView | None]:
        """Return whether each party is here; nothing of one who does not show it."""
        parties = (room.customer_id, room.therapist_id)
        *wishes, therapist = self.store.batch_get(
            [
                *(("preferences", {"userId": party}) for party in parties),
                ("therapists", {"therapistId": room.therapist_id}),
            ]
        )
        hidden = {
            party
            for party, item in zip(parties, wishes, strict=True)
            if item is not None and not from_record(Preferences, item).shows_presence
        }
        here = {connection.owner_id for connection in self.connections.find_by_users(parties)}
        last_seen = None if therapist is None else therapist.get("lastSeenAt")
        seen_at = {room.therapist_id: None if last_seen is None else str(last_seen)}
        return {
            party: None if party in hidden else {"online": party in here, "lastSeenAt": seen_at.get(party)}
            for party in parties
        }
