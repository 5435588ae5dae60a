"""Query strings: pages, filters and periods."""

from datetime import UTC, date, datetime

import pytest

from marketplace.booking.model import BookingStatus, Source
from marketplace.booking.requests.queries import BookingsQuery
from marketplace.catalogue.queries import SlotsQuery, TherapistsQuery
from marketplace.catalogue.therapist.model import TherapistType
from marketplace.chat.queries import MessagesQuery
from marketplace.commission.queries import RevenueQuery, StatementQuery
from marketplace.operations.errors.queries import ErrorsQuery
from marketplace.operations.queries import AdminBookingsQuery
from marketplace.platform.api.request_model import Query, parse
from marketplace.platform.refusals import ValidationFailed

TODAY = date(2026, 11, 22)


def _broken(model: type[Query], parameters: dict[str, str]) -> set[str]:
    with pytest.raises(ValidationFailed) as refused:
        parse(model, parameters)
    return {error.path for error in refused.value.errors}


def test_no_query_string_asks_for_the_first_page_of_fifty() -> None:
    query = parse(BookingsQuery, {})
    assert (query.cursor, query.limit, query.status, query.source) == (None, 50, None, None)


def test_filters_become_our_words() -> None:
    query = parse(BookingsQuery, {"status": "pending", "source": "chatWindow", "limit": "7", "cursor": "abc"})
    assert (query.status, query.source, query.limit, query.cursor) == (
        BookingStatus.PENDING,
        Source.CHAT_WINDOW,
        7,
        "abc",
    )
    therapists = parse(TherapistsQuery, {"online": "true", "type": "place"})
    assert (therapists.online, therapists.type) == (True, TherapistType.PLACE)


@pytest.mark.parametrize(
    ("model", "parameters", "broken"),
    [
        (BookingsQuery, {"status": "unknown"}, "status"),
        (BookingsQuery, {"source": "chat"}, "source"),
        (BookingsQuery, {"limit": "0"}, "limit"),
        (BookingsQuery, {"limit": "51"}, "limit"),
        (BookingsQuery, {"cursor": "\x00"}, "cursor"),
        (TherapistsQuery, {"online": "maybe"}, "online"),
        (TherapistsQuery, {"type": "hotel"}, "type"),
        (SlotsQuery, {"date": "2026-11-22"}, "duration"),
        (SlotsQuery, {"duration": "60"}, "date"),
        (SlotsQuery, {"date": "2026-11-22", "duration": "75"}, "duration"),
        (SlotsQuery, {"date": "22.11.2026", "duration": "60"}, "date"),
        (StatementQuery, {}, "month"),
        (StatementQuery, {"month": "2026-13"}, "month"),
        (MessagesQuery, {"before": "0"}, "before"),
        (MessagesQuery, {"before": "5", "after": "3"}, "after"),
        (MessagesQuery, {"search": "ubud", "before": "5"}, "search"),
        (MessagesQuery, {"search": "\u200b"}, "search"),
        (AdminBookingsQuery, {"from": "yesterday"}, "from"),
        (AdminBookingsQuery, {"from": "2026-11-02", "to": "2026-11-01"}, "to"),
        (RevenueQuery, {"from": "2026-11-02", "to": "2026-11-01"}, "to"),
        (RevenueQuery, {"from": "2026-11-01T00:00:00Z"}, "from"),
        (ErrorsQuery, {"format": "xml"}, "format"),
        (ErrorsQuery, {"category": "x"}, "category"),
        (ErrorsQuery, {"severity": "x"}, "severity"),
    ],
)
def test_a_bad_parameter_is_named(model: type[Query], parameters: dict[str, str], broken: str) -> None:
    assert _broken(model, parameters) == {broken}


def test_slots_are_asked_for_by_date_and_minutes() -> None:
    query = parse(SlotsQuery, {"date": "2026-11-22", "duration": "90"})
    assert (query.date, query.duration) == (TODAY, 90)


def test_catching_up_may_begin_before_the_first_message() -> None:
    assert parse(MessagesQuery, {"after": "0"}).after == 0


def test_a_search_is_normalised_like_the_text_it_looks_for() -> None:
    assert parse(MessagesQuery, {"search": " cafe\u0301 ", "cursor": "c"}).search == "caf\u00e9"


def test_a_period_of_dates_is_whole_days_in_jakarta() -> None:
    query = parse(AdminBookingsQuery, {"from": "2026-11-01", "to": "2026-11-01"})
    assert query.since == datetime(2026, 10, 31, 17, tzinfo=UTC)
    assert query.until == datetime(2026, 11, 1, 17, tzinfo=UTC)


def test_a_period_may_be_given_in_instants() -> None:
    query = parse(ErrorsQuery, {"from": "2026-11-01T00:00:00Z", "format": "csv"})
    assert (query.since, query.format) == (datetime(2026, 11, 1, tzinfo=UTC), "csv")


def test_revenue_is_asked_for_the_last_thirty_days_unless_said_otherwise() -> None:
    assert parse(RevenueQuery, {}).period(TODAY) == (date(2026, 10, 24), TODAY)
    assert parse(RevenueQuery, {"from": "2026-11-01"}).period(TODAY) == (date(2026, 11, 1), TODAY)
    assert parse(RevenueQuery, {"to": "2026-01-30"}).period(TODAY) == (date(2026, 1, 1), date(2026, 1, 30))
    assert parse(RevenueQuery, {"from": "2027-01-01"}).period(TODAY) == (date(2027, 1, 1), date(2027, 1, 1))


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "3000-01-01", "9999-12-31"])
def test_a_date_at_the_ends_of_the_calendar_is_refused(day: str) -> None:
    with pytest.raises(ValidationFailed):
        parse(RevenueQuery, {"to": day})


@pytest.mark.parametrize("parameters", [{"from": "2000-01-01"}, {"from": "2025-01-01", "to": "2026-01-02"}])
def test_revenue_of_more_than_a_year_is_refused(parameters: dict[str, str]) -> None:
    with pytest.raises(ValidationFailed):
        parse(RevenueQuery, parameters).period(TODAY)


def test_revenue_of_a_whole_leap_year_is_read() -> None:
    query = parse(RevenueQuery, {"from": "2024-01-01", "to": "2024-12-31"})
    assert query.period(TODAY) == (date(2024, 1, 1), date(2024, 12, 31))


@pytest.mark.parametrize("severity", ["critical", "error"])
@pytest.mark.parametrize("category", ["booking", "chat", "payment", "storage", "auth"])
def test_errors_are_asked_for_by_category_and_severity(category: str, severity: str) -> None:
    query = parse(ErrorsQuery, {"category": category, "severity": severity})
    assert (query.category, query.severity) == (category, severity)
