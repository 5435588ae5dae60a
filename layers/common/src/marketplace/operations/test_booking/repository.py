"""Test bookings in the tables: noted before anything else of them exists, removed to the last row.

Nothing else that has happened is ever deleted: every row belongs to a run's own booking, room, therapist or
customer, and says so or is found under their keys. A removal that is cut off goes on with the next
sweep, for the note goes last. The audit log keeps what happened; nothing is ever taken out of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, final

from marketplace.booking.holds import requests_key
from marketplace.booking.model import Booking
from marketplace.booking.pending_limits import PendingLimit
from marketplace.booking.repository import booking_key
from marketplace.catalogue.repository import Catalogue, therapist_key
from marketplace.chat.rows import room_key
from marketplace.operations.health.repository import NOT_JUDGED
from marketplace.operations.test_booking.model import TestBookingKind, TestBookingRun
from marketplace.platform import identifiers
from marketplace.platform.dynamodb.actions import Condition, ConditionRefused, Delete, Put, Update, absent, present
from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.dynamodb.lenient_rows import instant
from marketplace.platform.dynamodb.records import MalformedRecord, from_record, to_record
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.refusals import IdempotencyKeyReused, NotFound

_NOTES: Final = "test-bookings"
_REMEMBERED_FOR: Final = timedelta(days=2)
_LONG_AGO: Final = datetime(2026, 1, 1, tzinfo=UTC)
_IS_TEST: Final = Condition(expression="#isTest = :yes", values={"yes": True})


@final
class TestBookings:
    """Every test booking that there is."""

    def __init__(self, store: Store, catalogue: Catalogue) -> None:
        """Note them in ``store``; their therapists stand beside the others of the catalogue, unlisted."""
        self._store = store
        self._catalogue = catalogue

    def begin(self, run: TestBookingRun) -> TestBookingRun:
        """Note a test booking and make its therapist; return the one that was begun under the same id before, if any.

        Raises:
            IdempotencyKeyReused: it was of another kind.
            NotFound: it is over and gone already.
        """
        note, gone = self._store.batch_get(
            [("claims", _note_key(run.booking_id)), ("claims", _gone_key(run.booking_id))]
        )
        if any(known and known["kind"] != run.kind.value for known in (note, gone)):
            raise IdempotencyKeyReused
        if gone is not None:
            raise NotFound
        if note is None:
            self._note(run)
        self._catalogue.add_therapist(run.therapist())
        return run if note is None else from_record(TestBookingRun, note)

    def find_over(self, now: datetime) -> Iterator[TestBookingRun]:
        """Yield the test bookings whose time is up."""
        where = Condition(expression="#claimKey = :notes", values={"notes": _NOTES})
        notes = list(self._store.query_all("claims", where=where))
        bookings = self._store.batch_get([booking_key(str(note["claimId"])) for note in notes])
        for note, booking in zip(notes, bookings, strict=True):
            run = _run_of(note)
            booked_at = instant(booking, "createdAt") if booking else None
            if run.is_over(now, booked_at):
                yield run

    def booking_of(self, run: TestBookingRun) -> Booking | None:
        """Return the booking as it stands, or nothing where it never came to be or cannot be read."""
        table, key = booking_key(run.booking_id)
        item = self._store.get(table, key)
        try:
            return None if item is None else from_record(Booking, item)
        except MalformedRecord:
            return None

    def remove(self, run: TestBookingRun, now: datetime) -> int:
        """Remove every row of a test booking, its note last; return how many there were."""
        self._stop_judging(run)
        removed = sum(self._delete(table, key, condition) for table, key, condition in self._rows_of(run))
        self._store.transact(
            [
                Put(
                    label="gone",
                    table="claims",
                    item={
                        **_gone_key(run.booking_id),
                        "kind": run.kind.value,
                        "expiresAtEpoch": int((now + _REMEMBERED_FOR).timestamp()),
                    },
                    condition=Condition(expression="attribute_not_exists(#claimKey) OR attribute_exists(#kind)"),
                ),
                Delete(
                    label="note",
                    table="claims",
                    key=_note_key(run.booking_id),
                    condition=Condition(expression="attribute_not_exists(#claimKey) OR attribute_exists(#kind)"),
                ),
            ]
        )
        return removed

    def _rows_of(self, run: TestBookingRun) -> Iterator[tuple[str, Mapping[str, str | int], Condition]]:
        """Yield every row that may exist, the booking last: what is left after a cut is still found by it."""
        room_id = identifiers.room_id(run.booking_id)
        people = (run.therapist_caller.user_id, run.customer.user_id)
        yield from self._found("chat_messages", ("conversationId", "sequence"), room_id)
        for person in people:
            yield from self._found("claims", ("claimKey", "claimId"), f"message#{room_id}#{person}")
            yield from self._found("notifications", ("userId", "notificationId"), person)
        yield from self._found("calendar", ("therapistId", "day"), people[0])
        yield from self._found("claims", ("claimKey", "claimId"), requests_key(run.whats_app)["claimKey"])
        owner = PendingLimit(owner=f"customer#{people[1]}", most=1)
        yield from self._found("claims", ("claimKey", "claimId"), owner.key["claimKey"])
        yield "commission_records", {"bookingId": run.booking_id}, _IS_TEST
        for table, key in (room_key(room_id), therapist_key(people[0]), booking_key(run.booking_id)):
            yield table, key, _IS_TEST

    def _found(
        self, table: str, names: Sequence[str], partition: str
    ) -> Iterator[tuple[str, Mapping[str, Any], Condition]]:
        where = Condition(expression=f"#{names[0]} = :partition", values={"partition": partition})
        for item in list(self._store.query_all(table, where=where)):
            yield table, {name: item[name] for name in names}, present(names[0])

    def _delete(self, table: str, key: Mapping[str, str | int], condition: Condition) -> bool:
        try:
            self._store.write(Delete(label="row", table=table, key=key, condition=condition))
        except ConditionRefused:
            return False
        return True

    def _stop_judging(self, run: TestBookingRun) -> None:
        """Mark the booking, so that no check takes what is being removed for broken."""
        table, key = booking_key(run.booking_id)
        try:
            self._store.write(
                Update(label="booking", table=table, key=key, condition=_IS_TEST, assign={NOT_JUDGED: True})
            )
        except ConditionRefused:
            return

    def _note(self, run: TestBookingRun) -> None:
        record = {**to_record(run), **_note_key(run.booking_id)}
        try:
            self._store.write(Put(label="note", table="claims", item=record, condition=absent("claimKey")))
        except ConditionRefused:
            return


def _run_of(note: Item) -> TestBookingRun:
    try:
        return from_record(TestBookingRun, note)
    except MalformedRecord:
        # Whatever it was, it is over; its id is all that is needed to remove it.
        return TestBookingRun(booking_id=str(note["claimId"]), kind=TestBookingKind.IMMEDIATE, started_at=_LONG_AGO)


def _note_key(booking_id: str) -> dict[str, str]:
    """Return the key of a note: ``test-bookings`` / ``b-4w2…``."""
    return {"claimKey": _NOTES, "claimId": booking_id}


def _gone_key(booking_id: str) -> dict[str, str]:
    """Return the key that remembers a removed one: ``test-booking-gone`` / ``b-4w2…``."""
    return {"claimKey": f"{_NOTES}-gone", "claimId": booking_id}
