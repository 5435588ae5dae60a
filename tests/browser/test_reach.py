"""Operations see the messages to people, and tell other systems by webhooks."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import NewScreen
from tests.local.orders import booked
from tests.local.world import World


def test_an_admin_adds_tries_and_removes_a_webhook(new_screen: NewScreen, world: World) -> None:
    admin = new_screen().sign_in(world.outputs.users["a-admin"], "/admin/webhooks")
    admin.button("Add a webhook").click()
    admin.page.get_by_label("Address (https)").fill("http://10.0.0.1/inside")
    admin.button("Save").click()
    expect(admin.page.get_by_text("This must be a public https address.")).to_be_visible()
    address = "http://127.0.0.1:9/refused"
    admin.page.get_by_label("Address (https)").fill(address)
    admin.button("Save").click()
    expect(admin.page.get_by_text(re.compile("^whsec_"))).to_be_visible()
    assert admin.serious_findings() == []
    admin.button("I have kept it").click()
    row = admin.page.get_by_role("listitem").filter(has_text=address)
    expect(row).to_contain_text("booking.created")

    row.get_by_role("button", name="What it was told").click()
    admin.button("Send a test event").click()
    told = admin.page.get_by_role("listitem").filter(has_text="webhook.test")
    expect(told).to_contain_text("Waiting")
    admin.page.keyboard.press("Escape")

    row.get_by_role("button", name="Edit").click()
    admin.button("Remove").click()
    admin.page.get_by_role("alertdialog").get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)


def test_an_admin_finds_what_was_sent_about_a_booking(new_screen: NewScreen, world: World) -> None:
    therapist = world.unattended_therapist()
    booking_id = booked(world.guest(), therapist.therapist_id)["booking"]["bookingId"]
    admin = new_screen().sign_in(world.outputs.users["a-admin"], f"/admin/deliveries?bookingId={booking_id}")
    sent = admin.page.get_by_role("row").filter(has_text=booking_id)
    expect(sent.filter(has_text="Request").first).to_be_visible(timeout=15_000)
    assert admin.serious_findings() == []
