"""Hotels and codes that admins keep, papers that they judge, and how people report and block each other."""

import io
import re
import secrets

from PIL import Image
from playwright.sync_api import expect

from tests.browser.bookings import book_now
from tests.browser.conftest import NewScreen
from tests.local.world import World
from tools.local.outputs import User


def test_an_admin_adds_a_hotel_and_a_discount_code(new_screen: NewScreen, world: World) -> None:
    admin = new_screen(viewport={"width": 390, "height": 844}).sign_in(world.outputs.users["a-admin"], "/admin/hotels")
    name = f"Villa {secrets.token_hex(3)}"
    admin.button("Add a hotel or villa").click()
    admin.page.get_by_label("Name", exact=True).fill(name)
    admin.page.get_by_label("Address").fill("Jalan Raya 1")
    admin.button("Save").click()
    expect(admin.page.get_by_text(name)).to_be_visible()
    admin.open("/admin/discounts")
    code = f"RAIN{secrets.token_hex(3).upper()}"
    admin.button("Add a code").click()
    admin.page.get_by_label("Code", exact=True).fill(code)
    admin.page.get_by_label("Share (%)").fill("12,5")
    admin.button("Save").click()
    expect(admin.page.locator(f"[data-code='{code}']")).to_contain_text("12.5%")
    assert admin.serious_findings() == []


def test_a_paper_is_judged_and_a_customer_reports_and_blocks(
    new_screen: NewScreen, world: World, therapist: User
) -> None:
    desk = new_screen(viewport={"width": 390, "height": 844}).sign_in(therapist, "/desk/settings")
    desk.page.get_by_label("Number", exact=True).fill("STPT-77")
    desk.page.get_by_label("Valid until").fill("2030-01-01")
    picture = io.BytesIO()
    Image.new("RGB", (80, 60), "#a8701c").save(picture, "JPEG")
    with desk.page.expect_file_chooser() as chooser:
        desk.button("Choose the file and send it").click()
    chooser.value.set_files({"name": "stpt.jpg", "mimeType": "image/jpeg", "buffer": picture.getvalue()})
    expect(desk.page.get_by_text("Being checked", exact=True)).to_be_visible()
    admin = new_screen().sign_in(world.outputs.users["a-admin"], "/admin/papers")
    card = admin.page.locator("li.card", has_text=therapist.username)
    card.get_by_role("button", name="View").click()
    expect(admin.page.get_by_role("dialog").get_by_role("img")).to_be_visible()
    admin.page.get_by_role("dialog").get_by_role("button", name="Close").click()
    card.get_by_role("button", name="Approve").click()
    expect(card).to_have_count(0)
    customer = new_screen(viewport={"width": 390, "height": 844})
    book_now(customer, therapist)
    customer.page.get_by_role("link", name="Visit", exact=True).click()
    customer.button("Report").click()
    customer.page.get_by_text("Money", exact=True).click()
    customer.button("Send report").click()
    expect(customer.page.get_by_text("Thank you. We look at it within 24 hours.")).to_be_visible()
    customer.button(re.compile("^Block ")).click()
    customer.page.get_by_role("alertdialog").get_by_role("button", name="Block", exact=True).click()
    expect(customer.button(re.compile("^Lift the block"))).to_be_visible()
    assert customer.serious_findings() == []
