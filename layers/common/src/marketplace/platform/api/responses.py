"""What the server says: the shape of every answer body and of every frame to clients, in wire names.

Times are RFC 3339 UTC with milliseconds, money is whole rupiah, ids are opaque. A field that may be
``null`` is always present; one that may be absent says so (``NotRequired``). Types only: nothing here runs.
"""

from typing import Annotated, Any, Literal, NotRequired, TypedDict

from pydantic import WithJsonSchema

from marketplace.booking.model import BookingEvent, BookingStatus, BookingType, Source
from marketplace.catalogue.therapist import Presence, TherapistType
from marketplace.chat.model import MessageType, RoomStatus
from marketplace.commission.model import PaymentStatus
from marketplace.commission.statement import PostingKind
from marketplace.platform.caller import Language, Role

Time = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
"""``2026-11-22T08:15:00.000Z``."""
Day = Annotated[str, WithJsonSchema({"type": "string", "format": "date"})]
"""``2026-11-22``."""

# Errors and lists --------------------------------------------------------------------------------


class BrokenRule(TypedDict):
    """One field of the input that breaks a rule."""

    path: str
    """Where, in wire names: ``location.latitude``; empty for the whole."""
    message: str


class Problem(TypedDict):
    """Why a request was refused (RFC 9457, ``application/problem+json``)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    """Stable and meant for programs."""
    requestId: str
    """The same as the ``x-request-id`` header; say it when you ask about the request."""
    errors: NotRequired[list[BrokenRule]]
    """Present for ``validation_failed``."""
    bookingId: NotRequired[str | None]
    """Present for ``duplicate_booking``: the caller's own open booking, null if it is not the caller's."""
    pendingBookings: NotRequired[list[str]]
    """Present for ``confirmation_required`` of a booking: the caller's own open bookings."""
    bookingStatus: NotRequired[BookingStatus]
    """Present where the state of a booking is in the way: the state it is in now."""


class Page[Item](TypedDict):
    """A page of a list; it may be shorter than asked for, even empty, while ``nextCursor`` is set."""

    items: list[Item]
    nextCursor: str | None
    """Give it as ``cursor`` to go on; null at the end."""


class Document(TypedDict):
    """An OpenAPI or AsyncAPI document; beside these it has what its standard says."""

    info: dict[str, object]
    components: dict[str, object]


# The catalogue -----------------------------------------------------------------------------------


class Window(TypedDict):
    """A stretch of one day, in the therapist's own time: ``09:00`` to ``21:00``, ``24:00`` at the latest."""

    opens: str
    closes: str


class OpeningHours(TypedDict):
    """A week; a day without windows is a day off."""

    monday: list[Window]
    tuesday: list[Window]
    wednesday: list[Window]
    thursday: list[Window]
    friday: list[Window]
    saturday: list[Window]
    sunday: list[Window]


class DayOverride(TypedDict):
    """A single local date with hours of its own; without windows it is a day off."""

    date: Day
    """``YYYY-MM-DD`` in the therapist's own time zone."""
    windows: list[Window]


class MenuItem(TypedDict):
    """A service and its prices."""

    serviceId: str
    name: str
    prices: dict[str, int]
    """Rupiah by minutes: ``{"60": 250000, "90": 350000, "120": 450000}``."""


class Therapist(TypedDict):
    """A therapist or place of the catalogue; never with number, bank details or income."""

    therapistId: str
    name: str
    type: TherapistType
    languages: list[str]
    timeZone: str
    """An IANA zone; opening hours and slot dates are meant in it."""
    openingHours: OpeningHours
    menu: list[MenuItem]
    status: Presence


class MaskedBankDetails(TypedDict):
    """Bank details with all but the last digits of the number hidden."""

    bankName: str
    accountNumber: str
    accountHolder: str


class Profile(Therapist):
    """A therapist's own profile."""

    overrides: list[DayOverride]
    language: Language
    """In which the system speaks to the therapist."""
    bankDetails: MaskedBankDetails | None
    whatsApp: str | None
    """E.164; customers of confirmed bookings get a link to it."""
    bufferMinutes: int
    """Kept free after each visit."""
    noticeMinutes: int
    """How long ahead a visit must be booked."""
    horizonDays: int
    """How far ahead a visit can be booked."""
    version: int


