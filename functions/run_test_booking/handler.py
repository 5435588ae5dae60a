"""POST /admin/test-bookings: play a whole booking of one kind, as customers and therapists do; every minute: clear up.

The booking goes the way of every other, through the same decisions, transactions and streams; only its people are
made up. What it leaves is removed after seven minutes, also of one that was cut off half-way.
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, Final, final

from msgspec import Struct, field

from marketplace import bootstrap
from marketplace.booking.model import BookingStatus
from marketplace.booking.opening import open_booking
from marketplace.booking.repository import File, Step
from marketplace.booking.views import admin_booking_view, room_view
from marketplace.chat.model import Draft
from marketplace.commission.model import Commission
from marketplace.operations.requests import NewTestBooking
from marketplace.operations.test_booking.model import Rehearsal, RehearsalKind
from marketplace.platform import identifiers
from marketplace.platform.api.http import Api, Request
from marketplace.platform.api.invocation import Context, Event, triggered
from marketplace.platform.api.responses import TestBooking, TestStep
from marketplace.platform.caller import ADMINS, Caller, Role
from marketplace.platform.clock import utc_now
from marketplace.platform.observability import (
    Category,
    Severity,
    count,
    logger,
    report,
)
from marketplace.platform.refusals import Refusal, SlotTaken, TherapistUnavailable
from marketplace.platform.settings import settings

api = Api(Category.BOOKING, tag="Administration")

_SWEEPER: Final = Caller(user_id="system", role=Role.ADMIN)
_LIVE: Final = frozenset({BookingStatus.PENDING, BookingStatus.CONFIRMED})


@final
class Protocol(Struct, frozen=True):
    """What has been played so far; after a step that failed no other is begun."""

    steps: list[TestStep] = field(default_factory=list)

    def play(self, title: str, step: Callable[[], object]) -> None:
        """Play one step, unless one before it has failed."""
        if self.failed:
            return
        with self._timed(title):
            step()

    @property
    def failed(self) -> bool:
        """Say whether a step has failed."""
        return any(step["status"] == "red" for step in self.steps)

    @contextmanager
    def _timed(self, title: str) -> Iterator[None]:
        started, outcome = time.monotonic(), "green"
        try:
            yield
        except Refusal as refusal:
            outcome = "red"
            report(
                "test booking failed",
                category=Category.BOOKING,
                severity=Severity.ERROR,
                code=f"test_{refusal.code}",
                error=refusal,
            )
        latency = int((time.monotonic() - started) * 1000)
        self.steps.append({"title": title, "status": "green" if outcome == "green" else "red", "latencyMs": latency})


@api.post(
    "/admin/test-bookings",
    roles=ADMINS,
    body=NewTestBooking,
    response=TestBooking,
    status=HTTPStatus.CREATED,
    idempotent=True,
    refusals=(SlotTaken, TherapistUnavailable),
    summary="Try a whole booking from end to end",
    description="It is marked `isTest`, in no revenue, and gone within ten minutes.",
)
def create_test_booking(request: Request, body: NewTestBooking) -> TestBooking:
    """Play one test booking from the order to its end."""
    caller, key = request.caller, request.idempotency_key
    kind = RehearsalKind(body.kind)
    booking_id = identifiers.booking_id(caller.user_id, key)
    logger().append_keys(booking_id=booking_id)

    rehearsal = bootstrap.rehearsals().begin(Rehearsal(booking_id=booking_id, kind=kind, started_at=utc_now()))
    protocol = Protocol()
    protocol.steps.append(_book(rehearsal))
    if kind is RehearsalKind.CHAT:
        protocol.play("the customer writes", lambda: _write(rehearsal, rehearsal.customer, "Test message"))
        protocol.play("the therapist answers", lambda: _write(rehearsal, rehearsal.therapist_caller, "Test answer"))
    protocol.play("the therapist accepts", lambda: _accept(rehearsal))
    protocol.play("the commission is recorded", lambda: bootstrap.commissions().get(booking_id))
    if kind is not RehearsalKind.SCHEDULED:
        protocol.play("the therapist completes", lambda: _complete(rehearsal))

    now, file = utc_now(), bootstrap.bookings().load(booking_id)
    count("TestBookingsFailed", int(protocol.failed))
    return {
        "booking": admin_booking_view(file.booking, caller, now),
        "room": None if file.room is None else room_view(file.room, file.booking, caller, now),
        "steps": protocol.steps,
    }


def _book(rehearsal: Rehearsal) -> TestStep:
    """Open the booking, or find the one that was opened before; without one there is nothing to play."""
    started, now, order = time.monotonic(), utc_now(), rehearsal.order()
    bootstrap.bookings().open(
        order,
        now=now,
        window=bootstrap.policy().response_window,
        booking_id=rehearsal.booking_id,
        request_hash=hashlib.sha256(rehearsal.kind.encode()).hexdigest(),
        may_be_repeat=True,
        decide=lambda circumstances: open_booking(
            order,
            by=rehearsal.customer,
            circumstances=circumstances,
            now=now,
            policy=bootstrap.policy(),
            booking_id=rehearsal.booking_id,
        ),
    )
    return {
        "title": "the customer books",
        "status": "green",
        "latencyMs": int((time.monotonic() - started) * 1000),
    }


def _write(rehearsal: Rehearsal, by: Caller, text: str) -> None:
    conversation_id = identifiers.room_id(rehearsal.booking_id)
    sent = bootstrap.rooms().send(conversation_id, Draft(client_message_id="test", message=text), by=by, now=utc_now())
    if sent.is_new:
        bootstrap.delivery().message(sent.message, sent.room, sent.booking)


def _accept(rehearsal: Rehearsal) -> None:
    now, therapist = utc_now(), rehearsal.therapist_caller

    def decide(file: File) -> Step:
        if file.booking.status is not BookingStatus.PENDING:
            return Step(booking=file.booking, is_repeat=True)
        accepted = file.booking.accept(by=therapist, now=now)
        return Step(
            booking=accepted,
            commission=Commission.owed_for(accepted, due_days=settings().commission_due_days),
            bank_details=bootstrap.bank_details_for(accepted, file.therapist),
        )

    bootstrap.bookings().change(rehearsal.booking_id, decide, now=now, with_therapist=therapist.user_id)


def _complete(rehearsal: Rehearsal) -> None:
    now = utc_now()

    def decide(file: File) -> Step:
        if file.booking.status is BookingStatus.COMPLETED:
            return Step(booking=file.booking, is_repeat=True)
        return Step(booking=file.booking.complete(by=rehearsal.therapist_caller, now=now))

    bootstrap.bookings().change(rehearsal.booking_id, decide, now=now)


@triggered(Category.BOOKING)
def clear_up(_: Event) -> dict[str, Any]:
    """Remove the test bookings whose time is up; one that cannot be removed now does not hold up the others."""
    now, removed = utc_now(), 0
    for rehearsal in bootstrap.rehearsals().find_over(now):
        try:
            _let_go(rehearsal)
            bootstrap.rehearsals().remove(rehearsal, now)
        except Refusal as refusal:
            report(
                "test booking not removed",
                category=Category.BOOKING,
                severity=Severity.ERROR,
                code="test_booking_not_removed",
                error=refusal,
                booking_id=rehearsal.booking_id,
            )
        else:
            removed += 1
    count("TestBookingsRemoved", removed)
    return {"removed": removed}


def _let_go(rehearsal: Rehearsal) -> None:
    """End a live one the usual way, so that nobody's calendar keeps its time, not even one it was reassigned to."""
    booking = bootstrap.rehearsals().booking_of(rehearsal)
    if booking is None or booking.status not in _LIVE:
        return
    now = utc_now()

    def decide(file: File) -> Step:
        if file.booking.status not in _LIVE:
            return Step(booking=file.booking, is_repeat=True)
        if file.booking.as_of(now).status is BookingStatus.EXPIRED:
            return Step(booking=file.booking.expire(now=now))
        return Step(booking=file.booking.cancel(by=_SWEEPER, now=now))

    bootstrap.bookings().change(rehearsal.booking_id, decide, now=now)


def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
    """Answer API Gateway, or the schedule."""
    return api.answer(event, context) if "httpMethod" in event else clear_up(event, context)
