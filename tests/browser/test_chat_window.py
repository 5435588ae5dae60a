"""The chat window over time: thousands of messages, a lost network, unread marks, files and places (S40 to S49)."""

import io
import re
from typing import Any

from PIL import Image
from playwright.sync_api import expect

from tests.browser.bookings import (
    book_now,
    choose,
    fill_in,
    open_request,
    opened_room,
    send,
    start_now,
    the_booking_of,
)
from tests.browser.conftest import NewScreen, new_therapist
from tests.browser.screens import Screen
from tests.local.visits import fresh_number
from tests.local.world import World
from tools.local.outputs import User


def a_picture() -> bytes:
    """Return a small picture in brand colour."""
    written = io.BytesIO()
    Image.new("RGB", (64, 48), "#12544b").save(written, "PNG")
    return written.getvalue()


def test_at_most_five_hundred_messages_are_in_memory_however_far_one_scrolls(
    new_screen: NewScreen, world: World, therapist: User
) -> None:
    customer = new_screen()
    room = book_now(customer, therapist)
    grow(world, room, to=700)
    customer.page.reload()
    log = customer.page.locator("[data-in-memory]")
    expect(log).to_have_attribute("data-in-memory", "50")
    expect(customer.message("planted message 700")).to_be_visible()
    seen = set()
    for _ in range(60):
        in_memory = int(log.get_attribute("data-in-memory") or "0")
        seen.add(in_memory)
        assert log.locator("[data-sequence]").count() <= 500
        if log.locator("[data-sequence='1']").count():
            break
        first = log.locator("[data-sequence]").first.get_attribute("data-sequence")
        log.evaluate("list => { list.scrollTop = 0; }")
        expect(log.locator("[data-sequence]").first).not_to_have_attribute("data-sequence", first or "")
    assert max(seen) == 500
    assert all(count % 50 == 0 for count in seen)
    expect(log.locator("[data-sequence='700']")).to_have_count(0)
    customer.button("To the newest messages").click()
    expect(customer.message("planted message 700")).to_be_visible()
    customer.expect_no_errors()


def test_a_search_finds_an_old_message_and_leads_to_it(new_screen: NewScreen, world: World, therapist: User) -> None:
    customer = new_screen()
    room = book_now(customer, therapist)
    customer.write("The gate code is sapphire")
    expect(customer.message("sapphire")).to_contain_text("Sent")
    grow(world, room, to=150)
    customer.page.reload()
    expect(customer.message("planted message 150")).to_be_visible()
    expect(customer.message("sapphire")).to_have_count(0)
    customer.button("Search in this chat").click()
    customer.page.get_by_label("Search words").fill("SAPPHIRE")
    customer.button(re.compile("The gate code is sapphire")).click()
    expect(customer.message("sapphire")).to_be_in_viewport()


def test_messages_written_offline_are_sent_once_and_in_order_when_the_network_returns(
    new_screen: NewScreen, world: World, therapist: User
) -> None:
    desk = new_screen().sign_in(therapist, "/desk")
    customer = new_screen()
    room = book_now(customer, therapist)
    open_request(desk)
    customer.context.set_offline(True)
    expect(customer.page.get_by_text("You are offline.")).to_be_visible()
    for number in range(1, 4):
        customer.write(f"offline {number}")
    expect(customer.page.get_by_text("Waiting to be sent")).to_have_count(3)
    desk.write("are you there?")
    customer.context.set_offline(False)
    expect(customer.page.get_by_text("Waiting to be sent")).to_have_count(0)
    expect(customer.message("are you there?")).to_be_visible()
    expect(desk.message("offline 3")).to_be_visible()
    arrived = [message["message"] for message in messages_of(world, room) if "offline" in message["message"]]
    assert arrived == ["offline 1", "offline 2", "offline 3"]
    shown = [text for text in texts(customer) if "offline" in text]
    assert shown == arrived


def test_unsent_messages_survive_a_closed_page(new_screen: NewScreen, world: World, therapist: User) -> None:
    customer = new_screen()
    room = book_now(customer, therapist)
    customer.context.set_offline(True)
    customer.write("written in a tunnel")
    expect(customer.page.get_by_text("Waiting to be sent")).to_be_visible()
    customer.page.goto("about:blank")
    customer.context.set_offline(False)
    customer.open(f"/chats/{room}")
    expect(customer.message("written in a tunnel")).to_contain_text("Sent")
    assert [message["message"] for message in messages_of(world, room)].count("written in a tunnel") == 1


def test_a_therapist_who_was_away_finds_what_was_missed(new_screen: NewScreen, therapist: User) -> None:
    desk = new_screen().sign_in(therapist, "/desk")
    customer = new_screen()
    book_now(customer, therapist)
    open_request(desk)
    desk.context.set_offline(True)
    expect(desk.page.get_by_text("You are offline.")).to_be_visible()
    for number in range(1, 4):
        customer.write(f"while you were away {number}")
    expect(customer.message("while you were away 3")).to_contain_text("Sent")
    desk.context.set_offline(False)
    expect(desk.message("while you were away 3")).to_be_visible()
    assert [text for text in texts(desk) if "away" in text] == [f"while you were away {n}" for n in range(1, 4)]


