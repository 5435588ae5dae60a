"""Bookings as they are stored: what is read of them, and the actions that write their own row."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Final, assert_never, final

from marketplace.booking.model import LIVE, Booking, BookingStatus, DeadlineRule
from marketplace.platform.clock import format_utc, parse_utc
from marketplace.platform.dynamodb.actions import (
    Check,
    Condition,
    ConditionRefused,
    Put,
    Update,
    absent,
    at_version,
    present,
)
from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.dynamodb.records import from_record, readable_records, to_record
from marketplace.platform.dynamodb.shards import list_shard_of, list_shards
from marketplace.platform.dynamodb.store import Page, Store
from marketplace.platform.refusals import NotFound

SHARDS: Final = 8
OPEN: Final = "yes"
"""The one key of the index of what is open; its range is the booking's id, over which writes spread evenly."""


@final
class Bookings:
    """The bookings of the marketplace."""

    def __init__(self, store: Store) -> None:
        """Keep bookings in ``store``."""
        self._store = store

    def get(self, booking_id: str) -> Booking:
        """Return a booking.

        Raises:
            NotFound: there is none.
        """
        table, key = booking_key(booking_id)
        item = self._store.get(table, key)
        if item is None:
            raise NotFound
        return from_record(Booking, item)

    def find_page(  # noqa: PLR0913 - each is a clause of the query
        self,
        *,
        index: str,
        attribute: str,
        value: str,
        limit: int,
        start: Mapping[str, Any] | None = None,
        filtered_by: Condition | None = None,
        created: Condition | None = None,
    ) -> Page:
        """Return a page of stored bookings of one index, newest first.

        ``created`` is a condition on ``createdAt``, by which every index of lists is sorted, so that a period
        costs what it holds; ``filtered_by`` filters after reading.
        """
        where = Condition(expression=f"#{attribute} = :value", values={"value": value})
        return self._store.query(
            "bookings",
            index=index,
            where=where & created if created else where,
            newest_first=True,
            limit=limit,
            start={**start, attribute: value} if start else None,
            filtered_by=filtered_by,
        )

    def find_made_since(self, since: datetime) -> Iterator[Booking]:
        """Yield the bookings made since an instant that can be read, in no order."""
        for shard in list_shards():
            where = Condition(
                expression="#listShard = :shard AND #createdAt >= :since",
                values={"shard": shard, "since": format_utc(since)},
            )
            rows = self._store.query_all("bookings", where=where, index="byCreation")
            yield from readable_records(Booking, rows, key="bookingId")

    def find_due(self, shard: int, now: datetime) -> Iterator[str]:
        """Yield the ids of the pending bookings of a shard whose deadline has come, earliest first."""
        where = Condition(
            expression="#pendingShard = :shard AND #responseDeadline <= :now",
            values={"shard": str(shard), "now": format_utc(now)},
        )
        for item in self._store.query_all("bookings", where=where, index="pendingByDeadline"):
            yield str(item["bookingId"])

    def find_past_end(self, shard: int, now: datetime) -> Iterator[tuple[str, datetime, int]]:
        """Yield the confirmed bookings of a shard whose planned end has come: id, end and version of the policy."""
        where = Condition(
            expression="#confirmedShard = :shard AND #endsAt <= :now",
            values={"shard": str(shard), "now": format_utc(now)},
        )
        for item in self._store.query_all("bookings", where=where, index="confirmedByEnd"):
            yield str(item["bookingId"]), parse_utc(str(item["endsAt"])), int(item.get("policyVersion", 0))

    def find_expired_proposals(self, shard: int, now: datetime) -> Iterator[str]:
        """Yield the ids of the bookings of a shard whose proposal has expired, earliest first."""
        where = Condition(
            expression="#proposalShard = :shard AND #proposalExpiresAt <= :now",
            values={"shard": str(shard), "now": format_utc(now)},
        )
        for item in self._store.query_all("bookings", where=where, index="openProposals"):
            yield str(item["bookingId"])

    def find_due_afterwards(self, shard: int, now: datetime) -> Iterator[str]:
        """Yield the ids of the bookings of a shard about which something is due after their end, earliest first."""
        where = Condition(
            expression="#dueShard = :shard AND #dueAt <= :now",
            values={"shard": str(shard), "now": format_utc(now)},
        )
        for item in self._store.query_all("bookings", where=where, index="dueAfterwards"):
            yield str(item["bookingId"])

    def plan_afterwards(self, booking_id: str, due_at: datetime | None, *, seen_at: datetime | None = None) -> None:
        """Note when a booking that is over is to be looked at, or take the note away; it is no step of it.

        A note that comes earlier stays. ``seen_at`` is when the present note was found due: it is replaced, a newer
        one is not.
        """
        table, key = booking_key(booking_id)
        condition = present("bookingId")
        if seen_at is not None:
            condition &= Condition(expression="#dueAt <= :seen", values={"seen": format_utc(seen_at)})
        elif due_at is not None:
            condition &= absent("dueAt") | Condition(expression="#dueAt > :due", values={"due": format_utc(due_at)})
        noted = {} if due_at is None else {"dueShard": shard_of(booking_id), "dueAt": format_utc(due_at)}
        action = Update(
            label="afterwards",
            table=table,
            key=key,
            condition=condition,
            assign=noted,
            remove=[] if noted else ["dueShard", "dueAt"],
        )
        with suppress(ConditionRefused):
            self._store.write(action)

    def find_offers(self, shard: int, now: datetime) -> list[Booking]:
        """Return the bookings of a shard that await an answer."""
        where = Condition(
            expression="#pendingShard = :shard AND #responseDeadline > :now",
            values={"shard": str(shard), "now": format_utc(now)},
        )
        keys = [
            booking_key(str(item["bookingId"]))
            for item in self._store.query_all("bookings", where=where, index="pendingByDeadline")
        ]
        items = [item for item in self._store.batch_get(keys) if item is not None]
        return readable_records(Booking, items, key="bookingId")

    def released(self, booking_ids: Collection[str], now: datetime) -> frozenset[str]:
        """Return which of these bookings hold nothing any more, by their own rows, whose deadline alone counts."""
        listed = sorted(booking_ids)
        items = self._store.batch_get([booking_key(each) for each in listed])
        return frozenset(each for each, item in zip(listed, items, strict=True) if not still_holds(item, now))


