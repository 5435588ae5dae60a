"""What the documents say of each route and frame beyond what the code's own tables know."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, final

from marketplace.platform import refusals
from marketplace.platform.refusals import Refusal

type Refusals = tuple[type[Refusal], ...]


@final
@dataclass(frozen=True, slots=True)
class Operation:
    """A route in words; ``refusals`` are those that its model, path and roles do not imply already."""

    operation_id: str
    tag: str
    summary: str
    refusals: Refusals = ()
    description: str = ""


TAGS: Final[Mapping[str, str]] = {
    "Sessions": "Signing in without an account, and tickets for the WebSocket.",
    "Catalogue": "Therapists, places, hotels, prices and free times. Open to anyone but for quotes.",
    "Bookings": "From the request to the visit.",
    "Chat": "Rooms, messages, files and notifications.",
    "Therapist": "A therapist's own profile and money.",
    "Administration": "The desk of those who run the marketplace.",
    "Documents": "This document and its sibling.",
}

_ANSWERED: Final[Refusals] = (refusals.BookingNotPending, refusals.DeadlinePassed)
_STEP: Final[Refusals] = (refusals.InvalidTransition,)

OPERATIONS: Final[Mapping[tuple[str, str], Operation]] = {
    ("POST", "/guest-sessions"): Operation(
        "openGuestSession",
        "Sessions",
        "Become a customer without an account",
    ),
    ("POST", "/chat-tickets"): Operation(
        "issueChatTicket",
        "Sessions",
        "Get a ticket that opens one WebSocket connection",
        description="The ticket works once and for 30 seconds: connect with `?ticket=…`.",
    ),
    ("POST", "/sign-out-everywhere"): Operation(
        "signOutEverywhere",
        "Sessions",
        "End every session of the caller",
        description="Tokens, tickets and sockets from before end within five seconds. A guest cannot come back.",
    ),
    ("GET", "/privacy/export"): Operation(
        "exportPersonalData",
        "Sessions",
        "Read everything that is known of the caller",
        description="Bookings, each followed by the messages of its room, then notifications. A page ends where a "
        "query does: go on until `nextCursor` is null.",
    ),
    ("POST", "/privacy/erase"): Operation(
        "erasePersonalData",
        "Sessions",
        "Be forgotten",
        (refusals.ConfirmationRequired, refusals.InvalidTransition),
        "Names, numbers, places, the caller's messages and files go; bookings stay as counts and amounts. Refused "
        "while a booking is pending or confirmed. Repeating does no harm and goes on where an earlier call ended.",
    ),
    ("GET", "/therapists"): Operation("listTherapists", "Catalogue", "List therapists and places"),
    ("GET", "/therapists/{therapistId}"): Operation("readTherapist", "Catalogue", "Read one therapist or place"),
    ("GET", "/therapists/{therapistId}/slots"): Operation(
        "listSlots",
        "Catalogue",
        "List the free starts of a date",
        description="`date` is the therapist's local date. A listed slot can be booked.",
    ),
    ("GET", "/hotels"): Operation("listHotels", "Catalogue", "List hotels and villas"),
    ("GET", "/openapi.json"): Operation("readOpenApi", "Documents", "Read this document"),
    ("GET", "/asyncapi.json"): Operation("readAsyncApi", "Documents", "Read the description of the WebSocket"),
    ("POST", "/quotes"): Operation(
        "quotePrice",
        "Catalogue",
        "Get a price that holds for five minutes",
        (refusals.DiscountUnavailable, refusals.NotFound),
    ),
    ("POST", "/bookings"): Operation(
        "createBooking",
        "Bookings",
        "Book a visit",
        (
            refusals.NotFound,
            refusals.SlotTaken,
            refusals.TherapistUnavailable,
            refusals.DuplicateBooking,
            refusals.ConfirmationRequired,
            refusals.QuoteStale,
            refusals.DiscountUnavailable,
        ),
        "The booking, its room with the first messages and the therapist's notification come to be together or not at "
        "all. With an `Idempotency-Key` a repeat answers the booking as it is now. `confirmation_required` names the "
        "caller's open bookings with other therapists: repeat with `confirmOtherPending` if it is meant.",
    ),
    ("GET", "/bookings"): Operation("listBookings", "Bookings", "List the caller's bookings, newest first"),
    ("GET", "/bookings/{bookingId}"): Operation("readBooking", "Bookings", "Read one booking"),
    ("POST", "/bookings/{bookingId}/accept"): Operation(
        "acceptBooking",
        "Bookings",
        "Accept a booking that was offered to the caller",
        _ANSWERED,
        "Accepting again answers the same.",
    ),
    ("POST", "/bookings/{bookingId}/decline"): Operation(
        "declineBooking", "Bookings", "Decline a booking that was offered to the caller", _ANSWERED
    ),
    ("POST", "/bookings/{bookingId}/cancel"): Operation(
        "cancelBooking",
        "Bookings",
        "Call a visit off",
        _STEP,
        "The customer and admins at any time before it is over, the therapist once it is confirmed.",
    ),
    ("POST", "/bookings/{bookingId}/complete"): Operation(
        "completeBooking", "Bookings", "Record that the visit took place", _STEP
    ),
    ("GET", "/rooms"): Operation("listRooms", "Chat", "List the caller's rooms, newest booking first"),
    ("GET", "/rooms/{conversationId}"): Operation("readRoom", "Chat", "Read one room"),
    ("GET", "/rooms/{conversationId}/messages"): Operation(
        "listMessages",
        "Chat",
        "Page through a room, or search in it",
        description="Without a parameter the newest page; `before` walks back, `after` catches up. `search` is blind "
        "to case and accents and finds an acknowledged message at once.",
    ),
    ("POST", "/rooms/{conversationId}/messages"): Operation(
        "sendMessage",
        "Chat",
        "Send a message",
        (refusals.RoomClosed,),
        "The same effect as the frame `sendMessage`; the same `clientMessageId` is one message over either door.",
    ),
    ("POST", "/rooms/{conversationId}/read"): Operation("markRead", "Chat", "Move the caller's read horizon forward"),
    ("POST", "/rooms/{conversationId}/attachments"): Operation(
        "announceAttachment", "Chat", "Announce a file and get a form to upload it", (refusals.RoomClosed,)
    ),
    ("GET", "/attachments/{attachmentId}"): Operation(
        "fetchAttachment", "Chat", "Go to a file, through a link that works for ten minutes at most"
    ),
    ("GET", "/notifications"): Operation("listNotifications", "Chat", "List the caller's notifications, newest first"),
    ("POST", "/notifications/{notificationId}/read"): Operation(
        "markNotificationRead", "Chat", "Mark a notification as read"
    ),
    ("GET", "/me"): Operation("readProfile", "Therapist", "Read the caller's profile"),
    ("PATCH", "/me"): Operation(
        "changeProfile",
        "Therapist",
        "Change the caller's profile",
        description="Each part that is given replaces the present one whole; the others stay.",
    ),
    ("GET", "/me/commissions"): Operation("listOwnCommissions", "Therapist", "List the caller's commissions"),
    ("GET", "/me/statement"): Operation("readStatement", "Therapist", "Read the caller's statement of one month"),
    ("POST", "/commissions/{bookingId}/proof"): Operation(
        "announceProof", "Therapist", "Announce a proof of payment and get a form to upload it", _STEP
    ),
    ("POST", "/commissions/{bookingId}/proof/submit"): Operation(
        "submitProof",
        "Therapist",
        "Hand in the uploaded proof",
        _STEP,
        "Checks that the file is there, and its size and first bytes.",
    ),
    ("GET", "/admin/bookings"): Operation("listAllBookings", "Administration", "List all bookings, newest first"),
    ("GET", "/admin/bookings/{bookingId}"): Operation(
        "readAnyBooking", "Administration", "Read one booking with its history"
    ),
    ("POST", "/admin/bookings/{bookingId}/reassign"): Operation(
        "reassignBooking",
        "Administration",
        "Offer a booking to another therapist",
        (refusals.InvalidTransition, refusals.SlotTaken, refusals.TherapistUnavailable),
    ),
    ("GET", "/admin/health"): Operation("readHealth", "Administration", "Check the seven flows on real rows, now"),
    ("POST", "/admin/test-bookings"): Operation(
        "createTestBooking",
        "Administration",
        "Try a whole booking from end to end",
        (refusals.SlotTaken, refusals.TherapistUnavailable),
        "It is marked `isTest`, in no revenue, and gone within ten minutes.",
    ),
    ("GET", "/admin/revenue"): Operation("readRevenue", "Administration", "Read what a period brought in"),
    ("GET", "/admin/audits"): Operation("listAudits", "Administration", "List past audits, newest first"),
    ("POST", "/admin/audits"): Operation("runAudit", "Administration", "Audit the commissions now"),
    ("POST", "/admin/audits/repair"): Operation(
        "repairCommission",
        "Administration",
        "Make the missing commission of a booking",
        (refusals.NotFound, refusals.InvalidTransition),
    ),
    ("GET", "/admin/commissions"): Operation("listAllCommissions", "Administration", "List all commissions"),
    ("POST", "/admin/commissions/{bookingId}/approve"): Operation(
        "approveCommission", "Administration", "Accept a proof: the commission is paid", _STEP
    ),
    ("POST", "/admin/commissions/{bookingId}/reject"): Operation(
        "rejectCommission", "Administration", "Refuse a proof: the commission is owed again", _STEP
    ),
    ("POST", "/admin/commissions/{bookingId}/waive"): Operation(
        "waiveCommission",
        "Administration",
        "Let a commission go",
        (refusals.InvalidTransition, refusals.ConfirmationRequired),
        "Without `confirm` it answers `confirmation_required` and nothing happens.",
    ),
    ("POST", "/admin/users/{userId}/sign-out"): Operation(
        "signOutSomebody",
        "Administration",
        "End every session of a user",
        description="Tokens, tickets and sockets from before end within five seconds. A guest cannot come back.",
    ),
    ("GET", "/admin/therapists"): Operation(
        "listAllTherapists", "Administration", "List therapists with their presence and open work"
    ),
    ("GET", "/admin/errors"): Operation(
        "listErrors",
        "Administration",
        "List or export recorded errors",
        description="`format=csv` answers text/csv with the same fields as columns.",
    ),
    ("GET", "/admin/errors/rate"): Operation(
        "readErrorRates", "Administration", "Read how many errors each minute saw"
    ),
    ("GET", "/admin/history/{entityId}"): Operation(
        "readHistory", "Administration", "Read who changed what, when and how"
    ),
}
"""Every route of :data:`marketplace.platform.api.access.ROUTES`, by method and path."""


@final
@dataclass(frozen=True, slots=True)
class Exchange:
    """A frame in words, with the answer that it gets (none for ``typing``)."""

    summary: str
    answer: str | None
    refusals: Refusals = ()


EXCHANGES: Final[Mapping[str, Exchange]] = {
    "sendMessage": Exchange("Send a message", "MessageAck", (refusals.NotFound, refusals.RoomClosed)),
    "markRead": Exchange("Move the caller's read horizon forward", "Ack", (refusals.NotFound, refusals.Forbidden)),
    "typing": Exchange("Tell the others that the caller is writing", None, (refusals.NotFound,)),
    "sync": Exchange("Ask for what was missed", "SyncPage", (refusals.NotFound,)),
    "openRoom": Exchange("Say that the room is on the screen", "Ack", (refusals.NotFound,)),
    "closeRoom": Exchange("Say that the room left the screen", "Ack", (refusals.NotFound,)),
    "ping": Exchange("Keep the connection alive", "Pong"),
}
"""Every frame of :data:`marketplace.chat.frames.FRAMES`, by action."""

EVENTS: Final[Mapping[str, str]] = {
    "MessageEvent": "Somebody wrote in one of the caller's rooms",
    "ReadEvent": "The other party has read",
    "TypingEvent": "Somebody is writing",
    "BookingChanged": "A booking came to be or changed",
    "NotificationEvent": "Something happened to the caller",
    "Reconnect": "The connection is about to end",
}
"""Every frame that the server sends unasked, by its name in :mod:`marketplace.platform.api.responses`."""