def test_writing_is_seen_and_reading_is_marked(new_screen: NewScreen, therapist: User) -> None:
    desk = new_screen().sign_in(therapist, "/desk")
    customer = new_screen()
    book_now(customer, therapist)
    open_request(desk)
    desk.page.get_by_label("Write a message").press_sequentially("Sebentar", delay=40)
    expect(customer.page.get_by_text("is writing…")).to_be_visible()
    desk.page.get_by_label("Write a message").press("Enter")
    expect(customer.message("Sebentar")).to_be_visible()
    expect(desk.message("Sebentar")).to_contain_text("Read")


def test_unread_messages_are_counted_until_they_are_read(new_screen: NewScreen, therapist: User) -> None:
    desk = new_screen().sign_in(therapist, "/desk")
    customer = new_screen()
    book_now(customer, therapist)
    open_request(desk)
    customer.page.get_by_role("link", name="Find a massage").click()
    desk.write("satu")
    desk.write("dua")
    chats = customer.page.get_by_role("link", name=re.compile("^Chats"))
    expect(chats).to_contain_text("2 unread messages")
    expect(customer.page).to_have_title(re.compile(r"^\(2\)"))
    customer.page.go_back()
    expect(customer.message("dua")).to_be_visible()
    expect(chats).not_to_contain_text("unread")


def test_a_picture_and_a_place_reach_the_other_side(new_screen: NewScreen, therapist: User) -> None:
    desk = new_screen().sign_in(therapist, "/desk")
    customer = new_screen()
    book_now(customer, therapist)
    desk.button("Accept").click()
    desk.page.get_by_role("link", name=re.compile("Wayan Putra")).first.click()
    with customer.page.expect_file_chooser() as chooser:
        customer.button("Send a picture or document").click()
    chooser.value.set_files({"name": "gate.png", "mimeType": "image/png", "buffer": a_picture()})
    picture = desk.page.locator("[data-in-memory]").get_by_role("img", name="Picture")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") == 64
    customer.button("Send my location").click()
    expect(desk.message("-8.50692, 115.26248")).to_be_visible()
    expect(desk.page.get_by_role("link", name="Open in maps").last).to_be_visible()


def test_another_request_elsewhere_asks_for_confirmation(new_screen: NewScreen, world: World, therapist: User) -> None:
    customer = new_screen()
    number = fresh_number()
    first = book_now(customer, therapist, number=number)
    other = new_therapist(world)
    start_now(customer, other)
    choose(customer)
    fill_in(customer, number=number)
    send(customer)
    question = customer.page.get_by_role("alertdialog", name="Another request is waiting")
    question.get_by_role("button", name="Send this one too").click()
    customer.page.wait_for_url(lambda url: "/chats/" in url and first not in url)
    assert the_booking_of(world, opened_room(customer))["therapistId"] == other.username


def test_a_request_rings_at_the_desk_until_it_is_answered(new_screen: NewScreen, therapist: User) -> None:
    desk = new_screen().sign_in(therapist, "/desk")
    book_now(new_screen(), therapist)
    ringing = desk.page.locator("[data-ringing]")
    expect(ringing).to_contain_text("A customer is waiting for you")
    desk.page.get_by_role("link", name="Calendar").click()
    expect(ringing).to_be_visible()
    ringing.get_by_role("button", name="Accept").click()
    expect(ringing).to_have_count(0)


def grow(world: World, room: str, *, to: int) -> None:
    """Add messages of the therapist to a room until it has so many."""
    table = world.table("chat_messages")
    stored = messages_of(world, room)
    pattern = {**stored[-1], "clientMessageId": None, "senderRole": "therapist", "messageType": "text"}
    for name in ("announcement", "template", "parameters"):
        pattern.pop(name, None)
    with table.batch_writer() as batch:
        for sequence in range(len(stored) + 1, to + 1):
            batch.put_item(Item={**pattern, "sequence": sequence, "message": f"planted message {sequence}"})
    world.table("chat_rooms").update_item(
        Key={"conversationId": room},
        UpdateExpression="SET lastSequence = :last",
        ExpressionAttributeValues={":last": to},
    )


def messages_of(world: World, room: str) -> list[dict[str, Any]]:
    """Return the stored messages of a room in order."""
    answer = world.table("chat_messages").query(
        KeyConditionExpression="conversationId = :room", ExpressionAttributeValues={":room": room}, ConsistentRead=True
    )
    return [dict(item) for item in answer["Items"]]


def texts(screen: Screen) -> list[str]:
    """Return what the messages on the screen say, in their order."""
    return screen.page.locator("[data-in-memory]").locator("[data-sequence] .bubble-text").all_inner_texts()
