"""The body that creates a booking, field by field and rule by rule."""

from datetime import UTC, datetime
from typing import Any

import pytest

from marketplace.booking.model import BookingType, Source
from marketplace.booking.requests.commands import CancelBooking, DeclineBooking, ReassignBooking
from marketplace.booking.requests.new_booking import NewBooking
from marketplace.booking.requests.quote import QuoteRequest
from marketplace.catalogue.place.location import Location
from marketplace.platform.api.request_model import parse
from marketplace.platform.refusals import ValidationFailed

IMMEDIATE: dict[str, Any] = {
    "therapistId": "t-ayu",
    "bookingType": "immediate",
    "duration": 60,
    "customerName": "Wayan",
    "customerWhatsApp": "0812 3456 7890",
    "location": {"address": "Jalan Raya Ubud 1"},
}
SCHEDULED = {**IMMEDIATE, "bookingType": "scheduled", "scheduledTime": "2026-11-23T02:00:00.000Z"}
IN_HOTEL = {
    **{name: value for name, value in IMMEDIATE.items() if name != "location"},
    "hotelVillaId": "h-tepi-sawah",
    "roomNumber": "12",
}


def _broken(payload: dict[str, Any]) -> set[str]:
    with pytest.raises(ValidationFailed) as refused:
        parse(NewBooking, payload)
    return {error.path for error in refused.value.errors}


def _without(payload: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in payload.items() if key != name}


def test_an_immediate_booking_is_read_into_our_words() -> None:
    booking = parse(NewBooking, IMMEDIATE)
    assert booking.booking_type is BookingType.IMMEDIATE
    assert booking.customer_whats_app == "+6281234567890"
    assert booking.location is not None
    assert booking.location.as_domain() == Location(address="Jalan Raya Ubud 1")
    assert (booking.source, booking.chat_window_open, booking.confirm_other_pending) == (None, False, False)


def test_a_scheduled_booking_has_its_time_in_utc() -> None:
    booking = parse(NewBooking, {**SCHEDULED, "scheduledTime": "2026-11-23T10:00:00+08:00"})
    assert booking.scheduled_time == datetime(2026, 11, 23, 2, tzinfo=UTC)


def test_a_hotel_with_its_room_stands_for_the_location() -> None:
    booking = parse(NewBooking, IN_HOTEL)
    assert (booking.location, booking.hotel_villa_id, booking.room_number) == (None, "h-tepi-sawah", "12")


@pytest.mark.parametrize("source", Source)
def test_each_of_the_six_sources_may_be_given(source: Source) -> None:
    assert parse(NewBooking, {**IMMEDIATE, "source": source.value}).source is source


def test_a_blank_form_names_every_field_that_is_required() -> None:
    assert _broken({}) == {"therapistId", "bookingType", "duration", "customerName", "customerWhatsApp"}


def test_no_number_is_an_error_of_the_number() -> None:
    assert _broken(_without(IMMEDIATE, "customerWhatsApp")) == {"customerWhatsApp"}
    assert _broken({**IMMEDIATE, "customerWhatsApp": "abc"}) == {"customerWhatsApp"}


@pytest.mark.parametrize(
    ("payload", "broken"),
    [
        (_without(SCHEDULED, "scheduledTime"), {"scheduledTime"}),
        ({**IMMEDIATE, "scheduledTime": "2026-11-23T02:00:00.000Z"}, {"scheduledTime"}),
        (_without(IMMEDIATE, "location"), {"location"}),
        ({**IN_HOTEL, "location": {"address": "Ubud"}}, {"hotelVillaId", "roomNumber"}),
        (_without(IN_HOTEL, "roomNumber"), {"roomNumber"}),
        (_without(IN_HOTEL, "hotelVillaId"), {"hotelVillaId"}),
        ({**IMMEDIATE, "roomNumber": "12"}, {"roomNumber"}),
        ({**_without(SCHEDULED, "scheduledTime"), "roomNumber": "1"}, {"scheduledTime", "roomNumber"}),
    ],
)
def test_fields_that_contradict_each_other_are_named(payload: dict[str, Any], broken: set[str]) -> None:
    assert _broken(payload) == broken


