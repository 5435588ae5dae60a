"""For everybody: both languages, keyboard only, screen readers, small screens, dark colours, offline (F100 to F104)."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.bookings import book_now, choose, fill_in, open_request, opened_room, start_now
from tests.browser.conftest import NewScreen
from tests.browser.screens import Screen
from tests.local.visits import fresh_number
from tests.local.world import World
from tools.local.outputs import User

ADMIN_PAGES = {
    "/admin": "Bookings",
    "/admin/health": "Health",
    "/admin/revenue": "Revenue",
    "/admin/payments": "Payments",
    "/admin/errors": "Errors",
    "/admin/therapists": "Therapists",
}
DESK_PAGES = {
    "/desk": "Requests",
    "/desk/chats": "Your chats",
    "/desk/calendar": "Calendar",
    "/desk/menu": "Menu and hours",
    "/desk/money": "Commissions",
    "/desk/settings": "Bank and profile",
}


def settled(screen: Screen) -> Screen:
    """Wait until nothing loads any more."""
    expect(screen.page.locator(".skeleton")).to_have_count(0)
    return screen


def test_the_language_can_be_changed_and_is_kept(new_screen: NewScreen) -> None:
    visitor = new_screen().open()
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Unwind, wherever you are staying")
    visitor.page.get_by_label("Language").select_option("id")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Bersantailah, di mana pun Anda menginap")
    expect(visitor.page.locator("html")).to_have_attribute("lang", "id")
    visitor.page.reload()
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Bersantailah, di mana pun Anda menginap")


def test_an_indonesian_browser_books_in_indonesian(new_screen: NewScreen, therapist: User) -> None:
    customer = new_screen(locale="id-ID").open(f"/t/{therapist.username}")
    customer.button(re.compile("^Pesan sekarang dengan ")).click()
    expect(customer.page.locator(".price-total")).to_contain_text(re.compile(r"Rp\s?250\.000"))
    customer.button("Lanjut").click()
    customer.page.get_by_label("Nama Anda").fill("Wayan Putra")
    customer.page.get_by_label("Nomor WhatsApp").fill(fresh_number())
    customer.page.get_by_label("Alamat", exact=True).fill("Jalan Monkey Forest 5, Ubud")
    customer.button("Kirim permintaan").click()
    opened_room(customer)
    expect(customer.status()).to_have_text("Menunggu")
    expect(customer.page.locator("[data-in-memory]")).to_contain_text(re.compile("Menunggu|menunggu"))


def test_a_visit_can_be_booked_with_the_keyboard_alone(new_screen: NewScreen, therapist: User) -> None:
    customer = new_screen().open(f"/t/{therapist.username}")
    keys = customer.page.keyboard
    expect(customer.button(re.compile("^Book now with"))).to_be_visible()
    tab_to(customer, "Book now")
    keys.press("Enter")
    expect(customer.page.get_by_role("dialog")).to_be_visible()
    expect(customer.page.locator(".price-total")).to_contain_text("Rp")
    tab_to(customer, "Continue")
    keys.press("Enter")
    expect(customer.page.get_by_label("Your name")).to_be_visible()
    tab_to(customer, "", name="name")
    keys.type("Wayan Putra")
    tab_to(customer, "", name="tel")
    keys.type(fresh_number())
    tab_to(customer, "", name="address")
    keys.type("Jalan Monkey Forest 5, Ubud")
    tab_to(customer, "Send request")
    keys.press("Enter")
    opened_room(customer)


def test_the_customers_pages_have_no_serious_findings(new_screen: NewScreen, therapist: User) -> None:
    customer = new_screen().open()
    expect(customer.page.get_by_role("article").first).to_be_visible()
    assert customer.serious_findings() == []
    start_now(customer, therapist)
    expect(customer.page.locator(".price-total")).to_contain_text("Rp")
    assert customer.serious_findings() == []
    choose(customer)
    fill_in(customer)
    assert customer.serious_findings() == []
    customer.button("Send request").click()
    opened_room(customer)
    expect(customer.message("Wayan Putra").first).to_be_visible()
    assert customer.serious_findings() == []


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_the_desk_has_no_serious_findings(new_screen: NewScreen, therapist: User, colours: str) -> None:
    desk = new_screen(color_scheme=colours).sign_in(therapist, "/desk")
    book_now(new_screen(), therapist)
    expect(desk.button("Accept")).to_be_visible()
    assert desk.serious_findings() == []
    open_request(desk)
    assert desk.serious_findings() == []
    for path, heading in DESK_PAGES.items():
        desk.open(path)
        expect(desk.page.get_by_role("heading", level=1, name=heading)).to_be_visible()
        assert settled(desk).serious_findings() == [], path


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_the_administration_has_no_serious_findings(
    new_screen: NewScreen, world: World, therapist: User, colours: str
) -> None:
    book_now(new_screen(), therapist)
    admin = new_screen(color_scheme=colours).sign_in(world.outputs.users["a-admin"], "/admin")
    for path, heading in ADMIN_PAGES.items():
        admin.open(path)
        expect(admin.page.get_by_role("heading", level=1, name=heading)).to_be_visible()
        assert settled(admin).serious_findings() == [], path


def test_nothing_is_cut_off_on_a_screen_of_320_pixels(new_screen: NewScreen, world: World, therapist: User) -> None:
    small = {"viewport": {"width": 320, "height": 640}}
    customer = new_screen(**small).open()
    expect(customer.page.get_by_role("article").first).to_be_visible()
    assert overflow(customer) == 0
    book_now(customer, therapist)
    assert overflow(customer) == 0
    desk = new_screen(**small).sign_in(therapist, "/desk")
    for path, heading in DESK_PAGES.items():
        desk.open(path)
        expect(desk.page.get_by_role("heading", level=1, name=heading)).to_be_visible()
        assert overflow(settled(desk)) == 0, path
    admin = new_screen(**small).sign_in(world.outputs.users["a-admin"], "/admin")
    for path, heading in ADMIN_PAGES.items():
        admin.open(path)
        expect(admin.page.get_by_role("heading", level=1, name=heading)).to_be_visible()
        assert overflow(settled(admin)) == 0, path


def test_the_client_starts_without_a_network_once_it_has_been_there(new_screen: NewScreen) -> None:
    visitor = new_screen().open()
    visitor.page.evaluate("navigator.serviceWorker.ready")
    visitor.page.wait_for_function("caches.match('/').then(Boolean)")
    visitor.page.reload()
    expect(visitor.page.get_by_role("article").first).to_be_visible()
    visitor.context.set_offline(True)
    visitor.page.reload()
    expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()
    expect(visitor.page.get_by_text("The network does not answer.")).to_be_visible()
    # What cannot be fetched without a network is no error of the client.
    visitor.errors.clear()


def test_the_client_can_be_installed(new_screen: NewScreen) -> None:
    visitor = new_screen().open()
    manifest = visitor.page.evaluate(
        "fetch(document.querySelector('link[rel=manifest]').href).then((answer) => answer.json())"
    )
    assert manifest["display"] == "standalone"
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in manifest["icons"]}


def test_each_role_installs_an_app_that_begins_at_its_own_page(new_screen: NewScreen) -> None:
    for path in ("/desk", "/admin"):
        screen = new_screen().open(path)
        manifest = screen.page.evaluate(
            "fetch(document.querySelector('link[rel=manifest]').href).then((answer) => answer.json())"
        )
        assert manifest["start_url"] == manifest["id"] == path
        for icon in manifest["icons"]:
            answer = screen.page.request.get(f"{screen.outputs.web_url}{icon['src']}")
            assert answer.headers["content-type"].startswith(icon["type"])


def test_a_page_speaks_to_its_own_system_alone(new_screen: NewScreen) -> None:
    visitor = new_screen().open()
    expect(visitor.page.get_by_role("article").first).to_be_visible()
    policy = visitor.page.locator("meta[http-equiv='Content-Security-Policy']").get_attribute("content") or ""
    assert set(policy.split()) >= {"connect-src", "'self'", visitor.outputs.aws_endpoint_url}
    assert "execute-api.*" not in policy
    assert "*.execute-api" not in policy
    blocked = visitor.page.evaluate(
        """async () => {
            const blocked = new Promise((resolve) =>
                document.addEventListener('securitypolicyviolation', (event) => resolve(event.blockedURI)));
            await fetch('https://another.execute-api.us-east-1.amazonaws.com/v1').catch(() => undefined);
            return blocked;
        }"""
    )
    assert blocked.startswith("https://another.execute-api")
    visitor.errors.clear()


def test_a_wrong_password_is_told_in_words(new_screen: NewScreen) -> None:
    visitor = new_screen().open("/desk")
    visitor.page.get_by_label("User name").fill("t-ayu")
    visitor.page.get_by_label("Password").fill("not the password")
    visitor.button("Sign in").click()
    expect(visitor.page.get_by_role("alert")).to_have_text("The name or the password is wrong.")


def overflow(screen: Screen) -> int:
    """Return by how many pixels the page is wider than the screen."""
    width: int = screen.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width


def tab_to(screen: Screen, text: str, *, name: str = "") -> None:
    """Press Tab until the control of this text, or the field of this name, has the focus."""
    for _ in range(80):
        screen.page.keyboard.press("Tab")
        focused = screen.page.evaluate(
            "[(document.activeElement?.innerText ?? '').trim(), document.activeElement?.getAttribute('name') ?? '']"
        )
        if (name and focused[1] == name) or (text and focused[0] == text):
            return
    pytest.fail(f"the keyboard never reached {text or name!r}")
