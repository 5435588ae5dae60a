"""The API's reference and the version, as a browser draws them."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from marketplace.platform.version import VERSION
from tools.local.outputs import Outputs

# The renderer's makers want their logo on the page; our policy lets nothing come from elsewhere.
REFUSED = "cdn.redoc.ly"


@pytest.mark.parametrize(
    ("page", "title", "path"),
    [
        ("docs", "Booking and chat", ["Bookings", "Accept a booking", "/bookings/{bookingId}/accept"]),
        ("docs/sockets", "Booking and chat: the WebSocket", ["CloseRoomFrame"]),
    ],
)
def test_the_reference_is_drawn_from_our_origin_alone(
    browser: Browser, outputs: Outputs, page: str, title: str, path: list[str]
) -> None:
    window = browser.new_page()
    answered: list[str] = []
    errors: list[str] = []
    window.on("response", lambda response: answered.append(response.url))
    window.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    window.on("pageerror", lambda error: errors.append(str(error)))

    window.goto(f"{outputs.rest_url}/{page}")
    expect(window.get_by_role("heading", level=1).first).to_contain_text(title, timeout=30_000)
    for link in path[:-1]:
        window.get_by_role("link", name=link).first.click()
    expect(window.get_by_text(path[-1]).first).to_be_attached(timeout=30_000)

    assert {urlsplit(url).netloc for url in answered} == {urlsplit(outputs.rest_url).netloc}
    assert [error for error in errors if REFUSED not in error] == []
    window.close()


def test_the_web_client_shows_the_version_in_its_footer(browser: Browser, outputs: Outputs) -> None:
    window = browser.new_page()

    window.goto(outputs.web_url)

    expect(window.get_by_role("contentinfo")).to_contain_text(VERSION, timeout=30_000)
    window.close()
