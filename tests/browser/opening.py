"""From an empty stack to the first paid commission, as an operator does it in the browser; the guide's pictures too.

make run SEED=none
python -m tests.browser.opening .local/outputs.json
"""

import io
import re
import secrets
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, final

import httpx
from PIL import Image
from playwright.sync_api import expect, sync_playwright

from marketplace.platform.identifiers import booking_of_room
from tests.browser.bookings import choose, fill_in, opened_room, send
from tests.browser.screens import FLAGS, Screen, chromium
from tests.cloudformation import ROOT
from tests.local.running import clean_environment
from tests.local.waiting import wait_until
from tools.local.city.portraits import portrait
from tools.local.outputs import Outputs, read_outputs

OWNER: Final = "a-sri"
THERAPIST: Final = "ketut-lestari"
NAME: Final = "Ketut Lestari"
WIDTH: Final = 1_000
"""Of the guide's pictures, in pixels."""
COLOURS: Final = 128
PATIENCE_SECONDS: Final = 60.0


@final
@dataclass(frozen=True, kw_only=True)
class Opening:
    """The steps of the guide, in their order."""

    outputs: Outputs
    outputs_file: Path
    new_screen: Callable[[], Screen]
    picture: Callable[[Screen, str], None]

    def run(self) -> dict[str, Any]:
        """Walk the whole path; return what the owner's page of payments says of the first commission."""
        owner = self._owner_signs_in()
        self._rules_are_set(owner)
        self._hotel_and_code_are_added(owner)
        self._therapist_is_added(owner)
        desk = self._therapist_signs_in()
        booking_id = self._first_visit(desk)
        return {"bookingId": booking_id, "says": self._commission_is_paid(owner, desk, booking_id)}

    def _mailed(self, address: str) -> str:
        """Return the temporary password that was mailed to an address."""
        found: list[str] = []

        def has_come() -> bool:
            asked = {"to": address}
            mails = httpx.get(f"{self.outputs.outbox_url}/messages", params=asked, timeout=PATIENCE_SECONDS).json()
            found.extend(each["data"]["temporaryPassword"] for each in mails if "temporaryPassword" in each["data"])
            return bool(found)

        wait_until(has_come, within=90)
        return found[0]

    def _first_sign_in(self, screen: Screen, user_id: str, address: str) -> None:
        screen.page.get_by_label("User name").fill(user_id)
        screen.page.get_by_label("Password", exact=True).fill(self._mailed(address))
        screen.button("Sign in").click()
        new_password = screen.page.get_by_label("New password")
        expect(new_password).to_be_visible()
        self.picture(screen, f"first-sign-in-{'owner' if user_id == OWNER else 'therapist'}")
        new_password.fill(f"correct horse battery {secrets.token_hex(4)}")
        screen.button("Sign in").click()
        expect(screen.button("Sign out")).to_be_visible()

    def _owner_signs_in(self) -> Screen:
        address = "sri@example.com"
        added = subprocess.run(
            [
                *("make", "--no-print-directory", "add-owner"),
                *(f"USER_ID={OWNER}", f"EMAIL={address}", f"OUTPUTS={self.outputs_file}"),
            ],
            cwd=ROOT,
            env=clean_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert added.returncode == 0, added.stderr
        owner = self.new_screen().open("/admin")
        self._first_sign_in(owner, OWNER, address)
        return owner

    def _rules_are_set(self, owner: Screen) -> None:
        owner.open("/admin/policies")
        owner.button("Change policies").click()
        sheet = owner.page.get_by_role("dialog", name="Change policies")
        sheet.get_by_label(re.compile("^Commission \\(%\\)")).fill("25")
        sheet.locator("label.switch", has_text="Show therapists an account to pay to").click()
        for label, text in (("Bank", "Bank Nusantara"), ("Account number", "9876543210"), ("Account holder", "Teduh")):
            sheet.get_by_label(label, exact=True).fill(text)
        sheet.get_by_role("button", name="Continue").click()
        review = owner.page.get_by_role("dialog", name="Check the changes")
        review.get_by_role("button", name="Try it out").click()
        expect(review.get_by_text("0 bookings")).to_be_visible()
        review.get_by_label("Reason").fill("What we begin with")
        self.picture(owner, "policies")
        review.get_by_role("button", name="Apply").click()
        expect(owner.page.locator("[data-policy]").first).to_contain_text("What we begin with")

    def _hotel_and_code_are_added(self, owner: Screen) -> None:
        owner.open("/admin/hotels")
        owner.button("Add a hotel or villa").click()
        sheet = owner.page.get_by_role("dialog", name="Add a hotel or villa")
        sheet.get_by_label("Name", exact=True).fill("Melati Beach Resort")
        sheet.get_by_label("Address", exact=True).fill("Jalan Kayu Aya 12, Seminyak")
        self.picture(owner, "hotel")
        sheet.get_by_role("button", name="Save").click()
        expect(owner.page.get_by_text("Melati Beach Resort").first).to_be_visible()

    def _therapist_is_added(self, owner: Screen) -> None:
        owner.open("/admin/add-therapist")
        page = owner.page
        page.get_by_label("Name", exact=True).fill(NAME)
        page.get_by_label("Name of the service").fill("Balinese massage")
        for minutes, price in ((60, "250000"), (90, "350000"), (120, "450000")):
            page.get_by_label(f"{minutes} min (Rp)").fill(price)
        page.get_by_label("In English").fill("Twelve years of practice in Ubud.")
        self.picture(owner, "add-therapist")
        owner.button("Save").click()
        page.wait_for_url(re.compile(f"/admin/therapists/{THERAPIST}$"))
        page.get_by_label("Mail address").first.fill("ketut@example.com")
        owner.button("Send invitation").click()
        expect(page.get_by_text("An invitation is on its way to")).to_be_visible()
        self.picture(owner, "invite-therapist")

    def _therapist_signs_in(self) -> Screen:
        desk = self.new_screen().open("/desk")
        self._first_sign_in(desk, THERAPIST, "ketut@example.com")
        desk.open("/desk/settings")
        with desk.page.expect_file_chooser() as chooser:
            desk.button(re.compile("photo", re.IGNORECASE)).first.click()
        photo = {"name": "me.jpg", "mimeType": "image/jpeg", "buffer": portrait(NAME, long_hair=True)}
        chooser.value.set_files(photo)  # type: ignore[arg-type]  # a file payload
        for label, text in (("Bank", "Bank Nusantara"), ("Account number", "1234567890"), ("Account holder", NAME)):
            desk.page.get_by_label(label, exact=True).fill(text)
        desk.button("Save").first.click()
        expect(desk.page.get_by_text(re.compile("Bank Nusantara, .*7890"))).to_be_visible()
        desk.page.locator(".presence-choice select").select_option("online")
        expect(desk.page.get_by_text("You are now Online.")).to_be_visible()
        self.picture(desk, "desk-profile")
        return desk

    def _first_visit(self, desk: Screen) -> str:
        customer = self.new_screen().open(f"/t/{THERAPIST}")
        self.picture(customer, "therapist-page")
        customer.button(re.compile("^Book now with")).click()
        choose(customer)
        fill_in(customer, name="Anna Keller")
        send(customer)
        room = opened_room(customer)
        desk.open("/desk")
        expect(desk.button("Accept")).to_be_visible()
        self.picture(desk, "desk-offer")
        desk.button("Accept").click()
        expect(customer.status()).to_have_text("Confirmed")
        self.picture(customer, "customer-chat")
        desk.open(f"/desk/chats/{room}/booking")
        for said in ("I am on my way", "I have arrived", "Start the visit"):
            desk.button(said).click()
        return booking_of_room(room)

    def _commission_is_paid(self, owner: Screen, desk: Screen, booking_id: str) -> str:
        desk.open("/desk/money")
        expect(desk.page.get_by_text("9876543210").first).to_be_visible()
        self.picture(desk, "desk-money")
        slip = io.BytesIO()
        Image.new("RGB", (320, 480), "#f3efe6").save(slip, "JPEG")
        with desk.page.expect_file_chooser() as chooser:
            desk.button("Upload proof of payment").click()
        chooser.value.set_files({"name": "slip.jpg", "mimeType": "image/jpeg", "buffer": slip.getvalue()})
        expect(desk.page.get_by_text("Thank you. The proof is being checked.").first).to_be_visible()

        owner.open("/admin/payments")
        owner.page.get_by_text("Proof sent", exact=True).first.click()
        card = owner.page.locator(f"[data-commission='{booking_id}']")
        expect(card).to_be_visible()
        self.picture(owner, "payments")
        card.get_by_role("button", name="Approve").click()
        question = owner.page.get_by_role("alertdialog", name="Approve this payment?")
        question.get_by_role("button", name="Approve").click()
        expect(question).to_have_count(0)
        owner.page.get_by_text("Paid", exact=True).first.click()
        expect(card).to_contain_text("Paid")
        self.picture(owner, "paid")
        return card.inner_text()


def main() -> None:
    """Take the guide's pictures from a stack that was started with SEED=none and has no owner yet."""
    file = Path(sys.argv[1] if len(sys.argv) > 1 else ".local/outputs.json").absolute()
    outputs, folder = read_outputs(file), ROOT / "docs" / "guide"
    folder.mkdir(exist_ok=True)
    with sync_playwright() as playwright, ExitStack() as closing:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        closing.callback(browser.close)

        def new_screen() -> Screen:
            context = browser.new_context(locale="en-GB", viewport={"width": WIDTH, "height": 720})
            return Screen(outputs, context, context.new_page())

        def picture(screen: Screen, name: str) -> None:
            screen.page.wait_for_timeout(600)  # what slides in has arrived
            with Image.open(io.BytesIO(screen.page.screenshot())) as taken:
                taken.convert("RGB").quantize(COLOURS).save(folder / f"{name}.png", optimize=True)

        Opening(outputs=outputs, outputs_file=file, new_screen=new_screen, picture=picture).run()


if __name__ == "__main__":
    main()
