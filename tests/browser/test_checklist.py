"""The original's own checklist (rows S169 to S171), each line of it played on real screens."""

import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from tests.browser.bookings import (
    ADDRESS,
    CUSTOMER,
    book_now,
    choose,
    decline,
    fill_in,
    open_request,
    opened_room,
    send,
    start_now,
    the_booking_of,
)
from tests.browser.conftest import NewScreen
from tests.local.visits import fresh_number, written
from tests.local.world import World
from tools.local.outputs import User

# Booking (S169a to c) ----------------------------------------------------------------------------------


def test_s169a_book_now_leads_over_popup_and_form_to_a_stored_booking(
    new_screen: NewScreen, world: World, therapist: User
) -> None:
    customer = new_screen()
    number = fresh_number()
    start_now(customer, therapist)
    choose(customer, duration=90)
    fill_in(customer, number=number)
    send(customer)
    booking = the_booking_of(world, opened_room(customer))
    assert booking["duration"] == 90
    assert booking["customerWhatsApp"] == number
    assert booking["customerName"] == CUSTOMER
    assert booking["location"]["address"] == ADDRESS
    assert booking["source"] == "bookingButton"
    assert booking["status"] == "pending"


def test_s169b_a_scheduled_visit_keeps_its_time_and_reaches_the_therapists_desk(
    new_screen: NewScreen, world: World, therapist: User
) -> None:
    desk = new_screen().sign_in(therapist, "/desk")
    customer = new_screen().open(f"/t/{therapist.username}")
    customer.button(re.compile("^Schedule a visit with")).click()
    third_day = customer.page.get_by_role("radiogroup", name="Date").get_by_role("radio").nth(2)
    third_day.check(force=True)
    slot = customer.page.get_by_role("radiogroup", name="Time", exact=True).get_by_role("radio").first
    shown = slot.get_attribute("aria-label") or ""
    assert re.search(r"\d\d:\d\d WITA$", shown)
    slot.check(force=True)
    choose(customer)
    # A duration has slots of its own, so the time is chosen after it.
    if customer.page.get_by_text("Please choose a time.").is_visible():
        slot.check(force=True)
        customer.button("Continue").click()
    fill_in(customer)
    send(customer)
    booking = the_booking_of(world, opened_room(customer))
    assert booking["bookingType"] == "scheduled"
    assert booking["source"] == "scheduled"
    assert booking["scheduledTime"] > written(datetime.now(UTC) + timedelta(hours=24))
    request = desk.page.get_by_role("article", name=f"Request from {CUSTOMER}")
    expect(request).to_contain_text(shown)


def test_s169c_a_menu_price_opens_the_form_with_that_price(
    new_screen: NewScreen, world: World, therapist: User
) -> None:
    customer = new_screen().open(f"/t/{therapist.username}")
    customer.button(re.compile(r"^Deep tissue massage 120 min")).first.click()
    expect(customer.page.get_by_role("radio", name="Deep tissue massage")).to_be_checked()
    expect(customer.page.get_by_role("radio", name=re.compile("^120 minutes"))).to_be_checked()
    expect(customer.page.locator(".price-total")).to_contain_text("450,000")
    customer.button("Continue").click()
    fill_in(customer)
    send(customer)
    booking = the_booking_of(world, opened_room(customer))
    assert (booking["source"], booking["serviceId"], booking["price"]) == ("menuSlider", "deep-tissue", 450_000)


# Chat (S169d to i) -------------------------------------------------------------------------------------


def test_s169d_the_chat_opens_by_itself_with_countdown_and_first_messages(
    new_screen: NewScreen, therapist: User
) -> None:
    customer = new_screen()
    book_now(customer, therapist)
    expect(customer.page.get_by_role("timer")).to_contain_text(re.compile(r"\d+:\d\d left to answer"))
    expect(customer.page.locator("[data-in-memory]").locator("[data-sequence]")).to_have_count(3)
    expect(customer.status()).to_have_text("Pending")


def test_s169e_the_customer_sends_a_message(new_screen: NewScreen, world: World, therapist: User) -> None:
    customer = new_screen()
    room = book_now(customer, therapist)
    customer.write("Please bring the warm oil")
    expect(customer.message("Please bring the warm oil")).to_contain_text("Sent")
    stored = world.table("chat_messages").get_item(Key={"conversationId": room, "sequence": 4})["Item"]
    assert stored["message"] == "Please bring the warm oil"


