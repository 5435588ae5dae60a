"""A review that is shown: whom it is about hears of it, and so do other systems, once."""

import json
from typing import Any

from tests.faults.market import ADMIN, AYU, WAYAN, Market
from tests.faults.test_after_the_visit import completed


def listening(market: Market) -> None:
    market.expect(
        201, ADMIN, "POST", "/admin/webhooks", {"url": "https://example.com/hook", "events": ["review.shown"]}
    )


def told(market: Market) -> list[dict[str, Any]]:
    market.publish()
    bodies = [json.loads(str(row["body"])) for row in market.rows("webhook_deliveries")]
    return [each["data"]["review"] for each in bodies if each["type"] == "review.shown"]


def heard(market: Market) -> list[tuple[str, str]]:
    kinds = {"review_shown"}
    return sorted((str(row["userId"]), row["kind"]) for row in market.rows("notifications") if row["kind"] in kinds)


def test_once_both_have_written_both_reviews_are_told_of(market: Market) -> None:
    listening(market)
    booking_id = completed(market)
    market.expect(201, WAYAN, "POST", f"/bookings/{booking_id}/review", {"rating": 5, "text": "Strong hands"})
    assert (told(market), heard(market)) == ([], [])

    market.expect(201, AYU, "POST", f"/bookings/{booking_id}/review", {"rating": 4})
    found = told(market)
    assert sorted((each["author"], each["rating"], each["shown"]) for each in found) == [
        ("customer", 5, True),
        ("therapist", 4, True),
    ]
    assert heard(market) == [("c-wayan", "review_shown"), ("t-ayu", "review_shown")]
    market.check()


def test_a_week_later_one_alone_is_told_of_once_however_often_it_is_swept(market: Market) -> None:
    listening(market)
    booking_id = completed(market)
    market.expect(201, WAYAN, "POST", f"/bookings/{booking_id}/review", {"rating": 3})
    market.wait(days=7)
    for _ in range(2):
        market.invoke("sweep_visits", {})
        assert [each["rating"] for each in told(market)] == [3]
    assert heard(market) == [("t-ayu", "review_shown")]
