"""What can happen to a booking on its page: another time or therapist, a code at the door, nobody there, a review."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Locator, expect

from tests.browser.bookings import decline
from tests.browser.conftest import NewScreen, new_therapist
from tests.browser.screens import Screen
from tests.local.visits import a_scheduled_visit, a_visit, booked, free_starts, written
from tests.local.world import World
from tools.local.outputs import User
from tools.local.person import Person
from tools.local.person import expect as expect_status

TELEPHONE = {"viewport": {"width": 390, "height": 844}}


def at_booking(new_screen: NewScreen, customer: User, booking: dict[str, Any]) -> Screen:
    """Open a booking's page as its customer, on a telephone."""
    screen = new_screen(**TELEPHONE).sign_in(customer, "/sign-in")
    return screen.open(f"/chats/{booking['chatRoomId']}/booking")


def accepted(therapist: Person, booking: dict[str, Any]) -> None:
    """Let the therapist agree."""
    expect_status(therapist.post(f"/bookings/{booking['bookingId']}/accept"), 200)


def changed(world: World, booking: dict[str, Any], **attributes: str) -> None:
    """Change what is stored of a booking, as time or a policy would have done."""
    world.table("bookings").update_item(
        Key={"bookingId": booking["bookingId"]},
        UpdateExpression="SET " + ", ".join(f"{name} = :{name}" for name in attributes),
        ExpressionAttributeValues={f":{name}": value for name, value in attributes.items()},
    )


def choose_another_time(sheet: Locator) -> None:
    """Take a free time of the day after tomorrow."""
    sheet.get_by_role("radiogroup", name="Date").get_by_role("radio").nth(2).check(force=True)
    sheet.get_by_role("radiogroup", name="Time", exact=True).get_by_role("radio").nth(5).check(force=True)


def test_a_request_moves_at_once_and_an_agreed_visit_when_the_other_side_agrees(
    new_screen: NewScreen, world: World, therapist: User
) -> None:
    customer = world.new_user("customer")
    guest, practice = world.signed_in(customer), world.signed_in(therapist)
    first = free_starts(guest, therapist.username)[0]
    booking = booked(guest, a_scheduled_visit(therapist.username, first))
    screen = at_booking(new_screen, customer, booking)
    screen.button("Choose another time").click()
    sheet = screen.page.get_by_role("dialog", name="Choose another time")
    choose_another_time(sheet)
    assert screen.serious_findings() == []
    sheet.get_by_role("button", name="Move the request").click()
    expect(sheet).to_have_count(0)
    moved = expect_status(guest.get(f"/bookings/{booking['bookingId']}"), 200)
    assert moved["scheduledTime"] != first

    accepted(practice, booking)
    expect(screen.page.locator(".badge").first).to_have_text("Confirmed")
    with screen.page.expect_download() as file:
        screen.button("Add to my calendar").click()
    assert b"BEGIN:VEVENT" in file.value.path().read_bytes()
    screen.button("Propose another time").click()
    sheet = screen.page.get_by_role("dialog", name="Propose another time")
    choose_another_time(sheet)
    sheet.get_by_role("button", name="Propose", exact=True).click()
    expect(screen.page.get_by_text(re.compile("^You proposed "))).to_be_visible()

    desk = new_screen(**TELEPHONE).sign_in(therapist, "/desk/calendar")
    expect(desk.page.get_by_text(re.compile("^Proposed: "))).to_be_visible()
    desk.page.locator(".visit-link").click()
    desk.button("Take this time").click()
    expect(screen.page.get_by_text(re.compile("^You proposed "))).to_have_count(0)
    again = expect_status(guest.get(f"/bookings/{booking['bookingId']}"), 200)
    assert again["proposal"] is None
    assert again["scheduledTime"] not in {first, moved["scheduledTime"]}


