"""Visits as iCalendar, read back as RFC 5545 says."""

from datetime import timedelta

from marketplace.booking.calendar.icalendar import calendar_of
from marketplace.booking.model import Booking, visits
from marketplace.platform.caller import Caller, Role
from marketplace.platform.language import Language
from tests.money_rows import NOON, confirmed_booking


def events(text: str) -> list[dict[str, str]]:
    """Return the properties of each event, unfolded and unescaped."""
    assert text.endswith("\r\n")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    found: list[dict[str, str]] = []
    for line in text.replace("\r\n ", "").split("\r\n"):
        name, _, value = line.partition(":")
        if (name, value) == ("BEGIN", "VEVENT"):
            found.append({})
        elif found and name not in {"BEGIN", "END", ""}:
            plain = value.replace("\\n", "\n").replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\")
            found[-1][name] = plain
    return found


def read(booking: Booking, reader: Role = Role.THERAPIST) -> dict[str, str]:
    (event,) = events(calendar_of([booking], reader, Language.ENGLISH, NOON))
    return event


def test_a_visit_has_its_planned_times_and_the_other_partys_name() -> None:
    event = read(confirmed_booking("b-1"))
    assert (event["DTSTART"], event["DTEND"]) == ("20261122T120000Z", "20261122T133000Z")
    assert event["STATUS"] == "CONFIRMED"
    assert "Wayan" in event["SUMMARY"]
    assert "Ayu" in read(confirmed_booking("b-1"), Role.CUSTOMER)["SUMMARY"]


def test_what_fell_away_stays_under_its_id_as_cancelled_and_newer() -> None:
    booking = confirmed_booking("b-1")
    by = Caller(user_id="c-wayan", role=Role.CUSTOMER)
    cancelled = visits.cancel(booking, by=by, now=NOON + timedelta(minutes=1))
    before, after = read(booking), read(cancelled)
    assert before["UID"] == after["UID"]
    assert (after["STATUS"], int(after["SEQUENCE"]) > int(before["SEQUENCE"])) == ("CANCELLED", True)


def test_long_and_awkward_names_survive() -> None:
    name = "Ni Wayan; Sudarma, \\ Łukasz " + "ö" * 100
    assert name in read(confirmed_booking("b-1", customer_name=name))["SUMMARY"]
