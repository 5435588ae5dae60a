"""Who hears of what, when, over which channel, and what is left unsaid because it no longer holds."""

from copy import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.booking.model import Booking, BookingStatus, BookingType
from marketplace.notification.delivery import RETRIES_FOR, Channel, Delivery, Subject, masked, new_delivery
from marketplace.notification.preferences import Preferences, QuietHours
from marketplace.platform.clock import format_utc
from marketplace.platform.language import Language
from marketplace.services.notification.occasions import Occasion, reason_to_skip, rest_until
from marketplace.services.notification.reach_planning import about, ladder, reminders
from tests.offers import OFFER, OFFERED

SOON = OFFERED + timedelta(seconds=1)
ANYONE = Preferences(user_id=OFFER.therapist_id)


def delivery_of(booking: Booking, subject: Subject, channel: Channel = Channel.PUSH, attempts: int = 0) -> Delivery:
    made = new_delivery(
        "d-1",
        event=subject,
        channel=channel,
        template="booking_created",
        language=Language.ENGLISH,
        user_id=booking.therapist_id,
        booking_id=booking.booking_id,
        parameters={"role": "therapist", **about(booking)},
        now=OFFERED,
    )
    return replace(made, attempts=attempts)


def test_an_offer_climbs_from_push_to_whats_app_to_sms() -> None:
    assert [(channel, due - OFFERED) for channel, due in ladder(OFFER)] == [
        (Channel.PUSH, timedelta()),
        (Channel.WHATS_APP, timedelta(seconds=180)),
        (Channel.SMS, timedelta(seconds=480)),
    ]


@given(st.integers(1, 86_400))
def test_the_ladder_shrinks_with_the_response_window_and_ends_before_it(seconds: int) -> None:
    window = timedelta(seconds=seconds)
    steps = [due for _, due in ladder(replace(OFFER, response_deadline=OFFERED + window))]
    assert steps == sorted(steps)
    assert steps[-1] - OFFERED == timedelta(seconds=480) * min(1.0, seconds / 900)
    assert steps[-1] < OFFERED + window


@given(status=st.sampled_from(BookingStatus), seconds=st.integers(0, 2_000), is_unread=st.booleans())
def test_nothing_is_sent_of_an_offer_after_its_end(status: BookingStatus, seconds: int, *, is_unread: bool) -> None:
    now = OFFERED + timedelta(seconds=seconds)
    occasion = Occasion(preferences=ANYONE, booking=replace(OFFER, status=status), is_unread=is_unread)
    reason = reason_to_skip(delivery_of(OFFER, Subject.OFFER), occasion, now)
    stands = status is BookingStatus.PENDING and now < OFFER.response_deadline and is_unread
    assert (reason is None) is stands


def test_an_offer_that_went_to_another_or_came_anew_is_over() -> None:
    told = delivery_of(OFFER, Subject.OFFER)
    for changed in (replace(OFFER, therapist_id="t-budi"), replace(OFFER, offered_at=SOON)):
        assert reason_to_skip(told, Occasion(preferences=ANYONE, booking=changed), SOON) == "over"


def test_a_channel_that_is_not_wished_for_is_left_out_but_texts_of_offers_are_not_asked_about() -> None:
    off = Preferences(user_id="t-ayu", channels={"offer": {"push": False, "whatsApp": False}})
    occasion = Occasion(preferences=off, booking=OFFER)
    reasons = {
        channel: reason_to_skip(delivery_of(OFFER, Subject.OFFER, channel), occasion, SOON) for channel in Channel
    }
    assert reasons == {
        Channel.PUSH: "not_wished",
        Channel.WHATS_APP: "not_wished",
        Channel.EMAIL: None,
        Channel.SMS: None,
    }


CONFIRMED = replace(
    OFFER,
    status=BookingStatus.CONFIRMED,
    booking_type=BookingType.SCHEDULED,
    scheduled_time=OFFERED + timedelta(hours=30),
)


def test_both_are_reminded_a_day_and_two_hours_before_by_every_channel() -> None:
    planned = list(reminders(CONFIRMED, SOON))
    assert len(planned) == 2 * 2 * 3
    assert {due for *_, due in planned} == {OFFERED + timedelta(hours=6), OFFERED + timedelta(hours=28)}
    assert len(list(reminders(CONFIRMED, OFFERED + timedelta(hours=7)))) == 2 * 3
    assert list(reminders(replace(CONFIRMED, status=BookingStatus.PENDING), SOON)) == []


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({}, None),
        ({"status": BookingStatus.CANCELLED}, "over"),
        ({"scheduled_time": OFFERED + timedelta(hours=40)}, "over"),
    ],
)
def test_a_reminder_holds_while_the_visit_stands_at_its_time(changed: dict[str, Any], reason: str | None) -> None:
    told = delivery_of(CONFIRMED, Subject.REMINDER)
    occasion = Occasion(preferences=ANYONE, booking=replace(CONFIRMED, **changed))
    assert reason_to_skip(told, occasion, OFFERED + timedelta(hours=28)) == reason
    assert reason_to_skip(told, occasion, OFFERED + timedelta(hours=31)) == "over"


NIGHT = QuietHours(start="22:00", end="07:00", time_zone="Asia/Jakarta")


@pytest.mark.parametrize(
    ("local", "ends"),
    [("21:59", None), ("22:00", "07:00"), ("23:59", "07:00"), ("00:00", "07:00"), ("06:59", "07:00"), ("07:00", None)],
)
def test_quiet_hours_over_midnight(local: str, ends: str | None) -> None:
    hours, minutes = (int(part) for part in local.split(":"))
    now = datetime(2026, 11, 22, hours, minutes, tzinfo=UTC) - timedelta(hours=7)
    until = NIGHT.ends_at(now)
    assert (until and (until + timedelta(hours=7)).strftime("%H:%M")) == ends
    assert until is None or now < until <= now + timedelta(hours=9)


def test_hours_that_end_as_they_begin_are_none() -> None:
    assert replace(NIGHT, end="22:00").ends_at(SOON) is None


def test_news_waits_out_quiet_hours() -> None:
    now = datetime(2026, 11, 22, 16, tzinfo=UTC)  # 23:00 in Jakarta
    occasion = Occasion(preferences=replace(ANYONE, quiet_hours=NIGHT), booking=OFFER)
    assert rest_until(delivery_of(OFFER, Subject.BOOKING), occasion, now) == datetime(2026, 11, 23, 0, tzinfo=UTC)


@given(st.integers(1, 1_000))
def test_retries_begin_within_a_minute_and_end_within_the_hour(attempts: int) -> None:
    tried = delivery_of(OFFER, Subject.OFFER, attempts=attempts)
    again = tried.next_try(OFFERED)
    assert again is not None
    assert attempts > 1 or again - OFFERED < timedelta(minutes=1)
    assert tried.next_try(OFFERED + RETRIES_FOR) is None


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("+6281234567890", "•••890"),
        ("ayu@example.com", "•••@example.com"),
        ("https://push.example.com/send/secret", "•••push.example.com"),
        (None, None),
    ],
)
def test_addresses_are_masked(address: str | None, shown: str | None) -> None:
    assert masked(address) == shown
    assert masked(masked(address)) == shown


def test_what_a_delivery_says_of_its_offer_is_written_as_the_booking_has_it() -> None:
    assert about(OFFER)["offeredAt"] == format_utc(OFFER.offered_at)
