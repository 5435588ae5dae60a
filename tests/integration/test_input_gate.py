"""Whatever somebody sends, the answer is a refusal in the contract's words, and a refusal writes nothing."""

import base64
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.handlers import all_frames, all_routes
from marketplace.platform.api.problems import STATUSES
from marketplace.platform.api.route import Route
from marketplace.platform.caller import SIGNED_IN, Caller, Role
from marketplace.platform.settings import settings as load_settings
from tests.events import Event, rest_event
from tests.integration.gateway import Reply, answer, connect, send
from tests.integration.marketplace_scene import ADMIN, CUSTOMER, QUERIES, THERAPIST, Scene, Visit, body_of
from tests.nearly_right import ANYTHING, changed

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table

type Tables = Mapping[str, "Table"]

CODES: Final = {(status.value, refusal.code) for refusal, status in STATUSES.items()}
COMMANDS: Final = [route for route in all_routes() if route.method != "GET"]
DEEP: Final = 100_000

NASTY_BODIES: Final[Mapping[str, str | bytes]] = {
    "nothing but white space": "   ",
    "a text": '"text"',
    "a list": "[]",
    "null": "null",
    "two objects": "{}{}",
    "half an object": '{"a":',
    "a comment": '{"a":1} // b',
    "not a number": '{"a":NaN}',
    "an infinity": '{"a":1e999}',
    "an integer of a thousand digits": '{"a":' + "9" * 1_000 + "}",
    "an integer of five thousand digits": '{"a":' + "9" * 5_000 + "}",
    "the same key twice": '{"message":"a","message":"b"}',
    "half a character": '{"message":"\\ud83d"}',
    "a null character": '{"message":"a\\u0000b"}',
    "a list without end": "[" * DEEP,
    "an object without end": '{"a":' * 10_000,
    "a deep object": '{"a":' * 200 + "1" + "}" * 200,
    "sixty-four kilobytes and a bit": '{"message":"' + "a" * 65_536 + '"}',
    "a byte order mark": "\ufeff{}",
    "a form": "customerName=Wayan&duration=60",
    "another prototype": '{"__proto__":{"role":"admin"},"constructor":1}',
    "no UTF-8": b'{"message":"\xff\xfe"}',
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "bytes": bytes(range(256)),
    "an overlong slash": b'{"message":"\xc0\xaf"}',
}
NASTY_IDS: Final = [
    "",
    " ",
    ".",
    "..",
    "../../etc/passwd",
    "a/b",
    "a%2Fb",
    "%00",
    "a\x00b",
    "a\nb",
    "b-" + "x" * 5_000,
    "группа",
    "\u202eb-1",
    "'; DROP TABLE bookings; --",
    "{{7*7}}",
    "$ne",
    "group#admin",
    "\ud800",
]
NASTY_QUERIES: Final = [
    {"limit": "0"},
    {"limit": "51"},
    {"limit": "-1"},
    {"limit": "1e3"},
    {"limit": "٣"},
    {"limit": "9" * 5_000},
    {"cursor": "x"},
    {"cursor": "x" * 10_000},
    {"cursor": "eyJzZXF1ZW5jZSI6MX0.c2ln"},
    {"cursor": "\x00"},
    {"status": "nonsense"},
    {"source": "bookingButton'"},
    {"from": "yesterday", "to": "tomorrow"},
    {"from": "2026-02-30", "to": "2026-03-01"},
    {"from": "9999-12-31", "to": "9999-12-31"},
    {"from": "0001-01-01", "to": "0001-01-02"},
    {"date": "2026-11-22T00:00", "duration": "60"},
    {"date": "0001-01-01", "duration": "60"},
    {"date": "9999-12-31", "duration": "120"},
    {"month": "2026-13"},
    {"month": "0000-00"},
    {"search": "\ud800"},
    {"search": "%" * 2_000},
    {"before": "-5"},
    {"after": "9" * 400},
    {"before": "1", "after": "1"},
    {"": ""},
    {"x" * 5_000: "y"},
]


