"""What a customer's export and erasure do with reviews and favourites."""

from typing import Any

from tests.faults.market import AYU, WAYAN, Market
from tests.faults.test_after_the_visit import completed


def test_an_export_has_reviews_and_favourites_and_erasing_keeps_the_stars_without_the_name(market: Market) -> None:
    booking_id = completed(market)
    said = {"rating": 5, "text": "Strong hands, says Wayan Sudarma"}
    market.expect(201, WAYAN, "POST", f"/bookings/{booking_id}/review", said)
    answer = {"rating": 4, "text": "Wayan Sudarma was kind"}
    market.expect(201, AYU, "POST", f"/bookings/{booking_id}/review", answer)
    market.expect(200, WAYAN, "PUT", "/me/favourites/t-ayu")

    exported: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        query: dict[str, str] = {"cursor": cursor} if cursor else {}
        page = market.expect(200, WAYAN, "GET", "/privacy/export", query=query)
        exported += page["items"]
        cursor = page["nextCursor"]
        if cursor is None:
            break
    texts = {entry["entry"]["text"] for entry in exported if entry["kind"] == "review"}
    assert texts == {said["text"], answer["text"]}
    assert [entry["entry"]["therapistId"] for entry in exported if entry["kind"] == "favourite"] == ["t-ayu"]

    market.publish()
    market.expect(200, WAYAN, "POST", "/privacy/erase", {"confirm": True})
    rows = market.rows("reviews")
    assert sorted(row["rating"] for row in rows) == [4, 5]
    assert "Wayan" not in str(rows)
    assert "Strong hands" in str(rows)
    assert market.rows("favourites") == []
    assert market.row("therapists", therapistId="t-ayu")["ratingSum"] == 5
    market.check()
