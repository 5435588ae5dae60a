"""From the tables' streams to people: events to connected parties and admins, history, business events.

Deliveries may come twice, late and in any order. History rows are put under a key that follows from the
change, so a repeat adds nothing; a repeated push bears the same version or sequence, which clients
compare. The parts of a change do not wait for each other: the trail is written and people are told though
the event bus is down. What cannot be done is tried five times, then the change is parked in a queue, so
that it delays nobody.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from marketplace import bootstrap
from marketplace.clock import utc_now
from marketplace.domain.booking import Booking
from marketplace.domain.caller import SYSTEM, Caller, Role
from marketplace.domain.chat import Message
from marketplace.domain.commission import Commission
from marketplace.domain.commission_audit import puts_booking_in_doubt, puts_record_in_doubt
from marketplace.domain.refusals import NotFound, ServiceUnavailable
from marketplace.edge.runtime import Context, Event
from marketplace.observability import (
    Category,
    Severity,
    begin_invocation,
    count,
    finish_invocation,
    report,
)
from marketplace.resilience import keep_invocation_deadline, seconds_left
from marketplace.settings import settings
from marketplace.storage.attribute_values import Item, from_item
from marketplace.storage.history import change_of_booking, change_of_commission
from marketplace.storage.notices import notice_of
from marketplace.storage.records import from_record

TRIES: Final = 5
FIRST_PAUSE_SECONDS: Final = 0.05
PAUSES_AT_MOST_SECONDS: Final = 10.0
"""What a batch waits in all for dependencies that are down; after that its changes are parked without waiting."""
STOP_WITH_SECONDS_LEFT: Final = 8.0
_PLENTY: Final = 1_000.0

type Part = Callable[[], object]


def publish_booking(old: Item | None, new: Item) -> Sequence[Part]:
    """Tell of a booking that came to be or changed its state."""
    if old is not None and old.get("version") == new.get("version"):
        return ()
    booking = from_record(Booking, new)
    event = {
        "bookingId": booking.booking_id,
        "version": booking.version,
        "status": booking.status.value,
        "therapistId": booking.therapist_id,
        "source": booking.source.value,
        "isTest": booking.is_test,
    }
    return (
        lambda: bootstrap.history().add(change_of_booking(old, new, booking)),
        lambda: bootstrap.delivery().booking(booking, booking.event.value, utc_now()),
        lambda: bootstrap.business_events().publish(f"booking.{booking.event.value}", event),
    )


def publish_commission(old: Item | None, new: Item) -> Sequence[Part]:
    """Note down a step of a commission."""
    if old is not None and old.get("version") == new.get("version"):
        return ()
    commission = from_record(Commission, new)
    event = {
        "bookingId": commission.booking_id,
        "version": commission.version,
        "therapistId": commission.therapist_id,
        "commissionAmount": commission.commission_amount,
        "isTest": commission.is_test,
    }
    return (
        lambda: bootstrap.history().add(change_of_commission(old, new, commission)),
        lambda: bootstrap.business_events().publish(f"commission.{commission.payment_status.value}", event),
    )


def publish_notification(_: Item | None, new: Item) -> Sequence[Part]:
    """Bring a notification to its owner."""
    notice = notice_of(new)
    return (lambda: bootstrap.delivery().notification(notice),)


def publish_message(_: Item | None, new: Item) -> Sequence[Part]:
    """Bring a message of the system to everybody in its room; others' are pushed where they are sent."""
    message = from_record(Message, new)
    return (lambda: _deliver(message),) if message.sender_role is Role.SYSTEM else ()


def _deliver(message: Message) -> None:
    room, booking, _role = bootstrap.rooms().load(message.conversation_id, _EVERYBODY)
    bootstrap.delivery().message(message, room, booking)


_EVERYBODY: Final = Caller(user_id=SYSTEM.user_id, role=Role.ADMIN)
_PUBLISHERS: Final = {
    "bookings": publish_booking,
    "commission_records": publish_commission,
    "notifications": publish_notification,
    "chat_messages": publish_message,
}


