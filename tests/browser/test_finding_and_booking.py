"""Finding somebody and booking them: list, profile, form, and the one booking that matters on every page."""

import re
import secrets
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.bookings import (
    ADDRESS,
    book_now,
    choose,
    decline,
    fill_in,
    opened_room,
    send,
    start_now,
    the_booking_of,
)
from tests.browser.conftest import NewScreen, new_therapist
from tests.browser.screens import Screen
from tests.local.visits import a_scheduled_visit, booked, fresh_number
from tests.local.world import World
from tools.local.outputs import User

PHONE = {"viewport": {"width": 390, "height": 844}}
UBUD = {"latitude": -8.5069, "longitude": 115.2625}


def test_the_first_therapist_stands_in_the_upper_third_of_a_telephone(new_screen: NewScreen) -> None:
    visitor = new_screen(**PHONE).open()
    first = visitor.page.get_by_role("article").first
    expect(first).to_be_visible()
    expect(visitor.page.locator(".skeleton")).to_have_count(0)
    box = first.bounding_box()
    assert box is not None
    assert box["y"] <= 250
    assert visitor.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


def test_a_card_says_who_where_and_for_how_much_and_each_service_once(new_screen: NewScreen, world: World) -> None:
    user = placed_therapist(world)
    visitor = new_screen().open()
    card = found(visitor, user)
    expect(card.locator(".avatar")).to_be_visible()
    expect(card).to_contain_text("from Rp")
    visitor.page.get_by_label("Area").select_option(label="Ubud")
    expect(card).to_contain_text(re.compile(r"Ubud, \d+(\.\d)? km"))
    expect(card.get_by_text("Balinese massage", exact=True)).to_have_count(1)
    expect(card.get_by_role("button", name=re.compile("^Balinese massage 90 min Rp"))).to_be_visible()
    # Somebody who does not come there is not shown.
    visitor.page.get_by_label("Area").select_option(label="Jakarta")
    expect(card).to_have_count(0)
    visitor.page.get_by_label("Area").select_option(label="Any area")
    expect(card).to_be_visible()


def test_any_therapist_is_within_ten_stops_of_the_keyboard(new_screen: NewScreen, world: World) -> None:
    user = placed_therapist(world)
    visitor = new_screen().open()
    expect(visitor.page.get_by_role("article").first).to_be_visible()
    stops = 0
    for key in ("Tab", "Enter", "Tab"):
        visitor.page.keyboard.press(key)
        stops += key == "Tab"
    expect(visitor.page.get_by_role("searchbox")).to_be_focused()
    visitor.page.keyboard.type(name_of(world, user))
    expect(visitor.page.get_by_role("article")).to_have_count(1)
    while stops < 10:
        visitor.page.keyboard.press("Tab")
        stops += 1
        if visitor.page.evaluate("document.activeElement.closest('article') !== null"):
            break
    assert visitor.page.evaluate("document.activeElement.getAttribute('href')") == f"/t/{user.username}"


def test_a_free_time_of_the_week_begins_a_booking_at_that_time(new_screen: NewScreen, therapist: User) -> None:
    visitor = new_screen().open(f"/t/{therapist.username}")
    week = visitor.page.get_by_role("region", name="Free times this week")
    time = week.get_by_role("button", name=re.compile("^Schedule a visit at")).last
    name = (time.get_attribute("aria-label") or "").removeprefix("Schedule a visit at ")
    time.click()
    sheet = visitor.page.get_by_role("dialog")
    expect(sheet.get_by_role("radio", name=name)).to_be_checked()
    expect(sheet.get_by_role("list", name="Your booking")).to_contain_text(name)


def test_the_summary_stands_above_the_button_with_all_that_is_decided(new_screen: NewScreen, therapist: User) -> None:
    customer = new_screen(**PHONE)
    start_now(customer, therapist)
    choose(customer, duration=90)
    fill_in(customer)
    summary = customer.page.get_by_role("list", name="Your booking")
    for said in ("90 min", "As soon as possible", ADDRESS, "Paid to the therapist"):
        expect(summary).to_contain_text(said)
    expect(summary).to_be_in_viewport()
    expect(customer.button("Send request")).to_be_in_viewport()
    assert customer.serious_findings() == []


