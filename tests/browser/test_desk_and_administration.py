"""What therapists and admins do beside the original's checklist: hours, bank details, payments, alarms, exports."""

import io
import json
import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from PIL import Image
from playwright.sync_api import Locator, Route, expect

from tests.browser.bookings import book_now, open_request, the_booking_of
from tests.browser.conftest import NewScreen, new_therapist
from tests.browser.screens import Screen
from tests.local.visits import written
from tests.local.world import World
from tools.local.outputs import User


def test_prices_and_hours_that_a_therapist_changes_are_what_customers_see(
    new_screen: NewScreen, therapist: User
) -> None:
    desk = new_screen().sign_in(therapist, "/desk/menu")
    desk.page.get_by_label("60 min (Rp)").first.fill("275000")
    expect(desk.page.get_by_label("60 min (Rp)").first).to_have_value("275,000")
    desk.page.get_by_label("Monday: Opens").select_option("10:30")
    desk.page.get_by_label("Monday: Closes").select_option("24:00")
    desk.page.locator("label.switch", has_text="Sunday").click()
    desk.button("Save").click()
    expect(desk.page.get_by_text("Saved.")).to_be_visible()
    customer = new_screen().open(f"/t/{therapist.username}")
    expect(customer.button(re.compile("^Balinese massage 60 min"))).to_contain_text("275,000")
    expect(customer.page.get_by_role("row", name=re.compile("^Monday"))).to_contain_text(re.compile("10:30.24:00"))
    expect(customer.page.get_by_role("row", name=re.compile("^Sunday"))).to_contain_text("Closed")


def test_bank_details_are_kept_and_shown_masked(new_screen: NewScreen, therapist: User) -> None:
    desk = new_screen().sign_in(therapist, "/desk/settings")
    enter_bank_details(desk)
    expect(desk.page.get_by_text(re.compile("Bank Nusantara, .*7890, Kadek"))).to_be_visible()
    assert "1234567890" not in desk.page.content()


def test_bank_details_ask_for_the_password_again_when_the_sign_in_is_old(
    new_screen: NewScreen, therapist: User
) -> None:
    desk = new_screen().sign_in(therapist, "/desk/settings")
    # As the server answers a sign-in of more than ten minutes ago.
    answers = [401]

    def answer(route: Any) -> None:  # noqa: ANN401 - Playwright's route
        if route.request.method == "PATCH" and answers:
            route.fulfill(
                status=answers.pop(), json={"code": "unauthenticated"}, headers={"access-control-allow-origin": "*"}
            )
        else:
            route.continue_()

    desk.page.route("**/me", answer)
    enter_bank_details(desk)
    question = desk.page.get_by_role("alertdialog", name="Please confirm that it is you")
    question.get_by_label("Password").fill("not the password")
    question.get_by_role("button", name="Sign in").click()
    expect(question.get_by_text("The name or the password is wrong.")).to_be_visible()
    question.get_by_label("Password").fill(therapist.password)
    question.get_by_role("button", name="Sign in").click()
    expect(desk.page.get_by_text(re.compile("Bank Nusantara, .*7890, Kadek"))).to_be_visible()


def test_a_proof_of_payment_goes_to_the_administration_which_sends_it_back_and_then_approves_it(
    new_screen: NewScreen, world: World, therapist: User
) -> None:
    booking = the_booking_of(world, book_now(new_screen(), therapist))
    desk = new_screen().sign_in(therapist, "/desk")
    desk.button("Accept").click()
    expect(desk.page.get_by_text("Accepted. The customer has been told.")).to_be_visible()
    desk.open("/desk/money")
    upload_proof(desk)
    expect(desk.page.get_by_text("Proof sent")).to_be_visible()
    admin = new_screen().sign_in(world.outputs.users["a-admin"], "/admin/payments")
    admin.page.get_by_text("Proof sent", exact=True).first.click()
    card = admin.page.locator(f"[data-commission='{booking['bookingId']}']")
    expect(card).to_contain_text(booking["chatRoomId"])
    card.get_by_role("button", name="View proof").click()
    expect(admin.page.get_by_role("dialog").get_by_role("img", name="Proof of payment")).to_be_visible()
    admin.page.get_by_role("dialog").get_by_role("button", name="Close").click()
    card.get_by_role("button", name="Reject").click()
    rejected = answer_question(admin, "Reject this proof?", "Reject", reason="The amount is missing")
    expect(rejected).to_have_count(0)
    expect(card).to_have_count(0)
    desk.page.reload()
    expect(desk.page.get_by_text("Rejected: The amount is missing")).to_be_visible()
    upload_proof(desk)
    card.get_by_role("button", name="Approve").click()
    answer_question(admin, "Approve this payment?", "Approve")
    admin.page.get_by_text("Paid", exact=True).first.click()
    expect(card).to_contain_text("Paid")


