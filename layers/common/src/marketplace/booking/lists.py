"""Lists page by page: at most four queries a page, whatever is filtered and however large the table."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial, reduce
from operator import and_
from typing import Any, Final, final

from msgspec import Struct

from marketplace.booking.found import LookedFor
from marketplace.booking.model import Booking, BookingStatus, Source
from marketplace.booking.repository import Bookings, status_shard
from marketplace.platform.caller import Caller, Role
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.actions import Condition
from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.dynamodb.records import readable_records
from marketplace.platform.dynamodb.shards import merged_page
from marketplace.platform.dynamodb.store import Page
from marketplace.platform.refusals import NotFound

MOST_QUERIES: Final = 4
MOST_READ: Final = 250
"""How many bookings a page of a search looks through."""
FIRST_MONTH: Final = "2026-01"
"""No booking is older than the marketplace."""


@final
class Listed[T](Struct, frozen=True, kw_only=True):
    """One page of a list, and where the next one starts."""

    items: Sequence[T]
    position: Mapping[str, Any] | None


def collect(
    query: Callable[[int, Mapping[str, Any] | None], Page],
    *,
    limit: int,
    start: Mapping[str, Any] | None,
    most_queries: int = MOST_QUERIES,
) -> tuple[list[Item], Item | None]:
    """Query until ``limit`` items are found, the list ends, or the queries are used up."""
    found: list[Item] = []
    position: Any = start
    for _ in range(most_queries):
        page = query(limit - len(found), position)
        found += page.items
        position = page.next_key
        if position is None or len(found) >= limit:
            break
    return found, position


def collect_by_month(
    query: Callable[[str, int, Mapping[str, Any] | None], Page],
    *,
    limit: int,
    start: Mapping[str, Any] | None,
    now: datetime,
    first_month: str = FIRST_MONTH,
) -> tuple[list[Item], dict[str, Any] | None]:
    """Collect from the newest month backwards; the position names the month and the place in it."""
    month = str(start["month"]) if start else format_utc(now)[:7]
    key: Mapping[str, Any] | None = start.get("key") if start else None
    found: list[Item] = []
    for _ in range(MOST_QUERIES):
        page = query(month, limit - len(found), key)
        found += page.items
        key = page.next_key
        if key is None:
            if month <= first_month:
                return found, None
            month = _month_before(month)
        if len(found) >= limit:
            break
    return found, {"month": month, "key": dict(key) if key else None}


def collect_by_state(
    query: Callable[[str, int, Mapping[str, Any] | None], Page],
    states: Sequence[str],
    *,
    limit: int,
    start: Mapping[str, Any] | None,
) -> tuple[list[Item], dict[str, Any] | None]:
    """Collect one state after the other; the position names the state and the place in it."""
    state = str(start["state"]) if start else states[0]
    key: Mapping[str, Any] | None = start.get("key") if start else None
    found: list[Item] = []
    for _ in range(MOST_QUERIES):
        page = query(state, limit - len(found), key)
        found += page.items
        key = page.next_key
        if key is None:
            later = states[states.index(state) + 1 :]
            if not later:
                return found, None
            state = later[0]
        if len(found) >= limit:
            break
    return found, {"state": state, "key": dict(key) if key else None}


@final
class BookingLists(Struct, frozen=True):
    """Bookings in lists, newest first."""

    bookings: Bookings

    def page_for(  # noqa: PLR0913 - whose list, its filters, and where it goes on
        self,
        caller: Caller,
        *,
        status: BookingStatus | None,
        source: Source | None,
        limit: int,
        start: Mapping[str, Any] | None,
        now: datetime,
    ) -> Listed[Booking]:
        """Return a page of the caller's own bookings, or of all of them for an admin."""
        filtered_by = _filter(status, source, now)
        match caller.role:
            case Role.CUSTOMER:
                items, position = self._of("byCustomer", "customerId", caller.user_id, limit, start, filtered_by)
            case Role.THERAPIST:
                items, position = self._of("byTherapist", "therapistId", caller.user_id, limit, start, filtered_by)
            case _:
                return self.all(status=status, source=source, limit=limit, start=start, now=now)
        return Listed(items=readable_records(Booking, items, key="bookingId"), position=position)

    def all(  # noqa: PLR0913 - the filters, and where the list goes on
        self,
        *,
        status: BookingStatus | None,
        source: Source | None,
        limit: int,
        start: Mapping[str, Any] | None,
        now: datetime,
        therapist_id: str | None = None,
        between: tuple[datetime | None, datetime | None] = (None, None),
    ) -> Listed[Booking]:
        """Return a page of everybody's bookings, by the narrowest index that the filters allow."""
        items, position = self._all(
            status=status,
            source=source,
            limit=limit,
            start=start,
            now=now,
            therapist_id=therapist_id,
            between=between,
        )
        return Listed(items=readable_records(Booking, items, key="bookingId"), position=position)

    def search(  # noqa: PLR0913 - what is looked for, the filters, and where the list goes on
        self,
        looked_for: LookedFor,
        *,
        status: BookingStatus | None,
        source: Source | None,
        limit: int,
        start: Mapping[str, Any] | None,
        now: datetime,
        therapist_id: str | None = None,
        between: tuple[datetime | None, datetime | None] = (None, None),
    ) -> Listed[Booking]:
        """Return a page of the bookings that are meant, picked out of so many read ones.

        A page may be short, or empty, though more follow. The booking whose very id it is comes alone, at once.
        """
        found = self._by_id(looked_for.booking_id)
        if found is not None:
            seen = found.as_of(now)
            fits = (
                status in {None, seen.status}
                and source in {None, seen.source}
                and therapist_id in {None, seen.therapist_id}
                and (between[0] is None or between[0] <= seen.created_at)
                and (between[1] is None or seen.created_at < between[1])
            )
            return Listed(items=[found] if fits else [], position=None)
        read_from = start["from"] if start else None
        items, position = self._all(
            status=status,
            source=source,
            limit=MOST_READ,
            start=read_from,
            now=now,
            therapist_id=therapist_id,
            between=between,
        )
        fitting = [item for item in items if looked_for.fits(item)]
        ids = [item["bookingId"] for item in fitting]
        if start and start["after"] in ids:
            fitting = fitting[ids.index(start["after"]) + 1 :]
        goes_on: dict[str, Any] | None = None if position is None else {"from": position, "after": None}
        if len(fitting) > limit:
            goes_on = {"from": read_from, "after": fitting[limit - 1]["bookingId"]}
        return Listed(items=readable_records(Booking, fitting[:limit], key="bookingId"), position=goes_on)

    def _by_id(self, booking_id: str) -> Booking | None:
        try:
            return self.bookings.get(booking_id)
        except NotFound:
            return None

    def _all(  # noqa: PLR0913 - the filters, and where the list goes on
        self,
        *,
        status: BookingStatus | None,
        source: Source | None,
        limit: int,
        start: Mapping[str, Any] | None,
        now: datetime,
        therapist_id: str | None,
        between: tuple[datetime | None, datetime | None],
    ) -> tuple[list[Item], Mapping[str, Any] | None]:
        filtered_by, created = _filter(status, source, now), created_between(*between)
        since, until = between
        if since is not None and until is not None and since >= until:
            return [], None
        position: Mapping[str, Any] | None
        if therapist_id is not None:
            items, position = self._of("byTherapist", "therapistId", therapist_id, limit, start, filtered_by, created)
        elif status is not None and status is not BookingStatus.EXPIRED:
            # The key says the status already, so only what it does not say is filtered.
            filtered_by = _filter(status, source, now, status_is_key=True)
            of_status = partial(status_shard, status)
            items, position = self._of_all("byStatus", "statusShard", of_status, limit, start, filtered_by, created)
        else:
            items, position = self._of_all("byCreation", "listShard", str, limit, start, filtered_by, created)
        return items, position

    def _of_all(  # noqa: PLR0913, PLR0917 - which index, its keys, and where it goes on
        self,
        index: str,
        attribute: str,
        value: Callable[[str], str],
        limit: int,
        start: Mapping[str, Any] | None,
        filtered_by: Condition | None,
        created: Condition | None,
    ) -> tuple[list[Item], dict[str, Any] | None]:
        return merged_page(
            lambda shard, size, key: self.bookings.find_page(
                index=index,
                attribute=attribute,
                value=value(shard),
                limit=size,
                start=key,
                filtered_by=filtered_by,
                created=created,
            ),
            limit=limit,
            start=start,
            key="bookingId",
        )

    def _of(  # noqa: PLR0913, PLR0917 - which index, whose entries, and where it goes on
        self,
        index: str,
        attribute: str,
        value: str,
        limit: int,
        start: Mapping[str, Any] | None,
        filtered_by: Condition | None,
        created: Condition | None = None,
    ) -> tuple[list[Item], Item | None]:
        return collect(
            lambda size, key: self.bookings.find_page(
                index=index,
                attribute=attribute,
                value=value,
                limit=size,
                start=key,
                filtered_by=filtered_by,
                created=created,
            ),
            limit=limit,
            start=start,
        )


