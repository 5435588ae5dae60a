"""What a first visit to a page costs: bytes on the wire, where they come from, and how much the page jumps about."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, final
from urllib.parse import urlsplit

from playwright.sync_api import Page, Response, expect

from tests.browser.screens import Screen
from tools.local.web_client import PHOTOS

# Largest contentful paint and layout shifts, as the browser itself measures them.
_OBSERVER: Final = """
    window.__painted = 0;
    window.__shifted = 0;
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) window.__painted = Math.max(window.__painted, entry.startTime);
    }).observe({ type: "largest-contentful-paint", buffered: true });
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.__shifted += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
"""
_PACKED: Final = {"font/woff2", "image/png"}


@final
@dataclass(frozen=True, kw_only=True)
class Load:
    """One first visit, with an empty cache."""

    # Of the client's own files, as CloudFront would send them: gzip, but for what is packed already; people's photos
    # are content, and come after the page.
    client_bytes: int
    origins: frozenset[str]
    headers: Mapping[str, str]
    largest_paint_milliseconds: float
    layout_shift: float


def first_load(screen: Screen, path: str) -> Load:
    """Open a page, wait until nothing loads any more, and tell what it cost."""
    answers: list[Response] = []
    screen.page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - Playwright marks what it calls
    screen.page.add_init_script(_OBSERVER)
    screen.open(path)
    _settle(screen.page)
    measured: Mapping[str, Any] = screen.page.evaluate("({ painted: __painted, shifted: __shifted })")
    own = [each for each in answers if each.url.startswith(screen.outputs.web_url) and not _is_kept_for_later(each)]
    # What was asked for ahead comes over the wire once, however often it is used.
    files = {each.url: each for each in own if not urlsplit(each.url).path.startswith(PHOTOS)}
    return Load(
        client_bytes=sum(_weight(each) for each in files.values()),
        origins=frozenset(f"{urlsplit(each.url).scheme}://{urlsplit(each.url).netloc}" for each in answers),
        headers=own[0].headers,
        largest_paint_milliseconds=measured["painted"],
        layout_shift=measured["shifted"],
    )


def _settle(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".skeleton")).to_have_count(0)
    page.wait_for_load_state("networkidle")


def _is_kept_for_later(response: Response) -> bool:
    """Tell whether the service worker fetches it for the next start without a network, behind the page's back."""
    return response.request.service_worker is not None


def _weight(response: Response) -> int:
    content = response.body() if response.ok else b""
    packed = response.headers.get("content-type", "").split(";")[0] in _PACKED
    return len(content) if packed else len(gzip.compress(content, 9))
