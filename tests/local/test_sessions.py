"""Getting in, and being put out again: tickets, origins, signing out everywhere."""

import secrets
import time
from collections.abc import Callable

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from marketplace.identity.ticket_repository import UsedTickets
from marketplace.platform.clock import utc_now
from marketplace.platform.refusals import Unauthenticated
from tests.local.world import World, at_once
from tools.local.person import Person, expect

REVOKED_WITHIN = 5.0


def opens(world: World, ticket: str, origin: str | None = None) -> int:
    """Try to connect and return the status of the handshake."""
    url = f"{world.outputs.web_socket_url}?ticket={ticket}"
    try:
        with connect(url, origin=origin, open_timeout=30):  # type: ignore[arg-type]  # any text
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


def ticket_of(person: Person) -> str:
    return str(expect(person.post("/chat-tickets"), 201)["ticket"])


def status_within(seconds: float, wanted: int, ask: Callable[[], httpx.Response]) -> int:
    """Ask until the wanted status is answered or the time is over; return the last status."""
    deadline = time.monotonic() + seconds
    while True:
        status = ask().status_code
        if status == wanted or time.monotonic() >= deadline:
            return status
        time.sleep(0.25)


def test_of_three_connects_with_one_ticket_one_gets_in(world: World) -> None:
    ticket = ticket_of(world.guest())

    assert sorted(at_once([lambda: opens(world, ticket)] * 3)) == [101, 403, 403]


def test_of_twenty_uses_of_one_ticket_at_once_one_counts(world: World) -> None:
    tickets, ticket_id = UsedTickets(world.store()), secrets.token_hex(8)

    def is_let_in() -> bool:
        try:
            tickets.use(ticket_id, now=utc_now())
        except Unauthenticated:
            return False
        return True

    assert sum(at_once([is_let_in] * 20)) == 1


@pytest.mark.parametrize("spoil", [lambda ticket: ticket[:-2] + "xx", lambda _: "", lambda _: "a" * 5_000])
def test_a_ticket_that_was_altered_opens_nothing(world: World, spoil: Callable[[str], str]) -> None:
    assert opens(world, spoil(ticket_of(world.guest()))) in {401, 403}


def test_a_browser_connects_from_the_web_client_alone(world: World) -> None:
    customer = world.guest()
    ticket = ticket_of(customer)

    assert opens(world, ticket, origin="https://elsewhere.example") == 403
    assert opens(world, ticket, origin="null") == 403
    # The foreign page has not used the ticket up.
    assert opens(world, ticket, origin=world.outputs.web_url) == 101


def test_signing_out_everywhere_ends_tokens_tickets_and_sockets(world: World) -> None:
    customer = world.guest()
    ticket = ticket_of(customer)
    with customer.connected() as first, customer.connected() as second:
        answer = expect(customer.post("/sign-out-everywhere"), 200)

        assert answer["userId"] == customer.user_id
        assert answer["closedConnections"] == 2
        for socket in (first, second):
            with pytest.raises(ConnectionClosed):
                socket.wait_for("nothing", within=REVOKED_WITHIN)
    assert opens(world, ticket) != 101
    assert status_within(REVOKED_WITHIN + 1, 401, lambda: customer.get("/bookings")) == 401


def test_a_member_who_signs_in_again_is_in_again(world: World) -> None:
    user = world.new_user("customer")
    before = world.signed_in(user)
    expect(before.post("/sign-out-everywhere"), 200)

    after = world.signed_in(user)

    expect(after.get("/bookings"), 200)
    with after.connected() as socket:
        assert socket.ask({"action": "ping"})["type"] == "pong"


def test_signing_out_leaves_everybody_else_alone(world: World) -> None:
    customer, other = world.guest(), world.guest()
    with other.connected() as socket:
        expect(customer.post("/sign-out-everywhere"), 200)

        assert socket.ask({"action": "ping"})["type"] == "pong"
        expect(other.get("/bookings"), 200)


def test_an_admin_signs_a_guest_out(world: World) -> None:
    customer, admin = world.guest(), world.admin()
    ticket = ticket_of(customer)
    with customer.connected() as socket:
        answer = expect(admin.post(f"/admin/users/{customer.user_id}/sign-out"), 200)

        assert answer["closedConnections"] == 1
        with pytest.raises(ConnectionClosed):
            socket.wait_for("nothing", within=REVOKED_WITHIN)
    assert opens(world, ticket) != 101


def test_nobody_but_an_admin_signs_somebody_else_out(world: World) -> None:
    customer, other = world.guest(), world.guest()

    assert customer.post(f"/admin/users/{other.user_id}/sign-out").status_code == 403
    expect(other.get("/bookings"), 200)


def test_a_network_is_known_by_its_real_address(world: World) -> None:
    for number in (7, 8):
        claimed = {"x-forwarded-for": f"198.51.100.{number}"}
        assert httpx.post(f"{world.outputs.rest_url}/guest-sessions", headers=claimed, json={}).status_code == 201

    counts = world.table("claims").scan(ConsistentRead=True)["Items"]
    networks = {key for row in counts if (key := str(row["claimKey"])).startswith("limit#guest-sessions#")}
    assert len(networks) == 1
