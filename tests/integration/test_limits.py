"""Floods are refused with 429 and when to try again; nobody else pays for them, and a header helps nobody."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import pytest

from marketplace import bootstrap
from marketplace.platform.api.frame_limit import BURST, FrameLimit
from marketplace.platform.clock import utc_now
from marketplace.platform.limits import BOOKINGS, CHAT_TICKETS, GUEST_SESSIONS, GUEST_SESSIONS_OF_CALLER, UPLOADS, Limit
from marketplace.platform.settings import settings
from marketplace.platform.signing import pseudonym
from tests.events import SOURCE_ADDRESS, rest_event
from tests.integration.gateway import Reply, answer, call
from tests.integration.marketplace_scene import CUSTOMER, OTHER_CUSTOMER, Scene

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table

type Tables = Mapping[str, "Table"]


def guest_from(address: str, **headers: str) -> Reply:
    event: dict[str, Any] = rest_event("POST", "/guest-sessions", by=None, body={}, headers=headers)
    event["requestContext"]["identity"]["sourceIp"] = address
    return answer(event)


def use_up(tables: Tables, limit: Limit, who: str) -> None:
    """Let somebody have done all but one of what a limit allows."""
    taking = bootstrap.allowance(limit, who, utc_now()).taking
    tables["claims"].put_item(Item={**taking.key, "used": limit.most - 1, "expiresAtEpoch": 4_000_000_000})


def only_count(tables: Tables, prefix: str) -> Mapping[str, Any]:
    (row,) = [item for item in tables["claims"].scan()["Items"] if str(item["claimKey"]).startswith(prefix)]
    return row


def is_refused(reply: Reply, limit: Limit) -> bool:
    waiting = int(reply.headers.get("Retry-After", "0"))
    return (reply.status, reply.code) == (429, "too_many_requests") and 1 <= waiting <= limit.window.total_seconds()


def test_one_network_opens_only_so_many_guest_sessions(tables: Tables) -> None:
    taking = bootstrap.allowance(
        GUEST_SESSIONS, pseudonym(f"{SOURCE_ADDRESS}/32", bootstrap.sealing_key()), utc_now()
    ).taking
    tables["claims"].put_item(Item={**taking.key, "used": GUEST_SESSIONS.most - 2, "expiresAtEpoch": 4_000_000_000})
    assert [guest_from("203.0.113.7").status for _ in range(2)] == [201, 201]

    assert is_refused(guest_from("203.0.113.7"), GUEST_SESSIONS)
    assert is_refused(guest_from("203.0.113.7", **{"X-Forwarded-For": "198.51.100.1"}), GUEST_SESSIONS)
    assert guest_from("203.0.113.8").status == 201
    assert SOURCE_ADDRESS not in repr(tables["claims"].scan()["Items"])


def test_one_kind_of_browser_cannot_use_up_its_network(tables: Tables) -> None:
    flood, others = {"User-Agent": "flood/1.0"}, {"User-Agent": "a telephone"}
    assert guest_from(SOURCE_ADDRESS, **flood).status == 201
    for row in tables["claims"].scan()["Items"]:
        if str(row["claimKey"]).startswith(f"limit#{GUEST_SESSIONS_OF_CALLER.name}#"):
            tables["claims"].put_item(Item={**row, "used": GUEST_SESSIONS_OF_CALLER.most})

    assert is_refused(guest_from(SOURCE_ADDRESS, **flood), GUEST_SESSIONS_OF_CALLER)
    assert guest_from(SOURCE_ADDRESS, **others).status == 201
    assert only_count(tables, "limit#guest-sessions#")["used"] == 2


def test_a_household_cannot_choose_another_address_of_its_own(tables: Tables) -> None:
    assert guest_from("2001:db8:1:2::1").status == 201
    assert guest_from("2001:db8:1:2:ffff::9").status == 201
    assert only_count(tables, "limit#guest-sessions#")["used"] == 2


def test_a_customer_books_only_so_often_and_a_refusal_counts_nothing(tables: Tables) -> None:
    scene = Scene(tables)
    use_up(tables, BOOKINGS, CUSTOMER.user_id)
    scene.visit()
    scene.writes.clear()

    with pytest.raises(AssertionError, match="too_many_requests"):
        scene.visit()

    assert scene.writes == []
    assert only_count(tables, "limit#bookings#c-party")["used"] == BOOKINGS.most


def test_one_customer_s_flood_is_not_another_s(tables: Tables) -> None:
    scene = Scene(tables)
    use_up(tables, BOOKINGS, OTHER_CUSTOMER.user_id)
    scene.visit()


def test_a_person_gets_only_so_many_tickets_and_others_get_theirs(tables: Tables) -> None:
    use_up(tables, CHAT_TICKETS, CUSTOMER.user_id)
    assert call("POST", "/chat-tickets", by=CUSTOMER).status == 201
    assert is_refused(call("POST", "/chat-tickets", by=CUSTOMER), CHAT_TICKETS)
    assert call("POST", "/chat-tickets", by=OTHER_CUSTOMER).status == 201


def announce(visit_room: str, key: str) -> Reply:
    return call(
        "POST",
        "/rooms/{conversationId}/attachments",
        by=CUSTOMER,
        path={"conversationId": visit_room},
        body={"fileName": "gate.jpg", "contentType": "image/jpeg", "size": 1_000},
        headers={"Idempotency-Key": key},
    )


def test_a_caller_announces_only_so_many_files_and_repeats_are_free(tables: Tables) -> None:
    visit = Scene(tables).visit()
    use_up(tables, UPLOADS, CUSTOMER.user_id)

    assert [announce(visit.conversation_id, "one").status for _ in range(3)] == [201, 201, 201]
    assert is_refused(announce(visit.conversation_id, "two"), UPLOADS)


def test_messages_over_http_have_a_pace(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    visit = Scene(tables).visit()
    monkeypatch.setattr("functions.send_message.handler.pace", FrameLimit(now=lambda: 0.0))
    replies = [
        call(
            "POST",
            "/rooms/{conversationId}/messages",
            by=CUSTOMER,
            path={"conversationId": visit.conversation_id},
            body={"clientMessageId": "the-same", "message": "hello"},
        )
        for _ in range(BURST + 1)
    ]
    assert [reply.status for reply in replies] == [201] * BURST + [429]
    assert replies[-1].code == "too_many_requests"
    assert int(replies[-1].headers["Retry-After"]) >= 1


def test_the_template_scales_every_limit(
    tables: Tables, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    clear: Callable[[], None] = settings.cache_clear
    monkeypatch.setenv("RATE_LIMIT_SCALE", "100")
    clear()
    request.addfinalizer(clear)
    scene = Scene(tables)
    use_up(tables, BOOKINGS, CUSTOMER.user_id)
    scene.visit()
    scene.visit()
