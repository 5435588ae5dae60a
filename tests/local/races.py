"""The functions' own decisions and transactions, side by side against the running store.

Threads of the test stand in for execution environments: what races is the store, and starting two dozen
function workers at once would only measure this machine.
"""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import boto3
from botocore.config import Config

from marketplace.booking.holds import Holds
from marketplace.booking.model import Booking, BookingType
from marketplace.booking.opening import Order, VisitRequest
from marketplace.booking.repository import Bookings
from marketplace.bootstrap import start_code_tries
from marketplace.catalogue.place.location import Location
from marketplace.catalogue.policy.model import Policy
from marketplace.catalogue.policy.repository import Policies
from marketplace.chat.repository import Rooms
from marketplace.commission.repository import Commissions
from marketplace.platform import identifiers
from marketplace.platform.caller import OWNERS, Caller, Role
from marketplace.platform.clock import utc_now
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.refusals import Refusal
from marketplace.platform.resilience import Dependency
from marketplace.services.booking.bookings import BookingCommands
from marketplace.services.booking.changes import BookingChanges
from marketplace.services.booking.instant_confirmations import InstantConfirmations
from marketplace.services.booking.new_bookings import BookingRequest, NewBookings, Opened
from tests.local.visits import fresh_number
from tests.local.world import AT_ONCE, World

ADMIN: Final = Caller(user_id="a-admin", role=Role.ADMIN, duties=OWNERS)
ONE_REQUEST: Final = hashlib.sha256(b"one").hexdigest()
"""What stands for the body of every request."""
WINDOW: Final = timedelta(minutes=15)
POLICY: Final = Policy(response_window_seconds=int(WINDOW.total_seconds()))

type Outcome = str
"""The status of the booking that came of it, or the code of the refusal."""


@dataclass(frozen=True, slots=True)
class Counter:
    """Bookings at the running store."""

    bookings: Bookings
    new: NewBookings
    commands: BookingCommands

    @classmethod
    def of(cls, world: World) -> "Counter":
        """Return the counter of a running system, with a connection for each of those at once."""
        dynamodb = boto3.client(
            "dynamodb",
            endpoint_url=world.outputs.aws_endpoint_url,
            region_name=world.outputs.region,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(max_pool_connections=AT_ONCE, retries={"total_max_attempts": 1}),
        )
        store = Store(Dependency("dynamodb", dynamodb), f"{world.outputs.stack_name}-")
        bookings, rooms, policies = Bookings(store), Rooms(store, timedelta(days=180)), Policies(store, POLICY)
        commands = BookingCommands(
            store,
            BookingChanges(
                store,
                bookings=bookings,
                holds=Holds(store, bookings),
                rooms=rooms,
                policies=policies,
                bank_details_of=lambda *_: None,
            ),
            bookings=bookings,
            commissions=Commissions(store),
            policies=policies,
            start_code_tries=start_code_tries,
        )
        instantly = InstantConfirmations(store, bank_details_of=lambda *_: None)
        openings = NewBookings(
            store, rooms=rooms, policies=policies, limit_scale=100, instant_confirmations=lambda: instantly
        )
        return cls(bookings, openings, commands)

    def book(  # noqa: PLR0913 - what is booked, by whom
        self,
        therapist_id: str,
        *,
        start: datetime | None = None,
        number: str | None = None,
        code: str | None = None,
        customer_id: str | None = None,
        key: str | None = None,
        confirm: bool = False,
    ) -> Opened:
        """Book as POST /bookings does."""
        caller = Caller(user_id=customer_id or f"c-{secrets.token_hex(8)}", role=Role.CUSTOMER)
        order = Order(
            wanted=VisitRequest(
                therapist_id=therapist_id,
                duration=60,
                booking_type=BookingType.SCHEDULED if start else BookingType.IMMEDIATE,
                scheduled_time=start,
                discount_code=code,
            ),
            customer_name="Wayan",
            customer_whats_app=number or fresh_number(),
            location=Location(address="Ubud"),
            confirm_other_pending=confirm,
        )
        now, booking_id = utc_now(), identifiers.booking_id(caller.user_id, key)
        return self.new.open(
            BookingRequest(
                order=order,
                by=caller,
                booking_id=booking_id,
                request_hash=ONE_REQUEST,
                may_be_repeat=key is not None,
                now=now,
            )
        )

    def step(self, booking: Booking, step: str, other_therapist: str = "") -> Booking:
        """Take a step as its function does, in the name of whoever may."""
        now = utc_now()
        therapist = Caller(user_id=booking.therapist_id, role=Role.THERAPIST)
        customer = Caller(user_id=booking.customer_id, role=Role.CUSTOMER)

        match step:
            case "accept":
                return self.commands.accept(booking.booking_id, by=therapist, now=now).booking
            case "decline":
                return self.commands.decline(booking.booking_id, by=therapist, now=now).booking
            case "cancel":
                return self.commands.cancel(booking.booking_id, by=customer, now=now).booking
            case "expire":
                return self.commands.expire(booking.booking_id, now=now).booking
            case _:
                return self.commands.reassign(booking.booking_id, to=other_therapist, by=ADMIN, now=now).booking


def side_by_side(calls: Sequence[Callable[[], Booking]]) -> list[Outcome]:
    """Make all calls, as many at once as the emulator bears, and return how each went."""

    def outcome(call: Callable[[], Booking]) -> Outcome:
        try:
            return call().status.value
        except Refusal as refusal:
            return refusal.code

    with ThreadPoolExecutor(max_workers=AT_ONCE) as threads:
        return list(threads.map(outcome, calls))
