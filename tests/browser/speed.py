"""Measures first visits on a slow telephone, as Lighthouse would: python -m tests.browser.speed [outputs file]."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, final

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.screens import FLAGS, Screen, chromium
from tools.local.outputs import Outputs, read_outputs

# Lighthouse's telephone: 150 ms there and back, 1.6 Mbit/s down, 750 kbit/s up, a processor four times as slow.
LATENCY_MILLISECONDS: Final = 150
DOWN_BYTES_PER_SECOND: Final = 1_600_000 / 8
UP_BYTES_PER_SECOND: Final = 750_000 / 8
CPU_SLOWDOWN: Final = 4
TELEPHONE: Final = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "locale": "en-GB"}
ROUNDS: Final = 3

# First and largest contentful paint, blocking time (what each task takes beyond 50 ms) and shifts of the layout.
_OBSERVER: Final = """
    window.__speed = { first: 0, largest: 0, blocked: 0, shifted: 0 };
    const watch = (type, note) =>
        new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true });
    watch("paint", (entry) => { if (entry.name === "first-contentful-paint") __speed.first = entry.startTime; });
    watch("largest-contentful-paint", (entry) => { __speed.largest = entry.startTime; });
    watch("longtask", (entry) => { __speed.blocked += Math.max(0, entry.duration - 50); });
    watch("layout-shift", (entry) => { if (!entry.hadRecentInput) __speed.shifted += entry.value; });
"""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One first visit: paints and blocking time in milliseconds, bytes as they came over the wire."""

    first_paint: float
    largest_paint: float
    blocked: float
    shifted: float
    transferred: int


def measure(context: BrowserContext, url: str) -> Visit:
    """Open a page with an empty cache on the slow telephone, and wait until it stands."""
    page = context.new_page()
    slow_down(context, page)
    page.add_init_script(_OBSERVER)
    page.goto(url)
    expect(page.get_by_role("heading", level=1).first).to_be_visible(timeout=90_000)
    expect(page.locator(".skeleton")).to_have_count(0, timeout=90_000)
    page.wait_for_load_state("networkidle")
    seen: dict[str, float] = page.evaluate("__speed")
    sizes: list[int] = page.evaluate(
        "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
        ".map((entry) => entry.transferSize ?? 0)"
    )
    page.close()
    return Visit(
        first_paint=seen["first"],
        largest_paint=seen["largest"],
        blocked=seen["blocked"],
        shifted=seen["shifted"],
        transferred=sum(sizes),
    )


def slow_down(context: BrowserContext, page: Page) -> None:
    """Give a page the network and the processor of a cheap telephone."""
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    session.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": LATENCY_MILLISECONDS,
            "downloadThroughput": DOWN_BYTES_PER_SECOND,
            "uploadThroughput": UP_BYTES_PER_SECOND,
        },
    )
    session.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWDOWN})


def signed_in(browser: Browser, outputs: Outputs, user_id: str, path: str) -> Any:  # noqa: ANN401 - Playwright's own shape
    """Return what a browser keeps of somebody who has signed in."""
    context = browser.new_context(**TELEPHONE, service_workers="block")  # type: ignore[arg-type]  # options of Playwright
    Screen(outputs, context, context.new_page()).sign_in(outputs.users[user_id], path)
    kept = context.storage_state()
    context.close()
    return kept


def main() -> None:
    """Print the middle of three first visits of every role."""
    outputs = read_outputs(Path(sys.argv[1] if len(sys.argv) > 1 else ".local/outputs.json"))
    print(f"{'page':<12}{'first paint':>12}{'largest':>10}{'blocked':>10}{'shift':>8}{'KB':>8}")  # noqa: T201 - it is what is asked for
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        pages = [
            ("/", None),
            ("/t/t-ayu", None),
            ("/desk", signed_in(browser, outputs, "t-ayu", "/desk")),
            ("/admin", signed_in(browser, outputs, "a-admin", "/admin")),
        ]
        for path, state in pages:
            visits = []
            for _ in range(ROUNDS):
                options: dict[str, Any] = {**TELEPHONE, "service_workers": "block", "storage_state": state}
                context = browser.new_context(**options)
                visits.append(measure(context, f"{outputs.web_url}{path}"))
                context.close()
            middle = sorted(visits, key=lambda visit: visit.largest_paint)[ROUNDS // 2]
            print(  # noqa: T201
                f"{path:<12}{middle.first_paint:>9.0f} ms{middle.largest_paint:>7.0f} ms{middle.blocked:>7.0f} ms"
                f"{middle.shifted:>8.3f}{middle.transferred / 1024:>8.0f}"
            )
        browser.close()


if __name__ == "__main__":
    main()
