"""From the tables' streams to people: events to connected parties and admins, history, business events.

Deliveries may come twice, late and in any order. History rows are put under a key that follows from the
change, so a repeat adds nothing; a repeated push bears the same version or sequence, which clients
compare. The parts of a change do not wait for each other: the audit log is written and people are told though
the event bus is down. What cannot be done is tried five times, then the change goes to the dead letters, so
that it delays nobody. Only while the tables themselves are away, and nothing of any change can be done, all
wait, and the stream brings them again.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from threading import Lock
from typing import Any, Final, final

from marketplace import bootstrap
from marketplace.booking.instant_confirmation import as_opened, is_opened_and_confirmed
from marketplace.booking.model import Booking, BookingEvent
from marketplace.booking.repository import booking_record
from marketplace.chat.message import Message
from marketplace.chat.responses import map_link
from marketplace.commission.model import Commission
from marketplace.commission.states import PaymentStatus
from marketplace.notification.repository import StoredNotice, notice_of
from marketplace.operations.reconciliation.model import makes_booking_dirty, makes_record_dirty
from marketplace.platform.api.invocation import Event, triggered
from marketplace.platform.caller import SYSTEM, Caller, Role
from marketplace.platform.clock import utc_now
from marketplace.platform.dynamodb.attribute_values import Item, from_item
from marketplace.platform.dynamodb.records import from_record
from marketplace.platform.refusals import NotFound, ServiceUnavailable
from marketplace.platform.resilience import map_parallel, seconds_left
from marketplace.platform.runtime.observability import (
    Category,
    Severity,
    count,
    report,
)
from marketplace.platform.settings import settings
from marketplace.services.booking.afterwards import plan_first_look
from marketplace.services.booking.reviews import REVIEW_SHOWN
from marketplace.services.history import change_of_booking, change_of_commission, change_of_therapist, is_erasure
from marketplace.services.notification.notices import falls_away, withdraw

CATEGORY: Final = Category.BOOKING
TRIES: Final = 5
FIRST_PAUSE_SECONDS: Final = 0.05
SIDE_BY_SIDE: Final = 8
"""Bookings, rooms or people whose changes are published at once: most of a change is waiting for answers."""
PAUSES_AT_MOST_SECONDS: Final = 10.0
"""What a batch waits in all for the event bus; after that its changes become dead letters without waiting."""
LONGEST_PAUSE_SECONDS: Final = 2.0
STOP_WITH_SECONDS_LEFT: Final = 8.0
_PLENTY: Final = 1_000.0

_ABOUT: Final = {
    "bookings": "bookingId",
    "commission_records": "bookingId",
    "therapists": "therapistId",
    "notifications": "userId",
    "chat_messages": "conversationId",
}
"""What changes of a table keep their order about; all of another table's stand in one line."""

type Part = Callable[[], object]


class EventNotTakenError(Exception):
    """The event bus cannot be reached; everything else goes on without it."""


class Outcome(Enum):
    """What became of a change."""

    PUBLISHED = "published"
    POISON = "poison"
    """It cannot be published, whatever is tried."""
    TOO_EARLY = "too early"
    """The tables are away, or the invocation ends: the stream must bring it again."""


@final
class Patience:
    """Seconds that all changes of a batch together may wait for the event bus."""

    def __init__(self, seconds: float) -> None:
        """Begin with so many seconds."""
        self._left = seconds
        self._taking = Lock()

    def take(self, seconds: float) -> bool:
        """Take some, if they are left."""
        with self._taking:
            is_left = seconds <= self._left
            self._left -= seconds if is_left else 0
        return is_left


def publish_booking(old: Item | None, new: Item) -> Sequence[Part]:
    """Tell of a booking that came to be or changed its state."""
    if old is not None and old.get("version") == new.get("version"):
        return ()
    booking = from_record(Booking, new)
    if booking.event is BookingEvent.IMPORTED:  # what happened elsewhere, and long ago, is news to nobody
        return (
            lambda: bootstrap.history().add(change_of_booking(old, new, booking)),
            lambda: bootstrap.reach_planner().plan_reminders(None, booking, utc_now()),
            lambda: plan_first_look(bootstrap.bookings(), booking),
        )
    if old is None and is_opened_and_confirmed(booking):
        opened = booking_record(as_opened(booking))
        return (*_of_step(None, opened, as_opened(booking)), *_of_step(opened, new, booking))
    return (*_of_step(old, new, booking), lambda: plan_first_look(bootstrap.bookings(), booking))


def _of_step(old: Item | None, new: Item, booking: Booking) -> Sequence[Part]:
    """Return what tells of one version of a booking."""
    before = None if old is None else from_record(Booking, old)
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
        *_withdrawing(old, booking),
        lambda: bootstrap.delivery().booking(booking, booking.event.value, utc_now()),
        lambda: bootstrap.reach_planner().plan_reminders(before, booking, utc_now()),
        lambda: _put_on_the_bus(f"booking.{booking.event.value}", event),
        lambda: bootstrap.webhook_news().of_booking(booking),
    )


