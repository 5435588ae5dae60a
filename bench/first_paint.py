"""How soon the first page of each role stands in a real browser, with an empty cache, on the running system.

    python -m bench.first_paint --outputs .local/outputs.json --visits 5

Needs chromium. Prints the client's bytes (gzip), the median of the largest contentful paint, and the greatest layout
shift.
"""

import statistics
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, sync_playwright

from tests.browser.loading import Load, first_load
from tests.browser.screens import FLAGS, Screen, chromium
from tools.command_line import OneLineParser
from tools.local.outputs import Outputs, read_outputs

ROLES: Final = {"customer": ("", "/"), "therapist": ("t-ayu", "/desk"), "admin": ("a-admin", "/admin")}


def visits(browser: Browser, outputs: Outputs, user_id: str, path: str, number: int) -> list[Load]:
    """Return so many first visits of a role; the browser keeps nothing from one to the next but the sign-in."""
    kept = None
    if user_id:
        context = browser.new_context(locale="en-GB")
        kept = (
            Screen(outputs, context, context.new_page()).sign_in(outputs.users[user_id], path).context.storage_state()
        )
        context.close()
    loads = []
    for _ in range(number):
        context = browser.new_context(locale="en-GB", storage_state=kept, service_workers="block")
        loads.append(first_load(Screen(outputs, context, context.new_page()), path))
        context.close()
    return loads


def main() -> None:
    """Print a line for each role."""
    parser = OneLineParser(description=__doc__)
    parser.add_argument("--outputs", type=Path, default=Path(".local/outputs.json"))
    parser.add_argument("--visits", type=int, default=5)
    chosen = parser.parse_args()
    outputs = read_outputs(chosen.outputs)
    with sync_playwright() as playwright, ExitStack() as closing:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        closing.callback(browser.close)
        print(f"{'role':10} {'KB gzip':>8} {'paint ms':>9} {'shift':>6}")
        for role, (user_id, path) in ROLES.items():
            loads = visits(browser, outputs, user_id, path, chosen.visits)
            paint = statistics.median(load.largest_paint_milliseconds for load in loads)
            shift = max(load.layout_shift for load in loads)
            print(f"{role:10} {loads[0].client_bytes / 1024:8.1f} {paint:9.0f} {shift:6.3f}")


if __name__ == "__main__":
    main()
