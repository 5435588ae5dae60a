"""Who may do what: every route and frame of the one table, for every kind of caller."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import pytest

from contracts.handlers import all_frames, all_routes, frames_by_function, routes_by_function
from marketplace.platform import settings
from marketplace.platform.api.route import Route
from marketplace.platform.caller import Caller, Role
from tests.integration.gateway import connect, frame_functions, rest_functions, send
from tests.integration.marketplace_scene import (
    CALLERS,
    CUSTOMER,
    SAME_NAME_OTHER_HAT,
    THERAPIST,
    Scene,
    Visit,
    call_route,
)

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table

type Tables = Mapping[str, "Table"]

OWNED = ("{bookingId}", "{conversationId}", "{attachmentId}", "{notificationId}", "{paymentId}", "{documentId}")
"""Path parameters that lead to something of somebody's."""
_OF_THE_PROVIDER = "/payment-events/{provider}"
"""Open to all, for who calls is known by a token of its own."""
_NAMES_A_BOOKING = "/reports"
"""Leads to the visit by what its body names."""
_NOT_THERE = ("/docs/redoc.js", "/me/invoices/{number}", "/me/reviews/{bookingId}/reply", "{attachmentId}")
"""What the scene has none of: the renderer that a build fetches, an invoice, a review, an uploaded file."""
FRAME_ROLES = {frame.action: frame.roles for frame in all_frames()}
FRAMES: Mapping[str, Mapping[str, object]] = {
    "sendMessage": {"clientMessageId": "m-1", "message": "hello"},
    "editMessage": {"sequence": 0, "message": "hello again"},
    "deleteMessage": {"sequence": 0},
    "markRead": {"sequence": 1},
    "typing": {},
    "sync": {"after": 0},
    "openRoom": {},
    "closeRoom": {},
}


def expected_refusal(route: Route, caller: Caller | None) -> tuple[int, str] | None:
    """Return how the contract refuses a caller at a route that leads to the visit; nothing if it does not."""
    if route.roles is None:
        return None
    if caller is None:
        return 401, "unauthenticated"
    if caller.role not in route.roles:
        return 403, "forbidden"
    leads_to_something_of_somebody_s = (
        any(parameter in route.path for parameter in OWNED) or route.path == _NAMES_A_BOOKING
    )
    if leads_to_something_of_somebody_s and not is_concerned(caller, route):
        return 404, "not_found"
    return None


def is_concerned(caller: Caller, route: Route) -> bool:
    """Say whether the visit is any business of the caller's: its parties', and an admin's but for mail of others."""
    if caller.role is Role.ADMIN:
        return "{notificationId}" not in route.path
    return caller in (CUSTOMER, THERAPIST)


def name_of(route: Route) -> str:
    return f"{route.method} {route.path}"


def differences(scene: Scene, visit: Visit) -> Iterator[str]:
    for route in all_routes():
        for who, caller in CALLERS.items():
            expected = expected_refusal(route, caller)
            if expected is None:
                continue
            scene.writes.clear()
            reply = call_route(route, visit, caller)
            if (reply.status, reply.code) != expected:
                yield f"{name_of(route)} answers {who} {reply.status} {reply.code}, not {expected}"
            if scene.writes:
                yield f"{name_of(route)} refuses {who} and writes nonetheless"


def test_whoever_may_not_is_refused_as_the_contract_says_and_nothing_is_written(tables: Tables) -> None:
    scene = Scene(tables)
    assert list(differences(scene, scene.visit(accepted=True))) == []


def turn(route: Route) -> int:
    """Return when a route has its turn: profiles and policies may end new visits, a block its room."""
    if route.path.endswith("/block") or (route.method, route.path) == ("POST", "/admin/policies"):
        return 3
    return {"PATCH": 1, "DELETE": 2}.get(route.method, 0)


def test_whoever_may_is_let_through(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RATE_LIMIT_SCALE", "100")  # each route that changes a visit has one of its own
    settings.settings.cache_clear()
    scene = Scene(tables)
    usual, shut_out = scene.visit(accepted=True), []
    for route in sorted(all_routes(), key=turn):
        if route.path == _OF_THE_PROVIDER:
            continue
        for who, caller in CALLERS.items():
            if expected_refusal(route, caller) is None:
                changes_the_visit = route.method == "POST" and "{bookingId}" in route.path
                visit = scene.visit(accepted="commission" in route.path) if changes_the_visit else usual
                reply = call_route(route, visit, caller)
                has_own = caller != SAME_NAME_OTHER_HAT and not any(part in route.path for part in _NOT_THERE)
                if reply.status in {401, 403, 500} or (reply.status == 404 and has_own):
                    shut_out.append(f"{name_of(route)} answers {who} {reply.status} {reply.code}")
    assert not shut_out, "\n".join(shut_out)


def expected_frame_refusal(action: str, caller: Caller | None) -> str | None:
    """Return the code with which a frame about the visit's room is refused, if it is."""
    if caller is None:
        return "unauthenticated"
    if caller.role not in FRAME_ROLES[action]:
        return "forbidden"
    return None if caller.role is Role.ADMIN or caller in (CUSTOMER, THERAPIST) else "not_found"


def frame_differences(scene: Scene, visit: Visit) -> Iterator[str]:
    for action, fields in FRAMES.items():
        for who, caller in CALLERS.items():
            if caller is not None:
                connect(caller)
            frame: dict[str, object] = {"action": action, "conversationId": visit.conversation_id, **fields}
            if fields.get("sequence") == 0:
                frame["sequence"] = visit.own_message(caller)
            if "clientMessageId" in fields:
                frame["clientMessageId"] = who
            scene.writes.clear()
            reply = send({**frame, "requestId": "r"}, by=caller)
            code = reply.get("code") if reply and reply["type"] == "error" else None
            expected = expected_frame_refusal(action, caller)
            if expected is not None and scene.writes:
                yield f"{action} refuses {who} and writes nonetheless"
            if code != expected:
                yield f"{action} answers {who} {code}, not {expected}"


def test_a_frame_reaches_whom_the_table_names_and_a_room_its_parties(tables: Tables) -> None:
    scene = Scene(tables)
    assert list(frame_differences(scene, scene.visit(accepted=True))) == []


def test_a_planted_leak_is_seen(tables: Tables) -> None:
    scene = Scene(tables)
    visit = scene.visit(accepted=True)
    tables["bookings"].update_item(
        Key={"bookingId": visit.booking_id},
        UpdateExpression="SET customerId = :stranger",
        ExpressionAttributeValues={":stranger": "c-stranger"},
    )
    assert "GET /bookings/{bookingId} answers another customer 200 None, not (404, 'not_found')" in set(
        differences(scene, visit)
    )


def test_every_function_declares_what_the_template_sends_it_and_nothing_else() -> None:
    declared = [(route.key, name) for name, routes in routes_by_function().items() for route in routes]
    sent = {key: name for key, name in rest_functions().items() if key != ("OPTIONS", "/{proxy+}")}
    assert sorted(declared) == sorted(sent.items())


def test_every_frame_is_answered_by_the_function_that_the_template_sends_it_to() -> None:
    declared = [(frame.action, name) for name, frames in frames_by_function().items() for frame in frames]
    assert len(dict(declared)) == len(declared)
    for action, name in declared:
        assert (frame_functions().get(action) or frame_functions()["$default"]) == name
