"""Signing in from the invitation on: a first password, a second step, a forgotten password."""

import base64
import hashlib
import hmac
import secrets
import struct
import time
from typing import Any

import httpx
from playwright.sync_api import Route, expect

from tests.browser.conftest import NewScreen
from tests.browser.screens import Screen
from tests.local.waiting import wait_until
from tests.local.world import World
from tools.local.person import expect as expect_status


def mailed(world: World, address: str, name: str) -> str:
    """Return a value that was mailed to an address, from the newest mail that has one, once there is one."""
    values: list[str] = []

    def has_come() -> bool:
        mails: list[dict[str, Any]] = httpx.get(
            f"{world.outputs.outbox_url}/messages", params={"to": address}, timeout=60
        ).json()
        values.extend(str(mail["data"][name]) for mail in mails if name in (mail["data"] or {}))
        return bool(values)

    wait_until(has_come)
    return values[0]


def digits_of(secret: str) -> str:
    """Return what an authenticator shows now (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    mac = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    start = mac[-1] & 0x0F
    return f"{(struct.unpack('>I', mac[start : start + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


def enter(screen: Screen, user_id: str, password: str) -> None:
    """Fill in the sign-in form and send it."""
    screen.page.get_by_label("User name").fill(user_id)
    screen.page.get_by_label("Password", exact=True).fill(password)
    screen.button("Sign in").click()


def test_an_invited_member_chooses_a_password_sets_up_a_second_step_and_recovers(
    new_screen: NewScreen, world: World
) -> None:
    user_id = f"a-{secrets.token_hex(6)}"
    email = f"{user_id}@example.com"
    chosen, other = (f"correct horse battery {secrets.token_hex(4)}" for _ in range(2))
    member = {"userId": user_id, "name": "Sari", "email": email, "duties": ["support"]}
    expect_status(world.admin().post("/admin/staff", member), 201)
    screen = new_screen(viewport={"width": 390, "height": 844}).open("/admin")

    enter(screen, user_id, mailed(world, email, "temporaryPassword"))
    screen.page.get_by_label("New password").fill("too short")
    screen.button("Sign in").click()
    expect(screen.page.get_by_text("The password needs at least 12 characters.")).to_be_visible()
    screen.page.get_by_label("New password").fill(chosen)
    screen.button("Sign in").click()
    screen.page.get_by_role("link", name="Sign-in and security").click()

    screen.button("Set up").click()
    secret = str(screen.page.locator(".secret").text_content()).replace(" ", "")
    expect(screen.page.get_by_role("img", name="QR code for your authenticator app")).to_be_visible()
    assert screen.serious_findings() == []
    screen.page.get_by_label("Code from your authenticator app").fill("000000")
    screen.button("Turn on").click()
    expect(screen.page.get_by_text("This code is not right.")).to_be_visible()
    screen.page.get_by_label("Code from your authenticator app").fill(digits_of(secret))
    screen.button("Turn on").click()
    expect(screen.page.get_by_text("Two-step sign-in is on.").first).to_be_visible()

    screen.page.get_by_role("link", name="Back to work").click()
    screen.button("Sign out").click()
    screen.button("Forgotten your password?").click()
    screen.page.get_by_label("User name").fill(user_id)
    screen.button("Send me a code").click()
    screen.page.get_by_label("Code from the mail").fill(mailed(world, email, "code"))
    screen.page.get_by_label("New password").fill(other)
    screen.button("Set new password").click()
    expect(screen.page.get_by_text("Your new password is set.")).to_be_visible()

    enter(screen, user_id, other)
    screen.page.get_by_label("Code from your authenticator app").fill(digits_of(secret))
    screen.button("Sign in").click()
    expect(screen.button("Sign out")).to_be_visible()


def test_who_lacks_a_second_step_is_led_to_where_it_is_set_up(new_screen: NewScreen, world: World) -> None:
    admin = new_screen()

    def refuse(route: Route) -> None:
        headers = {"access-control-allow-origin": "*", "content-type": "application/problem+json"}
        route.fulfill(status=403, body='{"code": "mfa_required", "status": 403}', headers=headers)

    admin.page.route("**/admin/bookings*", refuse)
    user = world.outputs.users["a-admin"]
    admin.open("/admin")
    enter(admin, user.username, user.password)
    expect(admin.page.get_by_text("The administration asks for two-step sign-in.")).to_be_visible()
    expect(admin.button("Set up")).to_be_visible()