def caller_for(route: Route) -> Caller | None:
    """Return a party of the visit who may call the route."""
    if route.roles is None:
        return None
    return next(caller for caller in (CUSTOMER, THERAPIST, ADMIN) if caller.role in route.roles)


def complaints(scene: Scene, route: Route, event: Event, what: str) -> Iterator[str]:
    """Send a request; complain about a fault of ours, an answer in other words, or a write after a refusal."""
    scene.writes.clear()
    reply = answer(event)
    name = f"{route.method} {route.path} with {what[:60]!r}"
    if reply.status >= 500:
        yield f"{name} is answered {reply.status}"
    elif reply.status >= 400:
        if (reply.status, reply.code) not in CODES:
            yield f"{name} is answered {reply.status} {reply.code}"
        if scene.writes:
            yield f"{name} is refused and writes {scene.writes}"
        if any(fragment in reply.text for fragment in ("Traceback", "pydantic", "botocore", "xxxx", "DROP")):
            yield f"{name} is answered with what was sent, or with our insides"


def event_for(route: Route, visit: Visit, **changes: Any) -> Event:  # noqa: ANN401 - any part of a request
    by = caller_for(route)
    parts = {"path": visit.path(route, by), "query": QUERIES.get(route.path), "body": body_of(route, visit), **changes}
    return rest_event(route.method, route.path, by=by, **parts)


def test_a_nasty_body_is_refused_and_nothing_is_written(tables: Tables) -> None:
    scene = Scene(tables)
    visit = scene.visit()
    found: list[str] = []
    for route in COMMANDS:
        for what, body in NASTY_BODIES.items():
            event = event_for(route, visit, body="")
            event["body"] = base64.b64encode(body).decode() if isinstance(body, bytes) else body
            event["isBase64Encoded"] = isinstance(body, bytes)
            scene.writes.clear()
            reply = answer(event)
            if not 400 <= reply.status < 500 or (reply.status, reply.code) not in CODES or scene.writes:
                found.append(f"{route.path} answers {what}: {reply.status} {reply.code}, writes {scene.writes}")
    assert found == []


def test_what_claims_to_be_base64_and_is_not_is_malformed(tables: Tables) -> None:
    scene = Scene(tables)
    visit = scene.visit()
    for route in COMMANDS:
        event = {**event_for(route, visit), "body": "\u00e9\u00e9", "isBase64Encoded": True}
        assert answer(event).status in {400, 413}


def test_no_id_in_a_path_is_a_fault_of_ours(tables: Tables) -> None:
    scene = Scene(tables)
    visit = scene.visit()
    found: list[str] = []
    for route in all_routes():
        for nasty in NASTY_IDS:
            names = visit.path(route, None)
            if names:
                event = event_for(route, visit, path=dict.fromkeys(names, nasty))
                found += complaints(scene, route, event, nasty)
    assert found == []


def test_no_query_is_a_fault_of_ours(tables: Tables) -> None:
    scene = Scene(tables)
    visit = scene.visit()
    found: list[str] = []
    for route in all_routes():
        if route.method == "GET":
            for nasty in NASTY_QUERIES:
                found += complaints(scene, route, event_for(route, visit, query=nasty), str(nasty))
    assert found == []


def test_a_parameter_that_nobody_knows_is_refused_at_every_door(tables: Tables) -> None:
    scene = Scene(tables)
    visit = scene.visit()
    taken: list[str] = []
    for route in all_routes():
        query = {**(QUERIES.get(route.path) or {}), "utm_source": "x"}
        event = event_for(route, visit, query=query)
        scene.writes.clear()
        reply = answer(event)
        named = [error["path"] for error in reply.body.get("errors", [])] if reply.status == 422 else []
        if "utm_source" not in named or scene.writes:
            taken.append(f"{route.method} {route.path} answers {reply.status} {named}, writes {scene.writes}")
    assert taken == []


