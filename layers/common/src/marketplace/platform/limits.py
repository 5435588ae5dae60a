"""How often somebody may do what could be abused; a count within windows of fixed length."""

from datetime import UTC, datetime, timedelta
from typing import Final, final

from msgspec import Struct

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@final
class Limit(Struct, frozen=True, kw_only=True):
    """At most ``most`` times in each ``window``, for each caller or address."""

    name: str
    most: int
    window: timedelta

    def window_of(self, now: datetime) -> datetime:
        """Return when the present window began."""
        return now - (now - _EPOCH) % self.window

    def seconds_left(self, now: datetime) -> int:
        """Return the seconds until the next window begins, at least one."""
        left = self.window_of(now) + self.window - now
        return max(1, -(-left // timedelta(seconds=1)))


GUEST_SESSIONS: Final = Limit(name="guest-sessions", most=2_400, window=timedelta(hours=1))
"""New guests of one network address: a whole mobile network may share one."""
GUEST_SESSIONS_OF_CALLER: Final = Limit(name="guest-callers", most=120, window=timedelta(hours=1))
"""New guests of one kind of browser behind one network address: a hotel's guests may share both."""
CODES_OF_NUMBER: Final = Limit(name="codes-of-number", most=3, window=timedelta(hours=1))
"""Codes that are sent to one telephone number."""
CODES_OF_CALLER: Final = Limit(name="codes-of-caller", most=10, window=timedelta(hours=1))
"""Codes that one caller has sent to whatever numbers."""
CHAT_TICKETS: Final = Limit(name="chat-tickets", most=600, window=timedelta(hours=1))
"""Tickets for the WebSocket of one person: each opens a socket."""
BOOKINGS: Final = Limit(name="bookings", most=30, window=timedelta(hours=1))
"""Bookings that one customer makes."""
WRONG_CODES: Final = Limit(name="wrong-codes", most=30, window=timedelta(hours=1))
"""Discount codes of one caller that could not be used: whoever is out of them guesses."""
START_CODES: Final = Limit(name="start-codes", most=5, window=timedelta(hours=1))
"""Tries of one booking's start code; never scaled, for the code has four digits."""
UPLOADS: Final = Limit(name="uploads", most=60, window=timedelta(hours=1))
"""Files that one caller announces."""
