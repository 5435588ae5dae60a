"""What people and the schedule do to a booking, but for moving it to another time."""

import secrets
from collections.abc import Callable, Sequence
from copy import replace
from datetime import datetime, timedelta
from typing import final

from msgspec import Struct

from marketplace.booking.fees import CancellationFee, cancellation_fee, outcome
from marketplace.booking.model import Booking, BookingStatus, VisitStep, allowed, offers, visits
from marketplace.booking.repository import Bookings
from marketplace.catalogue.policy.model import Redispatch
from marketplace.catalogue.policy.repository import Policies
from marketplace.commission.model import Commission
from marketplace.commission.repository import Commissions
from marketplace.identity.allowances import Allowance
from marketplace.platform.caller import Caller, Role
from marketplace.platform.dynamodb.actions import Action, ConditionRefused
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.refusals import (
    BookingNotPending,
    Forbidden,
    InvalidTransition,
    NotFound,
    QuoteStale,
    ValidationFailed,
)
from marketplace.services.booking.changes import BookingChanges, Done
from marketplace.services.booking.context import BookingContext, MoneyReads


@final
class Accepted(Struct, frozen=True, kw_only=True):
    """What an acceptance left behind."""

    booking: Booking
    commission: Commission
    is_repeat: bool


@final
class BookingCommands:
    """The commands on bookings, one method each; whoever loses a race decides again on what stands.

    Each takes ``expected_version``, the version that whoever commands has seen: if the booking has another by then,
    it is refused with VersionChanged and nothing is written. Without one, commands take effect as they come.
    """

    def __init__(  # noqa: PLR0913 - what commands read and write
        self,
        store: Store,
        changes: BookingChanges,
        *,
        bookings: Bookings,
        commissions: Commissions,
        policies: Policies,
        start_code_tries: Callable[[str, datetime], Allowance],
    ) -> None:
        """Change bookings by ``changes``.

        ``start_code_tries`` returns what may still be tried of a booking's start code.
        """
        self._store = store
        self._changes = changes
        self._bookings = bookings
        self._commissions = commissions
        self._policies = policies
        self._start_code_tries = start_code_tries

    def accept(self, booking_id: str, *, by: Caller, now: datetime, expected_version: int | None = None) -> Accepted:
        """Confirm a booking in the name of its therapist and record its commission; again, it answers the same.

        Raises:
            NotFound, DeadlinePassed, BookingNotPending, VersionChanged: as the model says.
        """

        def decide(context: BookingContext) -> Booking:
            if context.booking.is_accepted_by(by):
                return context.booking
            if context.booking.is_therapist(by) and context.therapist is not None and context.therapist.is_suspended:
                raise BookingNotPending(BookingStatus.DECLINED)
            whats_app = context.therapist.whats_app if context.therapist else None
            asks_for_code = self._changes.policy_of(context.booking).start_code
            return offers.accept(
                context.booking,
                by=by,
                now=now,
                whats_app=whats_app,
                start_code=new_start_code() if asks_for_code else None,
            )

        done = self._changes.change(
            booking_id,
            decide,
            now=now,
            expected_version=expected_version,
            with_therapist=by.user_id,
            money=MoneyReads.CREDITS | MoneyReads.COMMISSION,
            pays_ahead=True,
        )
        commission = done.commission or self._commissions.get(booking_id)
        return Accepted(booking=done.booking, commission=commission, is_repeat=done.is_repeat)

    def decline(
        self,
        booking_id: str,
        *,
        by: Caller,
        now: datetime,
        reason: str | None = None,
        expected_version: int | None = None,
    ) -> Done:
        """Refuse a booking in the name of its therapist; its hold and claims are free at once.

        Raises:
            NotFound, DeadlinePassed, BookingNotPending, VersionChanged: as the model says.
        """
        return self._changes.change(
            booking_id,
            lambda context: offers.decline(context.booking, by=by, now=now, reason=reason),
            now=now,
            expected_version=expected_version,
        )

    def withdraw_offer(self, booking_id: str, *, by: Caller, now: datetime) -> Done:
        """End a pending offer as declined because its therapist takes no more bookings.

        Raises:
            NotFound, BookingNotPending: as the model says.
        """
        return self._changes.change(
            booking_id, lambda context: offers.withdraw_offer(context.booking, by=by, now=now), now=now
        )

    def cancel(  # noqa: PLR0913 - which booking, who, when, why, at which price, and what they saw
        self,
        booking_id: str,
        *,
        by: Caller,
        now: datetime,
        reason: str | None = None,
        fee: int | None = None,
        expected_version: int | None = None,
    ) -> Done:
        """Call a visit off; its hold is free at once, and its commission is taken back or stands on the fee.

        ``fee`` is what the caller takes it to cost, if they say so.

        Raises:
            NotFound, InvalidTransition, ValidationFailed, VersionChanged: as the model says.
            QuoteStale: it costs something else.
        """

        def decide(context: BookingContext) -> Booking:
            cancelled = self._with_fee(visits.cancel(context.booking, by=by, now=now, reason=reason))
            if fee is not None and fee != cancelled.cancellation_fee:
                raise QuoteStale
            return cancelled

        return self._changes.change(
            booking_id, decide, now=now, expected_version=expected_version, money=MoneyReads.COMMISSION
        )

    def cancellation(self, booking_id: str, *, by: Caller, now: datetime) -> tuple[Booking, CancellationFee | None]:
        """Return a booking with what cancelling it now would cost its customer; None where that is nothing anyway.

        Raises:
            NotFound: there is no such booking, or none that the caller may see.
        """
        booking = self._bookings.get(booking_id)
        booking.check_visible_to(by)
        begins_at = booking.begins_at
        if booking.status is not BookingStatus.CONFIRMED or begins_at is None or now >= begins_at:
            return booking, None
        rules = self._changes.policy_of(booking).cancellation
        return booking, cancellation_fee(
            rules, price=booking.price, created_at=booking.created_at, begins_at=begins_at, at=now
        )

    def complete(self, booking_id: str, *, by: Caller, now: datetime, expected_version: int | None = None) -> Done:
        """Record that a visit took place; the room stays open for another day.

        Raises:
            NotFound, InvalidTransition, ValidationFailed, VersionChanged: as the model says.
        """
        return self._changes.change(
            booking_id,
            lambda context: visits.complete(context.booking, by=by, now=now),
            now=now,
            expected_version=expected_version,
        )

    def complete_overdue(self, booking_id: str, *, now: datetime) -> Done:
        """Complete a visit that nobody has closed in the time that its policy leaves for that.

        Raises:
            NotFound, InvalidTransition: as the model says.
        """

        def decide(context: BookingContext) -> Booking:
            after = timedelta(minutes=self._changes.policy_of(context.booking).auto_complete_after_minutes)
            return visits.complete_overdue(context.booking, now=now, after=after)

        return self._changes.change(booking_id, decide, now=now)

    def take_step(  # noqa: PLR0913 - which booking, how far, who, when, with which code, and what they saw
        self,
        booking_id: str,
        step: VisitStep,
        *,
        by: Caller,
        now: datetime,
        start_code: str | None = None,
        expected_version: int | None = None,
    ) -> Done:
        """Go on with a visit; a repeated step answers the same.

        A start code can be tried five times an hour, right or wrong.

        Raises:
            NotFound, InvalidTransition, ValidationFailed, VersionChanged: as the model says.
            TooManyRequests: the code was tried too often.
        """
        tries = self._start_code_tries(booking_id, now)

        def decide(context: BookingContext) -> Booking:
            booking = context.booking
            is_try = start_code is not None and visits.needs_start_code_for(booking, step)
            try:
                return visits.take_step(booking, step, by=by, now=now, start_code=start_code)
            except ValidationFailed:
                booking.check_version(expected_version, now)
                if is_try:
                    self._count_try(tries)
                raise

        def beside(before: Booking) -> Sequence[Action]:
            return [tries.taking] if visits.needs_start_code_for(before, step) else []

        return self._changes.change(
            booking_id, decide, now=now, expected_version=expected_version, beside=beside, allowance=tries
        )

    def report_no_show(
        self,
        booking_id: str,
        *,
        by: Caller,
        now: datetime,
        note: str | None = None,
        expected_version: int | None = None,
    ) -> Done:
        """Record that the other party did not come; its commission is taken back or stands on the policy's fee.

        Raises:
            NotFound, InvalidTransition, VersionChanged: as the model says.
        """

        def decide(context: BookingContext) -> Booking:
            after = timedelta(minutes=self._changes.policy_of(context.booking).no_show_after_minutes)
            return self._with_fee(visits.report_no_show(context.booking, by=by, now=now, after=after, note=note))

        return self._changes.change(
            booking_id, decide, now=now, expected_version=expected_version, money=MoneyReads.COMMISSION
        )

    def expire(self, booking_id: str, *, now: datetime) -> Done:
        """Write down that its deadline has passed.

        Raises:
            NotFound, BookingNotPending: as the model says.
        """
        return self._changes.change(booking_id, lambda context: offers.expire(context.booking, now=now), now=now)

    def reassign(
        self, booking_id: str, *, to: str, by: Caller, now: datetime, expected_version: int | None = None
    ) -> Done:
        """Offer a booking to another therapist: hold, request and use of a code move, or nothing does.

        Raises:
            NotFound: there is no such booking or therapist.
            InvalidTransition, TherapistUnavailable, ValidationFailed, VersionChanged: as the model says.
            SlotTaken, DuplicateBooking, DiscountUnavailable: what others hold stands against it.
        """

        def decide(context: BookingContext) -> Booking:
            if context.therapist is None:
                raise NotFound
            self._policies.in_force().check_lets_offer_to(context.therapist, now)
            window = self._policies.get(context.booking.policy_version).response_window
            return offers.reassign(context.booking, to=context.therapist, by=by, now=now, window=window)

        return self._changes.change(booking_id, decide, now=now, expected_version=expected_version, with_therapist=to)

    def redispatch(  # noqa: PLR0913 - which booking, to whom, at which price, by whom, when, and what they saw
        self, booking_id: str, *, to: str, price: int, by: Caller, now: datetime, expected_version: int | None = None
    ) -> Done:
        """Offer a booking anew to somebody whom its customer, or the marketplace, chose, at that therapist's own price.

        Raises:
            NotFound: there is no such booking of the caller, or no such therapist.
            Forbidden: the policy does not allow it.
            QuoteStale: the price is another one.
            InvalidTransition, TherapistUnavailable, ValidationFailed, VersionChanged: as the model says.
            SlotTaken, DuplicateBooking: what others hold stands against it.
        """

        def decide(context: BookingContext) -> Booking:
            booking, policy = context.booking, self._changes.policy_of(context.booking)
            if not (booking.is_customer(by) or by.role is Role.SYSTEM):
                raise NotFound
            if policy.redispatch is Redispatch.NONE:
                raise Forbidden
            if not allowed.may_be_redispatched(booking, now):
                raise InvalidTransition(booking.as_of(now).status)
            if context.therapist is None:
                raise NotFound
            self._policies.in_force().check_lets_offer_to(context.therapist, now)
            offered = offers.redispatch(booking, to=context.therapist, by=by, now=now, window=policy.response_window)
            if offered.price != price:
                raise QuoteStale
            return offered

        return self._changes.change(booking_id, decide, now=now, expected_version=expected_version, with_therapist=to)

    def _with_fee(self, ended: Booking) -> Booking:
        """Return an ended booking with what that costs its customer; of one never confirmed it is nothing."""
        fee = 0 if ended.confirmed_at is None else outcome(ended, self._changes.policy_of(ended)).fee
        return replace(ended, cancellation_fee=fee)

    def _count_try(self, tries: Allowance) -> None:
        try:
            self._store.write(tries.taking)
        except ConditionRefused:
            raise tries.refusal() from None


def new_start_code() -> str:
    """Return four digits at random."""
    return f"{secrets.randbelow(10_000):04d}"