def created_between(since: datetime | None, until: datetime | None) -> Condition | None:
    """Return the condition on ``createdAt`` that a half-open period means, for a key; nothing for all time."""
    if since is not None and until is not None:
        last = until - timedelta(milliseconds=1)
        return Condition(
            expression="#createdAt BETWEEN :since AND :last",
            values={"since": format_utc(since), "last": format_utc(last)},
        )
    if since is not None:
        return Condition(expression="#createdAt >= :since", values={"since": format_utc(since)})
    if until is not None:
        return Condition(expression="#createdAt < :until", values={"until": format_utc(until)})
    return None


def _filter(
    status: BookingStatus | None, source: Source | None, now: datetime, *, status_is_key: bool = False
) -> Condition | None:
    """Return the filter; a pending booking past its deadline counts as expired, as everybody sees it."""
    clauses: list[Condition] = []
    moment = {"now": format_utc(now)}
    match status:
        case None:
            pass
        case BookingStatus.PENDING if status_is_key:
            clauses.append(Condition(expression="#responseDeadline > :now", values=moment))
        case BookingStatus.PENDING:
            clauses.append(
                Condition(
                    expression="#status = :pending AND #responseDeadline > :now",
                    values={"pending": BookingStatus.PENDING.value, **moment},
                )
            )
        case BookingStatus.EXPIRED:
            clauses.append(
                Condition(
                    expression="#status = :expired OR (#status = :pending AND #responseDeadline <= :now)",
                    values={
                        "expired": BookingStatus.EXPIRED.value,
                        "pending": BookingStatus.PENDING.value,
                        **moment,
                    },
                )
            )
        case _ if not status_is_key:
            clauses.append(Condition(expression="#status = :status", values={"status": status.value}))
        case _:
            pass
    if source is not None:
        clauses.append(Condition(expression="#source = :source", values={"source": source.value}))
    return reduce(and_, clauses) if clauses else None


def _month_before(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year - 1}-12" if number == 1 else f"{year}-{number - 1:02d}"
