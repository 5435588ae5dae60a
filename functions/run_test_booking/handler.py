"""POST /admin/test-bookings: play a whole booking of one kind, as customers and therapists do; every minute: clear up.

The booking goes the way of every other, through the same decisions, transactions and streams; only its people are
made up. What it leaves is removed after seven minutes, also of one that was cut off half-way.
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from typing import Any, Final, final

from msgspec import Struct, field

from marketplace import bootstrap
from marketplace.booking.model import BookingStatus
from marketplace.booking.responses.booking import admin_booking_view
from marketplace.chat.message import Draft
from marketplace.chat.responses import room_view
from marketplace.operations.requests import NewTestBooking
from marketplace.operations.test_booking.model import TestBookingKind, TestBookingRun
from marketplace.operations.test_booking.responses import TestBooking, TestStep
from marketplace.platform import identifiers
from marketplace.platform.api.http import Api, Request
from marketplace.platform.api.invocation import Context, Event, triggered
from marketplace.platform.caller import ADMINS, OPERATIONS, Caller, Role
from marketplace.platform.clock import utc_now
from marketplace.platform.refusals import BookingNotPending, InvalidTransition, Refusal, SlotTaken, TherapistUnavailable
from marketplace.platform.runtime.observability import Category, Severity, count, count_any, logger, report
from marketplace.services.booking.context import load_booking
from marketplace.services.booking.new_bookings import BookingRequest

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
    duties=OPERATIONS,
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
    kind = TestBookingKind(body.kind)
    booking_id = identifiers.booking_id(caller.user_id, key)
    logger().append_keys(booking_id=booking_id)

    run = bootstrap.test_bookings().begin(TestBookingRun(booking_id=booking_id, kind=kind, started_at=utc_now()))
    protocol = Protocol()
    protocol.steps.append(_book(run))
    if kind is TestBookingKind.CHAT:
        protocol.play("the customer writes", lambda: _write(run, run.customer, "Test message"))
        protocol.play("the therapist answers", lambda: _write(run, run.therapist_caller, "Test answer"))
    protocol.play("the therapist accepts", lambda: _accept(run))
    protocol.play("the commission is recorded", lambda: bootstrap.commissions().get(booking_id))
    if kind is not TestBookingKind.SCHEDULED:
        protocol.play("the therapist completes", lambda: _complete(run))

    now, played = utc_now(), load_booking(bootstrap.store(), booking_id)
    epoch = bootstrap.rooms().epoch()
    count("TestBookingsFailed", int(protocol.failed))
    return {
        "booking": admin_booking_view(played.booking, caller, now),
        "room": None if played.room is None else room_view(played.room, played.booking, caller, now, epoch=epoch),
        "steps": protocol.steps,
    }


def _book(run: TestBookingRun) -> TestStep:
    """Open the booking, or find the one that was opened before; without one there is nothing to play."""
    started, now, order = time.monotonic(), utc_now(), run.order()
    bootstrap.new_bookings().open(
        BookingRequest(
            order=order,
            by=run.customer,
            booking_id=run.booking_id,
            request_hash=hashlib.sha256(run.kind.encode()).hexdigest(),
            may_be_repeat=True,
            now=now,
        )
    )
    return {
        "title": "the customer books",
        "status": "green",
        "latencyMs": int((time.monotonic() - started) * 1000),
    }


def _write(run: TestBookingRun, by: Caller, text: str) -> None:
    draft, now = Draft(client_message_id="test", message=text), utc_now()
    sent = bootstrap.room_commands().send(identifiers.room_id(run.booking_id), draft, by=by, now=now)
    bootstrap.room_commands().tell_of_message(sent, now)


def _accept(run: TestBookingRun) -> None:
    """Accept, unless a run of the same test booking has got past that already."""
    if bootstrap.bookings().get(run.booking_id).confirmed_at is None:
        bootstrap.booking_commands().accept(run.booking_id, by=run.therapist_caller, now=utc_now())


def _complete(run: TestBookingRun) -> None:
    """Complete, unless a run of the same test booking has done so already."""
    try:
        bootstrap.booking_commands().complete(run.booking_id, by=run.therapist_caller, now=utc_now())
    except InvalidTransition as refusal:
        if refusal.booking_status != BookingStatus.COMPLETED:
            raise


@triggered(Category.BOOKING)
def clear_up(_: Event) -> dict[str, Any]:
    """Remove the test bookings whose time is up; one that cannot be removed now does not hold up the others."""
    now, removed = utc_now(), 0
    for run in bootstrap.test_bookings().find_over(now):
        try:
            _let_go(run)
            bootstrap.test_bookings().remove(run, now)
        except Refusal as refusal:
            report(
                "test booking not removed",
                category=Category.BOOKING,
                severity=Severity.ERROR,
                code="test_booking_not_removed",
                error=refusal,
                booking_id=run.booking_id,
            )
        else:
            removed += 1
    count_any("TestBookingsRemoved", removed)
    return {"removed": removed}


def _let_go(run: TestBookingRun) -> None:
    """End a live one the usual way, so that nobody's calendar keeps its time, not even one it was reassigned to."""
    booking = bootstrap.test_bookings().booking_of(run)
    if booking is None or booking.status not in _LIVE:
        return
    now, commands = utc_now(), bootstrap.booking_commands()
    with suppress(BookingNotPending, InvalidTransition):  # somebody has ended it meanwhile
        if booking.as_of(now).status is BookingStatus.EXPIRED:
            commands.expire(booking.booking_id, now=now)
        else:
            commands.cancel(booking.booking_id, by=_SWEEPER, now=now)


def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
    """Answer API Gateway, or the schedule."""
    return api.answer(event, context) if "httpMethod" in event else clear_up(event, context)
