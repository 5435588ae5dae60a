"""For those who hear, enlarge or recolour a page: names, headings, titles, values, and room to read."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.bookings import book_now, open_request, start_now
from tests.browser.conftest import NewScreen
from tests.browser.screens import Screen
from tests.local.world import World
from tools.local.outputs import User

PHONE = {"viewport": {"width": 360, "height": 740}}
# 1280 by 1024 at 400 %.
ENLARGED = {"viewport": {"width": 320, "height": 256}}


def test_the_way_home_has_a_name_on_a_telephone(new_screen: NewScreen) -> None:
    visitor = new_screen(**PHONE).open("/chats")
    expect(visitor.page.locator(".brand-name")).to_be_hidden()
    visitor.page.get_by_role("link", name="Teduh").click()
    expect(visitor.page.get_by_role("article").first).to_be_visible()


@pytest.mark.parametrize("width", [360, 1280])
def test_an_open_chat_has_one_first_heading_and_its_own_title(
    new_screen: NewScreen, therapist: User, width: int
) -> None:
    desk = new_screen(viewport={"width": width, "height": 800}).sign_in(therapist, "/desk")
    book_now(new_screen(), therapist)
    open_request(desk)
    expect(desk.page.get_by_role("heading", level=1)).to_have_text(["Wayan Putra"])
    expect(desk.page).to_have_title(re.compile("Chat with Wayan Putra · Teduh$"))


def test_every_page_has_a_title_of_its_own(new_screen: NewScreen, world: World, therapist: User) -> None:
    visitor = new_screen()
    titles = [title_at(visitor, path) for path in ("/", f"/t/{therapist.username}", "/chats", "/desk", "/nowhere")]
    admin = new_screen().sign_in(world.outputs.users["a-admin"], "/admin")
    pages = ("", "/health", "/revenue", "/payments", "/errors", "/therapists")
    titles += [title_at(admin, f"/admin{page}") for page in pages]
    assert len(set(titles)) == len(titles)
    assert all(title.endswith("Teduh") and title != "Teduh" for title in titles), titles


def title_at(screen: Screen, path: str) -> str:
    """Return the title of a page once it has one."""
    screen.open(path)
    expect(screen.page).to_have_title(re.compile(" · Teduh$"))
    return re.sub(r"^\(\d+\) ", "", screen.page.title())


@pytest.mark.parametrize("language", ["en-GB", "id-ID"])
def test_what_is_written_on_a_control_is_part_of_its_name(
    new_screen: NewScreen, therapist: User, language: str
) -> None:
    visitor = new_screen(locale=language, **PHONE).open(f"/t/{therapist.username}")
    expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()
    assert misnamed(visitor) == []
    visitor.button(re.compile("^(Schedule a visit with|Jadwalkan kunjungan)")).click()
    expect(
        visitor.page.get_by_role("radiogroup", name=re.compile("^(Time|Jam|Waktu)$"))
        .or_(visitor.page.locator(".times .notice"))
        .first
    ).to_be_visible()
    assert misnamed(visitor) == []


def misnamed(screen: Screen) -> list[str]:
    """Return the controls whose name lacks what is written on them."""
    found: list[str] = screen.page.evaluate(
        """() => [...document.querySelectorAll('a, button, label.choice-option, [role=radio]')]
            .filter((element) => element.checkVisibility())
            .map((element) => [
                element.innerText.replace(/\\s+/g, ' ').trim().toLowerCase(),
                (element.getAttribute('aria-label') ?? element.querySelector('input')?.getAttribute('aria-label')
                    ?? element.innerText).replace(/\\s+/g, ' ').toLowerCase(),
            ])
            .filter(([written, name]) => written && !name.includes(written))
            .map(([written, name]) => `${written} / ${name}`)"""
    )
    return found


def test_the_price_slider_says_its_price(new_screen: NewScreen) -> None:
    visitor = new_screen().open()
    visitor.button("Price").click()
    slider = visitor.page.get_by_role("slider", name="Budget")
    expect(slider).to_have_attribute("aria-valuetext", "Any price")
    slider.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"^Up to Rp.[\d,]+$"))


def test_at_four_hundred_percent_nothing_stands_in_the_way(new_screen: NewScreen, therapist: User) -> None:
    customer = new_screen(**ENLARGED)
    start_now(customer, therapist)
    expect(customer.page.locator(".price-total")).to_contain_text("Rp")
    body = customer.page.locator(".sheet-body")
    room = body.evaluate("body => body.clientHeight")
    foot = customer.page.locator(".sheet-foot")
    assert foot.evaluate("foot => getComputedStyle(foot).position") == "static"
    assert room > 140
    customer.page.get_by_role("dialog").get_by_role("button", name="Close").click()
    assert customer.page.locator(".navigation").evaluate("nav => getComputedStyle(nav).position") == "static"
    assert customer.page.locator(".shell-header").evaluate("head => getComputedStyle(head).position") == "static"


def test_forced_colours_still_show_what_is_chosen_and_who_is_there(new_screen: NewScreen, therapist: User) -> None:
    visitor = new_screen(forced_colors="active").open()
    expect(visitor.page.get_by_role("article").first).to_be_visible()
    visitor.button("Available now").click()
    expect(visitor.button("Available now")).to_have_attribute("aria-pressed", "true")
    visitor.page.mouse.move(0, 0)
    colours = visitor.page.evaluate(
        """() => [...document.querySelectorAll('.filters .chip')].map((option) =>
            [option.hasAttribute('data-selected'), getComputedStyle(option).backgroundColor])"""
    )
    chosen = {colour for is_chosen, colour in colours if is_chosen}
    others = {colour for is_chosen, colour in colours if not is_chosen}
    assert chosen
    assert chosen.isdisjoint(others)
    visitor.open(f"/t/{therapist.username}")
    button = visitor.button(re.compile("^Book now with"))
    expect(button).to_be_visible()
    assert button.evaluate("button => parseFloat(getComputedStyle(button).borderTopWidth)") >= 1
    assert visitor.serious_findings() == []
