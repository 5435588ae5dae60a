"""The one table of routes and frames, by role."""

import subprocess
import sys

import pytest

from marketplace.chat.frames import FRAMES
from marketplace.platform.api import responses as answers
from marketplace.platform.api.access import ADMINS, FRAME_ROLES, ROUTES, SIGNED_IN, Route, allowed_roles, route_of
from marketplace.platform.caller import Role

PUBLIC = {
    ("POST", "/guest-sessions"),
    ("GET", "/therapists"),
    ("GET", "/therapists/{therapistId}"),
    ("GET", "/therapists/{therapistId}/slots"),
    ("GET", "/hotels"),
    ("GET", "/openapi.json"),
    ("GET", "/asyncapi.json"),
}


def test_each_route_stands_in_the_table_once() -> None:
    assert len({route.key for route in ROUTES}) == len(ROUTES)


def test_only_what_the_contract_names_is_open_to_anyone() -> None:
    assert {route.key for route in ROUTES if route.roles is None} == PUBLIC


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_what_is_under_admin_is_for_admins_alone(route: Route) -> None:
    assert (route.roles == ADMINS) == route.path.startswith("/admin/")


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_the_system_is_no_role_that_anybody_can_sign_in_with(route: Route) -> None:
    assert route.roles is None or (route.roles and Role.SYSTEM not in route.roles)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_command_has_a_body_model_and_every_read_none(route: Route) -> None:
    assert (route.body is not None) == (route.method != "GET")


def test_idempotency_keys_are_honoured_where_the_contract_says() -> None:
    assert {route.path for route in ROUTES if route.idempotent} == {
        "/bookings",
        "/rooms/{conversationId}/attachments",
        "/commissions/{bookingId}/proof",
        "/admin/audits",
        "/admin/test-bookings",
    }
    assert all(route.status == 201 for route in ROUTES if route.idempotent)


@pytest.mark.parametrize(
    ("method", "path", "roles"),
    [
        ("POST", "/bookings", {Role.CUSTOMER}),
        ("POST", "/bookings/{bookingId}/accept", {Role.THERAPIST}),
        ("POST", "/bookings/{bookingId}/complete", {Role.THERAPIST, Role.ADMIN}),
        ("POST", "/bookings/{bookingId}/cancel", SIGNED_IN),
        ("POST", "/rooms/{conversationId}/read", {Role.CUSTOMER, Role.THERAPIST}),
        ("PATCH", "/me", {Role.THERAPIST}),
        ("GET", "/hotels", None),
    ],
)
def test_a_route_tells_who_may_ever_call_it(method: str, path: str, roles: frozenset[Role] | None) -> None:
    assert allowed_roles(method, path) == roles


def test_a_route_that_there_is_not_has_no_roles_to_tell() -> None:
    with pytest.raises(KeyError):
        allowed_roles("DELETE", "/bookings/{bookingId}")


def test_every_frame_has_its_roles() -> None:
    assert set(FRAME_ROLES) == set(FRAMES)
    assert route_of("POST", "/rooms/{conversationId}/messages").roles == FRAME_ROLES["sendMessage"]
    assert route_of("POST", "/rooms/{conversationId}/read").roles == FRAME_ROLES["markRead"]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_answer_has_its_shape(route: Route) -> None:
    name = route.answer.removeprefix("Page[").removesuffix("]")
    assert hasattr(answers, name)


def test_looking_up_a_role_builds_no_request_model() -> None:
    looked_up = (
        "import sys; from marketplace.platform.api.access import allowed_roles; allowed_roles('GET', '/rooms'); "
        "print([name for name in sys.modules if name.startswith('pydantic')])"
    )
    outcome = subprocess.run([sys.executable, "-c", looked_up], capture_output=True, check=True, text=True)
    assert outcome.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "module",
    [
        "booking.command_requests",
        "chat.requests",
        "booking.quote_requests",
        "platform.api.queries",
        "commission.requests",
    ],
)
def test_bodies_without_a_telephone_number_do_not_pay_for_reading_one(module: str) -> None:
    imported = f"import sys; import marketplace.{module}; print('phonenumbers' in sys.modules)"
    outcome = subprocess.run([sys.executable, "-c", imported], capture_output=True, check=True, text=True)
    assert outcome.stdout.strip() == "False"