def test_a_waiver_needs_a_reason_and_a_confirmation(new_screen: NewScreen, world: World, therapist: User) -> None:
    booking = the_booking_of(world, book_now(new_screen(), therapist))
    new_screen().sign_in(therapist, "/desk").button("Accept").click()
    admin = new_screen().sign_in(world.outputs.users["a-admin"], "/admin/payments")
    card = admin.page.locator(f"[data-commission='{booking['bookingId']}']")
    card.get_by_role("button", name="Waive").click()
    question = admin.page.get_by_role("alertdialog", name="Waive this commission?")
    question.get_by_role("button", name="Waive").click()
    expect(question.get_by_text("Please give a reason.")).to_be_visible()
    answer_question(admin, "Waive this commission?", "Waive", reason="A gift to a new therapist")
    expect(question).to_have_count(0)
    admin.page.get_by_text("Waived", exact=True).first.click()
    expect(card).to_contain_text("Waived")
    expect(card).to_contain_text("A gift to a new therapist")


def test_an_admin_reassigns_a_request_and_both_desks_know_at_once(
    new_screen: NewScreen, world: World, therapist: User
) -> None:
    desk = new_screen().sign_in(therapist, "/desk")
    booking = the_booking_of(world, book_now(new_screen(), therapist))
    expect(desk.button("Accept")).to_be_visible()
    name = f"Nyoman {secrets.token_hex(4)}"
    other = new_therapist(world, name=name)
    other_desk = new_screen().sign_in(other, "/desk")
    admin = new_screen().sign_in(world.outputs.users["a-admin"], "/admin")
    row = admin.page.locator(f"[data-booking='{booking['bookingId']}']")
    row.get_by_role("button", name="Reassign").click()
    sheet = admin.page.get_by_role("dialog", name="Reassign this booking")
    sheet.get_by_text(name).click()
    sheet.get_by_role("button", name="Reassign").click()
    expect(row).to_contain_text(name)
    expect(other_desk.button("Accept")).to_be_visible()
    expect(desk.button("Accept")).to_have_count(0)


def test_a_missing_commission_is_told_in_red_by_booking_and_can_be_created(
    new_screen: NewScreen, world: World, therapist: User
) -> None:
    booking = the_booking_of(world, book_now(new_screen(), therapist))
    new_screen().sign_in(therapist, "/desk").button("Accept").click()
    records = world.table("commission_records")
    admin = new_screen().sign_in(world.outputs.users["a-admin"], "/admin/payments")
    expect(admin.page.locator(f"[data-commission='{booking['bookingId']}']")).to_be_visible()
    records.delete_item(Key={"bookingId": booking["bookingId"]})
    admin.open("/admin/revenue")
    alarm = admin.page.locator("[data-missing-commissions]")
    expect(alarm).to_contain_text(booking["bookingId"])
    alarm.get_by_role("listitem").filter(has_text=booking["bookingId"]).get_by_role("button").click()
    expect(admin.page.get_by_text("The commission is created.")).to_be_visible()
    expect(alarm).to_have_count(0)
    admin.button("Audit now").click()
    expect(admin.page.get_by_text(re.compile("^Audited"))).to_be_visible()
    expect(admin.page.get_by_role("region", name="Audit trail").get_by_role("row")).not_to_have_count(1)


def test_a_broken_link_turns_its_check_red_and_is_named(new_screen: NewScreen, world: World, therapist: User) -> None:
    room = book_now(new_screen(), therapist)
    booking = the_booking_of(world, room)
    long_ago = written(datetime.now(UTC) - timedelta(minutes=5))
    rooms, bookings = world.table("chat_rooms"), world.table("bookings")
    bookings.update_item(
        Key={"bookingId": booking["bookingId"]},
        UpdateExpression="SET createdAt = :past, updatedAt = :past",
        ExpressionAttributeValues={":past": long_ago},
    )
    taken = rooms.delete_item(Key={"conversationId": room}, ReturnValues="ALL_OLD")["Attributes"]
    try:
        admin = new_screen().sign_in(world.outputs.users["a-admin"], "/admin/health")
        check = admin.page.locator("[data-check='customer_therapist_connection']")
        expect(check).to_have_attribute("data-status", "red")
        expect(check).to_contain_text(booking["bookingId"])
        expect(check).to_contain_text("chat_rooms")
    finally:
        rooms.put_item(Item=taken)
    admin.button("Refresh").click()
    expect(check).to_have_attribute("data-status", "green")