def test_s169f_the_therapists_desk_shows_the_customers_message(new_screen: NewScreen, therapist: User) -> None:
    desk = new_screen().sign_in(therapist, "/desk")
    customer = new_screen()
    book_now(customer, therapist)
    open_request(desk)
    customer.write("Is there parking at your place?")
    expect(desk.message("Is there parking at your place?")).to_be_visible()


def test_s169g_the_therapist_replies_and_the_customer_sees_it(new_screen: NewScreen, therapist: User) -> None:
    desk = new_screen().sign_in(therapist, "/desk")
    customer = new_screen()
    book_now(customer, therapist)
    open_request(desk)
    desk.write("Saya berangkat sekarang")
    expect(customer.message("Saya berangkat sekarang")).to_be_visible()
    expect(desk.message("Saya berangkat sekarang")).to_contain_text("Read")


def test_s169h_the_therapist_accepts_in_one_tap_and_the_status_changes_on_both_screens(
    new_screen: NewScreen, therapist: User
) -> None:
    desk = new_screen().sign_in(therapist, "/desk")
    customer = new_screen()
    book_now(customer, therapist)
    desk.button("Accept").click()
    expect(customer.status()).to_have_text("Confirmed")
    expect(customer.page.locator("[data-in-memory]").locator("[data-sequence]")).to_have_count(4)
    expect(desk.button("Accept")).to_have_count(0)


def test_s169i_the_administration_shows_the_booking_as_confirmed(
    new_screen: NewScreen, world: World, therapist: User
) -> None:
    admin = new_screen().sign_in(world.outputs.users["a-admin"], "/admin")
    customer = new_screen()
    booking = the_booking_of(world, book_now(customer, therapist))
    row = admin.page.locator(f"[data-booking='{booking['bookingId']}']")
    expect(row).to_contain_text("Pending")
    expect(row.get_by_role("timer")).to_be_visible()
    new_screen().sign_in(therapist, "/desk").button("Accept").click()
    expect(row).to_contain_text("Confirmed")


# Administration (S170a to c) ---------------------------------------------------------------------------


def test_s170a_the_list_loads_the_filters_work_and_the_details_open(
    new_screen: NewScreen, world: World, therapist: User
) -> None:
    booking = the_booking_of(world, book_now(new_screen(), therapist))
    admin = new_screen().sign_in(world.outputs.users["a-admin"], "/admin")
    row = admin.page.locator(f"[data-booking='{booking['bookingId']}']")
    expect(row).to_be_visible()
    admin.page.get_by_label("Status").select_option("completed")
    expect(row).to_have_count(0)
    admin.page.get_by_label("Status").select_option("pending")
    admin.page.get_by_label("Source").select_option("bookingButton")
    expect(row).to_be_visible()
    admin.button(f"View details of booking {booking['bookingId']}").click()
    detail = admin.page.get_by_role("dialog", name="Booking details")
    expect(detail).to_contain_text(booking["customerWhatsApp"])
    expect(detail.get_by_role("heading", name="History")).to_be_visible()
    expect(detail.locator(".history li")).not_to_have_count(0)


def test_s170b_all_seven_checks_are_green_and_a_test_booking_appears_in_the_list(
    new_screen: NewScreen, world: World
) -> None:
    admin = new_screen().sign_in(world.outputs.users["a-admin"], "/admin/health")
    expect(admin.page.locator("[data-check]")).to_have_count(7)
    expect(admin.page.get_by_text("All seven checks are green")).to_be_visible()
    admin.button("Test Book Now").click()
    steps = admin.page.get_by_role("list", name="Try it for real")
    booking_id = steps.locator("code").inner_text()
    expect(steps.locator(".step-red")).to_have_count(0)
    admin.page.get_by_role("link", name="Bookings").click()
    row = admin.page.locator(f"[data-booking='{booking_id}']")
    expect(row).to_be_visible()
    expect(row).to_contain_text("Test")


def test_s170c_commissions_are_valid_sources_are_counted_and_nothing_is_missing(
    new_screen: NewScreen, world: World, therapist: User
) -> None:
    book_now(new_screen(), therapist)
    new_screen().sign_in(therapist, "/desk").button("Accept").click()
    admin = new_screen().sign_in(world.outputs.users["a-admin"], "/admin/revenue")
    expect(admin.page.get_by_text("Every accepted booking has its commission")).to_be_visible()
    expect(admin.page.locator("[data-missing-commissions]")).to_have_count(0)
    expect(admin.page.locator("[data-source]")).to_have_count(6)
    counted = admin.page.locator("[data-source='bookingButton'] .source-count")
    expect(counted).not_to_have_text("0")


