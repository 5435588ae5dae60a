"""The whole state machine: every step from every state by everybody, with the refusal of each that is forbidden."""

from collections.abc import Callable, Mapping
from copy import replace
from datetime import timedelta
from itertools import product
from typing import Final

import pytest

from marketplace.booking.model import (
    TRANSITIONS,
    Booking,
    BookingEvent,
    BookingStatus,
    BookingType,
    Source,
    allowed,
    offers,
    visits,
)
from marketplace.catalogue.therapist.model import Presence
from marketplace.platform.caller import Caller, Role
from marketplace.platform.refusals import (
    BookingNotPending,
    DeadlinePassed,
    InvalidTransition,
    NotFound,
    Refusal,
    TherapistUnavailable,
    ValidationFailed,
)
from tests.money_rows import NOON, pending_booking
from tests.therapist_rows import a_therapist

CUSTOMER: Final = Caller(user_id="c-wayan", role=Role.CUSTOMER)
THERAPIST: Final = Caller(user_id="t-ayu", role=Role.THERAPIST)
ADMIN: Final = Caller(user_id="a-admin", role=Role.ADMIN)
OTHER_CUSTOMER: Final = Caller(user_id="c-made", role=Role.CUSTOMER)
OTHER_THERAPIST: Final = Caller(user_id="t-budi", role=Role.THERAPIST)
WINDOW: Final = timedelta(minutes=15)
LATE: Final = NOON + timedelta(hours=1)

ACCEPTED: Final = offers.accept(pending_booking("b-1"), by=THERAPIST, now=NOON)
STATES: Final[Mapping[str, Booking]] = {
    "pending": pending_booking("b-1"),
    "overdue": pending_booking("b-1", response_deadline=NOON),
    "confirmed": ACCEPTED,
    "declined": offers.decline(pending_booking("b-1"), by=THERAPIST, now=NOON),
    "expired": offers.expire(pending_booking("b-1", response_deadline=NOON), now=NOON),
    "cancelled": visits.cancel(pending_booking("b-1"), by=CUSTOMER, now=NOON),
    "completed": visits.complete(ACCEPTED, by=THERAPIST, now=NOON),
}
"""Every state; ``overdue`` is pending in the table and past its deadline, so everybody sees it as expired."""

STEPS: Final[Mapping[str, Callable[[Booking, Caller], Booking]]] = {
    "accept": lambda booking, by: offers.accept(booking, by=by, now=NOON),
    "decline": lambda booking, by: offers.decline(booking, by=by, now=NOON),
    "cancel": lambda booking, by: visits.cancel(booking, by=by, now=NOON, reason="ill"),
    "complete": lambda booking, by: visits.complete(booking, by=by, now=NOON),
}
CALLERS: Final = {
    "customer": CUSTOMER,
    "therapist": THERAPIST,
    "admin": ADMIN,
    "other customer": OTHER_CUSTOMER,
    "other therapist": OTHER_THERAPIST,
}

type Outcome = BookingStatus | type[Refusal]

ANSWERED: Final[Mapping[str, Outcome]] = {
    "pending": BookingStatus.CONFIRMED,
    "overdue": DeadlinePassed,
    "confirmed": BookingNotPending,
    "declined": BookingNotPending,
    "expired": DeadlinePassed,
    "cancelled": BookingNotPending,
    "completed": BookingNotPending,
}


def expected(step: str, state: str, caller: str) -> Outcome:  # noqa: PLR0911 - one return a rule of the contract
    """Say what the contract wants of a step, worked out apart from the code."""
    if caller.startswith("other"):
        return NotFound
    if step in {"accept", "decline"}:
        if caller != "therapist":
            return NotFound
        outcome = ANSWERED[state]
        return BookingStatus.DECLINED if outcome is BookingStatus.CONFIRMED and step == "decline" else outcome
    if step == "complete":
        if caller == "customer":
            return NotFound
        return BookingStatus.COMPLETED if state == "confirmed" else InvalidTransition
    if state == "confirmed" or (state == "pending" and caller != "therapist"):
        return BookingStatus.CANCELLED
    return InvalidTransition


