"""Tests of the web client in a real browser, against the deployed stack: they make people and bookings of their own."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, Final, Protocol

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.screens import FLAGS, Screen, chromium
from tests.local.world import World
from tools.local.outputs import Outputs, User

UBUD: Final = {"latitude": -8.50692, "longitude": 115.26248}


class NewScreen(Protocol):
    """Opens a window for somebody; differing options are those of a browser context."""

    def __call__(self, **differing: Any) -> Screen: ...  # noqa: ANN401 - options of Playwright


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        yield running
        running.close()


@pytest.fixture
def world(outputs: Outputs) -> Iterator[World]:
    with ExitStack() as closing:
        yield World(outputs, closing)


@pytest.fixture
def new_screen(browser: Browser, outputs: Outputs) -> Iterator[NewScreen]:
    """Each call opens a window of its own; afterwards none of them may have had an error."""
    screens: list[Screen] = []

    def opened(**differing: Any) -> Screen:  # noqa: ANN401 - options of Playwright
        options: dict[str, Any] = {
            "locale": "en-GB",
            "viewport": {"width": 1280, "height": 860},
            "permissions": ["geolocation"],
            "geolocation": UBUD,
            **differing,
        }
        context = browser.new_context(**options)
        screens.append(Screen(outputs, context, context.new_page()))
        return screens[-1]

    yield opened
    errors = [error for screen in screens for error in screen.errors]
    for screen in screens:
        screen.context.close()
    assert errors == []


@pytest.fixture
def therapist(world: World) -> User:
    """A new therapist of the test's own, like t-ayu, who can sign in."""
    return new_therapist(world)


def new_therapist(world: World, **differing: Any) -> User:  # noqa: ANN401 - any attribute of a therapist
    """Add a therapist who can sign in and whose name no other has."""
    created = world.unattended_therapist(**differing)
    return world.new_user("therapist", created.therapist_id)
