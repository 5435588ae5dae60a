"""Who and what can be booked: admins add therapists and places, change, invite, suspend and reinstate them."""

import re
import secrets
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from copy import replace
from datetime import datetime
from typing import Final, final

from marketplace.booking.lists import BookingLists
from marketplace.booking.model import BookingStatus
from marketplace.catalogue.repository import Catalogue
from marketplace.catalogue.therapist.model import LISTED, UNLISTED, Therapist, TherapistType
from marketplace.catalogue.therapist.profile_changes import with_parts
from marketplace.catalogue.therapist.requests import NewTherapist, TherapistChange
from marketplace.identity.sign_ins import SignIn, SignIns
from marketplace.platform.caller import Caller, Role
from marketplace.platform.dynamodb.actions import Check, TransactionRefused, absent
from marketplace.platform.dynamodb.conflicts import retry_on_conflict
from marketplace.platform.dynamodb.recorded_changes import record_change
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.refusals import AlreadyExists, BookingNotPending, ValidationFailed
from marketplace.platform.text.folding import folded
from marketplace.services.booking.bookings import BookingCommands

_SHORTEST_ID: Final = 3
_LONGEST_STEM: Final = 32
_NUMBERED_IDS: Final = 9


@final
class TherapistCommands:
    """What admins do to therapists; the stream keeps the audit log of each change."""

    def __init__(  # noqa: PLR0913 - its repositories, and what it asks of others
        self,
        store: Store,
        catalogue: Catalogue,
        sign_ins: SignIns,
        *,
        bookings: Callable[[], BookingCommands],
        lists: Callable[[], BookingLists],
        roles_of: Callable[[str], AbstractSet[Role]],
    ) -> None:
        """Work on these repositories; bookings are touched by suspending alone.

        ``roles_of`` says what somebody with an account of that name is already.
        """
        self._store = store
        self._catalogue = catalogue
        self._sign_ins = sign_ins
        self._bookings = bookings
        self._lists = lists
        self._roles_of = roles_of

    def add(self, asked: NewTherapist, *, by: Caller, now: datetime) -> Therapist:
        """Add a therapist or place, offline at first.

        Raises:
            AlreadyExists: somebody has that id, a customer too.
            ServiceUnavailable: nobody can say now whose id it is.
        """
        for therapist_id in [asked.therapist_id] if asked.therapist_id else ids_for(asked.name):
            therapist = replace(asked.as_domain(therapist_id), updated_at=now, actor_id=by.user_id, actor_role=by.role)
            if self._is_added(therapist):
                return therapist
        raise AlreadyExists

    def _is_added(self, therapist: Therapist) -> bool:
        """Add a therapist unless a therapist, a member of staff, a customer or somebody invited has the id."""
        if self._roles_of(therapist.therapist_id) - {Role.THERAPIST}:
            return False
        key = {"userId": therapist.therapist_id}
        try:
            self._store.transact(
                [
                    Catalogue.adding_therapist(therapist),
                    Check(label="no-staff", table="staff", key=key, condition=absent("userId")),
                    Check(label="no-sign-in", table="sign_ins", key=key, condition=absent("userId")),
                ]
            )
        except TransactionRefused:
            return False
        return True

    def change(self, therapist_id: str, asked: TherapistChange, *, by: Caller, now: datetime) -> Therapist:
        """Change the given parts of a therapist.

        Raises:
            NotFound: there is no such therapist.
            ValidationFailed: a single therapist would have several beds.
        """

        def changed(therapist: Therapist) -> Therapist:
            after = with_parts(therapist, asked.given())
            if after.beds > 1 and after.therapist_type is not TherapistType.PLACE:
                raise ValidationFailed.at("beds", "Only a place has several beds.")  # noqa: EM101 - a path, no message
            return after

        return self._catalogue.change_therapist(therapist_id, changed, by=by, now=now)[1]

    def invite(self, therapist_id: str, *, email: str, by: Caller, now: datetime) -> SignIn:
        """Hand out the sign-in of a therapist, or mail a new temporary password to whoever has it.

        Raises:
            NotFound: there is no such therapist.
            AlreadyExists: the id is the user name of somebody else.
        """
        self._catalogue.therapist(therapist_id)

        def attempt() -> SignIn | None:
            found = self._sign_ins.find(therapist_id)
            if found is not None and found.role is not Role.THERAPIST:
                raise AlreadyExists
            sign_in = (
                SignIn(user_id=therapist_id, email=email, role=Role.THERAPIST, invited_at=now)
                if found is None
                else found.invited_again(email=email, now=now)
            )
            try:
                self._store.transact(
                    [
                        SignIns.saving(sign_in, read_version=0 if found is None else found.version),
                        record_change(
                            therapist_id,
                            action="therapist_invited",
                            before=None,
                            after={"version": sign_in.version},
                            by=by,
                            now=now,
                        ),
                    ]
                )
            except TransactionRefused:
                return None
            return sign_in

        return retry_on_conflict(attempt)

    def suspend(self, therapist_id: str, *, reason: str, by: Caller, now: datetime) -> Therapist:
        """Keep a therapist from new bookings and end the pending offers; confirmed visits and the desk stay.

        Whoever is suspended can accept nothing from then on. An offer that is not ended here because something fails
        ends at its deadline, or when this is asked again.

        Raises:
            NotFound: there is no such therapist.
        """

        def suspended(therapist: Therapist) -> Therapist:
            if therapist.is_suspended:
                return therapist
            listed = therapist.listed and UNLISTED
            return replace(therapist, suspended_at=now, suspended_because=reason, listed=listed)

        _, after = self._catalogue.change_therapist(therapist_id, suspended, by=by, now=now)
        for booking_id in [*self._pending_offers(therapist_id, now)]:
            try:
                self._bookings().withdraw_offer(booking_id, by=by, now=now)
            except BookingNotPending:
                continue
        return after

    def reinstate(self, therapist_id: str, *, by: Caller, now: datetime) -> Therapist:
        """Let a suspended therapist be booked again.

        Raises:
            NotFound: there is no such therapist.
        """

        def reinstated(therapist: Therapist) -> Therapist:
            if not therapist.is_suspended:
                return therapist
            return replace(therapist, suspended_at=None, suspended_because=None, listed=therapist.listed and LISTED)

        return self._catalogue.change_therapist(therapist_id, reinstated, by=by, now=now)[1]

    def _pending_offers(self, therapist_id: str, now: datetime) -> Iterator[str]:
        start = None
        while True:
            page = self._lists().all(
                status=BookingStatus.PENDING, source=None, limit=50, start=start, now=now, therapist_id=therapist_id
            )
            yield from (booking.booking_id for booking in page.items)
            start = page.position
            if start is None:
                return


def ids_for(name: str) -> Iterator[str]:
    """Yield ids that follow from a name: ``dewi-ayu``, then ``dewi-ayu-2`` and so on, at last one by chance."""
    stem = "-".join(re.findall("[a-z0-9]+", folded(name)))[:_LONGEST_STEM].strip("-")
    if len(stem) < _SHORTEST_ID:
        stem = f"t-{stem}".strip("-") if stem else "therapist"
    if len(stem) >= _SHORTEST_ID:
        yield stem
    for number in range(2, _NUMBERED_IDS + 1):
        yield f"{stem}-{number}"
    yield f"{stem}-{secrets.token_hex(3)}"