@pytest.mark.parametrize(("step", "state", "caller"), list(product(STEPS, STATES, CALLERS)))
def test_every_step_from_every_state_by_everybody(step: str, state: str, caller: str) -> None:
    booking, outcome = STATES[state], expected(step, state, caller)

    if isinstance(outcome, BookingStatus):
        moved = STEPS[step](booking, CALLERS[caller])
        assert moved.status is outcome
        assert moved.version == booking.version + 1
        assert (moved.actor_id, moved.actor_role) == (CALLERS[caller].user_id, CALLERS[caller].role)
    else:
        with pytest.raises(outcome):
            STEPS[step](booking, CALLERS[caller])


@pytest.mark.parametrize(("step", "state", "caller"), list(product(STEPS, STATES, CALLERS)))
def test_what_is_offered_succeeds_and_what_is_not_offered_fails(step: str, state: str, caller: str) -> None:
    offered = allowed.allowed_actions(STATES[state], CALLERS[caller], NOON)

    assert (step in offered) == isinstance(expected(step, state, caller), BookingStatus)


@pytest.mark.parametrize("state", STATES)
def test_only_what_is_open_and_unconfirmed_can_be_reassigned(state: str) -> None:
    to = a_therapist("t-budi")

    if state in {"pending", "overdue", "declined", "expired"}:
        moved = offers.reassign(STATES[state], to=to, by=ADMIN, now=NOON, window=WINDOW)
        assert moved.status is BookingStatus.PENDING
        assert moved.therapist_id == "t-budi"
        assert moved.response_deadline == NOON + WINDOW
        assert (moved.price, moved.discount) == (STATES[state].price, STATES[state].discount)
        assert moved.declined_at is moved.expired_at is None
        assert not moved.is_therapist(THERAPIST)
    else:
        with pytest.raises(InvalidTransition):
            offers.reassign(STATES[state], to=to, by=ADMIN, now=NOON, window=WINDOW)


def test_the_therapist_who_is_asked_already_is_not_asked_again() -> None:
    with pytest.raises(InvalidTransition):
        offers.reassign(STATES["pending"], to=a_therapist("t-ayu"), by=ADMIN, now=NOON, window=WINDOW)


@pytest.mark.parametrize("state", ["overdue", "declined", "expired"])
def test_the_therapist_who_missed_it_can_be_asked_again(state: str) -> None:
    moved = offers.reassign(STATES[state], to=a_therapist("t-ayu"), by=ADMIN, now=NOON, window=WINDOW)

    assert moved.as_of(NOON).status is BookingStatus.PENDING


def test_a_therapist_who_is_not_online_cannot_be_given_an_immediate_booking() -> None:
    with pytest.raises(TherapistUnavailable):
        offers.reassign(
            STATES["declined"], to=a_therapist("t-budi", status=Presence.BUSY), by=ADMIN, now=NOON, window=WINDOW
        )


def test_a_therapist_cannot_be_given_what_is_not_on_their_menu() -> None:
    booking = pending_booking("b-1", service_id="hot-stone")

    with pytest.raises(ValidationFailed):
        offers.reassign(booking, to=a_therapist("t-budi"), by=ADMIN, now=NOON, window=WINDOW)


def test_nothing_is_reassigned_once_its_scheduled_start_has_come() -> None:
    booking = pending_booking("b-1", booking_type=BookingType.SCHEDULED, scheduled_time=NOON, response_deadline=NOON)

    with pytest.raises(InvalidTransition):
        offers.reassign(booking, to=a_therapist("t-budi"), by=ADMIN, now=NOON, window=WINDOW)


def test_a_scheduled_visit_is_not_complete_before_its_start() -> None:
    visit = replace(ACCEPTED, booking_type=BookingType.SCHEDULED, scheduled_time=LATE)

    for by in (THERAPIST, ADMIN):
        with pytest.raises(InvalidTransition):
            visits.complete(visit, by=by, now=LATE - timedelta(milliseconds=1))
        assert visits.complete(visit, by=by, now=LATE).status is BookingStatus.COMPLETED


