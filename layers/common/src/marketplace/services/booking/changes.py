"""How a booking changes: it is loaded, decided on, and saved with all that follows in one transaction."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import final

from msgspec import Struct

from marketplace.booking.discount_uses import is_used_up, returning_uses
from marketplace.booking.holds import (
    Holds,
    dropping_request,
)
from marketplace.booking.model import Booking
from marketplace.booking.repository import Bookings, saving_booking
from marketplace.catalogue.policy.model import Policy
from marketplace.catalogue.policy.repository import Policies
from marketplace.catalogue.therapist.model import Therapist
from marketplace.chat.model import Room
from marketplace.chat.repository import Rooms
from marketplace.chat.rows import saving_room
from marketplace.commission.ledger.repository import recording
from marketplace.commission.model import Commission
from marketplace.identity.allowances import Allowance
from marketplace.moderation.blocks import BLOCK_LABEL
from marketplace.notification.repository import adding_notice
from marketplace.platform.dynamodb.actions import Action, TransactionRefused
from marketplace.platform.dynamodb.conflicts import retry_on_conflict
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.refusals import (
    DiscountUnavailable,
    NotFound,
    Refusal,
    TherapistUnavailable,
)
from marketplace.services.booking.context import BookingContext, MoneyReads, load_booking
from marketplace.services.booking.hold_changes import HoldChanges
from marketplace.services.booking.transitions import Transition, transition_of

type BankDetailsOf = Callable[[Booking, Therapist | None], Mapping[str, str] | None]
"""Returns the bank details that go into the acceptance of a booking, if any do."""


@final
class Done(Struct, frozen=True, kw_only=True):
    """What a command left behind."""

    booking: Booking
    room: Room | None
    commission: Commission | None = None
    """The record that came into being or changed with it."""
    is_repeat: bool = False
    """Whether the command was carried out before, so that nothing was written."""


@final
class BookingChanges:
    """The one way in which commands change bookings; whoever loses a race decides again on what stands."""

    def __init__(  # noqa: PLR0913 - the repositories whose actions go into one transaction
        self,
        store: Store,
        *,
        bookings: Bookings,
        holds: Holds,
        rooms: Rooms,
        policies: Policies,
        bank_details_of: BankDetailsOf,
    ) -> None:
        """Save in ``store`` what the repositories' actions say."""
        self._store = store
        self._rooms = rooms
        self._policies = policies
        self._holds = HoldChanges(store, bookings, holds)
        self._bank_details_of = bank_details_of

    def policy_of(self, booking: Booking) -> Policy:
        """Return the policy under which a booking was made."""
        return self._policies.get(booking.policy_version)

    def change(  # noqa: PLR0913 - which booking, how to decide, by which clock, and on what
        self,
        booking_id: str,
        decide: Callable[[BookingContext], Booking],
        *,
        now: datetime,
        expected_version: int | None = None,
        with_therapist: str | None = None,
        money: MoneyReads = MoneyReads.NOTHING,
        pays_ahead: bool = False,
        beside: Callable[[Booking], Sequence[Action]] = lambda _: (),
        allowance: Allowance | None = None,
    ) -> Done:
        """Decide on a booking and save; ``beside`` returns what is written with it, as of an ``allowance``."""

        def attempt() -> Done | None:
            context = load_booking(self._store, booking_id, with_therapist=with_therapist, money=money)
            before = context.booking
            try:
                after = decide(context)
            except NotFound:  # which comes first: nobody learns anything of a booking that they may not see
                raise
            except Refusal:
                before.check_version(expected_version, now)
                raise
            if after is before:
                return Done(booking=before, room=context.room, is_repeat=True)
            before.check_version(expected_version, now)
            bank_details = self._bank_details_of(after, context.therapist) if pays_ahead else None
            policy = self._policies.get(after.policy_version)
            transition = transition_of(
                before,
                after,
                now=now,
                due_days=policy.commission_due_days,
                bank_details=bank_details,
                commission=context.commission,
                credits_of_therapist=context.credits,
            )
            try:
                return self._save(transition, context.room, now, beside(before))
            except TransactionRefused:
                if allowance is None:
                    raise
                raise allowance.refusal() from None

        return retry_on_conflict(attempt)

    def _save(self, transition: Transition, room: Room | None, now: datetime, beside: Sequence[Action]) -> Done | None:
        """Write a step in one transaction; ``None`` says that something moved since the booking was read.

        What a step gives back (hold, claims, use of a code) may be gone already, after a repair for instance; then
        it is left out rather than holding up the booking.

        Raises:
            TransactionRefused: what is written ``beside`` it does not hold, and all else does.
        """
        gone: set[str] = set()
        while True:
            done, required, returned = self._actions_of(transition, room, gone, now)
            may_be_gone = {action.label for action in returned}
            try:
                self._store.transact([*required, *beside, *(action for action in returned if action.label not in gone)])
            except TransactionRefused as lost:
                if is_used_up(lost.refused):
                    raise DiscountUnavailable from None
                if BLOCK_LABEL in lost.refused:
                    raise TherapistUnavailable from None
                if beside and lost.refused.keys() == {action.label for action in beside}:
                    raise
                if not lost.refused.keys() <= may_be_gone:
                    return None
                gone |= lost.refused.keys()
                continue
            return done

    def _actions_of(
        self, transition: Transition, room: Room | None, gone: set[str], now: datetime
    ) -> tuple[Done, list[Action], list[Action]]:
        """Return what a step leaves behind, what must be written for it, and what is given back where it is held."""
        before, after = transition.before, transition.after
        required: list[Action] = []
        returned: list[Action] = []
        if transition.takes_over:
            required, returned, after = self._holds.take_over(transition, now)
        elif transition.rewrites_holds:
            required = self._holds.rewrite(transition, now)
        else:
            required, returned = self._holds.narrow_or_release(transition, gone, now)
        if transition.drops_request:
            returned.append(dropping_request(before))
        if transition.returns_uses:
            returned += returning_uses(before)
        if room is not None:
            followed, message = transition.in_room(room, now)
            required += [saving_room(room, followed), self._rooms.adding_message(message)]
            room = followed
        required += [adding_notice(notice, now, after.version) for notice in transition.notices]
        if transition.commission is not None:
            required += recording(transition.commission_before, transition.commission, transition.posting_reason)
        done = Done(booking=after, room=room, commission=transition.commission)
        return done, [saving_booking(before, after, now), *required], returned
