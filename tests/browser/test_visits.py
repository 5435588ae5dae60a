"""A visit as its customer follows it, and bookings that come back by a telephone number."""

import re
from typing import Any

import httpx
from playwright.sync_api import expect

from tests.browser.bookings import book_now, the_booking_of
from tests.browser.conftest import NewScreen
from tests.browser.screens import Screen
from tests.local.visits import fresh_number
from tests.local.waiting import wait_until
from tests.local.world import World
from tools.local.outputs import User


def test_a_customer_follows_the_visit_step_by_step(new_screen: NewScreen, therapist: User) -> None:
    customer = new_screen(viewport={"width": 390, "height": 844})
    room = book_now(customer, therapist)
    desk = new_screen().sign_in(therapist, "/desk")
    desk.button("Accept").click()
    expect(customer.status()).to_have_text("Confirmed")
    customer.page.get_by_role("link", name="Visit", exact=True).click()
    expect(customer.page.get_by_role("heading", level=1, name=re.compile("^Visit: "))).to_be_visible()
    assert customer.serious_findings() == []

    desk.open(f"/desk/chats/{room}/booking")
    current = customer.page.locator(".visit-step[aria-current='step']")
    for said, shown in [
        ("I am on my way", "On the way"),
        ("I have arrived", "Arrived"),
        ("Start the visit", "Started"),
    ]:
        desk.button(said).click()
        expect(current).to_contain_text(shown)
    desk.button("The visit is finished").click()
    expect(customer.page.locator(".badge").first).to_have_text("Completed")


def test_cancelling_says_first_what_it_costs(new_screen: NewScreen, world: World, therapist: User) -> None:
    customer = new_screen()
    booking = the_booking_of(world, book_now(customer, therapist))
    customer.page.get_by_role("link", name="Visit", exact=True).click()
    customer.button("Cancel booking").click()
    question = customer.page.get_by_role("alertdialog", name="Cancel this booking?")
    expect(question.get_by_role("status")).to_contain_text(re.compile("Cancelling (now )?costs nothing"))
    question.get_by_role("button", name="Cancel booking").click()
    expect(customer.page.get_by_text("This booking was cancelled.")).to_be_visible()
    stored = world.table("bookings").get_item(Key={"bookingId": booking["bookingId"]}, ConsistentRead=True)["Item"]
    assert stored["status"] == "cancelled"


def test_bookings_come_back_on_a_new_telephone_by_a_code(new_screen: NewScreen, world: World, therapist: User) -> None:
    number = fresh_number()
    first = new_screen()
    book_now(first, therapist, number=number)
    recover(first, world, number)
    second = new_screen(viewport={"width": 390, "height": 844}).open("/chats")
    expect(second.page.get_by_text("No chats yet")).to_be_visible()
    recover(second, world, number)
    expect(second.page.locator(".room-link")).to_have_count(1)


def recover(screen: Screen, world: World, number: str) -> None:
    """Prove on the page of all chats that a number is one's own."""
    screen.open("/chats")
    former = len(codes_to(world, number))
    screen.button("Find my bookings by my number").click()
    sheet = screen.page.get_by_role("dialog", name="Find my bookings by my number")
    sheet.get_by_label("WhatsApp number").fill(number)
    sheet.get_by_role("button", name="Send code").click()
    expect(sheet.get_by_label("Six-digit code")).to_be_visible()
    wait_until(lambda: len(codes_to(world, number)) > former)
    code = codes_to(world, number)[0]
    sheet.get_by_label("Six-digit code").fill("000001" if code == "000000" else "000000")
    sheet.get_by_role("button", name="Confirm").click()
    expect(sheet.get_by_text("This code is wrong or too old.")).to_be_visible()
    sheet.get_by_label("Six-digit code").fill(code)
    sheet.get_by_role("button", name="Confirm").click()
    expect(screen.page.get_by_text("Your number is confirmed.")).to_be_visible()


def codes_to(world: World, number: str) -> list[str]:
    """Return the codes that the outbox shows for a number, newest first."""
    messages: list[dict[str, Any]] = httpx.get(
        f"{world.outputs.outbox_url}/messages", params={"to": number}, timeout=60
    ).json()
    return [str(message["data"]["code"]) for message in messages if "code" in (message["data"] or {})]