class Slot(TypedDict):
    """A start that can be booked, and the end of that visit without its buffer."""

    start: Time
    end: Time


class Slots(TypedDict):
    """The free starts of one local date."""

    therapistId: str
    date: Day
    duration: int
    timeZone: str
    slots: list[Slot]


class Hotel(TypedDict):
    """A hotel or villa to which a therapist can be called."""

    hotelVillaId: str
    name: str
    address: str
    timeZone: str


class Quote(TypedDict):
    """A price, good for five minutes when its token is sent along with the booking."""

    listPrice: int
    discount: int
    price: int
    """List price less discount."""
    currency: str
    commissionRate: float
    """The platform's share: 0.3 for 30 %."""
    quoteToken: str
    expiresAt: Time


# Sessions ----------------------------------------------------------------------------------------


class GuestSession(TypedDict):
    """A customer without an account."""

    customerId: str
    token: str
    """For ``Authorization: Bearer``."""
    expiresAt: Time


class ChatTicket(TypedDict):
    """Opens one WebSocket connection, once, within 30 seconds."""

    ticket: str
    expiresAt: Time


class PersonalEntry(TypedDict):
    """One thing that is known of a customer; ``entry`` is as its own route shows it."""

    kind: Literal["booking", "message", "notification"]
    entry: dict[str, Any]


class Erased(TypedDict):
    """The caller is forgotten; ``erasedBookings`` are those that this call went through."""

    customerId: str
    erasedBookings: int


class SignedOut(TypedDict):
    """Every session of a user has ended; sign-ins up to ``signedOutAt`` no longer count."""

    userId: str
    signedOutAt: Time
    closedConnections: int


# Bookings ----------------------------------------------------------------------------------------


class Location(TypedDict):
    """Where the visit is to be; all null where the reader may not see it yet."""

    address: str | None
    latitude: float | None
    longitude: float | None


class Booking(TypedDict):
    """A booking as its reader may see it."""

    bookingId: str
    therapistId: str
    therapistName: str
    therapistType: TherapistType
    providerId: str
    """The same as ``therapistId``."""
    providerType: TherapistType
    """The same as ``therapistType``."""
    customerId: str
    customerName: str
    customerWhatsApp: str | None
    """E.164; null for the therapist until the booking is confirmed."""
    duration: int
    """Minutes: 60, 90 or 120."""
    price: int
    """What the customer pays."""
    listPrice: int
    """What the menu says: price and discount together."""
    discount: int
    discountCode: str | None
    currency: str
    status: BookingStatus
    createdAt: Time
    updatedAt: Time
    responseDeadline: Time
    """Until when the therapist may answer; from then on a pending booking is expired."""
    scheduledTime: Time | None
    bookingType: BookingType
    mode: BookingType
    """The same as ``bookingType``."""
    source: Source
    chatWindowOpen: bool
    location: Location | None
    """Null when a hotel was named instead."""
    hotelVillaId: str | None
    hotelVillaName: str | None
    roomNumber: str | None
    serviceId: str | None
    serviceName: str | None
    timeZone: str
    """The therapist's, in which people speak of the visit's time."""
    chatRoomId: str
    """The ``conversationId`` of the room."""
    confirmedAt: Time | None
    declinedAt: Time | None
    expiredAt: Time | None
    cancelledAt: Time | None
    completedAt: Time | None
    reason: str | None
    """Why it was declined or cancelled, if somebody said so."""
    version: int
    """Rises with every change: of two states of a booking the higher one is the later."""
    isTest: bool


class LastMessage(TypedDict):
    """What a list of rooms shows of the newest message, in the reader's language."""

    sequence: int
    senderId: str
    senderRole: Role
    messageType: MessageType
    message: str
    """At most the first 200 characters."""
    timestamp: Time


type RoomAction = Literal["accept", "decline", "cancel", "complete", "reassign", "sendMessage"]
"""What the reader could do now."""


