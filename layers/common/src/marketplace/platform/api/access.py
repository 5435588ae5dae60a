"""The one table of what there is to call and who may: every route and every frame, by role.

This says which roles may ever do a thing (else 403); whose booking or room it is, the domain decides row by
row (else 404). Models are named, not imported, so that looking up a role builds none of them.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final, final

from msgspec import Struct

from marketplace.platform.caller import Role

CUSTOMERS: Final = frozenset({Role.CUSTOMER})
THERAPISTS: Final = frozenset({Role.THERAPIST})
ADMINS: Final = frozenset({Role.ADMIN})
PARTIES: Final = CUSTOMERS | THERAPISTS
SIGNED_IN: Final = PARTIES | ADMINS


@final
class Route(Struct, frozen=True, kw_only=True):
    """One route of the REST interface."""

    method: str
    path: str
    """As API Gateway writes it: ``/bookings/{bookingId}``."""
    roles: frozenset[Role] | None
    """Who may ever call it; ``None`` means anyone, signed in or not."""
    answer: str
    """The body of the answer, by its name in :mod:`marketplace.platform.api.responses`."""
    status: HTTPStatus = HTTPStatus.OK
    body: str | None = None
    """The request model, as ``module:Name`` below :mod:`marketplace`."""
    query: str | None = None
    """The model of the query string, written likewise."""
    idempotent: bool = False
    """Whether ``Idempotency-Key`` is honoured."""

    @property
    def key(self) -> tuple[str, str]:
        """Method and path, which name the route."""
        return self.method, self.path


NO_BODY: Final = "platform.api.request_model:NoBody"


def _read(path: str, roles: frozenset[Role] | None, answer: str, query: str | None = None) -> Route:
    return Route(method="GET", path=path, roles=roles, answer=answer, query=query)


def _do(path: str, roles: frozenset[Role] | None, answer: str, body: str = NO_BODY) -> Route:
    return Route(method="POST", path=path, roles=roles, answer=answer, body=body)


def _create(
    path: str,
    roles: frozenset[Role] | None,
    answer: str,
    body: str = NO_BODY,
    *,
    idempotent: bool = False,
) -> Route:
    return Route(
        method="POST",
        path=path,
        roles=roles,
        answer=answer,
        status=HTTPStatus.CREATED,
        body=body,
        idempotent=idempotent,
    )


ROUTES: Final = (
    _create("/guest-sessions", None, "GuestSession", "identity.requests:NewGuestSession"),
    _create("/chat-tickets", SIGNED_IN, "ChatTicket"),
    _do("/sign-out-everywhere", SIGNED_IN, "SignedOut"),
    # The catalogue
    _read("/therapists", None, "Page[Therapist]", "platform.api.queries:TherapistsQuery"),
    _read("/therapists/{therapistId}", None, "Therapist"),
    _read("/therapists/{therapistId}/slots", None, "Slots", "platform.api.queries:SlotsQuery"),
    _read("/hotels", None, "Page[Hotel]", "platform.api.queries:HotelsQuery"),
    _read("/openapi.json", None, "Document"),
    _read("/asyncapi.json", None, "Document"),
    # What is known of a customer
    _read("/privacy/export", CUSTOMERS, "Page[PersonalEntry]", "platform.api.queries:ExportQuery"),
    _do("/privacy/erase", CUSTOMERS, "Erased", "operations.privacy.requests:EraseMe"),
    # Bookings
    _do("/quotes", CUSTOMERS, "Quote", "booking.quote_requests:QuoteRequest"),
    _create("/bookings", CUSTOMERS, "CreatedBooking", "booking.requests:NewBooking", idempotent=True),
    _read("/bookings", SIGNED_IN, "Page[Booking]", "platform.api.queries:BookingsQuery"),
    _read("/bookings/{bookingId}", SIGNED_IN, "Booking"),
    _do("/bookings/{bookingId}/accept", THERAPISTS, "AcceptedBooking"),
    _do("/bookings/{bookingId}/decline", THERAPISTS, "ChangedBooking", "booking.command_requests:DeclineBooking"),
    _do("/bookings/{bookingId}/cancel", SIGNED_IN, "ChangedBooking", "booking.command_requests:CancelBooking"),
    _do("/bookings/{bookingId}/complete", THERAPISTS | ADMINS, "ChangedBooking"),
    # Chat
    _read("/rooms", SIGNED_IN, "Page[Room]", "platform.api.queries:RoomsQuery"),
    _read("/rooms/{conversationId}", SIGNED_IN, "Room"),
    _read("/rooms/{conversationId}/messages", SIGNED_IN, "MessagePage", "platform.api.queries:MessagesQuery"),
    _create("/rooms/{conversationId}/messages", SIGNED_IN, "MessageAck", "chat.requests:NewMessage"),
    _do("/rooms/{conversationId}/read", PARTIES, "ReadHorizon", "chat.requests:MarkRead"),
    _create(
        "/rooms/{conversationId}/attachments",
        PARTIES,
        "Upload",
        "chat.attachment_requests:NewAttachment",
        idempotent=True,
    ),
    Route(
        method="GET",
        path="/attachments/{attachmentId}",
        roles=SIGNED_IN,
        answer="Redirection",
        status=HTTPStatus.FOUND,
    ),
    _read("/notifications", SIGNED_IN, "NotificationPage", "platform.api.queries:NotificationsQuery"),
    _do("/notifications/{notificationId}/read", SIGNED_IN, "ReadNotification"),
    # The therapist's desk
    _read("/me", THERAPISTS, "Profile"),
    Route(method="PATCH", path="/me", roles=THERAPISTS, answer="Profile", body="catalogue.requests:ProfileChange"),
    _read("/me/commissions", THERAPISTS, "Page[Commission]", "platform.api.queries:CommissionsQuery"),
    _read("/me/statement", THERAPISTS, "Statement", "platform.api.queries:StatementQuery"),
    _create(
        "/commissions/{bookingId}/proof", THERAPISTS, "Upload", "chat.attachment_requests:NewProof", idempotent=True
    ),
    _do("/commissions/{bookingId}/proof/submit", THERAPISTS, "ChangedCommission"),
    # Administration
    _read("/admin/bookings", ADMINS, "Page[AdminBooking]", "operations.queries:AdminBookingsQuery"),
    _read("/admin/bookings/{bookingId}", ADMINS, "AdminBookingDetail"),
    _do("/admin/bookings/{bookingId}/reassign", ADMINS, "ChangedBooking", "booking.command_requests:ReassignBooking"),
    _read("/admin/health", ADMINS, "Health"),
    _create("/admin/test-bookings", ADMINS, "TestBooking", "operations.requests:NewTestBooking", idempotent=True),
    _read("/admin/revenue", ADMINS, "Revenue", "operations.queries:RevenueQuery"),
    _read("/admin/audits", ADMINS, "Page[Audit]", "operations.queries:AuditsQuery"),
    _create("/admin/audits", ADMINS, "Audit", "operations.requests:NewAudit", idempotent=True),
    _do("/admin/audits/repair", ADMINS, "ChangedCommission", "operations.requests:RepairCommission"),
    _read("/admin/commissions", ADMINS, "Page[Commission]", "operations.queries:AdminCommissionsQuery"),
    _do("/admin/commissions/{bookingId}/approve", ADMINS, "ChangedCommission"),
    _do("/admin/commissions/{bookingId}/reject", ADMINS, "ChangedCommission", "commission.requests:RejectCommission"),
    _do("/admin/commissions/{bookingId}/waive", ADMINS, "ChangedCommission", "commission.requests:WaiveCommission"),
    _do("/admin/users/{userId}/sign-out", ADMINS, "SignedOut"),
    _read("/admin/therapists", ADMINS, "Page[AdminTherapist]", "operations.queries:AdminTherapistsQuery"),
    _read("/admin/errors", ADMINS, "Page[ErrorEvent]", "operations.queries:ErrorsQuery"),
    _read("/admin/errors/rate", ADMINS, "ErrorRates"),
    _read("/admin/history/{entityId}", ADMINS, "Page[HistoryEntry]", "operations.queries:HistoryQuery"),
)
"""Every route of the contract, section 3, and those that stand beside it: signing out, privacy."""

FRAME_ROLES: Final[Mapping[str, frozenset[Role]]] = {
    "sendMessage": SIGNED_IN,
    "markRead": PARTIES,
    "typing": SIGNED_IN,
    "sync": SIGNED_IN,
    "openRoom": SIGNED_IN,
    "closeRoom": SIGNED_IN,
    "ping": SIGNED_IN,
}
"""Who may ever send which frame; only parties have a read horizon."""

_BY_KEY: Final[Mapping[tuple[str, str], Route]] = {route.key: route for route in ROUTES}


def route_of(method: str, path: str) -> Route:
    """Return the route of that method and path; raises KeyError if there is none."""
    return _BY_KEY[method, path]


def allowed_roles(method: str, path: str) -> frozenset[Role] | None:
    """Return who may ever call a route, ``None`` for anyone; raises KeyError if there is no such route.

    ``path`` is the template, as API Gateway hands it over in ``resource``: ``/bookings/{bookingId}``.
    """
    return route_of(method, path).roles
