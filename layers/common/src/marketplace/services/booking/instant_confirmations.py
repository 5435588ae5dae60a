"""What is written beside a new booking that is confirmed at once: its commission, and what everybody is told."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import final

from msgspec import Struct

from marketplace.booking.calendar.model import Calendar, Hold
from marketplace.booking.instant_confirmation import confirmed_at_once, fits_at_once
from marketplace.booking.model import Booking
from marketplace.catalogue.policy.model import Policy
from marketplace.catalogue.therapist.model import Therapist
from marketplace.chat.message import Message
from marketplace.chat.model import Room
from marketplace.commission.ledger.repository import credits_in, credits_key, recording
from marketplace.notification.announcement import Notice
from marketplace.platform.dynamodb.actions import Action
from marketplace.platform.dynamodb.store import Store
from marketplace.services.booking.transitions import transition_of
from marketplace.services.notification.announcements import notice_of_instant_confirmation

type BankDetailsOf = Callable[[Booking, Therapist | None], Mapping[str, str] | None]
"""Returns the bank details that go into the confirmation of a booking, if any do."""


@final
class InstantConfirmation(Struct, frozen=True, kw_only=True):
    """A confirmation, and what is written with it beside the booking's own row and hold."""

    booking: Booking
    hold: Hold
    room: Room
    message: Message
    notices: Sequence[Notice]
    records: Sequence[Action]
    """The commission and its posting."""


@final
class InstantConfirmations:
    """Confirms new bookings for therapists who wish so."""

    def __init__(self, store: Store, *, bank_details_of: BankDetailsOf) -> None:
        """Read from ``store`` what the marketplace owes a therapist, which settles the new commission."""
        self._store = store
        self._bank_details_of = bank_details_of

    def confirm(  # noqa: PLR0913 - the opening, and what it meets
        self, booking: Booking, room: Room, *, therapist: Therapist, calendar: Calendar, policy: Policy, now: datetime
    ) -> InstantConfirmation | None:
        """Return the confirmation of a pending booking; none where its therapist wants to answer it.

        It costs a read of the therapist's credits.
        """
        if not fits_at_once(booking, therapist, calendar, now):
            return None
        start_code = f"{secrets.randbelow(10_000):04d}" if policy.start_code else None
        confirmed = confirmed_at_once(booking, therapist, now=now, start_code=start_code)
        (credits_item,) = self._store.batch_get([credits_key(therapist.therapist_id)])
        transition = transition_of(
            booking,
            confirmed,
            now=now,
            due_days=policy.commission_due_days,
            bank_details=self._bank_details_of(confirmed, therapist),
            credits_of_therapist=credits_in(credits_item),
        )
        if transition.hold is None or transition.commission is None:
            raise AssertionError
        followed, message = transition.in_room(room, now)
        return InstantConfirmation(
            booking=transition.after,
            hold=transition.hold,
            room=followed,
            message=message,
            notices=(*transition.notices, notice_of_instant_confirmation(confirmed)),
            records=recording(None, transition.commission, transition.posting_reason),
        )