def test_after_a_no_somebody_else_takes_the_same_booking(new_screen: NewScreen, world: World, therapist: User) -> None:
    customer = world.new_user("customer")
    guest = world.signed_in(customer)
    other = new_therapist(world, name="Ketut Sekar")
    booking = booked(guest, a_visit(therapist.username))
    screen = at_booking(new_screen, customer, booking)
    expect(screen.page.locator(".badge").first).to_have_text("Pending")
    desk = new_screen(**TELEPHONE).sign_in(therapist, "/desk")
    expect(desk.page.get_by_text("Yours after commission")).to_be_visible()
    decline(desk, reason="Too far away")
    expect(screen.page.get_by_text("Too far away")).to_be_visible()
    expect(screen.page.get_by_role("heading", name="Who else could come")).to_be_visible()
    assert screen.serious_findings() == []
    ask = screen.page.get_by_role("button", name=re.compile("^Ask ")).first
    ask.click()
    question = screen.page.get_by_role("alertdialog")
    expect(question).to_contain_text("Rp")
    question.get_by_role("button", name="Ask", exact=True).click()
    expect(screen.page.locator(".badge").first).to_have_text("Pending")
    now = expect_status(guest.get(f"/bookings/{booking['bookingId']}"), 200)
    assert now["therapistId"] != therapist.username
    assert now["chatRoomId"] == booking["chatRoomId"]
    assert other.username

    admin = new_screen().sign_in(world.outputs.users["a-admin"], f"/admin?booking={booking['bookingId']}")
    detail = admin.page.get_by_role("dialog", name="Booking details")
    offers = detail.locator("section", has=admin.page.get_by_role("heading", name="Offers")).locator("li")
    expect(offers).to_have_count(2)
    expect(offers.first).to_contain_text("declined")
    expect(offers.last).to_contain_text("waits for an answer")


def test_the_visit_begins_with_the_code_that_the_customer_says(
    new_screen: NewScreen, world: World, therapist: User
) -> None:
    customer = world.new_user("customer")
    booking = booked(world.signed_in(customer), a_visit(therapist.username))
    accepted(world.signed_in(therapist), booking)
    changed(world, booking, startCode="0427")
    screen = at_booking(new_screen, customer, booking)
    expect(screen.page.locator(".start-code-digits")).to_have_text("0427")
    desk = new_screen(**TELEPHONE).sign_in(therapist, "/desk")
    now = desk.page.locator(f"[data-visit='{booking['bookingId']}']")
    now.get_by_role("button", name="I am on my way").click()
    now.get_by_role("button", name="I have arrived").click()
    now.get_by_role("button", name="Start the visit").click()
    now.get_by_label("Start code").fill("1111")
    now.get_by_role("button", name="Start the visit").click()
    expect(now.get_by_text("This code is not right.")).to_be_visible()
    assert desk.serious_findings() == []
    now.get_by_label("Start code").fill("0427")
    now.get_by_role("button", name="Start the visit").click()
    expect(now.get_by_role("button", name="The visit is finished")).to_be_visible()
    expect(screen.page.locator(".visit-step[aria-current='step']")).to_contain_text("Started")
    expect(screen.page.locator(".start-code-digits")).to_have_count(0)


def test_who_waited_in_vain_says_so_and_both_sides_see_it(new_screen: NewScreen, world: World, therapist: User) -> None:
    customer = world.new_user("customer")
    booking = booked(world.signed_in(customer), a_visit(therapist.username))
    accepted(world.signed_in(therapist), booking)
    changed(world, booking, confirmedAt=written(datetime.now(UTC) - timedelta(minutes=58)))
    screen = at_booking(new_screen, customer, booking)
    desk = new_screen(**TELEPHONE).sign_in(therapist, f"/desk/chats/{booking['chatRoomId']}/booking")
    desk.button("Nobody came").click()
    question = desk.page.get_by_role("alertdialog", name="Did the other side not come?")
    question.get_by_label("Note (optional)").fill("Rang twice.")
    question.get_by_role("button", name="Nobody came").click()
    for each in (desk, screen):
        expect(each.page.get_by_text("The customer did not come.")).to_be_visible()


def test_a_finished_visit_is_reviewed_once_and_booked_again(
    new_screen: NewScreen, world: World, therapist: User
) -> None:
    customer = world.new_user("customer")
    booking = booked(world.signed_in(customer), a_visit(therapist.username))
    practice = world.signed_in(therapist)
    accepted(practice, booking)
    expect_status(practice.post(f"/bookings/{booking['bookingId']}/complete"), 200)
    screen = at_booking(new_screen, customer, booking)
    screen.button("Send review").click()
    expect(screen.page.get_by_text("Please choose one to five stars.")).to_be_visible()
    screen.page.get_by_role("radio", name="4 of 5 stars").check(force=True)
    screen.page.get_by_label("In your words (optional)").fill("Strong hands, on time.")
    assert screen.serious_findings() == []
    screen.button("Send review").click()
    expect(screen.page.get_by_text("Thank you for your review.")).to_be_visible()
    screen.page.reload()
    expect(screen.page.get_by_text("Thank you for your review.")).to_be_visible()
    screen.button("Book again").click()
    expect(screen.page.get_by_role("dialog").locator(".price-total")).to_contain_text("Rp")
