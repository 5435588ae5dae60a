"""Takes pictures of the main pages for the documentation: python -m tests.browser.screenshots [outputs file]."""

import io
import re
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, final

from PIL import Image
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.bookings import book_now, choose, fill_in, opened_room, start_now
from tests.browser.conftest import UBUD, new_therapist
from tests.browser.screens import FLAGS, Screen, chromium
from tests.cloudformation import ROOT
from tests.local.visits import a_scheduled_visit, a_visit, booked, free_starts
from tests.local.world import World
from tools.local.outputs import User, read_outputs
from tools.local.person import Person
from tools.local.person import expect as expect_status

PICTURES: Final = ROOT / "docs" / "screenshots"
EVERYWHERE: Final = ROOT / ".local" / "screenshots"
MAIN_PAGES: Final = {
    "visitor": ("/", "/t/t-ayu", "/chats", "/help", "/imprint"),
    "therapist": ("/desk", "/desk/calendar", "/desk/menu", "/desk/money", "/desk/settings"),
    "admin": ("/admin", "/admin/health", "/admin/revenue", "/admin/payments", "/admin/therapists"),
}
COLOURS: Final = 256
DAY: Final = (
    ("Sophie Martin", "Nyoman Segara", "menuSlider"),
    ("Jonas Weber", "Putu Ariani", "scheduled"),
    ("Amelia Clarke", "Gede Surya", "chatWindow"),
    ("Budi Hartono", "Ketut Rahayu", "scheduled"),
    ("Mei Tanaka", "Ni Luh Sari", "priceSlider"),
)
PHONE: Final = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2}


@final
@dataclass(frozen=True, kw_only=True)
class Stage:
    """The running system and a browser, with two therapists for the pictures."""

    browser: Browser
    world: World
    therapist: User
    other: User

    def screen(self, **differing: Any) -> Screen:  # noqa: ANN401 - options of Playwright
        """Open a window."""
        options: dict[str, Any] = {
            "locale": "en-GB",
            "viewport": {"width": 1280, "height": 860},
            "permissions": ["geolocation"],
            "geolocation": UBUD,
            **differing,
        }
        context = self.browser.new_context(**options)
        return Screen(self.world.outputs, context, context.new_page())


def main() -> None:
    """Play a small story and take a picture of every stage."""
    outputs = read_outputs(Path(sys.argv[1] if len(sys.argv) > 1 else ".local/outputs.json"))
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, ExitStack() as closing:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        closing.callback(browser.close)
        world = World(outputs, closing)
        stage = Stage(
            browser=browser,
            world=world,
            therapist=new_therapist(world, name="Kadek Maharani"),
            other=new_therapist(world, name="Made Wirawan", time_zone="Asia/Jakarta"),
        )
        customer = choosing(stage)
        desk = signing_in(stage)
        chatting(customer, desk)
        planning(stage)
        administering(stage)
        at_night(stage)
        everywhere(stage)


def choosing(stage: Stage) -> Screen:
    """From the list to the filled-in form."""
    customer = stage.screen()
    customer.open()
    expect(customer.page.get_by_role("article").first).to_be_visible()
    take(customer, "customer-find")
    start_now(customer, stage.therapist)
    expect(customer.page.locator(".price-total")).to_contain_text("Rp")
    customer.page.get_by_label("Discount code").fill("HEMAT10")
    customer.button("Apply").click()
    expect(customer.page.get_by_text("Discount applied")).to_be_visible()
    take(customer, "customer-choose")
    choose(customer)
    fill_in(customer)
    take(customer, "customer-details")
    return customer


def signing_in(stage: Stage) -> Screen:
    """A therapist with a telephone that speaks Indonesian."""
    desk = stage.screen(**PHONE, locale="id-ID").open("/desk")
    take(desk, "sign-in-phone")
    desk.page.get_by_label("Nama pengguna").fill(stage.therapist.username)
    desk.page.get_by_label("Kata sandi").fill(stage.therapist.password)
    desk.button("Masuk").click()
    expect(desk.page.get_by_role("heading", level=1, name="Permintaan")).to_be_visible()
    return desk


def chatting(customer: Screen, desk: Screen) -> None:
    """From the request to a confirmed visit."""
    customer.button("Send request").click()
    opened_room(customer)
    expect(desk.button("Terima")).to_be_visible()
    take(desk, "therapist-request-phone")
    customer.write("Hello! We are in the second house behind the temple.")
    desk.page.get_by_role("link", name="Buka obrolan").click()
    expect(desk.message("behind the temple")).to_be_visible()
    desk.button("Terima").click()
    expect(customer.status()).to_have_text("Confirmed")
    desk.page.get_by_label("Tulis pesan").fill("Baik, saya sampai 15 menit lagi.")
    desk.page.get_by_label("Tulis pesan").press("Enter")
    expect(customer.message("15 menit lagi")).to_be_visible()
    customer.button("Send my location").click()
    expect(desk.message("Buka di peta")).to_be_visible()
    for screen, name in ((customer, "customer-chat"), (desk, "therapist-chat-phone")):
        expect(screen.page.locator(".toast")).to_have_count(0)
        take(screen, name)


