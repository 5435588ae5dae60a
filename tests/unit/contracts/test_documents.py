"""The generated documents: complete, fresh, and true to the models."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from pydantic import TypeAdapter

from contracts import generate
from contracts.asyncapi import EVENTS, asyncapi_document
from contracts.examples import ANSWERED, ANSWERS, BODIES
from contracts.handlers import all_frames, all_routes, route_of
from contracts.openapi import TAGS, openapi_document, refusals_of
from contracts.schemas import component_name
from marketplace.booking.responses.booking import BookingView
from marketplace.catalogue.responses import ListedTherapist
from marketplace.chat.responses import MessageView, RoomView
from marketplace.commission.responses import CommissionView
from marketplace.platform.refusals import Forbidden, IdempotencyKeyReused, NotFound, Unauthenticated
from tests.local.described import complaints_about

ROUTES = all_routes()
RESPONSES = {
    component_name(response): response
    for response in [*(route.response for route in ROUTES), *(frame.response for frame in all_frames())]
    if response is not None
}
OPENAPI = openapi_document()
ASYNCAPI = asyncapi_document()


def _references(node: Any) -> Iterator[str]:  # noqa: ANN401 - a JSON value of any depth
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for child in node.values():
            yield from _references(child)
    elif isinstance(node, list | tuple):
        for child in node:
            yield from _references(child)


def test_the_documents_in_the_repository_are_fresh() -> None:
    assert generate.stale_documents() == []


def test_a_stale_document_fails_the_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate, "openapi_document", lambda: OPENAPI)  # as it was made above
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    monkeypatch.setattr(generate, "READABLE", tmp_path / "docs")
    monkeypatch.setattr(generate, "SERVED", tmp_path / "served")
    assert generate.main(["--check"]) == 1
    assert generate.main([]) == 0
    assert generate.main(["--check"]) == 0
    (tmp_path / "docs" / "openapi.json").write_text("{}")
    assert generate.main(["--check"]) == 1


def test_every_route_and_no_other_is_described() -> None:
    described = {(method.upper(), path) for path, item in OPENAPI["paths"].items() for method in item}
    assert described == {route.key for route in ROUTES}


def test_every_frame_and_event_is_described() -> None:
    actions = {frame.action for frame in all_frames()}
    assert set(ASYNCAPI["operations"]) == {*actions, *(f"on{event.__name__}" for event in EVENTS)}


def test_operations_have_names_of_their_own_and_known_tags() -> None:
    names = [route.operation_id for route in ROUTES]
    assert len(set(names)) == len(names)
    assert {route.tag for route in ROUTES} == set(TAGS)


@pytest.mark.parametrize("document", [OPENAPI, ASYNCAPI], ids=["openapi", "asyncapi"])
def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for reference in set(_references(document)):
        node = document
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]


@pytest.mark.parametrize("document", [OPENAPI, ASYNCAPI], ids=["openapi", "asyncapi"])
def test_no_schema_is_left_unused(document: dict[str, Any]) -> None:
    used = {reference.rsplit("/", 1)[-1] for reference in _references(document)}
    assert set(document["components"]["schemas"]) <= used


@pytest.mark.parametrize("document", [OPENAPI, ASYNCAPI], ids=["openapi", "asyncapi"])
def test_the_documents_are_plain_json_and_the_same_every_time(document: dict[str, Any]) -> None:
    again = openapi_document() if document is OPENAPI else asyncapi_document()
    assert json.dumps(document) == json.dumps(again)
    assert json.loads(json.dumps(document, allow_nan=False))


@pytest.mark.parametrize("name", ANSWERS)
def test_the_example_of_an_answer_has_its_shape(name: str) -> None:
    TypeAdapter(RESPONSES[name]).validate_python(ANSWERS[name])
    shape = RESPONSES[name]
    if hasattr(shape, "__total__"):
        assert set(ANSWERS[name]) <= set(shape.__annotations__)


def test_there_is_an_example_of_every_body() -> None:
    assert {route.body.__name__ for route in ROUTES if route.body} == set(BODIES)


def test_a_body_that_may_be_left_out_is_told_from_one_that_may_not() -> None:
    described = {
        (method.upper(), path): operation["requestBody"]["required"]
        for path, operations in OPENAPI["paths"].items()
        for method, operation in operations.items()
        if "requestBody" in operation
    }
    may_be_left_out = {key for key, required in described.items() if not required}
    assert {("PATCH", path) for method, path in described if method == "PATCH"} & may_be_left_out == set()
    assert ("POST", "/bookings") not in may_be_left_out
    assert {("POST", "/bookings/{bookingId}/cancel"), ("POST", "/guest-sessions")} <= may_be_left_out


def test_what_a_client_may_leave_out_is_neither_required_nor_null() -> None:
    booking = OPENAPI["components"]["schemas"]["NewBooking"]
    assert "location" not in booking["required"]
    assert booking["additionalProperties"] is False
    assert "null" not in json.dumps(booking)


def test_what_an_answer_may_not_know_is_present_and_null() -> None:
    booking = OPENAPI["components"]["schemas"]["Booking"]
    assert set(booking["required"]) == set(booking["properties"])
    assert {"type": "null"} in booking["properties"]["customerWhatsApp"]["anyOf"]


def test_a_booking_has_every_attribute_of_the_contract() -> None:
    contract = (
        "bookingId therapistId therapistName therapistType providerId providerType customerId customerName "
        "customerWhatsApp duration price currency status createdAt updatedAt responseDeadline scheduledTime "
        "bookingType mode source chatWindowOpen location hotelVillaId roomNumber serviceId discountCode discount "
        "chatRoomId version isTest policyVersion endsAt visitStep enRouteAt arrivedAt startedAt finishedAt completedBy "
        "cancellationFee noShowBy proposal startCode"
    )
    assert set(contract.split()) <= set(BookingView.__annotations__)


def test_a_listed_therapist_has_every_attribute_of_the_contract() -> None:
    contract = (
        "photoUrl biography rating verifiedUntil serviceArea distanceKm paymentMethods availableNow freeFrom timeZone "
        "menu status name type languages"
    )
    assert set(contract.split()) <= set(get_type_hints(ListedTherapist))


def test_a_message_and_a_room_and_a_commission_have_every_attribute_of_the_contract() -> None:
    message = (
        "conversationId sequence senderId senderName senderRole receiverId receiverRole message messageType "
        "bookingId isRead timestamp metadata clientMessageId"
    )
    room = (
        "conversationId bookingId customerId customerName therapistId therapistName status expiresAt lastSequence "
        "lastMessage unreadCount"
    )
    commission = (
        "therapistId therapistName bookingId bookingDate serviceDate bookingAmount commissionRate commissionAmount "
        "paymentStatus paymentDeadline source"
    )
    assert set(message.split()) <= set(MessageView.__annotations__)
    assert set(room.split()) <= set(RoomView.__annotations__)
    assert set(commission.split()) <= set(CommissionView.__annotations__)


def test_a_route_names_the_refusals_that_its_table_implies() -> None:
    assert Unauthenticated not in refusals_of(route_of("GET", "/hotels"))
    assert Forbidden not in refusals_of(route_of("GET", "/rooms"))
    assert Forbidden in refusals_of(route_of("GET", "/me"))
    assert NotFound in refusals_of(route_of("GET", "/bookings/{bookingId}"))
    assert IdempotencyKeyReused in refusals_of(route_of("POST", "/bookings"))
    assert "security" not in OPENAPI["paths"]["/me"]["get"]
    assert OPENAPI["paths"]["/hotels"]["get"]["security"] == []


def test_every_page_and_problem_has_a_name() -> None:
    for item in OPENAPI["paths"].values():
        for operation in item.values():
            for response in operation["responses"].values():
                for content in response.get("content", {}).values():
                    assert "$ref" in content["schema"] or content["schema"] == {"type": "string"}


def test_examples_are_answers_as_they_are_described() -> None:
    contents = [
        content
        for item in OPENAPI["paths"].values()
        for operation in item.values()
        for answer in operation["responses"].values()
        for content in answer.get("content", {}).values()
        if "example" in content
    ]

    assert len(contents) > 40
    assert [complaints_about("openapi.json", each["schema"], each["example"]) for each in contents] == [[]] * len(
        contents
    )


def test_examples_hold_nothing_that_opens_a_door() -> None:
    text = json.dumps(ANSWERED)

    assert len(ANSWERED) > 40
    assert not re.search(r"eyJ|X-Amz-|127\.0\.0\.1", text)
    assert set(re.findall(r"\b628\d{8,}\b", text)) == {"6281234567890"}
