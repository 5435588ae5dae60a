"""What the functions declare: routes and frames, by role, and whose errors theirs are."""

import subprocess
import sys

import pytest

from contracts.handlers import FUNCTIONS, all_frames, all_routes, categories, route_of
from marketplace.operations.errors import log_lines
from marketplace.platform.api.route import Route
from marketplace.platform.caller import ADMINS, CUSTOMERS, SIGNED_IN, Caller, Duty, Role, caller_in, context_of
from marketplace.platform.runtime.observability import Category

ROUTES = all_routes()
FEW = (Duty.FINANCE, Duty.SUPPORT, Duty.OWNER)
CATEGORIES = {
    "submit_proof": Category.PAYMENT,
    "admin_money": Category.PAYMENT,
    "end_sessions": Category.AUTH,
    "privacy_desk": Category.AUTH,
    "therapist_desk": Category.BOOKING,
    "publish_changes": Category.BOOKING,
}
PUBLIC = {
    ("POST", "/guest-sessions"),
    ("POST", "/guest-sessions/codes"),
    ("POST", "/guest-sessions/verify"),
    ("GET", "/push-key"),
    ("GET", "/therapists"),
    ("GET", "/therapists/{therapistId}"),
    ("GET", "/therapists/{therapistId}/slots"),
    ("GET", "/therapists/{therapistId}/reviews"),
    ("GET", "/hotels"),
    ("GET", "/calendar-feeds/{feed}"),
    ("GET", "/shared-visits/{token}"),
    ("POST", "/payment-events/{provider}"),
    ("GET", "/openapi.json"),
    ("GET", "/asyncapi.json"),
    ("GET", "/docs"),
    ("GET", "/docs/sockets"),
    ("GET", "/docs/redoc.js"),
}


def test_each_route_is_declared_once() -> None:
    assert len({route.key for route in ROUTES}) == len(ROUTES)


def test_only_what_the_contract_names_is_open_to_anyone() -> None:
    assert {route.key for route in ROUTES if route.roles is None} == PUBLIC


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_what_is_under_admin_is_for_admins_alone(route: Route) -> None:
    assert (route.roles == ADMINS) == route.path.startswith("/admin/")


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_the_system_is_no_role_that_anybody_can_sign_in_with(route: Route) -> None:
    assert route.roles is None or (route.roles and Role.SYSTEM not in route.roles)


def test_idempotency_keys_are_honoured_where_the_contract_says() -> None:
    assert {route.path for route in ROUTES if route.idempotent} == {
        "/bookings",
        "/rooms/{conversationId}/attachments",
        "/commissions/{bookingId}/proof",
        "/admin/audits",
        "/admin/test-bookings",
        "/commissions/{bookingId}/payments",
        "/me/documents",
        "/me/photo",
        "/reports",
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
    assert route_of(method, path).roles == roles


def test_rest_and_socket_let_the_same_people_do_the_same() -> None:
    frames = {frame.action: frame for frame in all_frames()}
    assert route_of("POST", "/rooms/{conversationId}/messages").roles == frames["sendMessage"].roles
    assert route_of("POST", "/rooms/{conversationId}/read").roles == frames["markRead"].roles


def test_an_admin_with_duties_may_what_they_allow_and_an_owner_everything() -> None:
    needed = frozenset({Duty.FINANCE})
    finance, support, owner = (Caller(user_id="a", role=Role.ADMIN, duties=frozenset({duty})) for duty in FEW)
    assert [admin.may_call(ADMINS, needed) for admin in (finance, support, owner)] == [True, False, True]
    assert not Caller(user_id="a", role=Role.ADMIN).may_call(ADMINS, needed)
    assert Caller(user_id="a", role=Role.ADMIN).may_call(ADMINS, frozenset())
    assert not owner.may_call(CUSTOMERS, frozenset())
    assert Caller(user_id="c", role=Role.CUSTOMER).may_call(SIGNED_IN, needed)


def test_duties_reach_a_function_through_the_authorizer() -> None:
    admin = Caller(user_id="a", role=Role.ADMIN, duties=frozenset({Duty.FINANCE, Duty.SUPPORT}))
    assert caller_in({"requestContext": {"authorizer": context_of(admin)}}) == admin


def test_the_errors_of_a_function_are_of_the_part_of_the_business_that_it_declares() -> None:
    found = categories()
    assert {name: found[name] for name in CATEGORIES} == CATEGORIES
    assert set(found) == {path.parent.name for path in FUNCTIONS.glob("*/handler.py")}
    assert log_lines.categories() == found


@pytest.mark.parametrize(
    "module",
    [
        "booking.requests.commands",
        "chat.requests",
        "booking.requests.quote",
        "platform.api.queries",
        "commission.requests",
    ],
)
def test_bodies_without_a_telephone_number_do_not_pay_for_reading_one(module: str) -> None:
    imported = f"import sys; import marketplace.{module}; print('phonenumbers' in sys.modules)"
    outcome = subprocess.run([sys.executable, "-c", imported], capture_output=True, check=True, text=True)
    assert outcome.stdout.strip() == "False"