# Edge cases (S171a to f) -------------------------------------------------------------------------------


def test_s171a_without_a_whatsapp_number_the_form_says_so_and_sends_nothing(
    new_screen: NewScreen, therapist: User
) -> None:
    customer = new_screen()
    start_now(customer, therapist)
    choose(customer)
    fill_in(customer)
    customer.page.get_by_label("WhatsApp number").fill("")
    send(customer)
    expect(customer.page.get_by_text("Please enter your WhatsApp number.")).to_be_visible()
    expect(customer.page.get_by_label("WhatsApp number")).to_be_focused()
    customer.page.get_by_label("WhatsApp number").fill("08a")
    expect(customer.page.get_by_text("This does not look like a phone number.")).to_be_visible()


def test_s171b_a_second_request_to_the_same_therapist_warns_and_leads_to_the_first(
    new_screen: NewScreen, world: World, therapist: User
) -> None:
    # The first request waits for a later time, so that the therapist is free for another one.
    customer = new_screen()
    number = fresh_number()
    room = book_now(customer, therapist, number=number)
    table = world.table("calendar")
    for row in table.query(
        KeyConditionExpression="therapistId = :id", ExpressionAttributeValues={":id": therapist.username}
    )["Items"]:
        table.delete_item(Key={"therapistId": row["therapistId"], "day": row["day"]})
    start_now(customer, therapist)
    expect(customer.page.get_by_text(re.compile("You have a request waiting with"))).to_be_visible()
    choose(customer)
    fill_in(customer, number=number)
    send(customer)
    warning = customer.page.get_by_role("alertdialog", name="You have already asked")
    expect(warning).to_be_visible()
    warning.get_by_role("button", name="Open the chat").click()
    assert opened_room(customer) == room


def test_s171c_a_blank_form_names_every_field_that_is_missing(new_screen: NewScreen, therapist: User) -> None:
    customer = new_screen()
    start_now(customer, therapist)
    choose(customer)
    send(customer)
    for problem in (
        "Please tell us your name.",
        "Please enter your WhatsApp number.",
        "Please tell us where you are.",
    ):
        expect(customer.page.get_by_text(problem)).to_be_visible()
    expect(customer.page.get_by_label("Your name")).to_be_focused()
    customer.page.get_by_text("Hotel or villa", exact=True).click()
    expect(customer.page.get_by_text("Please enter the room number.")).to_be_visible()


def test_s171d_the_chat_survives_a_refresh(new_screen: NewScreen, therapist: User) -> None:
    customer = new_screen()
    room = book_now(customer, therapist)
    customer.write("Still there after a reload?")
    expect(customer.message("Still there after a reload?")).to_contain_text("Sent")
    customer.page.reload()
    assert opened_room(customer) == room
    expect(customer.message("Still there after a reload?")).to_be_visible()
    customer.write("Yes")
    expect(customer.message("Yes")).to_contain_text("Sent")


def test_s171e_a_declined_request_is_told_to_the_customer(new_screen: NewScreen, therapist: User) -> None:
    desk = new_screen().sign_in(therapist, "/desk")
    customer = new_screen()
    book_now(customer, therapist)
    decline(desk)
    expect(customer.status()).to_have_text("Declined")
    expect(customer.page.get_by_text("This chat is closed.")).to_be_visible()
    expect(customer.button("Book again")).to_be_visible()


def test_s171f_after_the_time_to_answer_the_status_changes_by_itself(
    new_screen: NewScreen, world: World, therapist: User
) -> None:
    customer = new_screen()
    booking = the_booking_of(world, book_now(customer, therapist))
    # Fifteen minutes pass.
    world.table("bookings").update_item(
        Key={"bookingId": booking["bookingId"]},
        UpdateExpression="SET responseDeadline = :past",
        ExpressionAttributeValues={":past": written(datetime.now(UTC) - timedelta(seconds=1))},
    )
    world.invoke("ExpireBookingsFunction")
    expect(customer.status()).to_have_text("Expired")
    assert _countdowns(customer.page) == 0


def _countdowns(page: Page) -> int:
    return page.locator(".chat-header").get_by_role("timer").count()
