"""Reviews of completed visits: written once by each party, shown together or after a week, counted when shown."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, final

from marketplace.booking.model import Booking
from marketplace.booking.repository import SHARDS, booking_key, shard_of
from marketplace.booking.review import Review
from marketplace.catalogue.repository import therapist_key
from marketplace.notification.announcement import Notice
from marketplace.notification.repository import adding_notice
from marketplace.platform.caller import Caller, Role
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.actions import (
    Action,
    Check,
    Condition,
    Put,
    TransactionRefused,
    Update,
    absent,
    at_version,
    present,
)
from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.dynamodb.conflicts import retry_on_conflict
from marketplace.platform.dynamodb.recorded_changes import record_change
from marketplace.platform.dynamodb.records import from_record, readable_records, to_record
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.refusals import InvalidTransition, NotFound
from marketplace.services.booking.context import optional

TABLE: Final = "reviews"
REVIEW_SHOWN: Final = "review_shown"
"""The kind of the notification that tells of one."""
_BEYOND_STEPS: Final = 1_000
"""Notifications of a booking are told apart by a version; those of reviews are numbered beyond those of its steps."""
_AUTHORS: Final = (Role.CUSTOMER, Role.THERAPIST)


@final
class Reviews:
    """The reviews of the marketplace."""

    def __init__(self, store: Store) -> None:
        """Keep reviews in ``store``."""
        self._store = store

    def write(self, booking_id: str, *, rating: int, text: str | None, by: Caller, now: datetime) -> Review:
        """Write the caller's review of a visit; if the other's is in, both are seen and counted at once.

        Raises:
            NotFound: there is no such booking, or the caller is not a party.
            InvalidTransition: the visit is not completed, it is too late, or the caller has written already.
        """

        def attempt() -> Review | None:
            booking_item, customers, therapists = self._store.batch_get(
                [
                    booking_key(booking_id),
                    *((TABLE, _key(booking_id, role)) for role in (Role.CUSTOMER, Role.THERAPIST)),
                ]
            )
            booking = optional(Booking, booking_item)
            if booking is None:
                raise NotFound
            by_role = {Role.CUSTOMER: optional(Review, customers), Role.THERAPIST: optional(Review, therapists)}
            other_role = Role.THERAPIST if by.role is Role.CUSTOMER else Role.CUSTOMER
            other = by_role[other_role]
            review = Review.of(booking, rating=rating, text=text, other=other, by=by, now=now)
            if by_role[by.role] is not None:
                raise InvalidTransition(booking.status)
            return self._add(review, other, other_role, by, now)

        return retry_on_conflict(attempt)

    def reply(self, booking_id: str, text: str, *, by: Caller, now: datetime) -> Review:
        """Answer a customer's review, once.

        Raises:
            NotFound: there is none, or it is not of the caller.
            InvalidTransition: it is hidden still, or answered already.
        """

        def attempt() -> Review | None:
            item = self._store.get(TABLE, _key(booking_id, Role.CUSTOMER))
            if item is None:
                raise NotFound
            before = from_record(Review, item)
            after = before.answered(text, by=by, now=now)
            noted = _noted(after, "review_answered", by, now)
            return after if self._transact([_saving(before, after), noted]) else None

        return retry_on_conflict(attempt)

    def find_of(self, booking_id: str) -> list[Review]:
        """Return the reviews of one visit, its customer's first, hidden or not, in one read."""
        items = self._store.batch_get([(TABLE, _key(booking_id, role)) for role in _AUTHORS])
        return readable_records(Review, [item for item in items if item], key="bookingId")

    def find_shown(
        self, therapist_id: str, *, limit: int, start: Mapping[str, Any] | None, now: datetime
    ) -> tuple[list[Review], Mapping[str, Any] | None]:
        """Return a page of the customers' reviews of a therapist that are shown, newest first, and where it goes on."""
        page = self._store.query(
            TABLE,
            index="byTherapist",
            where=Condition(
                expression="#reviewOf = :therapist AND #showAt <= :now",
                values={"therapist": therapist_id, "now": format_utc(now)},
            ),
            newest_first=True,
            limit=limit,
            start=start,
        )
        return readable_records(Review, page.items, key="bookingId"), page.next_key

    def find_to_count(self, now: datetime) -> Iterator[Review]:
        """Yield the reviews whose week is over and that are not counted yet."""
        for shard in range(SHARDS):
            where = Condition(
                expression="#hiddenShard = :shard AND #showAt <= :now",
                values={"shard": str(shard), "now": format_utc(now)},
            )
            keys = [
                (TABLE, {"bookingId": str(item["bookingId"]), "author": str(item["author"])})
                for item in self._store.query_all(TABLE, where=where, index="hidden")
            ]
            yield from readable_records(Review, [item for item in self._store.batch_get(keys) if item], key="bookingId")

    def count_shown(self, review: Review, now: datetime) -> bool:
        """Count a review whose week is over, once; say whether this call did."""
        return self._transact(self._showing(review, now))

    def _add(self, review: Review, other: Review | None, other_role: Role, by: Caller, now: datetime) -> Review | None:
        stored = review if other is None else review.shown(now)
        actions: list[Action] = [
            Put(label="review", table=TABLE, item=_record(stored), condition=absent("bookingId")),
            _noted(stored, "review_written", by, now),
        ]
        if other is None:
            key = _key(review.booking_id, other_role)
            actions.append(Check(label="other-review", table=TABLE, key=key, condition=absent("bookingId")))
        else:
            actions += [*_rating(stored), *_telling(stored, now)]
            if not other.is_counted:
                actions += self._showing(other, now)
        return stored if self._transact(actions) else None

    @staticmethod
    def _showing(review: Review, now: datetime) -> list[Action]:
        shown = review.shown(now)
        return [_saving(review, shown), *_rating(review), *_telling(shown, now)]

    def _transact(self, actions: list[Action]) -> bool:
        try:
            self._store.transact(actions)
        except TransactionRefused:
            return False
        return True


