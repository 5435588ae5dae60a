"""What every role downloads before its first page stands (F100), from where, and under which policy."""

from typing import Final
from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import NewScreen
from tests.browser.loading import first_load
from tests.browser.screens import Screen
from tests.local.world import World
from tools.local.outputs import User

FIRST_LOAD_BYTES: Final = 200 * 1024
# What Google calls good is 0.1.
LAYOUT_SHIFT: Final = 0.1


@pytest.mark.parametrize("role", ["customer", "therapist", "admin"])
def test_a_first_load_is_light_and_steady_and_asks_nobody_else(
    new_screen: NewScreen, world: World, therapist: User, role: str
) -> None:
    match role:
        case "customer":
            screen, path = new_screen(service_workers="block", viewport={"width": 390, "height": 844}), "/"
        case "therapist":
            screen, path = remembered(new_screen, therapist, "/desk"), "/desk"
        case _:
            screen, path = remembered(new_screen, world.outputs.users["a-admin"], "/admin"), "/admin"
    load = first_load(screen, path)
    assert 0 < load.client_bytes <= FIRST_LOAD_BYTES
    assert load.layout_shift <= LAYOUT_SHIFT
    assert load.origins <= {origin(world.outputs.web_url), origin(world.outputs.rest_url)}


def test_the_content_security_policy_lets_no_foreign_script_in(new_screen: NewScreen) -> None:
    visitor = new_screen(service_workers="block")
    policy = first_load(visitor, "/").headers["content-security-policy"]
    assert policy.startswith("default-src 'self'")
    assert "unsafe" not in policy
    refused = visitor.page.evaluate(
        """new Promise((resolve) => {
            document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective));
            const script = document.createElement("script");
            script.textContent = "window.foreign = true";
            document.head.append(script);
        })"""
    )
    assert refused.startswith("script-src")
    assert visitor.page.evaluate("window.foreign") is None
    # That the browser complains is what the test asked for.
    visitor.errors.clear()


def remembered(new_screen: NewScreen, user: User, path: str) -> Screen:
    """Open a window that keeps nothing of an earlier visit but the sign-in."""
    earlier = new_screen(service_workers="block").sign_in(user, path)
    return new_screen(service_workers="block", storage_state=earlier.context.storage_state())


def origin(url: str) -> str:
    """Return the origin of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