def test_a_browser_reads_the_date_of_every_answer_and_may_name_the_version_it_saw(tables: Tables) -> None:
    visit = Scene(tables).visit()
    ours = load_settings().allowed_origins[0]
    for route in all_routes():
        event = event_for(route, visit)
        event["headers"]["Origin"] = ours
        shown = answer(event).headers["Access-Control-Expose-Headers"].lower().split(", ")
        assert {"date", "retry-after", "x-request-id"} <= set(shown)
    asked = rest_event("OPTIONS", "/{proxy+}", by=None, path={"proxy": "bookings/b-1/accept"})
    asked["headers"]["Origin"] = ours
    allowed = answer(asked).headers
    assert "if-match" in allowed["Access-Control-Allow-Headers"]
    assert {"PUT", "DELETE", "PATCH"} <= set(allowed["Access-Control-Allow-Methods"].split(", "))


def test_no_header_is_a_fault_of_ours(tables: Tables) -> None:
    scene = Scene(tables)
    visit = scene.visit()
    found: list[str] = []
    for route in all_routes():
        if route.idempotent:
            for nasty in ("", " ", "x" * 129, "x" * 10_000, "a\nb", "\u202e", "é", "\ud800"):
                headers = {"Idempotency-Key": nasty, "Origin": nasty, "Content-Type": nasty}
                event = event_for(route, visit, headers=headers)
                found += complaints(scene, route, event, nasty)
    assert found == []


def test_events_with_parts_left_out_are_answered(tables: Tables) -> None:
    scene = Scene(tables)
    visit = scene.visit()
    found: list[str] = []
    for route in all_routes():
        for part in ("headers", "pathParameters", "queryStringParameters", "body", "requestContext"):
            event = {**event_for(route, visit), part: None if part != "requestContext" else {}}
            found += complaints(scene, route, event, f"no {part}")
    assert found == []


@pytest.fixture
def scene(tables: Tables) -> Scene:
    return Scene(tables)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_no_body_near_a_right_one_is_a_fault_of_ours(scene: Scene, data: st.DataObject) -> None:
    visit = _usual_visit(scene)
    route = data.draw(st.sampled_from([route for route in COMMANDS if route.body is not None]))
    body = data.draw(changed(body_of(route, visit) or {}))
    event = event_for(route, visit, body=json.dumps(body))
    assert list(complaints(scene, route, event, "a changed body")) == []


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_no_frame_is_a_fault_of_ours(scene: Scene, data: st.DataObject) -> None:
    visit = _usual_visit(scene)
    action = data.draw(st.sampled_from([*(frame.action for frame in all_frames()), "nonsense", ""]) | ANYTHING)
    example = {"action": action, "requestId": "r", "conversationId": visit.conversation_id, "sequence": 1, "after": 0}
    frame = data.draw(changed(example) | st.text(max_size=50) | st.sampled_from(list(_TEXTS)))
    by = data.draw(st.sampled_from([CUSTOMER, THERAPIST, ADMIN]))
    connect(by)
    scene.writes.clear()

    reply = send(frame, by=by)

    if reply is not None and reply["type"] == "error":
        assert reply["code"] != "internal_error"
        assert scene.writes == []


_TEXTS: Final = [body for body in NASTY_BODIES.values() if isinstance(body, str)]


def _usual_visit(scene: Scene) -> Visit:
    """Return the one visit of a scene that many examples share."""
    if scene.usual is None:
        scene.usual = scene.visit(accepted=True)
    return scene.usual


def test_a_frame_over_the_limit_is_too_large(tables: Tables) -> None:
    visit = Scene(tables).visit()
    frame = {"action": "sync", "conversationId": visit.conversation_id, "after": 0, "padding": "x" * 33_000}
    assert send(frame, by=CUSTOMER)["code"] == "payload_too_large"
    refused = send({**frame, "requestId": "mine"}, by=CUSTOMER)
    assert (refused["code"], refused["requestId"]) == ("payload_too_large", "mine")


def test_the_system_is_nobody_who_can_sign_in(tables: Tables) -> None:
    visit = Scene(tables).visit()
    system = Caller(user_id="system", role=Role.SYSTEM)
    replies: list[Reply] = [
        answer(
            rest_event(route.method, route.path, by=system, path=visit.path(route, system), body=body_of(route, visit))
        )
        for route in all_routes()
        if route.roles is not None
    ]
    assert {reply.status for reply in replies} == {403}
    assert Role.SYSTEM not in SIGNED_IN
