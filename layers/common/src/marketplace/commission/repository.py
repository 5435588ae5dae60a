"""Commission records as they are stored: what is read of them, and the actions that write their rows."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, final

from marketplace.commission.model import Commission
from marketplace.commission.payment_notices import Reminder
from marketplace.commission.states import PaymentStatus
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.actions import Check, Condition, Put, Update, absent, at_version
from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.dynamodb.records import from_record, readable_records, to_record
from marketplace.platform.dynamodb.store import Page, Store
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
        table, key = commission_key(booking_id)
        item = self._store.get(table, key)
        if item is None:
            raise NotFound
        return from_record(Commission, item)

    def find_by_therapist(
        self,
        therapist_id: str,
        *,
        limit: int,
        start: Mapping[str, Any] | None,
        status: PaymentStatus | None = None,
    ) -> Page:
        """Return a page of a therapist's records, newest booking first."""
        filtered_by = None
        if status is not None:
            filtered_by = Condition(expression="#paymentStatus = :status", values={"status": status.value})
        return self._store.query(
            "commission_records",
            index="byTherapist",
            where=Condition(expression="#therapistId = :therapist", values={"therapist": therapist_id}),
            newest_first=True,
            limit=limit,
            start=start,
            filtered_by=filtered_by,
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
                        "since": format_utc(now - reminder.until),
                        "until": format_utc(now - reminder.due),
                    },
                ),
            )
            for commission in readable_records(Commission, items, key="bookingId"):
                if commission.reminded_of != reminder.stage and not commission.is_test:
                    yield commission

    def find_all_of(self, therapist_id: str, before: datetime) -> Iterator[Commission]:
        """Yield every record of a therapist whose booking was confirmed before an instant, oldest first."""
        items = self._store.query_all(
            "commission_records",
            index="byTherapist",
            where=Condition(
                expression="#therapistId = :therapist AND #bookingDate < :edge",
                values={"therapist": therapist_id, "edge": format_utc(before)},
            ),
        )
        yield from readable_records(Commission, items, key="bookingId")

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


def adding_commission(commission: Commission) -> Put:
    """Return the action that writes the one commission record of a booking."""
    return Put(
        label="commission",
        table="commission_records",
        item=commission_record(commission),
        condition=absent("bookingId"),
    )


def commission_record(commission: Commission) -> Item:
    """Return a commission as it is stored, with the rate as the wire writes it."""
    return {**to_record(commission), "commissionRate": commission.commission_rate}


def commission_key(booking_id: str) -> tuple[str, dict[str, str]]:
    """Return where the record of a booking is: ``commission_records``, ``{"bookingId": "b-4w2…"}``."""
    return "commission_records", {"bookingId": booking_id}


def saving_commission(before: Commission, after: Commission) -> Update:
    """Return the action that writes one step of a record, if nothing moved since it was read."""
    old, new = commission_record(before), commission_record(after)
    table, key = commission_key(before.booking_id)
    return Update(
        label="commission",
        table=table,
        key=key,
        condition=at_version(before.version)
        & Condition(expression="#paymentStatus = :readStatus", values={"readStatus": before.payment_status.value}),
        assign={name: value for name, value in new.items() if old.get(name) != value},
    )


def checking_commission(commission: Commission) -> Check:
    """Return the action that lets a transaction hold only if a record is unchanged since it was read."""
    table, key = commission_key(commission.booking_id)
    return Check(label="commission", table=table, key=key, condition=at_version(commission.version))


def reminding(commission: Commission, stage: str) -> Update:
    """Return the action that notes a reminder once, while the record stands as it was read.

    It is no step of the debt, so the version stays.
    """
    table, key = commission_key(commission.booking_id)
    return Update(
        label="commission",
        table=table,
        key=key,
        condition=at_version(commission.version)
        & Condition(expression="attribute_not_exists(#remindedOf) OR #remindedOf <> :stage", values={"stage": stage}),
        assign={"remindedOf": stage},
    )


def announcing_proof(commission: Commission, attachment_id: str) -> Update:
    """Return the action that notes which file is to be the proof, unless the record has moved.

    It is no step of the debt, so the version stays.
    """
    table, key = commission_key(commission.booking_id)
    return Update(
        label="commission",
        table=table,
        key=key,
        condition=at_version(commission.version),
        assign={"announcedProofId": attachment_id},
    )
