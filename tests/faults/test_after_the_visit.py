"""What follows a visit: reviews that neither party sees first, favourites, offers, and a policy that is tried out."""

from datetime import timedelta
from typing import Any

from tests.faults.market import ADMIN, AYU, BUDI, MADE, WAYAN, Market
from tests.faults.test_visits import RULES, confirmed, tomorrow, under_fees


def completed(market: Market) -> str:
    booking_id = confirmed(market)
    assert market.command(ADMIN, booking_id, "complete").status == 200
    return booking_id


def shown(market: Market) -> list[tuple[str, int]]:
    listed = market.expect(200, None, "GET", "/therapists/t-ayu/reviews")["items"]
    return [(review["bookingId"], review["rating"]) for review in listed]


def rating(market: Market) -> tuple[int, int]:
    row = market.row("therapists", therapistId="t-ayu")
    return int(row.get("ratingSum", 0)), int(row.get("ratingCount", 0))


def test_reviews_are_shown_and_counted_once_both_parties_have_written(market: Market) -> None:
    booking_id = completed(market)
    first = market.expect(201, WAYAN, "POST", f"/bookings/{booking_id}/review", {"rating": 5, "text": "Strong hands"})
    assert first["shown"] is False
    assert (shown(market), rating(market)) == ([], (0, 0))
    early = market.call(AYU, "POST", f"/me/reviews/{booking_id}/reply", {"text": "Thanks"})
    assert (early.status, early.body["code"]) == (409, "invalid_transition")

    assert market.expect(201, AYU, "POST", f"/bookings/{booking_id}/review", {"rating": 4})["shown"] is True
    assert (shown(market), rating(market)) == ([(booking_id, 5)], (5, 1))
    again = market.call(WAYAN, "POST", f"/bookings/{booking_id}/review", {"rating": 1})
    assert (again.status, again.body["code"]) == (409, "invalid_transition")
    assert market.expect(200, AYU, "POST", f"/me/reviews/{booking_id}/reply", {"text": "Thanks"})["reply"] == "Thanks"
    assert market.call(AYU, "POST", f"/me/reviews/{booking_id}/reply", {"text": "Thanks"}).status == 409
    assert market.call(BUDI, "POST", f"/me/reviews/{booking_id}/reply", {"text": "Thanks"}).status == 404
    assert market.call(MADE, "POST", f"/bookings/{booking_id}/review", {"rating": 1}).status == 404


def test_a_review_is_shown_after_a_week_swept_or_not_and_counted_once(market: Market) -> None:
    booking_id = completed(market)
    market.expect(201, WAYAN, "POST", f"/bookings/{booking_id}/review", {"rating": 3})
    market.wait(days=7)
    assert (shown(market), rating(market)) == ([(booking_id, 3)], (0, 0))
    for _ in range(2):
        market.invoke("sweep_visits", {})
        assert rating(market) == (3, 1)
    assert market.call(AYU, "POST", f"/bookings/{booking_id}/review", {"rating": 5}).status == 201
    assert rating(market) == (3, 1)
    market.wait(days=7)
    assert market.call(MADE, "POST", f"/bookings/{completed(market)}/review", {"rating": 5}).status == 404


def test_only_a_completed_visit_is_reviewed_and_for_two_weeks(market: Market) -> None:
    open_visit = confirmed(market)
    assert market.call(WAYAN, "POST", f"/bookings/{open_visit}/review", {"rating": 5}).status == 409
    market.command(AYU, open_visit, "complete")
    market.now += timedelta(days=14)
    assert market.call(WAYAN, "POST", f"/bookings/{open_visit}/review", {"rating": 5}).status == 409
    assert market.call(WAYAN, "POST", f"/bookings/{open_visit}/review", {"rating": 6}).status == 422


def test_favourites_are_added_and_removed_however_often_it_is_said(market: Market) -> None:
    for therapist in ("t-ayu", "t-budi", "t-ayu"):
        assert market.expect(200, WAYAN, "PUT", f"/me/favourites/{therapist}")["isFavourite"]
    assert market.call(WAYAN, "PUT", "/me/favourites/t-nobody").status == 404
    listed = market.expect(200, WAYAN, "GET", "/me/favourites")["items"]
    assert [each["therapistId"] for each in listed] == ["t-ayu", "t-budi"]
    for _ in range(2):
        assert not market.expect(200, WAYAN, "DELETE", "/me/favourites/t-ayu")["isFavourite"]
    assert len(market.expect(200, WAYAN, "GET", "/me/favourites")["items"]) == 1
    assert market.expect(200, MADE, "GET", "/me/favourites")["items"] == []
    assert market.call(AYU, "GET", "/me/favourites").status == 403