def _rating(review: Review) -> list[Action]:
    """Return what adds a customer's review to the therapist's rating: a sum and a count, never an average."""
    if not review.counts:
        return []
    table, key = therapist_key(review.therapist_id)
    return [
        Update(
            label="rating",
            table=table,
            key=key,
            condition=present("therapistId"),
            add={"ratingSum": review.rating, "ratingCount": 1},
        )
    ]


def _telling(review: Review, now: datetime) -> list[Action]:
    """Return what tells whom a review is about that it is shown; other systems hear of it by that as well."""
    if review.is_test:
        return []
    is_of_therapist = review.author is Role.CUSTOMER
    notice = Notice(
        user_id=review.therapist_id if is_of_therapist else review.customer_id,
        role=Role.THERAPIST if is_of_therapist else Role.CUSTOMER,
        kind=REVIEW_SHOWN,
        booking_id=review.booking_id,
        parameters={"author": review.author.value, "rating": review.rating},
    )
    return [adding_notice(notice, now, _BEYOND_STEPS + review.version)]


def _key(booking_id: str, author: Role) -> dict[str, str]:
    return {"bookingId": booking_id, "author": author.value}


def _record(review: Review) -> Item:
    """Return a review as it is stored, with the keys of its sparse indexes."""
    record = to_record(review)
    if review.author is Role.CUSTOMER and not review.is_test:
        record["reviewOf"] = review.therapist_id
    if not review.is_counted:
        record["hiddenShard"] = shard_of(review.booking_id)
    return {name: value for name, value in record.items() if value is not None}


def _saving(before: Review, after: Review) -> Update:
    old, new = _record(before), _record(after)
    return Update(
        label=f"review:{before.author.value}",
        table=TABLE,
        key=_key(before.booking_id, before.author),
        condition=at_version(before.version),
        assign={name: value for name, value in new.items() if old.get(name) != value},
        remove=[name for name in old if name not in new],
    )


def _noted(review: Review, action: str, by: Caller, now: datetime) -> Put:
    """Return the line of history; what people wrote is not in it."""
    said = {"author": review.author.value, "rating": review.rating}
    return record_change(review.booking_id, action=action, before=None, after=said, by=by, now=now)