def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
    """Publish a batch of changes; what could be neither published nor parked is reported as failed."""
    keep_invocation_deadline(context.get_remaining_time_in_millis())
    begin_invocation(context.aws_request_id)
    failures: list[dict[str, str]] = []
    patience = PAUSES_AT_MOST_SECONDS
    try:
        for record in event["Records"]:
            is_late = seconds_left(_PLENTY) < STOP_WITH_SECONDS_LEFT
            is_published, patience = (False, patience) if is_late else _published(record, patience)
            if not is_published and (is_late or not _parked(record)):
                failures.append({"itemIdentifier": str(record["dynamodb"]["SequenceNumber"])})
                break
    finally:
        finish_invocation()
    return {"batchItemFailures": failures}


def _published(record: Mapping[str, Any], patience: float) -> tuple[bool, float]:
    """Publish a change, and tell the seconds of patience that are left."""
    parts: Sequence[Part] = (lambda: _parts_of(record),)
    pause = FIRST_PAUSE_SECONDS
    for attempt in range(1, TRIES + 1):
        parts, error = _carried_out(parts)
        if error is None:
            count("ChangesPublished")
            return True, patience
        report(
            "change not published",
            category=Category.BOOKING,
            severity=Severity.ERROR if attempt == TRIES else Severity.WARNING,
            code="change_not_published",
            error=error,
            table=_table_of(str(record.get("eventSourceARN"))),
            attempt=attempt,
        )
        if isinstance(error, ServiceUnavailable) and attempt < TRIES and pause <= patience:
            time.sleep(pause)
            patience -= pause
            pause *= 2
    return False, patience


def _carried_out(parts: Sequence[Part]) -> tuple[Sequence[Part], Exception | None]:
    """Carry out each part once; return those that failed, or came to light, and the last failure.

    What a change was about may be gone by now; then there is nobody to tell.
    """
    left, failure = list[Part](), None
    for part in parts:
        try:
            found = part()
        except NotFound:
            continue
        except Exception as error:  # noqa: BLE001 - neither the other parts nor the other changes wait for this one
            left.append(part)
            failure = error
        else:
            if isinstance(found, tuple):
                more, inner = _carried_out(found)
                left += more
                failure = inner or failure
    return left, failure


def _parts_of(record: Mapping[str, Any]) -> tuple[Part, ...]:
    images = record["dynamodb"]
    table = _table_of(str(record["eventSourceARN"]))
    old = from_item(images["OldImage"]) if "OldImage" in images else None
    new = from_item(images["NewImage"]) if "NewImage" in images else None
    parts = () if new is None else _PUBLISHERS[table](old, new)
    return (lambda: _note_doubt(table, old, new), *parts)


def _note_doubt(table: str, old: Item | None, new: Item | None) -> None:
    """Tell the next audit of a change to somebody's money that no command makes, or whose effect it must see."""
    now = utc_now()
    is_doubtful = (table == "bookings" and puts_booking_in_doubt(old, new)) or (
        table == "commission_records" and puts_record_in_doubt(old, new, now)
    )
    if is_doubtful:
        bootstrap.audits().doubt(str((new or old or {}).get("bookingId")), now)


def _parked(record: Mapping[str, Any]) -> bool:
    """Put a record that cannot be published aside for people to look at."""
    try:
        bootstrap.parked_changes().send(json.dumps(record))
    except Exception as error:  # noqa: BLE001 - then the stream itself must bring it again
        report(
            "change not parked",
            category=Category.BOOKING,
            severity=Severity.CRITICAL,
            code="change_not_parked",
            error=error,
        )
        return False
    count("ChangesParked")
    return True


def _table_of(stream_arn: str) -> str:
    """Return the table behind a stream: ``arn:…:table/<prefix>bookings/stream/…`` is ``bookings``."""
    return stream_arn.partition("/")[2].partition("/")[0].removeprefix(settings().table_prefix)
