"""A marketplace in memory with one visit between two people, and others whom it does not concern."""

import secrets
from collections.abc import Mapping
from copy import replace
from dataclasses import dataclass
from http import HTTPStatus
from itertools import count
from typing import TYPE_CHECKING, Any, Final, final

from contracts.examples import BODIES
from marketplace import bootstrap
from marketplace.catalogue.document.model import Paper, PaperKind, PaperStatus
from marketplace.catalogue.document.repository import Documents
from marketplace.chat.attachments.model import Attachment, AttachmentKind
from marketplace.identity.staff.model import StaffMember
from marketplace.identity.staff.repository import Staff
from marketplace.moderation.report import ANSWERED_WITHIN, Report, ReportStatus
from marketplace.moderation.repository import saving_report
from marketplace.notification.webhooks.model import Webhook, new_secret, new_webhook_delivery
from marketplace.notification.webhooks.repository import adding_webhook
from marketplace.payment.model import VALID_FOR, Payment, Status
from marketplace.payment.repository import adding_payment
from marketplace.platform.api.route import Route
from marketplace.platform.caller import OWNERS, Caller, Role
from marketplace.platform.clock import format_utc, utc_now
from marketplace.platform.limits import UPLOADS
from tests.integration.gateway import Reply, call
from tools.local.demo_data import DISCOUNT_CODES, HOTELS, THERAPISTS

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table

NAME: Final = "Canary Kutilang"
NUMBER: Final = "+6281255501234"
ADDRESS: Final = "Jalan Kenari Rahasia 77"
ACCOUNT: Final = "9988776655443322"

CUSTOMER: Final = Caller(user_id="c-party", role=Role.CUSTOMER, signed_in_at=1)
THERAPIST: Final = Caller(user_id="t-ayu", role=Role.THERAPIST, signed_in_at=1)
OTHER_CUSTOMER: Final = Caller(user_id="c-stranger", role=Role.CUSTOMER, signed_in_at=1)
OTHER_THERAPIST: Final = Caller(user_id="t-budi", role=Role.THERAPIST, signed_in_at=1)
STAFF: Final = "a-made"
"""A member of staff whom nobody else is."""
WEBHOOK: Final = "w-made"
TELLING: Final = "e-made"
"""What that webhook was told once."""
ADMIN: Final = Caller(user_id="a-admin", role=Role.ADMIN, signed_in_at=1, duties=OWNERS)
SAME_NAME_OTHER_HAT: Final = Caller(user_id="c-party", role=Role.THERAPIST, signed_in_at=1)
"""Somebody of another role whose id happens to be the customer's."""

CALLERS: Final[Mapping[str, Caller | None]] = {
    "its customer": CUSTOMER,
    "its therapist": THERAPIST,
    "another customer": OTHER_CUSTOMER,
    "another therapist": OTHER_THERAPIST,
    "a therapist with the customer's id": SAME_NAME_OTHER_HAT,
    "an admin": ADMIN,
    "nobody": None,
}


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """The ids of one visit and what hangs on it."""

    booking_id: str
    conversation_id: str
    attachment_id: str
    notification_of_customer: str
    notification_of_therapist: str
    feed: str
    """The secret address of its therapist's calendar."""
    shared: str = "not-shared"
    """The token of the link by which its customer shares it."""

    def path(self, route: Route, caller: Caller | None) -> dict[str, str]:
        """Return the path parameters of a route that lead to this visit."""
        own = self.notification_of_therapist
        if caller is not None and caller.role is Role.CUSTOMER and caller.user_id == CUSTOMER.user_id:
            own = self.notification_of_customer
        known = {
            "bookingId": self.booking_id,
            "conversationId": self.conversation_id,
            "attachmentId": self.attachment_id,
            "notificationId": own,
            "paymentId": f"pay-{self.booking_id}",
            "provider": "xendit",
            "therapistId": (OTHER_THERAPIST if route.path.startswith("/admin/therapists/") else THERAPIST).user_id,
            "hotelVillaId": HOTELS[0].hotel_villa_id,
            "discountCode": "HEMAT10",
            "documentId": f"d-{self.booking_id}",
            "entityId": self.booking_id,
            "subscriptionId": "p-unknown",
            "webhookId": WEBHOOK,
            "deliveryId": TELLING,
            "reportId": f"q-{self.booking_id}",
            "feed": self.feed,
            "token": self.shared,
            "sequence": str(self.own_message(caller)) if "{sequence}" in route.path else "1",
            "userId": STAFF if route.path.startswith("/admin/staff/") else OTHER_CUSTOMER.user_id,
        }
        return {name: value for name, value in known.items() if f"{{{name}}}" in route.path}

    def own_message(self, caller: Caller | None) -> int:
        """Return the sequence of a message of somebody's own in the room; of the first where they may not write."""
        body = {"clientMessageId": secrets.token_hex(8), "message": "hello"}
        path = {"conversationId": self.conversation_id}
        sent = call("POST", "/rooms/{conversationId}/messages", by=caller, path=path, body=body)
        return int(sent.body["sequence"]) if sent.status == HTTPStatus.CREATED else 1


