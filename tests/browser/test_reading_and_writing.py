"""Chats as people read and write them: several lines, pictures, places far back, and counts that mean something."""

import io
import re
from datetime import UTC, datetime, timedelta

from PIL import Image
from playwright.sync_api import expect

from tests.browser.bookings import book_now, open_request, the_booking_of
from tests.browser.conftest import NewScreen, new_therapist
from tests.browser.test_chat_window import grow
from tests.local.visits import written
from tests.local.world import World
from tools.local.outputs import User


def a_tall_picture() -> bytes:
    """Return a picture higher than a chat window."""
    image = io.BytesIO()
    Image.new("RGB", (600, 1400), "#a8701c").save(image, "PNG")
    return image.getvalue()


def test_lines_of_a_message_are_sent_as_lines(new_screen: NewScreen, therapist: User) -> None:
    desk = new_screen().sign_in(therapist, "/desk")
    customer = new_screen()
    book_now(customer, therapist)
    open_request(desk)
    box = customer.page.get_by_label("Write a message")
    box.press_sequentially("Second gate")
    box.press("Shift+Enter")
    box.press_sequentially("then left")
    box.press("Enter")
    shown = desk.message("then left").locator(".bubble-text")
    expect(shown).to_have_text("Second gate\nthen left")
    assert shown.evaluate("text => getComputedStyle(text).whiteSpace").startswith("pre")


def test_an_own_picture_and_what_follows_stay_in_sight(new_screen: NewScreen, therapist: User) -> None:
    customer = new_screen(viewport={"width": 390, "height": 700})
    book_now(customer, therapist)
    for number in range(6):
        customer.write(f"line {number}")
    expect(customer.message("line 5")).to_contain_text("Sent")
    with customer.page.expect_file_chooser() as chooser:
        customer.button("Send a picture or document").click()
    chooser.value.set_files({"name": "gate.png", "mimeType": "image/png", "buffer": a_tall_picture()})
    picture = customer.page.locator("[data-in-memory]").get_by_role("img", name="Picture")
    expect(picture).to_be_in_viewport()
    customer.write("This is the gate")
    expect(customer.message("This is the gate")).to_be_in_viewport(ratio=1)


def test_who_writes_while_reading_far_back_sees_what_they_wrote(
    new_screen: NewScreen, world: World, therapist: User
) -> None:
    customer = new_screen()
    room = book_now(customer, therapist)
    grow(world, room, to=120)
    customer.page.reload()
    expect(customer.message("planted message 120")).to_be_visible()
    customer.page.locator("[data-in-memory]").evaluate("list => { list.scrollTop = 0; }")
    expect(customer.button("To the newest messages")).to_be_visible()
    customer.write("I am here")
    expect(customer.message("I am here")).to_be_in_viewport()


def test_words_from_long_ago_are_found_without_asking_again_and_again(
    new_screen: NewScreen, world: World, therapist: User
) -> None:
    customer = new_screen()
    room = book_now(customer, therapist)
    customer.write("The gate code is sapphire")
    expect(customer.message("sapphire")).to_contain_text("Sent")
    grow(world, room, to=900)
    customer.button("Search in this chat").click()
    customer.page.get_by_label("Search words").fill("sapphire")
    expect(customer.button(re.compile("The gate code is sapphire"))).to_be_visible()
    expect(customer.page.get_by_text("1 message found.")).to_be_visible()
    customer.page.get_by_label("Search words").fill("emerald")
    expect(customer.page.get_by_text("Nothing found.")).to_be_visible()


def test_requests_that_came_to_nothing_leave_no_unread_count(
    new_screen: NewScreen, world: World, therapist: User
) -> None:
    customer = new_screen()
    booking = the_booking_of(world, book_now(customer, therapist))
    desk = new_screen().sign_in(therapist, "/desk/calendar")
    chats = desk.page.get_by_role("link", name=re.compile("^Chats"))
    expect(chats).to_contain_text("3 unread messages")
    world.table("bookings").update_item(
        Key={"bookingId": booking["bookingId"]},
        UpdateExpression="SET responseDeadline = :past",
        ExpressionAttributeValues={":past": written(datetime.now(UTC) - timedelta(seconds=1))},
    )
    world.invoke("ExpireBookingsFunction")
    expect(chats).not_to_contain_text("unread")


def test_the_chat_with_the_latest_word_is_the_first_of_the_list(
    new_screen: NewScreen, world: World, therapist: User
) -> None:
    customer = new_screen()
    older = book_now(customer, therapist)
    name = "Made Kedua"
    newer = book_now(customer, new_therapist(world, name=name))
    rooms = customer.page.locator(".room-link")
    expect(rooms.first).to_have_attribute("href", re.compile(newer))
    desk = new_screen().sign_in(therapist, "/desk")
    open_request(desk)
    desk.write("I am on my way")
    expect(rooms.first).to_have_attribute("href", re.compile(older))


def test_a_request_stops_ringing_at_its_deadline_and_is_not_offered_any_more(
    new_screen: NewScreen, world: World, therapist: User
) -> None:
    booking = the_booking_of(world, book_now(new_screen(), therapist))
    world.table("bookings").update_item(
        Key={"bookingId": booking["bookingId"]},
        UpdateExpression="SET responseDeadline = :soon",
        ExpressionAttributeValues={":soon": written(datetime.now(UTC) + timedelta(seconds=15))},
    )
    desk = new_screen().sign_in(therapist, "/desk")
    expect(desk.button("Accept")).to_be_enabled()
    expect(desk.page.locator("[data-ringing]")).to_have_count(1)
    # Nobody tells: neither an event nor the next asking, which comes in half a minute.
    expect(desk.button("Accept")).to_have_count(0, timeout=18_000)
    expect(desk.page.locator("[data-ringing]")).to_have_count(0, timeout=1_000)
