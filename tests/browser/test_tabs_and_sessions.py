"""Several tabs of one browser, clocks that are wrong, and sessions that end: nobody is left without a way on."""

import json
import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.bookings import book_now, choose, fill_in, open_request, opened_room, send, start_now
from tests.browser.conftest import NewScreen, new_therapist
from tests.browser.screens import Screen
from tests.local.visits import fresh_number
from tests.local.world import World
from tools.local.outputs import User

QUARTER_OF_AN_HOUR_AHEAD = """
    const ahead = 15 * 60000, Real = Date;
    globalThis.Date = class extends Real {
        constructor(...given) { if (given.length) super(...given); else super(Real.now() + ahead); }
        static now() { return Real.now() + ahead; }
    };
"""


def another_tab(screen: Screen, path: str) -> Screen:
    """Open a second tab of the same browser."""
    return Screen(screen.outputs, screen.context, screen.context.new_page()).open(path)


def test_messages_written_in_two_tabs_without_a_network_all_arrive(new_screen: NewScreen, therapist: User) -> None:
    desk = new_screen().sign_in(therapist, "/desk")
    customer = new_screen()
    room = book_now(customer, therapist)
    open_request(desk)
    second = another_tab(customer, f"/chats/{room}")
    expect(second.message("Wayan Putra").first).to_be_visible()
    customer.context.set_offline(True)
    for tab, text in ((customer, "from the first"), (second, "from the second"), (customer, "and the first again")):
        tab.write(text)
        expect(tab.page.locator(".bubble-waiting").filter(has_text=text)).to_be_visible()
    # Each tab shows what the other has yet to send.
    expect(second.page.locator(".bubble-waiting")).to_have_count(3)
    customer.context.set_offline(False)
    for text in ("from the first", "from the second", "and the first again"):
        expect(desk.message(text)).to_have_count(1)
        expect(customer.message(text)).to_have_count(1)
        expect(second.message(text)).to_have_count(1)
    expect(second.page.locator(".bubble-waiting")).to_have_count(0)


def test_language_and_sign_out_hold_in_every_tab_at_once(new_screen: NewScreen, therapist: User) -> None:
    first = new_screen().sign_in(therapist, "/desk")
    second = another_tab(first, "/desk/calendar")
    expect(second.page.get_by_role("heading", level=1)).to_have_text("Calendar")
    first.page.get_by_label("Language").select_option("id")
    expect(second.page.get_by_role("heading", level=1)).to_have_text("Kalender")
    expect(second.page.locator("html")).to_have_attribute("lang", "id")
    second.page.get_by_label("Bahasa").select_option("en")
    second.button("Sign out").click()
    second.button("Sign out and stay online").click()
    expect(first.page.get_by_role("heading", level=1)).to_have_text("Sign in")
    # Signing in holds everywhere as well.
    first.page.get_by_label("User name").fill(therapist.username)
    first.page.get_by_label("Password").fill(therapist.password)
    first.button("Sign in").click()
    expect(second.page.get_by_role("heading", level=1)).to_have_text("Calendar")


def test_a_name_in_capitals_and_with_blanks_signs_in(new_screen: NewScreen, therapist: User) -> None:
    desk = new_screen().open("/desk")
    desk.page.get_by_label("User name").fill(f" {therapist.username.upper()} ")
    desk.page.get_by_label("Password").fill(therapist.password)
    desk.button("Sign in").click()
    expect(desk.button("Sign out")).to_be_visible()


def test_a_telephone_whose_clock_is_ahead_sees_the_request_and_its_time(new_screen: NewScreen, therapist: User) -> None:
    desk = new_screen()
    desk.context.add_init_script(QUARTER_OF_AN_HOUR_AHEAD)
    desk.sign_in(therapist, "/desk")
    book_now(new_screen(), therapist)
    expect(desk.button("Accept")).to_be_enabled()
    expect(desk.page.get_by_role("timer")).to_contain_text(re.compile(r"1[34]:\d\d"))


def test_a_guest_whom_the_server_knows_no_more_is_told_and_can_book_again(
    new_screen: NewScreen, therapist: User
) -> None:
    customer = new_screen().open()
    forget(customer, expires=datetime.now(UTC) + timedelta(days=3))
    customer.open("/chats")
    expect(customer.page.get_by_text("Your earlier visit could not be continued")).to_be_visible()
    customer.page.get_by_role("status").get_by_role("link", name="Find a massage").click()
    expect(customer.page.get_by_role("article").first).to_be_visible()
    forget(customer, expires=datetime.now(UTC) + timedelta(days=3))
    customer.page.reload()
    book_now(customer, therapist)
    expect(customer.status()).to_have_text("Pending")