def test_admins_see_to_whom_a_booking_was_offered_and_what_became_of_it(market: Market) -> None:
    booking_id = market.book()
    market.command(AYU, booking_id, "decline", {"reason": "too far"})
    market.command(ADMIN, booking_id, "reassign", {"therapistId": BUDI.user_id})
    market.publish()
    market.command(BUDI, booking_id, "accept")  # which the audit log has not got to know yet

    offers = market.expect(200, ADMIN, "GET", f"/admin/bookings/{booking_id}")["offers"]
    assert [(each["therapistId"], each["outcome"], each["reasons"]) for each in offers] == [
        ("t-ayu", "declined", ["too far"]),
        ("t-budi", "accepted", []),
    ]
    assert None not in {offers[0]["endedAt"], offers[1]["endedAt"]}


def test_replaying_the_policy_in_force_changes_nothing_and_another_one_only_the_sums(market: Market) -> None:
    under_fees(market)
    completed(market)
    late = confirmed(market)
    market.wait(minutes=1)
    market.command(WAYAN, late, "cancel")
    rules = {name: value for name, value in RULES.items() if name != "reason"}
    same = market.expect(200, ADMIN, "POST", "/admin/policies/replay", {**rules, "days": 1})
    assert same["before"] == same["after"] == {"commission": 75_000 + 37_500, "fees": 125_000}
    assert same["bookings"] == 2

    free = {"graceMinutes": 0, "tiers": [{"hoursBefore": 0, "feeBps": 0}]}
    body = {"commissionRateBps": 1_000, "cancellation": free, "days": 1}
    other = market.expect(200, ADMIN, "POST", "/admin/policies/replay", body)
    assert other["before"] == same["before"]
    assert other["after"] == {"commission": 25_000, "fees": 0}
    market.check()


# Somebody else ----------------------------------------------------------------------------------------


def test_after_a_no_the_customer_sees_who_else_could_and_offers_the_same_booking_at_their_price(market: Market) -> None:
    booking_id = market.book(discountCode="HEMAT10")
    path = f"/bookings/{booking_id}/alternatives"
    assert market.expect(200, WAYAN, "GET", path)["items"] == []
    assert market.command(WAYAN, booking_id, "redispatch", {"therapistId": "t-budi", "price": 250_000}).status == 409
    market.command(AYU, booking_id, "decline")

    items = market.expect(200, WAYAN, "GET", path)["items"]
    assert 1 <= len(items) <= 3
    budi = next(each for each in items if each["therapistId"] == "t-budi")
    assert (budi["price"], "The same price" in budi["reasons"]) == (250_000, True)
    assert market.call(MADE, "GET", path).status == 404
    assert market.call(AYU, "GET", path).status == 403
    stale = market.command(WAYAN, booking_id, "redispatch", {"therapistId": "t-budi", "price": 200_000})
    assert stale.body["code"] == "quote_stale"

    offered = market.command(WAYAN, booking_id, "redispatch", {"therapistId": "t-budi", "price": 250_000})
    assert offered.status == 200, offered
    seen = offered.body["booking"]
    assert (seen["status"], seen["therapistId"], seen["price"], seen["discount"]) == ("pending", "t-budi", 250_000, 0)
    assert market.expect(200, WAYAN, "GET", path)["items"] == []
    market.check()
    assert market.command(BUDI, booking_id, "accept").body["commission"]["commissionAmount"] == 75_000
    assert market.command(AYU, booking_id, "accept").status == 404
    market.check()


def test_a_busy_therapist_is_no_alternative(market: Market) -> None:
    market.book(MADE, BUDI, customerWhatsApp="+6281234567899")
    booking_id = market.book()
    market.command(AYU, booking_id, "decline")
    items = market.expect(200, WAYAN, "GET", f"/bookings/{booking_id}/alternatives")["items"]
    assert "t-budi" not in {each["therapistId"] for each in items}


