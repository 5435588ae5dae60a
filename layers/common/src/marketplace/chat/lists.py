"""Rooms in lists, page by page: at most four queries a page, however large the table."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, final

from msgspec import Struct

from marketplace.booking.lists import Listed, collect, collect_by_month
from marketplace.booking.model import Booking
from marketplace.chat.model import Room
from marketplace.chat.repository import Rooms
from marketplace.platform.caller import Caller


@final
class RoomLists(Struct, frozen=True):
    """Rooms in lists, newest booking first."""

    rooms: Rooms

    def page_for(
        self, caller: Caller, *, limit: int, start: Mapping[str, Any] | None, now: datetime
    ) -> Listed[tuple[Room, Booking]]:
        """Return a page of the caller's rooms with their bookings, of all rooms for an admin."""
        position: Mapping[str, Any] | None
        if caller.is_admin:
            keys, position = collect_by_month(
                lambda month, size, key: self.rooms.find_by_month(month, limit=size, start=key),
                limit=limit,
                start=start,
                now=now,
            )
        else:
            keys, position = collect(
                lambda size, key: self.rooms.find_by_party(caller, limit=size, start=key), limit=limit, start=start
            )
        found = [
            (room, booking, role)
            for room, booking in self.rooms.load_many([str(key["conversationId"]) for key in keys])
            if (role := room.party_role(caller)) is not None
        ]
        hides_read = self.rooms.hiding_read(other for room, _, role in found for other in room.others_who_read(role))
        return Listed(
            items=[(room.seen_by(role, hides_read), booking) for room, booking, role in found], position=position
        )
