"""Small things of a chat that people count on: where the new begins, who is there, drafts, blocks, what failed."""

import re

from playwright.sync_api import Route, expect

from tests.browser.bookings import book_now, open_request
from tests.browser.conftest import NewScreen
from tests.local.world import World
from tools.local.outputs import User


def test_who_is_there_and_where_the_new_begins_are_shown(new_screen: NewScreen, therapist: User) -> None:
    customer = new_screen()
    room = book_now(customer, therapist)
    desk = new_screen().sign_in(therapist, "/desk")
    open_request(desk)
    expect(desk.page.get_by_text("Here now")).to_be_visible()
    customer.open("/")
    desk.write("First thing")
    desk.write("Second thing")
    expect(desk.message("Second thing")).to_contain_text("Sent")
    customer.open(f"/chats/{room}")
    expect(customer.message("Second thing")).to_be_visible()
    divider = customer.page.get_by_role("separator").filter(has_text="New messages")
    expect(divider).to_be_visible()
    above = customer.message("First thing").bounding_box()
    line = divider.bounding_box()
    assert above
    assert line
    assert line["y"] < above["y"]
    customer.context.close()
    expect(desk.page.get_by_text(re.compile("^Last here "))).to_be_visible()


def test_an_unfinished_message_waits_in_its_room(new_screen: NewScreen, therapist: User) -> None:
    customer = new_screen()
    room = book_now(customer, therapist)
    customer.page.get_by_label("Write a message").fill("Is it possible that")
    customer.open("/")
    customer.open(f"/chats/{room}")
    expect(customer.page.get_by_label("Write a message")).to_have_value("Is it possible that")


def test_who_is_blocked_cannot_write_until_the_block_is_lifted(new_screen: NewScreen, therapist: User) -> None:
    customer = new_screen()
    room = book_now(customer, therapist)
    desk = new_screen().sign_in(therapist, "/desk")
    open_request(desk)
    customer.open(f"/chats/{room}/booking")
    customer.button(re.compile("^Block ")).click()
    customer.page.get_by_role("alertdialog").get_by_role("button", name="Block", exact=True).click()
    expect(customer.button(re.compile("^Lift the block"))).to_be_visible()
    desk.page.reload()
    expect(desk.page.get_by_text("You cannot write here any more.")).to_be_visible()
    customer.open(f"/chats/{room}")
    expect(customer.page.get_by_text("You have blocked the other side.")).to_be_visible()
    customer.open(f"/chats/{room}/booking")
    customer.button(re.compile("^Lift the block")).click()
    expect(customer.button(re.compile("^Block "))).to_be_visible()
    customer.open(f"/chats/{room}")
    customer.write("Sorry, that was a mistake")
    desk.page.reload()
    expect(desk.message("Sorry, that was a mistake")).to_be_visible()


def test_what_was_refused_is_sent_again_or_thrown_away(new_screen: NewScreen, world: World, therapist: User) -> None:
    customer = new_screen()
    room = book_now(customer, therapist)
    refusal = {"type": "about:blank", "title": "No", "status": 422, "code": "validation_failed", "requestId": "r"}
    refused = [2]

    def answer(route: Route) -> None:
        if route.request.method != "POST" or refused[0] == 0:
            return route.continue_()
        refused[0] -= 1
        return route.fulfill(status=422, json=refusal, headers={"access-control-allow-origin": "*"})

    # Without a socket messages go over the REST door, which refuses the first two.
    customer.context.route_web_socket(re.compile(".*"), lambda socket: socket.close())
    customer.page.route(re.compile("/rooms/[^/]+/messages$"), answer)
    customer.open(f"/chats/{room}")
    customer.write("Throw me away")
    failed = customer.page.locator(".bubble-refused")
    expect(failed).to_have_count(1)
    failed.get_by_role("button", name="Delete").click()
    expect(customer.page.get_by_text("Throw me away")).to_have_count(0)
    customer.write("Send me again")
    expect(failed).to_have_count(1)
    assert customer.serious_findings() == []
    failed.get_by_role("button", name="Send again").click()
    expect(customer.message("Send me again")).to_contain_text("Sent")
    assert world.table("chat_rooms").get_item(Key={"conversationId": room})["Item"]["lastSequence"] == 4
