"""Commission records: one per confirmed booking, changed one step at a time, never deleted."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, final

from marketplace.booking.model import Booking, BookingStatus
from marketplace.booking.repository import adding_commission, commission_record
from marketplace.chat.repository import booking_key
from marketplace.commission.model import Commission, PaymentStatus
from marketplace.commission.payment_notices import Reminder, reminder_due_at, reminder_notice
from marketplace.commission.restoring import REPAIRED, record_in_trail
from marketplace.notification.repository import notice_put
from marketplace.platform.caller import Caller
from marketplace.platform.clock import written
from marketplace.platform.dynamodb.audit_log import Change, history_put
from marketplace.platform.dynamodb.conflicts import until_won
from marketplace.platform.dynamodb.records import from_record, readable
from marketplace.platform.dynamodb.store import (
    Action,
    Check,
    Condition,
    ConditionRefused,
    Page,
    Store,
    TransactionRefused,
    Update,
    at_version,
)
from marketplace.platform.refusals import NotFound


@final
class Commissions:
    """What therapists owe the platform."""

    def __init__(self, store: Store) -> None:
        """Keep commission records in ``store``."""
        self._store = store

    def get(self, booking_id: str) -> Commission:
        """Return the record of a booking.

        Raises:
            NotFound: it has none.
        """
        item = self._store.get("commission_records", {"bookingId": booking_id})
        if item is None:
            raise NotFound
        return from_record(Commission, item)

    def change(
        self,
        booking_id: str,
        decide: Callable[[Commission], Commission],
        *,
        beside: Callable[[Commission], list[Action]] = lambda _: [],
    ) -> Commission:
        """Load a record, decide, and save the step with what goes ``beside`` it; a loser decides again.

        Raises:
            NotFound: the booking has no record.
        """

        def attempt() -> Commission | None:
            before = self.get(booking_id)
            after = decide(before)
            return after if self.save(before, after, beside=beside(after)) else None

        return until_won(attempt)

    def save(self, before: Commission, after: Commission, *, beside: list[Action] | None = None) -> bool:
        """Write one step of a record, if nothing moved since it was read; say whether it was written."""
        old, new = commission_record(before), commission_record(after)
        step = Update(
            label="commission",
            table="commission_records",
            key={"bookingId": before.booking_id},
            condition=at_version(before.version)
            & Condition(
                expression="#paymentStatus = :readStatus",
                values={"readStatus": before.payment_status.value},
            ),
            assign={name: value for name, value in new.items() if old.get(name) != value},
        )
        try:
            self._store.transact([step, *(beside or [])])
        except TransactionRefused:
            return False
        return True

    def repair(self, booking_id: str, *, by: Caller, now: datetime, due_days: int) -> Commission:
        """Bring back the record that a confirmed booking has lost, as the trail last knew it; an existing one stays.

        So what was paid stays paid. Where the trail does not know it, it is made as it was made first. The trail tells
        of the repair in the same transaction, and the booking must not move meanwhile.

        Raises:
            NotFound: there is no such booking.
            InvalidTransition: it was never confirmed.
        """

        def attempt() -> Commission | None:
            table, key = booking_key(booking_id)
            booking_item, item = self._store.batch_get(
                [(table, key), ("commission_records", {"bookingId": booking_id})]
            )
            if booking_item is None:
                raise NotFound
            if item is not None:
                return from_record(Commission, item)
            booking = from_record(Booking, booking_item)
            owed_first = Commission.owed_for(booking, due_days=due_days)
            commission = _as_booking_stands(self._last_known(booking_id) or owed_first, booking)
            actions: list[Action] = [
                adding_commission(commission),
                Check(label="booking", table=table, key=key, condition=at_version(booking.version)),
                history_put(_repair_of(commission, by, now)),
            ]
            try:
                self._store.transact(actions)
            except TransactionRefused:
                return None
            return commission

        return until_won(attempt)

    def _last_known(self, booking_id: str) -> Commission | None:
        """Return the record as the trail last knew it, or nothing where it knows none that can be read."""
        where = Condition(expression="#entityId = :booking", values={"booking": booking_id})
        record = record_in_trail(self._store.query_all("history", where=where, strongly=True))
        return next(iter(readable(Commission, [record], key="bookingId")), None) if record else None

    def find_by_therapist(
        self,
        therapist_id: str,
        *,
        limit: int,
        start: Mapping[str, Any] | None,
        status: PaymentStatus | None = None,
    ) -> Page:
        """Return a page of a therapist's records, newest booking first."""
        keeping = None
        if status is not None:
            keeping = Condition(expression="#paymentStatus = :status", values={"status": status.value})
        return self._store.query(
            "commission_records",
            index="byTherapist",
            where=Condition(expression="#therapistId = :therapist", values={"therapist": therapist_id}),
            newest_first=True,
            limit=limit,
            start=start,
            keeping=keeping,
        )

    def find_to_remind(self, reminder: Reminder, now: datetime) -> Iterator[Commission]:
        """Yield the records that a reminder is due for and that do not remember it."""
        for state in reminder.states:
            items = self._store.query_all(
                "commission_records",
                index="byStatus",
                where=Condition(
                    expression="#paymentStatus = :state AND #paymentDeadline BETWEEN :since AND :until",
                    values={
                        "state": state.value,
                        "since": written(now - reminder.until),
                        "until": written(now - reminder.due),
                    },
                ),
            )
            for commission in readable(Commission, items, key="bookingId"):
                if commission.reminded_of != reminder.stage and not commission.is_test:
                    yield commission

    def remind(self, commission: Commission, reminder: Reminder) -> bool:
        """Write a reminder once, while the record stands as it was read; say whether this call did.

        It is no step of the debt, so the version stays; the notification's id follows from record and stage.
        """
        actions: list[Action] = [
            Update(
                label="commission",
                table="commission_records",
                key={"bookingId": commission.booking_id},
                condition=at_version(commission.version)
                & Condition(
                    expression="attribute_not_exists(#remindedOf) OR #remindedOf <> :stage",
                    values={"stage": reminder.stage},
                ),
                assign={"remindedOf": reminder.stage},
            ),
            notice_put(
                reminder_notice(commission, reminder), reminder_due_at(commission, reminder), commission.version
            ),
        ]
        try:
            self._store.transact(actions)
        except TransactionRefused:
            return False
        return True

    def announce_proof(self, commission: Commission, attachment_id: str) -> bool:
        """Note which file is to be the proof, unless the record has moved; say whether it was noted.

        It is no step of the debt, so the version stays.
        """
        try:
            self._store.write(
                Update(
                    label="commission",
                    table="commission_records",
                    key={"bookingId": commission.booking_id},
                    condition=at_version(commission.version),
                    assign={"announcedProofId": attachment_id},
                )
            )
        except ConditionRefused:
            return False
        return True

    def find_all_of(self, therapist_id: str, before: datetime) -> Iterator[Commission]:
        """Yield every record of a therapist whose booking was confirmed before an instant, oldest first."""
        items = self._store.query_all(
            "commission_records",
            index="byTherapist",
            where=Condition(
                expression="#therapistId = :therapist AND #bookingDate < :edge",
                values={"therapist": therapist_id, "edge": written(before)},
            ),
        )
        yield from readable(Commission, items, key="bookingId")

    def find_page(self, status: PaymentStatus, *, limit: int, start: Mapping[str, Any] | None) -> Page:
        """Return a page of the records in a state, the latest deadline first."""
        return self._store.query(
            "commission_records",
            index="byStatus",
            where=Condition(expression="#paymentStatus = :status", values={"status": status.value}),
            newest_first=True,
            limit=limit,
            start=start,
        )

    def find_due(self, status: PaymentStatus, before: str) -> Iterator[Mapping[str, Any]]:
        """Yield stored records of a status whose payment deadline lies before an instant, earliest first."""
        return self._store.query_all(
            "commission_records",
            index="byStatus",
            where=Condition(
                expression="#paymentStatus = :status AND #paymentDeadline < :edge",
                values={"status": status.value, "edge": before},
            ),
        )


def _as_booking_stands(commission: Commission, booking: Booking) -> Commission:
    """Return the record, reversed if its booking has been cancelled and the trail did not get to know it."""
    if booking.status is not BookingStatus.CANCELLED or commission.payment_status is PaymentStatus.REVERSED:
        return commission
    by = Caller(user_id=booking.actor_id, role=booking.actor_role)
    return commission.reverse(by=by, now=booking.cancelled_at or booking.updated_at, reason=booking.reason)


def _repair_of(commission: Commission, by: Caller, now: datetime) -> Change:
    return Change(
        entity_id=commission.booking_id,
        entry_id=f"{written(now)}#repair#{commission.version:06d}",
        at=now,
        version=commission.version,
        actor=by.user_id,
        actor_role=by.role,
        action=REPAIRED,
        from_status=None,
        to_status=commission.payment_status.value,
        reason="the record was missing",
        before=None,
        after=commission_record(commission),
    )
