"""Screens: real browser windows, each of one person, which notice what goes wrong in them."""

import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, final

from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Locator, Page, expect

from tests.cloudformation import ROOT
from tools.local.outputs import Outputs, User

# Everything runs on one machine, workers of the emulator start cold, and others may be busy here too.
PATIENCE_MILLISECONDS: Final = 90_000
AXE: Final = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Bells may ring without a tap, as they do in an installed app.
    "--autoplay-policy=no-user-gesture-required",
)
# Chromium reports every refused request as an error; a refusal can be what a test is about, and "busy" is tried again,
# as is a connection whose ticket came too late on a slow machine.
_REFUSALS: Final = re.compile(
    r"Failed to load resource: (the server responded with a status of (4\d\d|503)|net::ERR_INTERNET_DISCONNECTED)"
    r"|WebSocket connection to '.*' failed: Error during WebSocket handshake: Unexpected response code: (403|429|503)"
)

expect.set_options(timeout=PATIENCE_MILLISECONDS)


def chromium() -> Path:
    """Return the browser of this machine."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    assert found, "the tests of the web client need chromium"
    return Path(found)


@final
@dataclass
class Screen:
    """One window of one person."""

    outputs: Outputs
    context: BrowserContext
    page: Page
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Listen for errors."""
        self.page.set_default_timeout(PATIENCE_MILLISECONDS)
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("dialog", self._asked)

    def open(self, path: str = "/") -> "Screen":
        """Go to a page of the client."""
        self.page.goto(f"{self.outputs.web_url}{path}")
        return self

    def sign_in(self, user: User, path: str) -> "Screen":
        """Sign in on the page that asks for it."""
        self.open(path)
        self.page.get_by_label("User name").fill(user.username)
        self.page.get_by_label("Password").fill(user.password)
        self.button("Sign in").click()
        expect(self.button("Sign out")).to_be_visible()
        return self

    def button(self, name: str | re.Pattern[str]) -> Locator:
        """Return the button of this name."""
        return self.page.get_by_role("button", name=name, exact=isinstance(name, str))

    def message(self, text: str) -> Locator:
        """Return the message in the chat that says this."""
        return self.page.locator("[data-in-memory]").locator("[data-sequence]").filter(has_text=text)

    def write(self, text: str) -> None:
        """Write a message into the open chat."""
        self.page.get_by_label("Write a message").fill(text)
        self.page.get_by_label("Write a message").press("Enter")

    def status(self) -> Locator:
        """Return the status badge of the open chat."""
        return self.page.locator(".chat-header .badge")

    def expect_no_errors(self) -> None:
        """Fail if the window's console has complained."""
        assert self.errors == []

    def serious_findings(self) -> list[str]:
        """Return what axe finds serious or critical on the page as it is."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        findings = self.page.evaluate("axe.run({ resultTypes: ['violations'] })")
        return [
            f"{finding['id']}: {finding['help']} ({finding['nodes'][0]['html'][:120]})"
            for finding in findings["violations"]
            if finding["impact"] in {"serious", "critical"}
        ]

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not _REFUSALS.match(message.text):
            self.errors.append(message.text)

    def _asked(self, dialog: Dialog) -> None:
        self.errors.append(f"the browser asked: {dialog.message}")
        dialog.dismiss()
