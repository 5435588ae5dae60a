"""The open requests of one number: what makes another a duplicate, a question, or one too many."""

from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from marketplace.booking.open_requests import OpenRequest, OpenRequests
from marketplace.platform.refusals import ConfirmationRequired, DuplicateBooking, TooManyRequests

NOW: Final = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LATER: Final = NOW + timedelta(minutes=15)


def request(number: int, therapist_id: str, *, customer_id: str = "c-wayan", until: datetime = LATER) -> OpenRequest:
    return OpenRequest(booking_id=f"b-{number}", therapist_id=therapist_id, customer_id=customer_id, held_until=until)


def stored(*requests: OpenRequest) -> OpenRequests:
    return OpenRequests(
        whats_app="+6281234567890", requests={each.booking_id: each for each in requests}, version=len(requests)
    )


def judge(open_requests: OpenRequests, wanted: OpenRequest, *, confirmed: bool = False, scale: int = 1) -> None:
    open_requests.check_may_open(wanted, confirmed=confirmed, limit_scale=scale, now=NOW)


def test_the_first_request_is_free() -> None:
    judge(stored(), request(9, "t-ayu"))


def test_the_same_therapist_again_is_a_duplicate_whatever_is_confirmed() -> None:
    with pytest.raises(DuplicateBooking) as refused:
        judge(stored(request(1, "t-ayu")), request(9, "t-ayu"), confirmed=True)

    assert refused.value.extensions == {"bookingId": "b-1"}


def test_somebody_elses_booking_is_not_named_and_asks_for_no_word_and_no_patience() -> None:
    others = stored(*(request(number, f"t-{number}", customer_id="c-made") for number in range(50)))

    with pytest.raises(DuplicateBooking) as duplicate:
        judge(others, request(99, "t-7"))
    judge(others, request(99, "t-budi"))

    assert duplicate.value.extensions == {"bookingId": None}


def test_another_therapist_needs_the_customers_word() -> None:
    with pytest.raises(ConfirmationRequired) as refused:
        judge(stored(request(1, "t-ayu"), request(2, "t-citra", customer_id="c-made")), request(9, "t-budi"))

    assert refused.value.extensions == {"pendingBookings": ["b-1"]}
    judge(stored(request(1, "t-ayu")), request(9, "t-budi"), confirmed=True)


def test_a_fourth_open_request_is_one_too_many_times_the_scale() -> None:
    three = stored(*(request(number, f"t-{number}", until=NOW + timedelta(minutes=number)) for number in (1, 2, 3)))

    with pytest.raises(TooManyRequests) as refused:
        judge(three, request(9, "t-ayu"), confirmed=True)

    assert refused.value.retry_after == 60
    judge(three, request(9, "t-ayu"), confirmed=True, scale=2)


def test_a_request_counts_until_its_deadline_and_no_longer() -> None:
    judge(stored(request(1, "t-ayu", until=NOW)), request(9, "t-ayu"))
    with pytest.raises(DuplicateBooking):
        judge(stored(request(1, "t-ayu", until=NOW + timedelta(milliseconds=1))), request(9, "t-ayu"))


def test_a_request_is_not_in_its_own_way() -> None:
    judge(stored(request(1, "t-ayu")), request(1, "t-budi"))