def planning(stage: Stage) -> None:
    """A visit for another day, on a telephone."""
    planner = stage.screen(**PHONE).open(f"/t/{stage.other.username}")
    planner.button(re.compile("^Schedule a visit with")).click()
    planner.page.get_by_role("radiogroup", name="Date").get_by_role("radio").nth(2).check(force=True)
    planner.page.get_by_role("radiogroup", name="Time", exact=True).get_by_role("radio").nth(3).check(force=True)
    expect(planner.page.locator(".price-total")).to_contain_text("Rp")
    take(planner, "customer-schedule-phone")


def a_busy_day(stage: Stage) -> None:
    """Bookings of all kinds, most of them answered."""
    accepted: list[tuple[Person, str]] = []
    for number, (customer, therapist, source) in enumerate(DAY):
        desk = stage.world.therapist(name=therapist)
        guest = stage.world.guest()
        if number % 2:
            start = free_starts(guest, desk.user_id)[4 * number]
            body = a_scheduled_visit(desk.user_id, start, customerName=customer, duration=90, source=source)
        else:
            body = a_visit(desk.user_id, customerName=customer, source=source)
        booking = booked(guest, body)
        answer = "decline" if number == 1 else "accept"
        expect_status(desk.post(f"/bookings/{booking['bookingId']}/{answer}"), 200)
        if answer == "accept":
            accepted.append((desk, booking["bookingId"]))
    desk, booking_id = accepted[0]
    expect_status(desk.post(f"/bookings/{booking_id}/complete"), 200)


def administering(stage: Stage) -> None:
    """The pages of the administration, on a busy day."""
    a_busy_day(stage)
    book_now(stage.screen(), stage.other)
    admin = stage.screen(viewport={"width": 1440, "height": 900})
    admin.sign_in(stage.world.outputs.users["a-admin"], "/admin")
    for page in ("", "health", "revenue", "payments", "errors", "therapists"):
        admin.open(f"/admin/{page}".removesuffix("/"))
        expect(admin.page.get_by_role("heading", level=1)).to_be_visible()
        take(admin, f"admin-{page or 'bookings'}")


def at_night(stage: Stage) -> None:
    """Pages of the desk in dark colours."""
    dark = stage.screen(color_scheme="dark").sign_in(stage.therapist, "/desk/calendar")
    for page in ("calendar", "menu", "money"):
        dark.open(f"/desk/{page}")
        expect(dark.page.get_by_role("heading", level=1)).to_be_visible()
        take(dark, f"therapist-{page}-dark")


def everywhere(stage: Stage) -> None:
    """The main pages on a telephone and a laptop, in both languages and colours, to be looked at after a change."""
    EVERYWHERE.mkdir(parents=True, exist_ok=True)
    for width, locale, colours in (
        (390, "en-GB", "light"),
        (390, "id-ID", "dark"),
        (1280, "id-ID", "light"),
        (1280, "en-GB", "dark"),
    ):
        view = {
            "viewport": {"width": width, "height": 844 if width < 1000 else 860},
            "locale": locale,
            "color_scheme": colours,
        }
        for who, pages in MAIN_PAGES.items():
            screen = stage.screen(**view)
            if who != "visitor":
                user = stage.therapist if who == "therapist" else stage.world.outputs.users["a-admin"]
                screen.open(pages[0])
                screen.page.locator("input").nth(0).fill(user.username)
                screen.page.locator("input").nth(1).fill(user.password)
                screen.page.locator("button[type=submit]").click()
                expect(screen.page.locator("nav.navigation")).to_be_visible()
            for page in pages:
                screen.open(page)
                expect(screen.page.get_by_role("heading", level=1).first).to_be_visible()
                expect(screen.page.locator(".skeleton")).to_have_count(0)
                screen.page.wait_for_timeout(300)
                name = f"{who}-{page.strip('/').replace('/', '-') or 'start'}-{width}-{locale[:2]}-{colours}.png"
                screen.page.screenshot(path=EVERYWHERE / name, animations="disabled")
            screen.context.close()


def take(screen: Screen, name: str) -> None:
    """Take a picture once nothing loads or moves any more."""
    expect(screen.page.locator(".skeleton")).to_have_count(0)
    screen.page.wait_for_timeout(400)
    taken = Image.open(io.BytesIO(screen.page.screenshot(animations="disabled"))).convert("RGB")
    # A palette is enough for an interface and keeps the files small; without dithering, gradients fall into stripes.
    palette = taken.quantize(COLOURS)
    taken.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG).save(PICTURES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
