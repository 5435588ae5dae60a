"""The rows that health is judged by: a bounded sample of bookings, and what stands beside them.

The newest live bookings of any age and everything of the last days are looked at, so that the cost of a check
follows neither the size of a table nor its age. What looks broken in an index is read again strongly before
anybody is told, and judged only if nothing moved meanwhile. Of changes that have not arrived, a queue that moves is
told from one that has stopped, and both from a change that was lost.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import replace
from datetime import datetime, timedelta
from typing import Final, final

from marketplace.booking.model import BookingStatus
from marketplace.booking.repository import booking_key, status_shard
from marketplace.commission.states import PaymentStatus
from marketplace.operations.health.findings import Check, Fault, Link, Row, Verdict
from marketplace.operations.health.model import FEWEST_WAITING, SETTLED_AFTER, judge_lag, orphaned, waiting
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.actions import Condition, Key
from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.dynamodb.shards import LIST_SHARDS, list_shards
from marketplace.platform.dynamodb.store import Page, Store

LOOKED_AT: Final = 150
"""Bookings of each live status, and of the last days."""
LAST_DAYS: Final = timedelta(days=7)
MOST_DOUBTED: Final = 50
"""So many suspects are read again; with more of them the number is a lower bound."""
MOVES_WITHIN_SECONDS: Final = 1.0
"""In which at least one of several waiting changes arrives while they are being published at all."""
NOT_JUDGED: Final = "removing"
"""The attribute of a test booking that is being taken away, so that half of it may be gone."""


@final
class HealthRows:
    """The rows behind the seven checks."""

    def __init__(self, store: Store, pause: Callable[[float], None] = time.sleep) -> None:
        """Read from ``store``; ``pause`` lets some seconds pass."""
        self._store = store
        self._pause = pause

    def sample(self, now: datetime) -> list[Item]:
        """Return the bookings to be judged, as their indexes have them: none younger than a minute."""
        settled, since = format_utc(now - SETTLED_AFTER), now - LAST_DAYS
        found: dict[str, Item] = {}
        for shard in list_shards():
            for status in (BookingStatus.PENDING, BookingStatus.CONFIRMED, BookingStatus.COMPLETED):
                found |= self._by_id(self._newest("byStatus", "statusShard", status_shard(status, shard), "", settled))
            found |= self._by_id(self._newest("byCreation", "listShard", shard, format_utc(since), settled))
        return [item for item in found.values() if NOT_JUDGED not in item]

    def judge(self, check: Check, bookings: Sequence[Item], now: datetime) -> Verdict:
        """Return what a check finds among the bookings that it concerns."""
        concerned = [booking for booking in bookings if check.concerns(booking, now)]
        suspects = self._unsound(check, concerned)
        if not check.may_lag or len(suspects) < FEWEST_WAITING:
            return Verdict(faults=self._confirmed(check, suspects, now))
        self._pause(MOVES_WITHIN_SECONDS)
        unsound = self._unsound(check, suspects)
        is_moving = len(unsound) < len(suspects)
        # What a search finds elsewhere waits for nothing: a row that was changed by hand has moved away from its date.
        doubted = [each for each in unsound[:MOST_DOUBTED] if any(self._found_again(check, [each], now))]
        missing = [*doubted, *unsound[MOST_DOUBTED:]]
        queue = waiting(missing, _without(concerned, missing), is_moving=is_moving, now=now)
        late = judge_lag(check, queue, is_moving=is_moving, now=now) if queue else Verdict(faults=())
        return replace(late, faults=[*late.faults, *self._confirmed(check, _without(missing, queue), now)])

    def _unsound(self, check: Check, bookings: Sequence[Item]) -> list[Item]:
        links = [check.links(booking) for booking in bookings]
        rows = iter(self._store.batch_get([(link.table, link.key) for each in links for link in each]))
        return [
            booking
            for booking, each in zip(bookings, links, strict=True)
            if check.judge(booking, each, [next(rows) for _ in each]) is not None
        ]

    def orphans(self, now: datetime) -> list[Fault]:
        """Return the newest owed commissions, settled ones alone, that are of no booking."""
        owed: dict[str, Item] = {}
        for status in (PaymentStatus.PENDING, PaymentStatus.OVERDUE):
            page = self._store.query(
                "commission_records",
                index="byStatus",
                where=Condition(expression="#paymentStatus = :status", values={"status": status.value}),
                newest_first=True,
                limit=LOOKED_AT,
            )
            owed |= self._by_id(page)
        settled = {
            booking_id: commission
            for booking_id, commission in owed.items()
            if str(commission.get("bookingDate")) <= format_utc(now - SETTLED_AFTER) and not commission.get("isTest")
        }
        lost = self._without_booking(settled)
        keys: list[tuple[str, Key]] = [("commission_records", {"bookingId": each}) for each in lost]
        still = self._store.batch_get(keys) if keys else []  # the index may lag behind
        return [orphaned(commission) for commission in still if commission is not None]

    def _without_booking(self, booking_ids: Iterable[str]) -> list[str]:
        listed = list(booking_ids)
        found = self._store.batch_get([booking_key(each) for each in listed]) if listed else []
        return [each for each, booking in zip(listed, found, strict=True) if booking is None][:MOST_DOUBTED]

    def _confirmed(self, check: Check, suspects: Sequence[Item], now: datetime) -> list[Fault]:
        """Return the faults that a second, strong look at the first suspects finds too."""
        return list(self._found_again(check, suspects[:MOST_DOUBTED], now))

    def _found_again(self, check: Check, suspects: Sequence[Item], now: datetime) -> Iterator[Fault]:
        for suspect in suspects:
            table, key = booking_key(str(suspect["bookingId"]))
            booking = self._store.get(table, key)
            if booking is None or NOT_JUDGED in booking or not check.concerns(booking, now):
                continue
            links = check.links(booking)
            found = [row or self._search(link) for row, link in zip(self._rows(links), links, strict=True)]
            fault = check.judge(booking, links, found)
            if fault is not None and self._store.get(table, key) == booking:
                yield fault

    def _rows(self, links: Sequence[Link]) -> list[Item | None]:
        return self._store.batch_get([(link.table, link.key) for link in links]) if links else []

    def _search(self, link: Link) -> Row | None:
        """Find a row that is not under its usual key by the beginning of it."""
        if link.search is None:
            return None
        partition, sort = link.key
        where = Condition(expression=f"#{partition} = :partition", values={"partition": link.key[partition]})
        if link.search:
            where &= Condition(expression=f"begins_with(#{sort}, :beginning)", values={"beginning": link.search})
        page = self._store.query(link.table, where=where, strongly=True)
        return next((row for row in page.items if link.matches(row)), None)

    def _newest(self, index: str, attribute: str, value: str, since: str, until: str) -> Page:
        period = Condition(
            expression="#createdAt BETWEEN :since AND :until", values={"since": since or "0", "until": until}
        )
        return self._store.query(
            "bookings",
            index=index,
            where=Condition(expression=f"#{attribute} = :value", values={"value": value}) & period,
            newest_first=True,
            limit=-(-LOOKED_AT // LIST_SHARDS),
        )

    def _by_id(self, page: Page) -> dict[str, Item]:
        return {str(item["bookingId"]): item for item in page.items}


def _without(bookings: Iterable[Item], others: Iterable[Mapping[str, object]]) -> list[Item]:
    excluded = {other["bookingId"] for other in others}
    return [booking for booking in bookings if booking["bookingId"] not in excluded]
