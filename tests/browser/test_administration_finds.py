"""What an administration works with all day: filters that stay, links that lead, lists that grow, words that tell."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Route, expect

from tests.browser.bookings import book_now, the_booking_of
from tests.browser.conftest import NewScreen
from tests.browser.screens import Screen
from tests.local.visits import written
from tests.local.world import World
from tools.local.outputs import User

PAGES = 13
PAGE = 50


def admin_at(new_screen: NewScreen, world: World, path: str) -> Screen:
    """Open the administration at one of its pages."""
    return new_screen().sign_in(world.outputs.users["a-admin"], path)


def test_filters_are_there_again_after_a_look_into_a_chat(new_screen: NewScreen, world: World, therapist: User) -> None:
    booking = the_booking_of(world, book_now(new_screen(), therapist))
    admin = admin_at(new_screen, world, "/admin")
    admin.page.get_by_label("Status").select_option("pending")
    admin.page.get_by_label("Source").select_option("bookingButton")
    row = admin.page.locator(f"[data-booking='{booking['bookingId']}']")
    row.get_by_role("link", name=re.compile("^Open the chat")).click()
    expect(admin.page.locator("[data-in-memory]")).to_be_visible()
    # By the chat's own arrow, by the browser's, and by a reload.
    admin.page.get_by_role("link", name="Back").click()
    expect(admin.page.get_by_label("Status")).to_have_value("pending")
    expect(admin.page.get_by_label("Source")).to_have_value("bookingButton")
    row.get_by_role("link", name=re.compile("^Open the chat")).click()
    expect(admin.page.locator("[data-in-memory]")).to_be_visible()
    admin.page.go_back()
    expect(admin.page.get_by_label("Status")).to_have_value("pending")
    admin.page.reload()
    expect(admin.page.get_by_label("Source")).to_have_value("bookingButton")
    expect(row).to_be_visible()


def test_a_change_asks_for_one_page_however_far_back_somebody_has_read(
    new_screen: NewScreen, world: World, therapist: User
) -> None:
    asked: list[str] = []
    real = book_now(new_screen(), therapist)
    admin = new_screen()

    def answer(route: Route) -> None:
        cursor = parse_qs(urlsplit(route.request.url).query).get("cursor", ["0"])[0]
        asked.append(cursor)
        response = route.fetch(url=route.request.url.split("?")[0])
        page = response.json()
        if cursor != "0":
            page["items"] = [planted(page["items"][-1], int(cursor) * PAGE + place) for place in range(PAGE)]
        page["nextCursor"] = str(int(cursor) + 1) if int(cursor) < PAGES - 1 else None
        route.fulfill(response=response, body=json.dumps(page))

    admin.page.route(re.compile(r"/admin/bookings(\?|$)"), answer)
    admin.sign_in(world.outputs.users["a-admin"], "/admin")
    rows = admin.page.locator("[data-booking]")
    for page in range(1, PAGES):
        admin.button("Show more").click()
        expect(admin.page.locator(f"[data-booking='planted-{page * PAGE}']")).to_have_count(1)
    expect(admin.button("Show more")).to_have_count(0)
    seen = rows.count()
    desk = new_screen().sign_in(therapist, "/desk")
    expect(desk.button("Accept")).to_be_enabled()
    asked.clear()
    with admin.page.expect_request(lambda request: urlsplit(request.url).path.endswith("/admin/bookings")):
        desk.button("Accept").click()
    row = admin.page.locator(f"[data-booking='{the_booking_of(world, real)['bookingId']}']")
    expect(row).to_contain_text("Confirmed")
    admin.page.wait_for_timeout(2_000)
    assert set(asked) == {"0"}
    assert len(asked) <= 4
    assert rows.count() >= seen


def planted(pattern: dict[str, Any], number: int) -> dict[str, Any]:
    """Return a booking that is older than all real ones."""
    at = datetime(2026, 1, 1, tzinfo=UTC) - timedelta(minutes=number)
    return {**pattern, "bookingId": f"planted-{number}", "createdAt": written(at)}


def test_a_red_check_leads_to_its_booking(new_screen: NewScreen, world: World, therapist: User) -> None:
    room = book_now(new_screen(), therapist)
    booking = the_booking_of(world, room)
    long_ago = written(datetime.now(UTC) - timedelta(minutes=5))
    rooms = world.table("chat_rooms")
    world.table("bookings").update_item(
        Key={"bookingId": booking["bookingId"]},
        UpdateExpression="SET createdAt = :past, updatedAt = :past",
        ExpressionAttributeValues={":past": long_ago},
    )
    taken = rooms.delete_item(Key={"conversationId": room}, ReturnValues="ALL_OLD")["Attributes"]
    try:
        admin = admin_at(new_screen, world, "/admin/health")
        check = admin.page.locator("[data-check='customer_therapist_connection']")
        expect(check).to_contain_text(booking["bookingId"])
        check.get_by_role("link", name="Open the booking").click()
        detail = admin.page.get_by_role("dialog", name="Booking details")
        expect(detail.locator("code").first).to_have_text(booking["bookingId"])
    finally:
        rooms.put_item(Item=taken)
    admin.page.go_back()
    expect(detail).to_have_count(0)


def test_one_dialog_speaks_of_one_zone(new_screen: NewScreen, world: World, therapist: User) -> None:
    booking = the_booking_of(world, book_now(new_screen(), therapist))
    new_screen().sign_in(therapist, "/desk").button("Accept").click()
    admin = admin_at(new_screen, world, f"/admin?booking={booking['bookingId']}")
    detail = admin.page.get_by_role("dialog", name="Booking details")
    expect(detail.locator(".history li")).not_to_have_count(0)
    detail.get_by_text("All attributes").click()
    words = detail.inner_text()
    assert "WITA" in words
    assert "WIB" not in words
    assert re.search(r"\d\dT\d\d:", words) is None


def test_a_period_that_is_too_long_or_backwards_is_explained_where_it_is_chosen(
    new_screen: NewScreen, world: World
) -> None:
    admin = admin_at(new_screen, world, "/admin/revenue")
    expect(admin.page.get_by_text("Commission validation")).to_be_visible()
    admin.page.get_by_label("From").fill("2024-11-01")
    expect(admin.page.get_by_text("At most 366 days can be shown at once.")).to_be_visible()
    admin.page.get_by_label("To").fill("2024-10-01")
    expect(admin.page.get_by_text("The first day is after the last one.")).to_be_visible()
    admin.page.get_by_label("To").fill("2024-12-01")
    expect(admin.page.get_by_text("Commission validation")).to_be_visible()
    admin.page.reload()
    expect(admin.page.get_by_label("From")).to_have_value("2024-11-01")
    admin.open("/admin/errors")
    admin.page.get_by_label("From").fill("2026-11-02")
    admin.page.get_by_label("To", exact=True).fill("2026-11-01")
    expect(admin.page.get_by_text("The first day is after the last one.")).to_be_visible()


def test_rows_of_test_bookings_are_marked_among_payments_too(new_screen: NewScreen, world: World) -> None:
    admin = admin_at(new_screen, world, "/admin/health")
    admin.button("Test Book Now").click()
    booking_id = admin.page.get_by_role("list", name="Try it for real").locator("code").inner_text()
    admin.page.get_by_role("link", name="Payments").click()
    card = admin.page.locator(f"[data-commission='{booking_id}']")
    expect(card).to_contain_text("Test")
    card.get_by_role("link", name=booking_id).click()
    expect(admin.page.get_by_role("dialog", name="Booking details").locator(".badge-test")).to_be_visible()


def test_a_forgotten_customer_has_no_number_to_write_to(new_screen: NewScreen, world: World, therapist: User) -> None:
    customer = new_screen()
    booking = the_booking_of(world, book_now(customer, therapist))
    admin = new_screen()

    def answer(route: Route) -> None:
        response = route.fetch()
        page = response.json()
        for item in page["items"]:
            if item["bookingId"] == booking["bookingId"]:
                item |= {"customerName": "Former customer", "customerWhatsApp": "+9990000000001"}
        route.fulfill(response=response, body=json.dumps(page))

    admin.page.route(re.compile(r"/admin/bookings(\?|$)"), answer)
    admin.sign_in(world.outputs.users["a-admin"], "/admin")
    row = admin.page.locator(f"[data-booking='{booking['bookingId']}']")
    expect(row).to_contain_text("Former customer")
    expect(row).not_to_contain_text("+999")
    assert row.locator("a[href*='wa.me']").count() == 0


def test_an_emptied_number_is_taken_away_or_refused_but_never_called_saved(
    new_screen: NewScreen, therapist: User
) -> None:
    desk = new_screen().sign_in(therapist, "/desk/settings")
    desk.page.get_by_label("WhatsApp number").fill("0812 3456 7890")
    desk.button("Save").last.click()
    expect(desk.page.get_by_text("Saved.").first).to_be_visible()
    expect(desk.page.get_by_label("WhatsApp number")).to_have_value("+6281234567890")
    with desk.page.expect_request(lambda request: request.method == "PATCH") as sent:
        desk.page.get_by_label("WhatsApp number").fill("")
        desk.button("Save").last.click()
    assert json.loads(sent.value.post_data or "{}")["whatsApp"] is None
    if sent.value.response().ok:  # type: ignore[union-attr]  # it has been answered, as the next line shows
        desk.page.reload()
        expect(desk.page.get_by_label("WhatsApp number")).to_have_value("")


def test_columns_that_somebody_does_without_stay_away(new_screen: NewScreen, world: World, therapist: User) -> None:
    booking = the_booking_of(world, book_now(new_screen(), therapist))
    admin = admin_at(new_screen, world, "/admin")
    row = admin.page.locator(f"[data-booking='{booking['bookingId']}']")
    expect(row.locator(".cell-source")).to_be_visible()
    admin.page.get_by_text("Columns", exact=True).click()
    admin.page.get_by_role("checkbox", name="Source").uncheck(force=True)
    expect(row.locator(".cell-source")).to_have_count(0)
    admin.page.reload()
    expect(row.locator(".cell-therapist")).to_be_visible()
    expect(admin.page.get_by_role("columnheader", name="Source")).to_have_count(0)
    expect(row.locator(".cell-source")).to_have_count(0)
