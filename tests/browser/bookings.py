"""Bookings as a customer makes them on the screen."""

import re
from typing import Any, Final

from playwright.sync_api import expect

from tests.browser.screens import Screen
from tests.local.visits import fresh_number
from tests.local.world import World
from tools.local.outputs import User

CUSTOMER: Final = "Wayan Putra"
ADDRESS: Final = "Jalan Monkey Forest 5, Ubud"


def start_now(customer: Screen, therapist: User) -> None:
    """Open the therapist's page and press Book now."""
    customer.open(f"/t/{therapist.username}")
    customer.button(re.compile("^Book now with")).click()


def choose(customer: Screen, *, duration: int = 60) -> None:
    """Choose a duration, wait for the server's price, and go on."""
    customer.page.get_by_role("radio", name=re.compile(f"^{duration} minutes")).check(force=True)
    expect(customer.page.locator(".price-total")).to_contain_text("Rp")
    customer.button("Continue").click()


def fill_in(customer: Screen, *, number: str | None = None, name: str = CUSTOMER) -> None:
    """Fill in who and where."""
    customer.page.get_by_label("Your name").fill(name)
    customer.page.get_by_label("WhatsApp number").fill(number or fresh_number())
    customer.page.get_by_label("Address", exact=True).fill(ADDRESS)


def send(customer: Screen) -> None:
    """Send the request."""
    customer.button("Send request").click()


def book_now(customer: Screen, therapist: User, *, number: str | None = None) -> str:
    """Book a therapist from start to chat and return the room's id."""
    start_now(customer, therapist)
    choose(customer)
    fill_in(customer, number=number)
    send(customer)
    return opened_room(customer)


def opened_room(screen: Screen) -> str:
    """Wait until a chat has opened by itself and return its id."""
    screen.page.wait_for_url(re.compile("/chats/[^/]+$"))
    expect(screen.page.locator("[data-in-memory]")).to_be_visible()
    return screen.page.url.rsplit("/", 1)[-1]


def open_request(desk: Screen) -> None:
    """Open the chat of the one request that waits at the desk."""
    desk.page.get_by_role("link", name="Open chat").click()
    expect(desk.page.locator("[data-in-memory]")).to_be_visible()


def decline(desk: Screen, *, reason: str | None = None) -> None:
    """Turn the one request at the desk away, and say why or not."""
    desk.button("Decline").click()
    question = desk.page.get_by_role("alertdialog", name="Decline this request?")
    if reason is not None:
        question.get_by_role("radio", name=reason).check(force=True)
    question.get_by_role("button", name="Decline").click()


def the_booking_of(world: World, room: str) -> dict[str, Any]:
    """Return the stored booking of a room."""
    stored = world.table("chat_rooms").get_item(Key={"conversationId": room}, ConsistentRead=True)["Item"]
    return dict(world.table("bookings").get_item(Key={"bookingId": stored["bookingId"]}, ConsistentRead=True)["Item"])