class Room(TypedDict):
    """The conversation of one booking as its reader may see it."""

    conversationId: str
    bookingId: str
    customerId: str
    customerName: str
    therapistId: str
    therapistName: str
    status: RoomStatus
    createdAt: Time
    expiresAt: Time | None
    """Until when it takes messages; null while no end is in sight."""
    lastSequence: int
    """The number of its messages."""
    lastMessage: LastMessage | None
    unreadCount: int
    """Messages of others beyond the reader's horizon."""
    readSequence: int
    """How far the reader has read."""
    otherReadSequence: int
    """How far the other party has read; for an admin, how far both have."""
    booking: Booking
    actions: list[RoomAction]
    whatsAppLink: str | None
    """To the other party, once the booking is confirmed and where a number is known."""


class Message(TypedDict):
    """One message; one of the system is in the reader's language."""

    conversationId: str
    sequence: int
    """1, 2, 3 … in its room without a gap."""
    senderId: str
    senderName: str
    senderRole: Role
    receiverId: str | None
    """Null when both parties are meant."""
    receiverRole: Role | None
    message: str
    messageType: MessageType
    bookingId: str
    isRead: bool
    """Whether the other party's horizon has reached it."""
    timestamp: Time
    metadata: dict[str, object]
    clientMessageId: str | None
    """Null on messages of the system."""
    attachmentId: str | None
    location: Location | None
    mapLink: str | None
    """Opens the location on a map; null where there is none."""


class Warning(TypedDict):  # noqa: A001 - the word of the contract; the built-in class is not used here
    """Something that the customer should know although the booking went through."""

    code: str
    message: str
    bookingIds: list[str]


class CreatedBooking(TypedDict):
    """A booking with everything that opens its chat at once."""

    booking: Booking
    room: Room
    messages: list[Message]
    warnings: list[Warning]
    chatTicket: str
    """Opens one WebSocket connection, once, within 30 seconds."""


class Commission(TypedDict):
    """The platform's share of a confirmed booking, owed by the therapist."""

    bookingId: str
    chatRoomId: str
    therapistId: str
    therapistName: str
    bookingDate: Time
    """When the booking was confirmed."""
    serviceDate: Time
    """When the visit is due."""
    bookingAmount: int
    commissionRate: float
    """0.3 for 30 %."""
    commissionAmount: int
    currency: str
    paymentStatus: PaymentStatus
    paymentDeadline: Time
    source: Source
    proofAttachmentId: str | None
    proofSubmittedAt: Time | None
    paidAt: Time | None
    overdueAt: Time | None
    waivedAt: Time | None
    reversedAt: Time | None
    reason: str | None
    """Why it was rejected, waived or reversed."""
    updatedAt: Time
    version: int
    isTest: bool


class AcceptedBooking(TypedDict):
    """A confirmed booking and the commission that it owes."""

    booking: Booking
    commission: Commission


class ChangedBooking(TypedDict):
    """A booking after a command."""

    booking: Booking


# Chat --------------------------------------------------------------------------------------------


class MessagePage(TypedDict):
    """A page of messages in ascending ``sequence``; hits of a search come newest first."""

    items: list[Message]
    nextCursor: str | None
    """Give it as ``cursor`` to go on; null at the end."""
    hasMore: bool
    """Whether there are more in the direction asked for."""


class MessageAck(TypedDict):
    """The message is durable; a repeat gets the same."""

    type: Literal["ack"]
    requestId: NotRequired[str]
    """As the frame had it."""
    clientMessageId: str
    sequence: int
    timestamp: Time


class ReadHorizon(TypedDict):
    """How far the caller has read now."""

    conversationId: str
    sequence: int
    unreadCount: int


class UploadForm(TypedDict):
    """A form to post, as multipart/form-data, with the file as its last field ``file``."""

    url: str
    fields: dict[str, str]


class Upload(TypedDict):
    """Where to put the announced file."""

    attachmentId: str
    upload: UploadForm


class Redirection(TypedDict):
    """An empty body; ``Location`` says where the file is."""


class Notification(TypedDict):
    """Something that happened to its user, in their language."""

    notificationId: str
    userId: str
    kind: str
    bookingId: str | None
    conversationId: str | None
    title: str
    body: str
    sound: bool
    """Whether clients should ring."""
    isRead: bool
    createdAt: Time


class NotificationPage(TypedDict):
    """A page of the caller's notifications, newest first."""

    items: list[Notification]
    nextCursor: str | None
    """Give it as ``cursor`` to go on; null at the end."""
    unread: int
    """How many are unread in all."""