def test_after_thirty_days_a_guest_is_told_why_the_chats_are_gone(new_screen: NewScreen) -> None:
    customer = new_screen().open()
    forget(customer, expires=datetime.now(UTC) - timedelta(days=1))
    customer.open("/chats")
    expect(customer.page.get_by_text("remembered for 30 days")).to_be_visible()


def forget(screen: Screen, *, expires: datetime) -> None:
    """Leave a guest in the browser whose token no server knows."""
    guest = {
        "kind": "guest",
        "role": "customer",
        "userId": "g-unknown",
        "token": "eyJhbGciOiJIUzI1NiJ9.e30.bm9ib2R5",
        "expiresAt": expires.isoformat().replace("+00:00", "Z"),
    }
    screen.page.evaluate("guest => localStorage.setItem('teduh.guest', guest)", json.dumps(guest))


def test_a_chat_of_another_device_says_so_and_leads_on(new_screen: NewScreen, world: World, therapist: User) -> None:
    room = book_now(new_screen(), therapist)
    stranger = new_screen().open(f"/chats/{room}")
    expect(stranger.page.get_by_text("This chat is not on this device")).to_be_visible()
    expect(stranger.page.locator("main").get_by_role("link", name="Sign in")).to_be_visible()
    # A guest of this browser is somebody else, too.
    book_now(stranger, new_therapist(world))
    stranger.open(f"/chats/{room}")
    expect(stranger.page.get_by_text("This chat is not on this device")).to_be_visible()
    stranger.page.get_by_role("link", name="All chats").click()
    expect(stranger.page.locator(".room-link")).to_have_count(1)


def test_a_session_that_the_server_ends_leads_to_signing_in_again(new_screen: NewScreen, therapist: User) -> None:
    desk = new_screen().sign_in(therapist, "/desk")
    desk.page.route(re.compile("/_user_request_/"), refuse)
    desk.page.reload()
    expect(desk.page.get_by_text("Your session has ended. Please sign in again.")).to_be_visible()
    desk.page.unroute(re.compile("/_user_request_/"))
    desk.page.get_by_label("User name").fill(therapist.username)
    desk.page.get_by_label("Password").fill(therapist.password)
    desk.button("Sign in").click()
    expect(desk.page.get_by_role("heading", level=1)).to_have_text("Requests")


def refuse(route: Route) -> None:
    """Answer as to a token that is not known any more."""
    if route.request.method == "OPTIONS":
        route.continue_()
        return
    problem = {
        "type": "about:blank",
        "title": "Unauthenticated",
        "status": 401,
        "code": "unauthenticated",
        "detail": "",
    }
    headers = {"access-control-allow-origin": "*", "content-type": "application/problem+json"}
    route.fulfill(status=401, body=json.dumps(problem), headers=headers)


def test_silencing_one_device_silences_the_other(new_screen: NewScreen, therapist: User) -> None:
    telephone = new_screen().sign_in(therapist, "/desk/calendar")
    tablet = new_screen().sign_in(therapist, "/desk/menu")
    book_now(new_screen(), therapist)
    for device in (telephone, tablet):
        expect(ringing(device.page)).to_have_count(1)
    telephone.button("Silence the bell").click()
    expect(ringing(telephone.page)).to_have_count(0)
    expect(ringing(tablet.page)).to_have_count(0)
    # The request is still there to be answered.
    tablet.page.get_by_role("link", name=re.compile("^Requests")).click()
    expect(tablet.button("Accept")).to_be_enabled()


def ringing(page: Page) -> Locator:
    """Return the banner that rings."""
    return page.locator("[data-ringing]")


def test_who_is_taken_meanwhile_can_be_booked_for_later_without_writing_everything_again(
    new_screen: NewScreen, therapist: User
) -> None:
    slow = new_screen()
    start_now(slow, therapist)
    choose(slow)
    fill_in(slow, number=fresh_number(), name="Slow Writer")
    book_now(new_screen(), therapist)
    send(slow)
    expect(slow.page.get_by_text("Your details are kept.")).to_be_visible()
    slow.button("Choose a time").click()
    slow.page.get_by_role("radiogroup", name="Date").get_by_role("radio").nth(3).check(force=True)
    slow.page.get_by_role("radiogroup", name="Time", exact=True).get_by_role("radio").first.check(force=True)
    slow.button("Continue").click()
    expect(slow.page.get_by_label("Your name")).to_have_value("Slow Writer")
    send(slow)
    opened_room(slow)
    expect(slow.status()).to_have_text("Pending")
