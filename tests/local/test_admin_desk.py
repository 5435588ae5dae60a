"""What admins see over real HTTP and WebSocket: every booking, its whole life, the therapists; live and listed."""

import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.local.orders import booked
from tests.local.visits import written
from tests.local.waiting import wait_until
from tests.local.world import World
from tools.local.person import Person, expect

LIVE_WITHIN = 5.0


def pages(admin: Person, path: str, **query: str | int) -> list[dict[str, Any]]:
    """Return every item of a list, page by page, as far as a hundred pages go."""
    items: list[dict[str, Any]] = []
    cursor: str | None = ""
    for _ in range(100):
        page = expect(admin.get(path, **query, **({"cursor": cursor} if cursor else {})), 200)
        items += page["items"]
        cursor = page["nextCursor"]
        if cursor is None:
            return items
    message = "the list does not end"
    raise AssertionError(message)


def history_of(admin: Person, booking_id: str, entries: int) -> list[dict[str, Any]]:
    """Return the audit log of a booking once it has that many entries."""
    found: list[dict[str, Any]] = []

    def is_told() -> bool:
        nonlocal found
        found = expect(admin.get(f"/admin/bookings/{booking_id}"), 200)["history"]
        return len(found) >= entries

    wait_until(is_told, within=LIVE_WITHIN)
    return found


def test_an_admin_sees_everything_of_a_booking(world: World) -> None:
    answer = booked(world.guest(), world.unattended_therapist().therapist_id, source="chatWindow", chatWindowOpen=True)
    booking = answer["booking"]

    seen = expect(world.admin().get(f"/admin/bookings/{booking['bookingId']}"), 200)

    assert seen["customerWhatsApp"] == booking["customerWhatsApp"]
    assert seen["location"] == booking["location"]
    assert 0 < seen["secondsRemaining"] <= 900
    assert seen["chatWindowOpen"] is True
    assert re.fullmatch(rf"https://wa\.me/{booking['customerWhatsApp'][1:]}\?text=.+", seen["whatsAppLink"])
    assert set(seen["actions"]) >= {"cancel", "reassign"}


def test_the_list_can_be_filtered_by_what_admins_look_for(world: World) -> None:
    admin, therapist = world.admin(), world.therapist()
    made = booked(world.guest(), therapist.user_id, source="priceSlider")["booking"]
    booking_id = made["bookingId"]

    def listed(**query: str | int) -> set[str]:
        return {item["bookingId"] for item in pages(admin, "/admin/bookings", **query)}

    own = {"therapistId": therapist.user_id}
    assert listed(**own) == {booking_id}
    assert booking_id in listed(status="pending")
    assert booking_id in listed(source="priceSlider", status="pending", limit=3)
    assert listed(**own, source="direct") == set()
    assert listed(**own, status="confirmed") == set()
    today = datetime.now(UTC)
    assert listed(**own, **{"from": written(today - timedelta(hours=1)), "to": written(today)}) == {booking_id}
    assert listed(**own, to=written(today - timedelta(hours=1))) == set()
    assert listed(**own, **{"from": written(today + timedelta(hours=1))}) == set()
    assert booking_id in listed(**{"from": written(today - timedelta(hours=1)), "to": written(today)})

    expect(therapist.post(f"/bookings/{booking_id}/accept"), 200)
    assert listed(**own, status="pending") == set()
    assert listed(**own, status="confirmed") == {booking_id}


def test_the_list_shows_the_newest_first_and_says_what_awaits_an_answer(world: World) -> None:
    admin, therapist = world.admin(), world.unattended_therapist()
    for _ in range(2):
        therapist = world.unattended_therapist()
        booked(world.guest(), therapist.therapist_id)

    items = expect(admin.get("/admin/bookings", limit=2), 200)["items"]

    assert items[0]["createdAt"] >= items[1]["createdAt"]
    assert items[0]["therapistId"] == therapist.therapist_id
    assert items[0]["secondsRemaining"] > 0


@pytest.mark.parametrize(
    "query",
    [{"status": "lost"}, {"source": "billboard"}, {"limit": "51"}, {"from": "yesterday"}, {"cursor": "made-up"}],
)
def test_a_filter_that_means_nothing_is_refused(world: World, query: dict[str, str]) -> None:
    assert world.admin().get("/admin/bookings", **query).status_code == 422