@final
class Scene:
    """Makes visits, each at a time of its own."""

    def __init__(self, tables: Mapping[str, "Table"]) -> None:
        self.tables = tables
        self.writes: list[str] = []
        """Every write that took place, of this scene and of the functions, by operation."""
        self._turn = count()
        self.usual: Visit | None = None
        """The one visit that many examples share, once there is one."""
        self._is_count = False
        bootstrap.session().register("before-parameter-build.dynamodb", self._note_request)
        bootstrap.session().register("after-call.dynamodb", self._note_write)
        now = utc_now()
        member = StaffMember(
            user_id=STAFF, name=STAFF, email="a-made@example.com", duties=(), created_at=now, updated_at=now
        )
        bootstrap.store().transact([Staff.saving(member, read_version=0)])
        bootstrap.store().write(
            adding_webhook(
                Webhook(
                    webhook_id=WEBHOOK,
                    url="https://hooks.example.com/made",
                    events=("review.shown",),
                    secret=new_secret(),
                    created_at=now,
                    updated_at=now,
                )
            )
        )
        telling = new_webhook_delivery(
            WEBHOOK, event_id="e-1", event="review.shown", body="{}", booking_id=None, at=now, now=now
        )
        bootstrap.webhook_deliveries().add(replace(telling, delivery_id=TELLING))
        for therapist in THERAPISTS[:2]:
            bootstrap.catalogue().add_therapist(therapist)
        bootstrap.catalogue().add_hotel(HOTELS[0])
        bootstrap.catalogue().add_discount_code(DISCOUNT_CODES[0])
        bank = {"bankName": "BCA", "accountNumber": ACCOUNT, "accountHolder": "Ayu"}
        just_signed_in = replace(THERAPIST, signed_in_at=int(utc_now().timestamp()))
        changed = call("PATCH", "/me", by=just_signed_in, body={"bankDetails": bank})
        assert changed.status == 200, changed.text
        self._feed = str(call("GET", "/me/calendar-feed", by=THERAPIST).body["url"]).rpartition("/")[2]

    def _note_request(self, **asked: Any) -> None:  # noqa: ANN401 - what botocore tells its hooks
        """Note whether a wrong discount code or a try at a number's code is being counted: all that refusals write."""
        self._is_count = str(asked["params"].get("Key", {}).get("claimKey", {}).get("S", "")).startswith(
            ("limit#wrong-codes#", "number#")
        )

    def _note_write(self, **answered: Any) -> None:  # noqa: ANN401 - what botocore tells its hooks
        name: str = answered["model"].name
        is_read = name.startswith(("Get", "BatchGet", "Query", "Scan"))
        if not is_read and not self._is_count and answered["http_response"].status_code == HTTPStatus.OK:
            self.writes.append(name)

    def visit(self, *, accepted: bool = False) -> Visit:
        """Book a visit for tomorrow or later, and let its therapist accept it if asked to."""
        turn = next(self._turn)
        day = (utc_now().date()).toordinal() + 1 + turn // 4
        date = utc_now().date().fromordinal(day)
        booked = call(
            "POST",
            "/bookings",
            by=CUSTOMER,
            body={
                "therapistId": THERAPIST.user_id,
                "bookingType": "scheduled",
                "scheduledTime": f"{date.isoformat()}T{1 + 3 * (turn % 4):02d}:00:00.000Z",
                "duration": 60,
                "customerName": NAME,
                "customerWhatsApp": NUMBER if turn == 0 else f"+62812777{turn:05d}",
                "location": {"address": ADDRESS},
                "confirmOtherPending": True,
            },
        )
        assert booked.status == 201, booked.text
        booking_id, room_id = booked.body["booking"]["bookingId"], booked.body["booking"]["chatRoomId"]
        if accepted:
            answered = call("POST", "/bookings/{bookingId}/accept", by=THERAPIST, path={"bookingId": booking_id})
            assert answered.status == 200, answered.text
        shared = call("POST", "/bookings/{bookingId}/share", by=CUSTOMER, path={"bookingId": booking_id})
        self._payment(booking_id)
        self._document(booking_id)
        self._report(booking_id, room_id)
        return Visit(
            booking_id=booking_id,
            conversation_id=room_id,
            attachment_id=self._attachment(booking_id, room_id),
            notification_of_customer=self._notification(CUSTOMER, booking_id),
            notification_of_therapist=self._notification(THERAPIST, booking_id),
            feed=self._feed,
            shared=shared.body.get("token", "not-shared"),
        )

    def _attachment(self, booking_id: str, room_id: str) -> str:
        now = utc_now()
        attachment = Attachment(
            attachment_id=f"f-{booking_id}",
            kind=AttachmentKind.MESSAGE,
            owner_id=CUSTOMER.user_id,
            booking_id=booking_id,
            conversation_id=room_id,
            file_name="gate.jpg",
            content_type="image/jpeg",
            size=1_000,
            request_hash="hash",
            created_at=now,
        )
        allowance = bootstrap.allowance(UPLOADS, booking_id, now)
        return bootstrap.attachments().announce(attachment, allowance).attachment_id

    def _payment(self, booking_id: str) -> None:
        now = utc_now()
        payment = Payment(
            payment_id=f"pay-{booking_id}",
            booking_id=booking_id,
            therapist_id=THERAPIST.user_id,
            provider="xendit",
            amount=75_000,
            status=Status.PENDING,
            created_at=now,
            updated_at=now,
            expires_at=now + VALID_FOR,
        )
        bootstrap.store().write(adding_payment(payment))

    def _document(self, booking_id: str) -> None:
        paper = Paper(
            document_id=f"d-{booking_id}",
            therapist_id=THERAPIST.user_id,
            kind=PaperKind.STPT,
            number="STPT-1",
            expires_on="2099-12-31",
            status=PaperStatus.SUBMITTED,
            created_at=utc_now(),
        )
        bootstrap.store().write(Documents.saving(paper, read_version=0))

    def _report(self, booking_id: str, room_id: str) -> None:
        now = utc_now()
        report = Report(
            report_id=f"q-{booking_id}",
            status=ReportStatus.OPEN,
            booking_id=booking_id,
            conversation_id=room_id,
            sequence=None,
            reason="Rude",
            text=None,
            reporter_id=CUSTOMER.user_id,
            reporter_role=CUSTOMER.role,
            concerns_id=THERAPIST.user_id,
            concerns_role=THERAPIST.role,
            created_at=now,
            due_at=now + ANSWERED_WITHIN,
        )
        bootstrap.store().write(saving_report(report))

    def _notification(self, owner: Caller, booking_id: str) -> str:
        notification_id = f"n-{booking_id}-{owner.role.value}"
        self.tables["notifications"].put_item(
            Item={
                "userId": owner.user_id,
                "notificationId": notification_id,
                "role": owner.role.value,
                "kind": "booking_created",
                "bookingId": booking_id,
                "conversationId": "r-" + booking_id.removeprefix("b-"),
                "createdAt": format_utc(utc_now()),
                "parameters": {},
                "sound": False,
                "unreadSince": format_utc(utc_now()),
                "expiresAtEpoch": 4_000_000_000,
            }
        )
        return notification_id


def call_route(route: Route, visit: Visit, by: Caller | None) -> Reply:
    """Call a route as somebody, with the ids of a visit and a body that breaks no rule."""
    return call(
        route.method,
        route.path,
        by=by,
        path=visit.path(route, by),
        query=QUERIES.get(route.path),
        body=body_of(route, visit),
    )


def body_of(route: Route, visit: Visit) -> dict[str, Any] | None:
    """Return a body that breaks no rule, if the route takes one."""
    if route.body is None:
        return None
    example = BODIES[route.body.__name__]
    return {**example, "bookingId": visit.booking_id} if "bookingId" in example else example


QUERIES: Final[Mapping[str, Mapping[str, str]]] = {
    "/therapists/{therapistId}/slots": {"date": utc_now().date().isoformat(), "duration": "60"},
    "/me/statement": {"month": "2026-11"},
}