def test_a_therapist_whom_the_customer_asks_already_is_no_alternative(market: Market) -> None:
    start: dict[str, Any] = {"bookingType": "scheduled", "scheduledTime": tomorrow(market, 12)}
    later: dict[str, Any] = {
        "bookingType": "scheduled",
        "scheduledTime": tomorrow(market, 18),
        "confirmOtherPending": True,
    }
    booking_id = market.book(**start)
    market.book(WAYAN, BUDI, **later)
    market.command(AYU, booking_id, "decline")
    path = f"/bookings/{booking_id}/alternatives"
    assert "t-budi" not in {each["therapistId"] for each in market.expect(200, WAYAN, "GET", path)["items"]}
    market.wait(minutes=16)
    assert "t-budi" in {each["therapistId"] for each in market.expect(200, WAYAN, "GET", path)["items"]}


def test_after_the_therapist_cancels_another_can_take_the_booking_and_owes_its_commission(market: Market) -> None:
    booking_id = confirmed(market)
    market.command(AYU, booking_id, "cancel", {"reason": "ill"})
    assert market.row("commission_records", bookingId=booking_id)["paymentStatus"] == "reversed"
    offered = market.command(WAYAN, booking_id, "redispatch", {"therapistId": "t-budi", "price": 250_000})
    assert offered.status == 200, offered
    market.check()
    assert market.command(BUDI, booking_id, "accept").status == 200
    record = market.row("commission_records", bookingId=booking_id)
    assert (record["therapistId"], record["paymentStatus"], record["commissionAmount"]) == ("t-budi", "pending", 75_000)
    market.check()
    own = confirmed(market)
    market.command(WAYAN, own, "cancel")
    assert market.command(WAYAN, own, "redispatch", {"therapistId": "t-budi", "price": 250_000}).status == 409


def test_a_policy_may_keep_customers_from_choosing_somebody_else(market: Market) -> None:
    market.expect(201, ADMIN, "POST", "/admin/policies", {"redispatch": "none", "reason": "we choose"})
    market.forget_caches()
    booking_id = market.book()
    market.command(AYU, booking_id, "decline")
    refused = market.command(WAYAN, booking_id, "redispatch", {"therapistId": "t-budi", "price": 250_000})
    assert (refused.status, refused.body["code"]) == (403, "forbidden")


def test_a_therapist_who_misses_several_offers_in_a_row_goes_offline_and_begins_anew_when_back(market: Market) -> None:
    rules = {"missedOffersUntilOffline": 2, "reason": "customers wait"}
    market.expect(201, ADMIN, "POST", "/admin/policies", rules)
    market.forget_caches()

    def miss() -> str:
        market.book()
        market.wait(minutes=16)
        market.sweep()
        return str(market.expect(200, AYU, "GET", "/me")["status"])

    assert miss() == "online"
    confirmed_one = market.book()
    market.command(AYU, confirmed_one, "accept")
    market.command(AYU, confirmed_one, "complete")
    market.wait(minutes=1)
    assert [miss(), miss()] == ["online", "offline"]
    kinds = [each["kind"] for each in market.expect(200, AYU, "GET", "/notifications")["items"]]
    assert kinds.count("went_offline") == 1
    market.expect(200, AYU, "PATCH", "/me", {"status": "online"})
    assert [miss(), miss()] == ["online", "offline"]


def test_admins_read_how_the_offers_of_a_week_were_spread(market: Market) -> None:
    booking_id = market.book()
    market.command(AYU, booking_id, "decline")
    market.command(WAYAN, booking_id, "redispatch", {"therapistId": "t-budi", "price": 250_000})
    market.command(BUDI, booking_id, "accept")

    items = market.expect(200, ADMIN, "GET", "/admin/offer-shares")["items"]
    assert [(each["therapistId"], each["offers"], each["share"], each["foundAnew"]) for each in items] == [
        ("t-ayu", 1, 0.5, 0),
        ("t-budi", 1, 0.5, 1),
    ]
    market.wait(days=8)
    assert market.expect(200, ADMIN, "GET", "/admin/offer-shares")["items"] == []
    assert len(market.expect(200, ADMIN, "GET", "/admin/offer-shares", query={"days": "9"})["items"]) == 2
    assert market.call(ADMIN, "GET", "/admin/offer-shares", query={"days": "32"}).status == 422