def test_the_table_of_transitions_is_the_contracts() -> None:
    assert {(before.value, after.value) for before, afters in TRANSITIONS.items() for after in afters} == {
        ("pending", "confirmed"),
        ("pending", "declined"),
        ("pending", "expired"),
        ("pending", "cancelled"),
        ("pending", "pending"),
        ("confirmed", "completed"),
        ("confirmed", "cancelled"),
        ("confirmed", "no_show"),
        ("declined", "pending"),
        ("expired", "pending"),
        ("cancelled", "pending"),
        ("no_show", "pending"),
    }


def test_a_refusal_names_the_present_state() -> None:
    with pytest.raises(BookingNotPending) as refused:
        offers.accept(STATES["cancelled"], by=THERAPIST, now=NOON)

    assert refused.value.extensions == {"bookingStatus": "cancelled"}


# The deadline -----------------------------------------------------------------------------------------


def test_the_deadline_itself_is_too_late_and_a_millisecond_before_is_not() -> None:
    booking = pending_booking("b-1")
    deadline = booking.response_deadline

    assert (
        offers.accept(booking, by=THERAPIST, now=deadline - timedelta(milliseconds=1)).status is BookingStatus.CONFIRMED
    )
    assert booking.as_of(deadline).status is BookingStatus.EXPIRED
    assert booking.as_of(deadline).expired_at == deadline
    with pytest.raises(DeadlinePassed):
        offers.accept(booking, by=THERAPIST, now=deadline)


def test_the_sweep_writes_what_everybody_has_seen_since_the_deadline() -> None:
    booking = pending_booking("b-1", response_deadline=NOON)

    swept = offers.expire(booking, now=NOON + timedelta(seconds=40))

    assert (swept.status, swept.expired_at) == (booking.as_of(NOON).status, booking.as_of(NOON).expired_at)
    assert swept.event is BookingEvent.EXPIRED
    with pytest.raises(BookingNotPending):
        offers.expire(swept, now=NOON + timedelta(minutes=2))


# What it holds ----------------------------------------------------------------------------------------


def test_a_pending_immediate_booking_holds_until_its_latest_end_and_accepting_narrows_that() -> None:
    booking = pending_booking("b-1")

    pending, confirmed = booking.hold(), offers.accept(booking, by=THERAPIST, now=NOON).hold()

    assert pending is not None
    assert confirmed is not None
    assert pending.starts_at == booking.offered_at
    assert pending.ends_at == booking.response_deadline + timedelta(minutes=90 + 15)
    assert pending.held_until == booking.response_deadline
    assert (confirmed.starts_at, confirmed.ends_at) == (NOON, NOON + timedelta(minutes=90 + 15))
    assert pending.starts_at <= confirmed.starts_at
    assert confirmed.ends_at <= pending.ends_at
    assert confirmed.held_until is None


@pytest.mark.parametrize("state", ["declined", "expired", "cancelled", "completed"])
def test_what_is_over_holds_nothing(state: str) -> None:
    assert STATES[state].hold() is None


# Where it came from -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("booking_type", "service_id", "chat", "source"),
    [
        (BookingType.SCHEDULED, "balinese", True, Source.SCHEDULED),
        (BookingType.SCHEDULED, None, False, Source.SCHEDULED),
        (BookingType.IMMEDIATE, "balinese", True, Source.MENU_SLIDER),
        (BookingType.IMMEDIATE, None, True, Source.CHAT_WINDOW),
        (BookingType.IMMEDIATE, None, False, Source.DIRECT),
    ],
)
def test_a_source_that_is_not_given_follows_from_the_booking(
    booking_type: BookingType,
    service_id: str | None,
    chat: bool,  # noqa: FBT001 - a column of the table
    source: Source,
) -> None:
    assert Source.of(None, booking_type, service_id, chat_window_open=chat) is source
    for given in Source:
        assert Source.of(given, booking_type, service_id, chat_window_open=chat) is given


# Who sees what ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", STATES)
def test_the_therapist_sees_number_and_place_from_the_confirmation_on(state: str) -> None:
    booking = STATES[state].as_of(NOON)

    assert booking.reveals_customer_to(Role.THERAPIST) == (state in {"confirmed", "completed"})
    assert booking.reveals_customer_to(Role.CUSTOMER)
    assert booking.reveals_customer_to(Role.ADMIN)
