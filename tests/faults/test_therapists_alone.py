"""Whatever a therapist does alone, a visit that took place ends with its commission."""

from datetime import timedelta
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.platform.clock import format_utc
from tests.faults.day_machine import MORNING
from tests.faults.market import AYU, WAYAN, Market
from tests.faults.market_environment import environment

HALF_PAST_TEN: Final = MORNING + timedelta(minutes=90)
BODIES: Final = {
    **{step: ("visit", {"step": step}) for step in ("en_route", "arrived", "started", "finished")},
    "cancel": ("cancel", {"reason": "changed my mind"}),
    "propose": ("proposal", {"scheduledTime": format_utc(HALF_PAST_TEN + timedelta(hours=3))}),
    "reschedule": ("reschedule", {"scheduledTime": format_utc(HALF_PAST_TEN + timedelta(hours=3))}),
    **{
        each: (each, {})
        for each in ("accept", "decline", "complete", "no-show", "proposal/withdraw", "proposal/accept")
    },
}


@given(
    is_agreed=st.booleans(),
    said=st.lists(st.tuples(st.sampled_from(sorted(BODIES)), st.sampled_from([0, 0, 5, 25, 60])), max_size=10),
)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_commands_of_a_therapist_take_a_visit_that_took_place_from_the_books(
    is_agreed: bool,  # noqa: FBT001 - drawn by hypothesis
    said: list[tuple[str, int]],
) -> None:
    with pytest.MonkeyPatch.context() as patching:
        for name, value in environment().items():
            patching.setenv(name, value)
        market = Market(patching)
        market.now = MORNING
        at: dict[str, Any] = (
            {"bookingType": "scheduled", "scheduledTime": format_utc(HALF_PAST_TEN)} if is_agreed else {}
        )
        booking_id = market.book(**at)
        market.command(AYU, booking_id, "accept")
        took_place = False
        for name, minutes in said:
            market.wait(minutes=minutes)
            command, body = BODIES[name]
            market.command(AYU, booking_id, command, body or None)
            seen = market.row("bookings", bookingId=booking_id)
            took_place = took_place or "startedAt" in seen or seen["status"] == "completed"
        market.wait(days=1)
        market.invoke("sweep_visits", {})

        record = market.row("commission_records", bookingId=booking_id)
        seen = market.expect(200, WAYAN, "GET", f"/bookings/{booking_id}")
        if took_place:
            assert seen["status"] == "completed"
        if seen["status"] == "completed":
            assert (record["paymentStatus"], record["commissionAmount"]) == ("pending", 75_000)
        market.check()
