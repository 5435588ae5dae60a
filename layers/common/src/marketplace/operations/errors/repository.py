"""Recorded errors and how many there were each minute: every one is counted, of a storm only the first are kept."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import reduce
from itertools import groupby
from operator import and_
from typing import Any, Final, final

from msgspec import Struct

from marketplace.booking.lists import collect_by_month
from marketplace.operations.errors.recorded_error import RecordedError
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.actions import Condition, ConditionRefused, Update
from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.dynamodb.records import to_record
from marketplace.platform.dynamodb.store import Store

KEPT_FOR: Final = timedelta(days=30)
KEPT_A_CODE_AND_MINUTE: Final = 10
"""Of one code, so many events of a minute are kept; the rest is counted."""
CODES_A_DELIVERY: Final = 20
_COUNTED_TOGETHER: Final = "other"


@final
class ErrorFilter(Struct, frozen=True, kw_only=True):
    """Which recorded errors are asked for; the period is half open."""

    category: str | None = None
    severity: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@final
class ErrorLog:
    """What has gone wrong."""

    def __init__(self, store: Store) -> None:
        """Keep errors in ``store``."""
        self._store = store

    def record(self, errors: Iterable[RecordedError], *, delivery_id: str, now: datetime) -> int:
        """Count errors and keep the first of each code and minute; return how many were counted.

        One write a minute, category and severity counts however many errors, and one batch keeps the first of
        them; a delivery that comes again at once is not counted again.
        """
        counted = 0
        listed = sorted(errors, key=_bucket)
        for _, group in groupby(listed, key=_bucket):
            same = list(group)
            totals = self._count(same, delivery_id, now)
            if totals is None:
                continue
            counted += len(same)
            self._keep(_kept(same, totals), now)
        return counted

    def find_page(
        self, asked: ErrorFilter, *, limit: int, start: Mapping[str, Any] | None, now: datetime
    ) -> tuple[list[Item], dict[str, Any] | None]:
        """Return a page of recorded errors, newest first, and where the next one starts."""
        clauses = [Condition(expression="#expiresAtEpoch > :now", values={"now": int(now.timestamp())})]
        if asked.category is not None:
            clauses.append(Condition(expression="#category = :category", values={"category": asked.category}))
        if asked.severity is not None:
            clauses.append(Condition(expression="#severity = :severity", values={"severity": asked.severity}))
        since = max(asked.since or now - KEPT_FOR, now - KEPT_FOR)
        until = min(asked.until or now + timedelta(minutes=5), now + timedelta(minutes=5))
        if until <= since:
            return [], None
        period = Condition(
            expression="#eventId BETWEEN :since AND :until",
            values={"since": format_utc(since), "until": format_utc(until)},
        )
        return collect_by_month(
            lambda month, size, key: self._store.query(
                "error_events",
                where=Condition(expression="#month = :month", values={"month": month}) & period,
                newest_first=True,
                limit=size,
                start=key,
                filtered_by=reduce(and_, clauses),
            ),
            limit=limit,
            start=start,
            now=until,
            first_month=format_utc(since)[:7],
        )

    def rates(self, since: datetime, now: datetime) -> dict[tuple[str, str, str], int]:
        """Return how many errors each minute since then saw, by minute, category and severity."""
        counts: dict[tuple[str, str, str], int] = {}
        first = format_utc(since)[:16]
        for day in dict.fromkeys((format_utc(since)[:10], format_utc(now)[:10])):
            where = Condition(expression="#day = :day AND #bucketId >= :first", values={"day": day, "first": first})
            for item in self._store.query_all("error_rates", where=where):
                minute, category, severity = str(item["bucketId"]).split("#", 2)
                counts[minute, category, severity] = int(item["count"])
        return counts

    def _count(self, errors: list[RecordedError], delivery_id: str, now: datetime) -> Item | None:
        first = errors[0]
        codes = Counter(error.code for error in errors)
        named = dict(codes.most_common(CODES_A_DELIVERY))
        rest = len(errors) - sum(named.values())
        added = {_code_attribute(code): number for code, number in named.items()}
        if rest:
            added[_code_attribute(_COUNTED_TOGETHER)] = rest
        try:
            return self._store.write(
                Update(
                    label="rate",
                    table="error_rates",
                    key={"day": first.minute[:10], "bucketId": f"{first.minute}#{first.category}#{first.severity}"},
                    condition=Condition(
                        expression="attribute_not_exists(#lastDelivery) OR #lastDelivery <> :delivery",
                        values={"delivery": delivery_id},
                    ),
                    assign={"lastDelivery": delivery_id, "expiresAtEpoch": int((now + KEPT_FOR).timestamp())},
                    add={"count": len(errors), **added},
                )
            )
        except ConditionRefused:
            return None

    def _keep(self, errors: Iterable[RecordedError], now: datetime) -> None:
        """Write errors, each under the key that follows from its line, so that once more changes nothing."""
        forgotten_at = int((now + KEPT_FOR).timestamp())
        rows = {
            error.event_id: {
                **to_record(error),
                "month": format_utc(error.at)[:7],
                "expiresAtEpoch": forgotten_at,
            }
            for error in errors
        }
        self._store.put_all("error_events", list(rows.values()))


def _bucket(error: RecordedError) -> tuple[str, str, str]:
    return error.minute, error.category, error.severity


def _kept(errors: list[RecordedError], totals: Item) -> Iterator[RecordedError]:
    """Yield those that are still among the first of their code and minute, given the totals with them counted."""
    in_delivery = Counter(error.code for error in errors)
    seen: Counter[str] = Counter()
    for error in errors:
        total = totals.get(_code_attribute(error.code))
        if total is None:
            continue
        before = int(total) - in_delivery[error.code]
        if before + seen[error.code] < KEPT_A_CODE_AND_MINUTE:
            seen[error.code] += 1
            yield error


def _code_attribute(code: str) -> str:
    """Return the attribute that counts a code in its minute: ``code:internal_error``."""
    return f"code:{code}"
