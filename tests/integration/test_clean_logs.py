"""Logs speak of ids, never of people: canaries go everywhere a person's words go, and none comes out there."""

import io
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from copy import replace
from typing import TYPE_CHECKING, Final

import pytest

from contracts.handlers import all_routes
from marketplace import bootstrap
from marketplace.booking.model import BookingStatus
from marketplace.platform.aws.sockets import Sockets
from marketplace.platform.caller import Caller, Role
from marketplace.platform.clock import utc_now
from marketplace.platform.runtime.observability import logger
from tests.events import rest_event
from tests.integration.gateway import answer, call, connect, send
from tests.integration.marketplace_scene import (
    ACCOUNT,
    ADDRESS,
    ADMIN,
    CALLERS,
    CUSTOMER,
    NAME,
    NUMBER,
    THERAPIST,
    Scene,
    call_route,
)
from tests.offers import OFFER

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table

type Tables = Mapping[str, "Table"]
type Written = Callable[[], str]

WORDS: Final = "canary-words-kunci-di-pot"
CANARIES: Final = (NAME, NUMBER, NUMBER.removeprefix("+62"), ADDRESS, ACCOUNT, WORDS, "eyJ")


@pytest.fixture
def written(aws: Mapping[str, str], capfd: pytest.CaptureFixture[str]) -> Iterator[Written]:
    """Everything that has been logged or printed since, when called."""
    log, stream = logger(), io.StringIO()
    handler, level = log.registered_handler, log.log_level
    assert isinstance(handler, logging.StreamHandler)
    # Not by setStream(), which flushes a stream that pytest may have closed with an earlier test.
    before, handler.stream = handler.stream, stream
    # Whoever made the logger of this process may have wanted silence; here the functions speak as they are deployed.
    log.setLevel(aws["POWERTOOLS_LOG_LEVEL"])
    yield lambda: stream.getvalue() + "".join(capfd.readouterr())
    log.setLevel(level)
    handler.stream = before


def test_whoever_is_shown_somebodys_number_leaves_a_line_of_ids(tables: Tables, written: Written) -> None:
    visit = Scene(tables).visit(accepted=True)
    path = {"bookingId": visit.booking_id}
    for caller in (THERAPIST, ADMIN, CUSTOMER):
        answer(rest_event("GET", "/bookings/{bookingId}", by=caller, path=path))

    lines = [json.loads(line) for line in written().splitlines() if '"contact shown"' in line]
    told = [(line["user_id"], line["booking_ids"]) for line in lines][-2:]
    assert told == [(THERAPIST.user_id, [visit.booking_id]), (ADMIN.user_id, [visit.booking_id])]


def test_an_event_that_brings_a_number_leaves_a_line_too(
    tables: Tables, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    del tables
    now = utc_now()
    for caller in (Caller(user_id=OFFER.therapist_id, role=Role.THERAPIST), ADMIN):
        bootstrap.connections().add(caller, f"connection-{caller.user_id}", now=now)
    monkeypatch.setattr(Sockets, "push", lambda _, frames, forget: len(list(frames)) + (not forget))

    bootstrap.delivery().booking(OFFER, "created", now)
    told_of_the_offer = [line for line in written().splitlines() if '"contact shown"' in line]
    bootstrap.delivery().booking(replace(OFFER, status=BookingStatus.CONFIRMED), "confirmed", now)

    lines = [json.loads(line) for line in written().splitlines() if '"contact shown"' in line]
    assert [json.loads(line)["user_id"] for line in told_of_the_offer] == [ADMIN.user_id]
    assert sorted(line["user_id"] for line in lines) == sorted([ADMIN.user_id, ADMIN.user_id, OFFER.therapist_id])


def test_no_log_of_a_whole_story_names_a_person(tables: Tables, written: Written) -> None:
    scene = Scene(tables)
    visit = scene.visit(accepted=True)
    connect(CUSTOMER)
    send(
        {"action": "sendMessage", "conversationId": visit.conversation_id, "clientMessageId": WORDS, "message": WORDS},
        by=CUSTOMER,
    )
    for route in all_routes():
        for caller in CALLERS.values():
            if route.method == "GET":
                call_route(route, visit, caller)
        # Refused as it is, with a canary where the reader of errors would love to see it.
        wrong = {"customerName": [NAME], "customerWhatsApp": NUMBER + "x", WORDS: WORDS, "message": {WORDS: 1}}
        answer(rest_event(route.method, route.path, by=CUSTOMER, path=visit.path(route, CUSTOMER), body=wrong))
        answer(rest_event(route.method, route.path, by=ADMIN, path=dict.fromkeys(visit.path(route, ADMIN), "unknown")))
    send('{"action":"' + WORDS + '"}', by=CUSTOMER)
    send({"action": "sync", "requestId": WORDS, "conversationId": WORDS, "after": WORDS}, by=CUSTOMER)

    lines = written()

    assert "sessions ended" in lines
    assert [canary for canary in CANARIES if canary in lines] == []


def test_a_fault_of_ours_is_logged_without_its_text(
    tables: Tables, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = Scene(tables).visit()

    def break_down(*_: object, **__: object) -> None:
        message = f"cannot read {NAME} {NUMBER}"
        raise RuntimeError(message)

    for reading in ("load", "view"):
        monkeypatch.setattr(bootstrap.rooms(), reading, break_down)
    path = {"conversationId": visit.conversation_id}
    assert call("GET", "/rooms/{conversationId}", by=THERAPIST, path=path).status == 500
    connect(THERAPIST)
    send({"action": "typing", "conversationId": visit.conversation_id}, by=THERAPIST)

    lines = written()

    assert "RuntimeError" in lines
    assert NAME not in lines
    assert NUMBER not in lines


def test_a_row_that_cannot_be_read_is_named_by_its_key_alone(tables: Tables, written: Written) -> None:
    visit = Scene(tables).visit()
    tables["bookings"].update_item(
        Key={"bookingId": visit.booking_id},
        UpdateExpression="SET #duration = :wrong",
        ExpressionAttributeNames={"#duration": "duration"},
        ExpressionAttributeValues={":wrong": NAME},
    )
    for route in all_routes():
        if route.method == "GET":
            call_route(route, visit, ADMIN)

    lines = written()

    assert visit.booking_id in lines
    assert [canary for canary in CANARIES if canary in lines] == []
    assert all(json.loads(line) for line in lines.splitlines() if line.startswith("{"))
