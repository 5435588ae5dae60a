"""Money as finance sees it in the browser: the ledger and its exports, a dispute from the desk to its end."""

import io
import re

import httpx
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import NewScreen, new_therapist
from tests.local.visits import a_visit, booked
from tests.local.world import World
from tools.local.outputs import User
from tools.local.person import expect as expect_status


def test_the_ledger_shows_what_an_acceptance_posted_and_leaves_as_files(
    new_screen: NewScreen, world: World, therapist: User
) -> None:
    owing(world, therapist)
    admin = new_screen().sign_in(world.outputs.users["a-finance"], f"/admin/ledger?therapistId={therapist.username}")
    rows = admin.page.locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text="75,000")).to_have_count(2)
    assert admin.serious_findings() == []
    with admin.page.expect_download() as file:
        admin.button("This table (CSV)").click()
    assert therapist.username in file.value.path().read_text(encoding="utf-8")
    with admin.page.expect_download() as file:
        admin.button("All tables (XLSX)").click()
    assert file.value.path().read_bytes().startswith(b"PK")


def test_a_dispute_goes_from_the_desk_to_finance_and_back(new_screen: NewScreen, world: World, therapist: User) -> None:
    booking_id = owing(world, therapist)
    desk = new_screen(viewport={"width": 390, "height": 844}).sign_in(therapist, "/desk/money")
    desk.button("Dispute").click()
    question = desk.page.get_by_role("alertdialog", name="Dispute this commission?")
    question.get_by_label("Reason").fill("Only half an hour was done.")
    question.get_by_role("button", name="Dispute").click()
    expect(desk.page.get_by_text("Disputed: being decided")).to_be_visible()
    assert desk.serious_findings() == []

    admin = new_screen().sign_in(world.outputs.users["a-finance"], "/admin/payments")
    card = admin.page.locator(f"[data-commission='{booking_id}']")
    expect(card).to_contain_text("Only half an hour was done.")
    card.get_by_role("button", name="Decide the dispute").click()
    question = admin.page.get_by_role("alertdialog", name="Decide this dispute")
    question.get_by_role("radio", name="It is reduced").check(force=True)
    question.get_by_label("What is owed (rupiah)").fill("80000")
    question.get_by_label("Reason").fill("Agreed with both.")
    question.get_by_role("button", name="Decide the dispute").click()
    expect(question.get_by_text(re.compile("^Write whole rupiah, less than"))).to_be_visible()
    question.get_by_label("What is owed (rupiah)").fill("40.000")
    question.get_by_role("button", name="Decide the dispute").click()
    expect(card).to_contain_text("40,000")
    desk.page.reload()
    expect(desk.page.get_by_text("The dispute was decided: the commission is reduced.")).to_be_visible()


def test_proofs_that_wait_are_approved_together(new_screen: NewScreen, world: World, therapist: User) -> None:
    handed_in = [proven(world, each) for each in (therapist, new_therapist(world))]
    admin = new_screen().sign_in(world.outputs.users["a-finance"], "/admin/payments?status=proof_submitted")
    for booking_id in handed_in:
        admin.page.locator(f"[data-commission='{booking_id}']").get_by_role("checkbox").check()
    many = admin.page.get_by_role("group", name="Proofs that wait")
    expect(many.get_by_role("status")).to_contain_text("2 chosen, Rp 150,000")
    assert admin.serious_findings() == []
    many.get_by_role("button", name="Approve the chosen").click()
    question = admin.page.get_by_role("alertdialog", name="Approve 2 payments?")
    question.get_by_role("button", name="Approve the chosen").click()
    expect(admin.page.get_by_text("2 payments are approved.")).to_be_visible()
    admin.page.get_by_role("radio", name="Paid").check(force=True)
    for booking_id in handed_in:
        expect(admin.page.locator(f"[data-commission='{booking_id}']")).to_contain_text("Paid")


def proven(world: World, therapist: User) -> str:
    """Let a therapist owe a commission and hand in a proof of having paid it."""
    booking_id = owing(world, therapist)
    practice = world.signed_in(therapist)
    picture = io.BytesIO()
    Image.new("RGB", (80, 60), "#a8701c").save(picture, "PNG")
    content = picture.getvalue()
    body = {"fileName": "proof.png", "contentType": "image/png", "size": len(content)}
    form = expect_status(practice.post(f"/commissions/{booking_id}/proof", body), 201)["upload"]
    httpx.post(form["url"], data=form["fields"], files={"file": ("proof.png", content)}).raise_for_status()
    expect_status(practice.post(f"/commissions/{booking_id}/proof/submit"), 200)
    return booking_id


def owing(world: World, therapist: User) -> str:
    """Let a therapist accept a visit of 250,000 rupiah, and return the booking's id."""
    practice = world.signed_in(therapist)
    booking = booked(world.guest(), a_visit(therapist.username))
    expect_status(practice.post(f"/bookings/{booking['bookingId']}/accept"), 200)
    return str(booking["bookingId"])