@pytest.mark.parametrize(("locale", "country"), [("en-AU", "AU"), ("id-ID", "ID")])
def test_a_number_begins_in_the_visitors_country_and_is_shown_as_it_will_be_called(
    new_screen: NewScreen, world: World, therapist: User, locale: str, country: str
) -> None:
    customer = new_screen(locale=locale).open(f"/t/{therapist.username}")
    customer.button(re.compile("^(Book now with|Pesan sekarang dengan)")).click()
    expect(customer.page.locator(".price-total")).to_contain_text("Rp")
    customer.button(re.compile("^(Continue|Lanjut)$")).click()
    form = customer.page.get_by_role("dialog")
    expect(form.get_by_label(re.compile("^(Country code|Kode negara)$"))).to_have_value(country)
    number, called, kept = {
        "AU": ("0412 345 678", "+61 412", "+61412345678"),
        "ID": ("0812 3456 7890", "+62 812", "+6281234567890"),
    }[country]
    form.locator("input[name=name]").fill("Kirra Lee")
    form.locator("input[name=tel]").fill(number)
    expect(form).to_contain_text(called)
    form.locator("textarea[name=address]").fill(ADDRESS)
    form.locator("button[type=submit]").last.click()
    assert the_booking_of(world, opened_room(customer))["customerWhatsApp"] == kept


def test_a_time_that_was_taken_offers_the_next_ones_and_keeps_the_form(
    new_screen: NewScreen, world: World, therapist: User
) -> None:
    slow = new_screen()
    chosen, start = a_chosen_time(slow, therapist)
    booked(world.guest(), a_scheduled_visit(therapist.username, start))
    send(slow)
    sheet = slow.page.get_by_role("dialog")
    expect(sheet.get_by_role("alert")).to_contain_text("has just been taken")
    others = sheet.get_by_role("alert").get_by_role("button", name=re.compile(r"\d\d:\d\d"))
    expect(others.first).to_be_visible()
    assert chosen not in others.all_inner_texts()
    others.first.click()
    expect(sheet.get_by_label("Your name")).to_have_value("Wayan Putra")
    send(slow)
    opened_room(slow)


def a_chosen_time(screen: Screen, therapist: User) -> tuple[str, str]:
    """Choose the last time of the third day and fill in the form; return the time as shown and as it is."""
    screen.open(f"/t/{therapist.username}")
    screen.button(re.compile("^Schedule a visit with")).click()
    screen.page.get_by_role("radiogroup", name="Date").get_by_role("radio").nth(2).check(force=True)
    time = screen.page.get_by_role("radiogroup", name="Time", exact=True).get_by_role("radio").last
    time.check(force=True)
    chosen, start = time.get_attribute("aria-label") or "", time.get_attribute("value") or ""
    expect(screen.page.locator(".price-total")).to_contain_text("Rp")
    screen.button("Continue").click()
    fill_in(screen)
    return chosen, start


def test_the_booking_that_matters_is_on_every_page_until_it_is_declined_and_then_says_what_next(
    new_screen: NewScreen, therapist: User
) -> None:
    customer = new_screen(**PHONE)
    book_now(customer, therapist, number=fresh_number())
    banner = customer.page.locator("[data-live]")
    for path in ("/chats", "/terms", "/"):
        customer.open(path)
        expect(banner).to_have_attribute("data-live", "pending")
        expect(banner.get_by_role("timer")).to_be_visible()
    assert customer.serious_findings() == []
    decline(new_screen().sign_in(therapist, "/desk"))
    expect(banner).to_have_attribute("data-live", "ended")
    expect(banner).to_contain_text("cannot come")
    expect(customer.page).to_have_title(re.compile("Declined"))
    banner.get_by_role("link", name="What next").click()
    expect(customer.page).to_have_url(re.compile("/booking$"))


def test_terms_privacy_help_and_imprint_are_linked_and_say_who_operates(new_screen: NewScreen) -> None:
    visitor = new_screen().open()
    for name in ("Terms", "Privacy", "Help", "Imprint"):
        visitor.page.get_by_role("contentinfo").get_by_role("link", name=name).click()
        expect(visitor.page.get_by_role("heading", level=1, name=name)).to_be_visible()
        expect(visitor.page.get_by_role("heading", level=2).first).to_be_visible()
        assert visitor.serious_findings() == []
    expect(visitor.page.get_by_text("Name: Marketplace")).to_be_visible()
    visitor.page.get_by_label("Language").select_option("id")
    expect(visitor.page.get_by_text("Nama: Marketplace")).to_be_visible()


def placed_therapist(world: World, **differing: Any) -> User:  # noqa: ANN401 - any attribute of a therapist
    """Return a new therapist who comes to places around Ubud."""
    user = new_therapist(world, **{"name": f"Nyoman {secrets.token_hex(4)}", **differing})
    area = {**UBUD, "radiusKm": 20}
    world.signed_in(user).patch("/me", {"serviceArea": area}).raise_for_status()
    return user


def name_of(world: World, user: User) -> str:
    """Return the name that customers see."""
    return str(world.stranger().get(f"/therapists/{user.username}").json()["name"])


def found(screen: Screen, user: User) -> Any:  # noqa: ANN401 - a locator
    """Return the card of a therapist."""
    return screen.page.get_by_role("article").filter(has=screen.page.locator(f"a[href='/t/{user.username}']"))
