"""From the tables' streams to people: events to connected parties and admins, history, business events.

Deliveries may come twice and late. History rows are put under a key that follows from the change, so a
repeat adds nothing; a repeated push bears the same version or sequence, which clients compare. A record
that cannot be published is tried five times and then parked in a queue, so that it delays nobody.
"""

import json
import time
from collections.abc import Mapping
from typing import Any, Final

from marketplace import bootstrap
from marketplace.clock import utc_now
from marketplace.domain.booking import Booking
from marketplace.domain.caller import SYSTEM, Caller, Role
from marketplace.domain.chat import Message
from marketplace.domain.commission import Commission
from marketplace.domain.commission_audit import puts_booking_in_doubt, puts_record_in_doubt
from marketplace.domain.refusals import NotFound
from marketplace.edge.runtime import Context, Event
from marketplace.observability import (
    Category,
    Severity,
    begin_invocation,
    count,
    finish_invocation,
    report,
)
from marketplace.resilience import keep_invocation_deadline
from marketplace.settings import settings
from marketplace.storage.attribute_values import Item, from_item
from marketplace.storage.history import change_of_booking, change_of_commission
from marketplace.storage.notices import notice_of
from marketplace.storage.records import from_record

TRIES: Final = 5
FIRST_PAUSE_SECONDS: Final = 0.05


def publish_booking(old: Item | None, new: Item) -> None:
    """Tell of a booking that came to be or changed its state."""
    if old is not None and old.get("version") == new.get("version"):
        return
    booking = from_record(Booking, new)
    bootstrap.history().add(change_of_booking(old, new, booking))
    bootstrap.business_events().publish(
        f"booking.{booking.event.value}",
        {
            "bookingId": booking.booking_id,
            "version": booking.version,
            "status": booking.status.value,
            "therapistId": booking.therapist_id,
            "source": booking.source.value,
            "isTest": booking.is_test,
        },
    )
    bootstrap.delivery().booking(booking, booking.event.value, utc_now())


def publish_commission(old: Item | None, new: Item) -> None:
    """Note down a step of a commission."""
    if old is not None and old.get("version") == new.get("version"):
        return
    commission = from_record(Commission, new)
    bootstrap.history().add(change_of_commission(old, new, commission))
    bootstrap.business_events().publish(
        f"commission.{commission.payment_status.value}",
        {
            "bookingId": commission.booking_id,
            "version": commission.version,
            "therapistId": commission.therapist_id,
            "commissionAmount": commission.commission_amount,
            "isTest": commission.is_test,
        },
    )


def publish_notification(_: Item | None, new: Item) -> None:
    """Bring a notification to its owner."""
    bootstrap.delivery().notification(notice_of(new))


def publish_message(_: Item | None, new: Item) -> None:
    """Bring a message of the system to everybody in its room; others' are pushed where they are sent."""
    message = from_record(Message, new)
    if message.sender_role is not Role.SYSTEM:
        return
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
    try:
        for record in event["Records"]:
            if not _published(record) and not _parked(record):
                failures.append({"itemIdentifier": str(record["dynamodb"]["SequenceNumber"])})
                break
    finally:
        finish_invocation()
    return {"batchItemFailures": failures}


def _published(record: Mapping[str, Any]) -> bool:
    images = record["dynamodb"]
    table = _table_of(str(record["eventSourceARN"]))
    old = from_item(images["OldImage"]) if "OldImage" in images else None
    new = from_item(images["NewImage"]) if "NewImage" in images else None
    pause = FIRST_PAUSE_SECONDS
    for attempt in range(1, TRIES + 1):
        try:
            _note_doubt(table, old, new)
            if new is not None:
                _PUBLISHERS[table](old, new)
        except NotFound:
            return True
        except Exception as error:  # noqa: BLE001 - one record must not hold up those behind it
            last = attempt == TRIES
            report(
                "change not published",
                category=Category.BOOKING,
                severity=Severity.ERROR if last else Severity.WARNING,
                code="change_not_published",
                error=error,
                table=table,
                attempt=attempt,
            )
            if last:
                return False
            time.sleep(pause)
            pause *= 2
        else:
            count("ChangesPublished")
            return True
    return False


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
    return stream_arn.split("/")[1].removeprefix(settings().table_prefix)
