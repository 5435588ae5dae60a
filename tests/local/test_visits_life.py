"""The life of a visit over HTTP: its routes as the contract words them, each with its refusals."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.local.visits import a_scheduled_visit, a_visit, booked, free_starts, written
from tests.local.waiting import wait_until
from tests.local.world import World
from tools.local.person import Person, expect


def refused(answer: Any, status: int) -> str:  # noqa: ANN401 - an answer of any client
    assert answer.status_code == status, answer.text
    return str(answer.json()["code"])


def agreed(customer: Person, therapist: Person, *, days_ahead: int = 2) -> tuple[dict[str, Any], list[str]]:
    """Return a confirmed visit and the times that were free on its day."""
    starts = free_starts(customer, therapist.user_id, days_ahead=days_ahead)
    booking = booked(customer, a_scheduled_visit(therapist.user_id, starts[0]))
    expect(therapist.post(f"/bookings/{booking['bookingId']}/accept"), 200)
    return booking, starts


def test_a_visit_goes_from_step_to_step_and_is_reviewed_by_both(world: World) -> None:
    therapist, customer = world.therapist(), world.customer()
    visit = f"/bookings/{booked(customer, a_visit(therapist.user_id))['bookingId']}"
    assert refused(therapist.post(f"{visit}/visit", {"step": "en_route"}), 409) == "invalid_transition"
    expect(therapist.post(f"{visit}/accept"), 200)
    told = expect(customer.get(f"{visit}/cancellation"), 200)
    assert (told["allowed"], told["fee"]) == (True, 0)
    assert refused(customer.post(f"{visit}/cancel", {"fee": 7}), 409) == "quote_stale"
    assert refused(therapist.post(f"{visit}/cancel", {}), 422) == "validation_failed"
    assert refused(customer.post(f"{visit}/visit", {"step": "arrived"}), 403) == "forbidden"
    assert refused(customer.post(f"{visit}/no-show"), 409) == "invalid_transition"
    assert refused(customer.post(f"{visit}/review", {"rating": 5}), 409) == "invalid_transition"
    for step in ("en_route", "started", "finished"):
        assert expect(therapist.post(f"{visit}/visit", {"step": step}), 200)["booking"]["visitStep"] == step
        expect(therapist.post(f"{visit}/visit", {"step": step}), 200)
    assert refused(therapist.post(f"{visit}/visit", {"step": "arrived"}), 409) == "invalid_transition"
    seen = expect(customer.get(visit), 200)
    assert (seen["status"], seen["completedBy"]) == ("completed", "therapist")
    assert refused(customer.post(f"{visit}/review", {"rating": 6}), 422) == "validation_failed"
    assert expect(customer.post(f"{visit}/review", {"rating": 5, "text": "Strong hands"}), 201)["shown"] is False
    assert expect(therapist.post(f"{visit}/review", {"rating": 4}), 201)["shown"] is True
    assert refused(customer.post(f"{visit}/review", {"rating": 1}), 409) == "invalid_transition"
    reply = f"/me/reviews/{seen['bookingId']}/reply"
    expect(therapist.post(reply, {"text": "Thank you"}), 200)
    assert refused(therapist.post(reply, {"text": "Thank you"}), 409) == "invalid_transition"
    listed = expect(world.stranger().get(f"/therapists/{therapist.user_id}/reviews"), 200)["items"]
    assert [(each["rating"], each["reply"]) for each in listed] == [(5, "Thank you")]
    assert expect(customer.get(f"/therapists/{therapist.user_id}"), 200)["rating"] == {"average": 5, "count": 1}


def test_parties_agree_on_another_time_and_a_pending_visit_moves_at_once(world: World) -> None:
    therapist, customer, stranger = world.therapist(), world.customer(), world.customer()
    booking, starts = agreed(customer, therapist)
    visit = f"/bookings/{booking['bookingId']}"
    later = starts[8]
    assert refused(stranger.post(f"{visit}/proposal", {"scheduledTime": later}), 404) == "not_found"
    assert refused(customer.post(f"{visit}/reschedule", {"scheduledTime": later}), 409) == "invalid_transition"
    proposal = expect(customer.post(f"{visit}/proposal", {"scheduledTime": later}), 200)["booking"]["proposal"]
    assert (proposal["scheduledTime"], proposal["by"]) == (later, "customer")
    assert refused(therapist.post(f"{visit}/proposal", {"scheduledTime": starts[12]}), 409) == "invalid_transition"
    assert refused(customer.post(f"{visit}/proposal/accept"), 409) == "invalid_transition"
    assert refused(therapist.post(f"{visit}/proposal/withdraw"), 409) == "invalid_transition"
    assert not {booking["scheduledTime"], later} & {*free_starts(customer, therapist.user_id)}
    moved = expect(therapist.post(f"{visit}/proposal/accept"), 200)["booking"]
    assert (moved["scheduledTime"], moved["proposal"]) == (later, None)
    assert booking["scheduledTime"] in free_starts(customer, therapist.user_id)

    pending = booked(customer, a_scheduled_visit(therapist.user_id, starts[0], confirmOtherPending=True))
    other = f"/bookings/{pending['bookingId']}"
    assert refused(customer.post(f"{other}/reschedule", {"scheduledTime": later}), 409) == "slot_taken"
    free = free_starts(customer, therapist.user_id, days_ahead=3)[0]
    again = expect(customer.post(f"{other}/reschedule", {"scheduledTime": free}), 200)["booking"]
    assert (again["scheduledTime"], again["status"]) == (free, "pending")


def test_after_a_no_the_customer_asks_somebody_else_and_admins_see_both_offers(world: World) -> None:
    therapist, customer = world.therapist(), world.customer()
    booking = booked(customer, a_visit(therapist.user_id))
    visit = f"/bookings/{booking['bookingId']}"
    assert expect(customer.get(f"{visit}/alternatives"), 200)["items"] == []
    expect(therapist.post(f"{visit}/decline", {"reason": "too far"}), 200)
    others = expect(customer.get(f"{visit}/alternatives"), 200)["items"]
    assert 1 <= len(others) <= 3
    assert {*others[0]} == {"therapistId", "name", "photoUrl", "price", "startsAt", "reasons"}
    host = world.therapist()
    chosen = {"therapistId": host.user_id, "price": 250_000}
    assert refused(customer.post(f"{visit}/redispatch", {**chosen, "price": 1}), 409) == "quote_stale"
    assert refused(therapist.post(f"{visit}/redispatch", chosen), 403) == "forbidden"
    offered = expect(customer.post(f"{visit}/redispatch", chosen), 200)["booking"]
    assert (offered["status"], offered["therapistId"]) == ("pending", host.user_id)
    expect(host.post(f"{visit}/accept"), 200)

    def outcomes() -> list[str | None]:
        detail = expect(world.admin().get(f"/admin/bookings/{booking['bookingId']}"), 200)
        return [each["outcome"] for each in detail["offers"]]

    wait_until(lambda: outcomes() == ["declined", "accepted"])


def test_a_booking_is_confirmed_at_once_where_the_therapist_wishes_so(world: World) -> None:
    therapist, customer = world.therapist(), world.customer()
    wish = {"enabled": True, "noticeMinutes": 60, "maxPerDay": 1}
    expect(therapist.patch("/me", {"instantConfirm": wish}), 200)
    starts = free_starts(customer, therapist.user_id)
    first = booked(customer, a_scheduled_visit(therapist.user_id, starts[0]))
    assert first["status"] == "confirmed"
    owed = expect(therapist.get("/me/commissions"), 200)["items"]
    assert [each["bookingId"] for each in owed] == [first["bookingId"]]
    second = booked(customer, a_scheduled_visit(therapist.user_id, starts[12], confirmOtherPending=True))
    assert second["status"] == "pending"


def test_favourites_and_calendars_are_kept(world: World) -> None:
    therapist, customer = world.therapist(), world.customer()
    liked = f"/me/favourites/{therapist.user_id}"
    for _ in range(2):
        assert expect(customer.request("PUT", liked), 200)["isFavourite"]
    assert [each["therapistId"] for each in expect(customer.get("/me/favourites"), 200)["items"]] == [therapist.user_id]
    assert refused(customer.request("PUT", "/me/favourites/t-nobody"), 404) == "not_found"
    for _ in range(2):
        assert not expect(customer.request("DELETE", liked), 200)["isFavourite"]
    booking, _ = agreed(customer, therapist)
    file = customer.get(f"/bookings/{booking['bookingId']}/calendar.ics")
    assert file.status_code == 200
    assert "BEGIN:VEVENT" in file.text
    url = expect(therapist.get("/me/calendar-feed"), 200)["url"]
    path = url[url.index("/calendar-feeds/") :]
    expect(customer.post(f"/bookings/{booking['bookingId']}/cancel"), 200)

    def feed() -> str:
        return str(world.stranger().get(path).text)

    wait_until(lambda: "STATUS:CANCELLED" in feed())
    assert expect(therapist.post("/me/calendar-feed/rotate"), 200)["url"] != url
    assert refused(world.stranger().get(path), 404) == "not_found"


def test_the_sweep_closes_what_is_over_and_offers_by_policy_alone(world: World) -> None:
    therapist, customer = world.therapist(), world.customer()
    booking = booked(customer, a_visit(therapist.user_id))
    expect(therapist.post(f"/bookings/{booking['bookingId']}/accept"), 200)
    long_ago = datetime.now(UTC) - timedelta(hours=3)
    world.table("bookings").update_item(
        Key={"bookingId": booking["bookingId"]},
        UpdateExpression="SET endsAt = :end",
        ExpressionAttributeValues={":end": written(long_ago)},
    )
    world.invoke("SweepVisitsFunction")
    closed = expect(customer.get(f"/bookings/{booking['bookingId']}"), 200)
    assert (closed["status"], closed["completedBy"]) == ("completed", "system")