def booking_key(booking_id: str) -> tuple[str, dict[str, str]]:
    """Return where a booking is: ``bookings``, ``{"bookingId": "b-4w2…"}``."""
    return "bookings", {"bookingId": booking_id}


def booking_of(item: Item) -> Booking:
    """Return the booking that an item holds."""
    return from_record(Booking, item)


def adding_booking(booking: Booking) -> Put:
    """Return the action that writes a booking for the first time."""
    return Put(label="booking", table="bookings", item=booking_record(booking), condition=absent("bookingId"))


def saving_booking(before: Booking, after: Booking, now: datetime) -> Update:
    """Return the action that writes a step of a booking, if nothing moved since it was read and it is in time."""
    old, new = booking_record(before), booking_record(after)
    unchanged, in_time = _unchanged(before), _in_time(after, now)
    if in_time is not None:
        unchanged &= in_time
    return Update(
        label="booking",
        table="bookings",
        key={"bookingId": before.booking_id},
        condition=unchanged,
        assign={name: value for name, value in new.items() if name not in old or old[name] != value},
        remove=[name for name in old if name not in new],
    )


def showing_chat_window(booking_id: str, *, shown: bool) -> Update:
    """Return the action that notes whether the booking's chat is on a party's screen; it is no step of the booking."""
    table, key = booking_key(booking_id)
    return Update(
        label="chat-window",
        table=table,
        key=key,
        condition=Condition(
            expression="attribute_exists(#bookingId) AND #chatWindowOpen <> :shown", values={"shown": shown}
        ),
        assign={"chatWindowOpen": shown},
    )


def checking_booking(booking: Booking) -> Check:
    """Return the action that lets a transaction hold only while a booking stands as it was read."""
    table, key = booking_key(booking.booking_id)
    return Check(label="booking", table=table, key=key, condition=_unchanged(booking))


def _unchanged(read: Booking) -> Condition:
    return at_version(read.version) & Condition(
        expression="#status = :readStatus", values={"readStatus": read.status.value}
    )


def _in_time(after: Booking, now: datetime) -> Condition | None:
    """Return the model's rule of the deadline as a condition, so that the row itself decides."""
    match after.deadline_rule:
        case DeadlineRule.BEFORE:
            expression = "#responseDeadline > :now"
        case DeadlineRule.PASSED:
            expression = "#responseDeadline <= :now"
        case None:
            return None
        case _:
            assert_never(after.deadline_rule)
    return Condition(expression=expression, values={"now": format_utc(now)})


def booking_record(booking: Booking) -> Item:
    """Return a booking as it is stored: with the wire's second names and the keys of the sparse indexes.

    What has no value is left out, which keeps the usual booking within one write unit, in each of its indexes too.
    """
    record = {
        **to_record(booking),
        "mode": booking.booking_type.value,
        "providerId": booking.therapist_id,
        "providerType": booking.therapist_type.value,
        "listShard": list_shard_of(booking.booking_id),
        "statusShard": status_shard(booking.status, list_shard_of(booking.booking_id)),
    }
    if booking.status in LIVE:
        record["open"] = OPEN
    if booking.status is BookingStatus.PENDING:
        record["pendingShard"] = shard_of(booking.booking_id)
    if booking.status is BookingStatus.CONFIRMED and booking.ends_at is not None:
        record["confirmedShard"] = shard_of(booking.booking_id)
    if booking.proposal is not None:
        record |= {
            "proposalShard": shard_of(booking.booking_id),
            "proposalExpiresAt": format_utc(booking.proposal.expires_at),
        }
    if booking.confirmed_at is not None:
        record["confirmedDay"] = format_utc(booking.confirmed_at)[:10]
    if not booking.buffer_before_minutes:
        del record["bufferBeforeMinutes"]
    if not booking.discount:
        del record["discountFundedBy"]
    return {name: value for name, value in record.items() if value is not None and value != []}


def status_shard(status: BookingStatus, shard: str) -> str:
    """Return the key of a state in the index of states: ``confirmed#2``."""
    return f"{status.value}#{shard}"


def shard_of(booking_id: str) -> str:
    """Return the shard of the index of pending bookings: ``"0"`` to ``"7"``, even over ids."""
    return str(sum(booking_id.encode()) % SHARDS)


def still_holds(item: Item | None, now: datetime) -> bool:
    """Say whether a booking still holds anything; ``responseDeadline`` decides, not any copy of it."""
    confirmed = item is not None and item.get("status") == BookingStatus.CONFIRMED.value
    return confirmed or awaits_answer(item, now)


def awaits_answer(item: Item | None, now: datetime) -> bool:
    """Say whether a booking is pending still; ``responseDeadline`` decides, not any copy of it."""
    if item is None or item.get("status") != BookingStatus.PENDING.value:
        return False
    return str(item.get("responseDeadline")) > format_utc(now)