class ReadNotification(TypedDict):
    """A notification that has been read."""

    notification: Notification
    unread: int
    """How many are unread still."""


# Money -------------------------------------------------------------------------------------------


class ChangedCommission(TypedDict):
    """A commission after a step."""

    commission: Commission


class StatementTotals(TypedDict):
    """Sums over a statement; reversed commissions are in ``byStatus`` alone."""

    bookings: int
    bookingAmount: int
    commissionAmount: int
    outstanding: int
    """What is still owed: pending, overdue, or with a proof that is not judged yet."""
    byStatus: dict[PaymentStatus, int]
    """Commission in rupiah by payment status, zeros included."""


class Posting(TypedDict):
    """One movement of a therapist's balance: a charge adds to what is owed, a credit takes away from it."""

    at: Time
    kind: PostingKind
    bookingId: str
    charge: int
    credit: int
    balance: int
    """What is owed after it."""


class Statement(TypedDict):
    """The commissions of the bookings that a therapist confirmed in one month, and what moved their balance in it."""

    therapistId: str
    therapistName: str
    month: str
    """``YYYY-MM`` in Asia/Jakarta."""
    currency: str
    openingBalance: int
    """What was owed when the month began; negative where the marketplace owes the therapist."""
    closingBalance: int
    """What was owed at its end: the opening balance of the next month."""
    posted: dict[PostingKind, int]
    """Rupiah posted in the month by kind, zeros included: commissions are charges, the others credits."""
    postings: list[Posting]
    """Everything that moved the balance in the month, oldest first."""
    items: list[Commission]
    totals: StatementTotals


# Administration ----------------------------------------------------------------------------------


class AdminBooking(Booking):
    """A booking as admins see it."""

    secondsRemaining: int | None
    """Seconds left to answer; null when no answer is awaited."""
    whatsAppLink: str | None
    """To the customer."""
    actions: list[RoomAction]


HistoryEntry = TypedDict(
    "HistoryEntry",
    {
        "entityId": str,
        "version": int,
        "at": Time,
        "actor": str,
        "actorRole": Role,
        "action": str,
        "from": str | None,
        "to": str | None,
        "reason": str | None,
        "before": dict[str, object] | None,
        "after": dict[str, object],
    },
)
HistoryEntry.__doc__ = "One change: when, by whom, what, from which status to which, and the attributes that changed."


class AdminBookingDetail(AdminBooking):
    """A booking with its whole life."""

    history: list[HistoryEntry]
    """Oldest first."""


class HealthError(TypedDict):
    """Where a check found something broken."""

    table: str
    query: str
    key: str
    message: str
    """Names the booking."""


class HealthCheck(TypedDict):
    """One of the seven checks."""

    id: Literal[
        "customer_therapist_connection",
        "chat_window_booking",
        "scheduled_booking",
        "book_now",
        "admin_data_flow",
        "notification_delivery",
        "payment_tracking",
    ]
    title: str
    status: Literal["green", "red"]
    latencyMs: int
    checked: int
    """How many rows were looked at."""
    broken: int
    """How many of them are broken; changes that are late count as one."""
    lagSeconds: int | None
    """How late the oldest of several changes is that are on their way, also while the check is green."""
    error: HealthError | None


class Health(TypedDict):
    """The seven checks, made just now, in their fixed order."""

    status: Literal["green", "red"]
    checks: list[HealthCheck]


class TestStep(TypedDict):
    """One step of a test booking."""

    title: str
    status: Literal["green", "red"]
    latencyMs: int


class TestBooking(TypedDict):
    """A whole booking that was made to try the system, and removes itself."""

    booking: AdminBooking
    room: Room | None
    """Null where there is none, which is a fault."""
    steps: list[TestStep]


class Sums(TypedDict):
    """Confirmed bookings, what customers pay for them, and the platform's share."""

    bookings: int
    amount: int
    commission: int


class TherapistSums(Sums):
    """The sums of one therapist."""

    therapistName: str


