"""Who of a room's parties is here right now, as far as they let it be seen, and telling the other party of it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final, final

from msgspec import Struct

from marketplace.chat.model import Room
from marketplace.chat.repository import Rooms
from marketplace.chat.responses import PartyPresenceView
from marketplace.identity.connections import Connections
from marketplace.platform.caller import Caller, Role
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.actions import Condition, ConditionRefused, Put
from marketplace.platform.dynamodb.store import Store
from marketplace.services.notification.delivery import Delivery

TELLS_ROOMS: Final = 5
"""In how many of somebody's newest rooms the other party hears that they came or went; who looks finds it anyway."""
SEEN_KEPT_FOR: Final = timedelta(days=30)


def seen_key(user_id: str) -> tuple[str, dict[str, str]]:
    """Return where it stands when a customer was last here: ``seen#c-1`` / ``chat``."""
    return "claims", {"claimKey": f"seen#{user_id}", "claimId": "chat"}


@final
class RoomPresence(Struct, frozen=True):
    """Looks at the sockets in the very moment, and at when somebody was last seen."""

    store: Store
    connections: Connections
    rooms: Rooms
    delivery: Callable[[], Delivery]

    def of(self, room: Room) -> dict[str, PartyPresenceView | None]:
        """Return whether each party is here; nothing of one who does not show it."""
        parties = (room.customer_id, room.therapist_id)
        *wishes, therapist, customer = self.store.batch_get(
            [
                *(("preferences", {"userId": party}) for party in parties),
                ("therapists", {"therapistId": room.therapist_id}),
                seen_key(room.customer_id),
            ]
        )
        hidden = {party for party, item in zip(parties, wishes, strict=True) if _hides_presence(item)}
        here = {connection.owner_id for connection in self.connections.find_by_users(parties)}
        seen_at = {
            room.therapist_id: _text(therapist, "lastSeenAt"),
            room.customer_id: _text(customer, "seenAt"),
        }
        return {
            party: None if party in hidden else {"online": party in here, "lastSeenAt": seen_at[party]}
            for party in parties
        }

    def left(self, caller: Caller, connection_id: str, now: datetime) -> int:
        """Note when a customer was last here, and tell the others if this was the last socket of its owner."""
        if caller.role is Role.CUSTOMER:
            self._note_seen(caller.user_id, now)
        if self.connections.find_others(caller, connection_id):
            return 0
        return self.tell(caller, online=False, now=now)

    def tell(self, caller: Caller, *, online: bool, now: datetime) -> int:
        """Tell the other parties of somebody's newest rooms that are in use that they came or went, if they show it."""
        if caller.is_admin:
            return 0
        keys = self.rooms.find_by_party(caller, limit=TELLS_ROOMS, start=None).items
        found = self.rooms.load_many([str(key["conversationId"]) for key in keys])
        in_use = [room for room, booking in found if room.is_writable(booking, now)]
        if not in_use:
            return 0
        (wishes,) = self.store.batch_get([("preferences", {"userId": caller.user_id})])
        if _hides_presence(wishes):
            return 0
        return sum(self.delivery().presence(room, caller.user_id, online=online, seen_at=now) for room in in_use)

    def _note_seen(self, user_id: str, now: datetime) -> None:
        table, key = seen_key(user_id)
        at = format_utc(now)
        try:
            self.store.write(
                Put(
                    label="seen",
                    table=table,
                    item={**key, "seenAt": at, "expiresAtEpoch": int((now + SEEN_KEPT_FOR).timestamp())},
                    condition=Condition(
                        expression="attribute_not_exists(#claimKey) OR #seenAt < :now", values={"now": at}
                    ),
                )
            )
        except ConditionRefused:
            return


def _hides_presence(preferences: Any) -> bool:  # noqa: ANN401 - a stored row, or none
    return preferences is not None and preferences.get("showsPresence") is False


def _text(item: Any, name: str) -> str | None:  # noqa: ANN401 - a stored row, or none
    value = None if item is None else item.get(name)
    return None if value is None else str(value)
