"""GET /bookings: whose bookings, newest first, page by page, with cursors that nobody can change."""

import pytest

from tests.local.visits import a_visit, booked
from tests.local.world import World
from tools.local.person import Person, expect


def walked(who: Person, **query: str | int) -> list[str]:
    """Return the ids of all pages of a list, as many pages as there are."""
    found: list[str] = []
    cursor = ""
    for _ in range(200):
        page = expect(who.get("/bookings", **query, **({"cursor": cursor} if cursor else {})), 200)
        found += [item["bookingId"] for item in page["items"]]
        if page["nextCursor"] is None:
            return found
        cursor = page["nextCursor"]
    pytest.fail("the list has no end")


def test_everybody_lists_their_own_newest_first(world: World) -> None:
    customer, therapists = world.guest(), [world.therapist(), world.therapist(), world.therapist()]
    made = [booked(customer, a_visit(therapist.user_id))["bookingId"] for therapist in therapists]
    booked(world.guest(), a_visit(world.unattended_therapist().therapist_id))

    assert walked(customer) == walked(customer, limit=1) == walked(customer, limit=2) == made[::-1]
    assert [walked(therapist) for therapist in therapists] == [[each] for each in made]
    everybodys = walked(world.admin(), limit=50)
    assert [each for each in everybodys if each in made] == made[::-1]
    assert len(set(everybodys)) == len(everybodys)


def test_lists_are_filtered_by_status_and_source(world: World) -> None:
    customer, first, second = world.guest(), world.therapist(), world.therapist()
    kept = booked(customer, a_visit(first.user_id, source="priceSlider"))["bookingId"]
    gone = booked(customer, a_visit(second.user_id, chatWindowOpen=True))["bookingId"]
    expect(second.post(f"/bookings/{gone}/decline"), 200)

    assert walked(customer, status="pending") == [kept]
    assert walked(customer, status="declined") == [gone]
    assert walked(customer, source="priceSlider") == [kept]
    assert walked(customer, status="declined", source="priceSlider") == []
    assert walked(second, status="declined", source="chatWindow", limit=1) == [gone]
    for status, booking_id in (("pending", kept), ("declined", gone)):
        assert booking_id in walked(world.admin(), status=status)
    assert gone not in walked(world.admin(), status="pending")


def test_a_changed_or_borrowed_cursor_is_refused(world: World) -> None:
    customer = world.guest()
    for _ in range(2):
        booked(customer, a_visit(world.unattended_therapist().therapist_id))
    cursor = expect(customer.get("/bookings", limit=1), 200)["nextCursor"]
    middle = len(cursor) // 2
    changed = cursor[:middle] + ("A" if cursor[middle] != "A" else "B") + cursor[middle + 1 :]

    assert expect(customer.get("/bookings", limit=1, cursor=changed), 422)["code"] == "validation_failed"
    assert expect(customer.get("/bookings", cursor="nonsense"), 422)["code"] == "validation_failed"
    assert expect(world.guest().get("/bookings", cursor=cursor), 422)["code"] == "validation_failed"
    assert expect(customer.get("/bookings", cursor=cursor, status="pending"), 422)["code"] == "validation_failed"
    assert expect(customer.get("/therapists", cursor=cursor), 422)["code"] == "validation_failed"


@pytest.mark.parametrize("query", [{"status": "lost"}, {"source": "chat"}, {"limit": 0}, {"limit": 51}])
def test_a_filter_that_means_nothing_is_refused(world: World, query: dict[str, str | int]) -> None:
    assert expect(world.guest().get("/bookings", **query), 422)["code"] == "validation_failed"
