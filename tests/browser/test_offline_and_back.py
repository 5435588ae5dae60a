"""What a page survives: a lost network, a reload, the Back of a telephone."""

import re

from playwright.sync_api import expect

from tests.browser.bookings import book_now, choose, fill_in, open_request, start_now
from tests.browser.conftest import NewScreen
from tests.local.visits import fresh_number
from tests.local.world import World
from tools.local.outputs import User

PHONE = {"viewport": {"width": 390, "height": 760}}


def test_a_page_that_began_without_a_network_recovers_by_itself(new_screen: NewScreen) -> None:
    visitor = new_screen().open()
    visitor.page.evaluate("navigator.serviceWorker.ready")
    visitor.page.wait_for_function("caches.match('/config.json').then(Boolean)")
    # The very first visit has left everything that a start needs.
    visitor.context.set_offline(True)
    visitor.page.reload()
    expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()
    logo = visitor.page.locator(".brand img")
    expect(logo).to_be_visible()
    assert logo.evaluate("image => image.complete && image.naturalWidth > 0")
    visitor.context.set_offline(False)
    expect(visitor.page.get_by_role("article").first).to_be_visible()
    visitor.errors.clear()


def test_a_first_visit_that_loses_its_network_midway_recovers_by_itself(new_screen: NewScreen) -> None:
    visitor = new_screen()
    visitor.context.route("**/assets/CustomerArea*", lambda route: route.abort())
    visitor.page.goto(visitor.outputs.web_url)
    expect(visitor.page.get_by_text("We could not reach the service.")).to_be_visible()
    visitor.context.unroute("**/assets/CustomerArea*")
    visitor.page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(visitor.page.get_by_role("article").first).to_be_visible()
    visitor.errors.clear()


def test_going_back_closes_a_sheet_and_stays_on_the_page(new_screen: NewScreen, therapist: User) -> None:
    customer = new_screen(**PHONE).open()
    customer.page.goto(f"{customer.outputs.web_url}/t/{therapist.username}")
    customer.button(re.compile("^Book now with")).click()
    expect(customer.page.get_by_role("dialog")).to_be_visible()
    customer.page.go_back()
    expect(customer.page.get_by_role("dialog")).to_have_count(0)
    assert customer.page.url.endswith(f"/t/{therapist.username}")
    # Closed by its own button, a sheet leaves nothing behind to go back through.
    customer.button(re.compile("^Book now with")).click()
    customer.page.get_by_role("dialog").get_by_role("button", name="Close").click()
    expect(customer.page.get_by_role("dialog")).to_have_count(0)
    customer.page.wait_for_function("history.state?.layers === undefined")
    customer.page.go_back()
    expect(customer.page).to_have_url(re.compile(r":\d+/$"))


def test_back_from_a_chat_that_a_booking_opened_leads_to_the_page_before(
    new_screen: NewScreen, therapist: User
) -> None:
    customer = new_screen(**PHONE)
    book_now(customer, therapist)
    customer.page.go_back()
    expect(customer.page).to_have_url(re.compile(f"/t/{therapist.username}$"))
    expect(customer.page.get_by_role("dialog")).to_have_count(0)
    expect(customer.button(re.compile("^Schedule a visit with"))).to_be_visible()


def test_going_back_closes_a_question_too(new_screen: NewScreen, therapist: User) -> None:
    customer = new_screen(**PHONE)
    room = book_now(customer, therapist)
    customer.button("Cancel booking").click()
    expect(customer.page.get_by_role("alertdialog", name="Cancel this booking?")).to_be_visible()
    customer.page.go_back()
    expect(customer.page.get_by_role("alertdialog", name="Cancel this booking?")).to_have_count(0)
    assert customer.page.url.endswith(room)


def test_a_reload_keeps_the_choices_and_the_form_of_a_booking(new_screen: NewScreen, therapist: User) -> None:
    customer = new_screen()
    start_now(customer, therapist)
    choose(customer, duration=120)
    number = fresh_number()
    fill_in(customer, number=number, name="Made Reload")
    customer.page.reload()
    sheet = customer.page.get_by_role("dialog")
    expect(sheet.get_by_label("Your name")).to_have_value("Made Reload")
    expect(sheet.get_by_label("WhatsApp number")).to_have_value(number)
    sheet.get_by_role("button", name="Back").click()
    expect(sheet.get_by_role("radio", name=re.compile("^120 minutes"))).to_be_checked()
    # A fresh visit begins anew, and what was closed does not come back.
    customer.open(f"/t/{therapist.username}")
    expect(customer.button(re.compile("^Book now with"))).to_be_visible()
    expect(sheet).to_have_count(0)
    customer.button(re.compile("^Book now with")).click()
    sheet.get_by_role("button", name="Close").click()
    customer.page.reload()
    expect(customer.button(re.compile("^Book now with"))).to_be_visible()
    expect(customer.page.get_by_role("dialog")).to_have_count(0)


def test_the_second_step_begins_at_its_top_with_the_focus_in_it(new_screen: NewScreen, therapist: User) -> None:
    customer = new_screen(viewport={"width": 390, "height": 560})
    customer.open(f"/t/{therapist.username}")
    customer.button(re.compile("^Schedule a visit with")).click()
    customer.page.get_by_role("radiogroup", name="Date").get_by_role("radio").nth(2).check(force=True)
    customer.page.get_by_role("radiogroup", name="Time", exact=True).get_by_role("radio").last.check(force=True)
    customer.button("Continue").click()
    expect(customer.page.get_by_label("Your name")).to_be_in_viewport()
    focused = customer.page.evaluate("document.activeElement.className")
    assert focused == "sheet-body"
    assert customer.page.locator(".sheet-body").evaluate("body => body.scrollTop") == 0
    customer.page.keyboard.press("Tab")
    expect(customer.page.get_by_label("Your name")).to_be_focused()


def test_filters_of_the_catalogue_survive_a_look_at_somebody(new_screen: NewScreen, world: World) -> None:
    visitor = new_screen().open()
    expect(visitor.page.get_by_role("article").first).to_be_visible()
    visitor.page.get_by_label("Who").select_option(label="Massage places")
    place = visitor.page.get_by_role("heading", level=2).get_by_role("link").first
    expect(place).to_be_visible()
    place.click()
    expect(visitor.page.get_by_text("Menu and prices")).to_be_visible()
    visitor.page.go_back()
    expect(visitor.page.get_by_label("Who")).to_have_value("place")
    assert world.outputs.web_url in visitor.page.url


def test_the_open_request_of_a_desk_is_found_again_after_going_back(new_screen: NewScreen, therapist: User) -> None:
    desk = new_screen(**PHONE).sign_in(therapist, "/desk")
    book_now(new_screen(), therapist)
    open_request(desk)
    expect(desk.page.get_by_role("heading", level=1)).to_have_text("Wayan Putra")
    desk.page.go_back()
    expect(desk.button("Accept")).to_be_visible()
