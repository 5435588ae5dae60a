"""People who are not looking: codes, push, WhatsApp, SMS and webhooks arrive, over real HTTP, at the stand-ins."""

import http.server
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tests.local.orders import booked
from tests.local.waiting import wait_until
from tests.local.world import World
from tools.local.person import expect


def messages(world: World, **wanted: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = httpx.get(f"{world.outputs.outbox_url}/messages", params=wanted, timeout=30).json()
    return found


def fresh_number() -> str:
    return f"+62812{secrets.randbelow(10**8):08d}"


@contextmanager
def broken(world: World, kind: str, mode: str = "fail") -> Iterator[None]:
    """Let a provider misbehave."""
    address = f"{world.outputs.outbox_url}/faults/{kind}"
    httpx.put(address, json={"mode": mode}).raise_for_status()
    try:
        yield
    finally:
        httpx.put(address, json={"mode": "ok"}).raise_for_status()


def code_at(world: World, number: str, channel: str = "whatsApp") -> str:
    expect(world.stranger().post("/guest-sessions/codes", {"whatsApp": number}), 201)
    wait_until(lambda: bool(messages(world, to=number, channel=channel)))
    return str(messages(world, to=number, channel=channel)[0]["data"]["code"])


def test_a_number_is_verified_by_the_code_that_arrives_there(world: World) -> None:
    number = fresh_number()
    code = code_at(world, number)
    verified = expect(world.stranger().post("/guest-sessions/verify", {"whatsApp": number, "code": code}), 200)
    assert verified["whatsApp"] == number


def test_a_code_comes_by_sms_while_whats_app_fails(world: World) -> None:
    number = fresh_number()
    with broken(world, "whatsApp"):
        code = code_at(world, number, "sms")
    expect(world.stranger().post("/guest-sessions/verify", {"whatsApp": number, "code": code}), 200)


def test_an_offer_rings_at_once_by_push_and_its_acceptance_reaches_a_guest_on_whats_app(world: World) -> None:
    therapist, guest, number = world.therapist(), world.guest(), fresh_number()
    browser = httpx.post(f"{world.outputs.outbox_url}/push-subscriptions", json={}).json()
    expect(therapist.post("/me/push-subscriptions", browser), 201)

    booking = booked(guest, therapist.user_id, customerWhatsApp=number)["booking"]

    def is_pushed() -> bool:
        pushed = messages(world, channel="push")
        return any(each["data"]["bookingId"] == booking["bookingId"] for each in pushed)

    wait_until(is_pushed)
    with broken(world, "email", "hang"):
        expect(therapist.post(f"/bookings/{booking['bookingId']}/accept"), 200)
        wait_until(lambda: bool(messages(world, to=number, channel="whatsApp")))

    assert messages(world, to=number)[0]["template"] == "booking_confirmed"
    asked = world.admin().get("/admin/deliveries", bookingId=booking["bookingId"], channel="push")
    listed = expect(asked, 200)["items"]
    assert {"offer", "booking"} <= {each["event"] for each in listed}


@contextmanager
def listening() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Listen on a port of this machine; yield its address and what came there."""
    got: list[dict[str, Any]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            got.append({"id": self.headers["webhook-id"], **body})
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", got
    finally:
        server.shutdown()
        server.server_close()


def test_a_webhook_is_told_in_order_and_hears_nothing_private(world: World) -> None:
    admin, therapist, guest = world.admin(), world.therapist(), world.guest()
    with listening() as (url, got):
        hook = {"url": url, "events": ["booking.created", "booking.confirmed"]}
        added = expect(admin.post("/admin/webhooks", hook), 201)
        booking = booked(guest, therapist.user_id)["booking"]
        expect(therapist.post(f"/bookings/{booking['bookingId']}/accept"), 200)

        def told() -> list[dict[str, Any]]:
            return [each for each in got if each["data"]["booking"]["bookingId"] == booking["bookingId"]]

        wait_until(lambda: len(told()) >= 2)
        expect(admin.request("DELETE", f"/admin/webhooks/{added['webhookId']}"), 200)
        assert [each["type"] for each in told()[:2]] == ["booking.created", "booking.confirmed"]
        hidden = {each["data"]["booking"][name] for each in told() for name in ("customerWhatsApp", "location")}
        assert hidden == {None}