Revenue = TypedDict(
    "Revenue",
    {
        "from": Day,
        "to": Day,
        "currency": str,
        "bookings": int,
        "amount": int,
        "commission": int,
        "bySource": dict[Source, Sums],
        "byDay": dict[str, Sums],
        "byTherapist": dict[str, TherapistSums],
        "commissionByStatus": dict[PaymentStatus, int],
        "missing": list[str],
        "wrongAmount": list[str],
    },
)
Revenue.__doc__ = """Bookings accepted in a period of dates (Asia/Jakarta, both included), reversed ones left out.

``missing`` and ``wrongAmount`` are booking ids; all six sources appear; ``byDay`` is by date, ``byTherapist`` by id.
"""


class Audit(TypedDict):
    """What an audit of the commissions found; the three lists hold booking ids."""

    auditId: str
    startedAt: Time
    finishedAt: Time | None
    """Null while it is under way; the same key again, or the next scheduled run, carries it on."""
    full: bool
    auditedBookings: int
    missing: list[str]
    """Confirmed, and without a record."""
    wrongAmount: list[str]
    """The record differs from its booking in amount, price, rate, therapist, source or date."""
    orphaned: list[str]
    """A record that no booking owes: unknown, never confirmed, or cancelled and not reversed."""
    malformed: list[str]
    """Rows that cannot be read, found by a full audit."""
    overdueMarked: int
    bySource: dict[Source, Sums]


class AdminTherapist(TypedDict):
    """A therapist as admins see them."""

    therapistId: str
    name: str
    type: TherapistType
    status: Presence
    connected: bool
    """Whether a WebSocket connection is open now."""
    lastSeenAt: Time | None
    openBookings: int
    """Pending and confirmed ones."""
    openOffers: int
    """Those of them that await an answer."""
    missedOffers: int
    """Offers that ran out of time, ever."""
    overdueCommissions: int


class ErrorEvent(TypedDict):
    """A recorded error; it holds ids, never what people wrote."""

    eventId: str
    at: Time
    category: str
    severity: str
    functionName: str
    message: str
    """A constant sentence."""
    code: str | None
    requestId: str | None
    traceId: str | None
    traceUrl: str | None
    """The page of AWS's console that shows the trace, for who may sign in there; none on a laptop."""
    bookingId: str | None
    context: dict[str, str]
    """What else was named: ids, the kind of error, where in the code it came up."""


class ErrorRate(TypedDict):
    """How many errors of one kind one minute saw."""

    minute: Time
    """The start of the minute."""
    category: str
    severity: str
    count: int


class ErrorRates(TypedDict):
    """Errors per minute, category and severity, newest minute first; minutes without errors are left out."""

    items: list[ErrorRate]


# Frames to clients -------------------------------------------------------------------------------


class Ack(TypedDict):
    """The frame has had its effect; ``sequence`` answers ``markRead``."""

    type: Literal["ack"]
    requestId: NotRequired[str]
    conversationId: str
    sequence: NotRequired[int]


class Pong(TypedDict):
    """The answer to ``ping``."""

    type: Literal["pong"]
    requestId: NotRequired[str]


class SyncPage(TypedDict):
    """What follows the message that ``sync`` named, in ascending ``sequence``."""

    type: Literal["page"]
    requestId: NotRequired[str]
    conversationId: str
    items: list[Message]
    hasMore: bool


class ErrorFrame(TypedDict):
    """Why a frame was refused; the connection stays."""

    type: Literal["error"]
    requestId: str | None
    """As the frame had it; null if it had none or could not be read."""
    code: str
    detail: str
    errors: NotRequired[list[BrokenRule]]


class MessageEvent(TypedDict):
    """Somebody else, or the system, wrote in a room."""

    type: Literal["message"]
    message: Message


class ReadEvent(TypedDict):
    """The other party has read up to ``sequence``."""

    type: Literal["read"]
    conversationId: str
    userId: str
    sequence: int


class TypingEvent(TypedDict):
    """Somebody else is writing."""

    type: Literal["typing"]
    conversationId: str
    userId: str


class BookingChanged(TypedDict):
    """A booking came to be or changed; compare ``booking.version`` with what you have."""

    type: Literal["booking"]
    event: BookingEvent
    booking: Booking


class NotificationEvent(TypedDict):
    """Something happened to the user."""

    type: Literal["notification"]
    notification: Notification
    sound: bool
    """Whether to ring now."""


class Reconnect(TypedDict):
    """The connection will be closed soon: open another one and carry on there."""

    type: Literal["reconnect"]