def test_errors_can_be_taken_along_as_a_file(new_screen: NewScreen, world: World) -> None:
    admin = new_screen().sign_in(world.outputs.users["a-admin"], "/admin/errors")
    admin.page.get_by_label("Category").select_option("payment")
    with admin.page.expect_download() as download:
        admin.button("Export CSV").click()
    assert download.value.suggested_filename == "errors.csv"
    assert "severity" in download.value.path().read_text(encoding="utf-8").splitlines()[0]


def test_without_a_connection_the_administration_asks_as_often_as_chosen(
    new_screen: NewScreen, world: World, therapist: User
) -> None:
    admin = new_screen().sign_in(world.outputs.users["a-admin"], "/admin")
    expect(admin.page.get_by_text("Live", exact=True)).to_be_visible()
    admin.page.get_by_label("Refresh when not live").select_option("3")
    admin.page.route_web_socket(re.compile("execute-api"), lambda socket: socket.close())
    admin.page.reload()
    expect(admin.page.get_by_text("Polling", exact=True)).to_be_visible()
    booking = the_booking_of(world, book_now(new_screen(), therapist))
    expect(admin.page.locator(f"[data-booking='{booking['bookingId']}']")).to_be_visible()


def test_a_therapist_accepts_in_the_chat_with_one_tap(new_screen: NewScreen, therapist: User) -> None:
    desk = new_screen(viewport={"width": 390, "height": 844}).sign_in(therapist, "/desk")
    customer = new_screen()
    book_now(customer, therapist)
    open_request(desk)
    desk.button("Accept").click()
    expect(desk.status()).to_have_text("Confirmed")
    expect(customer.status()).to_have_text("Confirmed")


def test_a_decision_holds_only_for_the_state_that_was_seen(new_screen: NewScreen, therapist: User) -> None:
    desk = new_screen().sign_in(therapist, "/desk")
    book_now(new_screen(), therapist)
    seen: list[str | None] = []

    def answer(route: Route) -> None:
        if route.request.method != "POST" or seen:
            seen.extend([route.request.headers.get("if-match")] if route.request.method == "POST" else [])
            route.continue_()
            return
        seen.append(route.request.headers.get("if-match"))
        problem = {"code": "version_changed", "status": 409, "bookingStatus": "pending", "version": 2}
        headers = {"access-control-allow-origin": "*", "content-type": "application/problem+json"}
        route.fulfill(status=409, body=json.dumps(problem), headers=headers)

    desk.page.route("**/accept", answer)
    desk.button("Accept").click()
    expect(desk.page.get_by_text("Somebody has changed this booking meanwhile.")).to_be_visible()
    desk.button("Accept").click()
    expect(desk.page.get_by_text("Accepted. The customer has been told.")).to_be_visible()
    assert seen == ['"1"', '"1"']


def test_who_is_busy_cannot_be_booked_now(new_screen: NewScreen, therapist: User) -> None:
    desk = new_screen().sign_in(therapist, "/desk")
    desk.page.get_by_label("I am").select_option("busy")
    expect(desk.page.get_by_text("You are now Busy.")).to_be_visible()
    customer = new_screen().open(f"/t/{therapist.username}")
    expect(customer.button(re.compile("^Book now with"))).to_be_disabled()
    expect(customer.button(re.compile("^Schedule a visit with"))).to_be_enabled()


def enter_bank_details(desk: Screen) -> None:
    """Fill in where the money goes, and save."""
    desk.page.get_by_label("Bank", exact=True).fill("Bank Nusantara")
    desk.page.get_by_label("Account number").fill("1234567890")
    desk.page.get_by_label("Account holder").fill("Kadek Maharani")
    desk.button("Save").first.click()


def upload_proof(desk: Screen) -> None:
    """Choose a picture as proof of the one payment that is due."""
    picture = io.BytesIO()
    Image.new("RGB", (80, 60), "#a8701c").save(picture, "JPEG")
    with desk.page.expect_file_chooser() as chooser:
        desk.button("Upload proof of payment").click()
    chooser.value.set_files({"name": "proof.jpg", "mimeType": "image/jpeg", "buffer": picture.getvalue()})
    expect(desk.page.get_by_text("Thank you. The proof is being checked.").first).to_be_visible()


def answer_question(screen: Screen, title: str, confirm: str, *, reason: str | None = None) -> Locator:
    """Confirm a question, with a reason where it asks for one."""
    question = screen.page.get_by_role("alertdialog", name=title)
    if reason:
        question.get_by_label("Reason").fill(reason)
    question.get_by_role("button", name=confirm).click()
    return question
