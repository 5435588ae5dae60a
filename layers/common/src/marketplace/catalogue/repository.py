"""Therapists, hotels and discount codes, as anybody may browse them."""

from collections.abc import Callable, Mapping
from copy import replace
from datetime import datetime, timedelta
from functools import reduce
from operator import and_
from typing import Any, Final, final

from marketplace.catalogue.discount.model import DiscountCode
from marketplace.catalogue.place.hotel import INACTIVE, Hotel
from marketplace.catalogue.therapist.model import LISTED, UNLISTED, Presence, Therapist, TherapistType
from marketplace.notification.announcement import Notice
from marketplace.notification.repository import adding_notice
from marketplace.platform.caller import Caller
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.actions import (
    Action,
    Condition,
    ConditionRefused,
    Put,
    TransactionRefused,
    Update,
    absent,
    at_version,
    present,
)
from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.dynamodb.conflicts import retry_on_conflict
from marketplace.platform.dynamodb.records import from_record, readable_records, to_record
from marketplace.platform.dynamodb.store import Page, Store
from marketplace.platform.refusals import NotFound

type Walked = tuple[list[Item], Mapping[str, Any] | None]
"""Rows of a page, and where the next one starts."""

SEEN_ANEW_AFTER: Final = timedelta(minutes=1)


@final
class Catalogue:
    """What the marketplace offers."""

    def __init__(self, store: Store) -> None:
        """Keep the catalogue in ``store``."""
        self._store = store

    def therapist(self, therapist_id: str) -> Therapist:
        """Return a therapist.

        Raises:
            NotFound: there is none of that id.
        """
        table, key = therapist_key(therapist_id)
        item = self._store.get(table, key)
        if item is None:
            raise NotFound
        return from_record(Therapist, item)

    def listed_therapist(self, therapist_id: str) -> Therapist:
        """Return a therapist as anybody may know them.

        Raises:
            NotFound: there is none of that id, or they are suspended.
        """
        therapist = self.therapist(therapist_id)
        if therapist.is_suspended:
            raise NotFound
        return therapist

    def therapist_with_code(self, therapist_id: str, code: str | None) -> tuple[Therapist | None, DiscountCode | None]:
        """Return a therapist and, where one is given, a discount code, in one read; ``None`` for what is not there."""
        wanted: list[tuple[str, Mapping[str, str]]] = [therapist_key(therapist_id)]
        if code is not None:
            wanted.append(discount_code_key(code))
        therapist, *rest = self._store.batch_get(wanted)
        found = rest[0] if rest else None
        return (
            None if therapist is None else from_record(Therapist, therapist),
            None if found is None else from_record(DiscountCode, found),
        )

    def find_therapists(
        self, *, limit: int, start: Mapping[str, Any] | None, filtered_by: Condition | None = None
    ) -> Page:
        """Return a page of the listed therapists in the order of their ids."""
        return self._listed("therapists", limit=limit, start=start, filtered_by=filtered_by)

    def find_all_therapists(self, *, limit: int, start: Mapping[str, Any] | None) -> Walked:
        """Return a page of all therapists and where the next one starts: by their ids, the suspended ones last."""
        return self._walked("therapists", (LISTED, UNLISTED), limit=limit, start=start)

    def find_all_hotels(
        self, *, limit: int, start: Mapping[str, Any] | None
    ) -> tuple[list[Hotel], Mapping[str, Any] | None]:
        """Return a page of all hotels and where the next one starts: by their ids, the inactive ones last."""
        items, position = self._walked("hotels", (LISTED, INACTIVE), limit=limit, start=start)
        return readable_records(Hotel, items, key="hotelVillaId"), position

    def _walked(self, table: str, parts: tuple[str, str], *, limit: int, start: Mapping[str, Any] | None) -> Walked:
        first, last = parts
        part = str(start["part"]) if start else first
        key = start.get("key") if start else None
        page = self._listed(table, limit=limit, start=key, filtered_by=None, part=part)
        found = [*page.items]
        if page.next_key is None and part == first:
            if len(found) >= limit:
                return found, {"part": last, "key": None}
            part = last
            page = self._listed(table, limit=limit - len(found), start=None, filtered_by=None, part=part)
            found += page.items
        return found, None if page.next_key is None else {"part": part, "key": dict(page.next_key)}

    def hotel(self, hotel_villa_id: str) -> Hotel:
        """Return a hotel or villa.

        Raises:
            NotFound: there is none of that id.
        """
        item = self._store.get(*hotel_key(hotel_villa_id))
        if item is None:
            raise NotFound
        return from_record(Hotel, item)

    def discount_code(self, code: str) -> DiscountCode:
        """Return a discount code.

        Raises:
            NotFound: there is none.
        """
        item = self._store.get(*discount_code_key(code))
        if item is None:
            raise NotFound
        return from_record(DiscountCode, item)

    def find_discount_codes(
        self, *, limit: int, start: Mapping[str, Any] | None
    ) -> tuple[list[DiscountCode], Mapping[str, Any] | None]:
        """Return a page of the discount codes in their order, retired ones too, and where the next one starts."""
        page = self._listed("discount_codes", limit=limit, start=start, filtered_by=None)
        return readable_records(DiscountCode, page.items, key="discountCode"), page.next_key

    def find_hotels(self, *, limit: int, start: Mapping[str, Any] | None) -> Page:
        """Return a page of the listed hotels and villas in the order of their ids."""
        return self._listed("hotels", limit=limit, start=start, filtered_by=None)

    def change_therapist(
        self,
        therapist_id: str,
        change: Callable[[Therapist], Therapist],
        *,
        by: Caller,
        now: datetime,
        announcing: Notice | None = None,
    ) -> tuple[Therapist, Therapist]:
        """Change a therapist, who is told in the same transaction if there is a notice; return before and after.

        A change that returns the very therapist that it was given changes nothing.
        Whoever lost a race against another change makes theirs on top of it. The stream tells the audit log.

        Raises:
            NotFound: there is no such therapist.
        """

        def attempt() -> tuple[Therapist, Therapist] | None:
            before = self.therapist(therapist_id)
            wished = change(before)
            if wished is before:
                return before, before
            after = replace(wished, version=before.version + 1, updated_at=now, actor_id=by.user_id, actor_role=by.role)
            actions: list[Action] = [changing_therapist(before, wished, by=by, now=now)]
            if announcing is not None:
                actions.append(adding_notice(announcing, now, after.version))
            try:
                self._store.transact(actions)
            except TransactionRefused:
                return None
            return before, after

        return retry_on_conflict(attempt)

    def note_seen(self, therapist: Therapist, now: datetime) -> None:
        """Note that a therapist is there; once a minute is enough."""
        if therapist.last_seen_at is not None and now - therapist.last_seen_at < SEEN_ANEW_AFTER:
            return
        try:
            self._store.write(
                Update(
                    label="seen",
                    table="therapists",
                    key={"therapistId": therapist.therapist_id},
                    condition=present("therapistId"),
                    assign={"lastSeenAt": format_utc(now)},
                )
            )
        except ConditionRefused:
            return

    @staticmethod
    def adding_therapist(therapist: Therapist) -> Put:
        """Return the action that adds a therapist who is new."""
        record = to_record(therapist)
        return Put(label="therapist", table="therapists", item=record, condition=absent("therapistId"))

    def add_therapist(self, therapist: Therapist) -> bool:
        """Add a therapist; say whether they were new."""
        record = to_record(therapist)
        for indexed in ("listed", "updatedAt"):
            if record[indexed] is None:
                del record[indexed]
        return self._add("therapists", record, "therapistId")

    def add_hotel(self, hotel: Hotel) -> bool:
        """Add a hotel or villa; say whether it was new."""
        return self._add("hotels", to_record(hotel), "hotelVillaId")

    def add_discount_code(self, code: DiscountCode) -> bool:
        """Add a discount code; say whether it was new."""
        return self._add("discount_codes", to_record(code), "discountCode")

    def _add(self, table: str, record: Mapping[str, object], key: str) -> bool:
        try:
            self._store.write(Put(label=key, table=table, item=record, condition=absent(key)))
        except ConditionRefused:
            return False
        return True

    def _listed(
        self,
        table: str,
        *,
        limit: int,
        start: Mapping[str, Any] | None,
        filtered_by: Condition | None,
        part: str = LISTED,
    ) -> Page:
        return self._store.query(
            table,
            index="catalogue",
            where=Condition(expression="#listed = :yes", values={"yes": part}),
            limit=limit,
            start=start,
            filtered_by=filtered_by,
        )