def _withdrawing(old: Item | None, booking: Booking) -> Sequence[Part]:
    """Return what leaves the unread count of a therapist whose offer has fallen away."""
    before = None if old is None else from_record(Booking, old)
    if before is None or not falls_away(before, booking):
        return ()
    return (lambda: withdraw(bootstrap.notices(), before, booking),)


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
    parts: list[Part] = [lambda: bootstrap.history().add(change_of_commission(old, new, commission))]
    if not (is_erasure(old, new) or commission.is_imported):
        parts.append(lambda: _put_on_the_bus(f"commission.{commission.payment_status.value}", event))
        parts.append(lambda: bootstrap.webhook_news().of_commission(commission))
        parts += _of_debt(old, commission)
    return parts


def _of_debt(old: Item | None, commission: Commission) -> Sequence[Part]:
    """Return what notes with a therapist that a debt of theirs is overdue, or not any more."""
    was_overdue = old is not None and old.get("paymentStatus") == PaymentStatus.OVERDUE.value
    if commission.is_test or not (was_overdue or commission.overdue_since):
        return ()
    return (lambda: bootstrap.overdue_debts().note(commission),)


def publish_therapist(old: Item | None, new: Item) -> Sequence[Part]:
    """Note down what somebody changed of a therapist; who is connected, and when they were seen, is no change."""
    if old is not None and old.get("version") == new.get("version"):
        return ()
    change = change_of_therapist(old, new)
    return () if change is None else (lambda: bootstrap.history().add(change),)


def publish_notification(_: Item | None, new: Item) -> Sequence[Part]:
    """Bring a notification to its owner."""
    notice = notice_of(new)
    return (
        *_calling_for_help(notice),
        *_showing_a_review(notice),
        lambda: bootstrap.delivery().notification(notice),
        lambda: bootstrap.reach_planner().plan_notice(notice, utc_now()),
    )


def _calling_for_help(notice: StoredNotice) -> Sequence[Part]:
    """Return what wakes the staff where somebody needs help on a visit: every admin's page, and the alarm topic."""
    if notice.kind != "sos":
        return ()
    given = notice.parameters
    place = map_link({"latitude": given.get("latitude"), "longitude": given.get("longitude")})
    where = place if given.get("latitude") is not None else "no place was given"
    text = f"The {given.get('actorRole')} of booking {notice.booking_id} calls for help: {where}"
    return (
        lambda: bootstrap.delivery().sos(notice),
        lambda: bootstrap.alarm_topic().publish(f"SOS on booking {notice.booking_id}", text),
    )


def _showing_a_review(notice: StoredNotice) -> Sequence[Part]:
    """Return what tells other systems of a review that is shown from now on."""
    if notice.kind != REVIEW_SHOWN or notice.booking_id is None:
        return ()
    booking_id, author = notice.booking_id, Role(str(notice.parameters["author"]))
    return (lambda: bootstrap.webhook_news().of_review(booking_id, author, notice.created_at),)


def publish_message(_: Item | None, new: Item) -> Sequence[Part]:
    """Bring a message of the system to everybody in its room; others' are pushed where they are sent.

    Who does not see theirs in time hears of it otherwise.
    """
    message = from_record(Message, new)
    return (lambda: _deliver(message) if message.sender_role is Role.SYSTEM else _plan(message),)


def _put_on_the_bus(name: str, event: Mapping[str, Any]) -> None:
    try:
        bootstrap.business_events().publish(name, event)
    except ServiceUnavailable as error:
        raise EventNotTakenError from error


def _deliver(message: Message) -> None:
    room, booking, _role = bootstrap.rooms().load(message.conversation_id, _EVERYBODY)
    if not _was_said_elsewhere(message, booking):
        bootstrap.delivery().message(message, room, booking)


def _plan(message: Message) -> None:
    room, booking, _role = bootstrap.rooms().load(message.conversation_id, _EVERYBODY)
    if not _was_said_elsewhere(message, booking):
        bootstrap.reach_planner().plan_message(message, room, booking, utc_now())


def _was_said_elsewhere(message: Message, booking: Booking) -> bool:
    """Say whether a message came with an imported booking; everybody has heard of it there."""
    return booking.imported_at is not None and message.timestamp <= booking.imported_at


_EVERYBODY: Final = Caller(user_id=SYSTEM.user_id, role=Role.ADMIN)
_PUBLISHERS: Final = {
    "bookings": publish_booking,
    "commission_records": publish_commission,
    "notifications": publish_notification,
    "therapists": publish_therapist,
    "chat_messages": publish_message,
}