def test_the_detail_tells_who_did_what_when_and_why(world: World) -> None:
    admin, first, second = world.admin(), world.therapist(), world.therapist()
    customer = world.guest()
    booking_id = booked(customer, first.user_id)["booking"]["bookingId"]
    expect(first.post(f"/bookings/{booking_id}/decline", {"reason": "ill"}), 200)
    expect(admin.post(f"/admin/bookings/{booking_id}/reassign", {"therapistId": second.user_id}), 200)
    expect(second.post(f"/bookings/{booking_id}/accept"), 200)

    history = [entry for entry in history_of(admin, booking_id, 5) if not entry["action"].startswith("comm")]

    assert [(entry["actor"], entry["action"], entry["from"], entry["to"]) for entry in history] == [
        (customer.user_id, "created", None, "pending"),
        (first.user_id, "declined", "pending", "declined"),
        ("a-admin", "reassigned", "declined", "pending"),
        (second.user_id, "confirmed", "pending", "confirmed"),
    ]
    assert history[1]["reason"] == "ill"
    assert history[2]["before"]["therapistId"] == first.user_id
    assert history[2]["after"]["therapistId"] == second.user_id
    assert [entry["at"] for entry in history] == sorted(entry["at"] for entry in history)
    assert "Wayan" not in str(history)


def test_the_trail_of_a_thing_comes_in_pages(world: World) -> None:
    admin, therapist = world.admin(), world.therapist()
    booking_id = booked(world.guest(), therapist.user_id)["booking"]["bookingId"]
    expect(therapist.post(f"/bookings/{booking_id}/accept"), 200)
    whole = history_of(admin, booking_id, 3)

    assert pages(admin, f"/admin/history/{booking_id}", limit=1) == whole
    assert admin.get("/admin/history/b-nothing").status_code == 404


def test_what_is_not_there_is_not_found(world: World) -> None:
    assert world.admin().get("/admin/bookings/b-nothing").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/admin/bookings",
        "/admin/bookings/b-1",
        "/admin/therapists",
        "/admin/history/b-1",
        "/admin/errors",
        "/admin/errors/rate",
    ],
)
def test_only_admins_may_look(world: World, path: str) -> None:
    assert world.stranger().get(path).status_code == 401
    assert world.guest().get(path).status_code == 403
    assert world.demo_user("t-ayu").get(path).status_code == 403


def test_every_change_reaches_a_connected_admin_within_five_seconds(world: World) -> None:
    admin, therapist, customer = world.admin(), world.therapist(), world.guest()

    with admin.connected() as socket:
        booking_id = booked(customer, therapist.user_id)["booking"]["bookingId"]
        for event, step in (
            ("created", lambda: None),
            ("confirmed", lambda: expect(therapist.post(f"/bookings/{booking_id}/accept"), 200)),
            ("completed", lambda: expect(therapist.post(f"/bookings/{booking_id}/complete"), 200)),
        ):
            step()
            booking: dict[str, Any] = {}
            while booking.get("bookingId") != booking_id:
                booking = socket.wait_for("booking", within=LIVE_WITHIN, event=event)["booking"]
            assert booking["customerWhatsApp"] is not None
            assert booking["location"]["address"] is not None


def test_nothing_is_missing_after_a_reconnect(world: World) -> None:
    admin, therapist = world.admin(), world.therapist()
    with admin.connected():
        pass
    booking_id = booked(world.guest(), therapist.user_id)["booking"]["bookingId"]
    expect(therapist.post(f"/bookings/{booking_id}/accept"), 200)

    with admin.connected():
        (listed,) = pages(admin, "/admin/bookings", therapistId=therapist.user_id)
    assert (listed["status"], listed["version"]) == ("confirmed", 2)


def test_therapists_are_listed_with_what_awaits_them_and_whether_they_are_here(world: World) -> None:
    admin = world.admin()
    therapist = world.therapist(therapist_id=f"t-0-{secrets.token_hex(6)}")

    def seen() -> dict[str, Any]:
        items = pages(admin, "/admin/therapists")
        return next(item for item in items if item["therapistId"] == therapist.user_id)

    assert (seen()["connected"], seen()["lastSeenAt"]) == (False, None)
    assert (seen()["openBookings"], seen()["openOffers"], seen()["overdueCommissions"]) == (0, 0, 0)

    booking_id = booked(world.guest(), therapist.user_id)["booking"]["bookingId"]
    assert (seen()["openBookings"], seen()["openOffers"]) == (1, 1)
    expect(therapist.post(f"/bookings/{booking_id}/accept"), 200)
    assert (seen()["openBookings"], seen()["openOffers"]) == (1, 0)

    with therapist.connected():
        wait_until(lambda: bool(seen()["connected"]))
    wait_until(lambda: not seen()["connected"])
    assert seen()["lastSeenAt"] is not None

    world.table("commission_records").update_item(
        Key={"bookingId": booking_id},
        UpdateExpression="SET paymentStatus = :overdue",
        ExpressionAttributeValues={":overdue": "overdue"},
    )
    assert seen()["overdueCommissions"] == 1
    assert seen()["status"] == "online"