def changing_therapist(before: Therapist, wished: Therapist, *, by: Caller, now: datetime) -> Update:
    """Return the action that changes a therapist unless they have changed since they were read."""
    after = replace(wished, version=before.version + 1, updated_at=now, actor_id=by.user_id, actor_role=by.role)
    old, new = to_record(before), to_record(after)
    return Update(
        label="therapist",
        table="therapists",
        key={"therapistId": before.therapist_id},
        condition=present("therapistId") & at_version(before.version),
        assign={name: value for name, value in new.items() if old[name] != value},
    )


def therapist_key(therapist_id: str) -> tuple[str, dict[str, str]]:
    """Return where a therapist is: ``therapists``, ``{"therapistId": "t-ayu"}``."""
    return "therapists", {"therapistId": therapist_id}


def hotel_key(hotel_villa_id: str) -> tuple[str, dict[str, str]]:
    """Return where a hotel or villa is: ``hotels``, ``{"hotelVillaId": "h-…"}``."""
    return "hotels", {"hotelVillaId": hotel_villa_id}


def discount_code_key(code: str) -> tuple[str, dict[str, str]]:
    """Return where a discount code is: ``discount_codes``, ``{"discountCode": "SEKALI"}``."""
    return "discount_codes", {"discountCode": code}


def counting_use(code: str, max_uses: int | None, *, label: str) -> Update:
    """Return the action that counts a use of a code, and takes one where it has only so many in all."""
    table, key = discount_code_key(code)
    return Update(
        label=label,
        table=table,
        key=key,
        condition=present("discountCode")
        if max_uses is None
        else Condition(expression="#used < :most", values={"most": max_uses}),
        add={"used": 1},
    )


def returning_use(code: str, *, label: str) -> Update:
    """Return the action that gives back one of the uses that a code has in all."""
    table, key = discount_code_key(code)
    return Update(
        label=label,
        table=table,
        key=key,
        condition=Condition(expression="#used > :none", values={"none": 0}),
        add={"used": -1},
    )


def therapist_filter(*, online: bool | None, therapist_type: TherapistType | None) -> Condition | None:
    """Return the filter of the catalogue: who can come now or not, therapists or places."""
    clauses = []
    if online is not None:
        comparison = "=" if online else "<>"
        clauses.append(Condition(expression=f"#status {comparison} :online", values={"online": Presence.ONLINE.value}))
    if therapist_type is not None:
        clauses.append(Condition(expression="#therapistType = :type", values={"type": therapist_type.value}))
    return reduce(and_, clauses) if clauses else None
