"""Paying a commission by QRIS, a review, a favourite, and what can be done with a message afterwards."""

import re

import httpx
from playwright.sync_api import expect

from tests.browser.bookings import book_now
from tests.browser.conftest import NewScreen
from tests.browser.screens import Screen
from tests.local.world import World
from tools.local.outputs import User


def test_a_commission_is_paid_by_qris(new_screen: NewScreen, world: World, therapist: User) -> None:
    book_now(new_screen(), therapist)
    desk = new_screen(viewport={"width": 390, "height": 844}).sign_in(therapist, "/desk")
    desk.button("Accept").click()
    expect(desk.page.get_by_text("Accepted. The customer has been told.")).to_be_visible()
    desk.open("/desk/money")
    with desk.page.expect_response(re.compile("/payments$")) as begun:
        desk.button("Pay by QRIS").click()
    sheet = desk.page.get_by_role("dialog", name="Pay by QRIS")
    expect(sheet.get_by_role("img", name=re.compile("^QRIS code for"))).to_be_visible()
    payment = begun.value.json()["paymentId"]
    httpx.post(f"{world.outputs.outbox_url}/payments/{payment}/pay").raise_for_status()
    expect(sheet.get_by_text("Paid. Thank you.")).to_be_visible()
    sheet.get_by_role("button", name="Close").last.click()
    expect(desk.page.locator(".badge").first).to_have_text("Paid")


def test_therapists_say_how_they_work_and_how_to_reach_them(new_screen: NewScreen, therapist: User) -> None:
    desk = new_screen(viewport={"width": 390, "height": 844}).sign_in(therapist, "/desk/settings")
    desk.page.get_by_label("In English").fill("Calm hands.\nTwelve years.")
    desk.page.get_by_label("Free after a visit (minutes)").fill("500")
    desk.button("Save how I work").click()
    expect(desk.page.get_by_text("This was not accepted. Please check it.")).to_be_visible()
    desk.page.get_by_label("Free after a visit (minutes)").fill("30")
    desk.button("Save how I work").click()
    expect(desk.page.get_by_text("Saved.").first).to_be_visible()
    mails = desk.page.get_by_label("Reminders: E-mail")
    with desk.page.expect_response(re.compile("/me/preferences$")):
        mails.uncheck()
    assert desk.serious_findings() == []
    desk.page.reload()
    expect(desk.page.get_by_label("Reminders: E-mail")).not_to_be_checked()
    customer = new_screen().open(f"/t/{therapist.username}")
    expect(customer.page.get_by_text("Calm hands.")).to_be_visible()
    customer.button(re.compile("^Keep .* as a favourite$")).click()
    expect(customer.button(re.compile("^Remove .* from your favourites$"))).to_be_visible()


def test_messages_are_answered_edited_and_deleted(new_screen: NewScreen, therapist: User) -> None:
    customer = new_screen()
    book_now(customer, therapist)
    desk = new_screen().sign_in(therapist, "/desk")
    desk.page.get_by_role("link", name="Open chat").click()
    customer.write("Call me at 0812 3456 7890")
    expect(customer.page.get_by_text("Numbers and links are hidden")).to_be_visible()
    expect(desk.page.get_by_text("Numbers and links are hidden")).to_be_visible()
    customer.write("Do you bring oil?")
    act(desk, "Do you bring oil?", "Reply")
    desk.write("Yes, coconut oil")
    expect(customer.message("Yes, coconut oil").locator(".bubble-quote")).to_contain_text("Do you bring oil?")
    act(desk, "Yes, coconut oil", "Edit")
    desk.write("Yes, almond oil")
    expect(customer.message("Yes, almond oil")).to_contain_text("edited")
    act(customer, "Do you bring oil?", "Delete")
    customer.page.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
    expect(desk.page.get_by_text("This message was deleted.").first).to_be_visible()
    assert customer.serious_findings() == []


def act(screen: Screen, text: str, action: str) -> None:
    """Choose something from the menu of a message."""
    screen.button(f"Actions for: {text[:30]}").last.click()
    screen.page.get_by_role("menuitem", name=action).click()
