"""Admins add a therapist, invite and suspend them."""

import re
import secrets

from playwright.sync_api import expect

from tests.browser.conftest import NewScreen
from tests.local.world import World


def test_an_admin_adds_suspends_and_reinstates_a_therapist(new_screen: NewScreen, world: World) -> None:
    admin = new_screen(viewport={"width": 390, "height": 844}).sign_in(
        world.outputs.users["a-admin"], "/admin/add-therapist"
    )
    name = f"Komang {secrets.token_hex(3)}"
    admin.button("Save").click()
    expect(admin.page.get_by_text("Please fill in every field.").first).to_be_visible()
    admin.page.get_by_label("Name", exact=True).fill(name)
    admin.page.get_by_label("Name of the service").fill("Balinese massage")
    admin.page.get_by_label("60 min (Rp)").fill("250000")
    admin.page.get_by_label("In English").fill("Twelve years of practice.\nMother of two.")
    assert admin.serious_findings() == []
    admin.button("Save").click()
    expect(admin.page.get_by_role("heading", level=1, name=name)).to_be_visible()
    admin.page.wait_for_url(re.compile("/admin/therapists/[a-z0-9-]+$"))

    admin.page.get_by_label("Mail address").first.fill(f"{secrets.token_hex(4)}@example.com")
    admin.button("Send invitation").click()
    expect(admin.page.get_by_text("An invitation is on its way to")).to_be_visible()
    admin.button("Suspend").click()
    question = admin.page.get_by_role("alertdialog", name=f"Suspend {name}?")
    question.get_by_label("Reason").fill("Papers are missing")
    question.get_by_role("button", name="Suspend").click()
    expect(admin.page.get_by_text("Papers are missing")).to_be_visible()

    admin.page.get_by_role("link", name="Back").click()
    admin.page.get_by_label("Search").fill(name.upper())
    expect(admin.page.get_by_role("row").filter(has_text=name)).to_contain_text("Suspended")
    admin.page.get_by_role("link", name=name).click()
    admin.button("Reinstate").click()
    expect(admin.button("Suspend")).to_be_visible()
