"""Therapists whose commission is overdue for too long: no offers until it is settled, all else as before."""

from tests.faults.market import ADMIN, AYU, BUDI, MADE, WAYAN, Market
from tests.faults.test_visits import tomorrow


def pausing(market: Market, days: int | None) -> None:
    rules = {"pauseOffersWhenOverdueDays": days, "reason": "debts first"}
    market.expect(201, ADMIN, "POST", "/admin/policies", rules)
    market.forget_caches()


def owing(market: Market) -> str:
    """Return a visit whose commission the audit has just found overdue, seven days after its end."""
    booking_id = market.book()
    market.command(AYU, booking_id, "accept")
    market.command(AYU, booking_id, "complete")
    market.publish()
    market.wait(days=7, hours=2)
    market.expect(201, ADMIN, "POST", "/admin/audits", {})
    market.publish()
    assert market.row("commission_records", bookingId=booking_id)["paymentStatus"] == "overdue"
    return booking_id


def is_offered(market: Market) -> bool:
    """Say whether Ayu is offered bookings, by every way in which that shows."""
    items = market.expect(200, None, "GET", "/therapists")["items"]
    ayu = next(each for each in items if each["therapistId"] == AYU.user_id)
    query = {"date": tomorrow(market, 12)[:10], "duration": "60"}
    slots = market.expect(200, None, "GET", "/therapists/t-ayu/slots", query=query)["slots"]
    order = market.order(customerWhatsApp="+6281234567899", bookingType="scheduled", scheduledTime=tomorrow(market, 12))
    answer = market.call(MADE, "POST", "/bookings", order)
    if answer.status == 201:
        market.command(MADE, answer.body["booking"]["bookingId"], "cancel")
    else:
        assert (answer.status, answer.body["code"]) == (409, "therapist_unavailable")
    ways = {bool(ayu["availableNow"]), bool(slots), answer.status == 201}
    assert len(ways) == 1
    return ways.pop()


def test_offers_pause_so_many_days_after_a_debt_was_due_and_come_back_once_it_is_settled(market: Market) -> None:
    pausing(market, 3)
    booking_id = owing(market)
    assert is_offered(market)
    market.wait(days=3)
    assert not is_offered(market)

    body = {"reason": "goodwill", "confirm": True}
    market.expect(200, ADMIN, "POST", f"/admin/commissions/{booking_id}/waive", body)
    market.publish()
    market.publish()
    assert is_offered(market)
    assert market.row("therapists", therapistId="t-ayu")["overdueDebts"] == {}


def test_a_change_that_arrives_after_its_debt_was_settled_stops_no_offers(market: Market) -> None:
    pausing(market, 0)
    booking_id = market.book()
    market.command(AYU, booking_id, "accept")
    market.command(AYU, booking_id, "complete")
    market.publish()
    market.wait(days=7, hours=2)
    market.expect(201, ADMIN, "POST", "/admin/audits", {})
    late = list(market.changes)
    market.publish()
    assert not is_offered(market)
    body = {"reason": "goodwill", "confirm": True}
    market.expect(200, ADMIN, "POST", f"/admin/commissions/{booking_id}/waive", body)
    market.publish()

    market.publish(late)

    assert market.row("therapists", therapistId="t-ayu")["overdueDebts"] == {}
    assert is_offered(market)


def test_without_the_policy_debts_keep_nobody_from_offers(market: Market) -> None:
    owing(market)
    market.wait(days=300)
    assert is_offered(market)


def test_who_owes_for_too_long_is_no_alternative_and_is_not_chosen_or_given_a_booking(market: Market) -> None:
    pausing(market, 0)
    owing(market)
    booking_id = market.book(WAYAN, BUDI)
    market.command(BUDI, booking_id, "decline")

    items = market.expect(200, WAYAN, "GET", f"/bookings/{booking_id}/alternatives")["items"]
    assert AYU.user_id not in {each["therapistId"] for each in items}
    chosen = market.command(WAYAN, booking_id, "redispatch", {"therapistId": AYU.user_id, "price": 250_000})
    assert (chosen.status, chosen.body["code"]) == (409, "therapist_unavailable")
    given = market.command(ADMIN, booking_id, "reassign", {"therapistId": AYU.user_id})
    assert (given.status, given.body["code"]) == (409, "therapist_unavailable")


def test_a_dispute_gives_offers_back_while_it_is_open(market: Market) -> None:
    pausing(market, 0)
    booking_id = owing(market)
    assert not is_offered(market)
    market.expect(200, AYU, "POST", f"/commissions/{booking_id}/dispute", {"reason": "it was paid"})
    market.publish()
    assert is_offered(market)
