"""What owners do: taking on staff with their duties, and changing the rules of the marketplace."""

import re
import secrets

from playwright.sync_api import expect

from tests.browser.conftest import NewScreen
from tests.local.world import World


def test_an_owner_invites_staff_and_changes_their_duties(new_screen: NewScreen, world: World) -> None:
    owner = new_screen().sign_in(world.outputs.users["a-admin"], "/admin/staff")
    user_id = f"a-{secrets.token_hex(5)}"
    owner.button("Invite somebody").click()
    sheet = owner.page.get_by_role("dialog", name="Invite somebody")
    sheet.get_by_label("User name").fill("No Spaces")
    sheet.get_by_label("Mail address").fill(f"{user_id}@example.com")
    sheet.get_by_label("Name", exact=True).fill("Sari Dewi")
    sheet.get_by_text("Finance", exact=True).click()
    sheet.get_by_role("button", name="Invite somebody").click()
    expect(sheet.get_by_text("3 to 40 small letters, digits and hyphens.")).to_be_visible()
    sheet.get_by_label("User name").fill(user_id)
    sheet.get_by_role("button", name="Invite somebody").click()
    member = owner.page.locator(f"[data-member='{user_id}']")
    expect(member).to_contain_text("Finance")
    assert owner.serious_findings() == []

    member.get_by_role("button", name="Edit Sari Dewi").click()
    sheet = owner.page.get_by_role("dialog", name="Sari Dewi")
    sheet.locator("label.switch", has_text="May sign in").click()
    sheet.get_by_role("button", name="Save").click()
    expect(member).to_contain_text("Inactive")


def test_navigation_shows_what_duties_allow(new_screen: NewScreen, world: World) -> None:
    finance = new_screen().sign_in(world.outputs.users["a-finance"], "/admin")
    expect(finance.page.get_by_role("heading", level=1, name="Revenue")).to_be_visible()
    links = finance.page.get_by_role("navigation", name="Main").get_by_role("link")
    expect(links).to_have_text([re.compile(f"^{name}") for name in ("Revenue", "Payments", "Ledger", "Policies")])


def test_a_change_of_policy_is_said_in_words_before_it_holds(new_screen: NewScreen, world: World) -> None:
    owner = new_screen().sign_in(world.outputs.users["a-admin"], "/admin/policies")
    owner.button("Change policies").click()
    sheet = owner.page.get_by_role("dialog", name="Change policies")
    waiting = sheet.get_by_label("No-show can be said after (minutes)")
    minutes = 21 if waiting.input_value() != "21" else 22
    waiting.fill("many")
    sheet.get_by_role("button", name="Continue").click()
    expect(sheet.get_by_text("This was not accepted. Please check it.")).to_be_visible()
    waiting.fill(str(minutes))
    sheet.get_by_role("button", name="Continue").click()
    review = owner.page.get_by_role("dialog", name="Check the changes")
    expect(review.get_by_text(f"No-show can be said after: {minutes} minutes, instead of")).to_be_visible()
    review.get_by_role("button", name="Apply").click()
    expect(review.get_by_text("Please give a reason.")).to_be_visible()
    review.get_by_label("Reason").fill("Rain makes everybody late")
    review.get_by_role("button", name="Apply").click()
    version = owner.page.locator("[data-policy]").first
    expect(version).to_contain_text("Rain makes everybody late")
    expect(version).to_contain_text(f"No-show can be said after: {minutes} minutes")