@pytest.mark.parametrize(
    ("location", "broken"),
    [
        ({}, {"location"}),
        ({"latitude": -8.5}, {"location.longitude"}),
        ({"longitude": 115.2}, {"location.latitude"}),
        ({"address": "Ubud", "latitude": -8.5}, {"location.longitude"}),
        ({"latitude": 90.001, "longitude": 0}, {"location.latitude"}),
        ({"latitude": 0, "longitude": -180.001}, {"location.longitude"}),
        ({"latitude": "1", "longitude": True}, {"location.latitude", "location.longitude"}),
        ({"address": ""}, {"location.address"}),
        ({"address": "x" * 501}, {"location.address"}),
        ({"address": "Ubud", "city": "Ubud"}, {"location.city"}),
        ("Ubud", {"location"}),
    ],
)
def test_a_location_is_an_address_or_both_coordinates(location: object, broken: set[str]) -> None:
    assert _broken({**IMMEDIATE, "location": location}) == broken


@pytest.mark.parametrize("location", [{"latitude": 90, "longitude": -180}, {"latitude": 0, "longitude": 0}])
def test_coordinates_alone_are_a_location(location: dict[str, float]) -> None:
    booking = parse(NewBooking, {**IMMEDIATE, "location": location})
    assert booking.location is not None
    assert (booking.location.latitude, booking.location.longitude) == (location["latitude"], location["longitude"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("duration", 75),
        ("duration", "60"),
        ("duration", True),
        ("duration", 60.5),
        ("bookingType", "later"),
        ("bookingType", 1),
        ("customerName", " "),
        ("customerName", "x" * 256),
        ("customerName", "Wa\u202eyan"),
        ("customerName", "\u200b"),
        ("customerName", 5),
        ("source", "chat"),
        ("chatWindowOpen", 1),
        ("chatWindowOpen", "true"),
        ("confirmOtherPending", "yes"),
        ("serviceId", ""),
        ("discountCode", ""),
        ("quoteToken", ""),
        ("therapistId", ""),
        ("therapistId", "x" * 129),
        ("therapistId", ["t-ayu"]),
    ],
)
def test_a_value_of_another_kind_is_an_error_of_its_field(name: str, value: object) -> None:
    assert _broken({**IMMEDIATE, name: value}) == {name}


@pytest.mark.parametrize("value", ["2026-11-23T02:00:00", "tomorrow", 1732328400, "2026-11-31T02:00:00Z"])
def test_a_time_without_offset_or_sense_is_an_error_of_the_time(value: object) -> None:
    assert _broken({**SCHEDULED, "scheduledTime": value}) == {"scheduledTime"}


@pytest.mark.parametrize("name", ["price", "commissionRate", "status", "customerId", "createdAt", "isTest", "mode"])
def test_what_the_server_sets_a_client_may_not(name: str) -> None:
    assert _broken({**IMMEDIATE, name: 1}) == {name}


def test_names_and_rooms_may_be_as_long_as_the_contract_says() -> None:
    booking = parse(NewBooking, {**IN_HOTEL, "customerName": "x" * 255, "roomNumber": "9" * 50})
    assert (len(booking.customer_name), len(booking.room_number or "")) == (255, 50)
    assert _broken({**IN_HOTEL, "roomNumber": "9" * 51}) == {"roomNumber"}


def test_a_name_is_kept_normalised_with_its_joiners() -> None:
    assert parse(NewBooking, {**IMMEDIATE, "customerName": " Re\u0301\u200dmy "}).customer_name == "R\u00e9\u200dmy"


def test_a_scheduled_quote_may_come_before_the_time_is_chosen() -> None:
    wanted = {"therapistId": "t-ayu", "duration": 90, "bookingType": "scheduled"}
    assert parse(QuoteRequest, wanted).scheduled_time is None
    with pytest.raises(ValidationFailed):
        parse(QuoteRequest, {**wanted, "bookingType": "immediate", "scheduledTime": "2026-11-23T02:00:00Z"})


@pytest.mark.parametrize("model", [DeclineBooking, CancelBooking])
def test_a_reason_may_be_left_out_but_not_empty(model: type[DeclineBooking | CancelBooking]) -> None:
    assert parse(model, {}).reason is None
    assert parse(model, {"reason": " busy "}).reason == "busy"
    with pytest.raises(ValidationFailed):
        parse(model, {"reason": " "})


def test_a_reassignment_names_its_therapist() -> None:
    assert parse(ReassignBooking, {"therapistId": "t-budi"}).therapist_id == "t-budi"
    with pytest.raises(ValidationFailed):
        parse(ReassignBooking, {})
