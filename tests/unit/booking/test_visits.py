"""From the acceptance to the end of a visit: its steps, who may call it off, who did not come, what it comes to."""

from copy import replace
from datetime import datetime, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.booking.fees import outcome
from marketplace.booking.model import (
    Booking,
    BookingEvent,
    BookingStatus,
    BookingType,
    VisitStep,
    allowed,
    moves,
    offers,
    visits,
)
from marketplace.booking.responses.booking import booking_view
from marketplace.catalogue.policy.model import CancellationRules, CancellationTier, Policy
from marketplace.platform.caller import Caller, Role
from marketplace.platform.refusals import InvalidTransition, NotFound, Refusal, ValidationFailed
from tests.money_rows import NOON, confirmed_booking
from tools.local.demo_data import THERAPISTS

CUSTOMER: Final = Caller(user_id="c-wayan", role=Role.CUSTOMER)
THERAPIST: Final = Caller(user_id="t-ayu", role=Role.THERAPIST)
ADMIN: Final = Caller(user_id="a-admin", role=Role.ADMIN)
BEGINS: Final = NOON + timedelta(hours=6)
LATE: Final = timedelta(minutes=20)
HALF: Final = Policy(
    cancellation=CancellationRules(grace_minutes=0, tiers=(CancellationTier(hours_before=0, fee_bps=5_000),)),
    no_show_fee_bps=10_000,
)


def agreed() -> Booking:
    return confirmed_booking("b-1", booking_type=BookingType.SCHEDULED, scheduled_time=BEGINS)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def test_steps_go_forward_only_and_the_last_completes_the_visit() -> None:
    on_the_way = visits.take_step(agreed(), VisitStep.EN_ROUTE, by=THERAPIST, now=NOON)
    assert (on_the_way.event, on_the_way.en_route_at) == (BookingEvent.EN_ROUTE, NOON)
    assert on_the_way.status is BookingStatus.CONFIRMED
    assert visits.take_step(on_the_way, VisitStep.EN_ROUTE, by=THERAPIST, now=BEGINS) is on_the_way

    started = visits.take_step(on_the_way, VisitStep.STARTED, by=THERAPIST, now=BEGINS)
    assert started.arrived_at is None
    with pytest.raises(InvalidTransition):
        visits.take_step(started, VisitStep.ARRIVED, by=THERAPIST, now=BEGINS)

    finished = visits.take_step(started, VisitStep.FINISHED, by=THERAPIST, now=BEGINS + minutes(90))
    assert (finished.status, finished.completed_by) == (BookingStatus.COMPLETED, Role.THERAPIST)
    assert visits.take_step(finished, VisitStep.FINISHED, by=THERAPIST, now=BEGINS + minutes(91)) is finished


def test_a_visit_is_not_finished_before_it_begins_nor_by_anybody_else() -> None:
    with pytest.raises(InvalidTransition):
        visits.take_step(agreed(), VisitStep.FINISHED, by=THERAPIST, now=BEGINS - minutes(1))
    for stranger in (CUSTOMER, ADMIN, replace(THERAPIST, user_id="t-budi")):
        with pytest.raises(NotFound):
            visits.take_step(agreed(), VisitStep.EN_ROUTE, by=stranger, now=NOON)


def test_nobody_but_an_admin_gets_past_the_start_without_the_customers_code() -> None:
    booking = replace(agreed(), start_code="0427")
    for step in (VisitStep.STARTED, VisitStep.FINISHED):
        for code in (None, "0428"):
            with pytest.raises(ValidationFailed):
                visits.take_step(booking, step, by=THERAPIST, now=BEGINS, start_code=code)
    with pytest.raises(ValidationFailed):
        visits.complete(booking, by=THERAPIST, now=BEGINS)

    started = visits.take_step(booking, VisitStep.STARTED, by=THERAPIST, now=BEGINS, start_code="0427")
    assert visits.complete(started, by=THERAPIST, now=BEGINS).status is BookingStatus.COMPLETED
    assert visits.complete(booking, by=ADMIN, now=BEGINS).status is BookingStatus.COMPLETED


@pytest.mark.parametrize(
    ("caller", "step", "before"),
    [
        (THERAPIST, None, True),
        (THERAPIST, VisitStep.EN_ROUTE, True),
        (THERAPIST, VisitStep.ARRIVED, False),
        (CUSTOMER, VisitStep.ARRIVED, True),
        (CUSTOMER, VisitStep.STARTED, False),
        (ADMIN, VisitStep.STARTED, True),
    ],
)
def test_how_long_a_visit_can_be_called_off(caller: Caller, step: VisitStep | None, before: bool) -> None:  # noqa: FBT001 - a column
    booking = agreed() if step is None else visits.take_step(agreed(), step, by=THERAPIST, now=NOON)

    assert allowed.may_be_cancelled_by(booking, caller, BEGINS - minutes(1)) is before
    assert allowed.may_be_cancelled_by(booking, caller, BEGINS) is caller.is_admin


def test_an_immediate_visit_begins_half_an_hour_after_its_confirmation() -> None:
    booking = confirmed_booking("b-1")

    assert allowed.may_be_cancelled_by(booking, CUSTOMER, NOON + minutes(29.9))
    assert not allowed.may_be_cancelled_by(booking, CUSTOMER, NOON + minutes(30))
    assert booking.ends_at == NOON + minutes(90)


