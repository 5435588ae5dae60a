"""Input that is made from the descriptions, right and wrong, gets no fault of ours, and answers as described.

That a refusal writes nothing is tried in memory, where every write is seen; here it is tried of frames.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Final, final

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from contracts.handlers import all_frames, all_routes
from marketplace.platform.api.route import Route
from marketplace.platform.caller import Role
from tests.local.described import check_frame, document
from tests.local.orders import booked
from tests.local.world import World
from tests.nearly_right import changed
from tools.local.outputs import Outputs
from tools.local.person import Person, expect

SCHEMA: Final = schemathesis.openapi.from_dict(document("openapi.json"))
BOUNDED: Final = settings(
    database=None,
    phases=[Phase.generate],  # what is found is reported as it was found: every example costs a request
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
LEAVES: Final = frozenset({("POST", "/sign-out-everywhere"), ("POST", "/privacy/erase")})
"""Routes after which somebody is not there any more."""
SETS_RULES: Final = frozenset({("POST", "/admin/policies")})
"""Routes that would change the rules for all other tests: what they take is left to tests of their own."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """People with something to ask about."""

    customer: Person
    therapist: Person
    admin: Person
    ids: dict[str, str]

    def caller(self, route: Route) -> Person:
        """Return somebody who may ask."""
        if route.roles is None or Role.CUSTOMER in route.roles:
            return self.customer
        return self.therapist if Role.THERAPIST in route.roles else self.admin


@pytest.fixture(scope="module")
def visit(outputs: Outputs) -> Iterator[Visit]:
    with ExitStack() as closing:
        world = World(outputs, closing)
        customer, therapist = world.guest(), world.therapist()
        booking = booked(customer, therapist.user_id)["booking"]
        expect(therapist.post(f"/bookings/{booking['bookingId']}/accept"), 200)
        ids = {
            "bookingId": booking["bookingId"],
            "conversationId": booking["chatRoomId"],
            "therapistId": therapist.user_id,
            "entityId": booking["bookingId"],
        }
        yield Visit(customer=customer, therapist=therapist, admin=world.admin(), ids=ids)


def requests(route: Route) -> st.SearchStrategy[Case[Any]]:
    operation = SCHEMA[route.path][route.method]
    modes = [GenerationMode.NEGATIVE] if route.key in SETS_RULES else list(GenerationMode)
    return st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in modes))


@pytest.mark.parametrize("route", all_routes(), ids=lambda route: f"{route.method} {route.path}")
def test_whatever_is_asked_is_answered_as_described(world: World, visit: Visit, route: Route) -> None:
    caller = world.guest() if route.key in LEAVES else visit.caller(route)

    @settings(BOUNDED, max_examples=4)
    @given(case=requests(route), about_the_visit=st.booleans())
    def ask(case: Case[Any], *, about_the_visit: bool) -> None:
        if about_the_visit and case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE:
            case.path_parameters.update({name: visit.ids.get(name, "-") for name in case.path_parameters})
        case.call_and_validate(
            base_url=world.outputs.rest_url,
            headers={"Authorization": f"Bearer {caller.token}"},
            excluded_checks=[
                positive_data_acceptance,  # no schema can say that a cursor is sealed or that a time is free
                negative_data_rejection,  # the gateway drops empty parameters, and we always send a token
            ],
        )

    ask()


def test_no_frame_near_a_right_one_is_a_fault_of_ours_and_a_refused_one_writes_nothing(
    visit: Visit,
) -> None:
    room = {"conversationId": visit.ids["conversationId"]}
    examples: list[dict[str, Any]] = [
        {"action": "sendMessage", "clientMessageId": "m", "message": "hello", "messageType": "text", **room},
        {"action": "markRead", "sequence": 1, **room},
        {"action": "sync", "after": 0, **room},
        {"action": "editMessage", "sequence": 1, "message": "hello again", **room},
        {"action": "deleteMessage", "sequence": 1, **room},
        *({"action": action, **room} for action in ("typing", "openRoom", "closeRoom")),
        {"action": "ping"},
    ]
    assert {example["action"] for example in examples} == {frame.action for frame in all_frames()}
    acknowledged = {newest_in_room(visit)}

    with visit.customer.connected() as socket:

        @settings(BOUNDED, max_examples=60)
        @given(frame=st.sampled_from(examples).flatmap(changed), request_id=st.sampled_from([{}, {"requestId": "r"}]))
        def say(frame: dict[str, object], request_id: dict[str, str]) -> None:
            socket.send({**frame, **request_id})
            for answer in socket.until_pong():
                if answer["type"] == "error":
                    check_frame(answer, "ErrorFrame")
                    assert answer["code"] != "internal_error"
                if answer["type"] == "ack" and "clientMessageId" in answer:
                    acknowledged.add(answer["sequence"])

        say()

    assert newest_in_room(visit) == max(acknowledged)


def newest_in_room(visit: Visit) -> int:
    page = expect(visit.customer.get(f"/rooms/{visit.ids['conversationId']}/messages", limit=1), 200)
    return int(page["items"][-1]["sequence"])
