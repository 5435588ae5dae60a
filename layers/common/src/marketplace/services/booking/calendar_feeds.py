"""The address under which a therapist's own calendar follows their visits; whoever has it may read them."""

import hmac
import secrets
from datetime import datetime
from typing import Final, final

from marketplace.booking.model import Booking
from marketplace.booking.repository import Bookings
from marketplace.platform.caller import Caller
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.actions import Condition, Put, TransactionRefused, absent
from marketplace.platform.dynamodb.recorded_changes import record_change
from marketplace.platform.dynamodb.records import readable_records
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.refusals import NotFound

_TOKEN_CHARACTERS: Final = 32
MOST_VISITS: Final = 250
"""In one feed, the latest ones."""
ENDING: Final = ".ics"


@final
class CalendarFeeds:
    """The feeds of all therapists."""

    def __init__(self, store: Store, bookings: Bookings) -> None:
        """Keep secrets in ``store``; feeds are of ``bookings``."""
        self._store = store
        self._bookings = bookings

    def secret(self, *, by: Caller, now: datetime) -> str:
        """Return the secret part of the caller's address, made at the first call."""
        token = self._token(by.user_id)
        if token is None:
            self._keep(_new_token(), by, now, condition=absent("claimKey"))
            token = self._token(by.user_id)
        if token is None:
            raise NotFound
        return token + by.user_id

    def rotate(self, *, by: Caller, now: datetime) -> str:
        """Return a new secret; the old address answers nobody any more."""
        token = _new_token()
        # Whoever loses against another rotation has a new address all the same: that of the other.
        if not self._keep(token, by, now, condition=Condition(expression="#token <> :token", values={"token": token})):
            return self.secret(by=by, now=now)
        return token + by.user_id

    def bookings_of(self, address: str) -> list[Booking]:
        """Return the visits behind an address, the latest first.

        Raises:
            NotFound: it is nobody's, or nobody's any more.
        """
        given, therapist_id = address[:_TOKEN_CHARACTERS], address[_TOKEN_CHARACTERS:].removesuffix(ENDING)
        token = self._token(therapist_id) if therapist_id else None
        if token is None or not hmac.compare_digest(token.encode(), given.encode()):
            raise NotFound
        page = self._bookings.find_page(
            index="byTherapist", attribute="therapistId", value=therapist_id, limit=MOST_VISITS
        )
        return [each for each in readable_records(Booking, page.items, key="bookingId") if not each.is_test]

    def _token(self, therapist_id: str) -> str | None:
        item = self._store.get("claims", _key(therapist_id))
        token = (item or {}).get("token")
        return token if isinstance(token, str) and len(token) == _TOKEN_CHARACTERS else None

    def _keep(self, token: str, by: Caller, now: datetime, *, condition: Condition) -> bool:
        item = {**_key(by.user_id), "token": token, "claimedAt": format_utc(now)}
        noted = record_change(by.user_id, action="calendar_feed_rotated", before=None, after={}, by=by, now=now)
        try:
            self._store.transact([Put(label="feed", table="claims", item=item, condition=condition), noted])
        except TransactionRefused:
            return False
        return True


def _new_token() -> str:
    return secrets.token_hex(_TOKEN_CHARACTERS // 2)


def _key(therapist_id: str) -> dict[str, str]:
    """Return where a therapist's secret is: ``calendar-feed#t-ayu`` / ``secret``."""
    return {"claimKey": f"calendar-feed#{therapist_id}", "claimId": "secret"}
