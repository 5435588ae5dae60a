"""What people and the clock do to a booking: load it, decide through the model, save everything in one transaction."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from copy import replace
from datetime import date, datetime, timedelta
from typing import Final, final
from zoneinfo import ZoneInfo

from msgspec import Struct

from marketplace.booking.calendar.model import Calendar, Hold, days_of_local_date
from marketplace.booking.discount_uses import is_used_up, returning_uses, taking_use
from marketplace.booking.fees import CancellationFee, cancellation_fee, outcome
from marketplace.booking.holds import (
    Holds,
    adding_request,
    checking_day,
    dropping_request,
    narrowing_hold,
    releasing_hold,
    requests_key,
    requests_of,
    rewriting_holds,
    sheet_key,
    sheet_of,
    taking_time,
)
from marketplace.booking.model import Booking, BookingEvent, BookingStatus, VisitStep, allowed, moves, offers, visits
from marketplace.booking.open_requests import OpenRequest, OpenRequests
from marketplace.booking.opening import CLAIMED, open_request, pending_in
from marketplace.booking.repository import Bookings, saving_booking
from marketplace.catalogue.discount.model import DiscountCode
from marketplace.catalogue.policy.model import Policy, Redispatch
from marketplace.catalogue.policy.repository import Policies
from marketplace.catalogue.repository import discount_code_key, therapist_key
from marketplace.catalogue.therapist.model import Therapist
from marketplace.chat.model import Room
from marketplace.chat.repository import Rooms
from marketplace.chat.rows import saving_room
from marketplace.commission.ledger.repository import recording
from marketplace.commission.model import Commission
from marketplace.commission.repository import Commissions
from marketplace.identity.allowances import Allowance
from marketplace.moderation.blocks import BLOCK_LABEL, checking_no_block
from marketplace.notification.repository import adding_notice
from marketplace.platform.caller import Caller
from marketplace.platform.dynamodb.actions import Action, ConditionRefused, TransactionRefused
from marketplace.platform.dynamodb.conflicts import retry_on_conflict
from marketplace.platform.dynamodb.records import from_record
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.refusals import (
    BookingNotPending,
    DeadlinePassed,
    DiscountUnavailable,
    Forbidden,
    InvalidTransition,
    NotFound,
    QuoteStale,
    Refusal,
    SlotTaken,
    TherapistUnavailable,
    ValidationFailed,
    VersionChanged,
)
from marketplace.services.booking.context import BookingContext, Wanted, load_booking, optional
from marketplace.services.booking.transitions import Transition, transition_of

_NO_LIMIT: Final = 1_000_000
_TAKES_TIME: Final = frozenset({BookingEvent.RESCHEDULED, BookingEvent.PROPOSED})
"""What takes time that was not held before."""

type BankDetailsOf = Callable[[Booking, Therapist | None], Mapping[str, str] | None]
"""Returns the bank details that go into the acceptance of a booking, if any do."""


@final
class Accepted(Struct, frozen=True, kw_only=True):
    """What an acceptance left behind."""

    booking: Booking
    commission: Commission
    is_repeat: bool


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
class BookingCommands:
    """The commands on bookings, one method each; whoever loses a race decides again on what stands.

    Each takes ``expected_version``, the version that whoever commands has seen: if the booking has another by then,
    it is refused with VersionChanged and nothing is written. Without one, commands take effect as they come.
    """

    def __init__(  # noqa: PLR0913 - the repositories whose actions go into one transaction
        self,
        store: Store,
        *,
        bookings: Bookings,
        holds: Holds,
        rooms: Rooms,
        commissions: Commissions,
        policies: Policies,
        bank_details_of: BankDetailsOf,
        start_code_tries: Callable[[str, datetime], Allowance],
    ) -> None:
        """Save in ``store`` what the repositories' actions say.

        ``start_code_tries`` returns what may still be tried of a booking's start code.
        """
        self._store = store
        self._bookings = bookings
        self._holds = holds
        self._rooms = rooms
        self._commissions = commissions
        self._policies = policies
        self._bank_details_of = bank_details_of
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
            asks_for_code = self._policy_of(context.booking).start_code
            return offers.accept(
                context.booking,
                by=by,
                now=now,
                whats_app=whats_app,
                start_code=new_start_code() if asks_for_code else None,
            )

        done = self._change(
            booking_id,
            decide,
            now=now,
            expected_version=expected_version,
            with_therapist=by.user_id,
            books=Wanted.CREDITS | Wanted.COMMISSION,
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
        return self._change(
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
        return self._change(booking_id, lambda context: offers.withdraw_offer(context.booking, by=by, now=now), now=now)

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

        return self._change(booking_id, decide, now=now, expected_version=expected_version, books=Wanted.COMMISSION)

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
        rules = self._policy_of(booking).cancellation
        return booking, cancellation_fee(
            rules, price=booking.price, created_at=booking.created_at, begins_at=begins_at, at=now
        )

    def complete(self, booking_id: str, *, by: Caller, now: datetime, expected_version: int | None = None) -> Done:
        """Record that a visit took place; the room stays open for another day.

        Raises:
            NotFound, InvalidTransition, ValidationFailed, VersionChanged: as the model says.
        """
        return self._change(
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
            after = timedelta(minutes=self._policy_of(context.booking).auto_complete_after_minutes)
            return visits.complete_overdue(context.booking, now=now, after=after)

        return self._change(booking_id, decide, now=now)

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

        return self._change(
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
            after = timedelta(minutes=self._policy_of(context.booking).no_show_after_minutes)
            return self._with_fee(visits.report_no_show(context.booking, by=by, now=now, after=after, note=note))

        return self._change(booking_id, decide, now=now, expected_version=expected_version, books=Wanted.COMMISSION)

    def expire(self, booking_id: str, *, now: datetime) -> Done:
        """Write down what the clock has done already.

        Raises:
            NotFound, BookingNotPending: as the model says.
        """
        return self._change(booking_id, lambda context: offers.expire(context.booking, now=now), now=now)

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
            context.therapist.check_papers(self._policies.in_force().required_documents, now)
            window = self._policies.get(context.booking.policy_version).response_window
            return offers.reassign(context.booking, to=context.therapist, by=by, now=now, window=window)

        return self._change(booking_id, decide, now=now, expected_version=expected_version, with_therapist=to)

    def reschedule(
        self, booking_id: str, to: datetime, *, by: Caller, now: datetime, expected_version: int | None = None
    ) -> Done:
        """Move a visit at once: old time out, new one in, checked like a new booking.

        Raises:
            NotFound, InvalidTransition, ValidationFailed, TherapistUnavailable, VersionChanged: as the model says.
            SlotTaken: another booking holds the time.
        """

        def decide(booking: Booking, therapist: Therapist) -> Booking:
            window = self._policy_of(booking).response_window
            return moves.reschedule(booking, to, therapist=therapist, by=by, now=now, window=window)

        return self._move(booking_id, decide, by=by, now=now, expected_version=expected_version)

    def propose(
        self, booking_id: str, to: datetime, *, by: Caller, now: datetime, expected_version: int | None = None
    ) -> Done:
        """Ask the other party for another time, and hold both.

        Raises:
            NotFound, InvalidTransition, ValidationFailed, TherapistUnavailable, VersionChanged: as the model says.
            SlotTaken: another booking holds the time.
        """

        def decide(booking: Booking, therapist: Therapist) -> Booking:
            window = self._policy_of(booking).response_window
            return moves.propose(booking, to, therapist=therapist, by=by, now=now, window=window)

        return self._move(booking_id, decide, by=by, now=now, expected_version=expected_version)

    def accept_proposal(
        self, booking_id: str, *, by: Caller, now: datetime, expected_version: int | None = None
    ) -> Done:
        """Take the other party's time: hold, visit and the commission's deadline move together.

        Raises:
            NotFound, InvalidTransition, VersionChanged: as the model says.
        """
        return self._change(
            booking_id,
            lambda context: moves.answer_proposal(context.booking, accepted=True, by=by, now=now),
            now=now,
            expected_version=expected_version,
            books=Wanted.COMMISSION,
        )

    def decline_proposal(
        self, booking_id: str, *, by: Caller, now: datetime, expected_version: int | None = None
    ) -> Done:
        """Leave the visit at its time; the other one is free at once.

        Raises:
            NotFound, InvalidTransition, VersionChanged: as the model says.
        """
        return self._change(
            booking_id,
            lambda context: moves.answer_proposal(context.booking, accepted=False, by=by, now=now),
            now=now,
            expected_version=expected_version,
        )

    def withdraw_proposal(
        self, booking_id: str, *, by: Caller, now: datetime, expected_version: int | None = None
    ) -> Done:
        """Take one's own proposal back; the time is free at once.

        Raises:
            NotFound, InvalidTransition, VersionChanged: as the model says.
        """
        return self._change(
            booking_id,
            lambda context: moves.withdraw_proposal(context.booking, by=by, now=now),
            now=now,
            expected_version=expected_version,
        )

    def end_proposal(self, booking_id: str, *, now: datetime) -> Done:
        """Write down that a proposal has expired, which it has whether or not anybody writes that down.

        Raises:
            NotFound, InvalidTransition: as the model says.
        """
        return self._change(booking_id, lambda context: moves.end_proposal(context.booking, now=now), now=now)

    def _move(
        self,
        booking_id: str,
        decide: Callable[[Booking, Therapist], Booking],
        *,
        by: Caller,
        now: datetime,
        expected_version: int | None,
    ) -> Done:
        """Decide on another time with the booking's therapist at hand, who is known only once it has been read."""
        seen = self._bookings.get(booking_id)
        seen.check_visible_to(by)

        def with_therapist(context: BookingContext) -> Booking:
            booking, therapist = context.booking, context.therapist
            if therapist is None:
                raise NotFound
            if therapist.therapist_id != booking.therapist_id:
                raise VersionChanged(booking.as_of(now).status, booking.version)
            return decide(booking, therapist)

        return self._change(
            booking_id,
            with_therapist,
            now=now,
            expected_version=expected_version,
            with_therapist=seen.therapist_id,
            books=Wanted.COMMISSION,
        )

    def redispatch(  # noqa: PLR0913 - which booking, to whom, at which price, by whom, when, and what they saw
        self, booking_id: str, *, to: str, price: int, by: Caller, now: datetime, expected_version: int | None = None
    ) -> Done:
        """Offer a booking anew to somebody whom its customer chose, at that therapist's own price.

        Raises:
            NotFound: there is no such booking of the caller, or no such therapist.
            Forbidden: the policy does not allow it.
            QuoteStale: the price is another one.
            InvalidTransition, TherapistUnavailable, ValidationFailed, VersionChanged: as the model says.
            SlotTaken, DuplicateBooking: what others hold stands against it.
        """

        def decide(context: BookingContext) -> Booking:
            booking, policy = context.booking, self._policy_of(context.booking)
            if not booking.is_customer(by):
                raise NotFound
            if policy.redispatch is Redispatch.NONE:
                raise Forbidden
            if not allowed.may_be_redispatched(booking, now):
                raise InvalidTransition(booking.as_of(now).status)
            if context.therapist is None:
                raise NotFound
            offered = offers.redispatch(booking, to=context.therapist, by=by, now=now, window=policy.response_window)
            if offered.price != price:
                raise QuoteStale
            return offered

        return self._change(booking_id, decide, now=now, expected_version=expected_version, with_therapist=to)

    # Policies ---------------------------------------------------------------------------------------

    def _policy_of(self, booking: Booking) -> Policy:
        return self._policies.get(booking.policy_version)

    def _with_fee(self, ended: Booking) -> Booking:
        """Return an ended booking with what that costs its customer; of one never confirmed it is nothing."""
        fee = 0 if ended.confirmed_at is None else outcome(ended, self._policy_of(ended)).fee
        return replace(ended, cancellation_fee=fee)

    def _count_try(self, tries: Allowance) -> None:
        try:
            self._store.write(tries.taking)
        except ConditionRefused:
            raise tries.refusal() from None

    # Saving -----------------------------------------------------------------------------------------

    def _change(  # noqa: PLR0913 - which booking, how to decide, by which clock, and on what
        self,
        booking_id: str,
        decide: Callable[[BookingContext], Booking],
        *,
        now: datetime,
        expected_version: int | None = None,
        with_therapist: str | None = None,
        books: Wanted = Wanted.NOTHING,
        pays_ahead: bool = False,
        beside: Callable[[Booking], Sequence[Action]] = lambda _: (),
        allowance: Allowance | None = None,
    ) -> Done:
        """Decide on a booking and save; ``beside`` returns what is written with it, as of an ``allowance``."""

        def attempt() -> Done | None:
            context = load_booking(self._store, booking_id, with_therapist=with_therapist, books=books)
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
            required, returned, after = self._taking_over(transition, now)
        elif transition.rewrites_holds:
            required = self._rewriting_holds(transition, now)
        else:
            required, returned = self._moving_hold(transition, gone, now)
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

    def _moving_hold(self, transition: Transition, gone: set[str], now: datetime) -> tuple[list[Action], list[Action]]:
        """Narrow or release the hold where it is written down, without reading the sheets.

        A hold to be narrowed must still stand there: after its deadline somebody else may have taken its
        time over. If it does not, the time is taken anew, where it is free.

        Raises:
            DeadlinePassed: somebody else has taken the time over.
        """
        before, hold, kept = transition.before, transition.hold, transition.after.held_days
        is_over = transition.after.status is BookingStatus.COMPLETED
        releasing: list[Action] = [
            releasing_hold(before, day, visit_over=is_over) for day in before.held_days if day not in kept
        ]
        if hold is None:
            return [], releasing
        narrowing = [narrowing_hold(before, day, hold) for day in kept]
        if all(action.label not in gone for action in narrowing):
            return [], [*releasing, *narrowing]
        calendar = self._holds.calendar_with_beds(before.therapist_id, hold.days)
        if not calendar.is_free(hold, now):
            raise DeadlinePassed(BookingStatus.EXPIRED)
        return [*taking_time(hold, calendar, (), now)], releasing

    def _rewriting_holds(self, transition: Transition, now: datetime) -> list[Action]:
        """Leave the booking with the times that it holds now; a new one must be free, as at the creation.

        Of a pending one the open request moves along, for it ends with the deadline.

        Raises:
            SlotTaken: another booking holds the time.
        """
        before, after = transition.before, transition.after
        was = [hold for hold in (before.hold(), before.proposed_hold()) if hold is not None]
        holds = [hold for hold in (transition.hold, after.proposed_hold()) if hold is not None]
        days = {day for hold in (*was, *holds) for day in hold.days} | _dates(before.held_days)
        if after.event in _TAKES_TIME:
            calendar, over = self._calendar_to_take(after, holds[-1], days, now)
        else:
            calendar, over = self._holds.calendar(after.therapist_id, sorted(days)), frozenset()
        required: list[Action] = [*rewriting_holds(after, holds, calendar, over, now)]
        if after.status is BookingStatus.PENDING:
            (item,) = self._store.batch_get([("claims", requests_key(after.customer_whats_app))])
            requests = requests_of(after.customer_whats_app, item)
            required.append(adding_request(requests, open_request(after), over, now))
        return required

    def _calendar_to_take(
        self, booking: Booking, wanted: Hold, days: set[date], now: datetime
    ) -> tuple[Calendar, frozenset[str]]:
        """Return the sheets of the days and of the whole local date of a new time, once that is free, and who is over.

        Raises:
            SlotTaken: another booking holds the time, or as many visits begin on that date as the therapist makes.
        """
        (item,) = self._store.batch_get([therapist_key(booking.therapist_id)])
        therapist = from_record(Therapist, item or {})
        if therapist.visits_per_day is not None:
            days |= set(days_of_local_date(wanted.visit_at or wanted.starts_at, therapist.zone))
        calendar = self._holds.calendar(booking.therapist_id, sorted(days), beds=therapist.beds)
        over: frozenset[str] = frozenset()
        try:
            _check_takeable_time(calendar, wanted, therapist, now)
        except SlotTaken:
            over = self._bookings.released(calendar.pending_bookings(now) - {booking.booking_id}, now)
            if not over:
                raise
            _check_takeable_time(calendar.without(over), wanted, therapist, now)
        return calendar, over

    def _taking_over(self, transition: Transition, now: datetime) -> tuple[list[Action], list[Action], Booking]:
        """Move hold, request and discount use to the new therapist, checked as at creation.

        As there, what stands in the way does so by its booking, whose deadline alone counts.
        """
        before, after, hold = transition.before, transition.after, transition.hold
        if hold is None:
            raise AssertionError
        zone = ZoneInfo(after.time_zone)
        days = sorted({*hold.days, *days_of_local_date(hold.visit_at or hold.starts_at, zone)})
        therapist_item, requests_item, code_item, *sheets = self._store.batch_get(
            [
                therapist_key(after.therapist_id),
                ("claims", requests_key(after.customer_whats_app)),
                discount_code_key(after.discount_code or "-"),
                *(("calendar", sheet_key(after.therapist_id, day)) for day in days),
            ]
        )
        therapist = optional(Therapist, therapist_item)
        most = therapist.visits_per_day if therapist else None
        calendar = Calendar(
            therapist_id=after.therapist_id,
            sheets={day: sheet_of(after.therapist_id, day, item) for day, item in zip(days, sheets, strict=True)},
            beds=therapist.beds if therapist else 1,
        )
        requests = requests_of(after.customer_whats_app, requests_item)
        request = open_request(after)
        over: frozenset[str] = frozenset()
        try:
            _check_takeable(hold, calendar, request, requests, now)
            calendar.check_day(hold, zone, most, now)
        except CLAIMED:
            over = self._bookings.released(pending_in(calendar, requests) - {after.booking_id}, now)
            if not over:
                raise
            _check_takeable(hold, calendar.without(over), request, requests.without(over), now)
            calendar.without(over).check_day(hold, zone, most, now)
        required: list[Action] = [
            *taking_time(hold, calendar, over, now),
            adding_request(requests, request, over, now),
            checking_no_block(after.customer_id, after.therapist_id),
            *(checking_day(calendar, hold) if most is not None else ()),
        ]
        released_days = set(before.held_days)
        if before.therapist_id == after.therapist_id:
            released_days -= set(after.held_days)
        if after.discount_code and before.status is not BookingStatus.PENDING:
            # Price and discount stay, so the code's dates were judged at the creation; its uses are counted anew.
            counters: tuple[str, ...] = ()
            if code_item is not None:
                code = from_record(DiscountCode, code_item)
                code.check_left()
                uses, counters = taking_use(code, after, now)
                required += uses
            after = replace(after, discount_counters=counters)
        return required, [releasing_hold(before, day) for day in sorted(released_days)], after


def _check_takeable_time(calendar: Calendar, wanted: Hold, therapist: Therapist, now: datetime) -> None:
    calendar.check_free(wanted, now)
    calendar.check_day(wanted, therapist.zone, therapist.visits_per_day, now)


def _dates(written_days: Sequence[str]) -> set[date]:
    return {date.fromisoformat(day) for day in written_days}


def new_start_code() -> str:
    """Return four digits at random."""
    return f"{secrets.randbelow(10_000):04d}"


def _check_takeable(
    hold: Hold, calendar: Calendar, request: OpenRequest, requests: OpenRequests, now: datetime
) -> None:
    """Refuse a time that is held, or a therapist whom the same number is asking already."""
    calendar.check_free(hold, now)
    requests.check_may_open(request, confirmed=True, limit_scale=_NO_LIMIT, now=now)