@triggered(CATEGORY)
def lambda_handler(event: Event) -> dict[str, Any]:
    """Publish a batch of changes; the first that could be neither published nor kept as a dead letter has failed.

    Changes of one booking, room or person are published one after the other, in their order; those of different ones
    side by side. The stream brings a batch again from its first failure on, and every change may come twice.
    """
    patience = Patience(PAUSES_AT_MOST_SECONDS * SIDE_BY_SIDE)
    lines = _lines_of(event["Records"])
    failed = set(map_parallel(lambda line: _first_failure(line, patience), lines, at_once=SIDE_BY_SIDE))
    in_order = (str(record["dynamodb"]["SequenceNumber"]) for record in event["Records"])
    first = next((number for number in in_order if number in failed), None)
    return {"batchItemFailures": [] if first is None else [{"itemIdentifier": first}]}


def _lines_of(records: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """Return the records by what they are about, each line in the order of the stream."""
    lines: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for record in records:
        table = _table_of(str(record.get("eventSourceARN")))
        key = record.get("dynamodb", {}).get("Keys", {})
        about = json.dumps(key.get(_ABOUT.get(table, "")), sort_keys=True)
        lines.setdefault((table, about), []).append(record)
    return list(lines.values())


def _first_failure(line: Sequence[Mapping[str, Any]], patience: Patience) -> str | None:
    """Publish a line of changes; return the number of the one at which it stopped, if it did."""
    for record in line:
        outcome = _published(record, patience)
        if outcome is Outcome.TOO_EARLY or (outcome is Outcome.POISON and not _became_dead_letter(record)):
            return str(record["dynamodb"]["SequenceNumber"])
    return None


def _published(record: Mapping[str, Any], patience: Patience) -> Outcome:
    """Publish a change; what waits for the event bus takes from the batch's patience."""
    parts: Sequence[Part] = (lambda: _parts_of(record),)
    pause, tries = FIRST_PAUSE_SECONDS, 0
    while seconds_left(_PLENTY) >= STOP_WITH_SECONDS_LEFT:
        parts, error = _carried_out(parts)
        if error is None:
            count("ChangesPublished")
            return Outcome.PUBLISHED
        is_away = isinstance(error, ServiceUnavailable)
        tries += not is_away
        _report(error, record, is_last=tries == TRIES)
        if tries == TRIES:
            return Outcome.POISON
        if not is_away and not (isinstance(error, EventNotTakenError) and patience.take(pause)):
            continue
        time.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
    return Outcome.TOO_EARLY


def _report(error: Exception, record: Mapping[str, Any], *, is_last: bool) -> None:
    report(
        "change not published",
        category=CATEGORY,
        severity=Severity.ERROR if is_last else Severity.WARNING,
        code="change_not_published",
        error=error,
        table=_table_of(str(record.get("eventSourceARN"))),
    )


def _carried_out(parts: Sequence[Part]) -> tuple[Sequence[Part], Exception | None]:
    """Carry out each part once; return those that failed, or came to light, and the failure that weighs most.

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
            failure = _weightier(failure, error)
        else:
            if isinstance(found, tuple):
                more, inner = _carried_out(found)
                left += more
                failure = _weightier(failure, inner)
    return left, failure


def _weightier(one: Exception | None, other: Exception | None) -> Exception | None:
    """Return the failure that decides what becomes of a change: that the tables are away, else the later one."""
    return one if other is None or isinstance(one, ServiceUnavailable) else other


def _parts_of(record: Mapping[str, Any]) -> tuple[Part, ...]:
    images = record["dynamodb"]
    table = _table_of(str(record["eventSourceARN"]))
    old = from_item(images["OldImage"]) if "OldImage" in images else None
    new = from_item(images["NewImage"]) if "NewImage" in images else None
    parts = () if new is None else _PUBLISHERS[table](old, new)
    return (lambda: _mark_dirty(table, old, new), *parts)


def _mark_dirty(table: str, old: Item | None, new: Item | None) -> None:
    """Tell the next audit of a change to somebody's money that no command makes, or whose effect it must see."""
    now = utc_now()
    is_dirty = (table == "bookings" and makes_booking_dirty(old, new)) or (
        table == "commission_records" and makes_record_dirty(old, new, now)
    )
    if is_dirty:
        bootstrap.audits().mark_dirty(str((new or old or {}).get("bookingId")), now)


def _became_dead_letter(record: Mapping[str, Any]) -> bool:
    """Put a record that cannot be published aside for people to look at."""
    try:
        bootstrap.dead_letters().send(json.dumps(record))
    except Exception as error:  # noqa: BLE001 - then the stream itself must bring it again
        report(
            "change not parked",
            category=CATEGORY,
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