def test_a_therapist_who_cancels_says_why() -> None:
    with pytest.raises(ValidationFailed):
        visits.cancel(agreed(), by=THERAPIST, now=NOON)

    assert visits.cancel(agreed(), by=THERAPIST, now=NOON, reason="ill").status is BookingStatus.CANCELLED


def test_who_does_not_come_is_the_other_party_and_only_after_some_time() -> None:
    with pytest.raises(InvalidTransition):
        visits.report_no_show(agreed(), by=CUSTOMER, now=BEGINS + minutes(19), after=LATE)

    by_customer = visits.report_no_show(agreed(), by=CUSTOMER, now=BEGINS + LATE, after=LATE, note="nobody came")
    by_therapist = visits.report_no_show(agreed(), by=THERAPIST, now=BEGINS + LATE, after=LATE)

    assert (by_customer.status, by_customer.no_show_by) == (BookingStatus.NO_SHOW, Role.THERAPIST)
    assert by_therapist.no_show_by is Role.CUSTOMER
    assert outcome(by_customer, HALF).base == 0
    assert outcome(by_therapist, HALF).commission == by_therapist.price * 30 // 100


def test_only_a_customers_own_cancellation_of_a_confirmed_visit_costs_a_fee() -> None:
    by_customer = outcome(visits.cancel(agreed(), by=CUSTOMER, now=NOON), HALF)

    assert (by_customer.fee, by_customer.commission) == (175_000, 52_500)
    for other in (THERAPIST, ADMIN):
        assert outcome(visits.cancel(agreed(), by=other, now=NOON, reason="ill"), HALF).base == 0
    assert outcome(visits.cancel(agreed(), by=CUSTOMER, now=NOON), Policy()).base == 0


def test_what_nobody_closes_is_completed_after_its_planned_end() -> None:
    end = BEGINS + minutes(90)
    with pytest.raises(InvalidTransition):
        visits.complete_overdue(agreed(), now=end + minutes(59), after=minutes(60))

    assert visits.complete_overdue(agreed(), now=end + minutes(60), after=minutes(60)).completed_by is Role.SYSTEM


COMMANDS: Final = st.sampled_from(
    [*VisitStep, "complete", "cancel", "no-show", "decline", "accept", "propose", "withdraw", "take", "reschedule"]
)
LATER: Final = BEGINS + timedelta(hours=2)


def command(booking: Booking, name: str, now: datetime) -> Booking:  # noqa: PLR0911 - one return a command
    if name in VisitStep:
        return visits.take_step(booking, VisitStep(name), by=THERAPIST, now=now)
    match name:
        case "complete":
            return visits.complete(booking, by=THERAPIST, now=now)
        case "cancel":
            return visits.cancel(booking, by=THERAPIST, now=now, reason="changed my mind")
        case "no-show":
            return visits.report_no_show(booking, by=THERAPIST, now=now, after=LATE)
        case "decline":
            return offers.decline(booking, by=THERAPIST, now=now)
        case "propose" | "reschedule":
            move = moves.propose if name == "propose" else moves.reschedule
            return move(booking, LATER, therapist=THERAPISTS[0], by=THERAPIST, now=now, window=minutes(15))
        case "withdraw":
            return moves.withdraw_proposal(booking, by=THERAPIST, now=now)
        case "take":
            return moves.answer_proposal(booking, accepted=True, by=THERAPIST, now=now)
        case _:
            return offers.accept(booking, by=THERAPIST, now=now)


@given(
    is_scheduled=st.booleans(),
    said=st.lists(st.tuples(COMMANDS, st.integers(0, 90)), max_size=12),
)
def test_no_commands_of_a_therapist_end_a_visit_that_took_place_without_its_commission(
    is_scheduled: bool,  # noqa: FBT001 - drawn by hypothesis
    said: list[tuple[str, int]],
) -> None:
    booking, now = agreed() if is_scheduled else confirmed_booking("b-1"), NOON + timedelta(hours=5)
    took_place = False
    for name, waited in said:
        now += minutes(waited)
        try:
            booking = command(booking, name, now)
        except Refusal:
            continue
        took_place = took_place or booking.started_at is not None or booking.status is BookingStatus.COMPLETED

    if took_place:
        assert outcome(booking, Policy()).commission == booking.price * 30 // 100
        assert booking.status in {BookingStatus.CONFIRMED, BookingStatus.COMPLETED}


def test_a_therapist_reads_what_is_left_after_commission_and_a_customer_does_not() -> None:
    booking = replace(agreed(), price=250_001, commission_rate_bps=3_000)
    assert booking_view(booking, Role.THERAPIST, NOON)["earnings"] == 250_001 - 75_000
    assert booking_view(booking, Role.ADMIN, NOON)["earnings"] == 250_001 - 75_000
    assert booking_view(booking, Role.CUSTOMER, NOON)["earnings"] is None
    called_off = replace(booking, status=BookingStatus.CANCELLED)
    assert booking_view(called_off, Role.THERAPIST, NOON)["earnings"] is None
